//! All that can be asked of a keyspace, to tell two of them apart.

use crate::host::Host;
use crate::resp::{Value, request};
use eddyline::ClientId;

/// The answers to every question, with the question.
pub(crate) type State = Vec<(String, Value)>;

/// A client that only asks.
const OBSERVER: ClientId = ClientId(999);

/// Keys that random commands use.
pub(super) const KEYS: [&str; 3] = ["s", "t", "none"];

/// Asks everything there is to ask. Changes nothing but what is resident.
pub(crate) fn observe_with_sight(host: &mut Host) -> State {
    let mut state = State::new();
    for key in KEYS {
        let mut ask = |words: &[&str]| {
            let argv: Vec<_> = words.iter().map(|word| word.as_bytes()).collect();
            state.push((words.join(" "), host.ask(OBSERVER, &argv)));
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

/// The same without when consumers were last seen: a journal may know only an earlier time, since a
/// read that finds nothing is not worth writing down.
pub(crate) fn observe(host: &mut Host) -> State {
    let state = observe_with_sight(host).into_iter();
    state.map(|(question, answer)| (question, without_sight(answer))).collect()
}

pub(crate) fn without_sight(value: Value) -> Value {
    let Value::Array(mut items) = value else {
        return value;
    };
    for at in 1..items.len() {
        if matches!(&items[at - 1], Value::Bulk(name) if name == b"seen-time" || name == b"idle") {
            items[at] = Value::Int(0);
        }
    }
    Value::Array(items.into_iter().map(without_sight).collect())
}

/// The first answer that is not the same.
pub(crate) fn difference(a: &State, b: &State) -> Option<String> {
    let differing = a.iter().zip(b).find(|(a, b)| a != b)?;
    let ((question, first), (_, second)) = differing;
    Some(format!("{question}\n  {first}\n  {second}"))
}
