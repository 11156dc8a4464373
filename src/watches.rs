//! Keys that clients watch between WATCH and EXEC.

use crate::keyspace::Keyspace;
use crate::op::{Change, Key, Op};
use crate::session::ClientId;
use alloc::boxed::Box;
use alloc::vec::Vec;

#[derive(Debug)]
struct Watch {
    client: ClientId,
    db: u8,
    name: Box<[u8]>,
    /// The key has changed since.
    broken: bool,
}

/// All watched keys.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    list: Vec<Watch>,
}

impl Watches {
    /// A client watches a key from now on.
    pub(crate) fn add(&mut self, client: ClientId, key: Key<'_>) {
        let same = |watch: &Watch| watch.client == client && watch.is_for(key);
        if !self.list.iter().any(same) {
            self.list.push(Watch { client, db: key.db, name: key.name.into(), broken: false });
        }
    }

    /// A client watches nothing any more.
    pub(crate) fn forget(&mut self, client: ClientId) {
        self.list.retain(|watch| watch.client != client);
    }

    /// How many keys a client watches.
    pub(crate) fn count(&self, client: ClientId) -> usize {
        self.list.iter().filter(|watch| watch.client == client).count()
    }

    /// Whether a key that the client watches has changed.
    pub(crate) fn are_broken(&self, client: ClientId) -> bool {
        self.list.iter().any(|watch| watch.client == client && watch.broken)
    }

    /// How many clients watch keys.
    pub(crate) fn clients(&self) -> usize {
        let before = |at: usize| self.list[..at].iter();
        let first = |&at: &usize| before(at).all(|watch| watch.client != self.list[at].client);
        (0..self.list.len()).filter(first).count()
    }

    /// An op is about to be applied. What it does to groups and counters of a stream does not count
    /// as a change of the key, as in Redis.
    pub(crate) fn note(&mut self, op: &Op<'_>, keyspace: &Keyspace) {
        if self.list.is_empty() {
            return;
        }
        let there = |watch: &Watch| keyspace.item(watch.key()).is_some();
        match op.change {
            Change::CreateStream { .. }
            | Change::PutStream { .. }
            | Change::Append { .. }
            | Change::Trim { .. }
            | Change::TrimEntries { .. }
            | Change::Delete { .. }
            | Change::RemoveKey
            | Change::Put { .. }
            | Change::Expire { .. } => self.break_if(|watch| watch.is_for(op.key)),
            Change::Move { to } => self.break_if(|watch| watch.is_for(op.key) || watch.is_for(to)),
            Change::Copy { to } => self.break_if(|watch| watch.is_for(to)),
            Change::ClearDatabase => self.break_if(|watch| watch.db == op.key.db && there(watch)),
            Change::SwapDatabases { with } => {
                let (one, other) = (op.key.db, with);
                let elsewhere = |watch: &Watch| {
                    let db = if watch.db == one { other } else { one };
                    keyspace.item(Key { db, name: &watch.name }).is_some()
                };
                self.break_if(|watch| {
                    (watch.db == one || watch.db == other) && (there(watch) || elsewhere(watch))
                });
            }
            _ => {}
        }
    }

    fn break_if(&mut self, concerned: impl Fn(&Watch) -> bool) {
        for watch in &mut self.list {
            watch.broken |= concerned(watch);
        }
    }
}

impl Watch {
    fn key(&self) -> Key<'_> {
        Key { db: self.db, name: &self.name }
    }

    fn is_for(&self, key: Key<'_>) -> bool {
        self.key() == key
    }
}
