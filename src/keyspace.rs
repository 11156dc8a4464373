//! The keyspace: databases of keys, and the one door through which they change.

use crate::named::{Named, Rank};
use crate::op::{Change, Key, Op};
use crate::stream::bytes::{Damage, Reader};
use crate::stream::{EntryId, Group, Memory, Missing, Producers, SegmentRef, Stream};
use alloc::vec::Vec;
use core::cell::Cell;

/// How many databases there are, as in Redis' own configuration.
pub(crate) const DATABASES: u8 = 16;

/// One database.
type Database = Named<Stream>;

/// All keys of all databases.
#[derive(Debug, Default)]
pub(crate) struct Keyspace {
    databases: [Database; DATABASES as usize],
    next_stream: u64,
    /// Streams that are gone but that storage still has.
    dropped: Vec<Stream>,
    /// Bytes of the segments in memory.
    resident_bytes: usize,
    /// Counts turns, to know which segments have been idle longest.
    clock: Cell<u64>,
}

/// Why an op cannot be applied: it does not fit the state. A decided op always fits; one from a
/// damaged journal may not.
pub(crate) type Misfit = &'static str;

impl Keyspace {
    pub(crate) fn stream(&self, key: Key<'_>) -> Option<&Stream> {
        let stream = self.databases[usize::from(key.db)].get(key.name)?;
        stream.clock.set(self.clock.get());
        Some(stream)
    }

    fn stream_mut(&mut self, key: Key<'_>) -> Result<&mut Stream, Misfit> {
        let clock = self.clock.get();
        let stream = self.databases.get_mut(usize::from(key.db)).ok_or("no such database")?;
        let stream = stream.get_mut(key.name).ok_or("no such stream")?;
        stream.clock.set(clock);
        Ok(stream)
    }

    pub(crate) fn streams(&self) -> impl Iterator<Item = (Key<'_>, &Stream)> {
        self.databases.iter().zip(0..).flat_map(|(database, db)| {
            database.iter().map(move |(name, stream)| (Key { db, name }, stream))
        })
    }

    pub(crate) fn streams_mut(&mut self) -> impl Iterator<Item = (Key<'_>, &mut Stream)> {
        self.databases.iter_mut().zip(0..).flat_map(|(database, db)| {
            database.iter_mut().map(move |(name, stream)| (Key { db, name }, stream))
        })
    }

    /// The segments that must be in memory before the op can be applied.
    pub(crate) fn require(&self, op: &Op<'_>) -> Result<(), Missing> {
        let Some(stream) = self.stream(op.key) else { return Ok(()) };
        match &op.change {
            Change::Append { .. } | Change::SetCounters { .. } => stream.require_tail(),
            Change::Trim { through } => stream.require_cut(*through),
            Change::Delete { ids } | Change::TrimEntries { ids } => stream.require_entries(ids),
            _ => Ok(()),
        }
    }

    /// Makes a change. This is the only way to change anything, live and on replay. What
    /// [`Keyspace::require`] names is in memory.
    pub(crate) fn apply(&mut self, op: &Op<'_>) -> Result<(), Misfit> {
        match &op.change {
            Change::CreateStream { memory } => self.create_stream(op.key, *memory),
            Change::RemoveKey => self.remove_key(op.key),
            Change::ClearDatabase => self.clear_database(op.key.db),
            change => {
                let stream = self.stream_mut(op.key)?;
                let before = stream.resident_bytes;
                let result = apply_to_stream(stream, change);
                let after = stream.resident_bytes;
                self.resident_bytes = self.resident_bytes - before + after;
                result
            }
        }
    }

    fn create_stream(&mut self, key: Key<'_>, memory: Memory) -> Result<(), Misfit> {
        let database = self.databases.get_mut(usize::from(key.db)).ok_or("no such database")?;
        if !database.insert(key.name, Stream::new(self.next_stream, memory)) {
            return Err("the key is taken");
        }
        self.next_stream += 1;
        Ok(())
    }

    fn remove_key(&mut self, key: Key<'_>) -> Result<(), Misfit> {
        let database = self.databases.get_mut(usize::from(key.db)).ok_or("no such database")?;
        let stream = database.remove(key.name).ok_or("no such stream")?;
        self.bury(stream);
        Ok(())
    }

    fn clear_database(&mut self, db: u8) -> Result<(), Misfit> {
        let database = self.databases.get_mut(usize::from(db)).ok_or("no such database")?;
        for stream in core::mem::take(database).into_things() {
            self.bury(stream);
        }
        Ok(())
    }

    fn bury(&mut self, stream: Stream) {
        self.resident_bytes -= stream.resident_bytes;
        if stream.stored {
            self.dropped.push(stream);
        }
    }

    pub(crate) fn holds_any(&self, db: u8) -> bool {
        self.databases.get(usize::from(db)).is_some_and(|database| !database.is_empty())
    }

    /// Puts a stream from storage in place.
    pub(crate) fn install(&mut self, key: Key<'_>, stream: Stream) -> Result<(), Misfit> {
        let database = self.databases.get_mut(usize::from(key.db)).ok_or("no such database")?;
        if stream.number >= self.next_stream {
            return Err("a stream number that was never given");
        }
        if database.insert(key.name, stream) { Ok(()) } else { Err("two streams under one key") }
    }

    pub(crate) fn next_stream(&self) -> u64 {
        self.next_stream
    }

    pub(crate) fn set_next_stream(&mut self, number: u64) {
        self.next_stream = number;
    }

    /// A stream by its number; for loading segments only.
    pub(crate) fn stream_by_number(&mut self, number: u64) -> Option<&mut Stream> {
        self.streams_mut().map(|(_, stream)| stream).find(|stream| stream.number == number)
    }

    /// A new turn begins.
    pub(crate) fn advance_clock(&self) {
        self.clock.set(self.clock.get() + 1);
    }

    /// Bytes of the segments in memory.
    pub(crate) fn resident_bytes(&self) -> usize {
        self.resident_bytes
    }

    /// Puts the nodes of a segment from storage in place. A segment that is gone, or in memory
    /// already, is passed over: the host may have read it for a turn that is long done.
    pub(crate) fn fill(&mut self, at: SegmentRef, body: &mut Reader<'_>) -> Result<(), Damage> {
        let clock = self.clock.get();
        let Some(stream) = self.stream_by_number(at.stream) else { return Ok(()) };
        let Some(segment) = stream.segment_mut(at.segment) else { return Ok(()) };
        if segment.is_resident() {
            return Ok(());
        }
        segment.fill(body)?;
        segment.touched.set(clock);
        let bytes = segment.bytes;
        stream.resident_bytes += bytes;
        self.resident_bytes += bytes;
        Ok(())
    }

    /// Evicts the segments that were idle longest until `bytes` are enough, as far as storage has
    /// them. What the present turn touched stays.
    pub(crate) fn evict_to(&mut self, bytes: usize) {
        if self.resident_bytes <= bytes {
            return;
        }
        let now = self.clock.get();
        let segments = self.streams().flat_map(|(_, stream)| stream.segments.iter());
        let evictable = segments.filter(|segment| {
            segment.is_resident() && !segment.dirty && segment.touched.get() < now
        });
        let mut evictable: Vec<Rank> = evictable
            .map(|segment| [segment.touched.get(), segment.at.stream, segment.at.segment, 0])
            .collect();
        evictable.sort_unstable();
        for [_, stream, segment, _] in evictable {
            let at = SegmentRef { stream, segment };
            if self.resident_bytes <= bytes {
                return;
            }
            let stream = self.stream_by_number(at.stream).expect("the segment has a stream");
            let segment = stream.segment_mut(at.segment).expect("the stream has the segment");
            segment.evict();
            let freed = segment.bytes;
            stream.resident_bytes -= freed;
            self.resident_bytes -= freed;
        }
    }

    /// Takes the streams that are gone but that storage still has.
    pub(crate) fn take_dropped(&mut self) -> Vec<Stream> {
        core::mem::take(&mut self.dropped)
    }

    /// Panics when an invariant does not hold.
    pub(crate) fn check(&self) {
        self.databases.iter().for_each(Named::check);
        for (_, stream) in self.streams() {
            assert!(stream.number < self.next_stream, "stream numbers count up");
            stream.check();
        }
        let bytes: usize = self.streams().map(|(_, stream)| stream.resident_bytes).sum();
        assert_eq!(bytes, self.resident_bytes, "the keyspace counts its bytes");
    }
}

fn apply_to_stream(stream: &mut Stream, change: &Change<'_>) -> Result<(), Misfit> {
    match change {
        Change::CreateStream { .. } | Change::RemoveKey | Change::ClearDatabase => {
            Err("not a change within a stream")
        }
        Change::Append { id, fields, place } => {
            let fits = !fields.is_empty() && fields.len().is_multiple_of(2);
            let appended = fits && stream.append(*id, fields, *place);
            if appended { Ok(()) } else { Err("an entry that cannot be appended") }
        }
        Change::Trim { through } => {
            stream.trim(*through);
            Ok(())
        }
        Change::TrimEntries { ids } => delete(stream, ids),
        Change::Forget { ids } => {
            stream.groups.iter_mut().for_each(|(_, group)| group.acknowledge(ids));
            Ok(())
        }
        Change::Delete { ids } => {
            let greatest = ids.iter().copied().max().unwrap_or_default();
            stream.max_deleted = stream.max_deleted.max(greatest);
            delete(stream, ids)
        }
        Change::SetCounters { last_id, entries_added, max_deleted } => {
            let set = stream.set_counters(*last_id, *entries_added, *max_deleted);
            if set { Ok(()) } else { Err("a last ID below the last entry") }
        }
        Change::SetMemory { .. }
        | Change::Introduce { .. }
        | Change::Remember { .. }
        | Change::CountDuplicate
        | Change::Sweep { .. } => apply_to_producers(stream.producers_mut(), change),
        Change::CreateGroup { group, last_delivered, entries_read } => {
            let created = stream.create_group(group, *last_delivered, *entries_read);
            if created { Ok(()) } else { Err("the group is there already") }
        }
        Change::DestroyGroup { group } => {
            if stream.destroy_group(group) {
                Ok(())
            } else {
                Err("no such group")
            }
        }
        change => apply_to_group(stream, change),
    }
}

fn delete(stream: &mut Stream, ids: &[EntryId]) -> Result<(), Misfit> {
    let deleted = stream.delete(ids);
    if deleted == ids.len() as u64 { Ok(()) } else { Err("no such entry") }
}

fn apply_to_producers(producers: &mut Producers, change: &Change<'_>) -> Result<(), Misfit> {
    match change {
        Change::SetMemory { memory } => producers.set_memory(*memory),
        Change::Introduce { producer } => producers.introduce(producer),
        Change::CountDuplicate => producers.duplicates += 1,
        Change::Sweep { now_ms } => producers.sweep(*now_ms),
        Change::Remember { producer, iid, id } => {
            if !producers.remember(producer, iid.as_bytes(), *id) {
                return Err("an idempotent ID that is taken");
            }
        }
        _ => return Err("not a change of what is remembered of producers"),
    }
    Ok(())
}

fn group_mut<'s>(stream: &'s mut Stream, name: &[u8]) -> Result<&'s mut Group, Misfit> {
    stream.groups.get_mut(name).ok_or("no such group")
}

fn apply_to_group(stream: &mut Stream, change: &Change<'_>) -> Result<(), Misfit> {
    let known = match change {
        Change::MoveGroup { group: name, last_delivered, entries_read } => {
            let group = group_mut(stream, name)?;
            (group.last_delivered, group.entries_read) = (*last_delivered, *entries_read);
            group.dirty = true;
            true
        }
        Change::CreateConsumer { group: name, consumer, seen_ms } => {
            group_mut(stream, name)?.create_consumer(consumer, *seen_ms)
        }
        Change::DeleteConsumer { group: name, consumer } => {
            group_mut(stream, name)?.delete_consumer(consumer)
        }
        Change::See { group: name, consumer, at_ms } => {
            group_mut(stream, name)?.see(consumer, *at_ms)
        }
        Change::Deliver { group: name, consumer, delivered_ms, active_ms, records } => {
            let group = group_mut(stream, name)?;
            let active = active_ms.is_none_or(|at_ms| group.set_active(consumer, at_ms));
            active && group.deliver(consumer, *delivered_ms, records)
        }
        Change::Release { group: name, records } => {
            group_mut(stream, name)?.release(records);
            true
        }
        Change::Acknowledge { group: name, ids } => {
            group_mut(stream, name)?.acknowledge(ids);
            true
        }
        _ => return Err("not a change within a group"),
    };
    if known { Ok(()) } else { Err("no such consumer") }
}
