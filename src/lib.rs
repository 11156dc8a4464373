//! The semantics of Redis Streams as a pure engine.
//!
//! Requests go in as RESP bytes with the time; out comes a [`Turn`]: replies, replies for clients
//! that waited, one journal batch to make durable, segments to load, and when to call again. The
//! engine reads no clock, draws no random number and does no I/O; a host does that around it.
//!
//! ```
//! use eddyline::{ClientId, Engine, Limits};
//!
//! let mut engine = Engine::new(Limits::default());
//! let (producer, worker) = (ClientId(1), ClientId(2));
//! let _ = engine.turn(0, worker, b"XGROUP CREATE jobs g $ MKSTREAM\r\n");
//!
//! // Nothing is there, so the worker waits. No thread does: the turn just says so.
//! let read = b"XREADGROUP GROUP g w BLOCK 5000 STREAMS jobs >\r\n";
//! let turn = engine.turn(0, worker, read);
//! assert!(turn.parked && turn.deadline_ms == Some(5000));
//!
//! // An entry arrives, and the turn that brought it carries the worker's reply.
//! let turn = engine.turn(7, producer, b"XADD jobs * task sweep\r\n");
//! assert_eq!(turn.reply, b"$3\r\n7-0\r\n");
//! assert_eq!(turn.wakes[0].client, worker);
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod archive;
mod blob;
mod census;
mod command;
mod config;
mod dump;
mod engine;
mod error;
mod glob;
mod integer;
mod keyspace;
mod limits;
mod log;
mod named;
mod op;
mod part;
mod plain;
mod replay;
mod reply;
mod salvage;
mod seal;
mod session;
mod stats;
mod store;
mod stream;
mod turn;
mod waiters;
mod watches;
mod wire;
mod words;

pub use blob::BlobKey;
pub use command::{Permissions, positions_of_keys as keys_of};
pub use config::AppendFsync;
pub use engine::{Engine, Resumption, Stored};
pub use error::{CommandError, FormatError};
pub use glob::matches as glob_matches;
pub use limits::{DumpVersion, Limits};
pub use log::snapshot::Checkpoint;
pub use part::Part;
pub use salvage::{Loss, Salvage, Salvaged, Survey};
pub use session::ClientId;
pub use stream::EntryId;
pub use turn::{Turn, Wake};
