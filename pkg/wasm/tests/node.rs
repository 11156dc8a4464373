//! The bindings in Node: bytes in, one frame out. What the engine does with them is tested elsewhere.

use eddyline_wasm::WasmEngine;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

const NOW_MS: f64 = 1_700_000_000_000.0;
const HEAD_BYTES: usize = 36;

fn engine() -> WasmEngine {
    restored(&[]).expect("an empty engine starts")
}

/// An engine that writes a journal and has room for whatever is asked of it here.
fn restored(stored: &[u8]) -> Result<WasmEngine, JsError> {
    WasmEngine::new(true, f64::INFINITY, f64::INFINITY, stored)
}

fn run(engine: &mut WasmEngine, client: f64, requests: &[u8]) -> Vec<u8> {
    let address = engine.input(requests.len());
    let input = js_memory(address as usize, requests.len());
    input.copy_from(requests);
    let len = engine.turn(NOW_MS, client, requests.len());
    js_memory(engine.output_address() as usize, len).to_vec()
}

/// The bytes as JavaScript sees them.
fn js_memory(address: usize, len: usize) -> js_sys::Uint8Array {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    js_sys::Uint8Array::new_with_byte_offset_and_length(
        &memory.buffer(),
        address as u32,
        len as u32,
    )
}

fn reply(frame: &[u8]) -> &[u8] {
    let len = u32::from_le_bytes(frame[20..24].try_into().expect("four bytes")) as usize;
    &frame[HEAD_BYTES..HEAD_BYTES + len]
}

fn journal(frame: &[u8]) -> &[u8] {
    let len = u32::from_le_bytes(frame[24..28].try_into().expect("four bytes")) as usize;
    &frame[HEAD_BYTES + reply(frame).len()..][..len]
}

fn message(error: JsError) -> String {
    let error: js_sys::Error = JsValue::from(error).unchecked_into();
    String::from(error.message())
}

/// The frame of `stored.rs`: no blobs, these batches.
fn stored(batches: &[&[u8]]) -> Vec<u8> {
    let mut frame = vec![0; 4];
    frame.extend_from_slice(&(batches.len() as u32).to_le_bytes());
    for batch in batches {
        frame.extend_from_slice(&(batch.len() as u32).to_le_bytes());
        frame.extend_from_slice(batch);
    }
    frame
}

#[wasm_bindgen_test]
fn a_pipeline_is_one_turn() {
    let frame = run(&mut engine(), 1.0, b"PING\r\nXADD s 1-1 a 1\r\nXLEN s\r\n");
    assert_eq!(reply(&frame), b"+PONG\r\n$3\r\n1-1\r\n:1\r\n");
}

#[wasm_bindgen_test]
fn a_longer_input_buffer_keeps_what_was_written() {
    let mut engine = engine();
    let first = engine.input(4) as usize;
    js_memory(first, 4).copy_from(b"PING");
    let longer = engine.input(100_000) as usize;
    js_memory(longer + 4, 2).copy_from(b"\r\n");
    let len = engine.turn(NOW_MS, 1.0, 6);
    let frame = js_memory(engine.output_address() as usize, len).to_vec();
    assert_eq!(reply(&frame), b"+PONG\r\n");
}

#[wasm_bindgen_test]
fn a_journal_restores_the_state_it_is_of() {
    let mut first = engine();
    let one = run(&mut first, 1.0, b"XADD s 1-1 a 1\r\n");
    let two = run(&mut first, 1.0, b"XADD s 2-1 a 2\r\n");
    let stored = stored(&[journal(&one), journal(&two)]);
    let mut second = restored(&stored).expect("it restores");
    let frame = run(&mut second, 1.0, b"XLEN s\r\n");
    assert_eq!(reply(&frame), b":2\r\n");
}

#[wasm_bindgen_test]
fn damaged_storage_is_an_error_that_names_the_place() {
    let frame = run(&mut engine(), 1.0, b"XADD s 1-1 a 1\r\n");
    let mut batch = journal(&frame).to_vec();
    let middle = batch.len() / 2;
    batch[middle] ^= 0x55;
    let error = restored(&stored(&[&batch])).err();
    let text = message(error.expect("damage is noticed"));
    assert!(text.contains(" at byte "), "{text}");
}

#[wasm_bindgen_test]
fn a_frame_cut_anywhere_is_an_error() {
    let frame = run(&mut engine(), 1.0, b"XADD s 1-1 a 1\r\n");
    let whole = stored(&[journal(&frame)]);
    for cut in 1..whole.len() {
        let error = restored(&whole[..cut]).err();
        let text = message(error.expect("a cut is noticed"));
        assert_eq!(text, "the stored frame is malformed", "cut at {cut}");
    }
}

#[wasm_bindgen_test]
fn an_engine_without_storage_writes_no_journal() {
    let engine = WasmEngine::new(false, f64::INFINITY, f64::INFINITY, &[]);
    let frame = run(&mut engine.expect("an empty engine starts"), 1.0, b"XADD s 1-1 a 1\r\n");
    assert_eq!(journal(&frame), b"");
}
