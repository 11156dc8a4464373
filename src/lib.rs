//! The semantics of Redis Streams as a pure engine.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod engine;
mod error;
mod limits;
mod turn;

pub use engine::{Engine, Stored};
pub use error::{CommandError, FormatError};
pub use limits::Limits;
pub use turn::{BlobKey, Checkpoint, ClientId, SegmentRef, Turn, Wake};
