//! A segment: a run of macro nodes, the unit of storage, loading and eviction.
//!
//! What the index needs (IDs, counts, bytes) stays in memory; the nodes may be away.

use crate::blob::BlobKey;
use crate::stream::bytes::{Damage, Reader, put_id, put_text, put_varint};
use crate::stream::node::{Node, NodeLimits};
use crate::stream::{Boxes, EntryId, Missing};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::Cell;

/// What a node costs beside its entries' bytes, for the account of resident memory.
const NODE_OVERHEAD_BYTES: usize = size_of::<Node>();

/// A run of nodes and its line in the index.
#[derive(Debug)]
pub(crate) struct Segment {
    /// Number of the stream.
    stream: u64,
    /// Its own number within the stream.
    pub(crate) number: u64,
    /// ID of the first entry ever in the first node that is still there.
    pub(crate) first: EntryId,
    /// ID of the last entry, deleted or not.
    pub(crate) last: EntryId,
    /// ID of the first entry that is alive. A segment without one does not exist.
    pub(crate) first_live: EntryId,
    pub(crate) live: u64,
    pub(crate) node_count: u64,
    pub(crate) bytes: usize,
    /// What the seal of its blob in storage says, which tells it from all others.
    pub(crate) checksum: u32,
    nodes: Option<Boxes<Node>>,
    /// What it is now is needed by somebody who has frozen the stream.
    pub(crate) pinned: bool,
    /// Differs from what storage has.
    pub(crate) dirty: bool,
    /// Storage has some version of it.
    pub(crate) stored: bool,
    /// When it was last read or written, in turns; the longest untouched is evicted first.
    pub(crate) touched: Cell<u64>,
}

impl Segment {
    pub(crate) fn begin(stream: u64, number: u64, node: Node) -> Self {
        let first_live = node.entries().next().expect("a node has a living entry");
        Self {
            stream,
            number,
            first: node.first,
            last: node.last,
            first_live: first_live.id,
            live: u64::from(node.live),
            node_count: 1,
            bytes: node.bytes.len() + NODE_OVERHEAD_BYTES,
            checksum: 0,
            nodes: Some(vec![Box::new(node)]),
            pinned: false,
            dirty: true,
            stored: false,
            touched: Cell::new(0),
        }
    }

    /// The same segment at another address.
    pub(super) fn moved(self, stream: u64, number: u64) -> Self {
        Self { stream, number, ..self }
    }

    /// Its address in storage.
    pub(crate) fn at(&self) -> BlobKey {
        BlobKey::Segment { stream: self.stream, segment: self.number }
    }

    /// The nodes, if they are in memory.
    pub(crate) fn nodes(&self) -> Result<&[Box<Node>], Missing> {
        self.nodes.as_deref().ok_or_else(|| Missing(vec![self.at()]))
    }

    pub(crate) fn is_resident(&self) -> bool {
        self.nodes.is_some()
    }

    fn nodes_mut(&mut self) -> &mut Boxes<Node> {
        self.dirty = true;
        self.nodes.as_mut().expect("a segment is loaded before an op changes it")
    }

    fn tail(&self) -> Result<&Node, Missing> {
        let tail = self.nodes()?.last();
        Ok(tail.expect("a segment has a node"))
    }

    /// Whether an entry with these fields would begin a new node.
    pub(crate) fn tail_is_full_for(
        &self,
        fields: &[&[u8]],
        limits: NodeLimits,
    ) -> Result<bool, Missing> {
        Ok(self.tail()?.is_full_for(fields, limits))
    }

    /// Appends an entry to the last node. Returns by how many bytes the segment grew.
    pub(crate) fn append(&mut self, id: EntryId, fields: &[&[u8]]) -> usize {
        let tail = self.nodes_mut().last_mut().expect("a segment has a node");
        let before = tail.bytes.len();
        tail.append(id, fields);
        let grown = tail.bytes.len() - before;
        self.bytes += grown;
        self.live += 1;
        self.last = id;
        grown
    }

    /// Puts a node behind the last one. Returns by how many bytes the segment grew.
    pub(crate) fn push_node(&mut self, node: Node) -> usize {
        let grown = node.bytes.len() + NODE_OVERHEAD_BYTES;
        self.bytes += grown;
        self.live += u64::from(node.live);
        self.last = node.last;
        self.node_count += 1;
        let nodes = self.nodes_mut();
        nodes.last_mut().expect("a segment has a node").seal();
        nodes.push(Box::new(node));
        grown
    }

    /// Nothing will be appended any more.
    pub(crate) fn seal(&mut self) {
        if let Some(tail) = self.nodes.as_mut().and_then(|nodes| nodes.last_mut()) {
            tail.seal();
        }
    }

    /// Removes every entry up to and including `through`, whole nodes where that covers them.
    /// Afterwards the segment may be empty (`live` 0), and its stream drops it then.
    pub(crate) fn trim(&mut self, through: EntryId) {
        let (mut live, mut bytes) = (0u64, 0);
        let nodes = self.nodes_mut();
        let mut gone = 0;
        while let Some(head) = nodes.get_mut(gone) {
            if head.last > through {
                live += head.delete_through(through);
                if head.live > 0 {
                    break;
                }
            }
            live += u64::from(head.live);
            bytes += head.bytes.len() + NODE_OVERHEAD_BYTES;
            gone += 1;
        }
        nodes.drain(..gone);
        self.live -= live;
        self.bytes -= bytes;
        self.refresh_edges();
    }

    /// Turns an entry into a tombstone; a node without a living entry goes. Returns whether it was
    /// there. Afterwards the segment may be empty (`live` 0), and its stream drops it then.
    pub(crate) fn delete(&mut self, id: EntryId) -> bool {
        let nodes = self.nodes_mut();
        let at = nodes.partition_point(|node| node.last < id);
        let Some(node) = nodes.get_mut(at) else { return false };
        if node.first > id || !node.delete(id) {
            return false;
        }
        if node.live == 0 {
            let bytes = node.bytes.len() + NODE_OVERHEAD_BYTES;
            nodes.remove(at);
            self.bytes -= bytes;
        }
        self.live -= 1;
        self.refresh_edges();
        true
    }

    /// Forgets tombstones behind `last`, so that IDs from there on are free again.
    pub(crate) fn forget_after(&mut self, last: EntryId) {
        let tail = self.nodes_mut().last_mut().expect("a segment has a node");
        let before = tail.bytes.len();
        tail.forget_after(last);
        let (freed, last) = (before - tail.bytes.len(), tail.last);
        self.bytes -= freed;
        self.last = last;
    }

    /// Renews the index line after a removal, unless nothing is left to describe.
    fn refresh_edges(&mut self) {
        let nodes = self.nodes.as_ref().expect("a segment is loaded before an op changes it");
        self.node_count = nodes.len() as u64;
        let Some((head, tail)) = nodes.first().zip(nodes.last()) else { return };
        let first_live = head.entries().next().expect("a node has a living entry");
        (self.first, self.first_live, self.last) = (head.first, first_live.id, tail.last);
    }

    /// The node that an ID falls into.
    pub(crate) fn node_of(&self, id: EntryId) -> Result<Option<&Node>, Missing> {
        let nodes = self.nodes()?;
        let node = nodes.get(nodes.partition_point(|node| node.last < id));
        Ok(node.filter(|node| node.first <= id).map(|node| &**node))
    }

    /// IDs of the entries that were deleted and whose node is still there, ascending.
    pub(crate) fn tombstones(&self) -> impl Iterator<Item = EntryId> {
        let entries = self.nodes.iter().flatten().flat_map(|node| node.raw_entries());
        entries.filter(|entry| entry.deleted).map(|entry| entry.id)
    }

    /// Lets the nodes go. Storage has them.
    pub(crate) fn evict(&mut self) {
        assert!(!self.dirty && self.stored, "only what storage has may leave memory");
        self.nodes = None;
    }

    /// ```text
    /// node count, then per node:
    /// first ID, last ID, live, deleted, listpack bytes     varints
    /// bytes                                                text
    /// ```
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let nodes = self.nodes.as_ref().expect("only a resident segment is written");
        put_varint(out, nodes.len() as u64);
        for node in nodes {
            put_id(out, node.first);
            put_id(out, node.last);
            put_varint(out, u64::from(node.live));
            put_varint(out, u64::from(node.deleted));
            put_varint(out, node.listpack_bytes);
            put_text(out, &node.bytes);
        }
    }

    /// Puts nodes from storage in place, after testing that they are the ones the index promises.
    pub(crate) fn fill(&mut self, checksum: u32, reader: &mut Reader<'_>) -> Result<(), Damage> {
        let mut found = Self::decode(self.stream, self.number, reader)?;
        found.checksum = checksum;
        if !self.describes(&found) {
            return Err(reader.damage("the segment is not the one that its index describes"));
        }
        (self.bytes, self.nodes) = (found.bytes, found.nodes);
        Ok(())
    }

    /// The inverse of [`Segment::encode`], as a segment of which storage has nothing.
    pub(crate) fn decode(
        stream: u64,
        number: u64,
        reader: &mut Reader<'_>,
    ) -> Result<Self, Damage> {
        let damage = reader.damage("a segment without entries");
        let mut segment: Option<Self> = None;
        for _ in 0..reader.count()? {
            let node = Node::read(reader)?;
            match &mut segment {
                Some(segment) if segment.last >= node.first => {
                    return Err(reader.damage("nodes out of order"));
                }
                Some(segment) => drop(segment.push_node(node)),
                None => segment = Some(Self::begin(stream, number, node)),
            }
        }
        reader.finish()?;
        segment.ok_or(damage)
    }

    /// Whether the index line of another segment says of it what its own says.
    pub(crate) fn describes(&self, other: &Self) -> bool {
        let line =
            |of: &Self| (of.first, of.last, of.first_live, of.live, of.node_count, of.checksum);
        line(self) == line(other)
    }

    /// ```text
    /// number, first ID, last ID, first live ID, live, nodes, bytes   varints
    /// checksum of the blob; in a stream in one piece it says nothing    u32, little-endian
    /// ```
    pub(crate) fn encode_index(&self, out: &mut Vec<u8>) {
        put_varint(out, self.number);
        put_id(out, self.first);
        put_id(out, self.last);
        put_id(out, self.first_live);
        put_varint(out, self.live);
        put_varint(out, self.node_count);
        put_varint(out, self.bytes as u64);
        out.extend_from_slice(&self.checksum.to_le_bytes());
    }

    /// A segment known by its index line only; its nodes are in storage.
    pub(crate) fn decode_index(stream: u64, reader: &mut Reader<'_>) -> Result<Self, Damage> {
        let number = reader.varint()?;
        let (first, last, first_live) = (reader.id()?, reader.id()?, reader.id()?);
        let (live, node_count) = (reader.varint()?, reader.varint()?);
        let (bytes, checksum) = (reader.varint()? as usize, reader.u32()?);
        if first > first_live || first_live > last || live == 0 {
            return Err(reader.damage("impossible index line"));
        }
        let touched = Cell::new(0);
        Ok(Self {
            stream,
            number,
            first,
            last,
            first_live,
            live,
            node_count,
            bytes,
            checksum,
            nodes: None,
            pinned: false,
            dirty: false,
            stored: true,
            touched,
        })
    }

    /// Panics when an invariant does not hold.
    pub(crate) fn check(&self) {
        assert!(self.first <= self.first_live && self.first_live <= self.last);
        assert!(self.live > 0, "an empty segment is dropped");
        let Some(nodes) = &self.nodes else { return };
        let live: u64 = nodes.iter().map(|node| u64::from(node.live)).sum();
        assert_eq!(live, self.live, "the index counts the living entries");
        assert_eq!(nodes.len() as u64, self.node_count, "the index counts the nodes");
        let bytes: usize = nodes.iter().map(|node| node.bytes.len() + NODE_OVERHEAD_BYTES).sum();
        assert_eq!(bytes, self.bytes, "the index counts the bytes");
        for node in nodes {
            node.verify().expect("a node in memory reads back");
        }
        let edges = nodes.first().zip(nodes.last()).map(|(head, tail)| (head.first, tail.last));
        assert_eq!(edges, Some((self.first, self.last)), "the index knows the edges");
        let first_live = nodes.iter().flat_map(|node| node.entries()).next().map(|entry| entry.id);
        assert_eq!(first_live, Some(self.first_live), "the index knows the first living entry");
    }
}
