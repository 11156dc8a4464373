//! The value of a field, as a node holds it.
//!
//! ```text
//! value:  varint h, then by h & 7; n is h >> 3
//!         0 TEXT       n bytes follow
//!         1 INTEGER    n is a zigzag integer, whose canonical decimal text is the value
//!         2 SAME       the text at n
//!         3 BEGINS     as the text at n does; bytes that are shared, bytes that follow: varints;
//!                      those
//!         4 ENDS       as long as the text at n and with another end: its bytes, a varint; those
//!         5 DECIMAL    n is decimals - 1 (two bits), and above it the zigzag integer without point
//!         6 NEAR       the integer at n, plus a zigzag varint
//! at n:   where in the node's bytes the head of an earlier TEXT or INTEGER stands
//! ```
//!
//! Events of one kind have much in common: the same few words, numbers that count up, texts that
//! end differently. So a value may refer to an earlier one of the same field in the same node. It
//! refers to one that is written out, never to one that refers itself: reading a value is two
//! slices of the node's bytes at most, and no state. (LZ4 or LZF on whole nodes take more bytes for
//! such events, more code, and a copy for each read.)

use crate::integer;
use crate::stream::bytes::{Damage, Reader, unzigzag};
use alloc::vec::Vec;

pub(super) const TEXT: u64 = 0;
pub(super) const INTEGER: u64 = 1;
pub(super) const SAME: u64 = 2;
pub(super) const BEGINS: u64 = 3;
pub(super) const ENDS: u64 = 4;
pub(super) const DECIMAL: u64 = 5;
pub(super) const NEAR: u64 = 6;
pub(super) const KIND_BITS: u32 = 3;

/// A value's text, in one piece or two.
#[derive(Clone, Copy)]
pub(crate) enum FieldValue<'a> {
    Text(&'a [u8]),
    /// One behind the other.
    Joined(&'a [u8], &'a [u8]),
    Number(integer::Text),
}

impl FieldValue<'_> {
    /// The text's pieces, one behind the other.
    pub(crate) fn pieces(&self) -> [&[u8]; 2] {
        match self {
            Self::Text(text) => [text, &[]],
            Self::Joined(head, tail) => [head, tail],
            Self::Number(text) => [text.as_bytes(), &[]],
        }
    }

    /// How long the text is.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.pieces().iter().map(|piece| piece.len()).sum()
    }
}

/// The head of a value: its kind and number.
pub(super) fn read_head(reader: &mut Reader<'_>) -> Result<(u64, u64), Damage> {
    let head = reader.varint()?;
    Ok((head & ((1 << KIND_BITS) - 1), head >> KIND_BITS))
}

/// Passes over a value.
pub(super) fn skip(reader: &mut Reader<'_>) -> Result<(), Damage> {
    let (kind, number) = read_head(reader)?;
    match kind {
        TEXT => {
            let len = reader.bounded(number)?;
            reader.take(len)?;
        }
        BEGINS => {
            reader.varint()?;
            reader.text()?;
        }
        ENDS => drop(reader.text()?),
        NEAR => drop(reader.varint()?),
        INTEGER | SAME | DECIMAL => {}
        _ => return Err(reader.damage("unknown kind of value")),
    }
    Ok(())
}

/// Reads a value.
pub(super) fn read<'a>(reader: &mut Reader<'a>) -> Result<FieldValue<'a>, Damage> {
    let damage = reader.damage("a value refers to none");
    let (kind, number) = read_head(reader)?;
    Ok(match kind {
        TEXT => {
            let len = reader.bounded(number)?;
            FieldValue::Text(reader.take(len)?)
        }
        INTEGER => FieldValue::Number(integer::Text::signed(unzigzag(number))),
        SAME => FieldValue::Text(text_at(reader, number)?),
        BEGINS => {
            let shared = usize::try_from(reader.varint()?).map_err(|_| damage)?;
            let head = text_at(reader, number)?.get(..shared).ok_or(damage)?;
            FieldValue::Joined(head, reader.text()?)
        }
        ENDS => {
            let (text, end) = (text_at(reader, number)?, reader.text()?);
            let shared = text.len().checked_sub(end.len()).ok_or(damage)?;
            FieldValue::Joined(&text[..shared], end)
        }
        DECIMAL => {
            let decimals = (number & 3) as usize + 1;
            FieldValue::Number(integer::Text::decimal(unzigzag(number >> 2), decimals))
        }
        NEAR => {
            let base = integer_at(reader, number)?;
            let value = base.wrapping_add(unzigzag(reader.varint()?));
            FieldValue::Number(integer::Text::signed(value))
        }
        _ => return Err(damage),
    })
}

/// The text whose head stands at `offset`.
fn text_at<'a>(reader: &Reader<'a>, offset: u64) -> Result<&'a [u8], Damage> {
    match read_at(reader, offset)? {
        (TEXT, len, mut text) => {
            let len = text.bounded(len)?;
            text.take(len)
        }
        _ => Err(reader.damage("a value refers to none")),
    }
}

fn integer_at(reader: &Reader<'_>, offset: u64) -> Result<i64, Damage> {
    match read_at(reader, offset)? {
        (INTEGER, number, _) => Ok(unzigzag(number)),
        _ => Err(reader.damage("a value refers to none")),
    }
}

/// Kind and number of the value whose head stands at `offset`, and what is behind.
pub(super) fn read_at<'a>(
    reader: &Reader<'a>,
    offset: u64,
) -> Result<(u64, u64, Reader<'a>), Damage> {
    let offset = usize::try_from(offset).ok().filter(|&offset| offset < reader.offset());
    let offset = offset.ok_or(reader.damage("a value refers to none"))?;
    let mut earlier = reader.moved_to(offset);
    let (kind, number) = read_head(&mut earlier)?;
    Ok((kind, number, earlier))
}

/// Tests the value at the reader, so that reading it later cannot fail. `heads` are those of values
/// that are written out, ascending: a value that refers to anything else could change with it.
pub(super) fn verify(reader: &mut Reader<'_>, heads: &mut Vec<usize>) -> Result<(), Damage> {
    let start = reader.offset();
    let (kind, number) = read_head(&mut reader.clone())?;
    let refers = matches!(kind, SAME | BEGINS | ENDS | NEAR);
    if refers && heads.binary_search_by_key(&number, |head| *head as u64).is_err() {
        return Err(reader.damage("a value refers to none"));
    }
    if matches!(kind, TEXT | INTEGER) {
        heads.push(start);
    }
    read(reader).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::bases::Bases;
    use alloc::format;
    use alloc::string::String;

    /// Writes values of one field one behind the other; each reads back as it was.
    fn written(values: &[String]) -> Vec<u8> {
        let (mut bases, mut bytes) = (Bases::default(), Vec::new());
        for value in values {
            bases.put(0, &mut bytes, value.as_bytes(), integer::parse(value.as_bytes()));
        }
        let (mut reader, mut heads) = (Reader::new(&bytes), Vec::new());
        for value in values {
            let (mut skipped, mut verified) = (reader, reader);
            verify(&mut verified, &mut heads).expect("what was written here");
            skip(&mut skipped).expect("what was written here");
            let found = read(&mut reader).expect("what was written here");
            assert_eq!(found.pieces().concat(), value.as_bytes());
            assert_eq!(found.len(), value.len());
            assert_eq!((skipped.offset(), verified.offset()), (reader.offset(), reader.offset()));
        }
        assert!(reader.is_empty());
        bytes
    }

    #[test]
    fn values_that_are_alike_take_little() {
        let thousand =
            |of: fn(u32) -> String| written(&(0..1000).map(of).collect::<Vec<_>>()).len();
        assert!(thousand(|n| format!("order-{:06}", 1000 + n)) < 7 * 1000);
        assert!(thousand(|n| format!("word number {}", n % 8)) < 3 * 1000);
        assert!(thousand(|n| format!("{}", 1_700_000_000_000u64 + u64::from(n))) < 5 * 1000);
        assert!(thousand(|n| format!("{}.{:02}", n, n % 100)) < 5 * 1000);
        assert!(thousand(|n| format!("2026-11-21T10:{:02}:{:02}Z", n / 60, n % 60)) < 9 * 1000);
    }

    #[test]
    fn values_of_all_kinds_read_back() {
        let edges = [
            "",
            "0",
            "-0",
            "00",
            "1",
            "-1",
            "0.0",
            "-0.0",
            "1.5",
            "-1.25",
            "0.00001",
            "1e5",
            "a",
            "ab",
            "abc",
            "abcdefgh",
            "abcdefghi",
            "abcdefgx",
            "abcdefg",
            "xbcdefgh",
            "abcdefgh",
            "9223372036854775807",
            "-9223372036854775808",
            "1152921504606846975",
            "1152921504606846976",
            "-1152921504606846976",
            "-1152921504606846977",
            "9223372036854775806",
            "99999999999999.999",
            "100000000000000000.5",
            "1152921504606846974",
        ];
        let mut values: Vec<String> = edges.iter().map(|edge| String::from(*edge)).collect();
        let mut state = 1u64;
        for _ in 0..5000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (one, other) = ((state >> 33) as usize % edges.len(), (state >> 45) % 30);
            values.push(format!(
                "{}{}",
                edges[one],
                &"abcdefghij0123456789"[other as usize % 20..]
            ));
        }
        written(&values);
    }

    #[test]
    fn a_value_refers_to_one_that_is_written_out() {
        let (mut bases, mut bytes) = (Bases::default(), Vec::new());
        for text in ["a long text", "a long text"] {
            bases.put(0, &mut bytes, text.as_bytes(), None);
        }
        let end = bytes.len() - 1;
        for offset in 0..30 {
            bytes[end] = (offset << KIND_BITS) | SAME as u8;
            let (mut reader, mut heads) = (Reader::new(&bytes), Vec::new());
            verify(&mut reader, &mut heads).expect("a text");
            assert_eq!(verify(&mut reader, &mut heads).is_ok(), offset == 0);
        }
    }
}
