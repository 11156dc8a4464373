//! An expected reply: one for both protocols, with wildcards for what depends on the clock.

use super::{Items, Pairs, Protocol, Value, quoted};

/// What a command must answer. In RESP3 [`Reply::Map`] and [`Reply::Pairs`] are maps and both nils
/// are `_`; in RESP2 the one is a flat array, the other an array of pairs. What RESP2 has no type
/// for is an array there, or a bulk string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Bulk(Vec<u8>),
    Int(i64),
    Simple(Vec<u8>),
    Error(Vec<u8>),
    NilBulk,
    NilArray,
    Array(Vec<Reply>),
    Map(Vec<(Reply, Reply)>),
    Pairs(Vec<(Reply, Reply)>),
    /// What reaches a client unasked.
    Push(Vec<Reply>),
    /// In any order.
    Set(Vec<Reply>),
    /// An array in any order.
    Unordered(Vec<Reply>),
    /// A verbatim string; among its lines are some that are like these, where `*` stands for
    /// anything.
    Lines(Vec<Vec<u8>>),
    /// Any bulk string of the form `digits-digits`.
    AnyId,
    /// Any integer.
    AnyInt,
    /// Anything that is no error.
    Any,
}

impl Reply {
    pub(crate) fn bulk(text: impl AsRef<[u8]>) -> Self {
        Self::Bulk(text.as_ref().to_vec())
    }

    pub(crate) fn ok() -> Self {
        Self::Simple(b"OK".to_vec())
    }

    pub(crate) fn error(text: impl AsRef<[u8]>) -> Self {
        Self::Error(text.as_ref().to_vec())
    }

    /// Whether `value`, which came from a client of this protocol, is this reply.
    pub(crate) fn is(&self, value: &Value, protocol: Protocol) -> bool {
        match (self, value) {
            (Self::Any, value) => !matches!(value, Value::Error(_)),
            (Self::AnyInt, Value::Int(_)) => true,
            (Self::AnyId, Value::Bulk(text)) => is_id(text),
            (Self::Bulk(a), Value::Bulk(b))
            | (Self::Simple(a), Value::Simple(b))
            | (Self::Error(a), Value::Error(b)) => a == b,
            (Self::Int(a), Value::Int(b)) => a == b,
            (Self::NilBulk, Value::NilBulk) | (Self::NilArray, Value::NilArray) => {
                protocol == Protocol::Resp2
            }
            (Self::NilBulk | Self::NilArray, Value::Null) => protocol == Protocol::Resp3,
            (Self::Array(a), Value::Array(b)) => are(a, b, protocol),
            (Self::Push(a), Value::Push(b)) => protocol == Protocol::Resp3 && are(a, b, protocol),
            (Self::Push(a), Value::Array(b)) => protocol == Protocol::Resp2 && are(a, b, protocol),
            (Self::Set(a), Value::Set(b)) => {
                protocol == Protocol::Resp3 && are_in_some_order(a, b, protocol)
            }
            (Self::Set(a), Value::Array(b)) => {
                protocol == Protocol::Resp2 && are_in_some_order(a, b, protocol)
            }
            (Self::Unordered(a), Value::Array(b)) => are_in_some_order(a, b, protocol),
            (Self::Lines(patterns), Value::Bulk(text)) => {
                protocol == Protocol::Resp2 && has_lines(text, patterns)
            }
            (Self::Lines(patterns), Value::Verbatim(text)) => {
                let text = text.strip_prefix(b"txt:");
                protocol == Protocol::Resp3 && text.is_some_and(|text| has_lines(text, patterns))
            }
            (Self::Map(a) | Self::Pairs(a), Value::Map(b)) => {
                let pair = |a: &(Self, Self), b: &(Value, Value)| {
                    a.0.is(&b.0, protocol) && a.1.is(&b.1, protocol)
                };
                protocol == Protocol::Resp3
                    && a.len() == b.len()
                    && a.iter().zip(b).all(|(a, b)| pair(a, b))
            }
            (Self::Map(a), Value::Array(b)) => {
                let pair = |a: &(Self, Self), b: &[Value]| {
                    a.0.is(&b[0], protocol) && a.1.is(&b[1], protocol)
                };
                protocol == Protocol::Resp2
                    && a.len() * 2 == b.len()
                    && a.iter().zip(b.chunks_exact(2)).all(|(a, b)| pair(a, b))
            }
            (Self::Pairs(a), Value::Array(b)) => {
                let pair = |a: &(Self, Self), b: &Value| match b {
                    Value::Array(b) => {
                        b.len() == 2 && a.0.is(&b[0], protocol) && a.1.is(&b[1], protocol)
                    }
                    _ => false,
                };
                protocol == Protocol::Resp2
                    && a.len() == b.len()
                    && a.iter().zip(b).all(|(a, b)| pair(a, b))
            }
            _ => false,
        }
    }

    /// The reply without these fields of its maps.
    pub(crate) fn without_fields(&self, fields: &[&str]) -> Self {
        let dropped = |key: &Self| matches!(key, Self::Bulk(name) if fields.iter().any(|field| field.as_bytes() == name));
        match self {
            Self::Array(items) => {
                Self::Array(items.iter().map(|item| item.without_fields(fields)).collect())
            }
            Self::Map(pairs) => Self::Map(
                pairs
                    .iter()
                    .filter(|(key, _)| !dropped(key))
                    .map(|(key, value)| (key.clone(), value.without_fields(fields)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// The reply as it would come to a client of this protocol; what a wildcard stands for is
    /// anybody's guess.
    pub(crate) fn on_wire(&self, protocol: Protocol) -> Value {
        let wire = |reply: &Self| reply.on_wire(protocol);
        match self {
            Self::Bulk(text) => Value::Bulk(text.clone()),
            Self::Int(n) => Value::Int(*n),
            Self::Simple(text) => Value::Simple(text.clone()),
            Self::Error(text) => Value::Error(text.clone()),
            Self::NilBulk | Self::NilArray if protocol == Protocol::Resp3 => Value::Null,
            Self::NilBulk => Value::NilBulk,
            Self::NilArray => Value::NilArray,
            Self::Array(items) => Value::Array(items.iter().map(wire).collect()),
            Self::Map(pairs) | Self::Pairs(pairs) if protocol == Protocol::Resp3 => {
                Value::Map(pairs.iter().map(|(k, v)| (wire(k), wire(v))).collect())
            }
            Self::Map(pairs) => {
                Value::Array(pairs.iter().flat_map(|(k, v)| [wire(k), wire(v)]).collect())
            }
            Self::Pairs(pairs) => Value::Array(
                pairs.iter().map(|(k, v)| Value::Array(vec![wire(k), wire(v)])).collect(),
            ),
            Self::Push(items) if protocol == Protocol::Resp3 => {
                Value::Push(items.iter().map(wire).collect())
            }
            Self::Set(items) if protocol == Protocol::Resp3 => {
                Value::Set(items.iter().map(wire).collect())
            }
            Self::Push(items) | Self::Set(items) | Self::Unordered(items) => {
                Value::Array(items.iter().map(wire).collect())
            }
            Self::Lines(lines) => Value::Bulk(lines.join(&b'\n')),
            Self::AnyId => Value::Bulk(b"0-0".to_vec()),
            Self::AnyInt | Self::Any => Value::Int(0),
        }
    }

    /// The reply with every string passed through `change`.
    pub(crate) fn map_strings(&self, change: &impl Fn(&[u8]) -> Vec<u8>) -> Self {
        let each = |items: &[Self]| items.iter().map(|item| item.map_strings(change)).collect();
        match self {
            Self::Bulk(text) => Self::Bulk(change(text)),
            Self::Simple(text) => Self::Simple(change(text)),
            Self::Error(text) => Self::Error(change(text)),
            Self::Array(items) => Self::Array(each(items)),
            Self::Push(items) => Self::Push(each(items)),
            Self::Set(items) => Self::Set(each(items)),
            Self::Unordered(items) => Self::Unordered(each(items)),
            Self::Lines(lines) => Self::Lines(lines.iter().map(|line| change(line)).collect()),
            Self::Map(pairs) => Self::Map(map_pairs(pairs, change)),
            Self::Pairs(pairs) => Self::Pairs(map_pairs(pairs, change)),
            other => other.clone(),
        }
    }
}

fn map_pairs(pairs: &[(Reply, Reply)], change: &impl Fn(&[u8]) -> Vec<u8>) -> Vec<(Reply, Reply)> {
    pairs.iter().map(|(key, value)| (key.map_strings(change), value.map_strings(change))).collect()
}

fn are(expected: &[Reply], values: &[Value], protocol: Protocol) -> bool {
    expected.len() == values.len()
        && expected.iter().zip(values).all(|(reply, value)| reply.is(value, protocol))
}

fn are_in_some_order(expected: &[Reply], values: &[Value], protocol: Protocol) -> bool {
    let mut left: Vec<&Value> = values.iter().collect();
    let found = expected.iter().all(|reply| {
        let at = left.iter().position(|value| reply.is(value, protocol));
        at.map(|at| left.remove(at)).is_some()
    });
    found && left.is_empty()
}

fn has_lines(text: &[u8], patterns: &[Vec<u8>]) -> bool {
    let lines: Vec<&[u8]> = text.split(|&b| b == b'\n').map(<[u8]>::trim_ascii_end).collect();
    patterns.iter().all(|pattern| lines.iter().any(|line| is_like(pattern, line)))
}

/// Whether the whole text is like the pattern, where `*` stands for anything.
fn is_like(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|at| is_like(rest, &text[at..])),
        Some((byte, rest)) => text.first() == Some(byte) && is_like(rest, &text[1..]),
    }
}

fn is_id(text: &[u8]) -> bool {
    let number = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    let mut parts = text.split(|&b| b == b'-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(ms), Some(seq), None) => number(ms) && number(seq),
        _ => false,
    }
}

/// The reply in the notation of scenarios.
impl core::fmt::Display for Reply {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Bulk(bytes) => f.write_str(&quoted(bytes)),
            Self::Int(n) => write!(f, "{n}"),
            Self::Simple(text) => write!(f, "+{}", quoted(text)),
            Self::Error(text) => write!(f, "-{}", quoted(text)),
            Self::NilBulk => f.write_str("nil$"),
            Self::NilArray => f.write_str("nil*"),
            Self::Any => f.write_str("any"),
            Self::AnyInt => f.write_str("int"),
            Self::AnyId => f.write_str("id"),
            Self::Array(items) => write!(f, "[{}]", Items(items)),
            Self::Push(items) => write!(f, ">[{}]", Items(items)),
            Self::Set(items) => write!(f, "~[{}]", Items(items)),
            Self::Unordered(items) => write!(f, "*[{}]", Items(items)),
            Self::Lines(lines) => {
                let lines: Vec<String> = lines.iter().map(|line| quoted(line)).collect();
                write!(f, "=[{}]", Items(&lines))
            }
            Self::Map(pairs) => write!(f, "{{{}}}", Pairs(pairs)),
            Self::Pairs(pairs) => write!(f, "{{{{{}}}}}", Pairs(pairs)),
        }
    }
}
