//! What XREADGROUP CLAIM finds: pending entries that were given back or have been idle for long.

use super::deliveries::Deliveries;
use crate::stream::{Entry, EntryId, Group, Missing, Ordered, Pending, Stream};
use alloc::vec::Vec;

/// A pending entry that can be claimed.
pub(crate) struct Overdue<'k> {
    pub(crate) entry: Entry<'k>,
    pub(crate) idle_ms: u64,
    /// How often it was delivered so far.
    pub(crate) count: u64,
}

/// With a minimum of 0, what others are delivered is overdue at once but wakes nobody; so a read that
/// waits for it looks again this late.
const RECHECK_MS: u64 = 100;

/// How many records are looked up in the stream at a time.
const LOOKED_UP_AT_ONCE: usize = 128;

/// The overdue entries of a group, at most `limit`: what was given back first, in that order, then
/// what has been idle longest. Records whose entry is gone are passed over and stay pending.
pub(crate) fn find<'k>(
    stream: &'k Stream,
    group: &'k Group,
    min_idle_ms: u64,
    now_ms: u64,
    limit: usize,
    just_delivered: &Deliveries,
) -> Result<Vec<Overdue<'k>>, Missing> {
    let mut candidates = Candidates {
        released: group.in_order_of_release(),
        idle: group.longest_first(),
        // The clock may be behind the deliveries of an engine that was open before.
        latest_ms: if min_idle_ms == 0 { Some(u64::MAX) } else { now_ms.checked_sub(min_idle_ms) },
        just_delivered,
    };
    let as_found =
        |record: &Pending| (record.id, now_ms.saturating_sub(record.delivered_ms()), record.count);
    let mut again = just_delivered.in_order().filter(|_| min_idle_ms == 0);
    let mut found = Vec::new();
    while found.len() < limit {
        let wanted = LOOKED_UP_AT_ONCE.min(limit - found.len());
        let mut some: Vec<(EntryId, u64, u64)> = Vec::with_capacity(wanted);
        while some.len() < wanted {
            let Some(record) = candidates.next()? else { break };
            some.push(as_found(record));
        }
        let left = wanted - some.len();
        some.extend(again.by_ref().take(left).map(|(id, count)| (id, 0, count)));
        if some.is_empty() {
            break;
        }
        let ids: Vec<EntryId> = some.iter().map(|(id, ..)| *id).collect();
        for ((_, idle_ms, count), entry) in some.into_iter().zip(stream.get_each(&ids)?) {
            found.extend(entry.map(|entry| Overdue { entry, idle_ms, count }));
        }
    }
    Ok(found)
}

/// Records that may be claimed, in order.
struct Candidates<'d, 'k> {
    released: Ordered<'k>,
    idle: Ordered<'k>,
    /// What was delivered by then has been idle for long enough; `None`: nothing has.
    latest_ms: Option<u64>,
    just_delivered: &'d Deliveries,
}

impl<'k> Candidates<'_, 'k> {
    fn next(&mut self) -> Result<Option<&'k Pending>, Missing> {
        loop {
            let next = match (self.released.next()?, self.latest_ms) {
                (None, Some(latest_ms)) => self.idle.next_by(latest_ms)?,
                (next, _) => next,
            };
            if next.is_none_or(|record| !self.just_delivered.contains(record.id)) {
                return Ok(next);
            }
        }
    }
}

/// When a read that found nothing overdue should look again.
pub(crate) fn next_check_ms(group: &Group, min_idle_ms: u64, now_ms: u64) -> Result<u64, Missing> {
    let ahead_ms = group.first_delivered_after(now_ms.checked_sub(min_idle_ms))?;
    // What is delivered from now on cannot be overdue earlier than this.
    let later_ms = if min_idle_ms == 0 { RECHECK_MS } else { min_idle_ms };
    Ok(ahead_ms.map_or(now_ms.saturating_add(later_ms), |ms| ms.saturating_add(min_idle_ms)))
}
