//! One Durable Object's engine on its storage, as a class of JavaScript.

use crate::output;
use crate::sql::ObjectSql;
use crate::trap;
use eddyline::{ClientId, Limits};
use eddyline_sql::DurableEngine;
use wasm_bindgen::prelude::*;
use worker::worker_sys::DurableObjectState;

/// Bytes of segments that one object keeps in memory. Objects of a class share an isolate with
/// 128 MB: a dozen busy ones fit, and each alone keeps the newest 8 MiB of its streams at hand.
const RESIDENT_BYTES: usize = 8 << 20;

/// What an object's events are handed to. Every method makes durable whatever it changed, and
/// returns the same frame (see `output.rs`): what to send to whom, and when to call `tick`.
///
/// A method that throws leaves the core worthless: drop it, and make another one.
#[wasm_bindgen]
pub struct Core {
    engine: DurableEngine<ObjectSql>,
}

#[wasm_bindgen]
impl Core {
    /// Restores the engine from the object's storage.
    ///
    /// # Errors
    /// A failed statement's text, or a format error's text for damaged storage.
    #[wasm_bindgen(constructor)]
    pub fn new(state: DurableObjectState) -> Result<Core, JsError> {
        let limits = Limits { resident_bytes: RESIDENT_BYTES, ..Limits::default() };
        Ok(Core { engine: DurableEngine::open(limits, ObjectSql::new(state))? })
    }

    /// Runs what `requests` completes of a client's pipeline.
    ///
    /// # Errors
    /// As [`Core::new`].
    pub fn turn(&mut self, now_ms: f64, client: f64, requests: &[u8]) -> Result<Vec<u8>, JsError> {
        let client = ClientId(client as u64);
        let turn = self.engine.turn(now_ms as u64, client, requests)?;
        trap::on_purpose(requests);
        Ok(output::write(&turn, Some(client)))
    }

    /// Ends waits whose deadline has come.
    ///
    /// # Errors
    /// As [`Core::new`].
    pub fn tick(&mut self, now_ms: f64) -> Result<Vec<u8>, JsError> {
        Ok(output::write(&self.engine.tick(now_ms as u64)?, None))
    }

    /// Ends a client's wait with the null reply that a timeout would give.
    ///
    /// # Errors
    /// As [`Core::new`].
    pub fn cancel(&mut self, now_ms: f64, client: f64) -> Result<Vec<u8>, JsError> {
        let client = ClientId(client as u64);
        Ok(output::write(&self.engine.cancel(now_ms as u64, client)?, Some(client)))
    }

    /// Forgets a client.
    ///
    /// # Errors
    /// As [`Core::new`].
    pub fn disconnect(&mut self, now_ms: f64, client: f64) -> Result<Vec<u8>, JsError> {
        let turn = self.engine.disconnect(now_ms as u64, ClientId(client as u64))?;
        Ok(output::write(&turn, None))
    }
}
