//! Checkpoints: the keyspace as blobs, and blobs as a keyspace.
//!
//! ```text
//! all sealed (seal.rs)
//! meta:     first journal batch still needed, next stream number      varints
//! stream:   db varint, key text, then `Stream::encode`
//! group:    `Group::encode`
//! segment:  `Segment::encode`
//! ```

use crate::error::FormatError;
use crate::keyspace::Keyspace;
use crate::log::seal;
use crate::named::Rank;
use crate::op::Key;
use crate::stream::bytes::{Damage, put_text, put_varint};
use crate::stream::{Group, SegmentRef, Stream};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The storage address of a blob. The same bytes live in an SQLite row or an IndexedDB record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlobKey {
    /// The one blob of the whole keyspace: counters and the first journal batch still needed.
    Meta,
    /// A stream's head: its key, counters, and the index of its segments.
    Stream {
        /// Number of the stream.
        stream: u64,
    },
    /// A consumer group with its pending entries list, packed.
    Group {
        /// Number of the stream.
        stream: u64,
        /// Number of the group within its stream.
        group: u64,
    },
    /// A run of entries.
    Segment(SegmentRef),
}

impl BlobKey {
    /// The key as three numbers `(kind, stream, number)`, the primary key of a storage row.
    /// Kinds: 0 meta, 1 stream, 2 group, 3 segment.
    #[must_use]
    pub fn to_numbers(self) -> (u64, u64, u64) {
        match self {
            Self::Meta => (0, 0, 0),
            Self::Stream { stream } => (1, stream, 0),
            Self::Group { stream, group } => (2, stream, group),
            Self::Segment(at) => (3, at.stream, at.segment),
        }
    }

    /// The inverse of [`BlobKey::to_numbers`]; `None` for numbers that name no blob.
    #[must_use]
    pub fn from_numbers(kind: u64, stream: u64, number: u64) -> Option<Self> {
        match (kind, stream, number) {
            (0, 0, 0) => Some(Self::Meta),
            (1, stream, 0) => Some(Self::Stream { stream }),
            (2, stream, group) => Some(Self::Group { stream, group }),
            (3, stream, segment) => Some(Self::Segment(SegmentRef { stream, segment })),
            _ => None,
        }
    }

    /// How an error names the blob.
    fn place(self) -> String {
        match self {
            Self::Meta => "meta".into(),
            Self::Stream { stream } => format!("stream {stream}"),
            Self::Group { stream, group } => format!("group {group} of stream {stream}"),
            Self::Segment(at) => format!("segment {} of stream {}", at.segment, at.stream),
        }
    }
}

/// What a host writes in one storage transaction to let the journal be cut.
#[must_use]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// Blobs to write, replacing what is there.
    pub put: Vec<(BlobKey, Vec<u8>)>,
    /// Blobs to delete.
    pub delete: Vec<BlobKey>,
    /// Journal batches with a number below this one are no longer needed.
    pub journal_start: u64,
}

/// What was wrong, with the place.
pub(crate) fn damaged(key: BlobKey, damage: Damage) -> FormatError {
    FormatError { place: key.place(), offset: damage.offset, problem: damage.problem }
}

/// Collects everything that differs from what storage has, and marks it as written.
pub(crate) fn take(keyspace: &mut Keyspace, journal_start: u64) -> Checkpoint {
    let mut checkpoint = Checkpoint { journal_start, ..Checkpoint::default() };
    let next_stream = keyspace.next_stream();
    checkpoint.put.push((
        BlobKey::Meta,
        seal::sealed(|out| {
            put_varint(out, journal_start);
            put_varint(out, next_stream);
        }),
    ));
    for stream in keyspace.take_dropped() {
        delete_stream(&stream, &mut checkpoint.delete);
    }
    for (key, stream) in keyspace.streams_mut() {
        take_stream(key, stream, &mut checkpoint);
    }
    checkpoint
}

fn delete_stream(stream: &Stream, delete: &mut Vec<BlobKey>) {
    let number = stream.number;
    delete.push(BlobKey::Stream { stream: number });
    let groups = stream.groups.iter().map(|(_, group)| group);
    let groups = groups.filter(|group| group.stored).map(|group| group.number);
    let groups = groups.chain(stream.dropped_groups.iter().copied());
    delete.extend(groups.map(|group| BlobKey::Group { stream: number, group }));
    let segments = stream.segments.iter().filter(|segment| segment.stored).map(|s| s.at);
    let segments = segments.chain(stream.dropped_segments.iter().copied());
    delete.extend(segments.map(BlobKey::Segment));
}

fn take_stream(key: Key<'_>, stream: &mut Stream, checkpoint: &mut Checkpoint) {
    let number = stream.number;
    let dropped = stream.dropped_groups.drain(..);
    checkpoint.delete.extend(dropped.map(|group| BlobKey::Group { stream: number, group }));
    checkpoint.delete.extend(stream.dropped_segments.drain(..).map(BlobKey::Segment));
    for segment in stream.segments.iter_mut().filter(|segment| segment.dirty) {
        let blob = seal::sealed(|out| segment.encode(out));
        checkpoint.put.push((BlobKey::Segment(segment.at), blob));
        (segment.dirty, segment.stored) = (false, true);
    }
    for (name, group) in stream.groups.iter_mut().filter(|(_, group)| group.dirty) {
        let at = BlobKey::Group { stream: number, group: group.number };
        checkpoint.put.push((at, seal::sealed(|out| group.encode(name, out))));
        (group.dirty, group.stored) = (false, true);
    }
    if stream.dirty {
        let blob = seal::sealed(|out| {
            put_varint(out, u64::from(key.db));
            put_text(out, key.name);
            stream.encode(out);
        });
        checkpoint.put.push((BlobKey::Stream { stream: number }, blob));
        (stream.dirty, stream.stored) = (false, true);
    }
}

/// Blobs in the order of their keys.
struct Blobs<'a> {
    blobs: &'a [(BlobKey, Vec<u8>)],
    /// Kind, stream, number and position of each, in order.
    ranks: Vec<Rank>,
}

impl<'a> Blobs<'a> {
    fn new(blobs: &'a [(BlobKey, Vec<u8>)]) -> Self {
        let rank = |(position, (key, _)): (usize, &(BlobKey, _))| {
            let (kind, stream, number) = key.to_numbers();
            [kind, stream, number, position as u64]
        };
        let mut ranks: Vec<Rank> = blobs.iter().enumerate().map(rank).collect();
        ranks.sort_unstable();
        Self { blobs, ranks }
    }

    /// The blobs with keys from `first` to `last`.
    fn range(&self, first: BlobKey, last: BlobKey) -> impl Iterator<Item = (BlobKey, &'a [u8])> {
        let below = |key: BlobKey| {
            let (kind, stream, number) = key.to_numbers();
            move |rank: &Rank| *rank < [kind, stream, number, 0]
        };
        let start = self.ranks.partition_point(below(first));
        let (kind, stream, number) = last.to_numbers();
        let ranks = self.ranks[start..].iter();
        ranks.take_while(move |rank| **rank <= [kind, stream, number, u64::MAX]).map(|rank| {
            let (key, bytes) = &self.blobs[rank[3] as usize];
            (*key, bytes.as_slice())
        })
    }
}

/// Builds the keyspace that the blobs describe, and gives the first journal batch to replay.
/// Segments stay in storage.
pub(crate) fn restore(blobs: &[(BlobKey, Vec<u8>)]) -> Result<(Keyspace, u64), FormatError> {
    let mut keyspace = Keyspace::default();
    if blobs.is_empty() {
        return Ok((keyspace, 0));
    }
    let blobs = Blobs::new(blobs);
    let Some((_, meta)) = blobs.range(BlobKey::Meta, BlobKey::Meta).next() else {
        return Err(damaged(BlobKey::Meta, Damage { offset: 0, problem: "the blob is missing" }));
    };
    let (journal_start, next_stream) =
        read_meta(meta).map_err(|damage| damaged(BlobKey::Meta, damage))?;
    keyspace.set_next_stream(next_stream);
    let first = BlobKey::Stream { stream: 0 };
    for (at, bytes) in blobs.range(first, BlobKey::Stream { stream: u64::MAX }) {
        let (_, stream, _) = at.to_numbers();
        restore_stream(&mut keyspace, stream, bytes, &blobs)?;
    }
    Ok((keyspace, journal_start))
}

fn read_meta(bytes: &[u8]) -> Result<(u64, u64), Damage> {
    let mut reader = seal::open(bytes)?;
    let numbers = (reader.varint()?, reader.varint()?);
    reader.finish()?;
    Ok(numbers)
}

fn restore_stream(
    keyspace: &mut Keyspace,
    number: u64,
    bytes: &[u8],
    blobs: &Blobs<'_>,
) -> Result<(), FormatError> {
    let at = BlobKey::Stream { stream: number };
    let (key, mut stream, groups) =
        read_stream(number, bytes).map_err(|damage| damaged(at, damage))?;
    let first = BlobKey::Group { stream: number, group: 0 };
    let last = BlobKey::Group { stream: number, group: u64::MAX };
    for (at, bytes) in blobs.range(first, last) {
        let (name, group) = read_group(bytes).map_err(|damage| damaged(at, damage))?;
        let own = at == BlobKey::Group { stream: number, group: group.number };
        if !own || !stream.install_group(name, group) {
            let problem = "the group does not belong here";
            return Err(damaged(at, Damage { offset: 0, problem }));
        }
    }
    if stream.groups.len() as u64 != groups {
        return Err(damaged(at, Damage { offset: 0, problem: "a group is missing" }));
    }
    keyspace.install(key, stream).map_err(|problem| damaged(at, Damage { offset: 0, problem }))
}

fn read_stream(number: u64, bytes: &[u8]) -> Result<(Key<'_>, Stream, u64), Damage> {
    let mut reader = seal::open(bytes)?;
    let damage = reader.damage("no such database");
    let db = u8::try_from(reader.varint()?).map_err(|_| damage)?;
    let key = Key { db, name: reader.text()? };
    let (stream, groups) = Stream::decode(number, &mut reader)?;
    reader.finish()?;
    Ok((key, stream, groups))
}

fn read_group(bytes: &[u8]) -> Result<(&[u8], Group), Damage> {
    Group::decode(&mut seal::open(bytes)?)
}

/// Puts a segment from storage in place.
pub(crate) fn supply(
    keyspace: &mut Keyspace,
    at: SegmentRef,
    bytes: &[u8],
) -> Result<(), FormatError> {
    let filled = seal::open(bytes).and_then(|mut body| keyspace.fill(at, &mut body));
    filled.map_err(|damage| damaged(BlobKey::Segment(at), damage))
}
