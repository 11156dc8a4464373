//! Replies that a Redis of 8.8 gave, replayed (`tests/recorded/README.md`): on the slow model,
//! which proves the model, and on the engine, in RESP2 and in RESP3.

mod host;
mod model;
mod record;
mod resp;
mod scenario;

use eddyline::{ClientId, Limits};
use host::Host;
use model::Model;
use resp::{Protocol, Value, request};

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

fn replay(protocol: Protocol) {
    let (mut compared, mut wrong) = (0, Vec::new());
    let on_purpose = record::on_purpose();
    for script in record::all() {
        let mut host = Host::new(Limits::default());
        if protocol == Protocol::Resp3 {
            let _ = host.ask(CLIENT, &["HELLO", "3"]);
        }
        for (at, step) in script.steps.iter().enumerate() {
            let reply = answer(&mut host, &step.argv);
            compared += 1;
            if on_purpose.contains(&(script.name.clone(), at)) {
                continue;
            }
            if !reply.as_ref().is_some_and(|reply| step.is(reply, protocol)) {
                let came = reply.map_or("nothing".to_string(), |reply| reply.to_string());
                wrong.push(format!("{}\n    came {came}", script.place(at)));
                break;
            }
        }
    }
    println!("{protocol}: {compared} steps compared");
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
