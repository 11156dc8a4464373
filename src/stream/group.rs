//! A consumer group: a position in the stream, its consumers, and what they have not acknowledged.

use crate::stream::EntryId;
use crate::stream::bytes::{Damage, Reader, put_id, put_option, put_text, put_varint};
use crate::stream::pel::{Owner, Pel, Pending};
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
    /// Records that were given back and belong to nobody, in the order in which that happened.
    released: BTreeMap<u64, EntryId>,
    next_place: u64,
    next_turn: u16,
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
            released: BTreeMap::new(),
            next_place: 0,
            next_turn: 0,
            slots: Vec::new(),
            by_name: BTreeMap::new(),
            dirty: true,
            stored: false,
        }
    }

    pub(crate) fn pel(&self) -> &Pel {
        &self.pel
    }

    /// Records that belong to nobody, in the order in which they were given back.
    pub(crate) fn released(&self) -> impl ExactSizeIterator<Item = EntryId> {
        self.released.values().copied()
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

    /// The name of the consumer that has the record; empty if nobody has it.
    pub(crate) fn owner_name(&self, record: &Pending) -> &[u8] {
        record.consumer().map_or(b"", |number| &self.consumer_at(number).name)
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
            let owner = Owner::Consumer { number: consumer, turn: self.next_turn, delivered_ms };
            self.next_turn = self.next_turn.wrapping_add(1);
            self.put(Pending { id, count, owner });
        }
        self.dirty = true;
        true
    }

    /// Takes entries from whoever has them; they stay pending, for nobody.
    pub(crate) fn release(&mut self, records: &[(EntryId, u64)]) {
        for &(id, count) in records {
            let owner = Owner::Nobody { place: self.next_place };
            self.next_place += 1;
            self.put(Pending { id, count, owner });
        }
        self.dirty = true;
    }

    /// Puts a record in, in place of the one with the same ID.
    fn put(&mut self, record: Pending) {
        match record.owner {
            Owner::Consumer { number, .. } => self.consumer_at_mut(number).pending += 1,
            Owner::Nobody { place } => {
                self.released.insert(place, record.id);
            }
        }
        let before = self.pel.insert(record);
        self.disown(before);
    }

    /// Its owner has the record no more.
    fn disown(&mut self, record: Option<Pending>) {
        match record.map(|record| record.owner) {
            Some(Owner::Consumer { number, .. }) => self.consumer_at_mut(number).pending -= 1,
            Some(Owner::Nobody { place }) => {
                self.released.remove(&place);
            }
            None => {}
        }
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
            let record = self.pel.remove(id);
            self.disown(record);
        }
        self.dirty = true;
    }

    /// ```text
    /// number, name                       varint, text
    /// last delivered, entries read       ID, option
    /// slots: count, per slot a name mark 0 (free) or 1 and name, seen, active option
    /// next place, next turn              varints
    /// records: count, per record: ms - ms before, seq, count        varints
    ///          consumer + 1, delivered, turn; or 0, place           varints
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
        put_varint(out, self.next_place);
        put_varint(out, u64::from(self.next_turn));
        put_varint(out, self.pel.len() as u64);
        let mut before_ms = 0;
        for record in self.pel.from(EntryId::MIN) {
            put_varint(out, record.id.ms - before_ms);
            before_ms = record.id.ms;
            put_varint(out, record.id.seq);
            put_varint(out, record.count);
            match record.owner {
                Owner::Consumer { number, turn, delivered_ms } => {
                    put_varint(out, u64::from(number) + 1);
                    put_varint(out, delivered_ms);
                    put_varint(out, u64::from(turn));
                }
                Owner::Nobody { place } => {
                    put_varint(out, 0);
                    put_varint(out, place);
                }
            }
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
        group.next_place = reader.varint()?;
        group.next_turn = read_turn(reader)?;
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
            let count = reader.varint()?;
            let owner = self.decode_owner(reader)?;
            if before.is_some_and(|before| before >= id) {
                return Err(damage);
            }
            self.put(Pending { id, count, owner });
            before = Some(id);
        }
        Ok(())
    }

    fn decode_owner(&self, reader: &mut Reader<'_>) -> Result<Owner, Damage> {
        let damage = reader.damage("impossible owner of a pending record");
        let (owner, value) = (reader.varint()?, reader.varint()?);
        let Some(number) = owner.checked_sub(1) else {
            let free = value < self.next_place && !self.released.contains_key(&value);
            return if free { Ok(Owner::Nobody { place: value }) } else { Err(damage) };
        };
        let number = u32::try_from(number).map_err(|_| damage)?;
        let turn = read_turn(reader)?;
        let known = self.slots.get(number as usize).is_some_and(Option::is_some);
        if known { Ok(Owner::Consumer { number, turn, delivered_ms: value }) } else { Err(damage) }
    }

    /// Panics when an invariant does not hold.
    pub(crate) fn check(&self) {
        self.pel.check();
        for (&place, &id) in &self.released {
            let owner = self.pel.get(id).map(|record| record.owner);
            assert_eq!(owner, Some(Owner::Nobody { place }), "what was given back is nobody's");
        }
        let used = self.slots.iter().flatten().count();
        assert_eq!(used, self.by_name.len(), "every consumer has one name and one slot");
        for (name, &number) in &self.by_name {
            let consumer = self.consumer_at(number);
            assert_eq!(*name, consumer.name, "a consumer knows its name");
            let own = self.pel.of_consumer(number, EntryId::MIN).count() as u64;
            assert_eq!(own, consumer.pending, "a consumer counts its records");
        }
        let pending: u64 = self.slots.iter().flatten().map(|consumer| consumer.pending).sum();
        let pending = pending + self.released.len() as u64;
        assert_eq!(pending, self.pel.len() as u64, "every record is somebody's or was given back");
    }
}

fn read_turn(reader: &mut Reader<'_>) -> Result<u16, Damage> {
    let damage = reader.damage("number too large");
    u16::try_from(reader.varint()?).map_err(|_| damage)
}
