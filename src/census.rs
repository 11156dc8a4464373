//! Which keys have come, gone or changed their type, for a host that keeps a list of all keys
//! elsewhere.

use crate::keyspace::{Item, Keyspace};
use crate::named::Named;
use crate::op::{Change, Key, Op};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// What the keys of database 0 were that have been touched since it was last asked.
#[derive(Debug, Default)]
pub(crate) struct Census {
    before: Named<Option<&'static str>>,
}

impl Census {
    /// An op is about to be applied.
    #[inline(never)]
    pub(crate) fn note(&mut self, op: &Op<'_>, keyspace: &Keyspace) {
        match op.change {
            Change::CreateStream { .. }
            | Change::PutStream { .. }
            | Change::Put { .. }
            | Change::RemoveKey => self.note_key(op.key, keyspace),
            Change::Move { to } => {
                self.note_key(op.key, keyspace);
                self.note_key(to, keyspace);
            }
            Change::Copy { to } => self.note_key(to, keyspace),
            Change::ClearDatabase => self.note_database(op.key.db, keyspace),
            Change::SwapDatabases { with } => {
                for db in [op.key.db, with] {
                    self.note_database(db, keyspace);
                }
            }
            _ => {}
        }
    }

    fn note_key(&mut self, key: Key<'_>, keyspace: &Keyspace) {
        if key.db == 0 && !self.before.contains(key.name) {
            self.before.insert(key.name, type_of(keyspace, key.name));
        }
    }

    /// All keys of a database change. Of another one than 0, its names may become those of 0.
    fn note_database(&mut self, db: u8, keyspace: &Keyspace) {
        for (name, _) in keyspace.database(db).iter() {
            self.note_key(Key { db: 0, name }, keyspace);
        }
    }

    /// The keys that are not what they were, and the type each has now; `None`: it is gone.
    pub(crate) fn take(&mut self, keyspace: &Keyspace) -> Vec<(Box<[u8]>, Option<&'static str>)> {
        let before = core::mem::take(&mut self.before);
        let now = before.iter().map(|(name, before)| (name, *before, type_of(keyspace, name)));
        let changed = now.filter(|(_, before, now)| before != now);
        changed.map(|(name, _, now)| (name.into(), now)).collect()
    }
}

fn type_of(keyspace: &Keyspace, name: &[u8]) -> Option<&'static str> {
    let item: Option<&Item> = keyspace.database(0).get(name);
    item.map(|item| item.value.type_name())
}
