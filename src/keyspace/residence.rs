//! What of the keyspace is in memory: segments and pages come from storage and go again.

use super::{DATABASES, Keyspace};
use crate::blob::BlobKey;
use crate::named::{Named, Rank};
use crate::stream::Stream;
use crate::stream::bytes::{Damage, Reader};
use alloc::vec::Vec;

/// What a key takes in memory beside its value, roughly.
const KEY_BYTES: usize = 256;

impl Keyspace {
    /// A stream by its number; for loading segments only.
    pub(super) fn stream_by_number(&mut self, number: u64) -> Option<&mut Stream> {
        let (db, slot) = self.places.get(number)?;
        let stream = self.databases[usize::from(db)].at_mut(slot)?.stream_mut()?;
        (stream.number == number).then_some(stream)
    }

    /// A value has come to a place. Once half of those that are noted have gone they are forgotten.
    pub(super) fn note_place(&mut self, number: u64, db: u8, slot: u32) {
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

    /// Puts a segment or a page from storage in place. One that is gone, or in memory already, is
    /// passed over: the host may have read it for a turn that is long done.
    pub(crate) fn fill(
        &mut self,
        at: BlobKey,
        checksum: u32,
        body: &mut Reader<'_>,
    ) -> Result<(), Damage> {
        let clock = self.clock.get();
        let (_, number, part) = at.to_numbers();
        let Some(stream) = self.stream_by_number(number) else { return Ok(()) };
        stream.clock.set(clock);
        let bytes = match at {
            BlobKey::Segment { .. } => stream.fill_segment(part, checksum, body)?,
            BlobKey::Page { .. } => stream.fill_page(part, checksum, body)?,
            _ => 0,
        };
        self.resident_bytes += bytes;
        Ok(())
    }

    /// Evicts the segments and pages that were idle longest until `bytes` are enough, as far as
    /// storage has them. What the present turn touched stays. Once there are too many an eighth of
    /// them goes, because it takes a look at all of them.
    pub(crate) fn evict_to(&mut self, bytes: usize) {
        if self.resident_bytes <= bytes {
            return;
        }
        let now = self.clock.get();
        let mut ranks: Vec<Rank> = Vec::new();
        for stream in self.streams() {
            stream.for_each_evictable(now, |touched, bytes| {
                ranks.push([touched, bytes as u64, 0, 0]);
            });
        }
        ranks.sort_unstable();
        let surplus = self.resident_bytes - (bytes - bytes / 8);
        let (mut freed, mut until) = (0, None);
        for [touched, bytes, ..] in ranks {
            if freed >= surplus {
                break;
            }
            (freed, until) = (freed + bytes as usize, Some(touched));
        }
        let Some(until) = until else { return };
        let mut left = surplus;
        for (_, item) in self.items_mut() {
            if let Some(stream) = item.stream_mut() {
                left = left.saturating_sub(stream.evict(until, left));
            }
        }
        self.resident_bytes = self.streams().map(|stream| stream.resident_bytes).sum();
    }
}
