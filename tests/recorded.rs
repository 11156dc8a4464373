//! Replies that a Redis of 8.8 gave, replayed (`tests/recorded/README.md`): on the slow model, which proves the model, and on
//! the engine, in RESP2 and in RESP3.

mod host;
mod model;
mod record;
mod resp;
mod scenario;

use model::Model;

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
