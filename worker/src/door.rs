//! Commands without a key need no object: an empty engine answers them where they arrive.

use eddyline::{ClientId, Engine, Limits, Permissions};
use wasm_bindgen::prelude::*;

const CLIENT: ClientId = ClientId(1);

/// Runs requests that name no key, as one session on an empty engine; returns the replies. `rules`
/// are what the session may do, as one RESP request; empty: everything.
///
/// # Errors
/// The text for a word that is no rule.
#[wasm_bindgen]
pub fn answer(now_ms: f64, requests: &[u8], rules: &[u8]) -> Result<Vec<u8>, JsError> {
    let mut engine = Engine::new(Limits { journaled: false, ..Limits::default() });
    if !rules.is_empty() {
        engine.permit(
            CLIENT,
            Permissions::parse_request(rules).map_err(|refusal| JsError::new(&refusal.text()))?,
        );
    }
    Ok(engine.turn(now_ms as u64, CLIENT, requests).reply)
}

/// Whether a name is like a pattern of KEYS.
#[wasm_bindgen]
pub fn matches(pattern: &[u8], name: &[u8]) -> bool {
    eddyline::glob_matches(pattern, name)
}
