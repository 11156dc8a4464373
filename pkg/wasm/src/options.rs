//! The engine's limits as a plain JavaScript object.

use eddyline::Limits;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

/// What a host may set; the rest keeps the engine's defaults.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct EngineOptions {
    /// Whether turns carry a journal.
    journaled: Option<bool>,
    /// Bytes of segments kept in memory.
    resident_bytes: Option<u32>,
}

/// Reads the limits from `options`; `undefined` and `null` give the defaults.
pub(crate) fn limits(options: JsValue) -> Result<Limits, JsError> {
    let options: Option<EngineOptions> = serde_wasm_bindgen::from_value(options)?;
    let options = options.unwrap_or_default();
    let mut limits = Limits::default();
    if let Some(journaled) = options.journaled {
        limits.journaled = journaled;
    }
    if let Some(bytes) = options.resident_bytes {
        limits.resident_bytes = bytes as usize;
    }
    Ok(limits)
}
