//! Writes a sequence down as a scenario.

use super::{Event, Setting};
use crate::model::Model;
use crate::scenario::{Expect, Step};

/// The events in the notation of `tests/cases`, with what the model expects. What is no step of a
/// scenario is a comment.
pub(crate) fn as_scenario(events: &[Event], setting: &Setting) -> String {
    let mut model = Model::new(super::EARLY_MS);
    model.set_node_limits(setting.limits.node_max_entries, setting.limits.node_max_bytes);
    let name = |client: u64| char::from(b'a' + client as u8).to_string();
    let mut lines = vec![
        format!("== shrunk from a random sequence\n# {setting:?}"),
        format!("# the clock begins at {}", super::EARLY_MS),
    ];
    for event in events {
        let mut sender = None;
        match event {
            Event::Send { client, .. } if setting.evicts && model.parked(*client) => {}
            Event::Send { client, argv } => {
                model.send(*client, argv);
                let expect = match model.next_reply(*client) {
                    Some(reply) => Expect::Reply(reply),
                    None => Expect::Parked,
                };
                let (client_name, argv) = (name(*client), argv.clone());
                lines.push(
                    Step::Command { client: client_name, argv, expect, times: 1 }.to_string(),
                );
                sender = Some(*client);
            }
            Event::Pass { ms } => {
                lines.push(format!("~ {ms}"));
                let end_ms = model.now_ms + *ms as i64;
                while let Some(deadline_ms) = model.deadline_ms().filter(|ms| *ms <= end_ms) {
                    model.now_ms = deadline_ms.max(model.now_ms);
                    model.expire();
                }
                model.now_ms = end_ms;
            }
            Event::Disconnect { client } => {
                model.disconnect(*client);
                lines.push(format!("close {}", name(*client)));
            }
            Event::Cancel { client } => {
                model.cancel(*client);
                lines.push(format!("# cancel {}", name(*client)));
            }
            Event::Checkpoint | Event::Reopen if !setting.limits.journaled => {}
            Event::Reopen => {
                model.reopen();
                lines.push("# reopen".to_string());
            }
            Event::Back { ms } => lines.push(format!("# the clock is {ms} ms back for a tick")),
            Event::Checkpoint => lines.push("# checkpoint".to_string()),
        }
        for client in 0..super::CLIENTS {
            while let Some(expect) = model.next_reply(client) {
                let arrives = Step::Arrives { client: name(client), expect };
                let later = if sender == Some(client) { "# and then\n" } else { "" };
                lines.push(format!("{later}{arrives}"));
            }
        }
    }
    lines.join("\n")
}
