//! What INFO counts, on both sides.

use crate::resp::Value;
use std::collections::BTreeMap;

/// Of these the server runs some for the suite alone.
const OWN: [&str; 6] = ["ping", "info", "flushall", "hello", "config", "client"];

/// Counters by name, as far as they tell of the sequence: how often each command was called,
/// refused and failed, and how often each error was told.
pub(super) fn counters(info: &Value) -> BTreeMap<String, u64> {
    let (Value::Bulk(text) | Value::Verbatim(text)) = info else {
        panic!("INFO answers a text, not {info}");
    };
    let text = String::from_utf8_lossy(text);
    let mut counters = BTreeMap::new();
    for (name, value) in text.lines().filter_map(|line| line.split_once(':')) {
        let command = name.strip_prefix("cmdstat_").map(|name| name.split('|').next());
        let is_own = command.flatten().is_some_and(|name| OWN.contains(&name));
        if is_own || command.is_none() && !name.starts_with("errorstat_") {
            continue;
        }
        for (part, value) in value.split(',').filter_map(|part| part.split_once('=')) {
            if !part.starts_with("usec") {
                counters.insert(format!("{name} {part}"), value.parse().expect("a counter"));
            }
        }
    }
    counters
}

/// The first counter that is not the same.
pub(super) fn difference(
    ours: &BTreeMap<String, u64>,
    theirs: &BTreeMap<String, u64>,
) -> Option<String> {
    let names = ours.keys().chain(theirs.keys());
    let mut differing = names.filter(|name| ours.get(*name) != theirs.get(*name));
    let name = differing.next()?;
    Some(format!("{name}: {:?}, on the server {:?}", ours.get(name), theirs.get(name)))
}
