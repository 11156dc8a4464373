//! A consumer group: a position in the stream, its consumers, and what they have not acknowledged.

use crate::named::Named;
use crate::stream::EntryId;
use crate::stream::bytes::{Damage, Reader, put_id, put_option, put_text, put_varint};
use crate::stream::pel::{Owner, Pel, Pending};
use alloc::collections::VecDeque;
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
}

/// A consumer group.
#[derive(Debug)]
pub(crate) struct Group {
    /// Its number within the stream, and in storage.
    pub(crate) number: u64,
    pub(crate) last_delivered: EntryId,
    /// How many entries the group has read; `None` when that cannot be known.
    pub(crate) entries_read: Option<u64>,
    pel: Pel,
    /// Records that were given back and belong to nobody, in the order in which that happened.
    released: VecDeque<(u64, EntryId)>,
    next_place: u64,
    next_turn: u16,
    consumers: Named<Consumer>,
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
            released: VecDeque::new(),
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

    /// Records that belong to nobody, in the order in which they were given back.
    pub(crate) fn released(&self) -> impl ExactSizeIterator<Item = EntryId> {
        self.released.iter().map(|(_, id)| *id)
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
        let consumer = Consumer { seen_ms, active_ms: None, pending: 0 };
        let created = self.consumers.insert(name, consumer);
        self.dirty |= created;
        created
    }

    /// Removes a consumer with its records. Returns whether it was there.
    pub(crate) fn delete_consumer(&mut self, name: &[u8]) -> bool {
        let Some(number) = self.consumers.number(name) else { return false };
        let ids: Vec<EntryId> =
            self.pel.of_consumer(number, EntryId::MIN).map(|record| record.id).collect();
        for id in ids {
            self.pel.remove(id);
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

    /// Makes entries pending for a consumer, whoever had them before. Returns whether the consumer
    /// is known.
    pub(crate) fn deliver(
        &mut self,
        name: &[u8],
        delivered_ms: u64,
        records: &[(EntryId, u64)],
    ) -> bool {
        let Some(consumer) = self.consumers.number(name) else { return false };
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
            Owner::Consumer { number, .. } => self.owner_mut(number).pending += 1,
            Owner::Nobody { place } => {
                let at = self.released.partition_point(|(other, _)| *other < place);
                self.released.insert(at, (place, record.id));
            }
        }
        let before = self.pel.insert(record);
        self.disown(before);
    }

    /// Its owner has the record no more.
    fn disown(&mut self, record: Option<Pending>) {
        match record.map(|record| record.owner) {
            Some(Owner::Consumer { number, .. }) => self.owner_mut(number).pending -= 1,
            Some(Owner::Nobody { place }) => {
                if let Ok(at) = self.find_released(place) {
                    self.released.remove(at);
                }
            }
            None => {}
        }
    }

    /// Where the record with this place stands in the list, or would stand.
    fn find_released(&self, place: u64) -> Result<usize, usize> {
        self.released.binary_search_by_key(&place, |(place, _)| *place)
    }

    /// Notes that a consumer got something. Returns whether it is known.
    pub(crate) fn set_active(&mut self, name: &[u8], at_ms: u64) -> bool {
        let Some(consumer) = self.consumers.get_mut(name) else { return false };
        consumer.active_ms = Some(at_ms);
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
        put_varint(out, u64::from(self.consumers.numbers()));
        for slot in (0..self.consumers.numbers()).map(|number| self.consumers.at(number)) {
            out.push(u8::from(slot.is_some()));
            let Some((name, consumer)) = slot else { continue };
            put_text(out, name);
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
        for number in 0..reader.count()? {
            if reader.byte()? == 0 {
                continue;
            }
            let name = reader.text()?;
            let (seen_ms, active_ms) = (reader.varint()?, reader.option()?);
            let consumer = Consumer { seen_ms, active_ms, pending: 0 };
            if !group.consumers.insert_at(number, name, consumer) {
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
            let free = value < self.next_place && self.find_released(value).is_err();
            return if free { Ok(Owner::Nobody { place: value }) } else { Err(damage) };
        };
        let number = u32::try_from(number).map_err(|_| damage)?;
        let turn = read_turn(reader)?;
        let known = self.consumers.at(number).is_some();
        if known { Ok(Owner::Consumer { number, turn, delivered_ms: value }) } else { Err(damage) }
    }

    /// Panics when an invariant does not hold.
    pub(crate) fn check(&self) {
        self.pel.check();
        for &(place, id) in &self.released {
            let owner = self.pel.get(id).map(|record| record.owner);
            assert_eq!(owner, Some(Owner::Nobody { place }), "what was given back is nobody's");
        }
        self.consumers.check();
        for (name, consumer) in self.consumers.iter() {
            let number = self.consumers.number(name).expect("a consumer has a number");
            let own = self.pel.of_consumer(number, EntryId::MIN).count() as u64;
            assert_eq!(own, consumer.pending, "a consumer counts its records");
        }
        let pending: u64 = self.consumers.iter().map(|(_, consumer)| consumer.pending).sum();
        let pending = pending + self.released.len() as u64;
        assert_eq!(pending, self.pel.len() as u64, "every record is somebody's or was given back");
    }
}

fn read_turn(reader: &mut Reader<'_>) -> Result<u16, Damage> {
    let damage = reader.damage("number too large");
    u16::try_from(reader.varint()?).map_err(|_| damage)
}
