//! Parked reads: who waits for which keys, in which order, until when.

use crate::command::ReadPlan;
use crate::session::ClientId;
use crate::store::Event;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

/// A parked read.
#[derive(Debug)]
pub(crate) struct Waiter {
    pub(crate) db: u8,
    pub(crate) plan: ReadPlan<'static>,
    pub(crate) deadline_ms: Option<u64>,
}

/// A database and a key's name.
type OwnKey = (u8, Box<[u8]>);

/// All parked reads.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    by_client: BTreeMap<ClientId, Waiter>,
    /// First come, first served.
    queues: BTreeMap<OwnKey, VecDeque<ClientId>>,
    deadlines: BTreeSet<(u64, ClientId)>,
}

impl Waiters {
    pub(crate) fn len(&self) -> usize {
        self.by_client.len()
    }

    /// Parks a read at the tail of the queue of every key that it reads.
    pub(crate) fn park(&mut self, client: ClientId, waiter: Waiter) {
        for name in waiter.plan.keys() {
            let queue = self.queues.entry((waiter.db, name.into())).or_default();
            if !queue.contains(&client) {
                queue.push_back(client);
            }
        }
        self.deadlines.extend(waiter.deadline_ms.map(|deadline| (deadline, client)));
        self.by_client.insert(client, waiter);
    }

    /// Takes a client's read out of every queue.
    pub(crate) fn unpark(&mut self, client: ClientId) -> Option<Waiter> {
        let waiter = self.by_client.remove(&client)?;
        for name in waiter.plan.keys() {
            let key = (waiter.db, Box::from(name));
            if let Some(queue) = self.queues.get_mut(&key) {
                queue.retain(|waiting| *waiting != client);
                if queue.is_empty() {
                    self.queues.remove(&key);
                }
            }
        }
        if let Some(deadline) = waiter.deadline_ms {
            self.deadlines.remove(&(deadline, client));
        }
        Some(waiter)
    }

    pub(crate) fn get(&self, client: ClientId) -> Option<&Waiter> {
        self.by_client.get(&client)
    }

    /// Puts a client at the tail of the queue of every key that it waits for.
    pub(crate) fn requeue(&mut self, client: ClientId) {
        if let Some(waiter) = self.unpark(client) {
            self.park(client, waiter);
        }
    }

    /// Whom an event concerns, in order.
    pub(crate) fn concerned(&self, event: &Event) -> Vec<ClientId> {
        let minds = |client: &&ClientId| self.by_client[client].plan.minds_removal();
        match event {
            Event::Arrival { db, name } => self.queue(*db, name).copied().collect(),
            Event::Removal { db, name } => self.queue(*db, name).filter(minds).copied().collect(),
            Event::Cleared { db } => {
                let queues = self.queues.iter().filter(|((queued, _), _)| queued == db);
                queues.flat_map(|(_, queue)| queue).filter(minds).copied().collect()
            }
        }
    }

    fn queue(&self, db: u8, name: &[u8]) -> impl Iterator<Item = &ClientId> {
        self.queues.get(&(db, Box::from(name))).into_iter().flatten()
    }

    pub(crate) fn next_deadline_ms(&self) -> Option<u64> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// The client whose deadline came first, if it has come.
    pub(crate) fn expired(&self, now_ms: u64) -> Option<ClientId> {
        let (deadline, client) = self.deadlines.first()?;
        (*deadline <= now_ms).then_some(*client)
    }

    /// Panics when an invariant does not hold.
    pub(crate) fn check(&self) {
        for ((db, name), queue) in &self.queues {
            assert!(!queue.is_empty(), "an empty queue is dropped");
            for client in queue {
                let waiter = self.by_client.get(client).expect("who is queued waits");
                assert!(waiter.db == *db && waiter.plan.keys().contains(&&**name));
            }
        }
        for (client, waiter) in &self.by_client {
            let deadline = waiter.deadline_ms.map(|deadline| (deadline, *client));
            assert!(deadline.is_none_or(|deadline| self.deadlines.contains(&deadline)));
        }
        let timed = self.by_client.values().filter(|waiter| waiter.deadline_ms.is_some());
        assert_eq!(timed.count(), self.deadlines.len(), "every deadline is somebody's");
    }
}
