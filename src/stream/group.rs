//! A consumer group: a position in the stream, its consumers, and what they have not acknowledged.

use crate::blob::BlobKey;
use crate::named::Named;
use crate::stream::page::Page;
use crate::stream::pel::{Owner, Pel, Pending};
use crate::stream::{EntryId, Missing};
use alloc::vec::Vec;

/// A member of a group.
#[derive(Debug)]
pub(crate) struct Consumer {
    /// When it last asked for anything.
    pub(crate) seen_ms: u64,
    /// When it last got an entry; `None`: never.
    pub(crate) active_ms: Option<u64>,
    /// How many records of the pending entries list are its own.
    pub(crate) pending: u64,
    /// How many of those are in memory.
    pub(super) resident: u64,
}

impl Consumer {
    pub(crate) const fn new(seen_ms: u64, active_ms: Option<u64>) -> Self {
        Self { seen_ms, active_ms, pending: 0, resident: 0 }
    }
}

/// A consumer group.
#[derive(Debug)]
pub(crate) struct Group {
    /// Its number within the stream, and in storage.
    pub(crate) number: u64,
    pub(crate) last_delivered: EntryId,
    /// How many entries the group has read; `None` when that cannot be known.
    pub(crate) entries_read: Option<u64>,
    pub(super) pel: Pel,
    pub(super) next_place: u64,
    pub(super) next_turn: u16,
    pub(super) consumers: Named<Consumer>,
    /// Its head differs from what storage has.
    pub(crate) dirty: bool,
    /// Storage has some version of it.
    pub(crate) stored: bool,
}

impl Group {
    pub(crate) fn new(
        stream: u64,
        number: u64,
        last_delivered: EntryId,
        entries_read: Option<u64>,
    ) -> Self {
        Self {
            number,
            last_delivered,
            entries_read,
            pel: Pel::new(stream),
            next_place: 0,
            next_turn: 0,
            consumers: Named::default(),
            dirty: true,
            stored: false,
        }
    }

    pub(crate) fn pel(&self) -> &Pel {
        &self.pel
    }

    /// All consumers, by name.
    pub(crate) fn consumers(&self) -> &Named<Consumer> {
        &self.consumers
    }

    /// The name of the consumer that has the record; empty if nobody has it.
    pub(crate) fn owner_name(&self, record: &Pending) -> &[u8] {
        let owner = record.consumer().map(|number| self.consumers.at(number));
        owner.map_or(b"", |consumer| consumer.expect("a record's owner is there").0)
    }

    fn owner_mut(&mut self, number: u32) -> &mut Consumer {
        self.consumers.at_mut(number).expect("a record's owner is there")
    }

    /// Returns whether the consumer is new.
    pub(crate) fn create_consumer(&mut self, name: &[u8], seen_ms: u64) -> bool {
        let consumer = Consumer::new(seen_ms, None);
        let created = self.consumers.insert(name, consumer);
        self.dirty |= created;
        created
    }

    /// Removes a consumer with its records, which are in memory. Returns whether it was there.
    pub(crate) fn delete_consumer(&mut self, name: &[u8], page_records: usize) -> bool {
        let ids = self.records_of(name, EntryId::MIN, usize::MAX, |record| Some(record.id));
        for id in ids.expect("a consumer's records are loaded before it goes") {
            self.pel.remove(id, page_records);
        }
        self.dirty = true;
        self.consumers.remove(name).is_some()
    }

    /// Notes that a consumer asked for something. Returns whether it is known.
    pub(crate) fn see(&mut self, name: &[u8], at_ms: u64) -> bool {
        let Some(consumer) = self.consumers.get_mut(name) else { return false };
        consumer.seen_ms = at_ms;
        self.dirty = true;
        true
    }

    /// What `pick` makes of the first `limit` records of a consumer from `start` on that it makes
    /// something of, ascending.
    pub(crate) fn records_of<T>(
        &self,
        consumer: &[u8],
        start: EntryId,
        limit: usize,
        mut pick: impl FnMut(&Pending) -> Option<T>,
    ) -> Result<Vec<T>, Missing> {
        let Some(consumer) = self.consumers.number(consumer) else { return Ok(Vec::new()) };
        let own = |record: &Pending| record.consumer() == Some(consumer);
        let may_have = |page: &Page| page.may_have(consumer);
        let pick = |record: &Pending| if own(record) { pick(record) } else { None };
        self.pel.collect(start..=EntryId::MAX, limit, may_have, pick)
    }

    /// Makes entries pending for a consumer, whoever had them before. Returns whether the consumer
    /// is known.
    pub(crate) fn deliver(
        &mut self,
        name: &[u8],
        delivered_ms: u64,
        records: &[(EntryId, u64)],
        page_records: usize,
    ) -> bool {
        let Some(consumer) = self.consumers.number(name) else { return false };
        for &(id, count) in records {
            let owner = Owner::Consumer { number: consumer, turn: self.next_turn, delivered_ms };
            self.next_turn = self.next_turn.wrapping_add(1);
            self.put(Pending { id, count, owner }, page_records);
        }
        self.dirty = true;
        true
    }

    /// Takes entries from whoever has them; they stay pending, for nobody.
    pub(crate) fn release(&mut self, records: &[(EntryId, u64)], page_records: usize) {
        for &(id, count) in records {
            let owner = Owner::Nobody { place: self.next_place };
            self.next_place += 1;
            self.put(Pending { id, count, owner }, page_records);
        }
        self.dirty = true;
    }

    /// Puts a record in, in place of the one with the same ID.
    fn put(&mut self, record: Pending, page_records: usize) {
        if let Owner::Consumer { number, .. } = record.owner {
            let owner = self.owner_mut(number);
            (owner.pending, owner.resident) = (owner.pending + 1, owner.resident + 1);
        }
        let before = self.pel.insert(record, page_records);
        self.disown(before);
    }

    /// Its owner has the record no more.
    fn disown(&mut self, record: Option<Pending>) {
        if let Some(number) = record.and_then(|record| record.consumer()) {
            let owner = self.owner_mut(number);
            (owner.pending, owner.resident) = (owner.pending - 1, owner.resident - 1);
        }
    }

    /// Notes that a consumer got something. Returns whether it is known.
    pub(crate) fn set_active(&mut self, name: &[u8], at_ms: u64) -> bool {
        let Some(consumer) = self.consumers.get_mut(name) else { return false };
        consumer.active_ms = Some(at_ms);
        true
    }

    /// Drops records; IDs without one are passed over.
    pub(crate) fn acknowledge(&mut self, ids: &[EntryId], page_records: usize) {
        for &id in ids {
            let record = self.pel.remove(id, page_records);
            self.disown(record);
        }
        self.dirty = true;
    }

    /// Its address in storage.
    pub(crate) fn at(&self, stream: u64) -> BlobKey {
        BlobKey::Group { stream, group: self.number }
    }

    /// Panics when an invariant does not hold.
    pub(crate) fn check(&self) {
        self.pel.check();
        self.consumers.check();
        let records = || self.pel.pages.iter().filter_map(|page| page.records()).flatten();
        for (name, consumer) in self.consumers.iter() {
            let own = self.consumers.number(name);
            let resident = records().filter(|record| record.consumer() == own).count() as u64;
            assert_eq!(resident, consumer.resident, "a consumer counts its records");
            assert!(resident <= consumer.pending, "also those that are away");
        }
        let pending: u64 = self.consumers.iter().map(|(_, consumer)| consumer.pending).sum();
        let pending = pending + self.pel.released() as u64;
        assert_eq!(pending, self.pel.len() as u64, "every record is somebody's or was given back");
    }
}
