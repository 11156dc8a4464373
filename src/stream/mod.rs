//! A stream: segments of entries, counters, consumer groups.

pub(crate) mod bytes;
mod group;
mod id;
mod lag;
mod listpack;
mod node;
mod pel;
mod producers;
mod range;
mod segment;
mod state;
mod trim;
mod whole;

pub(crate) use group::{Consumer, Group};
pub use id::EntryId;
pub(crate) use id::{Bound, NewId};
pub(crate) use node::{Entry, FieldValue, Node, NodeLimits};
pub(crate) use pel::{MAX_DELIVERIES, Owner, Pending, once_more};
pub(crate) use producers::{Memory, Producers};
pub(crate) use range::Direction;
pub(crate) use segment::Segment;
pub(crate) use state::{Place, Stream};
pub(crate) use trim::{Incoming, Threshold, TrimBound};

use alloc::vec::Vec;

/// The storage address of a segment. Both numbers stay below 2^53.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentRef {
    /// Number of the stream: given at its creation, never used again, kept over a rename.
    pub stream: u64,
    /// Number of the segment within its stream, counting up.
    pub segment: u64,
}

/// Segments that have to be loaded before a question can be answered. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missing(pub(crate) Vec<SegmentRef>);
