//! What is left of a damaged storage, piece by piece: see `eddyline::Survey`.

use super::stored;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use eddyline::{BlobKey, Salvage, Salvaged, Survey};
use wasm_bindgen::prelude::*;

/// The pieces of a damaged storage.
#[wasm_bindgen(js_name = Survey)]
pub struct WasmSurvey(Survey);

#[wasm_bindgen(js_class = Survey)]
impl WasmSurvey {
    /// Looks at every blob but the segments and pages: a frame, see `stored.rs`, without journal batches.
    /// `journal_start` is what the host knows of the first journal batch that is needed.
    ///
    /// # Errors
    /// The frame is malformed.
    #[wasm_bindgen(constructor)]
    pub fn new(stored: &[u8], journal_start: Option<f64>) -> Result<WasmSurvey, JsError> {
        let stored = stored::parse(stored)?;
        Ok(Self(Survey::new(&stored.blobs, journal_start.map(|start| start as u64))))
    }

    /// Looks at a segment or a page, whatever its state.
    pub fn cold(&mut self, kind: f64, stream: f64, number: f64, bytes: &[u8]) {
        if let Some(at) = address(kind, stream, number) {
            self.0.cold(at, bytes);
        }
    }

    /// Puts the pieces together. Of the journal's batches `stored` is a frame without blobs, and
    /// `numbers` says under which numbers they lie.
    ///
    /// # Errors
    /// The frame is malformed.
    pub fn assemble(self, stored: &[u8], numbers: &[f64]) -> Result<WasmSalvage, JsError> {
        let batches = stored::parse(stored)?.journal;
        let numbers = numbers.iter().map(|number| *number as u64);
        Ok(WasmSalvage(self.0.assemble(numbers.zip(batches).collect())))
    }
}

/// What is left, while the journal is replayed.
#[wasm_bindgen(js_name = Salvage)]
pub struct WasmSalvage(Salvage);

#[wasm_bindgen(js_class = Salvage)]
impl WasmSalvage {
    /// The segments and pages without which it cannot go on, three numbers each.
    pub fn need(&self) -> Vec<f64> {
        numbers(self.0.need().into_iter())
    }

    /// Hands in what is needed; without its bytes it is lost.
    pub fn supply(&mut self, kind: f64, stream: f64, number: f64, bytes: Option<Vec<u8>>) {
        if let Some(at) = address(kind, stream, number) {
            self.0.supply(at, bytes.as_deref());
        }
    }

    /// Ends it.
    pub fn finish(self) -> WasmSalvaged {
        WasmSalvaged(self.0.finish())
    }
}

/// What is left.
#[wasm_bindgen(js_name = Salvaged)]
pub struct WasmSalvaged(Salvaged);

#[wasm_bindgen(js_class = Salvaged)]
impl WasmSalvaged {
    /// What to write besides what is copied, as the frame of a checkpoint.
    pub fn checkpoint(&self) -> Vec<u8> {
        let mut frame = Vec::new();
        self.0.checkpoint.write_frame(&mut frame);
        frame
    }

    /// The segments and pages to copy, six numbers each: where they are, and where they are to be.
    pub fn copied(&self) -> Vec<f64> {
        numbers(self.0.copied.iter().flat_map(|(from, to)| [*from, *to]))
    }

    /// What is lost, a line each. One text: a list of texts would need glue of its own.
    pub fn losses(&self) -> String {
        self.0.losses.iter().map(|loss| format!("{loss}\n")).collect()
    }

    /// How many keys there are.
    pub fn keys(&self) -> f64 {
        self.0.keys as f64
    }

    /// How many entries all streams have together.
    pub fn entries(&self) -> f64 {
        self.0.entries as f64
    }
}

fn address(kind: f64, stream: f64, number: f64) -> Option<BlobKey> {
    BlobKey::from_numbers(kind as u64, stream as u64, number as u64)
}

fn numbers(blobs: impl Iterator<Item = BlobKey>) -> Vec<f64> {
    let numbers = blobs.map(BlobKey::to_numbers);
    numbers.flat_map(|(kind, stream, number)| [kind, stream, number].map(|n| n as f64)).collect()
}
