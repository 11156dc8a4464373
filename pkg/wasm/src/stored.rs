//! What a storage held at opening, as one flat run of bytes.
//!
//! ```text
//! 0  u32 blobs   4  u32 journal batches          (little-endian)
//! 8  per blob: f64 kind, f64 stream, f64 number, u32 length, bytes
//!    per batch: u32 length, bytes
//! ```

use alloc::vec::Vec;
use eddyline::{BlobKey, Stored};
use wasm_bindgen::JsError;

/// Parses the frame that the host wrote. Storage damage shows later, inside the blobs; a frame
/// that does not parse is a mistake of the host.
pub(crate) fn parse(frame: &[u8]) -> Result<Stored, JsError> {
    read(frame).ok_or_else(|| JsError::new("the stored frame is malformed"))
}

fn read(frame: &[u8]) -> Option<Stored> {
    let mut rest = frame;
    let blobs = take_u32(&mut rest)?;
    let batches = take_u32(&mut rest)?;
    let mut stored = Stored::default();
    for _ in 0..blobs {
        let kind = take_f64(&mut rest)?;
        let stream = take_f64(&mut rest)?;
        let number = take_f64(&mut rest)?;
        let key = BlobKey::from_numbers(kind, stream, number)?;
        stored.blobs.push((key, take_bytes(&mut rest)?));
    }
    for _ in 0..batches {
        stored.journal.push(take_bytes(&mut rest)?);
    }
    rest.is_empty().then_some(stored)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

fn take_u32(rest: &mut &[u8]) -> Option<u32> {
    take(rest).map(u32::from_le_bytes)
}

fn take_f64(rest: &mut &[u8]) -> Option<u64> {
    take(rest).map(|bytes| f64::from_le_bytes(bytes) as u64)
}

fn take_bytes(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let len = take_u32(rest)? as usize;
    let (head, tail) = rest.split_at_checked(len)?;
    *rest = tail;
    Some(head.to_vec())
}
