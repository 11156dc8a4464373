//! Decoding of requests: arrays of bulk strings, or lines of text.

use crate::integer;
use crate::limits::Limits;
use crate::wire::inline;
use crate::wire::response::{begin_array, put_bulk};
use crate::words::{self, Word};
use alloc::string::String;
use alloc::vec::Vec;

/// What the front of a client's bytes holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request<'a> {
    /// Not a whole request yet; it has at least `needed_bytes`.
    Incomplete { needed_bytes: usize },
    /// A request of `used_bytes`. No arguments: an empty array, which asks for nothing.
    Array { arguments: Vec<&'a [u8]>, used_bytes: usize },
    /// The same from a line of text, where quotes and escapes are resolved.
    Line { arguments: Vec<Vec<u8>>, used_bytes: usize },
}

/// Bytes that are no request. The client is told and disconnected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RequestError(pub(crate) String);

impl RequestError {
    pub(crate) fn new(problem: &str) -> Self {
        Self(problem.into())
    }
}

/// Longer lines in front of an array or a bulk string are refused.
const HEADER_BYTES: usize = 64 << 10;

/// Reads the request in front of `input`, of a client that has said who it is (`known`) or not. The
/// arguments of an array come in `spare`, which is empty.
pub(crate) fn decode<'a>(
    input: &'a [u8],
    limits: &Limits,
    known: bool,
    spare: Vec<&'a [u8]>,
) -> Result<Request<'a>, RequestError> {
    match input.first() {
        None => Ok(Request::Incomplete { needed_bytes: 1 }),
        Some(b'*') => decode_array(input, limits, known, spare),
        Some(_) => inline::decode(input, limits),
    }
}

/// Whether the request in front of `input` is a line of text.
pub(crate) fn is_line(input: &[u8]) -> bool {
    input.first().is_some_and(|&byte| byte != b'*')
}

/// Writes a request.
pub(crate) fn put_request(out: &mut Vec<u8>, words: &[&[u8]]) {
    begin_array(words.len(), out);
    words.iter().for_each(|word| put_bulk(out, word));
}

fn decode_array<'a>(
    input: &'a [u8],
    limits: &Limits,
    known: bool,
    mut arguments: Vec<&'a [u8]>,
) -> Result<Request<'a>, RequestError> {
    let mut at = 1;
    let Some(count) = take_number(input, &mut at, "too big mbulk count string")? else {
        return Ok(Request::Incomplete { needed_bytes: input.len() + 1 });
    };
    let count = count.filter(|&count| count <= limits.request_arguments as i64);
    let count = count.ok_or_else(|| RequestError::new("invalid multibulk length"))?;
    if !known && count > Limits::STRANGER_ARGUMENTS {
        return Err(RequestError::new("unauthenticated multibulk length"));
    }
    arguments.reserve(count.clamp(0, 64) as usize);
    for _ in 0..count {
        if let Some(text) = take_short_bulk(input, &mut at, limits) {
            arguments.push(text);
            continue;
        }
        match decode_bulk(input, &mut at, limits, known)? {
            Bulk::Text(text) => arguments.push(text),
            // Not counting the arguments behind this one: what is wrong is told when it comes.
            Bulk::Incomplete { needed_bytes } => return Ok(Request::Incomplete { needed_bytes }),
        }
    }
    Ok(Request::Array { arguments, used_bytes: at })
}

/// The bulk string at hand, if it is like nearly all: whole, and of less than a hundred bytes.
fn take_short_bulk<'a>(input: &'a [u8], at: &mut usize, limits: &Limits) -> Option<&'a [u8]> {
    let rest = input.get(*at..)?;
    let (len, behind) = match rest {
        [b'$', digit @ b'0'..=b'9', b'\r', b'\n', behind @ ..] => (digit - b'0', behind),
        [b'$', ten @ b'1'..=b'9', digit @ b'0'..=b'9', b'\r', b'\n', behind @ ..] => {
            ((ten - b'0') * 10 + (digit - b'0'), behind)
        }
        _ => return None,
    };
    let len = usize::from(len);
    if behind.len() < len + 2 || len > limits.argument_bytes {
        return None;
    }
    *at = input.len() - behind.len() + len + 2;
    Some(&behind[..len])
}

enum Bulk<'a> {
    Text(&'a [u8]),
    Incomplete { needed_bytes: usize },
}

fn decode_bulk<'a>(
    input: &'a [u8],
    at: &mut usize,
    limits: &Limits,
    known: bool,
) -> Result<Bulk<'a>, RequestError> {
    match input.get(*at) {
        None => return Ok(Bulk::Incomplete { needed_bytes: *at + 1 }),
        Some(b'$') => *at += 1,
        Some(&other) => {
            let other = Word::Char(char::from(other));
            return Err(RequestError(words::fill("expected '$', got '%'", &[other])));
        }
    }
    let Some(len) = take_number(input, at, "too big bulk count string")? else {
        return Ok(Bulk::Incomplete { needed_bytes: input.len() + 1 });
    };
    let len = len.and_then(|len| usize::try_from(len).ok());
    let len = len.filter(|&len| len <= limits.argument_bytes);
    let len = len.ok_or_else(|| RequestError::new("invalid bulk length"))?;
    if !known && len > Limits::STRANGER_ARGUMENT_BYTES {
        return Err(RequestError::new("unauthenticated bulk length"));
    }
    let needed_bytes = *at + len + 2;
    if input.len() < needed_bytes {
        return Ok(Bulk::Incomplete { needed_bytes });
    }
    let text = &input[*at..*at + len];
    *at = needed_bytes;
    Ok(Bulk::Text(text))
}

/// The number up to the next CR LF, `Some(None)` if it is none, and past it; `None`: it has not come
/// yet. Nearly all have one digit or two.
fn take_number(
    input: &[u8],
    at: &mut usize,
    too_long: &str,
) -> Result<Option<Option<i64>>, RequestError> {
    match input[*at..] {
        [digit @ b'0'..=b'9', b'\r', b'\n', ..] => {
            *at += 3;
            return Ok(Some(Some(i64::from(digit - b'0'))));
        }
        [ten @ b'1'..=b'9', digit @ b'0'..=b'9', b'\r', b'\n', ..] => {
            *at += 4;
            return Ok(Some(Some(i64::from(ten - b'0') * 10 + i64::from(digit - b'0'))));
        }
        _ => {}
    }
    Ok(take_line(input, at, too_long)?.map(integer::parse))
}

/// The bytes up to the next CR LF, and past it; `None`: it has not come yet.
fn take_line<'a>(
    input: &'a [u8],
    at: &mut usize,
    too_long: &str,
) -> Result<Option<&'a [u8]>, RequestError> {
    let rest = &input[*at..];
    let Some(end) = rest.iter().position(|&byte| byte == b'\r') else {
        let bounded = rest.len() <= HEADER_BYTES;
        return if bounded { Ok(None) } else { Err(RequestError::new(too_long)) };
    };
    if rest.len() < end + 2 {
        return Ok(None);
    }
    *at += end + 2;
    Ok(Some(&rest[..end]))
}
