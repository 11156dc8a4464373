//! Checkpoints: the keyspace as blobs, and blobs as a keyspace.
//!
//! ```text
//! all sealed (seal.rs)
//! meta:     first journal batch still needed, next key number, keys   varints
//!           blobs that only exports need: count, the three numbers of each
//! key:      own number, db varints, key text, expiry option, u8 type; then by type
//!           0 `Stream::encode`, 1 `Plain::encode`
//! group:    stream's number varint, `Group::encode`
//! segment:  `Segment::encode`
//! page:     `Page::encode`
//! ```
//!
//! Keys and groups say where they belong, so that one which lies at the address of another is
//! noticed; a segment and a page are known by their checksum, which the index has too.

use crate::blob::BlobKey;
use crate::error::FormatError;
use crate::keyspace::{Item, Keyspace, PLAIN, STAGING, STREAM, Value};
use crate::named::{self, Rank};
use crate::op::Key;
use crate::plain::Plain;
use crate::seal;
use crate::stream::bytes::{Damage, put_option, put_text, put_varint};
use crate::stream::{Group, Page, Segment, Stream, Tally};
use alloc::boxed::Box;
use alloc::vec::Vec;

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
    checkpoint.put.append(&mut keyspace.spill());
    for value in keyspace.take_dropped() {
        checkpoint.delete.push(BlobKey::Key { key: value.number() });
        if let Value::Stream(stream) = value {
            delete_parts(&stream, &mut checkpoint.delete);
        }
    }
    for (key, item) in keyspace.items_mut() {
        take_item(key, item, &mut checkpoint);
    }
    checkpoint.delete = keyspace.sort_out(checkpoint.delete);
    let meta = seal::sealed(|out| encode_meta(keyspace, journal_start, out));
    checkpoint.put.push((BlobKey::Meta, meta));
    checkpoint
}

fn encode_meta(keyspace: &Keyspace, journal_start: u64, out: &mut Vec<u8>) {
    put_varint(out, journal_start);
    put_varint(out, keyspace.next_number());
    put_varint(out, keyspace.items().count() as u64);
    put_varint(out, keyspace.garbage.len() as u64);
    for key in &keyspace.garbage {
        let (kind, stream, number) = key.to_numbers();
        put_varint(out, kind);
        put_varint(out, stream);
        put_varint(out, number);
    }
}

fn delete_parts(stream: &Stream, delete: &mut Vec<BlobKey>) {
    let number = stream.number;
    delete.extend(stream.groups.iter().flat_map(|(_, group)| group.blobs(number)));
    let segments = stream.segments.iter().filter(|segment| segment.stored);
    delete.extend(segments.map(|segment| segment.at()));
    delete.extend_from_slice(&stream.dropped);
}

fn take_item(key: Key<'_>, item: &mut Item, checkpoint: &mut Checkpoint) {
    let number = item.value.number();
    let (dirty, stored) = match &mut item.value {
        Value::Stream(stream) => {
            take_parts(stream, checkpoint);
            (&mut stream.dirty, &mut stream.stored)
        }
        Value::Plain(plain) => (&mut plain.dirty, &mut plain.stored),
    };
    if !*dirty {
        return;
    }
    (*dirty, *stored) = (false, true);
    let blob = seal::sealed(|out| {
        put_varint(out, number);
        put_varint(out, u64::from(key.db));
        put_text(out, key.name);
        put_option(out, item.expires_ms);
        match &item.value {
            Value::Stream(stream) => {
                out.push(STREAM);
                stream.encode(out);
            }
            Value::Plain(plain) => {
                out.push(PLAIN);
                plain.encode(out);
            }
        }
    });
    checkpoint.put.push((BlobKey::Key { key: number }, blob));
}

fn take_parts(stream: &mut Stream, checkpoint: &mut Checkpoint) {
    let number = stream.number;
    checkpoint.delete.append(&mut stream.dropped);
    for segment in stream.segments.iter_mut().filter(|segment| segment.dirty) {
        let blob = seal::sealed(|out| segment.encode(out));
        segment.checksum = seal::checksum(&blob);
        checkpoint.put.push((segment.at(), blob));
        (segment.dirty, segment.stored) = (false, true);
    }
    stream.number_pages();
    for (name, group) in stream.groups.iter_mut().filter(|(_, group)| group.dirty) {
        for (key, page) in group.dirty_pages() {
            let blob = seal::sealed(|out| page.encode(out));
            page.checksum.set(seal::checksum(&blob));
            checkpoint.put.push((key, blob));
        }
        checkpoint.delete.append(&mut group.note_pages_written());
        let head = seal::sealed(|out| {
            put_varint(out, number);
            group.encode(name, out);
        });
        checkpoint.put.push((group.at(number), head));
        (group.dirty, group.stored) = (false, true);
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
        named::sort(&mut ranks);
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
/// Segments and pages stay in storage.
pub(crate) fn restore(
    blobs: &[(BlobKey, Vec<u8>)],
    page_records: usize,
) -> Result<(Keyspace, u64), FormatError> {
    let mut keyspace = Keyspace::new(page_records);
    if blobs.is_empty() {
        return Ok((keyspace, 0));
    }
    let blobs = Blobs::new(blobs);
    let Some((_, meta)) = blobs.range(BlobKey::Meta, BlobKey::Meta).next() else {
        return Err(damaged(BlobKey::Meta, Damage { offset: 0, problem: "the blob is missing" }));
    };
    let meta = read_meta(meta).map_err(|damage| damaged(BlobKey::Meta, damage))?;
    let (journal_start, keys) = (meta.journal_start, meta.keys);
    keyspace.set_next_number(meta.next_number);
    keyspace.garbage = meta.garbage;
    let first = BlobKey::Key { key: 0 };
    for (at, bytes) in blobs.range(first, BlobKey::Key { key: u64::MAX }) {
        let (_, number, _) = at.to_numbers();
        restore_key(&mut keyspace, number, bytes, &blobs)?;
    }
    if keyspace.items().count() as u64 != keys {
        return Err(damaged(BlobKey::Meta, Damage { offset: 0, problem: "a key is missing" }));
    }
    Ok((keyspace, journal_start))
}

/// What the meta blob says.
#[derive(Debug)]
pub(crate) struct Meta {
    pub(crate) journal_start: u64,
    pub(crate) next_number: u64,
    pub(crate) keys: u64,
    pub(crate) garbage: Vec<BlobKey>,
}

pub(crate) fn read_meta(bytes: &[u8]) -> Result<Meta, Damage> {
    let mut reader = seal::open(bytes)?;
    let (journal_start, next_number) = (reader.varint()?, reader.varint()?);
    let keys = reader.varint()?;
    let mut garbage = Vec::new();
    for _ in 0..reader.count()? {
        let damage = reader.damage("no such blob");
        let (kind, stream, number) = (reader.varint()?, reader.varint()?, reader.varint()?);
        let key = BlobKey::from_numbers(kind, stream, number).filter(|key| key.is_cold());
        garbage.push(key.ok_or(damage)?);
    }
    reader.finish()?;
    Ok(Meta { journal_start, next_number, keys, garbage })
}

fn restore_key(
    keyspace: &mut Keyspace,
    number: u64,
    bytes: &[u8],
    blobs: &Blobs<'_>,
) -> Result<(), FormatError> {
    let at = BlobKey::Key { key: number };
    let (key, mut item, groups) = read_item(bytes).map_err(|damage| damaged(at, damage))?;
    if item.value.number() != number {
        return Err(damaged(at, Damage { offset: 0, problem: "the key does not belong here" }));
    }
    if let Value::Stream(stream) = &mut item.value {
        restore_groups(stream, groups, blobs)?;
    }
    keyspace.install(key, item).map_err(|problem| damaged(at, Damage { offset: 0, problem }))
}

/// Puts the groups of a stream in place, which must be so many.
fn restore_groups(stream: &mut Stream, count: u64, blobs: &Blobs<'_>) -> Result<(), FormatError> {
    let number = stream.number;
    let first = BlobKey::Group { stream: number, group: 0 };
    let last = BlobKey::Group { stream: number, group: u64::MAX };
    for (at, bytes) in blobs.range(first, last) {
        let (stream_number, name, group) =
            read_group(bytes).map_err(|damage| damaged(at, damage))?;
        let own = at == BlobKey::Group { stream: stream_number, group: group.number };
        if !own || !stream.install_group(name, group) {
            let problem = "the group does not belong here";
            return Err(damaged(at, Damage { offset: 0, problem }));
        }
    }
    if stream.groups.len() as u64 != count {
        let damage = Damage { offset: 0, problem: "a group is missing" };
        return Err(damaged(BlobKey::Key { key: number }, damage));
    }
    Ok(())
}

/// A key, what it holds, and how many groups a stream has.
pub(crate) fn read_item(bytes: &[u8]) -> Result<(Key<'_>, Item, u64), Damage> {
    let mut reader = seal::open(bytes)?;
    let number = reader.varint()?;
    let damage = reader.damage("no such database");
    let db = u8::try_from(reader.varint()?).ok().filter(|&db| db <= STAGING).ok_or(damage)?;
    let key = Key { db, name: reader.text()? };
    let expires_ms = reader.option()?;
    let (value, groups) = match reader.byte()? {
        STREAM => {
            let (stream, groups) = Stream::decode(number, &mut reader)?;
            (Value::Stream(Box::new(stream)), groups)
        }
        PLAIN => (Value::Plain(Plain::decode(&mut reader)?.stored(number)), 0),
        _ => return Err(reader.damage("no such type")),
    };
    reader.finish()?;
    Ok((key, Item { value, expires_ms }, groups))
}

/// The number of a group's stream, the group's name, and the group.
pub(crate) fn read_group(bytes: &[u8]) -> Result<(u64, &[u8], Group), Damage> {
    let mut reader = seal::open(bytes)?;
    let stream = reader.varint()?;
    let (name, group) = Group::decode(stream, &mut reader)?;
    Ok((stream, name, group))
}

/// A segment from storage by itself, with its nodes.
pub(crate) fn read_segment(stream: u64, number: u64, bytes: &[u8]) -> Result<Segment, Damage> {
    let mut segment = Segment::decode(stream, number, &mut seal::open(bytes)?)?;
    (segment.dirty, segment.stored) = (false, true);
    segment.checksum = seal::checksum(bytes);
    Ok(segment)
}

/// A page of a pending entries list from storage by itself, and whose records it has.
pub(crate) fn read_page(number: u64, bytes: &[u8]) -> Result<(Page, Tally), Damage> {
    let (page, tally) = Page::decode(number, &mut seal::open(bytes)?)?;
    page.checksum.set(seal::checksum(bytes));
    Ok((page, tally))
}

/// Puts a segment or a page from storage in place.
pub(crate) fn supply(
    keyspace: &mut Keyspace,
    at: BlobKey,
    bytes: &[u8],
) -> Result<(), FormatError> {
    let filled = seal::open(bytes).and_then(|mut body| {
        let checksum = seal::checksum(bytes);
        if keyspace.hand_over(at, checksum, bytes)? {
            return Ok(());
        }
        keyspace.fill(at, checksum, &mut body)
    });
    filled.map_err(|damage| damaged(at, damage))
}
