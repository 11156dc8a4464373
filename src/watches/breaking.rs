//! What changes do to those who watch. Of the rest of a module that was cut, as WATCH is.

use super::{Watch, Watches};
use crate::keyspace::Keyspace;
use crate::op::{Change, Key, Op};

impl Watches {
    /// An op is about to be applied, while somebody watches.
    #[inline(never)]
    pub(super) fn break_by(&mut self, op: &Op<'_>, keyspace: &Keyspace) {
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
