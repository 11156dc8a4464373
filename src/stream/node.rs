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

use crate::limits::Limits;
use crate::stream::EntryId;
use crate::stream::bytes::{Damage, Reader, put_text, put_varint};
use crate::stream::listpack;
use crate::stream::value::{self, Bases, FieldValue};
use alloc::boxed::Box;
use alloc::vec::Vec;

const DELETED: u8 = 1;
const SAME_FIELDS: u8 = 2;
const SAME_MS: u8 = 4;
const SEQ_FOLLOWS: u8 = 8;

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
        let mut node =
            Self { first: id, last: id, live, deleted, listpack_bytes: names, bytes, bases };
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
        let node = Self { first, last, live, deleted, listpack_bytes, bytes, bases };
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
        let mut bases = self.bases.take();
        for (field, pair) in fields.chunks_exact(2).enumerate() {
            if !same_fields {
                put_text(&mut self.bytes, pair[0]);
            }
            match &mut bases {
                Some(bases) if same_fields => bases.put(field, &mut self.bytes, pair[1]),
                _ => value::put_alone(&mut self.bytes, pair[1]),
            }
        }
        self.bases = bases;
        self.listpack_bytes += listpack::entry_bytes(self.first, id, fields, same_fields);
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

/// The field names that the entries of a node share.
#[derive(Clone, Copy, Debug)]
struct Names<'a> {
    count: u64,
    texts: Reader<'a>,
}

impl<'a> Names<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Damage> {
        let count = reader.varint()?;
        let texts = *reader;
        for _ in 0..count {
            reader.text()?;
        }
        Ok(Self { count, texts })
    }
}

/// An entry as it stands in the bytes, deleted or not.
pub(crate) struct RawEntry<'a> {
    pub(crate) id: EntryId,
    pub(crate) deleted: bool,
    pub(crate) fields: Fields<'a>,
}

impl<'a> RawEntry<'a> {
    /// Reads the entry at the reader and moves the reader behind it.
    fn read(reader: &mut Reader<'a>, names: Names<'a>, previous: EntryId) -> Result<Self, Damage> {
        let flags = reader.byte()?;
        if flags & !(DELETED | SAME_FIELDS | SAME_MS | SEQ_FOLLOWS) != 0 {
            return Err(reader.damage("unknown entry flags"));
        }
        let id = read_id(reader, flags, previous)?;
        let same_fields = flags & SAME_FIELDS != 0;
        let left = if same_fields { names.count } else { reader.varint()? };
        let names = same_fields.then_some(names.texts);
        let fields = Fields { left, names, values: *reader };
        for _ in 0..left {
            if !same_fields {
                reader.text()?;
            }
            value::skip(reader)?;
        }
        Ok(Self { id, deleted: flags & DELETED != 0, fields })
    }
}

fn read_id(reader: &mut Reader<'_>, flags: u8, previous: EntryId) -> Result<EntryId, Damage> {
    let overflow = reader.damage("entry ID out of range");
    let ms = if flags & SAME_MS != 0 {
        previous.ms
    } else {
        previous.ms.checked_add(reader.varint()?).ok_or(overflow)?
    };
    let seq = match (flags & SEQ_FOLLOWS != 0, flags & SAME_MS != 0) {
        (false, _) => reader.varint()?,
        (true, true) => previous.seq.checked_add(1).ok_or(overflow)?,
        (true, false) => 0,
    };
    Ok(EntryId { ms, seq })
}

/// A live entry, borrowed from its node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) id: EntryId,
    pub(crate) fields: Fields<'a>,
    /// Where the entry begins in its node.
    offset: usize,
}

/// The live entries of a node. Its bytes were written here or verified when they came from
/// storage, so reading them cannot fail.
#[derive(Clone, Debug)]
pub(crate) struct Entries<'a> {
    names: Names<'a>,
    reader: Reader<'a>,
    previous: EntryId,
}

impl<'a> Entries<'a> {
    /// Walks on to the living entry with this ID and no further than to where it would be.
    pub(crate) fn find_id(&mut self, id: EntryId) -> Option<Entry<'a>> {
        loop {
            let before = self.clone();
            let entry = self.next()?;
            if entry.id == id {
                return Some(entry);
            }
            if entry.id > id {
                *self = before;
                return None;
            }
        }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        while !self.reader.is_empty() {
            let offset = self.reader.offset();
            let raw = RawEntry::read(&mut self.reader, self.names, self.previous)
                .expect("a node's bytes were verified");
            self.previous = raw.id;
            if !raw.deleted {
                return Some(Entry { id: raw.id, fields: raw.fields, offset });
            }
        }
        None
    }
}

/// The names and values of an entry, as pairs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    left: u64,
    names: Option<Reader<'a>>,
    values: Reader<'a>,
}

impl<'a> Fields<'a> {
    /// How many pairs are left.
    pub(crate) fn len(&self) -> usize {
        self.left as usize
    }

    /// Whether the names are those of the node's first entry.
    pub(crate) fn are_shared(&self) -> bool {
        self.names.is_some()
    }

    fn read_pair(&mut self) -> Result<(&'a [u8], FieldValue<'a>), Damage> {
        let name = match &mut self.names {
            Some(names) => names.text()?,
            None => self.values.text()?,
        };
        Ok((name, value::read(&mut self.values)?))
    }

    /// Tests the values; `heads` as [`value::verify`] has it.
    fn verify(mut self, heads: &mut Vec<usize>) -> Result<(), Damage> {
        for _ in 0..self.left {
            if self.names.is_none() {
                self.values.text()?;
            }
            value::verify(&mut self.values, heads)?;
        }
        Ok(())
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], FieldValue<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        Some(self.read_pair().expect("a node's bytes were verified"))
    }
}

fn read_u32(reader: &mut Reader<'_>) -> Result<u32, Damage> {
    let damage = reader.damage("count too large");
    u32::try_from(reader.varint()?).map_err(|_| damage)
}
