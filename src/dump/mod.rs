//! Redis' own serialization of a value, which DUMP writes and RESTORE reads.
//!
//! ```text
//! u8   type                  a stream's: 15, 19, 21, 26, 27, each with more than the one before
//! ...  value                 stream_reader.rs, stream_writer.rs
//! u16  version               of the format as a whole, little-endian
//! u64  CRC-64                of all before it, little-endian
//! ```

mod frame;
mod listpack;
mod numbers;
mod stream_reader;
mod stream_writer;
mod strings;

use crate::error::CommandError;
use crate::limits::{DumpVersion, Limits};
use crate::stream::Stream;
use crate::stream::bytes::Reader;
use alloc::vec::Vec;

/// The types of a stream, in the order in which releases of Redis brought them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum StreamType {
    /// Up to 6.2: entries, groups and their pending entries.
    Plain,
    /// 7.0: the stream's counters and the groups'.
    Counted,
    /// 7.2: when a consumer was last active.
    Active,
    /// 8.6: what producers sent.
    Idempotent,
    /// 8.8: pending entries that were given back.
    Released,
}

impl StreamType {
    const BY_NUMBER: [(u8, Self); 5] = [
        (15, Self::Plain),
        (19, Self::Counted),
        (21, Self::Active),
        (26, Self::Idempotent),
        (27, Self::Released),
    ];

    fn of(number: u8) -> Option<Self> {
        Self::BY_NUMBER.into_iter().find(|(it, _)| *it == number).map(|(_, kind)| kind)
    }

    fn number(self) -> u8 {
        let found = Self::BY_NUMBER.into_iter().find(|(_, kind)| *kind == self);
        found.expect("every type has its number").0
    }
}

/// Reads a stream.
pub(crate) fn read_stream(payload: &[u8], limits: &Limits) -> Result<Stream, CommandError> {
    let (kind, value) = frame::open(payload)?;
    let kind = StreamType::of(kind).ok_or(CommandError::DumpFormat)?;
    stream_reader::read(kind, Reader::new(value), limits).map_err(|_| CommandError::DumpFormat)
}

/// Writes a stream, all of which is in memory.
pub(crate) fn write_stream(stream: &Stream, version: DumpVersion) -> Vec<u8> {
    let kind = match version {
        DumpVersion::Redis7_0 => StreamType::Counted,
        DumpVersion::Redis7_2 | DumpVersion::Redis7_4 => StreamType::Active,
        DumpVersion::Redis8_8 => StreamType::Released,
    };
    let mut out = frame::begin(kind.number());
    stream_writer::write(stream, kind, &mut out);
    frame::end(out, version)
}
