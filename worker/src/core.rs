//! One Durable Object's engine and storage, and the loop that a call of the engine wants.

use crate::output::Output;
use crate::sql::ObjectSql;
use crate::trap;
use eddyline::{ClientId, Engine, Limits, Turn};
use eddyline_sql::{Batch, Storage};
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
    engine: Engine,
    storage: Storage<ObjectSql>,
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
        let (storage, stored) = Storage::open(ObjectSql::new(state))?;
        Ok(Core { engine: Engine::restore(limits, stored)?, storage })
    }

    /// Runs what `requests` completes of a client's pipeline.
    ///
    /// # Errors
    /// A failed statement's text, or a format error's text for damaged storage.
    pub fn turn(&mut self, now_ms: f64, client: f64, requests: &[u8]) -> Result<Vec<u8>, JsError> {
        let (now_ms, client) = (now_ms as u64, ClientId(client as u64));
        let turn = self.engine.turn(now_ms, client, requests);
        let output = self.finish(now_ms, turn, Some(client))?;
        trap::on_purpose(requests);
        Ok(output)
    }

    /// Ends waits whose deadline has come.
    ///
    /// # Errors
    /// As [`Core::turn`].
    pub fn tick(&mut self, now_ms: f64) -> Result<Vec<u8>, JsError> {
        let turn = self.engine.tick(now_ms as u64);
        self.finish(now_ms as u64, turn, None)
    }

    /// Ends a client's wait with the null reply that a timeout would give.
    ///
    /// # Errors
    /// As [`Core::turn`].
    pub fn cancel(&mut self, now_ms: f64, client: f64) -> Result<Vec<u8>, JsError> {
        let client = ClientId(client as u64);
        let turn = self.engine.cancel(now_ms as u64, client);
        self.finish(now_ms as u64, turn, Some(client))
    }

    /// Forgets a client.
    ///
    /// # Errors
    /// As [`Core::turn`].
    pub fn disconnect(&mut self, now_ms: f64, client: f64) -> Result<Vec<u8>, JsError> {
        let turn = self.engine.disconnect(now_ms as u64, ClientId(client as u64));
        self.finish(now_ms as u64, turn, None)
    }
}

impl Core {
    /// Commits, and loads what the engine needs to go on, until nothing is left to be done.
    fn finish(
        &mut self,
        now_ms: u64,
        mut turn: Turn,
        client: Option<ClientId>,
    ) -> Result<Vec<u8>, JsError> {
        let mut output = Output::new();
        output.add(&turn, client);
        self.commit(&turn)?;
        while !turn.need.is_empty() {
            let segments = self.storage.read(&turn.need)?;
            for (at, bytes) in turn.need.iter().zip(&segments) {
                self.engine.supply(*at, bytes)?;
            }
            turn = self.engine.tick(now_ms);
            output.add(&turn, None);
            self.commit(&turn)?;
        }
        Ok(output.finish(turn.deadline_ms))
    }

    /// Writes the turn's batch, or a checkpoint that covers it when one is due.
    fn commit(&mut self, turn: &Turn) -> Result<(), JsError> {
        let number = turn.journal_number;
        let batch = match turn.journal.as_slice() {
            [] => None,
            bytes => Some(Batch { number, bytes }),
        };
        let is_full = batch.is_some() && self.storage.journal_full(number);
        let checkpoint = (turn.checkpoint_due || is_full).then(|| self.engine.checkpoint());
        Ok(self.storage.commit(batch, checkpoint.as_ref())?)
    }
}
