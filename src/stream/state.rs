//! The state of one stream and every way to change it.

use crate::blob::BlobKey;
use crate::limits::Limits;
use crate::named::Named;
use crate::stream::{Boxes, EntryId, Group, Memory, Missing, Node, NodeLimits, Producers, Segment};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::Cell;

/// Where an appended entry goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Into the last node.
    LastNode,
    /// Into a new node of the last segment.
    NewNode,
    /// Into a new segment.
    NewSegment,
}

/// A stream.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) number: u64,
    pub(crate) segments: Boxes<Segment>,
    pub(super) next_segment: u64,
    /// How many entries are alive.
    pub(crate) length: u64,
    /// The greatest ID ever given or set.
    pub(crate) last_id: EntryId,
    /// How many entries were ever added.
    pub(crate) entries_added: u64,
    /// The greatest ID ever deleted by name; trimming leaves it alone.
    pub(crate) max_deleted: EntryId,
    pub(crate) producers: Producers,
    pub(crate) groups: Named<Group>,
    pub(super) next_group: u64,
    pub(super) next_page: u64,
    /// How many pending records a page may have.
    pub(crate) page_records: usize,
    /// Bytes of the segments and pages in memory.
    pub(crate) resident_bytes: usize,
    /// Differs from what storage has.
    pub(crate) dirty: bool,
    /// Storage has some version of it.
    pub(crate) stored: bool,
    /// The present turn, for [`Segment::touched`].
    pub(crate) clock: Cell<u64>,
    /// Segments, groups and pages that are gone but that storage still has.
    pub(crate) dropped: Vec<BlobKey>,
}

impl Stream {
    pub(crate) fn new(number: u64, memory: Memory) -> Self {
        Self {
            number,
            segments: Vec::new(),
            next_segment: 0,
            length: 0,
            last_id: EntryId::MIN,
            entries_added: 0,
            max_deleted: EntryId::MIN,
            producers: Producers::new(memory),
            groups: Named::default(),
            next_group: 0,
            next_page: 0,
            page_records: Limits::PENDING_PAGE_RECORDS,
            resident_bytes: 0,
            dirty: true,
            stored: false,
            clock: Cell::new(0),
            dropped: Vec::new(),
        }
    }

    pub(crate) fn touch(&self, segment: &Segment) {
        segment.touched.set(self.clock.get());
    }

    /// The segments that must be in memory before an entry can be appended.
    pub(crate) fn require_tail(&self) -> Result<(), Missing> {
        self.segments.last().map_or(Ok(()), |tail| self.require(tail))
    }

    /// The segments that must be in memory before everything up to `through` can be trimmed.
    pub(crate) fn require_cut(&self, through: EntryId) -> Result<(), Missing> {
        match self.segment_of(through) {
            Some(segment) if through < segment.last => self.require(segment),
            _ => Ok(()),
        }
    }

    /// The segments that must be in memory before these entries can be deleted.
    pub(crate) fn require_entries(&self, ids: &[EntryId]) -> Result<(), Missing> {
        let mut missing: Vec<BlobKey> = Vec::new();
        for segment in ids.iter().filter_map(|&id| self.segment_of(id)) {
            if self.require(segment).is_err() && !missing.contains(&segment.at()) {
                missing.push(segment.at());
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(Missing(missing)) }
    }

    /// Everything that must be in memory before the stream can be copied: all of it.
    pub(crate) fn require_all(&self) -> Result<(), Missing> {
        let absent = self.segments.iter().filter(|segment| self.require(segment).is_err());
        let mut missing: Vec<BlobKey> = absent.map(|segment| segment.at()).collect();
        let groups = self.groups.iter().map(|(_, group)| group.pel().require_all(None));
        for absent in groups.filter_map(Result::err) {
            missing.extend(absent.0);
        }
        if missing.is_empty() { Ok(()) } else { Err(Missing(missing)) }
    }

    /// The pages that must be in memory before it is known in which groups these entries are
    /// pending.
    pub(crate) fn require_records(&self, ids: &[EntryId]) -> Result<(), Missing> {
        let mut missing: Vec<BlobKey> = Vec::new();
        for (_, group) in self.groups.iter() {
            if let Err(absent) = group.pel().require(ids) {
                missing.extend(absent.0);
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(Missing(missing)) }
    }

    fn require(&self, segment: &Segment) -> Result<(), Missing> {
        self.touch(segment);
        if segment.is_resident() { Ok(()) } else { Err(Missing(vec![segment.at()])) }
    }

    /// Where an entry with these fields would go.
    pub(crate) fn place_for(&self, fields: &[&[u8]], limits: &Limits) -> Result<Place, Missing> {
        let Some(tail) = self.segments.last() else { return Ok(Place::NewSegment) };
        self.touch(tail);
        if !tail.tail_is_full_for(fields, NodeLimits::of(limits))? {
            return Ok(Place::LastNode);
        }
        Ok(if tail.bytes >= limits.segment_bytes { Place::NewSegment } else { Place::NewNode })
    }

    /// Appends an entry. Returns whether its ID was above the last one and its place exists,
    /// without which nothing is done. The tail is in memory.
    pub(crate) fn append(&mut self, id: EntryId, fields: &[&[u8]], place: Place) -> bool {
        if id <= self.last_id {
            return false;
        }
        let grown = match (self.segments.last_mut(), place) {
            (Some(tail), Place::LastNode) => tail.append(id, fields),
            (Some(tail), Place::NewNode) => tail.push_node(Node::begin(id, fields)),
            (None, Place::LastNode | Place::NewNode) => return false,
            (_, Place::NewSegment) => self.begin_segment(Node::begin(id, fields)),
        };
        self.segments.last().inspect(|tail| self.touch(tail));
        self.resident_bytes += grown;
        self.length += 1;
        self.entries_added += 1;
        self.last_id = id;
        self.dirty = true;
        true
    }

    /// Appends a whole node, to the last segment or, if that has `segment_bytes`, to a new one.
    /// Returns whether an entry of it lives and its IDs are above the last one, without which
    /// nothing is done. The tail is in memory.
    pub(crate) fn append_node(&mut self, node: Node, segment_bytes: usize) -> bool {
        if node.live == 0 || node.first <= self.last_id {
            return false;
        }
        self.length += u64::from(node.live);
        self.entries_added += u64::from(node.live);
        self.last_id = node.last;
        self.dirty = true;
        let grown = match self.segments.last_mut().filter(|tail| tail.bytes < segment_bytes) {
            Some(tail) => tail.push_node(node),
            None => self.begin_segment(node),
        };
        self.resident_bytes += grown;
        true
    }

    /// Returns by how many bytes the stream grew.
    fn begin_segment(&mut self, node: Node) -> usize {
        let segment = Segment::begin(self.number, self.next_segment, node);
        self.next_segment += 1;
        self.segments.last_mut().into_iter().for_each(|tail| tail.seal());
        let grown = segment.bytes;
        self.segments.push(Box::new(segment));
        grown
    }

    /// Removes every entry up to and including `through`. What [`Stream::require_cut`] names is in
    /// memory.
    pub(crate) fn trim(&mut self, through: EntryId) {
        while let Some(head) = self.segments.first_mut() {
            if head.first_live > through {
                break;
            }
            if head.last > through {
                let (live, bytes) = (head.live, head.bytes);
                head.trim(through);
                self.length -= live - head.live;
                self.resident_bytes -= bytes - head.bytes;
                if head.live > 0 {
                    break;
                }
            }
            self.drop_segment(0);
        }
        self.dirty = true;
    }

    /// Deletes entries by ID. Returns how many there were. Those are in memory.
    pub(crate) fn delete(&mut self, ids: &[EntryId]) -> u64 {
        ids.iter().filter(|&&id| self.delete_one(id)).count() as u64
    }

    fn delete_one(&mut self, id: EntryId) -> bool {
        let at = self.segments.partition_point(|segment| segment.last < id);
        let Some(segment) = self.segments.get_mut(at) else { return false };
        if segment.first > id {
            return false;
        }
        let bytes = segment.bytes;
        if !segment.delete(id) {
            return false;
        }
        self.resident_bytes -= bytes - segment.bytes;
        if segment.live == 0 {
            self.drop_segment(at);
        }
        self.length -= 1;
        self.dirty = true;
        true
    }

    fn drop_segment(&mut self, at: usize) {
        let segment = self.segments.remove(at);
        self.length -= segment.live;
        if segment.is_resident() {
            self.resident_bytes -= segment.bytes;
        }
        if segment.stored {
            self.dropped.push(segment.at());
        }
    }

    /// Sets the counters. Returns whether no living entry is above `last_id`, without which nothing
    /// is done. The tail is in memory.
    pub(crate) fn set_counters(
        &mut self,
        last_id: EntryId,
        entries_added: u64,
        max_deleted: EntryId,
    ) -> bool {
        let top = self.last_entry().expect("the tail is loaded before the counters are set");
        if top.is_some_and(|top| top.id > last_id) {
            return false;
        }
        if let Some(tail) = self.segments.last_mut().filter(|tail| tail.last > last_id) {
            let before = tail.bytes;
            tail.forget_after(last_id);
            self.resident_bytes -= before - tail.bytes;
        }
        (self.last_id, self.entries_added, self.max_deleted) =
            (last_id, entries_added, max_deleted);
        self.dirty = true;
        true
    }

    pub(crate) fn producers_mut(&mut self) -> &mut Producers {
        self.dirty = true;
        &mut self.producers
    }

    /// How many macro nodes there are.
    pub(crate) fn node_count(&self) -> u64 {
        self.segments.iter().map(|segment| segment.node_count).sum()
    }

    /// Returns whether the group is new.
    pub(crate) fn create_group(
        &mut self,
        name: &[u8],
        last_delivered: EntryId,
        entries_read: Option<u64>,
    ) -> bool {
        let group = Group::new(self.number, self.next_group, last_delivered, entries_read);
        let created = self.groups.insert(name, group);
        self.next_group += u64::from(created);
        self.dirty |= created;
        created
    }

    /// Puts a group from storage in place.
    /// Returns whether it fits.
    pub(crate) fn install_group(&mut self, name: &[u8], group: Group) -> bool {
        let numbered = group.number < self.next_group && group.is_numbered_below(self.next_page);
        self.resident_bytes += group.pel().resident_bytes();
        self.groups.insert(name, group) && numbered
    }

    /// Returns whether the group was there.
    pub(crate) fn destroy_group(&mut self, name: &[u8]) -> bool {
        let Some(group) = self.groups.remove(name) else { return false };
        self.dropped.extend(group.blobs(self.number));
        self.resident_bytes -= group.pel().resident_bytes();
        self.dirty = true;
        true
    }

    /// Changes a group. Returns what `change` gives; `None`: there is no such group.
    pub(crate) fn change_group<T>(
        &mut self,
        name: &[u8],
        change: impl FnOnce(&mut Group, usize) -> T,
    ) -> Option<T> {
        let group = self.groups.get_mut(name)?;
        let before = group.pel().resident_bytes();
        let result = change(group, self.page_records);
        self.resident_bytes = self.resident_bytes - before + group.pel().resident_bytes();
        Some(result)
    }

    /// Drops the records of these entries in all groups.
    pub(crate) fn forget(&mut self, ids: &[EntryId]) {
        for (_, group) in self.groups.iter_mut() {
            let before = group.pel().resident_bytes();
            group.acknowledge(ids, self.page_records);
            self.resident_bytes = self.resident_bytes - before + group.pel().resident_bytes();
        }
    }

    /// Finds a segment by its number.
    pub(crate) fn segment_mut(&mut self, number: u64) -> Option<&mut Segment> {
        let at = self.segments.binary_search_by_key(&number, |segment| segment.number).ok()?;
        Some(&mut self.segments[at])
    }

    /// Panics when an invariant does not hold.
    pub(crate) fn check(&self) {
        let mut before: Option<&Segment> = None;
        for segment in &self.segments {
            segment.check();
            assert!(segment.number < self.next_segment, "numbers count up");
            assert!(before.is_none_or(|before| before.last < segment.first), "segments ascend");
            before = Some(segment);
        }
        assert!(before.is_none_or(|tail| tail.last <= self.last_id), "no entry above the last ID");
        let live: u64 = self.segments.iter().map(|segment| segment.live).sum();
        assert_eq!(live, self.length, "the stream counts its entries");
        let resident = self.segments.iter().filter(|segment| segment.is_resident());
        let bytes: usize = resident.map(|segment| segment.bytes).sum();
        let groups = self.groups.iter().map(|(_, group)| group.pel().resident_bytes());
        let bytes = bytes + groups.sum::<usize>();
        assert_eq!(bytes, self.resident_bytes, "the stream counts its bytes");
        self.producers.check();
        self.groups.check();
        for (_, group) in self.groups.iter() {
            assert!(group.number < self.next_group, "numbers count up");
            group.check();
        }
    }
}
