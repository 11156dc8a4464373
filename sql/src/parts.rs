//! Values larger than a row are split over several, numbered from 0.

use crate::{Row, Value};
use eddyline::FormatError;

/// The parts of a value, the first of at most `first` bytes, the others of at most `other`. An
/// empty value has one empty part.
pub(crate) fn split(
    bytes: &[u8],
    first: usize,
    other: usize,
) -> impl Iterator<Item = (u64, &[u8])> {
    let (head, tail) = bytes.split_at(bytes.len().min(first));
    (0..).zip(std::iter::once(head).chain(tail.chunks(other)))
}

/// How many parts a value of `len` bytes has when all are of the same size.
pub(crate) fn count(len: usize, part_bytes: usize) -> u64 {
    len.div_ceil(part_bytes).max(1) as u64
}

/// A value under the numbers that make its key.
pub(crate) type Keyed<const N: usize> = ([u64; N], Vec<u8>);

/// Puts values together from rows `(key × N, part, bytes)` in the order of key and part.
pub(crate) fn join<const N: usize>(rows: Vec<Row>) -> Result<Vec<Keyed<N>>, FormatError> {
    let mut values: Vec<Keyed<N>> = Vec::new();
    let mut next_part = 0;
    for row in rows {
        let (key, part, bytes) = columns::<N>(row)?;
        match values.last_mut() {
            Some((last, value)) if *last == key && part == next_part => {
                value.extend_from_slice(&bytes);
            }
            _ if part == 0 => values.push((key, bytes)),
            _ => return Err(damaged(&key, 0, "a part is missing")),
        }
        next_part = part + 1;
    }
    Ok(values)
}

fn columns<const N: usize>(mut row: Row) -> Result<([u64; N], u64, Vec<u8>), FormatError> {
    let bytes = row.pop();
    let part = row.pop();
    let mut key = [0; N];
    for (place, value) in key.iter_mut().zip(&row) {
        if let Value::Integer(number) = value {
            *place = *number;
        }
    }
    match (row.len(), part, bytes) {
        (len, Some(Value::Integer(part)), Some(Value::Bytes(bytes))) if len == N => {
            Ok((key, part, bytes))
        }
        _ => Err(damaged(&key, 0, "columns of an unexpected type")),
    }
}

fn damaged(key: &[u64], offset: usize, problem: &'static str) -> FormatError {
    FormatError { place: format!("SQLite row {key:?}"), offset, problem }
}
