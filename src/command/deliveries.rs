//! What one XREADGROUP call has delivered so far, which matters where it names a key twice.

use crate::named::{self, Rank};
use crate::stream::EntryId;
use alloc::vec::Vec;

/// Entries with the delivery counts they were given, one for each ID.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    /// ID, order of delivery, count; ascending by ID.
    ranks: Vec<Rank>,
    delivered: u64,
}

impl Deliveries {
    /// Adds records; the last count given to an ID holds.
    pub(crate) fn extend(&mut self, records: &[(EntryId, u64)]) {
        for &(id, count) in records {
            self.delivered += 1;
            self.ranks.push([id.ms, id.seq, self.delivered, count]);
        }
        named::sort(&mut self.ranks);
        let last_of_id =
            |at: usize| self.ranks.get(at + 1).is_none_or(|next| next[..2] != self.ranks[at][..2]);
        let kept = (0..self.ranks.len()).filter(|at| last_of_id(*at));
        self.ranks = kept.map(|at| self.ranks[at]).collect();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ranks.is_empty()
    }

    pub(crate) fn contains(&self, id: EntryId) -> bool {
        let at = self.ranks.partition_point(|rank| rank[..2] < [id.ms, id.seq][..]);
        self.ranks.get(at).is_some_and(|rank| rank[..2] == [id.ms, id.seq])
    }

    /// IDs and counts, in the order of delivery.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = (EntryId, u64)> {
        let ranks = self.ranks.iter().map(|&[ms, seq, order, count]| [order, ms, seq, count]);
        let mut ranks: Vec<Rank> = ranks.collect();
        named::sort(&mut ranks);
        ranks.into_iter().map(|[_, ms, seq, count]| (EntryId { ms, seq }, count))
    }

    /// These records, ascending by ID, with what was delivered put over them.
    pub(crate) fn over(
        &self,
        records: impl Iterator<Item = (EntryId, u64)>,
        start: EntryId,
    ) -> Vec<(EntryId, u64)> {
        let others = records.filter(|(id, _)| !self.contains(*id));
        let others = others.map(|(id, count)| [id.ms, id.seq, 0, count]);
        let mut all: Vec<Rank> = others.chain(self.ranks.iter().copied()).collect();
        named::sort(&mut all);
        let all = all.into_iter().map(|[ms, seq, _, count]| (EntryId { ms, seq }, count));
        all.filter(|(id, _)| *id >= start).collect()
    }
}
