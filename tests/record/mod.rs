//! The recorded scripts of `tests/recorded/*.jsonl`, and what their values allow.
#![allow(dead_code, unused_imports, reason = "every test binary uses a part of it")]

use crate::resp::{Protocol, Reply, Value, quoted};
use serde_json::Value as Json;
use std::path::Path;

/// Commands with their replies, run on an empty server.
pub(crate) struct Script {
    pub(crate) name: String,
    pub(crate) steps: Vec<Recorded>,
}

/// One command and what a server answered to it.
pub(crate) struct Recorded {
    pub(crate) argv: Vec<Vec<u8>>,
    resp2: Json,
    resp3: Json,
}

/// Every script, in the order of the files.
pub(crate) fn all() -> Vec<Script> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
    let mut scripts = Vec::new();
    for file in ["probes.jsonl", "random.jsonl"] {
        let text =
            std::fs::read_to_string(folder.join(file)).expect("the recorded scripts are there");
        scripts.extend(text.lines().map(|line| {
            let script: Json = serde_json::from_str(line).expect("a recorded line is JSON");
            let steps = script["steps"].as_array().expect("a script has steps");
            Script {
                name: script["name"].as_str().expect("a script has a name").to_string(),
                steps: steps.iter().map(recorded).collect(),
            }
        }));
    }
    scripts
}

/// The steps that are answered otherwise on purpose, by script and index.
pub(crate) fn on_purpose() -> Vec<(String, usize)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded/on-purpose.jsonl");
    let text = std::fs::read_to_string(path).expect("the steps are listed");
    let step = |line: &str| {
        let json: Json = serde_json::from_str(line).expect("a listed line is JSON");
        let (name, step) = (json["name"].as_str(), json["step"].as_u64());
        (name.expect("a script").to_string(), step.expect("an index") as usize)
    };
    text.lines().map(step).collect()
}

/// A stream as a server dumped it, and as the same server described it.
pub(crate) struct Payload {
    name: String,
    /// The server's version.
    pub(crate) server: String,
    /// As the server writes it by default: compressed.
    pub(crate) bytes: Vec<u8>,
    /// Length and checksum with `rdbcompression no`.
    pub(crate) uncompressed_bytes: usize,
    pub(crate) uncompressed_checksum: Vec<u8>,
    info: Json,
}

/// Every recorded payload.
pub(crate) fn payloads() -> Vec<Payload> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded/payloads.jsonl");
    let text = std::fs::read_to_string(path).expect("the recorded payloads are there");
    let payload = |line: &str| {
        let json: Json = serde_json::from_str(line).expect("a recorded line is JSON");
        let text = |json: &Json| json.as_str().expect("a recorded text").to_string();
        let plain = &json["uncompressed"];
        Payload {
            name: text(&json["name"]),
            server: text(&json["server"]),
            bytes: from_hex(&text(&json["payload"])),
            uncompressed_bytes: plain["bytes"].as_u64().expect("a length") as usize,
            uncompressed_checksum: from_hex(&text(&plain["crc"])),
            info: json["info"].clone(),
        }
    };
    text.lines().map(payload).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits");
    (0..text.len()).step_by(2).map(byte).collect()
}

impl Payload {
    pub(crate) fn place(&self) -> String {
        format!("{} of Redis {}", self.name, self.server)
    }

    /// Whether this is what the server said of the stream, as far as it knows what we know.
    pub(crate) fn describes(&self, info: &Value) -> bool {
        is_within(&self.info, info)
    }
}

/// Whether what came says the same, and perhaps tells more fields.
fn is_within(json: &Json, value: &Value) -> bool {
    let (Json::Array(told), Value::Array(came)) = (json, value) else {
        return leaf(json).as_ref() == Some(value);
    };
    let word = |at: usize| told.get(at).and_then(Json::as_str);
    let is_named = matches!(
        (word(0), word(2)),
        (Some("length"), Some("radix-tree-keys" | "last-generated-id"))
            | (Some("name"), Some("last-delivered-id" | "seen-time"))
    );
    if !is_named {
        return told.len() == came.len() && told.iter().zip(came).all(|(a, b)| is_within(a, b));
    }
    told.chunks(2).filter(|field| field[0] != "radix-tree-nodes").all(|field| {
        let mut fields = came.chunks(2).filter(|came| leaf(&field[0]).as_ref() == Some(&came[0]));
        fields.any(|came| is_within(&field[1], &came[1]))
    })
}

fn recorded(step: &Json) -> Recorded {
    let words = step["cmd"].as_array().expect("a step has a command");
    Recorded {
        argv: words.iter().map(|word| latin1(word.as_str().expect("a word is text"))).collect(),
        resp2: step["resp2"].clone(),
        resp3: step["resp3"].clone(),
    }
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).expect("recorded strings are latin-1"))
        .collect()
}

impl Script {
    /// Where a step stands and what was recorded there.
    pub(crate) fn place(&self, at: usize) -> String {
        let step = &self.steps[at];
        let words: Vec<String> = step.argv.iter().map(|word| quoted(word)).collect();
        format!("{} step {at}: {}\n    recorded {}", self.name, words.join(" "), step.resp2)
    }
}

impl Recorded {
    /// Whether what a client got is what was recorded.
    pub(crate) fn is(&self, value: &Value, protocol: Protocol) -> bool {
        let recorded = match protocol {
            Protocol::Resp2 => &self.resp2,
            Protocol::Resp3 => &self.resp3,
        };
        matches(recorded, value)
    }

    /// Whether the expectation fits both recorded replies.
    pub(crate) fn agrees_with(&self, reply: &Reply) -> bool {
        fits(reply, &self.resp2, Protocol::Resp2) && fits(reply, &self.resp3, Protocol::Resp3)
    }
}

fn is_any(json: &Json) -> bool {
    json.get("any").is_some()
}

/// Whether what came is what was recorded.
fn matches(json: &Json, value: &Value) -> bool {
    if is_any(json) {
        return true;
    }
    match (json, &json["map"], value) {
        (_, Json::Array(a), Value::Map(b)) => {
            let pair = |a: &Json, b: &(Value, Value)| matches(&a[0], &b.0) && matches(&a[1], &b.1);
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| pair(a, b))
        }
        (Json::Array(a), _, Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| matches(a, b))
        }
        _ => leaf(json).as_ref() == Some(value),
    }
}

/// Whether the expectation allows what was recorded.
fn fits(reply: &Reply, json: &Json, protocol: Protocol) -> bool {
    if is_any(json) || *reply == Reply::Any {
        return true;
    }
    let fits_pair = |pair: &(Reply, Reply), key: &Json, value: &Json| {
        fits(&pair.0, key, protocol) && fits(&pair.1, value, protocol)
    };
    match (reply, json, &json["map"]) {
        (Reply::Map(a) | Reply::Pairs(a), _, Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| fits_pair(a, &b[0], &b[1]))
        }
        (Reply::Array(a), Json::Array(b), _) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| fits(a, b, protocol))
        }
        (Reply::Map(a), Json::Array(b), _) => {
            protocol == Protocol::Resp2
                && a.len() * 2 == b.len()
                && a.iter().zip(b.chunks_exact(2)).all(|(a, b)| fits_pair(a, &b[0], &b[1]))
        }
        (Reply::Pairs(a), Json::Array(b), _) => {
            protocol == Protocol::Resp2
                && a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| fits_pair(a, &b[0], &b[1]))
        }
        _ => leaf(json).is_some_and(|value| reply.is(&value, protocol)),
    }
}

/// A recorded value that holds no others.
fn leaf(json: &Json) -> Option<Value> {
    match json {
        Json::String(text) => Some(Value::Bulk(latin1(text))),
        Json::Number(n) => n.as_i64().map(Value::Int),
        Json::Object(tagged) => match tagged.iter().next() {
            Some((tag, Json::String(text))) => Some(match (tag.as_str(), text.as_str()) {
                ("s", text) => Value::Simple(latin1(text)),
                ("e", text) => Value::Error(latin1(text)),
                ("nil", "$") => Value::NilBulk,
                ("nil", "*") => Value::NilArray,
                _ => Value::Null,
            }),
            _ => None,
        },
        _ => None,
    }
}
