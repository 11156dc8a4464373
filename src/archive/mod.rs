//! Export files: keys in a form that is the same wherever they lie.
//!
//! ```text
//! file:     archive, archive, …                    so files can be joined
//! archive:  "EDDYLINE", u8 version 1; record, record, …, end
//! record:   u8 kind, u32 length, u32 check, payload, u32 check      little-endian
//! check:    CRC-32C of all of the archive before it, the other checks left out
//! kinds:    1 key       `Piece::Key`; then its groups, then its segments
//!           2 group     `Piece::Group`; then its pages
//!           3 page      the blob, as storage has it
//!           4 segment   the blob, as storage has it
//!           5 end       keys varint
//! ```
//!
//! A check covers everything before it, so records that are missing, swapped or from elsewhere are
//! noticed like those that are damaged. The one before the payload makes sure of its length.

mod import;
mod reader;
mod writer;

pub(crate) use import::Import;
pub(crate) use reader::Damage;
pub(crate) use writer::Export;

use crate::error::{CommandError, Refusal};
use crc::{CRC_32_ISCSI, Crc};

const MAGIC: &[u8; 9] = b"EDDYLINE\x01";
const CHECK_BYTES: usize = 4;
/// A record before its payload.
const HEAD_BYTES: usize = 9;

const KEY: u8 = 1;
const GROUP: u8 = 2;
const PAGE: u8 = 3;
const SEGMENT: u8 = 4;
const END: u8 = 5;

impl From<Damage> for CommandError {
    fn from(Damage { offset, problem }: Damage) -> Self {
        Self::Damaged { offset, problem }
    }
}

impl From<Damage> for Refusal {
    fn from(damage: Damage) -> Self {
        CommandError::from(damage).into()
    }
}

static CHECKSUM: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
