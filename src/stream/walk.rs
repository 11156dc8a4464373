//! Looking through a pending entries list in the order of IDs, page by page.

use crate::stream::page::Page;
use crate::stream::pel::{Pel, Pending};
use crate::stream::{EntryId, Missing};
use alloc::vec::Vec;
use core::ops::RangeInclusive;

impl Pel {
    /// What `pick` makes of the first `limit` records in the range that it makes something of,
    /// ascending. Pages of which `may` says that they have none such are passed over.
    pub(crate) fn collect<T>(
        &self,
        range: RangeInclusive<EntryId>,
        limit: usize,
        may: impl Fn(&Page) -> bool,
        mut pick: impl FnMut(&Pending) -> Option<T>,
    ) -> Result<Vec<T>, Missing> {
        let mut found = Vec::new();
        let mut take = |record: &Pending| {
            let picked = pick(record);
            let is_found = picked.is_some();
            found.extend(picked);
            is_found
        };
        self.walk(range, limit, &may, &mut take)?;
        Ok(found)
    }

    /// Hands records to `take` until it has taken `limit` of them. (One walk for all that look for
    /// something keeps the wasm small.)
    fn walk(
        &self,
        range: RangeInclusive<EntryId>,
        limit: usize,
        may: &dyn Fn(&Page) -> bool,
        take: &mut dyn FnMut(&Pending) -> bool,
    ) -> Result<(), Missing> {
        let mut left = limit;
        let first = self.pages.partition_point(|page| page.last < *range.start());
        let pages = self.pages[first..].iter();
        let mut pages = pages
            .take_while(|page| page.first <= *range.end())
            .filter(|page| may(page))
            .map(|page| &**page);
        while let Some(page) = pages.next().filter(|_| left > 0) {
            let Some(records) = page.records() else {
                return Err(self.missing_before(page, &mut pages, left));
            };
            let start = records.partition_point(|record| record.id < *range.start());
            let mut records =
                records[start..].iter().take_while(|record| record.id <= *range.end());
            while let Some(record) = records.next().filter(|_| left > 0) {
                left -= usize::from(take(record));
            }
        }
        Ok(())
    }

    /// What to load before `wanted` more records can be found on these pages: as many pages as have
    /// so many records, which is no page too many.
    fn missing_before<'p>(
        &self,
        page: &Page,
        following: impl Iterator<Item = &'p Page>,
        wanted: usize,
    ) -> Missing {
        let mut missing = self.missing(page);
        let mut records = page.count;
        for page in following {
            if records >= wanted {
                break;
            }
            records += page.count;
            if !page.is_resident() {
                missing.0.push(self.key_of(page));
            }
        }
        missing
    }

    /// The ID of the first record from `start` on.
    pub(crate) fn first_from(&self, start: EntryId) -> Result<Option<EntryId>, Missing> {
        let Some(page) = self.pages.get(self.pages.partition_point(|page| page.last < start))
        else {
            return Ok(None);
        };
        if start <= page.first {
            return Ok(Some(page.first));
        }
        let found = self.collect(start..=page.last, 1, |_| true, |record| Some(record.id))?;
        Ok(found.first().copied())
    }

    /// All records, ascending; all are in memory.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Pending> {
        self.pages.iter().flat_map(|page| page.records().expect("all of the list is loaded"))
    }
}
