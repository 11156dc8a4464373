//! Commands without a key need no object: an empty engine answers them where they arrive.

use eddyline::{ClientId, Engine, Limits};
use wasm_bindgen::prelude::*;

/// Runs requests that name no key, as one session on an empty engine; returns the replies.
#[wasm_bindgen]
pub fn answer(now_ms: f64, requests: &[u8]) -> Vec<u8> {
    let mut engine = Engine::new(Limits { journaled: false, ..Limits::default() });
    engine.turn(now_ms as u64, ClientId(1), requests).reply
}
