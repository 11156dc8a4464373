//! What storage holds: the journal of ops and the blobs of a checkpoint.

pub(crate) mod journal;
pub(crate) mod snapshot;
