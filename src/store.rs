//! The keyspace with its journal: where decided changes take effect.

use crate::keyspace::Keyspace;
use crate::log::journal::Journal;
use crate::op::{Change, Op};
use crate::stream::SegmentRef;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// Something has happened that waiting clients may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// An entry has come to the key.
    Arrival { db: u8, name: Box<[u8]> },
    /// Pending entries of the key have been given back.
    Release { db: u8, name: Box<[u8]> },
    /// The key, or a group of it, has gone.
    Removal { db: u8, name: Box<[u8]> },
    /// All keys of a database have gone.
    Cleared { db: u8 },
}

impl Event {
    fn of(op: &Op<'_>) -> Option<Self> {
        let (db, name) = (op.key.db, op.key.name);
        match op.change {
            Change::Append { .. } => Some(Self::Arrival { db, name: name.into() }),
            Change::Release { .. } => Some(Self::Release { db, name: name.into() }),
            Change::RemoveKey | Change::DestroyGroup { .. } => {
                Some(Self::Removal { db, name: name.into() })
            }
            Change::ClearDatabase => Some(Self::Cleared { db }),
            _ => None,
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
}

impl Store {
    /// The segments that must be in memory before the ops can be applied.
    pub(crate) fn required(&self, ops: &[Op<'_>]) -> Vec<SegmentRef> {
        ops.iter()
            .filter_map(|op| self.keyspace.require(op).err())
            .flat_map(|missing| missing.0)
            .collect()
    }

    /// Records and applies what has been decided. With `heard`, somebody waits for events.
    pub(crate) fn apply(&mut self, ops: &[Op<'_>], heard: bool) {
        for op in ops {
            if let Some(journal) = &mut self.journal {
                journal.record(op);
            }
            let applied = self.keyspace.apply(op);
            applied.expect("what was decided against the keyspace fits it");
            let event = heard.then(|| Event::of(op)).flatten();
            self.events.extend(event.filter(|event| self.events.back() != Some(event)));
        }
    }
}
