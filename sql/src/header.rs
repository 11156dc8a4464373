//! This crate's own row among the blobs: the version of the tables and where the journal starts.
//!
//! ```text
//! 0  u8  version, 1
//! 1  u64 number of the first journal batch still needed, little-endian
//! ```

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
    pub(crate) fn to_bytes(self) -> [u8; 9] {
        let mut bytes = [VERSION; 9];
        bytes[1..].copy_from_slice(&self.journal_start.to_le_bytes());
        bytes
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        match bytes.split_first() {
            Some((&VERSION, start)) => match start.try_into() {
                Ok(start) => Ok(Self { journal_start: u64::from_le_bytes(start) }),
                Err(_) => Err(damaged("not 9 bytes long")),
            },
            _ => Err(damaged("a version of the tables that this build does not know")),
        }
    }
}

pub(crate) fn missing() -> FormatError {
    damaged("the row is missing")
}

fn damaged(problem: &'static str) -> FormatError {
    FormatError { place: String::from("the header of the SQLite tables"), offset: 0, problem }
}
