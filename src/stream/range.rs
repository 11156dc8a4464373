//! Reading entries in order, in either direction.

use crate::stream::entries::Entries;
use crate::stream::{Entry, EntryId, Missing, Segment, Stream};
use alloc::vec::Vec;
use core::ops::RangeInclusive;

/// What a reply has of an entry besides what the stream's own bytes of it say: its ID and lengths.
const ENTRY_FRAME_BYTES: u64 = 32;

/// Which end of a range comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Backward,
}

impl Stream {
    /// The living entries of a range, at most `limit` of them.
    pub(crate) fn entries(
        &self,
        range: RangeInclusive<EntryId>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Entry<'_>>, Missing> {
        let segments = self.segments_of(&range);
        self.require_resident(segments.clone(), &range, direction, limit)?;
        let mut entries = Vec::new();
        let mut segments = self.segments[segments].iter();
        while entries.len() < limit {
            let segment = match direction {
                Direction::Forward => segments.next(),
                Direction::Backward => segments.next_back(),
            };
            let Some(segment) = segment else { break };
            read_segment(segment, &range, direction, limit, &mut entries)?;
        }
        Ok(entries)
    }

    /// How many bytes a reply with the entries of a range has at least, by the index alone: those
    /// of the segments that are wholly inside.
    pub(crate) fn least_reply_bytes(
        &self,
        range: &RangeInclusive<EntryId>,
        direction: Direction,
        limit: usize,
    ) -> u64 {
        let (mut entries, mut bytes) = (0u64, 0u64);
        let mut segments = self.segments[self.segments_of(range)].iter();
        while entries < limit as u64 {
            let segment = match direction {
                Direction::Forward => segments.next(),
                Direction::Backward => segments.next_back(),
            };
            let Some(segment) = segment else { break };
            let is_inside = *range.start() <= segment.first && segment.last <= *range.end();
            // Of the last one only a part may be wanted.
            if is_inside && entries + segment.live <= limit as u64 {
                bytes += segment.bytes as u64 + segment.live * ENTRY_FRAME_BYTES;
            }
            entries += if is_inside { segment.live } else { 0 };
        }
        bytes
    }

    /// The living entries with these IDs, each in its place. Ascending IDs are found in one walk.
    pub(crate) fn get_each(&self, ids: &[EntryId]) -> Result<Vec<Option<Entry<'_>>>, Missing> {
        self.require_entries(ids)?;
        let mut walk: Option<Entries<'_>> = None;
        let mut found = Vec::with_capacity(ids.len());
        let mut behind = EntryId::MAX;
        for &id in ids {
            let node = match self.segment_of(id) {
                Some(segment) => segment.node_of(id)?,
                None => None,
            };
            let Some(node) = node else {
                found.push(None);
                continue;
            };
            // The walk goes on if it stands in this node, before the ID.
            let entries = match &mut walk {
                Some(entries) if node.first <= behind && behind < id => entries,
                walk => walk.insert(node.entries()),
            };
            let entry = entries.find_id(id);
            behind = id;
            found.push(entry);
        }
        Ok(found)
    }

    /// The last living entry.
    pub(crate) fn last_entry(&self) -> Result<Option<Entry<'_>>, Missing> {
        Ok(self.entries(EntryId::MIN..=EntryId::MAX, Direction::Backward, 1)?.pop())
    }

    /// The first living entry.
    pub(crate) fn first_entry(&self) -> Result<Option<Entry<'_>>, Missing> {
        Ok(self.entries(EntryId::MIN..=EntryId::MAX, Direction::Forward, 1)?.pop())
    }

    /// ID of the first living entry, from the index alone; `0-0` for none.
    pub(crate) fn first_id(&self) -> EntryId {
        self.segments.first().map_or(EntryId::MIN, |segment| segment.first_live)
    }

    /// The segment that an ID falls into.
    pub(crate) fn segment_of(&self, id: EntryId) -> Option<&Segment> {
        let at = self.segments.partition_point(|segment| segment.last < id);
        self.segments.get(at).map(|segment| &**segment).filter(|segment| segment.first <= id)
    }

    /// Positions of the segments that overlap a range.
    fn segments_of(&self, range: &RangeInclusive<EntryId>) -> core::ops::Range<usize> {
        let start = self.segments.partition_point(|segment| segment.last < *range.start());
        let end = self.segments.partition_point(|segment| segment.first <= *range.end());
        start..end.max(start)
    }

    /// Names at once every absent segment that the read will need, so that a long range costs one
    /// visit to storage. A segment wholly inside the range is sure to yield its living entries;
    /// one at an end of the range may yield none.
    fn require_resident(
        &self,
        segments: core::ops::Range<usize>,
        range: &RangeInclusive<EntryId>,
        direction: Direction,
        limit: usize,
    ) -> Result<(), Missing> {
        let mut missing = Vec::new();
        let mut sure = 0u64;
        let mut segments = self.segments[segments].iter();
        while sure < limit as u64 {
            let segment = match direction {
                Direction::Forward => segments.next(),
                Direction::Backward => segments.next_back(),
            };
            let Some(segment) = segment else { break };
            self.touch(segment);
            if !segment.is_resident() {
                missing.push(segment.at());
            }
            if *range.start() <= segment.first && segment.last <= *range.end() {
                sure += segment.live;
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(Missing(missing)) }
    }
}

fn read_segment<'s>(
    segment: &'s Segment,
    range: &RangeInclusive<EntryId>,
    direction: Direction,
    limit: usize,
    entries: &mut Vec<Entry<'s>>,
) -> Result<(), Missing> {
    let nodes = segment.nodes()?;
    let start = nodes.partition_point(|node| node.last < *range.start());
    let end = nodes.partition_point(|node| node.first <= *range.end()).max(start);
    let in_range = |entry: &Entry<'_>| range.contains(&entry.id);
    match direction {
        Direction::Forward => {
            for node in &nodes[start..end] {
                let mut found = node.entries_from(*range.start());
                let left = limit - entries.len();
                entries.extend(found.by_ref().filter(in_range).take(left));
                if entries.len() == limit {
                    node.rest_at(&found);
                    break;
                }
            }
        }
        Direction::Backward => {
            for node in nodes[start..end].iter().rev() {
                let left = limit - entries.len();
                let mut found: Vec<Entry<'_>> = node.entries().filter(in_range).collect();
                found.reverse();
                entries.extend(found.into_iter().take(left));
            }
        }
    }
    Ok(())
}
