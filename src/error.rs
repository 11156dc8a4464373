//! The two kinds of error: a client's mistake and damaged storage.

use alloc::string::String;

/// A client's mistake: Redis' own text, code word first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandError(pub String);

/// Damaged storage: what is wrong and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    /// What was being read, for example `segment 3 of stream 7`.
    pub place: String,
    /// Byte offset within it.
    pub offset: usize,
    /// What is wrong there.
    pub problem: &'static str,
}

impl core::fmt::Display for FormatError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} at byte {} of {}", self.problem, self.offset, self.place)
    }
}

impl core::error::Error for FormatError {}
