//! The keyspace with its journal: where decided changes take effect.

use crate::blob::BlobKey;
use crate::census::Census;
use crate::keyspace::{DATABASES, Keyspace, Misfit};
use crate::log::journal::Journal;
use crate::op::{Change, Key, Op};
use crate::watches::Watches;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// Something has happened that waiting clients may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// An entry has come to the key, or the key itself has.
    Arrival { db: u8, name: Box<[u8]> },
    /// Pending entries of the key have been given back.
    Release { db: u8, name: Box<[u8]> },
    /// The key, or a group of it, has gone.
    Removal { db: u8, name: Box<[u8]> },
    /// All keys of a database have gone.
    Cleared { db: u8 },
    /// All keys of a database are others.
    Swapped { db: u8 },
}

impl Event {
    /// The key, where it is about one.
    fn key(&self) -> Option<(u8, &[u8])> {
        match self {
            Self::Arrival { db, name }
            | Self::Release { db, name }
            | Self::Removal { db, name } => Some((*db, name)),
            Self::Cleared { .. } | Self::Swapped { .. } => None,
        }
    }

    /// Of two events of one key, the one of higher rank concerns all whom the other concerns.
    fn rank(&self) -> u8 {
        match self {
            Self::Release { .. } => 0,
            Self::Removal { .. } => 1,
            _ => 2,
        }
    }

    /// What an op means to those who wait: for most nothing, for a move two things.
    fn of(op: &Op<'_>) -> [Option<Self>; 2] {
        let arrival = |key: Key<'_>| Self::Arrival { db: key.db, name: key.name.into() };
        let removal = |key: Key<'_>| Self::Removal { db: key.db, name: key.name.into() };
        let db = op.key.db;
        match op.change {
            Change::CreateStream { .. }
            | Change::Append { .. }
            | Change::Put { .. }
            | Change::PutStream { .. } => [Some(arrival(op.key)), None],
            Change::Release { .. } => [Some(Self::Release { db, name: op.key.name.into() }), None],
            // Delivered as if at another time: it may be overdue earlier than anybody reckons with.
            Change::Deliver { delivered_ms, active_ms: Some(active_ms), .. }
                if delivered_ms != active_ms =>
            {
                [Some(Self::Release { db, name: op.key.name.into() }), None]
            }
            Change::RemoveKey | Change::DestroyGroup { .. } => [Some(removal(op.key)), None],
            Change::Move { to } => {
                // For what was staged nobody waits.
                let left = (db < DATABASES).then(|| removal(op.key));
                [left, Some(arrival(to))]
            }
            Change::Copy { to } => [Some(arrival(to)), None],
            Change::ClearDatabase => [Some(Self::Cleared { db }), None],
            Change::SwapDatabases { with } => {
                [Some(Self::Swapped { db }), Some(Self::Swapped { db: with })]
            }
            _ => [None, None],
        }
    }
}

/// The keyspace, its journal, and what has happened that nobody has been told yet.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) keyspace: Keyspace,
    /// `None`: the host keeps nothing, so nothing is written.
    pub(crate) journal: Option<Journal>,
    pub(crate) events: VecDeque<Event>,
    pub(crate) watches: Watches,
    /// `None`: the host does not ask which keys there are.
    pub(crate) census: Option<Census>,
    /// How many changes there have been.
    pub(crate) changes: u64,
}

impl Store {
    pub(crate) fn new(
        keyspace: Keyspace,
        journal: Option<Journal>,
        census: Option<Census>,
    ) -> Self {
        let (events, watches) = (VecDeque::new(), Watches::default());
        Self { keyspace, journal, events, watches, census, changes: 0 }
    }

    /// The segments that must be in memory before the ops can be applied.
    pub(crate) fn required(&self, ops: &[Op<'_>]) -> Vec<BlobKey> {
        // Who keeps nothing has all of it in memory.
        self.journal.as_ref().map_or_else(Vec::new, |_| self.keyspace.required(ops))
    }

    /// Of what happens to one key before anybody is told, they are told once: in the order in which
    /// they wait, whatever it was.
    fn tell(&mut self, event: Event) {
        let same_key = |told: &&mut Event| told.key().is_some() && told.key() == event.key();
        match self.events.iter_mut().find(same_key) {
            Some(told) if told.rank() < event.rank() => *told = event,
            Some(_) => {}
            None => self.events.push_back(event),
        }
    }

    /// Applies and records what comes from outside and may not fit the state; then it does not come
    /// about.
    pub(crate) fn offer(&mut self, op: &Op<'_>) -> Result<(), Misfit> {
        self.keyspace.apply(op)?;
        self.changes += 1;
        if let Some(journal) = &mut self.journal {
            journal.record(op);
        }
        Ok(())
    }

    /// Records and applies what has been decided. With `heard`, somebody waits for events.
    pub(crate) fn apply(&mut self, ops: &[Op<'_>], heard: bool) {
        for op in ops {
            self.watches.note(op, &self.keyspace);
            if let Some(census) = &mut self.census {
                census.note(op, &self.keyspace);
            }
            self.changes += u64::from(!op.change.can_wait());
            if let Some(journal) = &mut self.journal {
                journal.record(op);
            }
            let applied = self.keyspace.apply(op);
            applied.expect("what was decided against the keyspace fits it");
            if heard {
                for event in Event::of(op).into_iter().flatten() {
                    self.tell(event);
                }
            }
        }
    }
}
