//! A page: a run of a group's pending entries list, the unit of storage, loading and eviction.
//!
//! What the index needs stays in memory: edges, counts, whose records may be here, and how old they
//! are. The records may be away.

use crate::blob::BlobKey;
use crate::stream::EntryId;
use crate::stream::bytes::{Damage, Reader, put_id, put_varint, unzigzag, zigzag};
use crate::stream::pel::{Owner, Pending};
use crate::stream::records::Records;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cell::Cell;

/// A run of records and its line in the index.
#[derive(Debug)]
pub(crate) struct Page {
    /// Its number in storage; `None`: storage has no version of it.
    pub(super) number: Option<u64>,
    /// IDs of the first and the last record.
    pub(super) first: EntryId,
    pub(super) last: EntryId,
    pub(super) count: usize,
    /// How many of the records belong to nobody.
    pub(super) released: usize,
    bounds: Cell<Bounds>,
    /// What the seal of its blob in storage says, which tells it from all others.
    pub(crate) checksum: Cell<u32>,
    /// Ascending by ID, never empty; `None`: they are in storage only.
    records: Option<Records>,
    /// What storage has of it is needed by somebody who has frozen the group.
    pub(crate) pinned: Cell<bool>,
    /// Differs from what storage has.
    pub(crate) dirty: bool,
    /// When it was last looked at, in turns, as far as eviction has asked.
    pub(super) touched: Cell<u64>,
    /// Looked at since eviction asked.
    used: Cell<bool>,
}

/// Whose records a page has.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// How many each consumer has, by its number.
    pub(super) counts: BTreeMap<u32, u64>,
    /// The greatest place of a record that was given back.
    pub(super) last_place: Option<u64>,
}

/// What can be said of a page without its records. Exact in storage; while the records are in
/// memory and change, records that have gone may still be counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    /// Bit `n % 64` is set if a record of consumer `n` is here.
    consumers: u64,
    /// The times between which the records of consumers were delivered.
    pub(super) oldest_ms: u64,
    pub(super) newest_ms: u64,
    /// The least place of a record that was given back.
    pub(super) first_place: u64,
}

impl Bounds {
    const NOTHING: Self =
        Self { consumers: 0, oldest_ms: u64::MAX, newest_ms: 0, first_place: u64::MAX };

    fn with(self, record: &Pending) -> Self {
        match record.owner {
            Owner::Consumer { number, delivered_ms, .. } => Self {
                consumers: self.consumers | bit_of(number),
                oldest_ms: self.oldest_ms.min(delivered_ms),
                newest_ms: self.newest_ms.max(delivered_ms),
                ..self
            },
            Owner::Nobody { place } => Self { first_place: self.first_place.min(place), ..self },
        }
    }

    fn of<'r>(records: impl IntoIterator<Item = &'r Pending>) -> Self {
        records.into_iter().fold(Self::NOTHING, Self::with)
    }
}

fn bit_of(consumer: u32) -> u64 {
    1 << (consumer % 64)
}

impl Page {
    /// A page of records in memory, of which storage has nothing.
    pub(super) fn of(records: Records) -> Self {
        let edges = records.first().zip(records.last());
        let (first, last) = edges.map(|(first, last)| (first.id, last.id)).expect("a record");
        Self {
            number: None,
            first,
            last,
            count: records.len(),
            released: records.iter().filter(|record| record.consumer().is_none()).count(),
            bounds: Cell::new(Bounds::of(&*records)),
            checksum: Cell::new(0),
            records: Some(records),
            pinned: Cell::new(false),
            dirty: true,
            touched: Cell::new(0),
            used: Cell::new(true),
        }
    }

    pub(super) fn is_resident(&self) -> bool {
        self.records.is_some()
    }

    /// Where storage has it as it is.
    pub(crate) fn address(&self, stream: u64) -> Option<BlobKey> {
        let page = self.number.filter(|_| !self.dirty)?;
        Some(BlobKey::Page { stream, page })
    }

    /// The records, if they are in memory.
    pub(super) fn records(&self) -> Option<&[Pending]> {
        self.used.set(true);
        self.records.as_deref()
    }

    /// Its bytes in memory.
    pub(super) fn bytes(&self) -> usize {
        self.count * size_of::<Pending>()
    }

    pub(super) fn bounds(&self) -> Bounds {
        self.bounds.get()
    }

    /// Makes the bounds exact where the records are in memory.
    pub(super) fn refresh(&self) {
        if let Some(records) = &self.records {
            self.bounds.set(Bounds::of(&**records));
        }
    }

    /// Whether a record of this consumer may be here.
    pub(crate) fn may_have(&self, consumer: u32) -> bool {
        self.bounds.get().consumers & bit_of(consumer) != 0
    }

    /// Whether a record of a consumer may be here that was delivered by then.
    pub(crate) fn may_be_older(&self, than_ms: u64) -> bool {
        self.bounds.get().oldest_ms <= than_ms
    }

    pub(crate) fn has_released(&self) -> bool {
        self.released > 0
    }

    /// When it was last looked at, now that eviction asks.
    pub(super) fn last_touched(&self, now: u64) -> u64 {
        if self.used.take() {
            self.touched.set(now);
        }
        self.touched.get()
    }

    fn records_mut(&mut self) -> &mut Records {
        (self.dirty, *self.used.get_mut()) = (true, true);
        self.records.as_mut().expect("a page is loaded before an op changes it")
    }

    /// Puts a record in, in place of the one with the same ID, which it returns.
    pub(super) fn insert(&mut self, record: Pending) -> Option<Pending> {
        let records = self.records_mut();
        let before = match records.binary_search_by_key(&record.id, |record| record.id) {
            Ok(at) => Some(core::mem::replace(&mut records[at], record)),
            Err(at) => {
                records.insert(at, record);
                None
            }
        };
        self.bounds.set(self.bounds.get().with(&record));
        self.released += usize::from(record.consumer().is_none());
        self.settle(before)
    }

    pub(super) fn remove(&mut self, id: EntryId) -> Option<Pending> {
        let records = self.records_mut();
        let at = records.binary_search_by_key(&id, |record| record.id).ok()?;
        let record = records.remove(at);
        self.settle(Some(record))
    }

    /// Renews the edges and counts after a record has gone, or another has come.
    fn settle(&mut self, gone: Option<Pending>) -> Option<Pending> {
        let records = self.records.as_ref().expect("a page is loaded before an op changes it");
        self.count = records.len();
        if let Some((first, last)) = records.first().zip(records.last()) {
            (self.first, self.last) = (first.id, last.id);
        }
        self.released -= usize::from(gone.is_some_and(|record| record.consumer().is_none()));
        gone
    }

    /// Takes the upper half of the records away, as a page of its own.
    pub(super) fn split(&mut self) -> Self {
        let records = self.records_mut();
        let upper = Self::of(records.split_off(records.len() / 2));
        self.released -= upper.released;
        self.settle(None);
        upper
    }

    /// Adds the records of the page that follows, which are in memory.
    pub(super) fn append(&mut self, following: Self) {
        let records = following.records.expect("only pages in memory are joined");
        for record in &*records {
            self.bounds.set(self.bounds.get().with(record));
        }
        self.released += following.released;
        self.records_mut().append(&records);
        self.settle(None);
    }

    /// Lets the records go. Storage has them.
    pub(super) fn evict(&mut self) -> Records {
        assert!(!self.dirty && self.number.is_some(), "only what storage has may leave memory");
        self.records.take().expect("a page in memory")
    }

    /// ```text
    /// count, per record: ms - ms before, seq, count                              varints
    ///        consumer + 1, zigzag of delivered - delivered before, turn - turn before; or 0, place
    /// ```
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let records = self.records.as_deref().expect("only a resident page is written");
        put_varint(out, records.len() as u64);
        let (mut id_ms, mut before_ms, mut before_turn) = (0, 0, 0);
        for record in records {
            put_varint(out, record.id.ms - id_ms);
            put_varint(out, record.id.seq);
            put_varint(out, record.count);
            id_ms = record.id.ms;
            match record.owner {
                Owner::Consumer { number, turn, delivered_ms } => {
                    put_varint(out, u64::from(number) + 1);
                    put_varint(out, zigzag(delivered_ms.wrapping_sub(before_ms) as i64));
                    put_varint(out, u64::from(turn.wrapping_sub(before_turn)));
                    (before_ms, before_turn) = (delivered_ms, turn);
                }
                Owner::Nobody { place } => {
                    put_varint(out, 0);
                    put_varint(out, place);
                }
            }
        }
    }

    /// Puts records from storage in place, after testing that they are the ones the index promises.
    pub(super) fn fill(&mut self, checksum: u32, records: Records) -> bool {
        let found = Self { checksum: Cell::new(checksum), ..Self::of(records) };
        let same = self.describes(&found);
        if same {
            self.records = found.records;
            self.used.set(true);
        }
        same
    }

    /// Whether the index line of another page says of it what its own says.
    pub(crate) fn describes(&self, other: &Self) -> bool {
        let line = |of: &Self| {
            (of.first, of.last, of.count, of.released, of.bounds.get(), of.checksum.get())
        };
        line(self) == line(other)
    }

    /// IDs of the first and the last record, and how many there are.
    pub(crate) fn range(&self) -> (EntryId, EntryId, u64) {
        (self.first, self.last, self.count as u64)
    }

    /// A page from storage, of which no index is needed: its records, which stay there, tell its
    /// line and what a group has to have for it.
    pub(crate) fn decode(number: u64, reader: &mut Reader<'_>) -> Result<(Self, Tally), Damage> {
        let records = read_records(reader)?;
        let mut tally = Tally::default();
        for record in &*records {
            match record.owner {
                Owner::Consumer { number, .. } => *tally.counts.entry(number).or_default() += 1,
                Owner::Nobody { place } => tally.last_place = tally.last_place.max(Some(place)),
            }
        }
        let page = Self { number: Some(number), dirty: false, ..Self::of(records) };
        Ok((Self { records: None, ..page }, tally))
    }

    /// ```text
    /// number (0 in a stream in one piece); first ID, last ID; count, released, consumers' bits         varints
    /// oldest, newest - oldest                              varints, unless all are released
    /// least place                                          varint, if any is released
    /// checksum of the blob; in a stream in one piece it says nothing        u32, little-endian
    /// ```
    pub(super) fn encode_index(&self, out: &mut Vec<u8>) {
        put_varint(out, self.number.unwrap_or(0));
        put_id(out, self.first);
        put_id(out, self.last);
        put_varint(out, self.count as u64);
        put_varint(out, self.released as u64);
        let bounds = self.bounds.get();
        put_varint(out, bounds.consumers);
        if self.released < self.count {
            put_varint(out, bounds.oldest_ms);
            put_varint(out, bounds.newest_ms - bounds.oldest_ms);
        }
        if self.released > 0 {
            put_varint(out, bounds.first_place);
        }
        out.extend_from_slice(&self.checksum.get().to_le_bytes());
    }

    /// A page known by its index line only; its records are in storage.
    pub(super) fn decode_index(reader: &mut Reader<'_>) -> Result<Self, Damage> {
        let damage = reader.damage("impossible index line");
        let number = Some(reader.varint()?);
        let (first, last) = (reader.id()?, reader.id()?);
        let count = usize::try_from(reader.varint()?).map_err(|_| damage)?;
        let released = usize::try_from(reader.varint()?).map_err(|_| damage)?;
        let mut bounds = Bounds { consumers: reader.varint()?, ..Bounds::NOTHING };
        if released < count {
            bounds.oldest_ms = reader.varint()?;
            bounds.newest_ms = bounds.oldest_ms.checked_add(reader.varint()?).ok_or(damage)?;
        }
        if released > 0 {
            bounds.first_place = reader.varint()?;
        }
        let checksum = Cell::new(reader.u32()?);
        if count == 0 || released > count || first > last || (first == last) != (count == 1) {
            return Err(damage);
        }
        Ok(Self {
            number,
            first,
            last,
            count,
            released,
            bounds: Cell::new(bounds),
            checksum,
            records: None,
            pinned: Cell::new(false),
            dirty: false,
            touched: Cell::new(0),
            used: Cell::new(false),
        })
    }

    /// Panics when an invariant does not hold.
    pub(super) fn check(&self) {
        assert!(self.is_resident() || self.number.is_some() && !self.dirty, "it is somewhere");
        let Some(records) = &self.records else { return };
        let edges = records.first().zip(records.last());
        let edges = edges.map(|(first, last)| (first.id, last.id));
        assert_eq!(edges, Some((self.first, self.last)), "the index knows the edges");
        assert!(records.is_sorted_by(|one, next| one.id < next.id));
        assert_eq!(records.len(), self.count, "the index counts the records");
        let released = records.iter().filter(|record| record.consumer().is_none()).count();
        assert_eq!(released, self.released, "the index counts what was given back");
        let (said, exact) = (self.bounds.get(), Bounds::of(&**records));
        assert_eq!(said.consumers & exact.consumers, exact.consumers, "the consumers are known");
        assert!(said.oldest_ms <= exact.oldest_ms && said.newest_ms >= exact.newest_ms);
        assert!(said.first_place <= exact.first_place);
        assert!(self.dirty || said == exact, "what storage has is known exactly");
    }
}

/// The records of a page from storage.
pub(super) fn read_records(reader: &mut Reader<'_>) -> Result<Records, Damage> {
    let mut records = Records::default();
    let (mut before_ms, mut before_turn) = (0u64, 0u16);
    for _ in 0..reader.count()? {
        let damage = reader.damage("impossible pending record");
        let before = records.last().map(|record| record.id);
        let ms = before.map_or(0, |id| id.ms).checked_add(reader.varint()?).ok_or(damage)?;
        let id = EntryId { ms, seq: reader.varint()? };
        let count = reader.varint()?;
        let owner = match reader.varint()?.checked_sub(1) {
            Some(number) => {
                before_ms = before_ms.wrapping_add(unzigzag(reader.varint()?) as u64);
                before_turn = before_turn.wrapping_add(read_turn(reader)?);
                let number = u32::try_from(number).map_err(|_| damage)?;
                Owner::Consumer { number, turn: before_turn, delivered_ms: before_ms }
            }
            None => Owner::Nobody { place: reader.varint()? },
        };
        if before.is_some_and(|before| before >= id) {
            return Err(damage);
        }
        records.push(Pending { id, count, owner });
    }
    reader.finish()?;
    if records.is_empty() { Err(reader.damage("a page without records")) } else { Ok(records) }
}

pub(super) fn read_turn(reader: &mut Reader<'_>) -> Result<u16, Damage> {
    let damage = reader.damage("number too large");
    u16::try_from(reader.varint()?).map_err(|_| damage)
}
