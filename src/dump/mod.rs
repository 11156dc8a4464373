//! Redis' own serialization of a value, which DUMP writes and RESTORE reads.
//!
//! ```text
//! u8   type                  a stream's: 15, 19, 21, 26, 27, each with more than the one before
//! ...  value                 a stream's in stream_reader.rs, others' in plain.rs
//! u16  version               of the format as a whole, little-endian
//! u64  CRC-64                of all before it, little-endian
//! ```

mod frame;
mod listpack;
mod numbers;
mod plain;
mod stream_reader;
mod stream_writer;
mod strings;

use crate::error::{CommandError, Refusal};
use crate::limits::{DumpVersion, Limits};
use crate::plain::Plain;
use crate::stream::Stream;
use crate::stream::bytes::Reader;
use alloc::boxed::Box;
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

/// What a payload holds.
pub(crate) enum Restored {
    Stream(Box<Stream>),
    Plain(Plain),
}

/// Up to here the types are known, though not all are read.
const LAST_TYPE: u8 = 27;

/// Reads a payload.
pub(crate) fn read(payload: &[u8], limits: &Limits) -> Result<Restored, Refusal> {
    let (number, value) = frame::open(payload)?;
    let reader = Reader::new(value);
    let restored = if let Some(kind) = StreamType::of(number) {
        stream_reader::read(kind, reader, limits).map(|it| Restored::Stream(Box::new(it)))
    } else if let Some(kind) = plain::kind_of(number) {
        plain::read(number, kind, reader).map(Restored::Plain)
    } else if number <= LAST_TYPE {
        return Err(CommandError::DumpType { number }.into());
    } else {
        return Err(CommandError::DumpFormat.into());
    };
    match restored {
        Ok(Restored::Plain(plain)) if plain.bytes() > limits.plain_bytes => {
            Err(CommandError::ValueTooLarge { max_bytes: limits.plain_bytes }.into())
        }
        restored => Ok(restored.map_err(|_| CommandError::DumpFormat)?),
    }
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

/// Writes a value that is no stream.
pub(crate) fn write_plain(plain: &Plain, version: DumpVersion) -> Vec<u8> {
    let mut out = frame::begin(plain::type_of(plain.kind));
    plain::write(plain, &mut out);
    frame::end(out, version)
}
