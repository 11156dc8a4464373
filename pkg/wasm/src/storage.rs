//! What only an engine with a storage needs: a part of the module that others need not load.

use super::stored;
use alloc::vec::Vec;
use eddyline::{BlobKey, Engine, FormatError, Limits};
use wasm_bindgen::JsError;

/// An engine with the state that a frame holds.
#[inline(never)]
pub(crate) fn restore(limits: Limits, frame: &[u8]) -> Result<Engine, JsError> {
    Engine::restore(limits, stored::parse(frame)?).map_err(damage)
}

/// Hands in the blob with the address of these three numbers.
#[inline(never)]
pub(crate) fn supply(engine: &mut Engine, at: [f64; 3], bytes: &[u8]) -> Result<(), JsError> {
    let [kind, stream, number] = at.map(|number| number as u64);
    let key = BlobKey::from_numbers(kind, stream, number);
    let key = key.ok_or_else(|| JsError::new("no blob has such an address"))?;
    engine.supply(key, bytes).map_err(damage)
}

/// Writes the frame of a checkpoint.
#[inline(never)]
pub(crate) fn checkpoint(engine: &mut Engine, out: &mut Vec<u8>) {
    engine.checkpoint().write_frame(out);
}

/// Without `Display`, whose machinery nothing else needs.
fn damage(damage: FormatError) -> JsError {
    JsError::new(&damage.text())
}
