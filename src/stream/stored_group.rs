//! A group in storage: its head, which opening reads, and its pages, which come and go.

use crate::blob::BlobKey;
use crate::stream::bytes::{Damage, Reader, put_id, put_option, put_text, put_varint};
use crate::stream::page::{self, Page};
use crate::stream::pel::Pending;
use crate::stream::{Consumer, Group};
use alloc::vec::Vec;

impl Group {
    /// ```text
    /// number, name                       varint, text
    /// last delivered, entries read       ID, option
    /// slots: count, per slot a mark 0 (free) or 1 and name, seen, active option, pending
    /// next place, next turn              varints
    /// pages: count, index lines
    /// ```
    pub(crate) fn encode(&self, name: &[u8], out: &mut Vec<u8>) {
        put_varint(out, self.number);
        put_text(out, name);
        put_id(out, self.last_delivered);
        put_option(out, self.entries_read);
        put_varint(out, u64::from(self.consumers.numbers()));
        for slot in (0..self.consumers.numbers()).map(|number| self.consumers.at(number)) {
            out.push(u8::from(slot.is_some()));
            let Some((name, consumer)) = slot else { continue };
            put_text(out, name);
            put_varint(out, consumer.seen_ms);
            put_option(out, consumer.active_ms);
            put_varint(out, consumer.pending);
        }
        put_varint(out, self.next_place);
        put_varint(out, u64::from(self.next_turn));
        put_varint(out, self.pel.pages.len() as u64);
        for page in &self.pel.pages {
            page.refresh();
            page.encode_index(out);
        }
    }

    /// The inverse of [`Group::encode`]; gives the name too. The pages stay in storage.
    pub(crate) fn decode<'a>(
        stream: u64,
        reader: &mut Reader<'a>,
    ) -> Result<(&'a [u8], Self), Damage> {
        let number = reader.varint()?;
        let name = reader.text()?;
        let mut group = Self::new(stream, number, reader.id()?, reader.option()?);
        (group.dirty, group.stored) = (false, true);
        let mut pending = group.decode_consumers(reader)?;
        group.next_place = reader.varint()?;
        group.next_turn = page::read_turn(reader)?;
        for _ in 0..reader.count()? {
            let damage = reader.damage("impossible index line");
            if !group.pel.push(Page::decode_index(reader)?) {
                return Err(damage);
            }
        }
        pending = pending.saturating_add(group.pel.released() as u64);
        if pending != group.pel.len() as u64 {
            return Err(reader.damage("the consumers' records are not as many as the pages have"));
        }
        reader.finish()?;
        Ok((name, group))
    }

    /// Gives how many records the consumers have together.
    fn decode_consumers(&mut self, reader: &mut Reader<'_>) -> Result<u64, Damage> {
        let mut pending = 0u64;
        for number in 0..reader.count()? {
            if reader.byte()? == 0 {
                continue;
            }
            let name = reader.text()?;
            let mut consumer = Consumer::new(reader.varint()?, reader.option()?);
            consumer.pending = reader.varint()?;
            pending = pending.saturating_add(consumer.pending);
            if !self.consumers.insert_at(number, name, consumer) {
                return Err(reader.damage("a consumer stands there twice"));
            }
        }
        Ok(pending)
    }

    /// Puts a page from storage in place, the `at`-th, after testing that it is the one that the
    /// index promises and that its owners can have its records. Returns its bytes in memory.
    pub(crate) fn fill(
        &mut self,
        at: usize,
        checksum: u32,
        reader: &mut Reader<'_>,
    ) -> Result<usize, Damage> {
        let records = page::read_records(reader)?;
        let damage = reader.damage("the page is not the one that its index describes");
        let own = self.count_by_consumer(&records).ok_or(damage)?;
        let resident = self.pel.resident_bytes();
        if !self.pel.fill(at, checksum, records) {
            return Err(damage);
        }
        for (number, own) in own {
            self.consumers.at_mut(number).ok_or(damage)?.resident += own;
        }
        Ok(self.pel.resident_bytes() - resident)
    }

    /// Joins a page that has come with one beside it, if both are small: openings leave them behind.
    pub(crate) fn join_page(&mut self, at: usize, page_records: usize) {
        self.dirty |= self.pel.join_at(at, page_records);
    }

    /// As [`Self::owners`]; `None` also: one of them has more than it can.
    fn count_by_consumer(&self, records: &[Pending]) -> Option<Vec<(u32, u64)>> {
        let own = self.owners(records)?;
        let is_possible = |&(number, count): &(u32, u64)| {
            let consumer = self.consumers.at(number).map(|(_, consumer)| consumer);
            consumer.is_some_and(|consumer| count <= consumer.pending - consumer.resident)
        };
        own.iter().all(is_possible).then_some(own)
    }

    /// Takes it as a new one, of which storage has nothing. All of it is in memory.
    pub(crate) fn become_new(&mut self) {
        (self.dirty, self.stored) = (true, false);
        for page in &mut self.pel.pages {
            (page.number, page.dirty) = (None, true);
        }
    }

    /// Whether all pages have numbers below this one.
    pub(crate) fn is_numbered_below(&self, next: u64) -> bool {
        self.pel.pages.iter().all(|page| page.number.is_none_or(|number| number < next))
    }

    /// Lets a page go. Storage has it. Returns its bytes.
    pub(crate) fn evict(&mut self, at: usize) -> usize {
        let resident = self.pel.resident_bytes();
        for number in self.pel.evict(at).iter().filter_map(Pending::consumer) {
            let owner = self.consumers.at_mut(number).expect("a record's owner is there");
            owner.resident -= 1;
        }
        resident - self.pel.resident_bytes()
    }

    /// Gives the pages that storage does not have their numbers, counting up from `next`. Returns
    /// whether there were any.
    pub(crate) fn number_pages(&mut self, next: &mut u64) -> bool {
        let new = self.pel.pages.iter_mut().filter(|page| page.number.is_none());
        let mut numbered = false;
        for page in new {
            page.number = Some(*next);
            (*next, numbered) = (*next + 1, true);
        }
        numbered
    }

    /// The pages that differ from storage, which have numbers.
    pub(crate) fn dirty_pages(&self) -> impl Iterator<Item = (BlobKey, &Page)> {
        let dirty = self.pel.pages.iter().filter(|page| page.dirty);
        dirty.map(|page| (self.pel.key_of(page), &**page))
    }

    /// All pages are in storage as they are. Gives those that storage has and should not.
    pub(crate) fn note_pages_written(&mut self) -> Vec<BlobKey> {
        for page in self.pel.pages.iter_mut().filter(|page| page.dirty) {
            page.refresh();
            page.dirty = false;
        }
        self.pel.take_dropped()
    }

    /// The addresses of all that storage has of it, gone or not.
    pub(crate) fn blobs(&self, stream: u64) -> Vec<BlobKey> {
        let pages = self.pel.pages.iter().filter_map(|page| page.number);
        let pages = pages.chain(self.pel.dropped.iter().copied());
        let mut blobs: Vec<BlobKey> = pages.map(|page| BlobKey::Page { stream, page }).collect();
        blobs.extend(self.stored.then_some(self.at(stream)));
        blobs
    }
}
