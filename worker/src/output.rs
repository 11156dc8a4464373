//! What a call of the core gives back, as one flat run of bytes.
//!
//! ```text
//! little-endian; must agree with pkg/src/worker/output.ts
//!  0 f64 deadline in ms, NaN for none
//!  8 per output: f64 client, u32 flags (1 the client waits, 2 disconnect it), u32 length, bytes
//! ```
//! A client may have several outputs, which follow one another; the flags of its last one hold.

use eddyline::{ClientId, Turn};

const FLAG_PARKED: u32 = 1;
const FLAG_CLOSE: u32 = 2;

/// Writes what a finished turn is to send; `client` is the calling one, if there is one.
pub(crate) fn write(turn: &Turn, client: Option<ClientId>) -> Vec<u8> {
    let deadline = turn.deadline_ms.map_or(f64::NAN, |ms| ms as f64);
    let mut frame = deadline.to_le_bytes().to_vec();
    if let Some(client) = client {
        put(&mut frame, client, turn.parked, turn.close, &turn.reply);
    }
    for wake in &turn.wakes {
        put(&mut frame, wake.client, wake.parked, wake.close, &wake.reply);
    }
    frame
}

fn put(frame: &mut Vec<u8>, client: ClientId, parked: bool, close: bool, reply: &[u8]) {
    let flags = if parked { FLAG_PARKED } else { 0 } | if close { FLAG_CLOSE } else { 0 };
    frame.extend_from_slice(&(client.0 as f64).to_le_bytes());
    frame.extend_from_slice(&flags.to_le_bytes());
    frame.extend_from_slice(&(reply.len() as u32).to_le_bytes());
    frame.extend_from_slice(reply);
}
