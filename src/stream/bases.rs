//! Writing the values of a node's fields: which earlier ones a new one may refer to, and which it
//! does. Their layout is that of `value.rs`.

use super::value::{BEGINS, DECIMAL, ENDS, INTEGER, KIND_BITS, NEAR, SAME, TEXT};
use super::value::{read_at, read_head, skip};
use crate::integer;
use crate::stream::bytes::{Damage, Reader, put_varint, unzigzag, varint_bytes, zigzag};
use alloc::vec::Vec;

fn put_head(out: &mut Vec<u8>, kind: u64, number: u64) {
    put_varint(out, number << KIND_BITS | kind);
}

/// How many bytes a head with this number takes.
fn head_bytes(number: u64) -> usize {
    varint_bytes(number << KIND_BITS)
}

/// The values that are written out in a node and may be referred to, by position of the field.
#[derive(Debug, Default)]
pub(super) struct Bases {
    fields: Vec<Base>,
}

/// How many texts of a field may be referred to: the last ones that are written out.
const TEXTS: usize = 8;

/// Where the values of one field are that may be referred to.
#[derive(Clone, Debug, Default)]
struct Base {
    texts: [Earlier; TEXTS],
    /// How many texts there were.
    count: usize,
    integer: Option<u32>,
}

/// A text that may be referred to: where its head is, and where its bytes are.
#[derive(Clone, Copy, Debug, Default)]
struct Earlier {
    offset: u32,
    start: u32,
    end: u32,
}

impl Base {
    fn texts(&self) -> &[Earlier] {
        &self.texts[..self.count.min(TEXTS)]
    }

    /// Notes a value, of which all is written from `offset` to `end`, and its last `len` bytes are
    /// the text, if it is one.
    fn note(&mut self, kind: u64, offset: usize, end: usize, len: usize) {
        let (Ok(offset), Ok(end)) = (u32::try_from(offset), u32::try_from(end)) else { return };
        match kind {
            TEXT => {
                let start = end - len as u32;
                self.texts[self.count % TEXTS] = Earlier { offset, start, end };
                self.count += 1;
            }
            INTEGER => self.integer = Some(offset),
            _ => {}
        }
    }
}

impl Bases {
    fn of_field(&mut self, field: usize) -> &mut Base {
        if self.fields.len() <= field {
            self.fields.resize(field + 1, Base::default());
        }
        &mut self.fields[field]
    }

    /// Notes the value at the reader, and passes over it.
    pub(super) fn pass(&mut self, field: usize, reader: &mut Reader<'_>) -> Result<(), Damage> {
        let offset = reader.offset();
        let (kind, number) = read_head(&mut reader.clone())?;
        skip(reader)?;
        // Of a text the number is its length, which was found to be there.
        let len = if kind == TEXT { number as usize } else { 0 };
        self.of_field(field).note(kind, offset, reader.offset(), len);
        Ok(())
    }

    /// Writes a value of a field behind the node's bytes, which `out` holds. `int`: the integer
    /// whose text it is.
    pub(super) fn put(&mut self, field: usize, out: &mut Vec<u8>, value: &[u8], int: Option<i64>) {
        let base = self.of_field(field);
        let offset = out.len();
        let kind = if let Some(int) = int.filter(|int| fits(*int)) {
            put_integer(out, int, base.integer)
        } else if let Some((int, decimals)) = integer::parse_decimal(value) {
            put_head(out, DECIMAL, zigzag(int) << 2 | (decimals as u64 - 1));
            DECIMAL
        } else {
            put_text(out, value, base.texts())
        };
        base.note(kind, offset, out.len(), value.len());
    }
}

/// Whether the zigzag of an integer has room beside the kind.
fn fits(int: i64) -> bool {
    zigzag(int) >> (64 - KIND_BITS) == 0
}

/// Writes a value that refers to none.
pub(super) fn put_alone(out: &mut Vec<u8>, value: &[u8], int: Option<i64>) {
    Bases::default().put(0, out, value, int);
}

fn put_integer(out: &mut Vec<u8>, int: i64, base: Option<u32>) -> u64 {
    if let Some(offset) = base.map(u64::from) {
        let (_, number, _) =
            read_at(&Reader::at(out, out.len()), offset).expect("what may be referred to is there");
        let difference = zigzag(int.wrapping_sub(unzigzag(number)));
        if head_bytes(offset) + varint_bytes(difference) < head_bytes(zigzag(int)) {
            put_head(out, NEAR, offset);
            put_varint(out, difference);
            return NEAR;
        }
    }
    put_head(out, INTEGER, zigzag(int));
    INTEGER
}

fn put_text(out: &mut Vec<u8>, value: &[u8], texts: &[Earlier]) -> u64 {
    let Some(Likeness { offset, shared, len, .. }) = Likeness::best(value, out, texts) else {
        put_head(out, TEXT, value.len() as u64);
        out.extend_from_slice(value);
        return TEXT;
    };
    let rest = &value[shared..];
    let kind = match (rest.is_empty(), len == value.len()) {
        (true, true) => SAME,
        (_, true) => ENDS,
        _ => BEGINS,
    };
    put_head(out, kind, offset);
    if kind == BEGINS {
        put_varint(out, shared as u64);
    }
    if kind != SAME {
        put_varint(out, rest.len() as u64);
        out.extend_from_slice(rest);
    }
    kind
}

/// What a text has in common with an earlier one.
struct Likeness {
    offset: u64,
    shared: usize,
    /// How long the earlier one is.
    len: usize,
    /// How many bytes it saves to refer to it.
    saved: isize,
}

impl Likeness {
    /// With the text that saves most; `None`: with none that is worth it. Written out a value can be
    /// referred to, which may save all of it later, so it is not worth it to save less than half.
    fn best(value: &[u8], node: &[u8], texts: &[Earlier]) -> Option<Self> {
        let half = &value[..value.len().div_ceil(2)];
        let mut best: Option<Self> = None;
        for &Earlier { offset, start, end } in texts {
            let text = &node[start as usize..end as usize];
            // Most that differ do so in their first byte.
            if text.first() != value.first() || !text.starts_with(half) {
                continue;
            }
            let likeness = Self::of(value, text, offset.into());
            let is_worth = likeness.saved > 0 && likeness.saved as usize * 2 >= value.len();
            if is_worth && best.as_ref().is_none_or(|best| best.saved <= likeness.saved) {
                best = Some(likeness);
            }
        }
        best
    }

    fn of(value: &[u8], text: &[u8], offset: u64) -> Self {
        let shared = shared_bytes(text, value);
        let is_same = shared == text.len() && shared == value.len();
        let share_bytes = if text.len() == value.len() { 0 } else { varint_bytes(shared as u64) };
        let alone = head_bytes(value.len() as u64) + value.len();
        let rest = value.len() - shared;
        let rest_bytes = if is_same { 0 } else { share_bytes + varint_bytes(rest as u64) + rest };
        let saved = alone as isize - (head_bytes(offset) + rest_bytes) as isize;
        Self { offset, shared, len: text.len(), saved }
    }
}

/// How many bytes two texts have in common at their beginning. Most texts of a field begin alike.
fn shared_bytes(one: &[u8], other: &[u8]) -> usize {
    const WORD: usize = size_of::<u64>();
    let mut shared = 0;
    for (one, other) in one.chunks_exact(WORD).zip(other.chunks_exact(WORD)) {
        if one != other {
            break;
        }
        shared += WORD;
    }
    let rest = one[shared..].iter().zip(&other[shared..]);
    shared + rest.take_while(|(one, other)| one == other).count()
}
