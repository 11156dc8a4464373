//! The pending entries list of a group: records ordered by entry ID, in pages.
//!
//! New records nearly always go behind the last one and acknowledgements come mostly from the
//! front, so a deque of sorted pages beats a tree: full pages, no pointers, binary search. A page
//! is away or in memory like a segment; where its edges are depends on nothing but convenience, and
//! nobody can tell: what is delivered while the last page is away begins a new one.

use crate::blob::BlobKey;
use crate::stream::page::Page;
use crate::stream::records::Records;
use crate::stream::{Boxes, EntryId, Missing};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// A delivered entry that nobody has acknowledged yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pending {
    pub(crate) id: EntryId,
    /// How often it was delivered.
    pub(crate) count: u64,
    pub(crate) owner: Owner,
}

/// Who has a pending entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The consumer with this number, to whom it was last delivered at this time. `turn` orders
    /// what was delivered in the same millisecond; it counts up and wraps around.
    Consumer { number: u32, turn: u16, delivered_ms: u64 },
    /// Nobody: it was given back, as the `place`-th of its group.
    Nobody { place: u64 },
}

/// Redis counts deliveries in a signed 64-bit number and stops at its greatest.
pub(crate) const MAX_DELIVERIES: u64 = i64::MAX as u64;

/// The count of an entry that was delivered so often and is delivered once more.
pub(crate) fn once_more(count: u64) -> u64 {
    count.saturating_add(1).min(MAX_DELIVERIES)
}

impl Pending {
    /// The number of the consumer that has it.
    pub(crate) fn consumer(&self) -> Option<u32> {
        match self.owner {
            Owner::Consumer { number, .. } => Some(number),
            Owner::Nobody { .. } => None,
        }
    }

    /// When it was last delivered; 0, as Redis has it, if it was given back.
    pub(crate) fn delivered_ms(&self) -> u64 {
        match self.owner {
            Owner::Consumer { delivered_ms, .. } => delivered_ms,
            Owner::Nobody { .. } => 0,
        }
    }
}

/// Records ordered by ID.
#[derive(Debug)]
pub(crate) struct Pel {
    /// Number of the stream, for addresses in storage.
    stream: u64,
    pub(super) pages: Boxes<Page>,
    len: usize,
    released: usize,
    /// How many of the records are in memory.
    resident: usize,
    /// Numbers of pages that are gone but that storage still has.
    pub(super) dropped: Vec<u64>,
}

impl Pel {
    pub(crate) fn new(stream: u64) -> Self {
        let (pages, dropped) = (Vec::new(), Vec::new());
        Self { stream, pages, len: 0, released: 0, resident: 0, dropped }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// How many records belong to nobody.
    pub(crate) fn released(&self) -> usize {
        self.released
    }

    /// IDs of the first and the last record.
    pub(crate) fn edges(&self) -> Option<(EntryId, EntryId)> {
        Some((self.pages.first()?.first, self.pages.last()?.last))
    }

    /// Bytes of the records in memory.
    pub(crate) fn resident_bytes(&self) -> usize {
        self.resident * size_of::<Pending>()
    }

    /// The records with these IDs, `None` where there is none.
    pub(crate) fn get_each(&self, ids: &[EntryId]) -> Result<Vec<Option<&Pending>>, Missing> {
        self.require(ids)?;
        Ok(ids.iter().map(|&id| self.find(id)).collect())
    }

    /// The record with this ID.
    pub(crate) fn get(&self, id: EntryId) -> Result<Option<&Pending>, Missing> {
        self.require(&[id])?;
        Ok(self.find(id))
    }

    fn find(&self, id: EntryId) -> Option<&Pending> {
        let records = self.pages[self.page_with(id)?].records();
        let records = records.expect("what is looked at was required");
        let at = records.binary_search_by_key(&id, |record| record.id).ok()?;
        Some(&records[at])
    }

    /// The pages that must be in memory before it is known which of these IDs have a record, and
    /// before one is put in or taken out.
    pub(crate) fn require(&self, ids: &[EntryId]) -> Result<(), Missing> {
        let mut missing: Vec<BlobKey> = Vec::new();
        for page in ids.iter().filter_map(|&id| self.page_with(id)) {
            let absent = Some(&self.pages[page]).filter(|page| page.records().is_none());
            let key = absent.map(|page| self.key_of(page));
            missing.extend(key.filter(|key| !missing.contains(key)));
        }
        if missing.is_empty() { Ok(()) } else { Err(Missing(missing)) }
    }

    /// The same, for all records of a consumer; `None`: for all records.
    pub(crate) fn require_all(&self, consumer: Option<u32>) -> Result<(), Missing> {
        let pages = self.pages.iter();
        let pages = pages.filter(|page| consumer.is_none_or(|number| page.may_have(number)));
        let absent = pages.filter(|page| page.records().is_none());
        let missing: Vec<BlobKey> = absent.map(|page| self.key_of(page)).collect();
        if missing.is_empty() { Ok(()) } else { Err(Missing(missing)) }
    }

    pub(crate) fn key_of(&self, page: &Page) -> BlobKey {
        let page = page.number.expect("what is not in memory is in storage");
        BlobKey::Page { stream: self.stream, page }
    }

    pub(super) fn missing(&self, page: &Page) -> Missing {
        Missing(vec![self.key_of(page)])
    }

    /// Puts a record in, in place of the one with the same ID, which it returns. What
    /// [`Pel::require`] names is in memory. A page holds at most `page_records`.
    pub(crate) fn insert(&mut self, record: Pending, page_records: usize) -> Option<Pending> {
        let before =
            match self.page_with(record.id).or_else(|| self.room_for(&record, page_records)) {
                Some(at) => self.insert_at(at, record, page_records),
                None => {
                    let at = self.pages.partition_point(|page| page.last < record.id);
                    let mut records = Records::default();
                    records.push(record);
                    self.pages.insert(at, Box::new(Page::of(records)));
                    None
                }
            };
        let one = usize::from(before.is_none());
        (self.len, self.resident) = (self.len + one, self.resident + one);
        self.released += usize::from(record.consumer().is_none());
        self.released -= usize::from(before.is_some_and(|record| record.consumer().is_none()));
        before
    }

    fn insert_at(&mut self, at: usize, record: Pending, page_records: usize) -> Option<Pending> {
        self.unpin(at);
        let before = self.pages[at].insert(record);
        if self.pages[at].count > page_records.max(1) {
            let upper = self.pages[at].split();
            self.pages.insert(at + 1, Box::new(upper));
        }
        before
    }

    /// A page in memory that has room, beside which the record lies.
    fn room_for(&self, record: &Pending, page_records: usize) -> Option<usize> {
        let behind = self.pages.partition_point(|page| page.last < record.id);
        let has_room = |page: &Page| page.is_resident() && page.count < page_records;
        let beside = [behind.checked_sub(1), Some(behind)].into_iter().flatten();
        beside.into_iter().find(|&at| self.pages.get(at).is_some_and(|page| has_room(page)))
    }

    /// Takes a record out. What [`Pel::require`] names is in memory.
    pub(crate) fn remove(&mut self, id: EntryId, page_records: usize) -> Option<Pending> {
        let at = self.page_with(id)?;
        self.unpin(at);
        let record = self.pages[at].remove(id)?;
        (self.len, self.resident) = (self.len - 1, self.resident - 1);
        self.released -= usize::from(record.consumer().is_none());
        if self.pages[at].count == 0 {
            self.drop_page(at);
        } else if self.pages[at].count < page_records / 4 {
            self.join_at(at, page_records);
        }
        Some(record)
    }

    /// Joins a page with one beside it if both are in memory and fill half a page at most. Returns
    /// whether it did.
    pub(super) fn join_at(&mut self, at: usize, page_records: usize) -> bool {
        let fit = |one: &Page, next: &Page| {
            one.is_resident() && next.is_resident() && one.count + next.count <= page_records / 2
        };
        for at in [at.checked_sub(1), Some(at)].into_iter().flatten() {
            let both = self.pages.get(at).zip(self.pages.get(at + 1));
            if both.is_some_and(|(one, next)| fit(one, next)) {
                self.unpin(at);
                let following = self.drop_page(at + 1);
                self.pages[at].append(following);
                return true;
            }
        }
        false
    }

    /// A page is about to change: what storage has of it stays where it is for those who have pinned
    /// it, and the page gets another number.
    fn unpin(&mut self, at: usize) {
        let page = &mut self.pages[at];
        if page.pinned.take() {
            self.dropped.extend(page.number.take());
        }
    }

    /// Takes a page that is lost, and not in memory, out of the index.
    pub(super) fn lose(&mut self, number: u64) -> Option<Page> {
        let page = *self.pages.remove(self.page_numbered(number)?);
        self.len -= page.count;
        self.released -= page.released;
        Some(page)
    }

    /// Addresses of pages that are gone but that storage still has.
    pub(super) fn take_dropped(&mut self) -> Vec<BlobKey> {
        let stream = self.stream;
        self.dropped.drain(..).map(|page| BlobKey::Page { stream, page }).collect()
    }

    fn drop_page(&mut self, at: usize) -> Page {
        let page = *self.pages.remove(at);
        self.dropped.extend(page.number);
        page
    }

    /// The page between whose edges the ID lies.
    fn page_with(&self, id: EntryId) -> Option<usize> {
        let at = self.pages.partition_point(|page| page.last < id);
        self.pages.get(at).filter(|page| page.first <= id).map(|_| at)
    }

    /// Adds a page at the end, whose records are in storage. Returns whether it may stand there.
    pub(super) fn push(&mut self, page: Page) -> bool {
        let ordered = self.pages.last().is_none_or(|before| before.last < page.first);
        let sum = self.len.checked_add(page.count);
        self.released += page.released;
        self.len = sum.unwrap_or(self.len);
        self.pages.push(Box::new(page));
        ordered && sum.is_some()
    }

    /// Adds a page of records in memory at the end. Returns whether it may stand there, without
    /// which nothing is done.
    pub(super) fn push_new(&mut self, page: Page) -> bool {
        let count = page.count;
        let ordered = self.pages.last().is_none_or(|before| before.last < page.first);
        let pushed = ordered && self.len.checked_add(count).is_some() && self.push(page);
        self.resident += if pushed { count } else { 0 };
        pushed
    }

    /// Where the page with this number in storage is.
    pub(super) fn page_numbered(&self, number: u64) -> Option<usize> {
        self.pages.iter().position(|page| page.number == Some(number))
    }

    /// Puts the records of a page in place. Returns whether they are those that the index promises.
    pub(super) fn fill(&mut self, at: usize, checksum: u32, records: Records) -> bool {
        let filled = self.pages[at].fill(checksum, records);
        self.resident += if filled { self.pages[at].count } else { 0 };
        filled
    }

    /// Lets the records of a page go, which it gives back.
    pub(super) fn evict(&mut self, at: usize) -> Records {
        let records = self.pages[at].evict();
        self.resident -= records.len();
        records
    }

    /// Panics when an invariant does not hold.
    pub(crate) fn check(&self) {
        let mut last = None;
        for page in &self.pages {
            page.check();
            assert!(last < Some(page.first), "pages ascend");
            last = Some(page.last);
        }
        let sum =
            |count: fn(&Page) -> usize| self.pages.iter().map(|page| count(page)).sum::<usize>();
        assert_eq!(sum(|page| page.count), self.len, "the list counts its records");
        assert_eq!(sum(|page| page.released), self.released, "and those that are nobody's");
        let resident = sum(|page| if page.is_resident() { page.count } else { 0 });
        assert_eq!(resident, self.resident, "and those in memory");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;

    const PAGE_RECORDS: usize = 16;

    fn record(number: u64) -> Pending {
        let id = EntryId { ms: number, seq: 0 };
        let owner = match number % 4 {
            3 => Owner::Nobody { place: number },
            consumer => Owner::Consumer { number: consumer as u32, turn: 0, delivered_ms: number },
        };
        Pending { id, count: 1, owner }
    }

    #[test]
    fn pages_answer_as_a_tree_does() {
        let (mut pel, mut tree) = (Pel::new(0), BTreeMap::new());
        let mut state = 1u64;
        for step in 0..20_000u64 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let number = if step % 3 == 0 { step } else { (state >> 33) % 6_000 };
            if state >> 63 == 0 || step % 3 == 0 {
                let record = record(number);
                assert_eq!(pel.insert(record, PAGE_RECORDS), tree.insert(record.id, record));
            } else {
                let id = record(number).id;
                assert_eq!(pel.remove(id, PAGE_RECORDS), tree.remove(&id));
            }
            if step % 500 == 0 {
                pel.check();
            }
        }
        let start = record(3_000).id;
        let rest: Vec<Pending> = tree.range(start..).map(|(_, record)| *record).collect();
        let all = |record: &Pending| Some(*record);
        assert_eq!(pel.collect(start..=EntryId::MAX, usize::MAX, |_| true, all), Ok(rest.clone()));
        let of_two = |record: &Pending| Some(*record).filter(|r| r.consumer() == Some(2));
        let found = pel.collect(start..=EntryId::MAX, 100, |page| page.may_have(2), of_two);
        assert_eq!(found, Ok(rest.iter().filter_map(of_two).take(100).collect()));
        assert_eq!(pel.first_from(start), Ok(rest.first().map(|record| record.id)));
        assert_eq!(pel.len(), tree.len());
        let pages = pel.pages.len();
        assert!(pages * PAGE_RECORDS / 8 < pel.len(), "{pages} pages of {} records", pel.len());
    }
}
