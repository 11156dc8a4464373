//! A stream in pieces that are put together one by one: how it travels in an export file and how
//! an import journals it. Its segments, and the pages of its groups, travel as storage has them.
//!
//! ```text
//! outline:  last ID; entries added varint; greatest deleted ID; producers, as `Producers::encode`
//! group:    name text; pages that are to follow varint; last delivered ID, entries read option
//!           slots up to the last used: count, per slot a mark 0 (free) or 1 and name text, seen varint, active option
//!           next place, next turn varints
//! ```

use crate::stream::bytes::{Damage, Reader, put_id, put_option, put_text, put_varint};
use crate::stream::page::{self, Page};
use crate::stream::pel::{Owner, Pending};
use crate::stream::{Consumer, Group, Memory, Producers, Segment, Stream};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

impl Stream {
    /// What is neither in segments nor in groups.
    pub(crate) fn encode_outline(&self, out: &mut Vec<u8>) {
        put_id(out, self.last_id);
        put_varint(out, self.entries_added);
        put_id(out, self.max_deleted);
        self.producers.encode(out);
    }

    /// The inverse of [`Stream::encode_outline`]: a stream without entries and groups.
    pub(crate) fn decode_outline(number: u64, reader: &mut Reader<'_>) -> Result<Self, Damage> {
        let mut stream = Self::new(number, Memory { duration_s: 0, max_ids: 0 });
        stream.last_id = reader.id()?;
        stream.entries_added = reader.varint()?;
        stream.max_deleted = reader.id()?;
        stream.producers = Producers::decode(reader)?;
        Ok(stream)
    }

    /// Puts a segment, as [`Segment::encode`] writes it, behind the last one. Where it does not
    /// fit nothing is done.
    pub(crate) fn push_segment(&mut self, reader: &mut Reader<'_>) -> Result<(), Damage> {
        let segment = Segment::decode(self.number, self.next_segment, reader)?;
        let damage = reader.damage("a segment that does not belong here");
        let above = self.segments.last().is_none_or(|before| before.last < segment.first);
        if !above || segment.last > self.last_id {
            return Err(damage);
        }
        self.length = self.length.checked_add(segment.live).ok_or(damage)?;
        self.next_segment += 1;
        self.touch(&segment);
        self.resident_bytes += segment.bytes;
        self.segments.push(Box::new(segment));
        self.dirty = true;
        Ok(())
    }

    /// Puts a group without its pages in.
    pub(crate) fn put_group(&mut self, reader: &mut Reader<'_>) -> Result<(), Damage> {
        let damage = reader.damage("a group stands there twice");
        let (name, _) = group_head(reader)?;
        let (last_delivered, entries_read) = (reader.id()?, reader.option()?);
        let mut group = Group::new(self.number, self.next_group, last_delivered, entries_read);
        group.decode_slots(reader)?;
        reader.finish()?;
        if !self.groups.insert(name, group) {
            return Err(damage);
        }
        self.next_group += 1;
        self.dirty = true;
        Ok(())
    }

    /// Puts a page of a group's pending entries list, as [`Page::encode`] writes it, behind the
    /// last one. Where it does not fit nothing is done.
    pub(crate) fn push_page(
        &mut self,
        group: &[u8],
        reader: &mut Reader<'_>,
    ) -> Result<(), Damage> {
        let damage = reader.damage("a page of no group");
        self.change_group(group, |group, _| group.push_page(reader)).unwrap_or(Err(damage))
    }
}

impl Group {
    /// All but its pages.
    pub(crate) fn encode_outline(&self, name: &[u8], out: &mut Vec<u8>) {
        put_text(out, name);
        put_varint(out, self.pel.pages.len() as u64);
        put_id(out, self.last_delivered);
        put_option(out, self.entries_read);
        let is_used = |number: &u32| self.consumers.at(*number).is_some();
        let slots = (0..self.consumers.numbers()).rev().find(is_used).map_or(0, |last| last + 1);
        put_varint(out, u64::from(slots));
        for slot in (0..slots).map(|number| self.consumers.at(number)) {
            out.push(u8::from(slot.is_some()));
            let Some((name, consumer)) = slot else { continue };
            put_text(out, name);
            put_varint(out, consumer.seen_ms);
            put_option(out, consumer.active_ms);
        }
        put_varint(out, self.next_place);
        put_varint(out, u64::from(self.next_turn));
    }

    fn decode_slots(&mut self, reader: &mut Reader<'_>) -> Result<(), Damage> {
        for number in 0..reader.count()? {
            if reader.byte()? == 0 {
                continue;
            }
            let damage = reader.damage("a consumer stands there twice");
            let name = reader.text()?;
            let consumer = Consumer::new(reader.varint()?, reader.option()?);
            if !self.consumers.insert_at(number, name, consumer) {
                return Err(damage);
            }
        }
        self.next_place = reader.varint()?;
        self.next_turn = page::read_turn(reader)?;
        Ok(())
    }

    /// The pages of its pending entries list.
    pub(crate) fn pages(&self) -> impl Iterator<Item = &Page> {
        self.pel.pages.iter().map(|page| &**page)
    }

    fn push_page(&mut self, reader: &mut Reader<'_>) -> Result<(), Damage> {
        let records = page::read_records(reader)?;
        let damage = reader.damage("a page that does not belong here");
        let own = self.owners(&records).ok_or(damage)?;
        if !self.pel.push_new(Page::of(records)) {
            return Err(damage);
        }
        for (number, own) in own {
            let owner = self.consumers.at_mut(number).expect("owners were looked up");
            (owner.pending, owner.resident) = (owner.pending + own, owner.resident + own);
        }
        self.dirty = true;
        Ok(())
    }

    /// How many of these records each consumer has; `None`: an owner is not there, or a place is
    /// still to come.
    pub(super) fn owners(&self, records: &[Pending]) -> Option<Vec<(u32, u64)>> {
        let mut counts = vec![0u64; self.consumers.numbers() as usize];
        for record in records {
            match record.owner {
                Owner::Nobody { place } if place < self.next_place => {}
                Owner::Nobody { .. } => return None,
                Owner::Consumer { number, .. } => *counts.get_mut(number as usize)? += 1,
            }
        }
        let own = (0u32..).zip(counts).filter(|(_, count)| *count > 0);
        own.map(|(number, count)| self.consumers.at(number).map(|_| (number, count))).collect()
    }
}

/// A group's name and how many pages follow: so it begins.
pub(crate) fn group_head<'a>(reader: &mut Reader<'a>) -> Result<(&'a [u8], u64), Damage> {
    Ok((reader.text()?, reader.varint()?))
}
