//! Reading the entries of a node; their layout is that of `node.rs`.

use super::node::{DELETED, SAME_FIELDS, SAME_MS, SEQ_FOLLOWS};
use crate::stream::EntryId;
use crate::stream::bytes::{Damage, Reader};
use crate::stream::value::{self, FieldValue};
use alloc::vec::Vec;

/// The field names that the entries of a node share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names<'a> {
    pub(super) count: u64,
    pub(super) texts: Reader<'a>,
}

impl<'a> Names<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Damage> {
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
    pub(super) fn read(
        reader: &mut Reader<'a>,
        names: Names<'a>,
        previous: EntryId,
    ) -> Result<Self, Damage> {
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
    pub(super) offset: usize,
}

/// The live entries of a node. Its bytes were written here or verified when they came from
/// storage, so reading them cannot fail.
#[derive(Clone, Debug)]
pub(crate) struct Entries<'a> {
    pub(super) names: Names<'a>,
    pub(super) reader: Reader<'a>,
    pub(super) previous: EntryId,
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
    pub(super) values: Reader<'a>,
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
    pub(super) fn verify(mut self, heads: &mut Vec<usize>) -> Result<(), Damage> {
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
