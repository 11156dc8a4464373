//! Runs a scenario on anything that takes commands.

use super::{Expect, Scenario, Step};
use crate::resp::{Protocol, Reply, Value};
use std::collections::BTreeMap;

/// Something that takes commands and gives replies: the engine, or a server. It holds an empty
/// keyspace and no clients when a scenario begins.
pub(crate) trait Target {
    /// Sends a command, whose reply may not come at once.
    fn send(&mut self, client: &str, protocol: Protocol, argv: &[Vec<u8>]);
    /// The client's next reply if it has come already. Never moves the clock.
    fn arrived(&mut self, client: &str) -> Option<Value>;
    /// The client's next reply; moves a driven clock on as far as that takes.
    fn wait(&mut self, client: &str) -> Option<Value>;
    /// Time goes by.
    fn pass(&mut self, ms: u64);
    /// The client disconnects.
    fn close(&mut self, client: &str);
}

/// Runs the scenario; the error says where and how it went wrong.
pub(crate) fn run(
    scenario: &Scenario,
    target: &mut dyn Target,
    protocol: Protocol,
) -> Result<(), String> {
    let mut runner = Runner { target, start: protocol, clients: BTreeMap::new() };
    for (line, step) in &scenario.steps {
        runner
            .step(step)
            .map_err(|problem| format!("line {line}, {protocol}\n{step}\n{problem}"))?;
    }
    let clients: Vec<String> = runner.clients.keys().cloned().collect();
    for client in clients {
        if let Some(value) = runner.target.arrived(&client) {
            return Err(format!(
                "at the end, {protocol}: unexpected for client {client:?}: {value}"
            ));
        }
        runner.target.close(&client);
    }
    Ok(())
}

struct Runner<'a> {
    target: &'a mut dyn Target,
    /// What a client speaks from its first command on.
    start: Protocol,
    /// What each client speaks now.
    clients: BTreeMap<String, Protocol>,
}

impl Runner<'_> {
    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Command { client, argv, expect, times } => {
                for i in 1..=*times {
                    self.command(client, argv, expect, (*times > 1).then_some(i))?;
                }
                Ok(())
            }
            Step::Arrives { client, expect } => {
                let value = self.target.wait(client);
                compare(expect, value, self.clients[client])
            }
            Step::StillParked { client } => match self.target.arrived(client) {
                Some(value) => Err(format!("came: {value}")),
                None => Ok(()),
            },
            Step::Pass { ms } => {
                self.target.pass(*ms);
                Ok(())
            }
            Step::Close { client } => {
                self.clients.remove(client);
                self.target.close(client);
                Ok(())
            }
        }
    }

    fn command(
        &mut self,
        client: &str,
        argv: &[Vec<u8>],
        expect: &Expect,
        turn: Option<u32>,
    ) -> Result<(), String> {
        let filled = |text: &[u8]| match turn {
            Some(i) => fill(text, i),
            None => text.to_vec(),
        };
        let argv: Vec<Vec<u8>> = argv.iter().map(|word| filled(word)).collect();
        let protocol = *self.clients.entry(client.to_string()).or_insert(self.start);
        self.target.send(client, protocol, &argv);
        match expect {
            Expect::Parked => match self.target.arrived(client) {
                Some(value) => Err(format!("came: {value}")),
                None => Ok(()),
            },
            Expect::Reply(reply) => {
                let protocol = switched(&argv, reply).unwrap_or(protocol);
                self.clients.insert(client.to_string(), protocol);
                compare(&reply.map_strings(&filled), self.target.wait(client), protocol)
            }
        }
    }
}

/// The protocol that a HELLO or a RESET which is answered by `reply` switches to.
fn switched(argv: &[Vec<u8>], reply: &Reply) -> Option<Protocol> {
    match argv {
        [name, version, ..]
            if name.eq_ignore_ascii_case(b"HELLO") && !matches!(reply, Reply::Error(_)) =>
        {
            Some(if version == b"3" { Protocol::Resp3 } else { Protocol::Resp2 })
        }
        [name] if name.eq_ignore_ascii_case(b"RESET") && !matches!(reply, Reply::Error(_)) => {
            Some(Protocol::Resp2)
        }
        _ => None,
    }
}

fn fill(text: &[u8], i: u32) -> Vec<u8> {
    match core::str::from_utf8(text) {
        Ok(text) => text.replace("%i", &i.to_string()).into_bytes(),
        Err(_) => text.to_vec(),
    }
}

fn compare(expected: &Reply, came: Option<Value>, protocol: Protocol) -> Result<(), String> {
    match came {
        Some(value) if expected.is(&value, protocol) => Ok(()),
        Some(value) => Err(format!("came: {value}")),
        None => Err("came: nothing".to_string()),
    }
}
