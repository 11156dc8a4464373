//! All that can be asked of a keyspace, to tell two of them apart.

use crate::host::Host;
use crate::resp::{Value, request};
use eddyline::ClientId;

/// The answers to every question, with the question.
pub(crate) type State = Vec<(String, Value)>;

/// A client that only asks.
const OBSERVER: ClientId = ClientId(999);

/// Keys that random commands use.
const KEYS: [&str; 3] = ["s", "t", "none"];

/// Asks everything there is to ask. Changes nothing but what is resident.
pub(crate) fn observe(host: &mut Host) -> State {
    let mut state = State::new();
    for key in KEYS {
        let mut ask = |words: &[&str]| {
            let argv: Vec<_> = words.iter().map(|word| word.as_bytes()).collect();
            let value = host.ask(OBSERVER, &argv);
            state.push((words.join(" "), value.clone()));
            value
        };
        ask(&["TYPE", key]);
        ask(&["XRANGE", key, "-", "+"]);
        ask(&["XREVRANGE", key, "+", "-"]);
        ask(&["XINFO", "STREAM", key, "FULL", "COUNT", "0"]);
        ask(&["XINFO", "GROUPS", key]);
        for group in ["g", "h", "nog", ""] {
            ask(&["XINFO", "CONSUMERS", key, group]);
            ask(&["XPENDING", key, group]);
            ask(&["XPENDING", key, group, "-", "+", "1000000"]);
        }
    }
    state
}

/// The first answer that is not the same.
pub(crate) fn difference(a: &State, b: &State) -> Option<String> {
    let differing = a.iter().zip(b).find(|(a, b)| a != b)?;
    let ((question, first), (_, second)) = differing;
    Some(format!("{question}\n  {first}\n  {second}"))
}
