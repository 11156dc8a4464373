//! Strings of a payload.
//!
//! ```text
//! length, bytes
//! 0xc0 i8 | 0xc1 i16 | 0xc2 i32        little-endian: the integer's decimal text
//! 0xc3, length here, length then, LZF  compressed
//! ```

use crate::dump::numbers::{Head, put_length, read_head, read_length};
use crate::integer;
use crate::stream::bytes::{Damage, Reader};
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

const INT8: u8 = 0;
const INT16: u8 = 1;
const INT32: u8 = 2;
const COMPRESSED: u8 = 3;
const ENCODED: u8 = 0xc0;

/// Redis tries an integer only in place of so short a text.
const LONGEST_INTEGER_BYTES: usize = 11;

/// The three bytes of a reference stand for so many at most, so that a compressed string cannot
/// ask for more memory than its bytes justify.
const MOST_EXPANSION: u64 = 264;

pub(super) fn read_string<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, [u8]>, Damage> {
    let damage = reader.damage("unknown encoding of a string");
    let integer = match read_head(reader)? {
        Head::Length(length) => {
            let length = reader.bounded(length)?;
            return reader.take(length).map(Cow::Borrowed);
        }
        Head::Encoding(COMPRESSED) => return read_compressed(reader).map(Cow::Owned),
        Head::Encoding(INT8) => i64::from(i8::from_le_bytes(reader.array()?)),
        Head::Encoding(INT16) => i64::from(i16::from_le_bytes(reader.array()?)),
        Head::Encoding(INT32) => i64::from(i32::from_le_bytes(reader.array()?)),
        Head::Encoding(_) => return Err(damage),
    };
    Ok(Cow::Owned(integer::Text::signed(integer).as_bytes().to_vec()))
}

fn read_compressed(reader: &mut Reader<'_>) -> Result<Vec<u8>, Damage> {
    let damage = reader.damage("compressed bytes that cannot be expanded");
    let (here, then) = (read_length(reader)?, read_length(reader)?);
    let here = reader.bounded(here)?;
    if then > here as u64 * MOST_EXPANSION {
        return Err(damage);
    }
    let mut bytes = vec![0; usize::try_from(then).map_err(|_| damage)?];
    match lzf_rust::decompress(reader.take(here)?, &mut bytes) {
        Ok(length) if length == bytes.len() => Ok(bytes),
        _ => Err(damage),
    }
}

/// Writes a string as Redis does when it does not compress.
pub(super) fn put_string(out: &mut Vec<u8>, text: &[u8]) {
    let short = text.len() <= LONGEST_INTEGER_BYTES;
    let integer = if short { integer::parse(text) } else { None };
    match integer.and_then(|value| i32::try_from(value).ok()) {
        Some(value) => put_integer(out, value),
        None => {
            put_length(out, text.len() as u64);
            out.extend_from_slice(text);
        }
    }
}

fn put_integer(out: &mut Vec<u8>, value: i32) {
    let bytes = value.to_le_bytes();
    let (encoding, len) = match value {
        -0x80..=0x7f => (INT8, 1),
        -0x8000..=0x7fff => (INT16, 2),
        _ => (INT32, 4),
    };
    out.push(ENCODED | encoding);
    out.extend_from_slice(&bytes[..len]);
}
