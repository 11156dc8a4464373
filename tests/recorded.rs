//! Replies that a Redis of 8.8 gave, replayed (`tests/recorded/README.md`): on the slow model,
//! which proves the model, and on the engine, in RESP2 and in RESP3.

mod host;
mod lacking;
mod model;
mod record;
mod resp;
mod scenario;

use eddyline::{ClientId, Limits};
use host::Host;
use lacking::{is_lacking, uppercase};
use model::Model;
use resp::{Protocol, Value, request};
use std::collections::BTreeSet;

#[test]
fn the_model_answers_as_recorded() {
    let mut wrong = Vec::new();
    for script in record::all() {
        let mut model = Model::new(host::START_MS);
        for (at, step) in script.steps.iter().enumerate() {
            model.send(1, &step.argv);
            if let Some(deadline_ms) = model.deadline_ms() {
                model.now_ms = deadline_ms;
                model.expire();
            }
            let reply = model.next_reply(1);
            if !reply.as_ref().is_some_and(|reply| step.agrees_with(reply)) {
                let came = reply.map_or("nothing".to_string(), |reply| reply.to_string());
                wrong.push(format!("{}\n    came {came}", script.place(at)));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{} scripts differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_engine_answers_as_recorded_in_resp2() {
    replay(Protocol::Resp2);
}

#[test]
fn the_engine_answers_as_recorded_in_resp3() {
    replay(Protocol::Resp3);
}

/// What the engine lacks spoils most scripts early. So each is also run without those commands,
/// against the model, which by then has proved itself on the whole of them. Here the clock is
/// shared and every value counts.
#[test]
fn the_engine_answers_as_the_model_does_without_the_commands_it_lacks() {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for script in record::all() {
        for protocol in [Protocol::Resp2, Protocol::Resp3] {
            let mut host = Host::new(Limits::default());
            let mut model = Model::new(host::START_MS);
            if protocol == Protocol::Resp3 {
                let _ = host.ask(CLIENT, &["HELLO", "3"]);
            }
            for (at, step) in script.steps.iter().enumerate() {
                if is_missing(&step.argv) {
                    continue;
                }
                model.send(CLIENT.0, &step.argv);
                let came = answer(&mut host, &step.argv);
                model.now_ms = host.now_ms as i64;
                model.expire();
                let expected = model.next_reply(CLIENT.0);
                compared += 1;
                let agree = came.as_ref().zip(expected.as_ref()).is_some_and(|(came, expected)| {
                    expected.without_fields(&lacking::FIELDS).is(came, protocol)
                });
                if !agree {
                    let (came, expected) =
                        (came.map(|v| v.to_string()), expected.map(|v| v.to_string()));
                    wrong.push(format!(
                        "{}\n    came {came:?}\n    expected {expected:?}",
                        script.place(at)
                    ));
                    break;
                }
                host.now_ms += 7;
                model.now_ms += 7;
            }
        }
    }
    println!("{compared} steps compared with the model");
    assert!(wrong.is_empty(), "{} scripts differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Commands that are not about streams and will not come.
const NEVER: [&str; 4] = ["SET", "CONFIG", "OBJECT", "COPY"];

/// Steps that the engine answers otherwise on purpose: script, step, reason.
const ON_PURPOSE: [(&str, usize, &str); 0] = [];

fn replay(protocol: Protocol) {
    let (mut compared, mut left_out, mut wrong) = (0, 0, Vec::new());
    for script in record::without_fields(&lacking::FIELDS) {
        let mut host = Host::new(Limits::default());
        if protocol == Protocol::Resp3 {
            let _ = host.ask(CLIENT, &["HELLO", "3"]);
        }
        let mut unknown = Unknown::default();
        for (at, step) in script.steps.iter().enumerate() {
            let fate = unknown.fate(&step.argv);
            if fate == Fate::LeaveOut {
                left_out += 1;
                continue;
            }
            let reply = answer(&mut host, &step.argv);
            if fate == Fate::RunOnly {
                left_out += 1;
                continue;
            }
            compared += 1;
            if ON_PURPOSE.iter().any(|(name, index, _)| *name == script.name && *index == at) {
                continue;
            }
            if !reply.as_ref().is_some_and(|reply| step.is(reply, protocol)) {
                let came = reply.map_or("nothing".to_string(), |reply| reply.to_string());
                wrong.push(format!("{}\n    came {came}", script.place(at)));
                break;
            }
        }
    }
    println!("{protocol}: {compared} steps compared, {left_out} left out for want of a command");
    assert!(wrong.is_empty(), "{} scripts differ:\n{}", wrong.len(), wrong.join("\n"));
}

const CLIENT: ClientId = ClientId(1);

/// The reply to a command, waiting for it if it blocks.
fn answer(host: &mut Host, argv: &[Vec<u8>]) -> Option<Value> {
    host.send_bytes(CLIENT, &request(argv));
    host.engine.check();
    if let Some(reply) = host.next_reply(CLIENT) {
        return Some(reply);
    }
    host.now_ms = host.deadline_ms?;
    host.tick();
    host.next_reply(CLIENT)
}

/// Keys whose state on the engine is not what it was when the script was recorded.
#[derive(Default)]
struct Unknown {
    keys: BTreeSet<Vec<u8>>,
    /// A setting was changed: nothing can be compared any more.
    all: bool,
}

#[derive(PartialEq)]
enum Fate {
    Compare,
    /// Its effect is right, its reply need not be.
    RunOnly,
    LeaveOut,
}

impl Unknown {
    fn fate(&mut self, argv: &[Vec<u8>]) -> Fate {
        let words = uppercase(argv);
        let missing = is_missing(argv);
        if words[0] == "CONFIG" {
            self.all = true;
        }
        if !missing && !self.all && !argv.iter().any(|word| self.keys.contains(word)) {
            return Fate::Compare;
        }
        if words[0] == "DEL" && !self.all {
            self.keys.retain(|key| !argv.contains(key));
            return Fate::RunOnly;
        }
        self.keys.extend(written(&words, argv));
        Fate::LeaveOut
    }
}

/// Whether the command is one that the engine cannot run, for now or ever.
fn is_missing(argv: &[Vec<u8>]) -> bool {
    NEVER.contains(&uppercase(argv)[0].as_str()) || is_lacking(argv)
}

/// The keys that a command may change.
fn written(words: &[String], argv: &[Vec<u8>]) -> Vec<Vec<u8>> {
    match words[0].as_str() {
        "XINFO" | "XREAD" | "XRANGE" | "XREVRANGE" | "XPENDING" | "XLEN" | "TYPE" | "EXISTS"
        | "OBJECT" => Vec::new(),
        "XREADGROUP" => {
            let streams =
                words.iter().position(|word| word == "STREAMS").map_or(argv.len(), |at| at + 1);
            let rest = &argv[streams..];
            rest[..rest.len().div_ceil(2)].to_vec()
        }
        "XGROUP" => argv.get(2).cloned().into_iter().collect(),
        "COPY" => argv[1..].to_vec(),
        _ => argv.get(1).cloned().into_iter().collect(),
    }
}
