//! What XCLAIM and XAUTOCLAIM share: pending entries change hands.

use super::View;
use crate::op::{Change, Op};
use crate::stream::{EntryId, Group, Pending};
use alloc::borrow::Cow;
use alloc::vec::Vec;

/// Claims as they add up.
pub(crate) struct Claims<'c, 'k> {
    view: View<'k>,
    key: &'c [u8],
    group: &'k Group,
    group_name: &'c [u8],
    consumer: &'c [u8],
    /// When the claimed entries count as delivered.
    delivered_ms: u64,
    claimed: Vec<(EntryId, u64)>,
    dropped: Vec<EntryId>,
}

/// What is known of a pending entry in the middle of a claim.
pub(crate) struct Standing {
    /// `None`: nobody has it, so it may be claimed at once.
    pub(crate) idle_ms: Option<u64>,
    pub(crate) count: u64,
}

impl Standing {
    pub(crate) fn is_idle_for(&self, min_idle_ms: u64) -> bool {
        self.idle_ms.is_none_or(|idle_ms| idle_ms >= min_idle_ms)
    }
}

impl<'c, 'k> Claims<'c, 'k> {
    pub(crate) fn new(
        view: View<'k>,
        key: &'c [u8],
        group: (&'c [u8], &'k Group),
        consumer: &'c [u8],
        delivered_ms: u64,
    ) -> Self {
        let (group_name, group) = group;
        let (claimed, dropped) = (Vec::new(), Vec::new());
        Self { view, key, group, group_name, consumer, delivered_ms, claimed, dropped }
    }

    /// The pending entry as it stands before the claims.
    pub(crate) fn standing(&self, record: &Pending) -> Standing {
        let idle_ms = self.view.now_ms.saturating_sub(record.delivered_ms());
        let idle_ms = record.consumer().map(|_| idle_ms);
        Standing { idle_ms, count: record.count }
    }

    /// A pending entry that has been claimed a moment ago and was given this count.
    pub(crate) fn standing_once_claimed(&self, count: u64) -> Standing {
        let idle_ms = self.view.now_ms.saturating_sub(self.delivered_ms);
        Standing { idle_ms: Some(idle_ms), count }
    }

    /// The entry is the consumer's now, delivered `count` times.
    pub(crate) fn claim(&mut self, id: EntryId, count: u64) {
        self.claimed.push((id, count));
    }

    /// The entry is no longer in the stream, so it is pending no more.
    pub(crate) fn drop_record(&mut self, id: EntryId) {
        self.dropped.push(id);
    }

    /// The changes: the consumer comes into being or is seen, records go, records change hands.
    pub(crate) fn finish(self) -> Vec<Op<'c>> {
        let (group, consumer, now_ms) = (self.group_name, self.consumer, self.view.now_ms);
        let mut changes = Vec::with_capacity(3);
        changes.push(self.view.meet(group, self.group, consumer));
        if !self.dropped.is_empty() {
            changes.push(Change::Acknowledge { group, ids: Cow::Owned(self.dropped) });
        }
        if !self.claimed.is_empty() {
            changes.push(Change::Deliver {
                group,
                consumer,
                delivered_ms: self.delivered_ms,
                active_ms: Some(now_ms),
                records: Cow::Owned(self.claimed),
            });
        }
        changes.into_iter().map(|change| self.view.op(self.key, change)).collect()
    }
}
