//! What is known of a client between two turns.

use crate::archive::{Export, Import};
use crate::command::Permissions;
use crate::wire::Protocol;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A client of the engine: a TCP connection, a WebSocket, one blocking call of the typed API.
///
/// The host chooses the numbers (below 2^53, so that JavaScript can hold them); a client exists
/// from its first [`Engine::turn`](crate::Engine::turn), or from
/// [`Engine::connect`](crate::Engine::connect), until
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
    /// Requests rest that could be run, because the replies before them are large.
    pub(crate) unfinished: bool,
    /// It has said who it is, or need not.
    pub(crate) known: bool,
    /// What it may do; `None`: everything.
    pub(crate) permissions: Option<Box<Permissions>>,
    /// The commands to run at EXEC; `None`: commands run at once.
    pub(crate) queue: Option<Queue>,
    /// Channels and patterns that it listens to, in the order of the subscriptions.
    pub(crate) channels: Vec<Box<[u8]>>,
    pub(crate) patterns: Vec<Box<[u8]>>,
    pub(crate) profile: Profile,
    /// Until when a wait lasts that it goes on with; until then that wait is decided again.
    pub(crate) resumed_deadline_ms: Option<u64>,
    /// What it exports or imports.
    pub(crate) moving: Option<Box<Moving>>,
}

/// An export or import.
#[derive(Debug)]
pub(crate) enum Moving {
    Export(Export),
    Import(Import),
}

impl Session {
    /// How many channels and patterns it listens to.
    pub(crate) fn subscriptions(&self) -> usize {
        self.channels.len() + self.patterns.len()
    }
}

/// What CLIENT LIST tells of a client.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    /// Where it comes from, in the host's words: `addr=… laddr=… fd=…`.
    pub(crate) origin: Box<str>,
    pub(crate) name: Box<[u8]>,
    pub(crate) library: Box<[u8]>,
    pub(crate) library_version: Box<[u8]>,
    pub(crate) connected_ms: u64,
    /// When it last sent a command, which, and how many it sent.
    pub(crate) active_ms: u64,
    pub(crate) last_command: &'static str,
    pub(crate) commands: u64,
    pub(crate) no_evict: bool,
    pub(crate) no_touch: bool,
}

impl Profile {
    /// Whether it has come from outside. Clients of the host's own are not shown to others.
    pub(crate) fn is_guest(&self) -> bool {
        !self.origin.is_empty()
    }
}

/// Commands that wait for EXEC.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(crate) requests: Vec<Request>,
    pub(crate) bytes: usize,
    /// What is true of one of the commands is true of EXEC.
    pub(crate) writes: bool,
    pub(crate) denies_oom: bool,
    /// A command could not be queued, so EXEC will refuse.
    pub(crate) aborted: bool,
}

/// The arguments of a queued command.
pub(crate) type Request = Vec<Box<[u8]>>;

/// What a client is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
    /// Its requests are run as they come.
    #[default]
    Ready,
    /// It waits in a blocking command; what it sends is kept.
    Parked,
    /// Its next request needs segments that are not in memory.
    Stalled,
    /// It is to be disconnected.
    Closed,
}
