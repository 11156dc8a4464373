//! The pending entries list of a group: records ordered by entry ID, in pages.
//!
//! New records nearly always go behind the last one and acknowledgements come mostly from the
//! front, so a deque of sorted pages beats a tree: full pages, no pointers, binary search. A page
//! remembers which consumers it may hold (by number modulo 64), so that looking for one consumer's
//! records passes over the pages without any.

use crate::stream::EntryId;
use alloc::collections::VecDeque;
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

const PAGE_RECORDS: usize = 128;

#[derive(Debug)]
struct Page {
    /// Never empty, ascending by ID.
    records: Vec<Pending>,
    /// Bit `n % 64` is set if a record of consumer `n` is or was here.
    consumers: u64,
}

impl Page {
    fn of(record: Pending) -> Self {
        let mut records = Vec::with_capacity(PAGE_RECORDS);
        records.push(record);
        Self { records, consumers: bit(record.owner) }
    }

    fn first(&self) -> EntryId {
        self.records[0].id
    }
}

fn bit(owner: Owner) -> u64 {
    match owner {
        Owner::Consumer { number, .. } => bit_of(number),
        Owner::Nobody { .. } => 0,
    }
}

fn bit_of(consumer: u32) -> u64 {
    1 << (consumer % 64)
}

/// Records ordered by ID.
#[derive(Debug, Default)]
pub(crate) struct Pel {
    pages: VecDeque<Page>,
    len: usize,
}

impl Pel {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, id: EntryId) -> Option<&Pending> {
        let page = &self.pages[self.page_of(id)?];
        let at = page.records.binary_search_by_key(&id, |record| record.id).ok()?;
        Some(&page.records[at])
    }

    /// Puts a record in, in place of the one with the same ID, which it returns.
    pub(crate) fn insert(&mut self, record: Pending) -> Option<Pending> {
        let Some(number) = self.page_of(record.id) else {
            self.len += 1;
            match self.pages.front_mut().filter(|page| page.records.len() < PAGE_RECORDS) {
                Some(page) => {
                    page.records.insert(0, record);
                    page.consumers |= bit(record.owner);
                }
                None => self.pages.push_front(Page::of(record)),
            }
            return None;
        };
        let is_last = number + 1 == self.pages.len();
        let page = &mut self.pages[number];
        match page.records.binary_search_by_key(&record.id, |record| record.id) {
            Ok(at) => {
                page.consumers |= bit(record.owner);
                Some(core::mem::replace(&mut page.records[at], record))
            }
            Err(at) => {
                self.len += 1;
                if page.records.len() < PAGE_RECORDS {
                    page.records.insert(at, record);
                    page.consumers |= bit(record.owner);
                } else if is_last && at == PAGE_RECORDS {
                    self.pages.push_back(Page::of(record));
                } else {
                    self.insert_splitting(number, at, record);
                }
                None
            }
        }
    }

    fn insert_splitting(&mut self, number: usize, at: usize, record: Pending) {
        let page = &mut self.pages[number];
        let mut upper = page.records.split_off(PAGE_RECORDS / 2);
        match at.checked_sub(PAGE_RECORDS / 2) {
            Some(at) => upper.insert(at, record),
            None => page.records.insert(at, record),
        }
        page.consumers |= bit(record.owner);
        let consumers = page.consumers;
        self.pages.insert(number + 1, Page { records: upper, consumers });
    }

    pub(crate) fn remove(&mut self, id: EntryId) -> Option<Pending> {
        let number = self.page_of(id)?;
        let page = &mut self.pages[number];
        let at = page.records.binary_search_by_key(&id, |record| record.id).ok()?;
        let record = page.records.remove(at);
        if page.records.is_empty() {
            self.pages.remove(number);
        }
        self.len -= 1;
        Some(record)
    }

    /// Records with an ID of at least `start`, ascending.
    pub(crate) fn from(&self, start: EntryId) -> impl Iterator<Item = &Pending> {
        self.pages_from(start)
            .flat_map(|page| page.records.iter())
            .skip_while(move |record| record.id < start)
    }

    /// The records of one consumer with an ID of at least `start`, ascending.
    pub(crate) fn of_consumer(
        &self,
        consumer: u32,
        start: EntryId,
    ) -> impl Iterator<Item = &Pending> {
        self.pages_from(start)
            .filter(move |page| page.consumers & bit_of(consumer) != 0)
            .flat_map(|page| page.records.iter())
            .filter(move |record| record.consumer() == Some(consumer) && record.id >= start)
    }

    pub(crate) fn last(&self) -> Option<&Pending> {
        self.pages.back()?.records.last()
    }

    fn pages_from(&self, start: EntryId) -> impl Iterator<Item = &Page> {
        self.pages.range(self.page_of(start).unwrap_or(0)..)
    }

    /// The page that holds the ID if any does: the last one that begins at or below it.
    fn page_of(&self, id: EntryId) -> Option<usize> {
        self.pages.partition_point(|page| page.first() <= id).checked_sub(1)
    }

    /// Panics when an invariant does not hold.
    pub(crate) fn check(&self) {
        let mut last = None;
        for page in &self.pages {
            assert!(!page.records.is_empty(), "an empty page is dropped");
            assert!(page.records.len() <= PAGE_RECORDS, "a page is bounded");
            for record in &page.records {
                assert!(last < Some(record.id), "records ascend");
                let own = bit(record.owner);
                assert_eq!(page.consumers & own, own, "a page knows its consumers");
                last = Some(record.id);
            }
        }
        let records: usize = self.pages.iter().map(|page| page.records.len()).sum();
        assert_eq!(records, self.len, "the list counts its records");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;

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
        let (mut pel, mut tree) = (Pel::default(), BTreeMap::new());
        let mut state = 1u64;
        for step in 0..20_000u64 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let number = if step % 3 == 0 { step } else { (state >> 33) % 6_000 };
            if state >> 63 == 0 || step % 3 == 0 {
                let record = record(number);
                assert_eq!(pel.insert(record), tree.insert(record.id, record));
            } else {
                let id = record(number).id;
                assert_eq!(pel.remove(id), tree.remove(&id));
            }
            if step % 500 == 0 {
                pel.check();
            }
        }
        let start = record(3_000).id;
        assert!(pel.from(start).eq(tree.range(start..).map(|(_, record)| record)));
        let of_two =
            tree.range(start..).map(|(_, record)| record).filter(|r| r.consumer() == Some(2));
        assert!(pel.of_consumer(2, start).eq(of_two));
        assert_eq!(pel.len(), tree.len());
    }
}
