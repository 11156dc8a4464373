//! Every change that can happen to a keyspace, fully decided.
//!
//! An op says what is, not how it came about: the final ID, the exact cut, the delivery count
//! itself. So applying it needs no clock and no choice, live or on replay.

use crate::plain::Plain;
use crate::stream::{EntryId, Memory, Place};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::Deref;

/// Where a key lives: a database and a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key<'a> {
    pub(crate) db: u8,
    pub(crate) name: &'a [u8],
}

/// A change to what one key holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Op<'a> {
    pub(crate) key: Key<'a>,
    pub(crate) change: Change<'a>,
}

/// What changes. Texts are borrowed from the command, or from the journal on replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change<'a> {
    /// An empty stream appears at a free key.
    CreateStream { memory: Memory },
    /// A stream appears whole at a free key, as `Stream::encode_whole` writes it.
    PutStream { bytes: Cow<'a, [u8]> },
    /// A stream without entries and groups appears at a free key, as `Stream::encode_outline`
    /// writes it.
    PutOutline { bytes: &'a [u8] },
    /// A segment comes behind the last one, as `Segment::encode` writes it.
    PutSegment { bytes: &'a [u8] },
    /// A group without pending entries appears, as `Group::encode_outline` writes it.
    PutGroup { bytes: &'a [u8] },
    /// A page of pending entries comes behind a group's last one, as `Page::encode` writes it.
    PutPage { group: &'a [u8], bytes: &'a [u8] },
    /// The key and what it holds disappear.
    RemoveKey,
    /// Every key of the database disappears; the op's key name means nothing.
    ClearDatabase,
    /// The database changes places with another; the op's key name means nothing.
    SwapDatabases { with: u8 },
    /// The key holds this value, which is no stream. The key is free, or holds no stream; when it
    /// expires does not change.
    Put { plain: Plain },
    /// When the key expires is set.
    Expire { at_ms: Option<u64> },
    /// The key goes to a free place.
    Move { to: Key<'a> },
    /// What the key holds is also at another place, which is free.
    Copy { to: Key<'a> },
    /// An entry is appended; names and values alternate.
    Append { id: EntryId, fields: FieldList<'a>, place: Place },
    /// All entries up to and including `through` leave.
    Trim { through: EntryId },
    /// Entries leave out of the middle because a trim does not need them.
    TrimEntries { ids: Cow<'a, [EntryId]> },
    /// Entries leave by name, which moves the greatest deleted ID.
    Delete { ids: Cow<'a, [EntryId]> },
    /// The stream's counters are set.
    SetCounters { last_id: EntryId, entries_added: u64, max_deleted: EntryId },
    /// How much is remembered of producers is set, which forgets all if it is a change.
    SetMemory { memory: Memory },
    /// A producer is known, though nothing it sent is remembered.
    Introduce { producer: &'a [u8] },
    /// What a producer sent is remembered.
    Remember { producer: &'a [u8], iid: Iid<'a>, id: EntryId },
    /// A producer sent something again.
    CountDuplicate,
    /// What producers sent too long ago is forgotten.
    Sweep { now_ms: u64 },
    /// A group appears.
    CreateGroup { group: &'a [u8], last_delivered: EntryId, entries_read: Option<u64> },
    /// A group disappears with its consumers and pending entries.
    DestroyGroup { group: &'a [u8] },
    /// A group's position is set.
    MoveGroup { group: &'a [u8], last_delivered: EntryId, entries_read: Option<u64> },
    /// A consumer appears.
    CreateConsumer { group: &'a [u8], consumer: &'a [u8], seen_ms: u64 },
    /// A consumer disappears with its pending entries.
    DeleteConsumer { group: &'a [u8], consumer: &'a [u8] },
    /// A consumer asked for something. Told to the journal, but not worth a commit of its own.
    See { group: &'a [u8], consumer: &'a [u8], at_ms: u64 },
    /// Entries become pending for a consumer, whoever had them before, each with a delivery count.
    /// `active_ms`: the consumer counts as having got something then.
    Deliver {
        group: &'a [u8],
        consumer: &'a [u8],
        delivered_ms: u64,
        active_ms: Option<u64>,
        records: Cow<'a, [(EntryId, u64)]>,
    },
    /// Entries are taken from whoever has them and stay pending for nobody, each with a count.
    Release { group: &'a [u8], records: Cow<'a, [(EntryId, u64)]> },
    /// Entries are pending no more, in any group.
    Forget { ids: Cow<'a, [EntryId]> },
    /// Entries are pending no more.
    Acknowledge { group: &'a [u8], ids: Cow<'a, [EntryId]> },
}

/// A producer's own ID of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Iid<'a> {
    Given(&'a [u8]),
    /// Made from the entry's fields.
    Made([u8; 16]),
}

impl Iid<'_> {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Given(bytes) => bytes,
            Self::Made(bytes) => bytes,
        }
    }
}

/// Names and values of an entry, alternating. (`Cow` would tie the texts' lifetime to the list's.)
#[derive(Clone, Debug)]
pub(crate) enum FieldList<'a> {
    Borrowed(&'a [&'a [u8]]),
    Owned(Vec<&'a [u8]>),
}

impl<'a> Deref for FieldList<'a> {
    type Target = [&'a [u8]];

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Borrowed(fields) => fields,
            Self::Owned(fields) => fields,
        }
    }
}

impl PartialEq for FieldList<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for FieldList<'_> {}

impl Change<'_> {
    /// Whether losing this change in a crash breaks no promise, so that it can wait in the journal
    /// for the next change that may not be lost.
    pub(crate) fn can_wait(&self) -> bool {
        matches!(self, Self::See { .. })
    }

    /// Whether only seldom used commands, imports and the journal bring it.
    pub(crate) fn is_rare(&self) -> bool {
        matches!(
            self,
            Self::PutStream { .. }
                | Self::PutOutline { .. }
                | Self::PutSegment { .. }
                | Self::PutGroup { .. }
                | Self::PutPage { .. }
                | Self::ClearDatabase
                | Self::SwapDatabases { .. }
                | Self::Put { .. }
                | Self::Expire { .. }
                | Self::Move { .. }
                | Self::Copy { .. }
                | Self::SetCounters { .. }
                | Self::SetMemory { .. }
        )
    }
}
