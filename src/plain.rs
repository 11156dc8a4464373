//! The values that keep streams company: texts, lists, sets and hashes.
//!
//! They are small and always handled whole. At rest, in the journal and in memory a value is the
//! same run of counted texts: a text is one, a list its elements, a set its members, a hash its
//! names and values in turn.

use crate::stream::bytes::{Damage, Reader, put_text};
use alloc::vec::Vec;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    List,
    Set,
    Hash,
}

const KINDS: [Kind; 4] = [Kind::Text, Kind::List, Kind::Set, Kind::Hash];

impl Kind {
    /// The name of the type, as TYPE gives it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::List => "list",
            Self::Set => "set",
            Self::Hash => "hash",
        }
    }
}

/// A value.
#[derive(Clone, Debug)]
pub(crate) struct Plain {
    pub(crate) kind: Kind,
    /// Counted texts.
    body: Vec<u8>,
    pub(crate) number: u64,
    /// Differs from what storage has.
    pub(crate) dirty: bool,
    /// Storage has some version of it.
    pub(crate) stored: bool,
}

impl PartialEq for Plain {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.body == other.body
    }
}

impl Eq for Plain {}

impl Plain {
    /// A value that no key holds yet.
    pub(crate) fn new<'t>(kind: Kind, texts: impl IntoIterator<Item = &'t [u8]>) -> Self {
        let mut body = Vec::new();
        for text in texts {
            put_text(&mut body, text);
        }
        Self { kind, body, number: 0, dirty: true, stored: false }
    }

    /// The same value as a new one, of which storage has nothing.
    pub(crate) fn numbered(self, number: u64) -> Self {
        Self { number, dirty: true, stored: false, ..self }
    }

    /// The same value as storage has it.
    pub(crate) fn stored(self, number: u64) -> Self {
        Self { number, dirty: false, stored: true, ..self }
    }

    /// Takes the kind and the texts of another value.
    pub(crate) fn replace(&mut self, other: &Self) {
        self.kind = other.kind;
        self.body.clone_from(&other.body);
        self.dirty = true;
    }

    pub(crate) fn bytes(&self) -> usize {
        self.body.len()
    }

    pub(crate) fn texts(&self) -> impl Iterator<Item = &[u8]> {
        let mut reader = Reader::new(&self.body);
        let text = move || {
            let more = !reader.is_empty();
            more.then(|| reader.text().expect("a value's bytes were verified"))
        };
        core::iter::from_fn(text)
    }

    /// ```text
    /// kind      u8: 0 text, 1 list, 2 set, 3 hash
    /// body      text of counted texts
    /// ```
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.kind as u8);
        put_text(out, &self.body);
    }

    /// The inverse of [`Plain::encode`].
    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self, Damage> {
        let damage = reader.damage("no such kind of value");
        let kind = *KINDS.get(usize::from(reader.byte()?)).ok_or(damage)?;
        let start = reader.offset();
        let body = reader.text()?.to_vec();
        verify(kind, &body).map_err(|d| Damage { offset: start + d.offset, ..d })?;
        Ok(Self { kind, body, number: 0, dirty: true, stored: false })
    }

    /// Panics when an invariant does not hold.
    pub(crate) fn check(&self) {
        verify(self.kind, &self.body).expect("a value in memory reads back");
    }
}

/// Walks the texts, so that reading them later cannot fail.
fn verify(kind: Kind, body: &[u8]) -> Result<(), Damage> {
    let mut reader = Reader::new(body);
    let mut count = 0usize;
    while !reader.is_empty() {
        reader.text()?;
        count += 1;
    }
    let fits = match kind {
        Kind::Text => count == 1,
        Kind::List | Kind::Set => count > 0,
        Kind::Hash => count > 0 && count.is_multiple_of(2),
    };
    if fits { Ok(()) } else { Err(reader.damage("a value of the wrong length")) }
}
