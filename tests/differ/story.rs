//! Writes a sequence down as a scenario, with what the server answers.

use super::remote::Remote;
use super::sequence::{CLIENTS, Event, Sequence, Setting};
use super::stamps::Stamps;
use crate::resp::{Protocol, Reply, Value, request};
use crate::scenario::{Expect, Step};
use crate::server::Server;

/// The events in the notation of `tests/cases`. What is no step of a scenario is a comment.
pub(crate) fn as_scenario(sequence: &Sequence, server: &Server) -> String {
    let [resp2, resp3] =
        [Protocol::Resp2, Protocol::Resp3].map(|protocol| told(sequence, server, protocol));
    let Setting { node_max_entries, node_max_bytes, protocols } = &sequence.setting;
    let mut lines = vec![
        "== shrunk from a random sequence".to_string(),
        format!("# macro nodes of {node_max_entries} entries, {node_max_bytes} bytes"),
        format!("# the clients spoke {protocols:?}"),
    ];
    for (line, other) in resp2.into_iter().zip(resp3) {
        lines.push(match (line, other) {
            (Line::Comment(text), _) => format!("# {text}"),
            (Line::Sent { client, argv, reply }, Line::Sent { reply: other, .. }) => {
                let expect = match (reply, other) {
                    (Some(resp2), Some(resp3)) => Expect::Reply(expectation(&resp2, &resp3)),
                    _ => Expect::Parked,
                };
                Step::Command { client, argv, expect, times: 1 }.to_string()
            }
            (Line::Came { client, reply }, Line::Came { reply: other, .. }) => {
                Step::Arrives { client, expect: expectation(&reply, &other) }.to_string()
            }
            (Line::Left { client }, _) => Step::Close { client }.to_string(),
            _ => "# what follows depends on the protocol".to_string(),
        });
    }
    lines.join("\n")
}

enum Line {
    Comment(String),
    Sent { client: String, argv: Vec<Vec<u8>>, reply: Option<Value> },
    Came { client: String, reply: Value },
    Left { client: String },
}

fn name(client: u64) -> String {
    char::from(b'a' + client as u8).to_string()
}

/// What the server tells when all its clients speak this protocol.
fn told(sequence: &Sequence, server: &Server, protocol: Protocol) -> Vec<Line> {
    let mut remote = Remote::new(server);
    remote.configure("stream-node-max-entries", sequence.setting.node_max_entries);
    remote.configure("stream-node-max-bytes", sequence.setting.node_max_bytes);
    let mut stamps = Stamps::default();
    let (mut lines, mut known) = (Vec::new(), Vec::new());
    for event in &sequence.events {
        match event {
            Event::Send { client, argv, held } => {
                if protocol == Protocol::Resp3 && !known.contains(client) {
                    remote.send(*client, &request(&["HELLO", "3"]), 1, true);
                    remote.next_reply(*client);
                }
                known.push(*client);
                let argv = stamps.resolved(argv, |client| remote.number(client));
                remote.send(*client, &request(&argv), 1, true);
                let reply = remote.next_reply(*client);
                if let Some(reply) = &reply {
                    stamps.see(&argv, reply);
                }
                if *held {
                    lines.push(Line::Comment("in one write with the client's next:".to_string()));
                }
                lines.push(Line::Sent { client: name(*client), argv, reply });
            }
            Event::Disconnect { client } => {
                remote.disconnect(*client);
                known.retain(|known| known != client);
                lines.push(Line::Left { client: name(*client) });
            }
        }
        for client in 0..CLIENTS {
            while let Some(reply) = remote.next_reply(client) {
                lines.push(Line::Came { client: name(client), reply });
            }
        }
    }
    lines
}

/// One expectation that holds for both protocols, and for another run as far as the clock shows.
fn expectation(resp2: &Value, resp3: &Value) -> Reply {
    match (resp2, resp3) {
        (Value::Array(flat), Value::Map(pairs)) if flat.len() == pairs.len() * 2 => {
            let both = flat.chunks_exact(2).zip(pairs);
            Reply::Map(
                both.map(|(a, b)| (expectation(&a[0], &b.0), expectation(&a[1], &b.1))).collect(),
            )
        }
        (Value::Array(rows), Value::Map(pairs)) => {
            let both = rows.iter().zip(pairs).filter_map(|(row, pair)| match row {
                Value::Array(row) => {
                    Some((expectation(&row[0], &pair.0), expectation(&row[1], &pair.1)))
                }
                _ => None,
            });
            Reply::Pairs(both.collect())
        }
        (Value::Array(a), Value::Array(b) | Value::Set(b) | Value::Push(b)) => {
            Reply::Array(a.iter().zip(b).map(|(a, b)| expectation(a, b)).collect())
        }
        (Value::NilBulk, _) => Reply::NilBulk,
        (Value::NilArray, _) => Reply::NilArray,
        (Value::Int(a), Value::Int(b)) if a == b => Reply::Int(*a),
        (Value::Int(_), Value::Int(_)) => Reply::AnyInt,
        (Value::Bulk(a), Value::Bulk(b)) if a == b => Reply::Bulk(a.clone()),
        (Value::Simple(a), _) => Reply::Simple(a.clone()),
        (Value::Error(a), _) => Reply::Error(a.clone()),
        _ if Reply::AnyId.is(resp2, Protocol::Resp2) => Reply::AnyId,
        _ => Reply::Any,
    }
}
