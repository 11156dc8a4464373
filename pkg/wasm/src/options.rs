//! The engine's limits as a plain JavaScript object.
//!
//! Read by hand: serde with serde-wasm-bindgen would make the whole module a tenth larger for two
//! numbers (`npm run build` prints the sizes).

use alloc::format;
use alloc::string::String;
use eddyline::Limits;
use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

/// Reads the limits from `options`, a plain object with any of `journaled` (boolean) and
/// `maxResidentBytes` and `turnReplyBytes` (numbers). `undefined` gives the defaults.
pub(crate) fn limits(options: &JsValue) -> Result<Limits, JsError> {
    let mut limits = Limits::default();
    let Some(object) = options.dyn_ref::<Object>() else { return Ok(limits) };
    for name in Object::keys(object).iter() {
        let value = Reflect::get(object, &name).unwrap_or(JsValue::UNDEFINED);
        let name = name.as_string().unwrap_or_default();
        set(&mut limits, &name, &value).ok_or_else(|| refusal(&name))?;
    }
    Ok(limits)
}

/// Sets one limit; `None`: there is no such option, or it takes no such value.
fn set(limits: &mut Limits, name: &str, value: &JsValue) -> Option<()> {
    if value.is_undefined() {
        return matches!(name, "journaled" | "maxResidentBytes" | "turnReplyBytes").then_some(());
    }
    match name {
        "journaled" => limits.journaled = value.as_bool()?,
        "maxResidentBytes" => limits.resident_bytes = value.as_f64()? as usize,
        "turnReplyBytes" => limits.turn_reply_bytes = value.as_f64()? as usize,
        _ => return None,
    }
    Some(())
}

fn refusal(name: &str) -> JsError {
    let text: String = format!("the engine has no option `{name}`, or not with such a value");
    JsError::new(&text)
}
