//! One Durable Object's engine on its storage, as a class of JavaScript.

use crate::output;
use crate::sql::ObjectSql;
use crate::trap;
use eddyline::{ClientId, Limits, Permissions, Resumption, Turn};
use eddyline_sql::DurableEngine;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use worker::worker_sys::DurableObjectState;

/// What an object's events are handed to. Every method that takes the time makes durable whatever
/// it changed, and returns the same frame (see `output.rs`): what to send to whom, and more.
///
/// A method that throws leaves the core worthless: drop it, and make another one.
#[wasm_bindgen]
pub struct Core {
    engine: DurableEngine<ObjectSql>,
    rows_written: Rc<Cell<u64>>,
}

#[wasm_bindgen]
impl Core {
    /// Restores the engine from the object's storage. It keeps as many bytes of segments in memory
    /// unless it is told to keep fewer, takes no entry with more than `entry_bytes`, and tells a
    /// client no more than about `reply_bytes` in one call.
    ///
    /// # Errors
    /// A failed statement's text, or a format error's text for damaged storage.
    #[wasm_bindgen(constructor)]
    pub fn new(
        state: DurableObjectState,
        resident_bytes: f64,
        entry_bytes: f64,
        reply_bytes: f64,
    ) -> Result<Core, JsError> {
        let limits = Limits {
            resident_bytes: resident_bytes as usize,
            entry_bytes: entry_bytes as usize,
            reply_bytes: reply_bytes as usize,
            key_changes: true,
            ..Limits::default()
        };
        let rows_written = Rc::new(Cell::new(0));
        let sql = ObjectSql::new(state, Rc::clone(&rows_written));
        Ok(Core { engine: DurableEngine::open(limits, sql)?, rows_written })
    }

    /// Rows that were written to the database since this was last asked.
    #[wasm_bindgen(js_name = takeRowsWritten)]
    pub fn take_rows_written(&self) -> f64 {
        self.rows_written.take() as f64
    }

    /// Says what a client may do: `rules` are the words of one RESP request.
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

    /// Runs what `requests` completes of a client's pipeline.
    ///
    /// # Errors
    /// As [`Core::new`].
    pub fn turn(&mut self, now_ms: f64, client: f64, requests: &[u8]) -> Result<Vec<u8>, JsError> {
        let client = ClientId(client as u64);
        let turn = self.engine.turn(now_ms as u64, client, requests)?;
        trap::on_purpose(requests);
        Ok(self.frame(&turn, Some(client)))
    }

    /// Ends waits whose deadline has come, and removes keys that have expired.
    ///
    /// # Errors
    /// As [`Core::new`].
    pub fn tick(&mut self, now_ms: f64) -> Result<Vec<u8>, JsError> {
        let turn = self.engine.tick(now_ms as u64)?;
        Ok(self.frame(&turn, None))
    }

    /// Ends a client's wait with the null reply that a timeout would give.
    ///
    /// # Errors
    /// As [`Core::new`].
    pub fn cancel(&mut self, now_ms: f64, client: f64) -> Result<Vec<u8>, JsError> {
        let client = ClientId(client as u64);
        let turn = self.engine.cancel(now_ms as u64, client)?;
        Ok(self.frame(&turn, Some(client)))
    }

    /// Forgets a client.
    ///
    /// # Errors
    /// As [`Core::new`].
    pub fn disconnect(&mut self, now_ms: f64, client: f64) -> Result<Vec<u8>, JsError> {
        let turn = self.engine.disconnect(now_ms as u64, ClientId(client as u64))?;
        Ok(self.frame(&turn, None))
    }

    /// What another core needs to go on with a client's session; nothing when it is in the middle
    /// of something.
    ///
    /// ```text
    /// little-endian; must agree with pkg/src/worker/output.ts
    /// 0 f64 deadline in ms, NaN for none   8 u32 length of setup   12 setup, wait
    /// ```
    pub fn resumption(&self, client: f64) -> Option<Vec<u8>> {
        let resumption = self.engine.engine().resumption(ClientId(client as u64))?;
        let deadline = resumption.deadline_ms.map_or(f64::NAN, |ms| ms as f64);
        let mut frame = deadline.to_le_bytes().to_vec();
        frame.extend_from_slice(&(resumption.setup.len() as u32).to_le_bytes());
        frame.extend_from_slice(&resumption.setup);
        frame.extend_from_slice(&resumption.wait);
        Some(frame)
    }

    /// Goes on with a client's session that another core has left off with.
    ///
    /// # Errors
    /// As [`Core::new`].
    pub fn resume(
        &mut self,
        now_ms: f64,
        client: f64,
        setup: &[u8],
        wait: &[u8],
        deadline_ms: Option<f64>,
    ) -> Result<Vec<u8>, JsError> {
        let deadline_ms = deadline_ms.map(|ms| ms as u64);
        let from = Resumption { setup: setup.to_vec(), wait: wait.to_vec(), deadline_ms };
        let client = ClientId(client as u64);
        let turn = self.engine.resume_session(now_ms as u64, client, &from)?;
        trap::on_resuming(wait);
        Ok(self.frame(&turn, Some(client)))
    }

    /// Keeps only so many bytes of segments in memory; returns how many it does keep, which are
    /// more where storage does not have them yet.
    #[wasm_bindgen(js_name = evictTo)]
    pub fn evict_to(&mut self, bytes: f64) -> f64 {
        self.engine.evict_to(bytes as usize);
        self.engine.engine().resident_bytes() as f64
    }

    fn frame(&mut self, turn: &Turn, client: Option<ClientId>) -> Vec<u8> {
        output::write(turn, client, &mut self.engine)
    }
}
