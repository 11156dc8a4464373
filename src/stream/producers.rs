//! Idempotent production: which entries producers have sent already.
//!
//! A producer gives each entry an idempotent ID of its own; sending the same one again gives the
//! entry's ID and appends nothing. A stream remembers so many IDs for each producer, for so long.

use crate::named::Named;
use crate::stream::EntryId;
use crate::stream::bytes::{Damage, Reader, put_id, put_text, put_varint};
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// How much a stream remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory {
    /// For how long, in seconds, by the time in the entry's ID.
    pub(crate) duration_s: u64,
    /// How many IDs of each producer.
    pub(crate) max_ids: u64,
}

/// What a producer has sent.
#[derive(Debug, Default)]
struct Producer {
    sent: Named<EntryId>,
    /// Numbers in `sent`, oldest first.
    order: VecDeque<u32>,
}

impl Producer {
    /// Forgets the oldest ID.
    fn forget_oldest(&mut self) {
        let Some(number) = self.order.pop_front() else { return };
        let name = self.sent.at(number).map(|(name, _)| name.to_vec());
        self.sent.remove(&name.expect("what is ordered was sent"));
    }

    fn oldest(&self) -> Option<EntryId> {
        let (_, id) = self.sent.at(*self.order.front()?)?;
        Some(*id)
    }
}

/// The producers of a stream.
#[derive(Debug)]
pub(crate) struct Producers {
    pub(crate) memory: Memory,
    producers: Named<Producer>,
    /// How many IDs were ever remembered.
    pub(crate) added: u64,
    /// How often an entry came again.
    pub(crate) duplicates: u64,
    /// When what is too old was last forgotten.
    pub(crate) swept_ms: u64,
}

impl Producers {
    pub(crate) fn new(memory: Memory) -> Self {
        Self { memory, producers: Named::default(), added: 0, duplicates: 0, swept_ms: 0 }
    }

    /// The entry that a producer sent under an ID.
    pub(crate) fn find(&self, producer: &[u8], iid: &[u8]) -> Option<EntryId> {
        self.producers.get(producer)?.sent.get(iid).copied()
    }

    /// The same, as it would be after a sweep at this time.
    pub(crate) fn find_after_sweep(
        &self,
        producer: &[u8],
        iid: &[u8],
        now_ms: u64,
    ) -> Option<EntryId> {
        let sent = self.find(producer, iid)?;
        let producer = self.producers.get(producer)?;
        let own = producer.sent.number(iid)?;
        let bound_ms = self.bound_ms(now_ms);
        // A sweep stops at the first young one.
        for &number in &producer.order {
            let (_, id) = producer.sent.at(number).expect("what is ordered was sent");
            if id.ms > bound_ms {
                return Some(sent);
            }
            if number == own {
                break;
            }
        }
        None
    }

    /// What is not younger than this is too old.
    fn bound_ms(&self, now_ms: u64) -> u64 {
        now_ms.saturating_sub(self.memory.duration_s.saturating_mul(1000))
    }

    pub(crate) fn knows(&self, producer: &[u8]) -> bool {
        self.producers.contains(producer)
    }

    pub(crate) fn count(&self) -> usize {
        self.producers.len()
    }

    pub(crate) fn count_ids(&self) -> usize {
        self.producers.iter().map(|(_, producer)| producer.sent.len()).sum()
    }

    /// All producers by name, each with its IDs, oldest first.
    pub(crate) fn iter(
        &self,
    ) -> impl Iterator<Item = (&[u8], impl ExactSizeIterator<Item = (&[u8], EntryId)>)> {
        self.producers.iter().map(|(name, producer)| {
            let ids = producer.order.iter().map(|&number| {
                let (iid, id) = producer.sent.at(number).expect("what is ordered was sent");
                (iid, *id)
            });
            (name, ids)
        })
    }

    /// Makes a producer known, without anything sent.
    pub(crate) fn introduce(&mut self, producer: &[u8]) {
        self.producers.insert(producer, Producer::default());
    }

    /// Remembers an entry. Returns whether the ID was free. With more IDs than the producer may
    /// have, its oldest is forgotten.
    pub(crate) fn remember(&mut self, producer: &[u8], iid: &[u8], id: EntryId) -> bool {
        self.introduce(producer);
        let Some(producer) = self.producers.get_mut(producer) else { return false };
        if !producer.sent.insert(iid, id) {
            return false;
        }
        producer.order.extend(producer.sent.number(iid));
        if producer.order.len() as u64 > self.memory.max_ids {
            producer.forget_oldest();
        }
        self.added += 1;
        true
    }

    /// Changes how much is remembered, which forgets everything if it is a change.
    pub(crate) fn set_memory(&mut self, memory: Memory) {
        if memory != self.memory {
            self.memory = memory;
            self.producers = Named::default();
        }
    }

    /// Forgets, oldest first, what is not younger than the duration allows at this time, and the
    /// producers of whom nothing is left.
    pub(crate) fn sweep(&mut self, now_ms: u64) {
        self.swept_ms = now_ms;
        let bound_ms = self.bound_ms(now_ms);
        let mut empty = Vec::new();
        for (name, producer) in self.producers.iter_mut() {
            while producer.oldest().is_some_and(|id| id.ms <= bound_ms) {
                producer.forget_oldest();
            }
            if producer.order.is_empty() {
                empty.push(name.to_vec());
            }
        }
        for name in empty {
            self.producers.remove(&name);
        }
    }

    /// ```text
    /// duration, max IDs, added, duplicates, swept                varints
    /// producers: count, per producer name, count of IDs, per ID: iid, entry ID, oldest first
    /// ```
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let Memory { duration_s, max_ids } = self.memory;
        for value in [duration_s, max_ids, self.added, self.duplicates, self.swept_ms] {
            put_varint(out, value);
        }
        put_varint(out, self.producers.len() as u64);
        for (name, ids) in self.iter() {
            put_text(out, name);
            put_varint(out, ids.len() as u64);
            for (iid, id) in ids {
                put_text(out, iid);
                put_id(out, id);
            }
        }
    }

    /// The inverse of [`Producers::encode`].
    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self, Damage> {
        let memory = Memory { duration_s: reader.varint()?, max_ids: reader.varint()? };
        let mut producers = Self::new(memory);
        let (added, duplicates) = (reader.varint()?, reader.varint()?);
        producers.swept_ms = reader.varint()?;
        for _ in 0..reader.count()? {
            let name = reader.text()?;
            producers.introduce(name);
            for _ in 0..reader.count()? {
                let damage = reader.damage("an idempotent ID stands there twice");
                let (iid, id) = (reader.text()?, reader.id()?);
                if !producers.remember(name, iid, id) {
                    return Err(damage);
                }
            }
        }
        (producers.added, producers.duplicates) = (added, duplicates);
        Ok(producers)
    }

    /// Panics when an invariant does not hold.
    pub(crate) fn check(&self) {
        self.producers.check();
        for (_, producer) in self.producers.iter() {
            producer.sent.check();
            assert_eq!(producer.order.len(), producer.sent.len(), "every ID has its turn");
            assert!(producer.order.len() as u64 <= self.memory.max_ids, "a producer is bounded");
        }
    }
}
