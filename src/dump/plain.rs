//! The values that keep streams company, as a payload holds them.
//!
//! ```text
//!  0  text                             string
//!  1  list, 2 set                      count, strings
//!  4  hash                             count, per field: string name, string value
//! 11  set of integers                  string of: u32 width (2, 4, 8), u32 count, integers, all
//!                                      little-endian
//! 16  hash, 20 set                     string of a listpack
//! 18  list                             count, per node: length 1, string; or length 2, string of a
//!                                      listpack
//! ```
//!
//! Written are the first four, which every release reads.

use crate::dump::listpack::Elements;
use crate::dump::numbers::{put_length, read_count, read_length};
use crate::dump::strings::{put_string, read_string};
use crate::integer;
use crate::named::Named;
use crate::plain::{Kind, Plain};
use crate::stream::bytes::{Damage, Reader};
use alloc::vec::Vec;

const TEXT: u8 = 0;
const LIST: u8 = 1;
const SET: u8 = 2;
const HASH: u8 = 4;
const INTEGER_SET: u8 = 11;
const HASH_LISTPACK: u8 = 16;
const LIST_NODES: u8 = 18;
const SET_LISTPACK: u8 = 20;

const ELEMENT_NODE: u64 = 1;
const LISTPACK_NODE: u64 = 2;

/// What a value of this type is; `None`: no such value.
pub(super) fn kind_of(number: u8) -> Option<Kind> {
    Some(match number {
        TEXT => Kind::Text,
        LIST | LIST_NODES => Kind::List,
        SET | INTEGER_SET | SET_LISTPACK => Kind::Set,
        HASH | HASH_LISTPACK => Kind::Hash,
        _ => return None,
    })
}

/// Reads the value of a payload, which is of this type and so of this kind.
pub(super) fn read(number: u8, kind: Kind, mut reader: Reader<'_>) -> Result<Plain, Damage> {
    let mut texts = Texts::default();
    match number {
        TEXT => texts.read_string(&mut reader)?,
        INTEGER_SET => texts.read_integers(&read_string(&mut reader)?)?,
        HASH_LISTPACK | SET_LISTPACK => texts.read_listpack(&read_string(&mut reader)?)?,
        LIST_NODES => {
            for _ in 0..read_count(&mut reader)? {
                texts.read_node(&mut reader)?;
            }
        }
        _ => {
            let per_thing = if kind == Kind::Hash { 2 } else { 1 };
            for _ in 0..read_count(&mut reader)? * per_thing {
                texts.read_string(&mut reader)?;
            }
        }
    }
    reader.finish()?;
    texts.into_plain(kind).ok_or(reader.damage("no such value can be"))
}

#[derive(Default)]
struct Texts(Vec<Vec<u8>>);

impl Texts {
    fn read_string(&mut self, reader: &mut Reader<'_>) -> Result<(), Damage> {
        self.0.push(read_string(reader)?.into_owned());
        Ok(())
    }

    fn read_node(&mut self, reader: &mut Reader<'_>) -> Result<(), Damage> {
        let damage = reader.damage("unknown form of a node");
        match read_length(reader)? {
            ELEMENT_NODE => self.read_string(reader),
            LISTPACK_NODE => self.read_listpack(&read_string(reader)?),
            _ => Err(damage),
        }
    }

    fn read_listpack(&mut self, listpack: &[u8]) -> Result<(), Damage> {
        let mut elements = Elements::new(listpack)?;
        while !elements.at_end() {
            self.0.push(elements.next()?.text().pieces().concat());
        }
        elements.finish()
    }

    fn read_integers(&mut self, bytes: &[u8]) -> Result<(), Damage> {
        let mut reader = Reader::new(bytes);
        let width = u32::from_le_bytes(reader.array()?);
        for _ in 0..u32::from_le_bytes(reader.array()?) {
            let value = match width {
                2 => i64::from(i16::from_le_bytes(reader.array()?)),
                4 => i64::from(i32::from_le_bytes(reader.array()?)),
                8 => i64::from_le_bytes(reader.array()?),
                _ => return Err(reader.damage("unknown width of integers")),
            };
            self.0.push(integer::Text::signed(value).as_bytes().to_vec());
        }
        reader.finish()
    }

    /// The value; `None` if something is missing or twice there.
    fn into_plain(self, kind: Kind) -> Option<Plain> {
        let texts = self.0;
        let per_thing = if kind == Kind::Hash { 2 } else { 1 };
        if texts.is_empty() || !texts.len().is_multiple_of(per_thing) {
            return None;
        }
        let mut names = Named::default();
        let unique = texts.iter().step_by(per_thing).all(|name| names.insert(name, ()));
        let may_repeat = matches!(kind, Kind::Text | Kind::List);
        (unique || may_repeat).then(|| Plain::new(kind, texts.iter().map(Vec::as_slice)))
    }
}

/// The type as which a kind of value is written.
pub(super) fn type_of(kind: Kind) -> u8 {
    match kind {
        Kind::Text => TEXT,
        Kind::List => LIST,
        Kind::Set => SET,
        Kind::Hash => HASH,
    }
}

/// Writes the value of a payload.
pub(super) fn write(plain: &Plain, out: &mut Vec<u8>) {
    let count = plain.texts().count() as u64;
    match plain.kind {
        Kind::Text => {}
        Kind::List | Kind::Set => put_length(out, count),
        Kind::Hash => put_length(out, count / 2),
    }
    plain.texts().for_each(|text| put_string(out, text));
}
