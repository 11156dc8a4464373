//! What a key holds.

use crate::plain::Plain;
use crate::stream::Stream;
use alloc::boxed::Box;

/// A key's type, as blobs and exports have it.
pub(crate) const STREAM: u8 = 0;
pub(crate) const PLAIN: u8 = 1;

/// A value and when it expires.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) value: Value,
    /// From this time on the key is gone; `None`: it stays.
    pub(crate) expires_ms: Option<u64>,
}

/// A stream, or one of the values that keep streams company.
#[derive(Debug)]
pub(crate) enum Value {
    Stream(Box<Stream>),
    Plain(Plain),
}

impl Item {
    pub(crate) fn stream(&self) -> Option<&Stream> {
        match &self.value {
            Value::Stream(stream) => Some(stream),
            Value::Plain(_) => None,
        }
    }

    pub(super) fn stream_mut(&mut self) -> Option<&mut Stream> {
        match &mut self.value {
            Value::Stream(stream) => Some(stream),
            Value::Plain(_) => None,
        }
    }
}

impl Value {
    /// Its number in storage: given once, never used again, kept over a rename.
    pub(crate) fn number(&self) -> u64 {
        match self {
            Self::Stream(stream) => stream.number,
            Self::Plain(plain) => plain.number,
        }
    }

    /// The name of its type, as TYPE gives it.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Stream(_) => "stream",
            Self::Plain(plain) => plain.kind.name(),
        }
    }

    /// Whether storage has some version of it.
    pub(super) fn is_stored(&self) -> bool {
        match self {
            Self::Stream(stream) => stream.stored,
            Self::Plain(plain) => plain.stored,
        }
    }

    pub(super) fn mark_dirty(&mut self) {
        match self {
            Self::Stream(stream) => stream.dirty = true,
            Self::Plain(plain) => plain.dirty = true,
        }
    }

    /// The same value as a new one, of which storage has nothing.
    pub(super) fn copied(&self, number: u64) -> Self {
        match self {
            Self::Stream(stream) => Self::Stream(Box::new(stream.copied(number))),
            Self::Plain(plain) => Self::Plain(plain.clone().numbered(number)),
        }
    }

    /// Bytes of its segments and pages in memory.
    pub(super) fn resident_bytes(&self) -> usize {
        match self {
            Self::Stream(stream) => stream.resident_bytes,
            Self::Plain(_) => 0,
        }
    }

    /// Its bytes if it is no stream.
    pub(super) fn plain_bytes(&self) -> usize {
        match self {
            Self::Stream(_) => 0,
            Self::Plain(plain) => plain.bytes(),
        }
    }

    /// Panics when an invariant does not hold.
    pub(super) fn check(&self) {
        match self {
            Self::Stream(stream) => stream.check(),
            Self::Plain(plain) => plain.check(),
        }
    }
}
