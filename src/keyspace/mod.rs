//! The keyspace: databases of keys, and the one door through which they change.

mod change;
mod expiries;
mod frozen;
mod item;
mod places;
mod rare;
mod residence;

pub(crate) use frozen::{Bytes, Piece};
pub(crate) use item::{Item, PLAIN, STREAM, Value};

use crate::blob::BlobKey;
use crate::named::Named;
use crate::op::{Change, Key, Op};
use crate::stream::{Memory, Stream};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::array;
use core::cell::Cell;
use expiries::Expiries;
use frozen::Frozen;
use places::Places;

/// How many databases there are, as in Redis' own configuration.
pub(crate) const DATABASES: u8 = 16;

/// The database behind those: what is being imported, before it gets its own name. Nobody can
/// select it.
pub(crate) const STAGING: u8 = DATABASES;

/// One database.
/// What a key takes in memory beside its value, roughly.
const KEY_BYTES: usize = 256;

type Database = Named<Item>;

/// All keys of all databases.
#[derive(Debug)]
pub(crate) struct Keyspace {
    databases: [Database; DATABASES as usize + 1],
    next_number: u64,
    /// Where the values are, by their numbers.
    places: Places,
    /// What is gone but storage still has.
    dropped: Vec<Value>,
    expiries: Expiries,
    /// What exports need of keys that go on changing.
    frozen: Vec<Frozen>,
    /// What storage has and no stream knows of any more, but some of those may need.
    pub(crate) garbage: Vec<BlobKey>,
    /// Bytes of the segments and pages in memory.
    resident_bytes: usize,
    /// Bytes of the values that are no streams.
    plain_bytes: usize,
    /// How many pending records a page may have.
    page_records: usize,
    /// Counts turns, to know which segments have been idle longest.
    clock: Cell<u64>,
}

/// Why an op cannot be applied: it does not fit the state. A decided op always fits; one from a
/// damaged journal may not.
pub(crate) type Misfit = &'static str;

impl Keyspace {
    /// An empty keyspace, with so many pending records in a page.
    pub(crate) fn new(page_records: usize) -> Self {
        Self {
            databases: array::from_fn(|_| Database::default()),
            next_number: 0,
            places: Places::default(),
            dropped: Vec::new(),
            expiries: Expiries::default(),
            frozen: Vec::new(),
            garbage: Vec::new(),
            resident_bytes: 0,
            plain_bytes: 0,
            page_records,
            clock: Cell::new(0),
        }
    }

    pub(crate) fn database(&self, db: u8) -> &Database {
        &self.databases[usize::from(db)]
    }

    fn database_mut(&mut self, db: u8) -> Result<&mut Database, Misfit> {
        self.databases.get_mut(usize::from(db)).ok_or("no such database")
    }

    /// What a key holds. The caller names a database that exists.
    pub(crate) fn item(&self, key: Key<'_>) -> Option<&Item> {
        let item = self.database(key.db).get(key.name)?;
        if let Value::Stream(stream) = &item.value {
            stream.clock.set(self.clock.get());
        }
        Some(item)
    }

    fn stream_mut(&mut self, key: Key<'_>) -> Result<&mut Stream, Misfit> {
        let clock = self.clock.get();
        let item = self.database_mut(key.db)?.get_mut(key.name).ok_or("no such key")?;
        let Value::Stream(stream) = &mut item.value else { return Err("not a stream") };
        stream.clock.set(clock);
        Ok(stream)
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = (Key<'_>, &Item)> {
        self.databases.iter().zip(0..).flat_map(|(database, db)| {
            database.iter().map(move |(name, item)| (Key { db, name }, item))
        })
    }

    pub(crate) fn items_mut(&mut self) -> impl Iterator<Item = (Key<'_>, &mut Item)> {
        self.databases.iter_mut().zip(0..).flat_map(|(database, db)| {
            database.iter_mut().map(move |(name, item)| (Key { db, name }, item))
        })
    }

    fn streams(&self) -> impl Iterator<Item = &Stream> {
        self.items().filter_map(|(_, item)| item.stream())
    }

    /// Makes a change. This is the only way to change anything, live and on replay. What
    /// [`Keyspace::require`] names is in memory.
    pub(crate) fn apply(&mut self, op: &Op<'_>) -> Result<(), Misfit> {
        if !self.frozen.is_empty() {
            self.preserve(op);
        }
        match &op.change {
            Change::CreateStream { memory } => self.create_stream(op.key, *memory),
            Change::RemoveKey => self.remove_key(op.key),
            change if change.is_rare() => self.apply_rare(op),
            change => self.change_stream(op.key, |stream| change::apply_to_stream(stream, change)),
        }
    }

    /// Changes a stream, and counts what of it is in memory then.
    fn change_stream(
        &mut self,
        key: Key<'_>,
        change: impl FnOnce(&mut Stream) -> Result<(), Misfit>,
    ) -> Result<(), Misfit> {
        let stream = self.stream_mut(key)?;
        let before = stream.resident_bytes;
        let result = change(stream);
        let after = stream.resident_bytes;
        self.resident_bytes = self.resident_bytes - before + after;
        result
    }

    fn create_stream(&mut self, key: Key<'_>, memory: Memory) -> Result<(), Misfit> {
        let stream = Stream::new(self.next_number, memory);
        self.place(key, Item { value: Value::Stream(Box::new(stream)), expires_ms: None })?;
        self.next_number += 1;
        Ok(())
    }

    fn remove_key(&mut self, key: Key<'_>) -> Result<(), Misfit> {
        let item = self.take(key)?;
        self.bury(item.value);
        Ok(())
    }

    /// Puts an item at a free key.
    fn place(&mut self, key: Key<'_>, mut item: Item) -> Result<(), Misfit> {
        if let Some(stream) = item.stream_mut() {
            stream.page_records = self.page_records;
        }
        let expires_ms = item.expires_ms;
        let (resident, plain) = (item.value.resident_bytes(), item.value.plain_bytes());
        let value = item.value.number();
        let database = self.database_mut(key.db)?;
        if !database.insert(key.name, item) {
            return Err("the key is taken");
        }
        let number = database.number(key.name).ok_or("no such key")?;
        self.expiries.set(key.db, number, None, expires_ms);
        self.note_place(value, key.db, number);
        self.resident_bytes += resident;
        self.plain_bytes += plain;
        Ok(())
    }

    /// Takes an item away from its key.
    fn take(&mut self, key: Key<'_>) -> Result<Item, Misfit> {
        let database = self.database_mut(key.db)?;
        let number = database.number(key.name).ok_or("no such key")?;
        let item = database.remove(key.name).ok_or("no such key")?;
        self.expiries.set(key.db, number, item.expires_ms, None);
        self.count_out(&item.value);
        Ok(item)
    }

    fn count_out(&mut self, value: &Value) {
        self.resident_bytes -= value.resident_bytes();
        self.plain_bytes -= value.plain_bytes();
    }

    fn bury(&mut self, value: Value) {
        if value.is_stored() {
            self.dropped.push(value);
        }
    }

    /// Puts an item from storage in place.
    pub(crate) fn install(&mut self, key: Key<'_>, item: Item) -> Result<(), Misfit> {
        if item.value.number() >= self.next_number {
            return Err("a number that was never given");
        }
        self.place(key, item).map_err(|_| "two values under one key, or no such database")
    }

    /// A value has come to a place. Once half of those that are noted have gone they are forgotten.
    fn note_place(&mut self, number: u64, db: u8, slot: u32) {
        self.places.set(number, db, slot);
        let there: usize = self.databases.iter().map(Named::len).sum();
        if self.places.len() > 2 * there + 64 {
            let databases = &self.databases;
            self.places.retain(|number, db, slot| {
                let item = databases[usize::from(db)].at(slot);
                item.is_some_and(|(_, item)| item.value.number() == number)
            });
        }
    }

    /// A new turn begins.
    pub(crate) fn advance_clock(&self) {
        self.clock.set(self.clock.get() + 1);
    }

    /// Bytes of the segments and pages in memory.
    pub(crate) fn resident_bytes(&self) -> usize {
        self.resident_bytes
    }

    /// Bytes of what it has in memory, roughly.
    pub(crate) fn used_bytes(&self) -> u64 {
        let keys: usize = (0..DATABASES).map(|db| self.database(db).len()).sum();
        (self.resident_bytes + self.plain_bytes + keys * KEY_BYTES) as u64
    }

    /// The keys whose time has come, the earliest first.
    pub(crate) fn expired(&self, now_ms: u64) -> Vec<(u8, Box<[u8]>)> {
        let due = self.expiries.due(now_ms).map(|(db, number)| {
            let named = self.database(db).at(number);
            let (name, _) = named.expect("what expires is there");
            (db, name.into())
        });
        due.collect()
    }

    /// When the next key expires.
    pub(crate) fn next_expiry_ms(&self) -> Option<u64> {
        self.expiries.next_ms()
    }

    pub(crate) fn next_number(&self) -> u64 {
        self.next_number
    }

    pub(crate) fn set_next_number(&mut self, number: u64) {
        self.next_number = number;
    }

    /// Whether there is such a key.
    pub(crate) fn holds(&self, key: Key<'_>) -> bool {
        let database = self.databases.get(usize::from(key.db));
        database.is_some_and(|database| database.contains(key.name))
    }

    /// Makes a checkpoint write everything but the segments and pages that have not changed, as for a
    /// storage that holds nothing else. Gives the addresses of those.
    pub(crate) fn mark_rewritten(&mut self) -> Vec<BlobKey> {
        self.dropped.clear();
        let mut kept = Vec::new();
        for (_, item) in self.items_mut() {
            match &mut item.value {
                Value::Stream(stream) => kept.append(&mut stream.mark_rewritten()),
                Value::Plain(plain) => (plain.dirty, plain.stored) = (true, false),
            }
        }
        kept
    }

    /// Takes what is gone but storage still has.
    pub(crate) fn take_dropped(&mut self) -> Vec<Value> {
        core::mem::take(&mut self.dropped)
    }

    /// Panics when an invariant does not hold.
    pub(crate) fn check(&self) {
        self.databases.iter().for_each(Named::check);
        for (key, item) in self.items() {
            let number = item.value.number();
            assert!(number < self.next_number, "numbers count up");
            let slot = self.database(key.db).number(key.name);
            assert_eq!(self.places.get(number), slot.map(|slot| (key.db, slot)), "it is found");
            item.value.check();
        }
        let values = || self.items().map(|(_, item)| &item.value);
        let segments: usize = values().map(Value::resident_bytes).sum();
        assert_eq!(segments, self.resident_bytes, "the keyspace counts what is in memory");
        let plain: usize = values().map(Value::plain_bytes).sum();
        assert_eq!(plain, self.plain_bytes, "the keyspace counts its plain values' bytes");
        self.expiries.check(|db, number| self.database(db).at(number)?.1.expires_ms);
        let expiring = self.items().filter(|(_, item)| item.expires_ms.is_some()).count();
        assert_eq!(expiring, self.expiries.len(), "every expiry is listed");
    }
}
