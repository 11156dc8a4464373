//! Lengths, times and IDs of a payload.
//!
//! ```text
//! length   00xxxxxx                    6 bits
//!          01xxxxxx u8                 14 bits
//!          10000000 u32                big-endian
//!          10000001 u64                big-endian
//!          11xxxxxx                    no length: a string in an encoding (strings.rs)
//! time     u64                         little-endian, milliseconds; all ones: never
//! raw ID   u64 ms, u64 seq             big-endian
//! ID       length ms, length seq
//! ```

use crate::stream::EntryId;
use crate::stream::bytes::{Damage, Reader};
use alloc::vec::Vec;

/// A length, or how the string that follows is encoded.
pub(super) enum Head {
    Length(u64),
    Encoding(u8),
}

pub(super) fn read_head(reader: &mut Reader<'_>) -> Result<Head, Damage> {
    let first = reader.byte()?;
    let low = first & 0x3f;
    Ok(match first >> 6 {
        0 => Head::Length(u64::from(low)),
        1 => Head::Length(u64::from(low) << 8 | u64::from(reader.byte()?)),
        2 if first == 0x80 => Head::Length(u64::from(u32::from_be_bytes(reader.array()?))),
        2 if first == 0x81 => Head::Length(u64::from_be_bytes(reader.array()?)),
        2 => return Err(reader.damage("unknown form of a length")),
        _ => Head::Encoding(low),
    })
}

pub(super) fn read_length(reader: &mut Reader<'_>) -> Result<u64, Damage> {
    let damage = reader.damage("an encoding where a length should be");
    match read_head(reader)? {
        Head::Length(length) => Ok(length),
        Head::Encoding(_) => Err(damage),
    }
}

/// A count of things that take at least a byte each.
pub(super) fn read_count(reader: &mut Reader<'_>) -> Result<usize, Damage> {
    let count = read_length(reader)?;
    reader.bounded(count)
}

pub(super) fn read_id(reader: &mut Reader<'_>) -> Result<EntryId, Damage> {
    Ok(EntryId { ms: read_length(reader)?, seq: read_length(reader)? })
}

pub(super) fn read_raw_id(reader: &mut Reader<'_>) -> Result<EntryId, Damage> {
    let (ms, seq) = (reader.array()?, reader.array()?);
    Ok(EntryId { ms: u64::from_be_bytes(ms), seq: u64::from_be_bytes(seq) })
}

pub(super) fn read_time(reader: &mut Reader<'_>) -> Result<u64, Damage> {
    reader.array().map(u64::from_le_bytes)
}

pub(super) fn put_length(out: &mut Vec<u8>, length: u64) {
    match length {
        0..=0x3f => out.push(length as u8),
        0x40..=0x3fff => out.extend_from_slice(&(length as u16 | 0x4000).to_be_bytes()),
        0x4000..=0xffff_ffff => {
            out.push(0x80);
            out.extend_from_slice(&(length as u32).to_be_bytes());
        }
        _ => {
            out.push(0x81);
            out.extend_from_slice(&length.to_be_bytes());
        }
    }
}

pub(super) fn put_id(out: &mut Vec<u8>, id: EntryId) {
    put_length(out, id.ms);
    put_length(out, id.seq);
}

pub(super) fn put_raw_id(out: &mut Vec<u8>, id: EntryId) {
    out.extend_from_slice(&id.ms.to_be_bytes());
    out.extend_from_slice(&id.seq.to_be_bytes());
}

pub(super) fn put_time(out: &mut Vec<u8>, ms: u64) {
    out.extend_from_slice(&ms.to_le_bytes());
}
