//! What XREADGROUP CLAIM finds: pending entries that were given back or have been idle for long.

use super::deliveries::Deliveries;
use crate::named::Rank;
use crate::stream::{Entry, EntryId, Group, Missing, Owner, Pending, Stream};
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
    let released = group.released().filter_map(|id| group.pel().get(id));
    let idle: Vec<&Pending> = group
        .pel()
        .from(EntryId::MIN)
        .filter(|record| is_idle(record, min_idle_ms, now_ms))
        .collect();
    let rank = |(position, record): (usize, &&Pending)| longest_first(record, position);
    let mut ranks: Vec<Rank> = idle.iter().enumerate().map(rank).collect();
    ranks.sort_unstable();
    let idle = ranks.iter().map(|rank| idle[rank[2] as usize]);
    let before = released.chain(idle).filter(|record| !just_delivered.contains(record.id));
    let before = before
        .map(|record| (record.id, now_ms.saturating_sub(record.delivered_ms()), record.count));
    let now = just_delivered.in_order().filter(|_| min_idle_ms == 0);
    let now = now.map(|(id, count)| (id, 0, count));
    let candidates: Vec<(EntryId, u64, u64)> = before.chain(now).collect();
    let mut found = Vec::new();
    for some in candidates.chunks(LOOKED_UP_AT_ONCE) {
        let ids: Vec<EntryId> = some.iter().map(|(id, ..)| *id).collect();
        for (&(_, idle_ms, count), entry) in some.iter().zip(stream.get_each(&ids)?) {
            let Some(entry) = entry else { continue };
            if found.len() == limit {
                return Ok(found);
            }
            found.push(Overdue { entry, idle_ms, count });
        }
    }
    Ok(found)
}

fn is_idle(record: &Pending, min_idle_ms: u64, now_ms: u64) -> bool {
    match record.owner {
        Owner::Consumer { delivered_ms, .. } => now_ms.saturating_sub(delivered_ms) >= min_idle_ms,
        Owner::Nobody { .. } => false,
    }
}

/// Orders records by when they were delivered, and within a millisecond by their turn.
fn longest_first(record: &Pending, position: usize) -> Rank {
    let (delivered_ms, turn) = match record.owner {
        Owner::Consumer { turn, delivered_ms, .. } => (delivered_ms, turn),
        Owner::Nobody { .. } => (0, 0),
    };
    [delivered_ms, u64::from(turn), position as u64, 0]
}

/// When a read that found nothing overdue should look again.
pub(crate) fn next_check_ms(group: &Group, min_idle_ms: u64, now_ms: u64) -> u64 {
    let due = |record: &Pending| match record.owner {
        Owner::Consumer { delivered_ms, .. } => Some(delivered_ms.saturating_add(min_idle_ms)),
        Owner::Nobody { .. } => None,
    };
    let ahead = group.pel().from(EntryId::MIN).filter_map(due).filter(|&due| due > now_ms);
    // What is delivered from now on cannot be overdue earlier than this.
    let later = if min_idle_ms == 0 { RECHECK_MS } else { min_idle_ms };
    ahead.min().unwrap_or(now_ms.saturating_add(later))
}
