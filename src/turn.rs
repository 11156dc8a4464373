//! What one call of the engine gives back, and the flat form of it that crosses a wasm boundary.

use crate::blob::BlobKey;
use crate::config::AppendFsync;
use crate::log::snapshot::Checkpoint;
use crate::part::Part;
use crate::session::ClientId;
use alloc::vec::Vec;

/// Bytes for a client other than the calling one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wake {
    /// Whom the bytes are for.
    pub client: ClientId,
    /// Replies in the client's RESP version.
    pub reply: Vec<u8>,
    /// The client waits again: a later command of its pipeline blocks.
    pub parked: bool,
    /// The client is to be disconnected after these bytes.
    pub close: bool,
    /// As [`Turn::unfinished`], for this client.
    pub unfinished: bool,
}

impl Wake {
    pub(crate) fn new(client: ClientId, reply: Vec<u8>) -> Self {
        Self { client, reply, parked: false, close: false, unfinished: false }
    }
}

/// Everything that one call of the engine brought about.
///
/// The host makes `journal` durable, then releases `reply` and `wakes` in order, loads what
/// `need` names, and arranges for [`Engine::tick`](crate::Engine::tick) at `deadline_ms`.
#[must_use]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Turn {
    /// Replies for the calling client, in its RESP version.
    pub reply: Vec<u8>,
    /// The calling client waits for a blocking read; what it sends meanwhile is kept.
    pub parked: bool,
    /// The calling client is to be disconnected after `reply`.
    pub close: bool,
    /// Requests of the calling client rest, because the replies before them have passed
    /// [`Limits::turn_reply_bytes`](crate::Limits::turn_reply_bytes). Once it has taken those the
    /// host calls [`Engine::turn`](crate::Engine::turn) for it again, without bytes if none came.
    pub unfinished: bool,
    /// Replies for other clients.
    pub wakes: Vec<Wake>,
    /// One journal batch; empty when there is nothing to make durable.
    pub journal: Vec<u8>,
    /// The number of that batch (meaningless when `journal` is empty).
    pub journal_number: u64,
    /// Segments and pages to load and [`supply`](crate::Engine::supply), and then to call
    /// [`tick`](crate::Engine::tick), which goes on where the work stopped.
    pub need: Vec<BlobKey>,
    /// When to call [`tick`](crate::Engine::tick) at the latest; `None`: nothing waits for time.
    pub deadline_ms: Option<u64>,
    /// The journal has passed its bound: the host should write a
    /// [`checkpoint`](crate::Engine::checkpoint) soon.
    pub checkpoint_due: bool,
    /// When the host has to make `journal` durable.
    pub append_fsync: AppendFsync,
    /// A client has asked the host to shut down (SHUTDOWN).
    pub shutdown: bool,
    /// Parts of a module that was cut for which somebody waits, see
    /// [`Engine::await_part`](crate::Engine::await_part).
    pub parts: Vec<Part>,
}

/// Bit of the flag word of a frame: the client waits.
const FLAG_PARKED: u32 = 1;
/// Bit of the flag word of a frame: the client is to be disconnected.
const FLAG_CLOSE: u32 = 2;
/// Bit of the flag word of a frame: a checkpoint is due.
const FLAG_CHECKPOINT_DUE: u32 = 4;
/// Bits of the flag word of a frame: when to make the journal durable, if not at once.
const FLAG_EVERY_SECOND: u32 = 8;
const FLAG_NO_FSYNC: u32 = 16;
/// Bit of the flag word of a frame: the host is asked to shut down.
const FLAG_SHUTDOWN: u32 = 32;
/// Bit of the flag word of a frame: requests of the client rest.
const FLAG_UNFINISHED: u32 = 64;
/// Bit of the flag word of a frame: the first part of the module is to be loaded. Those of the others
/// follow it.
const FLAG_FIRST_PART: u32 = 128;

impl Turn {
    /// Writes the turn as one flat run of bytes, for a host beyond a wasm boundary.
    ///
    /// ```text
    /// all integers little-endian; numbers that may pass 2^32 are f64 (exact below 2^53)
    ///  0  u32 flags: 1 parked, 2 close, 4 checkpoint due, 8 journal every second, 16 journal
    ///     whenever, 32 shutdown, 64 unfinished, and parts of the module to load: 128 rest, 256
    ///     inspection
    ///  4  f64 deadline in ms, NaN for none
    /// 12  f64 journal batch number
    /// 20  u32 reply length      24  u32 journal length
    /// 28  u32 wakes             32  u32 needs
    /// 36  reply bytes, journal bytes
    ///     per wake: f64 client, u32 flags, u32 reply length, reply bytes
    ///     per need: f64 kind, f64 stream, f64 number
    /// ```
    pub fn write_frame(&self, out: &mut Vec<u8>) {
        let due = if self.checkpoint_due { FLAG_CHECKPOINT_DUE } else { 0 };
        let shutdown = if self.shutdown { FLAG_SHUTDOWN } else { 0 };
        let parts: u32 = self.parts.iter().map(|part| FLAG_FIRST_PART << part.number()).sum();
        let fsync = match self.append_fsync {
            AppendFsync::Always => 0,
            AppendFsync::EverySecond => FLAG_EVERY_SECOND,
            AppendFsync::No => FLAG_NO_FSYNC,
        };
        let flags = wait_flags(self.parked, self.close, self.unfinished);
        put_u32(out, flags | due | shutdown | fsync | parts);
        put_f64(out, self.deadline_ms.map_or(f64::NAN, |ms| ms as f64));
        put_f64(out, self.journal_number as f64);
        put_u32(out, self.reply.len() as u32);
        put_u32(out, self.journal.len() as u32);
        put_u32(out, self.wakes.len() as u32);
        put_u32(out, self.need.len() as u32);
        out.extend_from_slice(&self.reply);
        out.extend_from_slice(&self.journal);
        for wake in &self.wakes {
            put_f64(out, wake.client.0 as f64);
            put_u32(out, wait_flags(wake.parked, wake.close, wake.unfinished));
            put_u32(out, wake.reply.len() as u32);
            out.extend_from_slice(&wake.reply);
        }
        for key in &self.need {
            put_blob_key(out, *key);
        }
    }
}

impl Checkpoint {
    /// Writes the checkpoint as one flat run of bytes.
    ///
    /// ```text
    /// 0  f64 first journal batch number still needed
    /// 8  u32 puts   12  u32 deletes
    /// 16 per put: f64 kind, f64 stream, f64 number, u32 length, bytes
    ///    per delete: f64 kind, f64 stream, f64 number
    /// ```
    pub fn write_frame(&self, out: &mut Vec<u8>) {
        put_f64(out, self.journal_start as f64);
        put_u32(out, self.put.len() as u32);
        put_u32(out, self.delete.len() as u32);
        for (key, bytes) in &self.put {
            put_blob_key(out, *key);
            put_u32(out, bytes.len() as u32);
            out.extend_from_slice(bytes);
        }
        for key in &self.delete {
            put_blob_key(out, *key);
        }
    }
}

fn put_blob_key(out: &mut Vec<u8>, key: BlobKey) {
    let (kind, stream, number) = key.to_numbers();
    for part in [kind, stream, number] {
        put_f64(out, part as f64);
    }
}

fn wait_flags(parked: bool, close: bool, unfinished: bool) -> u32 {
    let flags = [(parked, FLAG_PARKED), (close, FLAG_CLOSE), (unfinished, FLAG_UNFINISHED)];
    flags.iter().filter(|(is_so, _)| *is_so).map(|(_, flag)| flag).sum()
}

fn put_u32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put_f64(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(&value.to_le_bytes());
}
