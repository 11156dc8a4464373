//! Parked reads: who waits for which keys, in which order, until when.

use crate::command::{Found, WaitPlan};
use crate::keyspace::DATABASES;
use crate::named::{Named, Numbered};
use crate::session::ClientId;
use crate::store::Event;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// A parked read.
#[derive(Debug)]
pub(crate) struct Waiter {
    /// The command, for counting.
    pub(crate) found: Found,
    pub(crate) db: u8,
    pub(crate) plan: WaitPlan<'static>,
    /// When to answer with nothing.
    pub(crate) deadline_ms: Option<u64>,
    /// When to decide the read again though nothing has happened.
    pub(crate) recheck_ms: Option<u64>,
}

/// A waiting client whose command is to be decided again.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) client: ClientId,
    /// The key by which it is concerned; `None`: the time has come.
    pub(crate) name: Option<Box<[u8]>>,
}

/// What a time that comes means for a waiting client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alarm {
    Recheck,
    Deadline,
}

impl Waiter {
    /// The alarm that comes first.
    fn alarm(&self) -> Option<(u64, Alarm)> {
        let recheck = self.recheck_ms.map(|at_ms| (at_ms, Alarm::Recheck));
        let deadline = self.deadline_ms.map(|at_ms| (at_ms, Alarm::Deadline));
        recheck.into_iter().chain(deadline).min()
    }
}

/// All parked reads.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    by_client: Numbered<Waiter>,
    /// First come, first served.
    queues: [Named<Vec<ClientId>>; DATABASES as usize],
    /// The earliest alarm of all.
    next_alarm_ms: Option<u64>,
}

impl Waiters {
    pub(crate) fn len(&self) -> usize {
        self.by_client.len()
    }

    /// How many keys are waited for.
    pub(crate) fn count_keys(&self) -> usize {
        self.queues.iter().map(Named::len).sum()
    }

    /// Parks a read at the tail of the queue of every key that it reads.
    pub(crate) fn park(&mut self, client: ClientId, waiter: Waiter) {
        for name in waiter.plan.keys() {
            let queues = &mut self.queues[usize::from(waiter.db)];
            match queues.get_mut(name) {
                Some(queue) if queue.contains(&client) => {}
                Some(queue) => queue.push(client),
                None => {
                    queues.insert(name, vec![client]);
                }
            }
        }
        let alarm_ms = waiter.alarm().map(|(at_ms, _)| at_ms);
        self.next_alarm_ms = self.next_alarm_ms.into_iter().chain(alarm_ms).min();
        self.by_client.insert(client.0, waiter);
    }

    /// Takes a client's read out of every queue.
    pub(crate) fn unpark(&mut self, client: ClientId) -> Option<Waiter> {
        let waiter = self.by_client.remove(client.0)?;
        for name in waiter.plan.keys() {
            let queues = &mut self.queues[usize::from(waiter.db)];
            if let Some(queue) = queues.get_mut(name) {
                queue.retain(|waiting| *waiting != client);
                if queue.is_empty() {
                    queues.remove(name);
                }
            }
        }
        if waiter.alarm().is_some_and(|(at_ms, _)| Some(at_ms) == self.next_alarm_ms) {
            self.find_next_alarm();
        }
        Some(waiter)
    }

    pub(crate) fn get(&self, client: ClientId) -> Option<&Waiter> {
        self.by_client.get(client.0)
    }

    /// Puts a client at the tail of the queue of every key that it waits for.
    pub(crate) fn requeue(&mut self, client: ClientId, recheck_ms: Option<u64>) {
        if let Some(waiter) = self.unpark(client) {
            self.park(client, Waiter { recheck_ms, ..waiter });
        }
    }

    /// Whom an event concerns, in order.
    pub(crate) fn concerned(&self, event: &Event) -> Vec<Due> {
        let mut due = Vec::new();
        let (Event::Arrival { db, .. }
        | Event::Release { db, .. }
        | Event::Removal { db, .. }
        | Event::Cleared { db }
        | Event::Swapped { db }) = event;
        let queues = &self.queues[usize::from(*db)];
        match event {
            Event::Arrival { name, .. }
            | Event::Release { name, .. }
            | Event::Removal { name, .. } => {
                let queue = queues.get(name).map_or(&[][..], Vec::as_slice);
                self.add_concerned(event, name, queue, &mut due);
            }
            Event::Cleared { .. } | Event::Swapped { .. } => {
                for (name, queue) in queues.iter() {
                    self.add_concerned(event, name, queue, &mut due);
                }
            }
        }
        due
    }

    fn add_concerned(&self, event: &Event, name: &[u8], queue: &[ClientId], due: &mut Vec<Due>) {
        for &client in queue {
            let plan = &self.get(client).expect("who is queued waits").plan;
            let is_concerned = match event {
                Event::Arrival { .. } | Event::Swapped { .. } => true,
                Event::Release { .. } => plan.minds_release(),
                Event::Removal { .. } | Event::Cleared { .. } => plan.minds_removal(),
            };
            if is_concerned {
                due.push(Due { client, name: Some(name.into()) });
            }
        }
    }

    pub(crate) fn next_alarm_ms(&self) -> Option<u64> {
        self.next_alarm_ms
    }

    /// Takes an alarm whose time has come, the earliest first.
    pub(crate) fn take_alarm(&mut self, now_ms: u64) -> Option<(Alarm, ClientId)> {
        let next_ms = self.next_alarm_ms.filter(|at_ms| *at_ms <= now_ms)?;
        let ringing = |(client, waiter): (u64, &Waiter)| {
            let (at_ms, alarm) = waiter.alarm()?;
            (at_ms == next_ms).then_some((alarm, client))
        };
        let (alarm, client) = self.by_client.iter().find_map(ringing).expect("somebody's alarm");
        let waiter = self.by_client.get_mut(client).expect("who has an alarm waits");
        match alarm {
            Alarm::Recheck => waiter.recheck_ms = None,
            Alarm::Deadline => waiter.deadline_ms = None,
        }
        self.find_next_alarm();
        Some((alarm, ClientId(client)))
    }

    fn find_next_alarm(&mut self) {
        let alarms = self.by_client.iter().filter_map(|(_, waiter)| waiter.alarm());
        self.next_alarm_ms = alarms.map(|(at_ms, _)| at_ms).min();
    }

    /// Panics when an invariant does not hold.
    pub(crate) fn check(&self) {
        for (queues, db) in self.queues.iter().zip(0u8..) {
            queues.check();
            for (name, queue) in queues.iter() {
                assert!(!queue.is_empty(), "an empty queue is dropped");
                for client in queue {
                    let waiter = self.get(*client).expect("who is queued waits");
                    assert!(waiter.db == db && waiter.plan.keys().contains(&name));
                }
            }
        }
        let alarms = self.by_client.iter().filter_map(|(_, waiter)| waiter.alarm());
        let next_ms = alarms.map(|(at_ms, _)| at_ms).min();
        assert_eq!(next_ms, self.next_alarm_ms, "the next alarm is known");
    }
}
