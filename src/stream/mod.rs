//! A stream: segments of entries, counters, consumer groups.

mod bases;
pub(crate) mod bytes;
mod entries;
mod group;
mod id;
mod lag;
mod listpack;
mod mend;
mod node;
mod ordered;
mod page;
mod pel;
mod portable;
mod producers;
mod range;
mod records;
mod residence;
mod segment;
mod state;
mod stored_group;
mod stored_stream;
mod trim;
mod value;
mod walk;
mod whole;

pub(crate) use entries::Entry;
pub(crate) use group::{Consumer, Group};
pub use id::EntryId;
pub(crate) use id::{Bound, NewId};
pub(crate) use node::{Node, NodeLimits};
pub(crate) use ordered::Ordered;
pub(crate) use page::{Page, Tally};
pub(crate) use pel::{MAX_DELIVERIES, Pending, once_more};
pub(crate) use portable::group_head;
pub(crate) use producers::{Memory, Producers};
pub(crate) use range::Direction;
pub(crate) use segment::Segment;
pub(crate) use state::{Place, Stream};
pub(crate) use trim::{Incoming, Threshold, TrimBound};
pub(crate) use value::FieldValue;

use crate::blob::BlobKey;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A list of things in boxes: the code for all of them is the same, and a thing that goes from the
/// front of many moves little. (A deque's two pieces make all who walk over it larger and slower.)
pub(crate) type Boxes<T> = Vec<Box<T>>;

/// Segments and pages of pending entries lists that have to be loaded before a question can be answered. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missing(pub(crate) Vec<BlobKey>);
