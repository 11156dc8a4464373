//! The frame around everything that is stored: a version, and a checksum over the rest.
//!
//! ```text
//! 0  u8   version, 1
//! 1  u32  CRC-32C of what follows, little-endian
//! 5  ...
//! ```

use crate::stream::bytes::{Damage, Reader};
use alloc::vec::Vec;
use crc::{CRC_32_ISCSI, Crc};

const VERSION: u8 = 1;
const HEAD_BYTES: usize = 5;
static CHECKSUM: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// Begins a blob; what is pushed from here on is what it holds.
pub(crate) fn begin(out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(&[VERSION, 0, 0, 0, 0]);
}

/// Ends a blob: fills in the checksum.
pub(crate) fn end(out: &mut [u8]) {
    let (head, body) = out.split_at_mut(HEAD_BYTES);
    head[1..].copy_from_slice(&CHECKSUM.checksum(body).to_le_bytes());
}

/// Writes a blob.
pub(crate) fn sealed(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    begin(&mut out);
    write(&mut out);
    end(&mut out);
    out
}

/// The checksum in the head of a blob, which has one.
pub(crate) fn checksum(blob: &[u8]) -> u32 {
    blob[1..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// A reader behind the head of a blob, after the version and the checksum are found right.
pub(crate) fn open(bytes: &[u8]) -> Result<Reader<'_>, Damage> {
    let Some((head, body)) = bytes.split_at_checked(HEAD_BYTES) else {
        return Err(Damage { offset: bytes.len(), problem: "unexpected end" });
    };
    if head[0] != VERSION {
        return Err(Damage { offset: 0, problem: "unknown version" });
    }
    if head[1..] != CHECKSUM.checksum(body).to_le_bytes() {
        return Err(Damage { offset: 1, problem: "checksum does not match" });
    }
    Ok(Reader::at(bytes, HEAD_BYTES))
}
