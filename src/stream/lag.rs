//! How far a group has come: the entries-read counter and the lag, as Redis 8 estimates them.

use crate::stream::{EntryId, Group, Stream};

impl Stream {
    /// Whether a deleted entry may lie behind `id`, so that counting from there is unsafe.
    fn may_have_tombstone_after(&self, id: EntryId) -> bool {
        self.length > 0 && self.max_deleted != EntryId::MIN && id <= self.max_deleted
    }

    /// How many entries were ever added up to and including `id`, where that can be known.
    pub(crate) fn estimate_entries_read(&self, id: EntryId) -> Option<u64> {
        if self.entries_added == 0 {
            return Some(0);
        }
        if self.length == 0 && id <= self.last_id {
            return Some(self.entries_added);
        }
        if id != EntryId::MIN && id < self.max_deleted {
            return None;
        }
        if id == self.last_id {
            return Some(self.entries_added);
        }
        let first = self.first_id();
        if id > self.last_id || (self.max_deleted != EntryId::MIN && self.max_deleted >= first) {
            return None;
        }
        let before_first = self.entries_added.saturating_sub(self.length);
        match id.cmp(&first) {
            core::cmp::Ordering::Less => Some(before_first),
            core::cmp::Ordering::Equal => Some(before_first + 1),
            core::cmp::Ordering::Greater => None,
        }
    }

    /// The counter of a group at `last` that has read `read` entries, after it is delivered `id`.
    pub(crate) fn entries_read_after(
        &self,
        last: EntryId,
        read: Option<u64>,
        id: EntryId,
    ) -> Option<u64> {
        match read {
            Some(read) if last >= self.first_id() && !self.may_have_tombstone_after(last) => {
                Some(read.saturating_add(1))
            }
            _ if self.entries_added > 0 => self.estimate_entries_read(id),
            read => read,
        }
    }

    /// How many entries the group has yet to read; `None` when that cannot be known.
    pub(crate) fn lag(&self, group: &Group) -> Option<i64> {
        let added = self.entries_added as i64;
        let first = self.first_id();
        if self.entries_added == 0 || self.length == 0 {
            return Some(0);
        }
        if group.last_delivered < first && self.max_deleted < first {
            return Some(self.length as i64);
        }
        let read = group.entries_read;
        let counted = read.filter(|_| !self.may_have_tombstone_after(group.last_delivered));
        let read = counted.or_else(|| self.estimate_entries_read(group.last_delivered))?;
        Some(added.wrapping_sub(read as i64))
    }
}
