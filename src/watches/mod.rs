//! Keys that clients watch between WATCH and EXEC.

mod breaking;

use crate::keyspace::Keyspace;
use crate::op::{Key, Op};
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
        self.break_by(op, keyspace);
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
