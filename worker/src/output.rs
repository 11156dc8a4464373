//! What a call of the core gives back, as one flat run of bytes.
//!
//! ```text
//! little-endian; must agree with pkg/src/worker/output.ts
//!  0 f64 when to call `tick`, in ms, NaN for never
//!  8 f64 when the next key expires, in ms, NaN for never
//! 16 f64 bytes of segments in memory
//! 24 u32 keys that came, went or changed their type
//!    per key: u32 length of its type (0: it is gone), u32 length of its name, type, name
//!    per output: f64 client, u32 flags (1 the client waits, 2 disconnect it, 4 it is in the middle
//!    of something), u32 length, bytes
//! ```
//! A client may have several outputs, which follow one another; the flags of its last one hold.

use crate::sql::ObjectSql;
use eddyline::{ClientId, Turn};
use eddyline_sql::DurableEngine;

const FLAG_PARKED: u32 = 1;
const FLAG_CLOSE: u32 = 2;
const FLAG_BUSY: u32 = 4;

/// Writes what a finished turn is to send; `client` is the calling one, if there is one.
pub(crate) fn write(
    turn: &Turn,
    client: Option<ClientId>,
    engine: &mut DurableEngine<ObjectSql>,
) -> Vec<u8> {
    let mut frame = Vec::with_capacity(64 + turn.reply.len());
    put_time(&mut frame, turn.deadline_ms);
    put_time(&mut frame, engine.engine().next_expiry_ms());
    frame.extend_from_slice(&(engine.engine().resident_bytes() as f64).to_le_bytes());
    let keys = engine.take_key_changes();
    put_length(&mut frame, keys.len());
    for (name, kind) in &keys {
        let kind = kind.unwrap_or_default();
        put_length(&mut frame, kind.len());
        put_length(&mut frame, name.len());
        frame.extend_from_slice(kind.as_bytes());
        frame.extend_from_slice(name);
    }
    let mut put = |client: ClientId, parked: bool, close: bool, reply: &[u8]| {
        let busy = !engine.engine().is_between_requests(client);
        let flags = [(parked, FLAG_PARKED), (close, FLAG_CLOSE), (busy, FLAG_BUSY)];
        let flags: u32 = flags.iter().filter(|(is_so, _)| *is_so).map(|(_, flag)| flag).sum();
        frame.extend_from_slice(&(client.0 as f64).to_le_bytes());
        frame.extend_from_slice(&flags.to_le_bytes());
        put_length(&mut frame, reply.len());
        frame.extend_from_slice(reply);
    };
    if let Some(client) = client {
        put(client, turn.parked, turn.close, &turn.reply);
    }
    for wake in &turn.wakes {
        put(wake.client, wake.parked, wake.close, &wake.reply);
    }
    frame
}

fn put_time(frame: &mut Vec<u8>, ms: Option<u64>) {
    frame.extend_from_slice(&ms.map_or(f64::NAN, |ms| ms as f64).to_le_bytes());
}

/// Whatever has a length lies in this module's memory, so 32 bits are enough.
fn put_length(frame: &mut Vec<u8>, length: usize) {
    frame.extend_from_slice(&(length as u32).to_le_bytes());
}
