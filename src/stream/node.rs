//! A macro node: up to a hundred entries in one run of bytes, the unit of approximate trimming.
//!
//! ```text
//! bytes:  field count, field names            (varint; texts) the first entry's, for all to share
//!         entry, entry, ...
//! entry:  u8 flags                            DELETED 1, SAME_FIELDS 2, SAME_MS 4, SEQ_FOLLOWS 8
//!         [ms - previous ms]                  varint, unless SAME_MS
//!         [seq]                               varint, unless SEQ_FOLLOWS
//!         [field count]                       varint, unless SAME_FIELDS
//!         [name,] value, [name,] value, ...   names only unless SAME_FIELDS
//! value:  see `value.rs`; one of an entry with SAME_FIELDS may refer to an earlier one's
//! ```
//!
//! SAME_MS: the millisecond of the entry before. SEQ_FOLLOWS: the sequence number is one above the
//! entry before if the millisecond is the same, else 0. The "entry before" of the first entry is
//! the node's own `first` ID with a gap of nothing: its delta is 0 and its seq is written out.
//!
//! A deleted entry stays as a tombstone until its node goes, as in Redis, because it counts when
//! the node is full.

use crate::integer;
use crate::limits::Limits;
use crate::stream::EntryId;
use crate::stream::bases::{self, Bases};
use crate::stream::bytes::{Damage, Reader, put_text, put_varint};
use crate::stream::entries::{Entries, Names, RawEntry};
use crate::stream::listpack;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::Cell;
use core::num::NonZeroU32;

pub(super) const DELETED: u8 = 1;
pub(super) const SAME_FIELDS: u8 = 2;
pub(super) const SAME_MS: u8 = 4;
pub(super) const SEQ_FOLLOWS: u8 = 8;

/// When a node is full, as Redis' configuration of the same names has it; 0 is no limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NodeLimits {
    pub(crate) max_entries: u64,
    pub(crate) max_bytes: u64,
}

impl NodeLimits {
    pub(crate) fn of(limits: &Limits) -> Self {
        Self { max_entries: limits.node_max_entries, max_bytes: limits.node_max_bytes }
    }
}

/// No node of Redis' own encoding passes this, whatever the configuration.
const HARD_MAX_BYTES: u64 = 1 << 30;

/// A run of entries.
#[derive(Debug)]
pub(crate) struct Node {
    /// ID of the first entry ever in the node, deleted or not.
    pub(crate) first: EntryId,
    /// ID of the last entry, deleted or not.
    pub(crate) last: EntryId,
    pub(crate) live: u32,
    pub(crate) deleted: u32,
    /// What the entries and names would take in Redis' own encoding: the filling rule counts it.
    pub(crate) listpack_bytes: u64,
    pub(crate) bytes: Vec<u8>,
    /// What new values may refer to; `None`: to be found out.
    bases: Option<Box<Bases>>,
    /// Where the last read ended before the node did, and the ID in front of that: who reads a stream
    /// in pieces goes on there. Entries stay where they are as long as they are not forgotten.
    rest: Cell<Option<(NonZeroU32, EntryId)>>,
}

impl Node {
    /// A node that begins with one entry. `fields` alternates names and values.
    pub(crate) fn begin(id: EntryId, fields: &[&[u8]]) -> Self {
        let mut bytes = Vec::new();
        put_varint(&mut bytes, fields.len() as u64 / 2);
        for name in fields.iter().step_by(2) {
            put_text(&mut bytes, name);
        }
        let names = listpack::names_bytes(fields);
        let (live, deleted, bases) = (0, 0, None);
        let (first, last, listpack_bytes, rest) = (id, id, names, Cell::default());
        let mut node = Self { first, last, live, deleted, listpack_bytes, bytes, bases, rest };
        node.bytes.push(SAME_FIELDS | SAME_MS);
        put_varint(&mut node.bytes, id.seq);
        node.put_fields(id, fields, true);
        node
    }

    /// Whether an entry with these fields has to begin a new node.
    pub(crate) fn is_full_for(&self, fields: &[&[u8]], limits: NodeLimits) -> bool {
        let count = u64::from(self.live) + u64::from(self.deleted);
        if limits.max_entries != 0 && count >= limits.max_entries {
            return true;
        }
        let max_bytes = match limits.max_bytes {
            0 => HARD_MAX_BYTES,
            bytes => bytes.min(HARD_MAX_BYTES),
        };
        let held = listpack::node_bytes(self.live, self.deleted, self.listpack_bytes);
        let added: u64 = fields.iter().map(|part| part.len() as u64).sum();
        held + added >= max_bytes
    }

    /// Appends an entry. The caller has tested that `id` is above the last one.
    pub(crate) fn append(&mut self, id: EntryId, fields: &[&[u8]]) {
        if self.bases.is_none() {
            self.bases = Some(Box::new(self.find_bases()));
        }
        let same_fields = self.has_names_of(fields);
        let same_ms = id.ms == self.last.ms;
        let follows = id.seq == if same_ms { self.last.seq.wrapping_add(1) } else { 0 };
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        self.bytes.push(
            flag(same_fields, SAME_FIELDS) | flag(same_ms, SAME_MS) | flag(follows, SEQ_FOLLOWS),
        );
        if !same_ms {
            put_varint(&mut self.bytes, id.ms - self.last.ms);
        }
        if !follows {
            put_varint(&mut self.bytes, id.seq);
        }
        self.put_fields(id, fields, same_fields);
    }

    fn find_bases(&self) -> Bases {
        let mut bases = Bases::default();
        for raw in self.raw_entries().filter(|raw| raw.fields.are_shared()) {
            let mut values = raw.fields.values;
            for field in 0..raw.fields.len() {
                bases.pass(field, &mut values).expect("a node's bytes were verified");
            }
        }
        bases
    }

    /// Nothing will be appended any more.
    pub(crate) fn seal(&mut self) {
        self.bases = None;
        self.bytes.shrink_to_fit();
    }

    /// A node from storage, all of whose bytes are walked, so that reading them later cannot fail.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Damage> {
        let (first, last) = (reader.id()?, reader.id()?);
        let (live, deleted) = (read_u32(reader)?, read_u32(reader)?);
        let listpack_bytes = reader.varint()?;
        let start = reader.offset();
        let (bytes, bases) = (reader.text()?.to_vec(), None);
        let rest = Cell::default();
        let node = Self { first, last, live, deleted, listpack_bytes, bytes, bases, rest };
        node.verify().map_err(|damage| Damage { offset: start + damage.offset, ..damage })?;
        Ok(node)
    }

    /// Appends an entry that is a tombstone from the start.
    pub(crate) fn append_tombstone(&mut self, id: EntryId, fields: &[&[u8]]) {
        let offset = self.bytes.len();
        self.append(id, fields);
        self.bury(offset);
    }

    fn put_fields(&mut self, id: EntryId, fields: &[&[u8]], same_fields: bool) {
        if !same_fields {
            put_varint(&mut self.bytes, fields.len() as u64 / 2);
        }
        let (mut bases, mut value_bytes) = (self.bases.take(), 0);
        for (field, pair) in fields.chunks_exact(2).enumerate() {
            if !same_fields {
                put_text(&mut self.bytes, pair[0]);
            }
            let (value, int) = (pair[1], integer::parse(pair[1]));
            value_bytes += listpack::value_bytes(value.len(), int);
            match &mut bases {
                Some(bases) if same_fields => bases.put(field, &mut self.bytes, value, int),
                _ => bases::put_alone(&mut self.bytes, value, int),
            }
        }
        self.bases = bases;
        self.listpack_bytes +=
            listpack::entry_bytes(self.first, id, fields, value_bytes, same_fields);
        self.live += 1;
        self.last = id;
    }

    /// Whether the entry has the names of the node's first entry, in order.
    fn has_names_of(&self, fields: &[&[u8]]) -> bool {
        let mut reader = Reader::new(&self.bytes);
        let count = reader.varint().expect("a node begins with its field count");
        count == fields.len() as u64 / 2
            && fields.iter().step_by(2).all(|name| reader.text() == Ok(name))
    }

    /// All live entries in ascending order.
    pub(crate) fn entries(&self) -> Entries<'_> {
        let mut reader = Reader::new(&self.bytes);
        let names = Names::read(&mut reader).expect("a node begins with its field names");
        Entries { names, reader, previous: self.first }
    }

    /// At least the live entries from `start` on in ascending order.
    pub(crate) fn entries_from(&self, start: EntryId) -> Entries<'_> {
        let mut entries = self.entries();
        if let Some((offset, previous)) = self.rest.get().filter(|(_, previous)| *previous < start)
        {
            entries.reader = entries.reader.moved_to(offset.get() as usize);
            entries.previous = previous;
        }
        entries
    }

    /// A read ends here, and may go on here later.
    pub(crate) fn rest_at(&self, entries: &Entries<'_>) {
        let offset = u32::try_from(entries.reader.offset()).ok().and_then(NonZeroU32::new);
        self.rest.set(offset.map(|offset| (offset, entries.previous)));
    }

    /// All entries in ascending order, tombstones too.
    pub(crate) fn raw_entries(&self) -> impl Iterator<Item = RawEntry<'_>> {
        let Entries { names, mut reader, mut previous } = self.entries();
        core::iter::from_fn(move || {
            if reader.is_empty() {
                return None;
            }
            let raw =
                RawEntry::read(&mut reader, names, previous).expect("a node's bytes were verified");
            previous = raw.id;
            Some(raw)
        })
    }

    /// The field names of the first entry, which the others share where theirs are the same.
    pub(crate) fn names(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        let Names { count, mut texts } = self.entries().names;
        (0..count as usize).map(move |_| texts.text().expect("a node's bytes were verified"))
    }

    /// Turns the entry into a tombstone. Returns whether it was there and alive.
    pub(crate) fn delete(&mut self, id: EntryId) -> bool {
        let Some(offset) = self.entries().find_id(id).map(|entry| entry.offset) else {
            return false;
        };
        self.bury(offset);
        true
    }

    /// Turns all entries up to and including `through` into tombstones. Returns how many.
    pub(crate) fn delete_through(&mut self, through: EntryId) -> u64 {
        let doomed = self.entries().take_while(|entry| entry.id <= through);
        let doomed: Vec<usize> = doomed.map(|entry| entry.offset).collect();
        for &offset in &doomed {
            self.bury(offset);
        }
        doomed.len() as u64
    }

    fn bury(&mut self, offset: usize) {
        self.bytes[offset] |= DELETED;
        self.live -= 1;
        self.deleted += 1;
    }

    /// Forgets tombstones behind `last`. No living entry is there.
    pub(crate) fn forget_after(&mut self, last: EntryId) {
        let Entries { names, mut reader, mut previous } = self.entries();
        let (mut end, mut kept) = (reader.offset(), 0);
        while !reader.is_empty() {
            let raw =
                RawEntry::read(&mut reader, names, previous).expect("a node's bytes were verified");
            if raw.id > last {
                break;
            }
            (previous, end) = (raw.id, reader.offset());
            kept += u32::from(raw.deleted);
        }
        self.bytes.truncate(end);
        self.bases = None;
        self.rest = Cell::default();
        (self.last, self.deleted) = (previous, kept);
    }

    /// Walks all bytes.
    pub(crate) fn verify(&self) -> Result<(), Damage> {
        let mut reader = Reader::new(&self.bytes);
        let names = Names::read(&mut reader)?;
        let (mut previous, mut live, mut deleted) = (self.first, 0u32, 0u32);
        let mut heads = Vec::new();
        while !reader.is_empty() {
            let start = reader.damage("entries out of order");
            let raw = RawEntry::read(&mut reader, names, previous)?;
            let is_first = live + deleted == 0;
            if raw.id < previous || (!is_first && raw.id == previous) {
                return Err(start);
            }
            if is_first && raw.id != self.first {
                return Err(start);
            }
            raw.fields.verify(&mut heads)?;
            if raw.deleted {
                deleted += 1
            } else {
                live += 1
            }
            previous = raw.id;
        }
        if previous != self.last || live != self.live || deleted != self.deleted || live == 0 {
            return Err(reader.damage("counts disagree with the entries"));
        }
        Ok(())
    }
}

fn read_u32(reader: &mut Reader<'_>) -> Result<u32, Damage> {
    let damage = reader.damage("count too large");
    u32::try_from(reader.varint()?).map_err(|_| damage)
}
