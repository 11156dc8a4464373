//! The engine's limits as a plain JavaScript object.

use eddyline::Limits;
use js_sys::Object;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

/// What a host may set; the rest keeps the engine's defaults.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EngineOptions {
    /// Whether turns carry a journal.
    journaled: Option<bool>,
    /// Bytes of segments kept in memory.
    resident_bytes: Option<u32>,
}

/// The fields of [`EngineOptions`] as JavaScript names them.
const NAMES: [&str; 2] = ["journaled", "residentBytes"];

/// Reads the limits from `options`; `undefined` and `null` give the defaults.
pub(crate) fn limits(options: JsValue) -> Result<Limits, JsError> {
    refuse_unknown(&options)?;
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

/// serde's `deny_unknown_fields` does nothing here: serde-wasm-bindgen asks an object for the
/// fields it knows and never sees the others.
fn refuse_unknown(options: &JsValue) -> Result<(), JsError> {
    let Some(options) = options.dyn_ref::<Object>() else { return Ok(()) };
    for name in Object::keys(options).iter().filter_map(|name| name.as_string()) {
        if !NAMES.contains(&name.as_str()) {
            return Err(JsError::new(&format!("the engine has no option `{name}`")));
        }
    }
    Ok(())
}
