//! How many bytes entries take in Redis' own encoding of a macro node.
//!
//! Redis begins a new node when the bytes of the present one pass a bound, and approximate
//! trimming removes whole nodes; so to trim exactly what Redis trims, its bytes have to be counted,
//! though ours look different (`node.rs`). An element is an encoding byte or more, its data, and
//! its length once more for walking backwards.

use crate::integer;
use crate::stream::EntryId;

/// A header of 6 bytes and an end mark of 1.
const FRAME_BYTES: u64 = 7;

/// The whole node: its frame, the two counts in front, and `body` for the rest.
pub(crate) fn node_bytes(live: u32, deleted: u32, body: u64) -> u64 {
    FRAME_BYTES + integer_bytes(i64::from(live)) + integer_bytes(i64::from(deleted)) + body
}

/// The shared field names in front of a node: their count, the names, and a 0 that ends them.
pub(crate) fn names_bytes(fields: &[&[u8]]) -> u64 {
    let names: u64 = fields.iter().step_by(2).map(|name| text_bytes(name)).sum();
    integer_bytes(fields.len() as i64 / 2) + names + integer_bytes(0)
}

/// An entry: flags, the ID as two differences to the node's first, the fields, whose values take
/// `values`, and the number of its elements.
pub(crate) fn entry_bytes(
    first: EntryId,
    id: EntryId,
    fields: &[&[u8]],
    values: u64,
    same_fields: bool,
) -> u64 {
    let pairs = fields.len() as i64 / 2;
    let flags = integer_bytes(0);
    let ms = integer_bytes(id.ms.wrapping_sub(first.ms) as i64);
    let seq = integer_bytes(id.seq.wrapping_sub(first.seq) as i64);
    if same_fields {
        return flags + ms + seq + values + integer_bytes(pairs + 3);
    }
    let names: u64 = fields.iter().step_by(2).map(|name| text_bytes(name)).sum();
    flags + ms + seq + integer_bytes(pairs) + names + values + integer_bytes(2 * pairs + 4)
}

fn text_bytes(text: &[u8]) -> u64 {
    value_bytes(text.len(), integer::parse(text))
}

/// A text of so many bytes; `int`: the integer whose text it is.
pub(crate) fn value_bytes(len: usize, int: Option<i64>) -> u64 {
    if let Some(int) = int {
        return integer_bytes(int);
    }
    let len = len as u64;
    let head = match len {
        0..=63 => 1,
        64..=4095 => 2,
        _ => 5,
    };
    with_back_length(head + len)
}

fn integer_bytes(value: i64) -> u64 {
    with_back_length(match value {
        0..=127 => 1,
        -4096..=4095 => 2,
        -0x8000..=0x7fff => 3,
        -0x80_0000..=0x7f_ffff => 4,
        -0x8000_0000..=0x7fff_ffff => 5,
        _ => 9,
    })
}

fn with_back_length(bytes: u64) -> u64 {
    bytes
        + match bytes {
            0..=127 => 1,
            128..=16382 => 2,
            16383..=2_097_150 => 3,
            2_097_151..=268_435_454 => 4,
            _ => 5,
        }
}
