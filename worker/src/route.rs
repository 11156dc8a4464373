//! Where each request of a pipeline belongs: the front door sends it to the object of its key.
//!
//! Which arguments are keys is known to the engine's grammar alone.

use eddyline::Permissions;
use std::ops::Range;
use wasm_bindgen::prelude::*;

/// What is to be done with a request. The numbers are those of pkg/src/worker/route.ts.
#[derive(Clone, Copy)]
#[repr(u32)]
enum Kind {
    /// Any engine gives the right answer, the empty one at the door too. So it is for what the
    /// grammar refuses, and for what the client may not do.
    Door = 0,
    /// It goes to the object of its keys, which must be one.
    Keyed = 1,
    /// It changes the session, so every engine that serves the session must see it.
    Session = 2,
    /// It concerns what there is not here.
    Refused = 3,
    /// Each object can do its share, and the reply is the sum of theirs.
    Sum = 4,
    /// XREAD: each object can read its share.
    Read = 5,
    /// XREADGROUP, in the same way.
    GroupRead = 6,
    /// It goes to the object of its keys, and may wait there.
    Pop = 7,
    /// It is about all keys, which the index lists.
    Index = 8,
    /// It publishes, or listens to, channels.
    Channels = 9,
    Multi = 10,
    Exec = 11,
    Discard = 12,
    Quit = 13,
    Reset = 14,
    /// It goes on with what an earlier request has begun, at the same object.
    Continued = 15,
    /// The object of its keys, which must be one, is to see whether they change.
    Watch = 16,
    Unwatch = 17,
}

/// Splits a pipeline of complete requests, and finds the keys in each. `rules` are what the client
/// may do, as one RESP request; empty: everything.
///
/// ```text
/// must agree with pkg/src/worker/route.ts; positions are bytes of `requests`
/// per request: kind, start, end, keys
///              per key: start, end
/// ```
///
/// # Errors
/// Redis' text for bytes that are no requests, for a request that is cut short, and for a word that
/// is no rule.
#[wasm_bindgen]
pub fn route(requests: &[u8], rules: &[u8]) -> Result<Vec<u32>, JsError> {
    let permissions = match rules {
        [] => None,
        rules => Some(
            Permissions::parse_request(rules).map_err(|refusal| JsError::new(&refusal.text()))?,
        ),
    };
    let mut routes = Vec::new();
    let mut at = 0;
    while at < requests.len() {
        let (end, argv) = split_request(requests, at).map_err(JsError::new)?;
        if !argv.is_empty() {
            let words: Vec<_> = argv.iter().map(|word| &requests[word.clone()]).collect();
            let is_allowed = permissions.as_ref().is_none_or(|known| known.test(&words).is_ok());
            let keys = match eddyline::keys_of(&words) {
                Ok(keys) if is_allowed => Some(keys),
                _ => None,
            };
            let kind = keys.as_deref().map_or(Kind::Door, |keys| kind_of(&words, keys));
            put_route(&mut routes, kind, at..end, keys.iter().flatten().map(|key| &argv[*key]));
        }
        at = end;
    }
    Ok(routes)
}

/// Positions fit 32 bits: they point into this module's memory.
fn put_route<'k>(
    routes: &mut Vec<u32>,
    kind: Kind,
    whole: Range<usize>,
    keys: impl Iterator<Item = &'k Range<usize>>,
) {
    let head = routes.len();
    routes.extend([kind as u32, whole.start as u32, whole.end as u32, 0]);
    for key in keys {
        routes.extend([key.start as u32, key.end as u32]);
        routes[head + 3] += 1;
    }
}

fn kind_of(words: &[&[u8]], keys: &[usize]) -> Kind {
    let name = words[0].to_ascii_lowercase();
    match name.as_slice() {
        b"watch" => Kind::Watch,
        b"eddyline" if keys.is_empty() => Kind::Continued,
        _ if keys.is_empty() => kind_without_keys(&name, words),
        b"del" | b"unlink" | b"exists" => Kind::Sum,
        b"xread" => Kind::Read,
        b"xreadgroup" => Kind::GroupRead,
        b"blpop" | b"brpop" => Kind::Pop,
        _ => Kind::Keyed,
    }
}

/// A command that is not known here is refused rather than answered for an empty keyspace.
fn kind_without_keys(name: &[u8], words: &[&[u8]]) -> Kind {
    match name {
        b"hello" => Kind::Session,
        b"select" if words.get(1) == Some(&b"0".as_slice()) => Kind::Door,
        // A stream command without a key is a mistake, or asks for help.
        b"ping" | b"echo" | b"time" | b"command" | b"client" | b"auth" => Kind::Door,
        [b'x', ..] => Kind::Door,
        b"scan" | b"keys" | b"dbsize" | b"flushdb" | b"flushall" => Kind::Index,
        b"publish" | b"pubsub" | b"subscribe" | b"psubscribe" => Kind::Channels,
        b"unsubscribe" | b"punsubscribe" => Kind::Channels,
        b"multi" => Kind::Multi,
        b"exec" => Kind::Exec,
        b"discard" => Kind::Discard,
        b"unwatch" => Kind::Unwatch,
        b"quit" => Kind::Quit,
        b"reset" => Kind::Reset,
        _ => Kind::Refused,
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
