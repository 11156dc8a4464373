//! Values that tell a time. The engine's clock follows the server's to the moment between sending
//! a command and its reply, and not closer.

use crate::resp::Value;
use std::time::{SystemTime, UNIX_EPOCH};

/// The machine's clock, which is the server's.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("a clock after 1970").as_millis() as u64
}

/// A reply to `argv` with its times taken out, and the times.
pub(super) fn split(argv: &[Vec<u8>], reply: &Value) -> (Value, Vec<i64>) {
    let (mut reply, mut times) = (reply.clone(), Vec::new());
    let is = |at: usize, name: &str| {
        argv.get(at).is_some_and(|word: &Vec<u8>| word.eq_ignore_ascii_case(name.as_bytes()))
    };
    if is(0, "XPENDING") && argv.len() > 3 {
        take_from_rows(&mut reply, &mut times);
    } else if ["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"].iter().any(|name| is(0, name)) {
        take(&mut reply, &mut times);
    } else if is(0, "XINFO") {
        take_from_fields(&mut reply, &mut times);
    }
    (reply, times)
}

/// Fields of XINFO that tell a time, or for how long something has been.
const TIMES: [&[u8]; 4] = [b"seen-time", b"active-time", b"idle", b"inactive"];

fn take_from_fields(value: &mut Value, times: &mut Vec<i64>) {
    match value {
        Value::Map(pairs) => {
            for (name, value) in pairs {
                take_field(name, value, times);
            }
        }
        Value::Array(items) => {
            for at in 0..items.len() {
                let (before, rest) = items.split_at_mut(at);
                match before.last() {
                    Some(name @ Value::Bulk(_)) => take_field(name, &mut rest[0], times),
                    _ => take_from_fields(&mut rest[0], times),
                }
            }
        }
        _ => {}
    }
}

fn take_field(name: &Value, value: &mut Value, times: &mut Vec<i64>) {
    let Value::Bulk(name) = name else { return };
    if TIMES.contains(&name.as_slice()) {
        take(value, times);
    } else if name == b"pending" {
        take_from_rows(value, times);
    } else {
        take_from_fields(value, times);
    }
}

/// Rows `[id, consumer, time, deliveries]`, or `[id, time, deliveries]`.
fn take_from_rows(rows: &mut Value, times: &mut Vec<i64>) {
    let Value::Array(rows) = rows else { return };
    for row in rows {
        if let Value::Array(row) = row
            && row.len() >= 3
        {
            let at = row.len() - 2;
            take(&mut row[at], times);
        }
    }
}

/// What is negative tells that there is no time.
fn take(value: &mut Value, times: &mut Vec<i64>) {
    if let Value::Int(time) = value
        && *time >= 0
    {
        times.push(*time);
        *time = 0;
    }
}
