//! What is known of a client between two turns.

use crate::wire::Protocol;
use alloc::vec::Vec;

/// A client of the engine: a TCP connection, a WebSocket, one blocking call of the typed API.
///
/// The host chooses the numbers (below 2^53, so that JavaScript can hold them); a client exists
/// from its first [`Engine::turn`](crate::Engine::turn) until
/// [`Engine::disconnect`](crate::Engine::disconnect).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u64);

/// A client of the engine.
#[derive(Debug, Default)]
pub(crate) struct Session {
    pub(crate) protocol: Protocol,
    pub(crate) db: u8,
    /// Bytes received and not yet run.
    pub(crate) input: Vec<u8>,
    /// With fewer bytes than this the next request cannot be whole.
    pub(crate) needed_bytes: usize,
    pub(crate) state: State,
}

/// What a client is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
    /// Its requests are run as they come.
    #[default]
    Ready,
    /// It waits for a blocking read; what it sends is kept.
    Parked,
    /// Its next request needs segments that are not in memory.
    Stalled,
    /// It is to be disconnected.
    Closed,
}
