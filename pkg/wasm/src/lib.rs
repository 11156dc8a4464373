//! JavaScript bindings of the engine: bytes in, bytes out, nothing to decide.
//!
//! The host writes a pipeline straight into the memory that [`WasmEngine::input`] points to, calls
//! one method, and reads the frame that `output` points to: one crossing a pipeline.

#![cfg_attr(feature = "bare", no_std)]

extern crate alloc;

use alloc::vec::Vec;
use eddyline::{ClientId, Engine, Limits, Part, Permissions, Turn};
use wasm_bindgen::prelude::*;

#[cfg(feature = "bare")]
mod bare;
#[cfg(feature = "salvage")]
mod salvage;
mod storage;
mod stored;

/// Runs once when the module is instantiated.
#[cfg(feature = "debug-panics")]
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// An engine and the two buffers through which it talks.
#[wasm_bindgen(js_name = Engine)]
pub struct WasmEngine {
    engine: Engine,
    input: Vec<u8>,
    output: Vec<u8>,
}

#[wasm_bindgen(js_class = Engine)]
impl WasmEngine {
    /// An engine with the state that `stored` holds (a frame, see `stored.rs`; empty for none).
    /// What is not bounded here has the engine's own bounds. Numbers and no object: the glue to read
    /// one would be a fifth of all.
    ///
    /// # Errors
    /// A format error's text for damaged storage.
    #[wasm_bindgen(constructor)]
    pub fn new(
        journaled: bool,
        resident_bytes: f64,
        turn_reply_bytes: f64,
        stored: &[u8],
    ) -> Result<WasmEngine, JsError> {
        let limits = Limits {
            journaled,
            resident_bytes: resident_bytes as usize,
            turn_reply_bytes: turn_reply_bytes as usize,
            ..Limits::default()
        };
        let engine = match stored {
            [] => Engine::new(limits),
            frame => storage::restore(limits, frame)?,
        };
        Ok(WasmEngine { engine, input: Vec::new(), output: Vec::new() })
    }

    /// Address of an input buffer of `len` bytes. Making it longer keeps what is written there.
    /// The address is valid until the next call of this method; no other one moves the buffer.
    pub fn input(&mut self, len: usize) -> *mut u8 {
        self.input.resize(len, 0);
        self.input.as_mut_ptr()
    }

    /// Address of the frame that the last call left; its length is what that call returned.
    #[wasm_bindgen(js_name = outputAddress)]
    pub fn output_address(&self) -> *const u8 {
        self.output.as_ptr()
    }

    /// Notes a new client; `origin` is what CLIENT LIST says of it, in UTF-8. Returns the length of
    /// the turn frame.
    pub fn connect(&mut self, now_ms: f64, client: f64, origin: &[u8]) -> usize {
        let turn = self.engine.connect(now_ms as u64, ClientId(client as u64), text(origin));
        self.hand_over(&turn)
    }

    /// Vouches for a client of the host's own: it need not give the password.
    pub fn vouch(&mut self, client: f64) {
        self.engine.vouch(ClientId(client as u64));
    }

    /// Says what a client of the host's own may do: `rules` are the words of one RESP request.
    ///
    /// # Errors
    /// The text for a word that is no rule.
    pub fn permit(&mut self, client: f64, rules: &[u8]) -> Result<(), JsError> {
        self.engine.permit(
            ClientId(client as u64),
            Permissions::parse_request(rules).map_err(|refusal| JsError::new(&refusal.text()))?,
        );
        Ok(())
    }

    /// Refuses commands that write, for a reason in UTF-8; with an empty one they are taken again.
    #[wasm_bindgen(js_name = refuseWrites)]
    pub fn refuse_writes(&mut self, reason: &[u8]) {
        self.engine.refuse_writes(Some(text(reason)).filter(|reason| !reason.is_empty()));
    }

    /// A part of this module, which was cut, is not there yet: who asks for what is in it waits, and
    /// the turn frame says so. Parts have the numbers of their flags in it.
    #[wasm_bindgen(js_name = awaitPart)]
    pub fn await_part(&mut self, number: usize) {
        if let Some(part) = Part::from_number(number) {
            self.engine.await_part(part);
        }
    }

    /// A part of the module is there (`here`) or cannot be had: then those who wait for it are
    /// answered with an error. To be followed by [`WasmEngine::tick`].
    #[wasm_bindgen(js_name = takePart)]
    pub fn take_part(&mut self, number: usize, here: bool) {
        if let Some(part) = Part::from_number(number) {
            self.engine.take_part(part, here);
        }
    }

    /// Runs the first `len` bytes of the input buffer as a piece of the client's pipeline.
    /// Returns the length of the turn frame.
    pub fn turn(&mut self, now_ms: f64, client: f64, len: usize) -> usize {
        let turn = self.engine.turn(now_ms as u64, ClientId(client as u64), &self.input[..len]);
        self.hand_over(&turn)
    }

    /// Ends expired waits and goes on where work stopped. Returns the length of the turn frame.
    pub fn tick(&mut self, now_ms: f64) -> usize {
        let turn = self.engine.tick(now_ms as u64);
        self.hand_over(&turn)
    }

    /// Ends a client's wait with a null reply. Returns the length of the turn frame.
    pub fn cancel(&mut self, now_ms: f64, client: f64) -> usize {
        let turn = self.engine.cancel(now_ms as u64, ClientId(client as u64));
        self.hand_over(&turn)
    }

    /// Forgets a client. Returns the length of the turn frame.
    pub fn disconnect(&mut self, now_ms: f64, client: f64) -> usize {
        let turn = self.engine.disconnect(now_ms as u64, ClientId(client as u64));
        self.hand_over(&turn)
    }

    /// Hands in a blob that a turn needed.
    ///
    /// # Errors
    /// A format error's text when the bytes are damaged.
    pub fn supply(
        &mut self,
        kind: f64,
        stream: f64,
        number: f64,
        bytes: &[u8],
    ) -> Result<(), JsError> {
        storage::supply(&mut self.engine, [kind, stream, number], bytes)
    }

    /// Bytes of entries and pending records in memory.
    #[wasm_bindgen(js_name = residentBytes)]
    pub fn resident_bytes(&self) -> usize {
        self.engine.resident_bytes()
    }

    /// Collects what changed since the last checkpoint. Returns the length of the frame.
    pub fn checkpoint(&mut self) -> usize {
        self.output.clear();
        storage::checkpoint(&mut self.engine, &mut self.output);
        self.output.len()
    }
}

/// Text that the host encoded: the glue for a `&str` would be a fifth of all.
fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap_or_default()
}

impl WasmEngine {
    fn hand_over(&mut self, turn: &Turn) -> usize {
        self.output.clear();
        turn.write_frame(&mut self.output);
        self.output.len()
    }
}
