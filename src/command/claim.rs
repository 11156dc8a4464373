//! What XCLAIM and XAUTOCLAIM share: pending entries change hands.

use super::View;
use super::overdue::Delivered;
use crate::op::{Change, Op};
use crate::stream::{EntryId, Group, Pending};
use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Claims as they add up; an ID may come up more than once, and the second time it is already
/// claimed.
pub(crate) struct Claims<'c, 'k> {
    view: View<'k>,
    key: &'c [u8],
    group: &'k Group,
    group_name: &'c [u8],
    consumer: &'c [u8],
    /// When the claimed entries count as delivered.
    delivered_ms: u64,
    claimed: BTreeMap<EntryId, Delivered>,
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
        let (claimed, dropped) = (BTreeMap::new(), Vec::new());
        Self { view, key, group, group_name, consumer, delivered_ms, claimed, dropped }
    }

    /// The pending entry as it stands now.
    pub(crate) fn standing(&self, id: EntryId) -> Option<Standing> {
        if self.dropped.contains(&id) {
            return None;
        }
        let idle_ms = |delivered_ms| self.view.now_ms.saturating_sub(delivered_ms);
        if let Some(&Delivered { count, .. }) = self.claimed.get(&id) {
            return Some(Standing { idle_ms: Some(idle_ms(self.delivered_ms)), count });
        }
        let record: &Pending = self.group.pel().get(id)?;
        let idle_ms = record.consumer().map(|_| idle_ms(record.delivered_ms()));
        Some(Standing { idle_ms, count: record.count })
    }

    /// The entry is the consumer's now, delivered `count` times.
    pub(crate) fn claim(&mut self, id: EntryId, count: u64) {
        let order = self.claimed.len() as u64;
        self.claimed.insert(id, Delivered { count, order });
    }

    /// The entry is no longer in the stream, so it is pending no more.
    pub(crate) fn drop_record(&mut self, id: EntryId) {
        self.dropped.push(id);
    }

    /// The changes: the consumer comes into being or is seen, records go, records change hands.
    pub(crate) fn finish(self) -> Vec<Op<'c>> {
        let (group, consumer, now_ms) = (self.group_name, self.consumer, self.view.now_ms);
        let mut changes = Vec::with_capacity(3);
        changes.push(match self.group.consumers().get(consumer) {
            Some(_) => Change::See { group, consumer, at_ms: now_ms },
            None => Change::CreateConsumer { group, consumer, seen_ms: now_ms },
        });
        if !self.dropped.is_empty() {
            changes.push(Change::Acknowledge { group, ids: Cow::Owned(self.dropped) });
        }
        if !self.claimed.is_empty() {
            let records = self.claimed.iter().map(|(id, delivered)| (*id, delivered.count));
            changes.push(Change::Deliver {
                group,
                consumer,
                delivered_ms: self.delivered_ms,
                active_ms: Some(now_ms),
                records: Cow::Owned(records.collect()),
            });
        }
        changes.into_iter().map(|change| self.view.op(self.key, change)).collect()
    }
}
