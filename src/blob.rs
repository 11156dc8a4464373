//! The addresses under which storage keeps things.

use crate::words::{Word::Number, fill};
use alloc::string::String;

/// The storage address of a blob. The same bytes live in an SQLite row or an IndexedDB record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlobKey {
    /// The one blob of the whole keyspace: counters and the first journal batch still needed.
    Meta,
    /// A key with what it holds: a stream's head (counters and the index of its segments), or a
    /// whole value that is no stream.
    Key {
        /// Number of the value, given once.
        key: u64,
    },
    /// A consumer group's head: its position, its consumers, and the index of its pending entries
    /// list.
    Group {
        /// Number of the stream.
        stream: u64,
        /// Number of the group within its stream.
        group: u64,
    },
    /// A run of entries.
    Segment {
        /// Number of the stream.
        stream: u64,
        /// Number of the segment within its stream.
        segment: u64,
    },
    /// A run of a group's pending entries list.
    Page {
        /// Number of the stream.
        stream: u64,
        /// Number of the page within its stream.
        page: u64,
    },
}

impl BlobKey {
    /// The key as three numbers `(kind, stream, number)`, each below 2^53: the primary key of a
    /// storage row. Kinds: 0 meta, 1 key, 2 group, 3 segment, 4 page.
    #[must_use]
    pub fn to_numbers(self) -> (u64, u64, u64) {
        match self {
            Self::Meta => (0, 0, 0),
            Self::Key { key } => (1, key, 0),
            Self::Group { stream, group } => (2, stream, group),
            Self::Segment { stream, segment } => (3, stream, segment),
            Self::Page { stream, page } => (4, stream, page),
        }
    }

    /// The inverse of [`BlobKey::to_numbers`]; `None` for numbers that name no blob.
    #[must_use]
    pub fn from_numbers(kind: u64, stream: u64, number: u64) -> Option<Self> {
        match (kind, stream, number) {
            (0, 0, 0) => Some(Self::Meta),
            (1, key, 0) => Some(Self::Key { key }),
            (2, stream, group) => Some(Self::Group { stream, group }),
            (3, stream, segment) => Some(Self::Segment { stream, segment }),
            (4, stream, page) => Some(Self::Page { stream, page }),
            _ => None,
        }
    }

    /// Whether it stays in storage at opening and is read when it is needed: entries and pending
    /// entries. All others are loaded.
    #[must_use]
    pub fn is_cold(self) -> bool {
        matches!(self, Self::Segment { .. } | Self::Page { .. })
    }

    /// How an error names the blob.
    pub(crate) fn place(self) -> String {
        match self {
            Self::Meta => "meta".into(),
            Self::Key { key } => fill("key %", &[Number(key)]),
            Self::Group { stream, group } => {
                fill("group % of stream %", &[Number(group), Number(stream)])
            }
            Self::Segment { stream, segment } => {
                fill("segment % of stream %", &[Number(segment), Number(stream)])
            }
            Self::Page { stream, page } => {
                fill("pending page % of stream %", &[Number(page), Number(stream)])
            }
        }
    }
}
