//! Keys as they were at one moment, while they go on changing.
//!
//! Freezing costs a list of names. A key's state is taken when its turn comes or right before its
//! first change, whichever is earlier; of its segments and pages only the numbers. They are read
//! when their turn comes. Before a segment changes its bytes are set aside; a page that changes gets
//! another number, so that storage keeps what it was. What a checkpoint meets in memory that was set
//! aside goes to storage, and what disappears meanwhile stays there, as long as somebody needs it.

use super::{Item, Keyspace, PLAIN, STREAM, Value};
use crate::blob::BlobKey;
use crate::named::{self, Numbered, Rank};
use crate::op::{Change, Key, Op};
use crate::seal;
use crate::stream::bytes::{Damage, put_option, put_text, put_varint};
use crate::stream::{Missing, Stream};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;

/// A piece of a frozen key, in the order in which they come.
#[derive(Debug)]
pub(crate) enum Piece {
    /// ```text
    /// db varint, name text, expiry option, u8 type
    /// 0: groups and segments that follow varints, `Stream::encode_outline`     1: `Plain::encode`
    /// ```
    Key(Vec<u8>),
    /// As `Group::encode_outline`.
    Group(Vec<u8>),
    Page(Bytes),
    Segment(Bytes),
}

/// A segment or a page.
#[derive(Debug)]
pub(crate) enum Bytes {
    /// As `Segment::encode` or `Page::encode`.
    Bare(Vec<u8>),
    /// A blob, as storage has it.
    Sealed(Vec<u8>),
}

/// Where the frozen state of a segment or a page is.
#[derive(Debug)]
enum Source {
    /// In the stream, unchanged. For segments only.
    Live,
    /// Set aside.
    Memory(Vec<u8>),
    /// In storage, with this checksum, also when the stream knows of it no more.
    Storage(BlobKey, u32),
}

/// What is still to come of a key, before its segments.
#[derive(Debug)]
enum Part {
    Ready(Piece),
    Page(Source),
}

/// The state of one key.
#[derive(Debug, Default)]
struct Still {
    db: u8,
    name: Box<[u8]>,
    stream: u64,
    parts: VecDeque<Part>,
    /// Numbers of the segments that are still to come.
    segments: VecDeque<(u64, Source)>,
}

/// A key whose state has not been wanted yet.
#[derive(Debug)]
struct Waiting {
    number: u64,
    db: u8,
    name: Box<[u8]>,
}

/// Some keys as they were.
#[derive(Debug)]
pub(super) struct Frozen {
    client: u64,
    /// By number, the greatest first.
    waiting: Vec<Waiting>,
    /// State that was taken early, by number.
    taken: Numbered<Still>,
    current: Option<Still>,
    /// What storage is asked for, with its checksum, and the blob.
    wanted: Option<(BlobKey, u32)>,
    loaded: Option<Vec<u8>>,
}

impl Frozen {
    /// Takes a key's state, if it is wanted and was not taken yet.
    fn take_early(&mut self, key: Key<'_>, item: &mut Item) {
        let number = item.value.number();
        let waits = self.waiting.binary_search_by(|waiting| number.cmp(&waiting.number)).is_ok();
        if waits && self.taken.get(number).is_none() {
            self.taken.insert(number, Still::of(key, item));
        }
    }

    fn stills(&mut self) -> impl Iterator<Item = &mut Still> {
        self.taken.iter_mut().map(|(_, still)| still).chain(self.current.as_mut())
    }

    /// A segment of a stream is no more what it was.
    fn set_aside(&mut self, stream: u64, segment: u64, source: &dyn Fn() -> Source) {
        let at = BlobKey::Segment { stream, segment };
        self.wanted.take_if(|(wanted, _)| *wanted == at);
        for still in self.stills().filter(|still| still.stream == stream) {
            let found = still.segments.binary_search_by_key(&segment, |(number, _)| *number);
            if let Ok(place) = found
                && let Source::Live = still.segments[place].1
            {
                still.segments[place].1 = source();
            }
        }
    }
}

impl Still {
    fn of(key: Key<'_>, item: &mut Item) -> Self {
        let mut head = Vec::new();
        put_varint(&mut head, u64::from(key.db));
        put_text(&mut head, key.name);
        put_option(&mut head, item.expires_ms);
        let mut still = Self {
            db: key.db,
            name: key.name.into(),
            stream: item.value.number(),
            ..Self::default()
        };
        match &mut item.value {
            Value::Plain(plain) => {
                head.push(PLAIN);
                plain.encode(&mut head);
                still.parts.push_back(Part::Ready(Piece::Key(head)));
            }
            Value::Stream(stream) => {
                head.push(STREAM);
                put_varint(&mut head, stream.groups.len() as u64);
                put_varint(&mut head, stream.segments.len() as u64);
                stream.encode_outline(&mut head);
                still.parts.push_back(Part::Ready(Piece::Key(head)));
                still.take_groups(stream);
                for segment in &mut stream.segments {
                    segment.pinned = true;
                    still.segments.push_back((segment.number, Source::Live));
                }
            }
        }
        still
    }

    fn take_groups(&mut self, stream: &Stream) {
        let number = stream.number;
        for (name, group) in stream.groups.iter() {
            let mut outline = Vec::new();
            group.encode_outline(name, &mut outline);
            self.parts.push_back(Part::Ready(Piece::Group(outline)));
            for page in group.pages() {
                let source = match page.address(number) {
                    Some(at) => {
                        page.pinned.set(true);
                        Source::Storage(at, page.checksum.get())
                    }
                    None => {
                        let mut bytes = Vec::new();
                        page.encode(&mut bytes);
                        Source::Memory(bytes)
                    }
                };
                self.parts.push_back(Part::Page(source));
            }
        }
    }

    /// Where what is not taken yet is.
    fn sources(&mut self) -> impl Iterator<Item = &mut Source> {
        let pages = self.parts.iter_mut().filter_map(|part| match part {
            Part::Page(source) => Some(source),
            Part::Ready(_) => None,
        });
        pages.chain(self.segments.iter_mut().map(|(_, source)| source))
    }
}

impl Frozen {
    /// What storage has at an address, once it was asked for.
    fn fetch(&mut self, at: BlobKey, checksum: u32) -> Result<Bytes, Missing> {
        let wanted = Some((at, checksum));
        let loaded = self.loaded.take().filter(|_| self.wanted == wanted);
        self.wanted = wanted.filter(|_| loaded.is_none());
        loaded.map(Bytes::Sealed).ok_or_else(|| Missing(vec![at]))
    }
}

impl Keyspace {
    /// Freezes the named keys, or all of them, for a client; what it had frozen before is let go.
    /// Returns how many there are.
    pub(crate) fn freeze(&mut self, client: u64, names: Option<&[Key<'_>]>) -> usize {
        self.thaw(client);
        let waiting = |(key, item): (Key<'_>, &Item)| Waiting {
            number: item.value.number(),
            db: key.db,
            name: key.name.into(),
        };
        let mut waiting: Vec<Waiting> = match names {
            Some(keys) => {
                keys.iter().filter_map(|key| Some((*key, self.item(*key)?))).map(waiting).collect()
            }
            None => self.items().filter(|(key, _)| key.db < super::STAGING).map(waiting).collect(),
        };
        waiting.sort_unstable_by_key(|waiting| core::cmp::Reverse(waiting.number));
        waiting.dedup_by_key(|waiting| waiting.number);
        let (taken, current, wanted, loaded) = (Numbered::default(), None, None, None);
        let keys = waiting.len();
        self.frozen.push(Frozen { client, waiting, taken, current, wanted, loaded });
        keys
    }

    /// Lets go what is frozen for a client.
    pub(crate) fn thaw(&mut self, client: u64) {
        self.frozen.retain(|frozen| frozen.client != client);
    }

    /// The next piece of what is frozen for a client; `None` at the end.
    pub(crate) fn next_piece(&mut self, client: u64) -> Result<Option<Piece>, Missing> {
        let mut all = core::mem::take(&mut self.frozen);
        let own = all.iter_mut().find(|frozen| frozen.client == client);
        let piece = own.map_or(Ok(None), |frozen| self.advance(frozen));
        self.frozen = all;
        piece
    }

    fn advance(&mut self, frozen: &mut Frozen) -> Result<Option<Piece>, Missing> {
        loop {
            let key = frozen.current.as_mut();
            if let Some(part) = key.and_then(|still| still.parts.pop_front()) {
                return self.read_part(frozen, part).map(Some);
            }
            let key = frozen.current.as_mut();
            if let Some((number, source)) = key.and_then(|still| still.segments.pop_front()) {
                return self.read_segment(frozen, number, source).map(Some);
            }
            let Some(Waiting { number, db, name }) = frozen.waiting.pop() else { return Ok(None) };
            frozen.current = frozen.taken.remove(number).or_else(|| {
                let key = Key { db, name: &name };
                let item = self.databases.get_mut(usize::from(db))?.get_mut(&name)?;
                Some(Still::of(key, item))
            });
        }
    }

    fn read_part(&mut self, frozen: &mut Frozen, part: Part) -> Result<Piece, Missing> {
        let source = match part {
            Part::Ready(piece) => return Ok(piece),
            Part::Page(source) => source,
        };
        let (at, checksum) = match source {
            Source::Memory(bytes) => return Ok(Piece::Page(Bytes::Bare(bytes))),
            Source::Storage(at, checksum) => (at, checksum),
            Source::Live => unreachable!("a page is in memory or in storage when it is frozen"),
        };
        frozen.fetch(at, checksum).map(Piece::Page).inspect_err(|_| {
            let still = frozen.current.as_mut().expect("the part is of a key");
            still.parts.push_front(Part::Page(Source::Storage(at, checksum)));
        })
    }

    fn read_segment(
        &mut self,
        frozen: &mut Frozen,
        number: u64,
        source: Source,
    ) -> Result<Piece, Missing> {
        let still = frozen.current.as_ref().expect("the segment is of a key");
        let (at, checksum) = match source {
            Source::Memory(bytes) => return Ok(Piece::Segment(Bytes::Bare(bytes))),
            Source::Storage(at, checksum) => (at, checksum),
            Source::Live => {
                let key = Key { db: still.db, name: &still.name };
                let stream = self.stream_at(key, still.stream).expect("what is live is there");
                let segment = stream.segment_mut(number).expect("what is live is there");
                if segment.is_resident() {
                    let mut bytes = Vec::new();
                    segment.encode(&mut bytes);
                    return Ok(Piece::Segment(Bytes::Bare(bytes)));
                }
                (segment.at(), segment.checksum)
            }
        };
        frozen.fetch(at, checksum).map(Piece::Segment).inspect_err(|_| {
            let still = frozen.current.as_mut().expect("the segment is of a key");
            still.segments.push_front((number, source));
        })
    }

    /// A stream by its number, which most often is where it was.
    fn stream_at(&mut self, key: Key<'_>, number: u64) -> Option<&mut Stream> {
        let there = self.item(key).is_some_and(|item| item.value.number() == number);
        if there {
            return self.databases[usize::from(key.db)].get_mut(key.name)?.stream_mut();
        }
        self.stream_by_number(number)
    }

    /// Takes a blob, which has this checksum, for those who wait for it. Returns whether anybody did.
    pub(crate) fn hand_over(
        &mut self,
        at: BlobKey,
        checksum: u32,
        blob: &[u8],
    ) -> Result<bool, Damage> {
        let mut handed = false;
        for frozen in &mut self.frozen {
            let Some((_, expected)) = frozen.wanted.filter(|(wanted, _)| *wanted == at) else {
                continue;
            };
            if expected != checksum {
                let problem = "the blob is not the one that its index describes";
                return Err(Damage { offset: 1, problem });
            }
            frozen.loaded = Some(blob.to_vec());
            handed = true;
        }
        Ok(handed)
    }

    /// Before a change: what somebody has frozen of the key is set aside.
    #[inline(never)]
    pub(super) fn preserve(&mut self, op: &Op<'_>) {
        let mut all = core::mem::take(&mut self.frozen);
        match &op.change {
            // The key is free. What is copied does not change.
            Change::CreateStream { .. }
            | Change::PutStream { .. }
            | Change::PutOutline { .. }
            | Change::Copy { .. } => {}
            Change::ClearDatabase => self.preserve_database(&mut all, op.key.db, &op.change),
            Change::SwapDatabases { with } => {
                self.preserve_database(&mut all, op.key.db, &op.change);
                self.preserve_database(&mut all, *with, &op.change);
            }
            change => {
                let database = self.databases.get_mut(usize::from(op.key.db));
                if let Some(item) = database.and_then(|database| database.get_mut(op.key.name)) {
                    preserve_item(&mut all, op.key, item, change);
                }
            }
        }
        self.frozen = all;
    }

    fn preserve_database(&mut self, all: &mut [Frozen], db: u8, change: &Change<'_>) {
        let Some(database) = self.databases.get_mut(usize::from(db)) else { return };
        for (name, item) in database.iter_mut() {
            preserve_item(all, Key { db, name }, item, change);
        }
    }

    /// At a checkpoint: what was set aside in memory, sealed, to be written where only those who need
    /// it know of it.
    pub(crate) fn spill(&mut self) -> Vec<(BlobKey, Vec<u8>)> {
        let mut spilled = Vec::new();
        let stream = self.next_number;
        let stills = self.frozen.iter_mut().flat_map(Frozen::stills);
        for source in stills.flat_map(Still::sources) {
            if let Source::Memory(bytes) = source {
                let at = BlobKey::Segment { stream, segment: spilled.len() as u64 };
                let blob = seal::sealed(|out| out.append(bytes));
                *source = Source::Storage(at, seal::checksum(&blob));
                spilled.push((at, blob));
            }
        }
        self.next_number += u64::from(!spilled.is_empty());
        self.garbage.extend(spilled.iter().map(|(at, _)| *at));
        spilled
    }

    /// Blobs that are to be deleted: those that nobody needs. The others are asked about again at
    /// the next checkpoint.
    pub(crate) fn sort_out(&mut self, gone: Vec<BlobKey>) -> Vec<BlobKey> {
        if self.frozen.is_empty() && self.garbage.is_empty() {
            return gone;
        }
        let rank = |at: BlobKey| -> Rank {
            let (kind, stream, number) = at.to_numbers();
            [kind, stream, number, 0]
        };
        let stills = self.frozen.iter_mut().flat_map(Frozen::stills);
        let needed = stills.flat_map(Still::sources).filter_map(|source| match source {
            Source::Storage(at, _) => Some(rank(*at)),
            _ => None,
        });
        let mut needed: Vec<Rank> = needed.collect();
        named::sort(&mut needed);
        let all = core::mem::take(&mut self.garbage).into_iter().chain(gone);
        let (keep, delete) = all.partition(|at| needed.binary_search(&rank(*at)).is_ok());
        self.garbage = keep;
        delete
    }
}

/// Before a change of one key.
fn preserve_item(all: &mut [Frozen], key: Key<'_>, item: &mut Item, change: &Change<'_>) {
    for frozen in all.iter_mut() {
        frozen.take_early(key, item);
    }
    let Some(stream) = item.stream_mut() else { return };
    let number = stream.number;
    for place in places_changed(stream, change) {
        let segment = &mut stream.segments[place];
        if !core::mem::take(&mut segment.pinned) {
            continue;
        }
        let goes = match change {
            Change::RemoveKey | Change::ClearDatabase => true,
            Change::Trim { through } => segment.last <= *through,
            _ => false,
        };
        let source = || {
            if goes && !segment.dirty {
                return Source::Storage(segment.at(), segment.checksum);
            }
            let mut bytes = Vec::new();
            segment.encode(&mut bytes);
            Source::Memory(bytes)
        };
        all.iter_mut().for_each(|frozen| frozen.set_aside(number, segment.number, &source));
    }
}

/// The places of the segments that a change changes or removes. Those that it changes are in
/// memory, as what it requires is.
fn places_changed(stream: &Stream, change: &Change<'_>) -> Vec<usize> {
    let segments = &stream.segments;
    match change {
        Change::RemoveKey | Change::ClearDatabase => (0..segments.len()).collect(),
        Change::Append { .. } | Change::SetCounters { .. } => {
            segments.len().checked_sub(1).into_iter().collect()
        }
        Change::Trim { through } => {
            (0..segments.partition_point(|segment| segment.first_live <= *through)).collect()
        }
        Change::Delete { ids } | Change::TrimEntries { ids } => {
            let place = |id| segments.partition_point(|segment| segment.last < id);
            ids.iter().map(|&id| place(id)).filter(|&place| place < segments.len()).collect()
        }
        _ => Vec::new(),
    }
}
