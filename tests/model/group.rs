//! A consumer group: its place in the stream, its consumers and one map of pending entries. What a
//! consumer has pending is that map, filtered.

use super::args::{Id, MIN_ID};
use super::stream::Stream;
use std::collections::BTreeMap;

#[derive(Clone, Default)]
pub(super) struct Group {
    pub(super) last: Id,
    /// `None` is unknown.
    pub(super) read: Option<i64>,
    pub(super) pending: BTreeMap<Id, Pending>,
    pub(super) consumers: BTreeMap<Vec<u8>, Consumer>,
    stamps: u64,
}

#[derive(Clone)]
pub(super) struct Pending {
    /// `None` after XNACK.
    pub(super) owner: Option<Vec<u8>>,
    pub(super) time_ms: i64,
    pub(super) count: i64,
    /// Order in which records got their time: it breaks ties of CLAIM, and is the order of XNACK.
    pub(super) stamp: u64,
}

#[derive(Clone)]
pub(super) struct Consumer {
    pub(super) seen_ms: i64,
    /// The engine was opened again since: a sight that changed nothing else need not have been
    /// kept.
    pub(super) maybe_earlier: bool,
    /// -1: never.
    pub(super) active_ms: i64,
}

impl Group {
    pub(super) fn new(last: Id, read: Option<i64>) -> Self {
        Self { last, read, ..Self::default() }
    }

    /// Makes the consumer if it is missing; its seen-time becomes now.
    pub(super) fn see(&mut self, consumer: &[u8], now_ms: i64) {
        let new = Consumer { seen_ms: now_ms, maybe_earlier: false, active_ms: -1 };
        let consumer = self.consumers.entry(consumer.to_vec()).or_insert(new);
        consumer.seen_ms = now_ms;
        consumer.maybe_earlier = false;
    }

    pub(super) fn act(&mut self, consumer: &[u8], now_ms: i64) {
        self.consumers.get_mut(consumer).expect("a consumer acts after it was seen").active_ms =
            now_ms;
    }

    /// Writes a record, in whatever state there was one before.
    pub(super) fn record(&mut self, id: Id, owner: Option<&[u8]>, time_ms: i64, count: i64) {
        self.stamps += 1;
        let record =
            Pending { owner: owner.map(<[u8]>::to_vec), time_ms, count, stamp: self.stamps };
        self.pending.insert(id, record);
    }

    pub(super) fn owned<'a>(
        &'a self,
        consumer: &'a [u8],
    ) -> impl Iterator<Item = (Id, &'a Pending)> {
        self.pending
            .iter()
            .filter(move |(_, p)| p.owner.as_deref() == Some(consumer))
            .map(|(id, p)| (*id, p))
    }

    pub(super) fn nacked(&self) -> i64 {
        self.pending.values().filter(|p| p.owner.is_none()).count() as i64
    }
}

/// "A tombstone may lie after `id`" (§11).
fn tombstone_after(stream: &Stream, id: Id) -> bool {
    stream.len() > 0 && stream.max_deleted != MIN_ID && id <= stream.max_deleted
}

/// How many entries had been added when `id` was, as far as that is known (§11).
fn estimate(stream: &Stream, id: Id) -> Option<i64> {
    let (added, len) = (stream.added as i64, stream.len() as i64);
    if added == 0 {
        return Some(0);
    }
    if len == 0 && id <= stream.last {
        return Some(added);
    }
    if id != MIN_ID && id < stream.max_deleted {
        return None;
    }
    if id == stream.last {
        return Some(added);
    }
    if id > stream.last {
        return None;
    }
    let first = stream.first();
    if stream.max_deleted == MIN_ID || stream.max_deleted < first {
        if id < first {
            return Some(added.wrapping_sub(len));
        }
        if id == first {
            return Some(added.wrapping_sub(len).wrapping_add(1));
        }
    }
    None
}

/// How many entries the group has not read (§11).
pub(super) fn lag(stream: &Stream, group: &Group) -> Option<i64> {
    let (added, len) = (stream.added as i64, stream.len() as i64);
    if added == 0 {
        return Some(0);
    }
    if len == 0 {
        return Some(0);
    }
    if group.last < stream.first() && stream.max_deleted < stream.first() {
        return Some(len);
    }
    match group.read {
        Some(read) if !tombstone_after(stream, group.last) => Some(added.wrapping_sub(read)),
        _ => estimate(stream, group.last).map(|read| added.wrapping_sub(read)),
    }
}

/// What entries-read becomes when `id` is delivered (§11).
pub(super) fn read_after(stream: &Stream, group: &Group, id: Id) -> Option<i64> {
    match group.read {
        Some(read) if group.last >= stream.first() && !tombstone_after(stream, group.last) => {
            Some(read.wrapping_add(1))
        }
        read if stream.added == 0 => read,
        _ => estimate(stream, id),
    }
}
