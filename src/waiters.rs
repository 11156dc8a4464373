//! Parked reads: who waits for which keys, in which order, until when.

use crate::command::ReadPlan;
use crate::keyspace::DATABASES;
use crate::named::Named;
use crate::session::ClientId;
use crate::store::Event;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

/// A parked read.
#[derive(Debug)]
pub(crate) struct Waiter {
    pub(crate) db: u8,
    pub(crate) plan: ReadPlan<'static>,
    /// When to answer with nothing.
    pub(crate) deadline_ms: Option<u64>,
    /// When to decide the read again though nothing has happened.
    pub(crate) recheck_ms: Option<u64>,
}

/// What a time that comes means for a waiting client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alarm {
    Recheck,
    Deadline,
}

impl Waiter {
    fn alarms(&self, client: ClientId) -> impl Iterator<Item = (u64, Alarm, ClientId)> + use<> {
        let recheck = self.recheck_ms.map(|at_ms| (at_ms, Alarm::Recheck, client));
        recheck.into_iter().chain(self.deadline_ms.map(|at_ms| (at_ms, Alarm::Deadline, client)))
    }
}

/// All parked reads.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    by_client: BTreeMap<ClientId, Waiter>,
    /// First come, first served.
    queues: [Named<VecDeque<ClientId>>; DATABASES as usize],
    alarms: BTreeSet<(u64, Alarm, ClientId)>,
}

impl Waiters {
    pub(crate) fn len(&self) -> usize {
        self.by_client.len()
    }

    /// Parks a read at the tail of the queue of every key that it reads.
    pub(crate) fn park(&mut self, client: ClientId, waiter: Waiter) {
        for name in waiter.plan.keys() {
            let queues = &mut self.queues[usize::from(waiter.db)];
            match queues.get_mut(name) {
                Some(queue) if queue.contains(&client) => {}
                Some(queue) => queue.push_back(client),
                None => {
                    queues.insert(name, VecDeque::from([client]));
                }
            }
        }
        self.alarms.extend(waiter.alarms(client));
        self.by_client.insert(client, waiter);
    }

    /// Takes a client's read out of every queue.
    pub(crate) fn unpark(&mut self, client: ClientId) -> Option<Waiter> {
        let waiter = self.by_client.remove(&client)?;
        for name in waiter.plan.keys() {
            let queues = &mut self.queues[usize::from(waiter.db)];
            if let Some(queue) = queues.get_mut(name) {
                queue.retain(|waiting| *waiting != client);
                if queue.is_empty() {
                    queues.remove(name);
                }
            }
        }
        for alarm in waiter.alarms(client) {
            self.alarms.remove(&alarm);
        }
        Some(waiter)
    }

    pub(crate) fn get(&self, client: ClientId) -> Option<&Waiter> {
        self.by_client.get(&client)
    }

    /// Puts a client at the tail of the queue of every key that it waits for.
    pub(crate) fn requeue(&mut self, client: ClientId, recheck_ms: Option<u64>) {
        if let Some(waiter) = self.unpark(client) {
            self.park(client, Waiter { recheck_ms, ..waiter });
        }
    }

    /// Whom an event concerns, in order.
    pub(crate) fn concerned(&self, event: &Event) -> Vec<ClientId> {
        let minds = |client: &&ClientId| self.by_client[client].plan.minds_removal();
        let claims = |client: &&ClientId| self.by_client[client].plan.minds_release();
        match event {
            Event::Arrival { db, name } => self.queue(*db, name).copied().collect(),
            Event::Release { db, name } => self.queue(*db, name).filter(claims).copied().collect(),
            Event::Removal { db, name } => self.queue(*db, name).filter(minds).copied().collect(),
            Event::Cleared { db } => {
                let queues = self.queues[usize::from(*db)].iter();
                queues.flat_map(|(_, queue)| queue).filter(minds).copied().collect()
            }
        }
    }

    fn queue(&self, db: u8, name: &[u8]) -> impl Iterator<Item = &ClientId> {
        self.queues[usize::from(db)].get(name).into_iter().flatten()
    }

    pub(crate) fn next_alarm_ms(&self) -> Option<u64> {
        self.alarms.first().map(|(at_ms, _, _)| *at_ms)
    }

    /// Takes the alarm that comes first, if its time has come.
    pub(crate) fn take_alarm(&mut self, now_ms: u64) -> Option<(Alarm, ClientId)> {
        let alarm = self.alarms.first().copied().filter(|(at_ms, _, _)| *at_ms <= now_ms)?;
        self.alarms.remove(&alarm);
        let (_, alarm, client) = alarm;
        let waiter = self.by_client.get_mut(&client).expect("every alarm is somebody's");
        match alarm {
            Alarm::Recheck => waiter.recheck_ms = None,
            Alarm::Deadline => waiter.deadline_ms = None,
        }
        Some((alarm, client))
    }

    /// Panics when an invariant does not hold.
    pub(crate) fn check(&self) {
        for (queues, db) in self.queues.iter().zip(0u8..) {
            queues.check();
            for (name, queue) in queues.iter() {
                assert!(!queue.is_empty(), "an empty queue is dropped");
                for client in queue {
                    let waiter = self.by_client.get(client).expect("who is queued waits");
                    assert!(waiter.db == db && waiter.plan.keys().contains(&name));
                }
            }
        }
        let waiters = self.by_client.iter();
        let alarms: BTreeSet<_> = waiters.flat_map(|(client, w)| w.alarms(*client)).collect();
        assert_eq!(alarms, self.alarms, "every alarm is somebody's");
    }
}
