//! What of the keyspace is in memory: segments and pages come from storage and go again.

use super::{Item, Keyspace};
use crate::blob::BlobKey;
use crate::named::{self, Rank};
use crate::op::{Change, Op};
use crate::stream::bytes::{Damage, Reader};
use crate::stream::{EntryId, Missing, Stream};
use alloc::vec::Vec;

impl Keyspace {
    /// A stream by its number; for loading segments only.
    pub(super) fn stream_by_number(&mut self, number: u64) -> Option<&mut Stream> {
        let (db, slot) = self.places.get(number)?;
        let stream = self.databases[usize::from(db)].at_mut(slot)?.stream_mut()?;
        (stream.number == number).then_some(stream)
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
    #[inline(never)]
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
        named::sort(&mut ranks);
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

    /// The segments and pages that must be in memory before the ops can be applied.
    #[inline(never)]
    pub(crate) fn required(&self, ops: &[Op<'_>]) -> Vec<BlobKey> {
        let missing = ops.iter().filter_map(|op| self.require(op).err());
        missing.flat_map(|missing| missing.0).collect()
    }

    /// The segments and pages that must be in memory before the op can be applied.
    pub(crate) fn require(&self, op: &Op<'_>) -> Result<(), Missing> {
        if usize::from(op.key.db) >= self.databases.len() {
            return Ok(());
        }
        let Some(stream) = self.item(op.key).and_then(Item::stream) else { return Ok(()) };
        match &op.change {
            Change::Append { .. } | Change::SetCounters { .. } => stream.require_tail(),
            Change::Trim { through } => stream.require_cut(*through),
            Change::Delete { ids } | Change::TrimEntries { ids } => stream.require_entries(ids),
            Change::Copy { .. } => stream.require_all(),
            Change::Forget { ids } => stream.require_records(ids),
            change => require_of_group(stream, change),
        }
    }
}

/// The pages that must be in memory before a change of a group can be applied.
fn require_of_group(stream: &Stream, change: &Change<'_>) -> Result<(), Missing> {
    let (name, ids): (_, Vec<EntryId>) = match change {
        Change::Deliver { group, records, .. } | Change::Release { group, records } => {
            (group, records.iter().map(|(id, _)| *id).collect())
        }
        Change::Acknowledge { group, ids } => (group, ids.to_vec()),
        Change::DeleteConsumer { group, consumer } => {
            let Some(group) = stream.groups.get(group) else { return Ok(()) };
            let number = group.consumers().number(consumer);
            return number.map_or(Ok(()), |number| group.pel().require_all(Some(number)));
        }
        _ => return Ok(()),
    };
    stream.groups.get(name).map_or(Ok(()), |group| group.pel().require(&ids))
}
