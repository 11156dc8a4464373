//! What a command answers, in the domain's words; `wire` turns it into RESP.

use crate::error::Refusal;
use crate::stream::{Entry, EntryId};
use alloc::borrow::Cow;
use alloc::vec::Vec;

/// An answer. Entries are borrowed from the keyspace and encoded before anything changes.
#[derive(Debug)]
pub(crate) enum Reply<'k> {
    /// A simple string, such as `OK`.
    Simple(&'static str),
    Error(Refusal),
    Integer(i64),
    Text(Cow<'k, [u8]>),
    Id(EntryId),
    /// Nothing where a text would stand.
    NullText,
    /// Nothing where an array would stand. RESP3 has one null for both.
    NullArray,
    Array(Vec<Reply<'k>>),
    /// An array in RESP2, a set in RESP3.
    Set(Vec<Reply<'k>>),
    /// An array in RESP2, in RESP3 a push, which is no answer.
    Push(Vec<Reply<'k>>),
    /// Several replies, one after the other.
    Several(Vec<Reply<'k>>),
    /// A text for a person: a plain text in RESP2.
    Verbatim(Vec<u8>),
    /// Pairs: one flat array in RESP2, a map in RESP3.
    Map(Vec<(Reply<'k>, Reply<'k>)>),
    /// A value for each key: an array of pairs in RESP2, a map in RESP3.
    ByKey(Vec<(Reply<'k>, Reply<'k>)>),
    /// `[id, [name, value, ...]]`
    Entry(Entry<'k>),
    /// An array of those.
    Entries(Vec<Entry<'k>>),
    /// The entry with how long it was idle and how often it had been delivered, two more elements.
    ClaimedEntry {
        entry: Entry<'k>,
        idle_ms: u64,
        deliveries: u64,
    },
}

impl<'k> Reply<'k> {
    pub(crate) const OK: Self = Self::Simple("OK");

    pub(crate) fn text(text: &'k [u8]) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// The code of the error that it is, if it is one.
    pub(crate) fn error_code(&self) -> Option<&'static str> {
        if let Self::Error(error) = self { Some(error.code()) } else { None }
    }

    /// A text that is nobody else's.
    pub(crate) fn owned(text: impl Into<Vec<u8>>) -> Self {
        Self::Text(Cow::Owned(text.into()))
    }

    /// A count or a time. Redis' integers are signed, and nothing here comes near the sign.
    pub(crate) fn count(value: u64) -> Self {
        Self::Integer(value as i64)
    }

    pub(crate) fn ids(ids: impl IntoIterator<Item = EntryId>) -> Self {
        Self::Array(ids.into_iter().map(Self::Id).collect())
    }

    /// A map whose keys are fixed words.
    pub(crate) fn map<const N: usize>(pairs: [(&'static str, Reply<'k>); N]) -> Self {
        let pairs = pairs.into_iter();
        Self::Map(pairs.map(|(name, value)| (Self::text(name.as_bytes()), value)).collect())
    }
}
