//! Where each request of a pipeline belongs: the front door sends it to the object of its key.
//!
//! Which arguments are keys is known to the engine's grammar alone.

use std::ops::Range;
use wasm_bindgen::prelude::*;

/// Any engine gives the right answer, the empty one at the door too. So it is for what the grammar
/// refuses.
const DOOR: u32 = 0;
/// The request names keys.
const KEYED: u32 = 1;
/// The request changes the session, so every engine that serves the session must see it.
const SESSION: u32 = 2;
/// The request concerns all keys, or a connection that lasts, and there is neither.
const REFUSED: u32 = 3;

/// Splits a pipeline of complete requests, and finds the keys in each.
///
/// ```text
/// must agree with pkg/src/worker/route.ts; positions are bytes of `requests`
/// per request: kind (0 door, 1 keyed, 2 session, 3 refused), start, end, keys
///              per key: start, end
/// ```
///
/// # Errors
/// Redis' text for bytes that are no requests, and for a request that is cut short.
#[wasm_bindgen]
pub fn route(requests: &[u8]) -> Result<Vec<u32>, JsError> {
    let mut routes = Vec::new();
    let mut at = 0;
    while at < requests.len() {
        let (end, argv) = split_request(requests, at).map_err(JsError::new)?;
        if !argv.is_empty() {
            put_route(&mut routes, requests, at..end, &argv);
        }
        at = end;
    }
    Ok(routes)
}

fn put_route(routes: &mut Vec<u32>, requests: &[u8], whole: Range<usize>, argv: &[Range<usize>]) {
    let words: Vec<_> = argv.iter().map(|word| &requests[word.clone()]).collect();
    let keys = eddyline::keys_of(&words);
    let kind = match &keys {
        Ok(_) if words[0].eq_ignore_ascii_case(b"watch") => REFUSED,
        Ok(keys) if !keys.is_empty() => KEYED,
        Ok(_) => kind_without_keys(words[0]),
        Err(_) => DOOR,
    };
    let keys = keys.unwrap_or_default();
    // Positions fit 32 bits: they point into this module's memory.
    routes.extend([kind, whole.start as u32, whole.end as u32, keys.len() as u32]);
    for key in keys {
        routes.extend([argv[key].start as u32, argv[key].end as u32]);
    }
}

/// A command that is not known here is refused rather than answered for an empty keyspace.
fn kind_without_keys(name: &[u8]) -> u32 {
    match name.to_ascii_lowercase().as_slice() {
        b"hello" => SESSION,
        // A stream command without a key is a mistake, or asks for help.
        b"ping" | b"echo" | b"time" | b"command" | [b'x', ..] => DOOR,
        _ => REFUSED,
    }
}

/// The end of the request that begins at `at`, and where its words are.
fn split_request(bytes: &[u8], at: usize) -> Result<(usize, Vec<Range<usize>>), &'static str> {
    let (mut at, words) = header(bytes, at, b'*', "ERR Protocol error: expected '*'")?;
    let mut argv = Vec::new();
    for _ in 0..words {
        let (start, len) = header(bytes, at, b'$', "ERR Protocol error: expected '$'")?;
        let end = start.checked_add(len).ok_or(INVALID)?;
        if bytes.get(end..end.saturating_add(2)) != Some(b"\r\n") {
            return Err(CUT_SHORT);
        }
        argv.push(start..end);
        at = end + 2;
    }
    Ok((at, argv))
}

const CUT_SHORT: &str = "ERR Protocol error: the last request is cut short";
const INVALID: &str = "ERR Protocol error: invalid length";

/// A line of a type byte and a count; returns where it ends, and the count.
fn header(
    bytes: &[u8],
    at: usize,
    kind: u8,
    unexpected: &'static str,
) -> Result<(usize, usize), &'static str> {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.first() {
        Some(first) if *first == kind => (),
        Some(_) => return Err(unexpected),
        None => return Err(CUT_SHORT),
    }
    let len = rest.iter().take(32).position(|byte| *byte == b'\r').ok_or(CUT_SHORT)?;
    if rest.get(len + 1) != Some(&b'\n') {
        return Err(CUT_SHORT);
    }
    let count = str::from_utf8(&rest[1..len]).ok().and_then(|digits| digits.parse().ok());
    Ok((at + len + 2, count.ok_or(INVALID)?))
}
