//! Pending records in an order other than that of their IDs: as they were given back, or by age.
//!
//! A page's index says where in that order it begins, so pages are looked into one after the other
//! and only as far as the walk goes.

use crate::named::{self, Rank};
use crate::stream::page::{Bounds, Page};
use crate::stream::pel::{Owner, Pel, Pending};
use crate::stream::{EntryId, Group, Missing};
use alloc::vec::Vec;

/// What records are ordered by.
#[derive(Clone, Copy)]
enum By {
    /// What was given back, in that order.
    Place,
    /// What consumers have, the longest delivered first.
    Age,
}

impl By {
    /// Where in the order a page begins, at the earliest; `None`: none of its records is in it.
    fn bound(self, page: &Page) -> Option<u64> {
        let Bounds { oldest_ms, first_place, .. } = page.bounds();
        match self {
            Self::Place => page.has_released().then_some(first_place),
            Self::Age => (page.released < page.count).then_some(oldest_ms),
        }
    }

    fn key(self, record: &Pending) -> Option<[u64; 2]> {
        match (self, record.owner) {
            (Self::Place, Owner::Nobody { place }) => Some([place, 0]),
            (Self::Age, Owner::Consumer { delivered_ms, turn, .. }) => {
                Some([delivered_ms, u64::from(turn)])
            }
            _ => None,
        }
    }
}

/// A walk over records in order.
pub(crate) struct Ordered<'p> {
    pel: &'p Pel,
    by: By,
    /// Where pages begin that were not looked into, and their positions; the next one is the last.
    pages: Vec<Rank>,
    /// Keys and positions of records of the others; the next one is the last.
    records: Vec<Rank>,
}

impl<'p> Ordered<'p> {
    fn new(pel: &'p Pel, by: By) -> Self {
        let mut pages = pel.pages_by(&|page| by.bound(page));
        pages.reverse();
        Self { pel, by, pages, records: Vec::new() }
    }

    /// The next record.
    pub(crate) fn next(&mut self) -> Result<Option<&'p Pending>, Missing> {
        self.next_by(u64::MAX)
    }

    /// The next record, if it stands at `until` in the order or before it.
    pub(crate) fn next_by(&mut self, until: u64) -> Result<Option<&'p Pending>, Missing> {
        while let Some(&[bound, at, ..]) = self.pages.last() {
            if bound > until || self.records.last().is_some_and(|record| record[0] < bound) {
                break;
            }
            self.open(at as usize)?;
            self.pages.pop();
        }
        let next = self.records.pop_if(|record| record[0] <= until);
        let Some([_, _, page, at]) = next else { return Ok(None) };
        let records = self.pel.pages[page as usize].records();
        Ok(records.map(|records| &records[at as usize]))
    }

    fn open(&mut self, at: usize) -> Result<(), Missing> {
        let page = &self.pel.pages[at];
        let records = page.records().ok_or_else(|| self.pel.missing(page))?;
        page.refresh();
        let rank = |(number, record)| {
            let [first, second] = self.by.key(record)?;
            Some([first, second, at as u64, number as u64])
        };
        self.records.reverse();
        self.records.extend(records.iter().enumerate().filter_map(rank));
        named::sort(&mut self.records);
        self.records.reverse();
        Ok(())
    }
}

impl Pel {
    /// The pages that have a bound, the least first: it and the page's position.
    fn pages_by(&self, bound: &dyn Fn(&Page) -> Option<u64>) -> Vec<Rank> {
        let mut ranks = Vec::new();
        for (page, at) in self.pages.iter().zip(0..) {
            ranks.extend(bound(page).map(|bound| [bound, at, 0, 0]));
        }
        named::sort(&mut ranks);
        ranks
    }
}

impl Group {
    /// The records that belong to nobody, in the order in which they were given back.
    pub(crate) fn in_order_of_release(&self) -> Ordered<'_> {
        Ordered::new(self.pel(), By::Place)
    }

    /// The IDs of those records; all of them are in memory.
    pub(crate) fn released_ids(&self) -> Vec<EntryId> {
        let mut records = self.in_order_of_release();
        let next = || records.next().expect("all of the list is loaded").map(|record| record.id);
        core::iter::from_fn(next).collect()
    }

    /// The records that consumers have, the longest delivered first.
    pub(crate) fn longest_first(&self) -> Ordered<'_> {
        Ordered::new(self.pel(), By::Age)
    }

    /// When the first of the records was delivered that were delivered after `ms`; `None`: at any
    /// time.
    pub(crate) fn first_delivered_after(&self, ms: Option<u64>) -> Result<Option<u64>, Missing> {
        let is_later = |at_ms: u64| ms.is_none_or(|ms| at_ms > ms);
        let bound = |page: &Page| {
            let Bounds { oldest_ms, newest_ms, .. } = page.bounds();
            let has_any = page.released < page.count && is_later(newest_ms);
            has_any.then_some(oldest_ms)
        };
        let pages = self.pel().pages_by(&bound);
        let mut first = None;
        for [oldest_ms, at, ..] in pages {
            let page = &self.pel().pages[at as usize];
            if first.is_some_and(|first| first <= oldest_ms) {
                break;
            }
            if is_later(oldest_ms) && !page.is_resident() {
                first = Some(oldest_ms);
                break;
            }
            let records = page.records().ok_or_else(|| self.pel().missing(page))?;
            page.refresh();
            let later = records.iter().filter(|record| record.consumer().is_some());
            let later = later.map(Pending::delivered_ms).filter(|&at_ms| is_later(at_ms));
            first = first.into_iter().chain(later).min();
        }
        Ok(first)
    }
}
