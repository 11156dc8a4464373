//! A consumer group: a position in the stream, its consumers, and what they have not acknowledged.

use crate::stream::EntryId;
use crate::stream::bytes::{Damage, Reader, put_id, put_option, put_text, put_varint};
use crate::stream::pel::{Pel, Pending};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// A member of a group.
#[derive(Clone, Debug)]
pub(crate) struct Consumer {
    pub(crate) name: Box<[u8]>,
    /// When it last asked for anything.
    pub(crate) seen_ms: u64,
    /// When it last got an entry; `None`: never.
    pub(crate) active_ms: Option<u64>,
    /// How many records of the pending entries list are its own.
    pub(crate) pending: u64,
}

/// A consumer group.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// Its number within the stream, and in storage.
    pub(crate) number: u64,
    pub(crate) last_delivered: EntryId,
    /// How many entries the group has read; `None` when that cannot be known.
    pub(crate) entries_read: Option<u64>,
    pel: Pel,
    /// Consumers by their number. A number is used again after its consumer has gone.
    slots: Vec<Option<Consumer>>,
    by_name: BTreeMap<Box<[u8]>, u32>,
    /// Differs from what storage has.
    pub(crate) dirty: bool,
    /// Storage has some version of it.
    pub(crate) stored: bool,
}

impl Group {
    pub(crate) fn new(number: u64, last_delivered: EntryId, entries_read: Option<u64>) -> Self {
        Self {
            number,
            last_delivered,
            entries_read,
            pel: Pel::default(),
            slots: Vec::new(),
            by_name: BTreeMap::new(),
            dirty: true,
            stored: false,
        }
    }

    pub(crate) fn pel(&self) -> &Pel {
        &self.pel
    }

    /// The consumer's number.
    pub(crate) fn consumer_number(&self, name: &[u8]) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    pub(crate) fn consumer(&self, name: &[u8]) -> Option<&Consumer> {
        self.consumer_number(name).map(|number| self.consumer_at(number))
    }

    /// The consumer with a number that a record or `by_name` holds.
    pub(crate) fn consumer_at(&self, number: u32) -> &Consumer {
        let slot = self.slots.get(number as usize).and_then(Option::as_ref);
        slot.expect("a number in use has its consumer")
    }

    fn consumer_at_mut(&mut self, number: u32) -> &mut Consumer {
        let slot = self.slots.get_mut(number as usize).and_then(Option::as_mut);
        slot.expect("a number in use has its consumer")
    }

    /// All consumers by name.
    pub(crate) fn consumers(&self) -> impl ExactSizeIterator<Item = (u32, &Consumer)> {
        self.by_name.values().map(|&number| (number, self.consumer_at(number)))
    }

    /// Returns whether the consumer is new.
    pub(crate) fn create_consumer(&mut self, name: &[u8], seen_ms: u64) -> bool {
        if self.by_name.contains_key(name) {
            return false;
        }
        let consumer = Consumer { name: name.into(), seen_ms, active_ms: None, pending: 0 };
        self.dirty = true;
        let free = self.slots.iter().position(Option::is_none).unwrap_or(self.slots.len());
        if free == self.slots.len() {
            self.slots.push(None);
        }
        self.slots[free] = Some(consumer);
        self.by_name.insert(name.into(), free as u32);
        true
    }

    /// Removes a consumer with its records. Returns whether it was there.
    pub(crate) fn delete_consumer(&mut self, name: &[u8]) -> bool {
        let Some(number) = self.by_name.remove(name) else { return false };
        let ids: Vec<EntryId> =
            self.pel.of_consumer(number, EntryId::MIN).map(|record| record.id).collect();
        for id in ids {
            self.pel.remove(id);
        }
        self.slots[number as usize] = None;
        self.dirty = true;
        true
    }

    /// Notes that a consumer asked for something. Returns whether it is known.
    pub(crate) fn see(&mut self, name: &[u8], at_ms: u64) -> bool {
        let Some(number) = self.consumer_number(name) else { return false };
        self.consumer_at_mut(number).seen_ms = at_ms;
        self.dirty = true;
        true
    }

    /// Makes entries pending for a consumer, whoever had them before. Returns whether the consumer
    /// is known.
    pub(crate) fn deliver(
        &mut self,
        name: &[u8],
        delivered_ms: u64,
        records: &[(EntryId, u64)],
    ) -> bool {
        let Some(consumer) = self.consumer_number(name) else { return false };
        for &(id, count) in records {
            let before = self.pel.insert(Pending { id, delivered_ms, count, consumer });
            if let Some(before) = before {
                self.consumer_at_mut(before.consumer).pending -= 1;
            }
        }
        self.consumer_at_mut(consumer).pending += records.len() as u64;
        self.dirty = true;
        true
    }

    /// Notes that a consumer got something. Returns whether it is known.
    pub(crate) fn set_active(&mut self, name: &[u8], at_ms: u64) -> bool {
        let Some(number) = self.consumer_number(name) else { return false };
        self.consumer_at_mut(number).active_ms = Some(at_ms);
        true
    }

    /// Drops records; IDs without one are passed over.
    pub(crate) fn acknowledge(&mut self, ids: &[EntryId]) {
        for &id in ids {
            if let Some(record) = self.pel.remove(id) {
                self.consumer_at_mut(record.consumer).pending -= 1;
            }
        }
        self.dirty = true;
    }

    /// ```text
    /// number, name                       varint, text
    /// last delivered, entries read       ID, option
    /// slots: count, per slot a name mark 0 (free) or 1 and name, seen, active option
    /// records: count, per record: ms - ms before, seq, delivered, count, consumer   varints
    /// ```
    pub(crate) fn encode(&self, name: &[u8], out: &mut Vec<u8>) {
        put_varint(out, self.number);
        put_text(out, name);
        put_id(out, self.last_delivered);
        put_option(out, self.entries_read);
        put_varint(out, self.slots.len() as u64);
        for slot in &self.slots {
            out.push(u8::from(slot.is_some()));
            let Some(consumer) = slot else { continue };
            put_text(out, &consumer.name);
            put_varint(out, consumer.seen_ms);
            put_option(out, consumer.active_ms);
        }
        put_varint(out, self.pel.len() as u64);
        let mut before_ms = 0;
        for record in self.pel.from(EntryId::MIN) {
            put_varint(out, record.id.ms - before_ms);
            before_ms = record.id.ms;
            put_varint(out, record.id.seq);
            put_varint(out, record.delivered_ms);
            put_varint(out, record.count);
            put_varint(out, u64::from(record.consumer));
        }
    }

    /// The inverse of [`Group::encode`]; gives the name too.
    pub(crate) fn decode<'a>(reader: &mut Reader<'a>) -> Result<(&'a [u8], Self), Damage> {
        let number = reader.varint()?;
        let name = reader.text()?;
        let mut group = Self::new(number, reader.id()?, reader.option()?);
        (group.dirty, group.stored) = (false, true);
        for slot in 0..reader.count()? {
            group.slots.push(None);
            if reader.byte()? == 0 {
                continue;
            }
            let name = reader.text()?;
            let (seen_ms, active_ms) = (reader.varint()?, reader.option()?);
            let consumer = Consumer { name: name.into(), seen_ms, active_ms, pending: 0 };
            group.slots[slot] = Some(consumer);
            if group.by_name.insert(name.into(), slot as u32).is_some() {
                return Err(reader.damage("a consumer stands there twice"));
            }
        }
        group.decode_records(reader)?;
        reader.finish()?;
        Ok((name, group))
    }

    fn decode_records(&mut self, reader: &mut Reader<'_>) -> Result<(), Damage> {
        let mut before: Option<EntryId> = None;
        for _ in 0..reader.count()? {
            let damage = reader.damage("impossible pending record");
            let ms = before.map_or(0, |id| id.ms).checked_add(reader.varint()?).ok_or(damage)?;
            let id = EntryId { ms, seq: reader.varint()? };
            let (delivered_ms, count) = (reader.varint()?, reader.varint()?);
            let consumer = u32::try_from(reader.varint()?).map_err(|_| damage)?;
            if before.is_some_and(|before| before >= id) {
                return Err(damage);
            }
            let slot = self.slots.get_mut(consumer as usize).and_then(Option::as_mut);
            slot.ok_or(damage)?.pending += 1;
            self.pel.insert(Pending { id, delivered_ms, count, consumer });
            before = Some(id);
        }
        Ok(())
    }

    /// Panics when an invariant does not hold.
    pub(crate) fn check(&self) {
        self.pel.check();
        let used = self.slots.iter().flatten().count();
        assert_eq!(used, self.by_name.len(), "every consumer has one name and one slot");
        for (name, &number) in &self.by_name {
            let consumer = self.consumer_at(number);
            assert_eq!(*name, consumer.name, "a consumer knows its name");
            let own = self.pel.of_consumer(number, EntryId::MIN).count() as u64;
            assert_eq!(own, consumer.pending, "a consumer counts its records");
        }
        let pending: u64 = self.slots.iter().flatten().map(|consumer| consumer.pending).sum();
        assert_eq!(pending, self.pel.len() as u64, "every record has a consumer");
    }
}
