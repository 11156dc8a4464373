//! What stands around a value: its type in front, the format's version and a checksum behind.

use crate::error::{CommandError, Refusal};
use crate::limits::DumpVersion;
use alloc::vec;
use alloc::vec::Vec;
use crc::{CRC_64_REDIS, Crc};

static CHECKSUM: Crc<u64> = Crc::<u64>::new(&CRC_64_REDIS);

const VERSION_BYTES: usize = 2;
const CHECKSUM_BYTES: usize = 8;

/// The format's version of the Redis followed; what is newer cannot be read.
const NEWEST: u16 = 14;
/// Valkey's own versions begin here. They differ from Redis' in other types than streams.
const VALKEY: u16 = 80;

/// Begins a payload with the value's type.
pub(super) fn begin(kind: u8) -> Vec<u8> {
    vec![kind]
}

/// Ends a payload.
pub(super) fn end(mut out: Vec<u8>, version: DumpVersion) -> Vec<u8> {
    let version: u16 = match version {
        DumpVersion::Redis7_0 => 10,
        DumpVersion::Redis7_2 => 11,
        DumpVersion::Redis7_4 => 12,
        DumpVersion::Redis8_8 => NEWEST,
    };
    out.extend_from_slice(&version.to_le_bytes());
    let checksum = CHECKSUM.checksum(&out);
    out.extend_from_slice(&checksum.to_le_bytes());
    out
}

/// The type and the value of a payload whose version and checksum are found right.
pub(super) fn open(payload: &[u8]) -> Result<(u8, &[u8]), Refusal> {
    let split = |bytes: &'_ [u8], behind: usize| bytes.len().checked_sub(behind);
    let wrong = CommandError::DumpChecksum;
    let at = split(payload, CHECKSUM_BYTES).ok_or(wrong.clone())?;
    let (summed, checksum) = payload.split_at(at);
    let at = split(summed, VERSION_BYTES).ok_or(wrong.clone())?;
    let (value, version) = summed.split_at(at);
    let version = version.iter().rev().fold(0, |sum, &byte| sum << 8 | u16::from(byte));
    let known = version <= NEWEST || version == VALKEY;
    if !known || checksum != CHECKSUM.checksum(summed).to_le_bytes() {
        return Err(wrong.into());
    }
    let (kind, value) = value.split_first().ok_or(CommandError::DumpFormat)?;
    Ok((*kind, value))
}
