//! What is done to a stream of which storage has lost a part.

use crate::blob::BlobKey;
use crate::stream::{EntryId, Group, Memory, Page, Segment, Stream, Tally};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

impl Stream {
    /// A stream of segments whose index is lost, in the order of their IDs. They get numbers anew.
    pub(crate) fn of_segments(number: u64, memory: Memory, segments: Vec<Segment>) -> Self {
        let mut stream = Self::new(number, memory);
        for (segment, place) in segments.into_iter().zip(0..) {
            stream.next_segment = place + 1;
            stream.length += segment.live;
            stream.last_id = stream.last_id.max(segment.last);
            stream.segments.push(Box::new(segment.moved(number, place)));
        }
        stream.entries_added = stream.length;
        stream
    }

    /// Puts a group from storage in, of a stream that may have lost what it knew of it. Returns
    /// whether its name and number are free.
    pub(crate) fn adopt_group(&mut self, name: &[u8], group: Group) -> bool {
        if self.groups.iter().any(|(_, other)| other.number == group.number) {
            return false;
        }
        self.next_group = self.next_group.max(group.number.saturating_add(1));
        let pages = group.pel.pages.iter().filter_map(|page| page.number);
        let next_page = pages.map(|page| page.saturating_add(1)).max();
        self.next_page = self.next_page.max(next_page.unwrap_or(0));
        self.groups.insert(name, group)
    }

    /// Fits the counters of a stream that has lost them to its groups and to what was deleted of it:
    /// its last ID is the greatest that anything of it names, so that none is given twice.
    pub(crate) fn count_anew(&mut self, deleted: u64, max_deleted: EntryId) {
        self.entries_added = self.entries_added.saturating_add(deleted);
        self.max_deleted = max_deleted;
        for (_, group) in self.groups.iter() {
            let pending = group.pel().edges().map_or(EntryId::MIN, |(_, last)| last);
            self.last_id = self.last_id.max(group.last_delivered).max(pending);
            self.entries_added = self.entries_added.max(group.entries_read.unwrap_or(0));
        }
    }

    /// Takes a segment that is lost out of the index: its entries count as deleted.
    pub(crate) fn lose_segment(&mut self, number: u64) -> Option<Segment> {
        let at = self.segments.binary_search_by_key(&number, |segment| segment.number).ok()?;
        let lost = *self.segments.remove(at);
        self.length -= lost.live;
        self.max_deleted = self.max_deleted.max(lost.last);
        Some(lost)
    }

    /// Makes a checkpoint write everything but the segments and pages that have not changed. Gives
    /// the addresses of those.
    pub(crate) fn mark_rewritten(&mut self) -> Vec<BlobKey> {
        (self.dirty, self.stored) = (true, false);
        self.dropped.clear();
        let segments = self.segments.iter().filter(|segment| !segment.dirty);
        let mut kept: Vec<BlobKey> = segments.map(|segment| segment.at()).collect();
        for (_, group) in self.groups.iter_mut() {
            (group.dirty, group.stored) = (true, false);
            group.pel.dropped.clear();
            let pages = group.pel.pages.iter().filter(|page| !page.dirty);
            kept.extend(pages.map(|page| group.pel.key_of(page)));
        }
        kept
    }
}

impl Group {
    /// The pages of its pending entries list, all of them in storage, and their addresses.
    pub(crate) fn stored_pages(&self) -> impl Iterator<Item = (BlobKey, &Page)> {
        self.pel.pages.iter().map(|page| (self.pel.key_of(page), &**page))
    }

    /// Takes a page that is lost out of the index.
    pub(crate) fn lose_page(&mut self, at: BlobKey) -> Option<Page> {
        let (_, _, number) = at.to_numbers();
        self.pel.lose(number)
    }

    /// Whether a page with such records can be one of its own.
    pub(crate) fn can_have(&self, tally: &Tally) -> bool {
        tally.last_place.is_none_or(|place| place < self.next_place)
            && tally.counts.keys().all(|number| self.consumers.at(*number).is_some())
    }

    /// Counts what each consumer has anew, from all of its pages. Returns whether it was right.
    pub(crate) fn count_records<'t>(&mut self, tallies: impl Iterator<Item = &'t Tally>) -> bool {
        let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
        for (number, count) in tallies.flat_map(|tally| &tally.counts) {
            *counts.entry(*number).or_default() += count;
        }
        let mut was_right = true;
        for number in 0..self.consumers.numbers() {
            let Some(consumer) = self.consumers.at_mut(number) else { continue };
            let count = counts.get(&number).copied().unwrap_or(0);
            was_right &= consumer.pending == count;
            consumer.pending = count;
        }
        was_right
    }
}
