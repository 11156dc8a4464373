//! This crate's own row among the blobs: the version of the tables and where the journal starts.
//!
//! ```text
//! 0  u8  version, 1
//! 1  u64 number of the first journal batch still needed, little-endian
//! 9  u64 the same, every bit turned over
//! ```
//!
//! The row says twice what it says: with a wrong number batches would be taken for stale ones.

use eddyline::FormatError;

/// Its key: of kind 0, like the engine's meta blob, but with a number that the engine never uses.
pub(crate) const KEY: [u64; 3] = [0, 0, 1];

const VERSION: u8 = 1;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    /// Number of the first journal batch still needed; it goes to slot 0.
    pub(crate) journal_start: u64,
}

impl Header {
    pub(crate) fn to_bytes(self) -> [u8; 17] {
        let mut bytes = [VERSION; 17];
        bytes[1..9].copy_from_slice(&self.journal_start.to_le_bytes());
        bytes[9..].copy_from_slice(&(!self.journal_start).to_le_bytes());
        bytes
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let Some((&VERSION, numbers)) = bytes.split_first() else {
            return Err(damaged("a version of the tables that this build does not know"));
        };
        let number = |bytes: &[u8]| bytes.try_into().ok().map(u64::from_le_bytes);
        let (start, turned) = numbers.split_at_checked(8).unwrap_or_default();
        match (number(start), number(turned)) {
            (Some(start), Some(turned)) if start == !turned => Ok(Self { journal_start: start }),
            _ => Err(damaged("it does not say the same twice")),
        }
    }
}

pub(crate) fn missing() -> FormatError {
    damaged("the row is missing")
}

fn damaged(problem: &'static str) -> FormatError {
    FormatError { place: String::from("the header of the SQLite tables"), offset: 0, problem }
}
