//! The engine: commands in, one [`Turn`] out.

use crate::{BlobKey, Checkpoint, ClientId, FormatError, Limits, SegmentRef, Turn};
use alloc::vec::Vec;

/// What a storage holds at opening: all blobs but the segments, and the journal's batches.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// Every blob except segments, in any order.
    pub blobs: Vec<(BlobKey, Vec<u8>)>,
    /// Journal batches, in any order; those older than the checkpoint are passed over.
    pub journal: Vec<Vec<u8>>,
}

/// A keyspace of streams, its clients and what they wait for.
pub struct Engine {}

impl Engine {
    /// An empty engine.
    #[must_use]
    pub fn new(_limits: Limits) -> Self {
        todo!()
    }
    /// An engine with the state that `stored` holds. Replay of the journal may need segments: then
    /// the first turns say so in `need`, as ever.
    pub fn restore(_limits: Limits, _stored: Stored) -> Result<Self, FormatError> {
        todo!()
    }
    /// Runs what `input` completes of the client's pipeline. Bytes of an unfinished request are kept.
    pub fn turn(&mut self, _now_ms: u64, _client: ClientId, _input: &[u8]) -> Turn {
        todo!()
    }
    /// Ends waits whose deadline has come and goes on where work stopped for want of a segment.
    pub fn tick(&mut self, _now_ms: u64) -> Turn {
        todo!()
    }
    /// Ends a client's wait with the null reply that a timeout would give; its pipeline goes on.
    pub fn cancel(&mut self, _now_ms: u64, _client: ClientId) -> Turn {
        todo!()
    }
    /// Forgets a client and whatever it waits for.
    pub fn disconnect(&mut self, _now_ms: u64, _client: ClientId) -> Turn {
        todo!()
    }
    /// Hands in a segment named by [`Turn::need`].
    pub fn supply(&mut self, _at: SegmentRef, _bytes: &[u8]) -> Result<(), FormatError> {
        todo!()
    }
    /// All that changed since the last checkpoint, to be written in one storage transaction.
    pub fn checkpoint(&mut self) -> Checkpoint {
        todo!()
    }
}
