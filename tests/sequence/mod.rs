//! Sequences of things that happen to an engine and to the model beside it, which must not be told
//! apart.
#![allow(dead_code, unused_imports, reason = "every test binary uses a part of it")]

mod state;
mod story;

use crate::chance::{Chance, Manner, command};
use crate::host::Host;
use crate::model::Model;
use crate::resp::{Protocol, request};
use eddyline::{ClientId, Limits};

pub(crate) use state::{State, difference, observe, observe_with_sight, without_sight};
pub(crate) use story::as_scenario;

/// Where the clock of a sequence begins. Small, so that `*` and hand-made IDs mix.
pub(crate) const EARLY_MS: u64 = 50;

/// How many clients take part.
const CLIENTS: u64 = 4;

/// A client that only looks.
const ONLOOKER: u64 = CLIENTS;

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A client sends a command.
    Send {
        client: u64,
        argv: Vec<Vec<u8>>,
    },
    /// Time goes by and the host ticks.
    Pass {
        ms: u64,
    },
    /// The host's clock shows an earlier time for a moment; the engine's must not.
    Back {
        ms: u64,
    },
    Cancel {
        client: u64,
    },
    Disconnect {
        client: u64,
    },
    /// The host writes a checkpoint.
    Checkpoint,
    /// The engine is gone, with all clients, and opened again from the storage.
    Reopen,
}

/// What an engine runs with.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) limits: Limits,
    pub(crate) protocol: Protocol,
    /// Whether segments are evicted. Then a client can be held up for want of one while another,
    /// set free at the same time, goes on: who is first of the two is not told. So nobody sends
    /// anything while parked.
    pub(crate) evicts: bool,
    /// Whether the storage keeps rows that a checkpoint made stale, as a ring of rows does.
    pub(crate) keeps_stale: bool,
}

impl Setting {
    pub(crate) fn of(seed: u64) -> Self {
        let mut chance = Chance::new(seed ^ 0x5e77);
        let mut limits = Limits::default();
        let evicts = chance.percent(60);
        if chance.percent(75) {
            limits.node_max_entries = chance.pick(&[0, 1, 2, 3, 5, 100]);
            limits.node_max_bytes = chance.pick(&[0, 40, 80, 150, 400, 4096]);
            limits.segment_bytes = chance.pick(&[1, 100, 200, 500, 2000]);
        }
        limits.journaled = evicts || chance.percent(70);
        if evicts {
            limits.resident_bytes = chance.pick(&[0, 1, 300, 1000]);
        }
        let protocol = chance.pick(&[Protocol::Resp2, Protocol::Resp3]);
        let keeps_stale = chance.percent(50);
        limits.pending_page_records = chance.pick(&[1, 2, 3, 5, 12, 1024]);
        Self { limits, protocol, evicts, keeps_stale }
    }
}

/// A sequence of about `length` random events; every other begins with a stream at work, so that
/// its commands find something.
pub(crate) fn events(seed: u64, length: u64) -> Vec<Event> {
    let mut events =
        if Chance::new(seed ^ 0x3057).percent(50) { stream_at_work() } else { Vec::new() };
    events.extend(random_events(seed, length));
    events
}

/// Entries about where random IDs are, and a group whose consumers have some of them pending.
fn stream_at_work() -> Vec<Event> {
    let entry = |ms: u64| format!("XADD s {ms}-0 f v");
    let group = [
        "XGROUP CREATE s g 0",
        "XREADGROUP GROUP g a COUNT 7 STREAMS s >",
        "XREADGROUP GROUP g b COUNT 7 STREAMS s >",
    ];
    let lines = (EARLY_MS - 15..=EARLY_MS).map(entry).chain(group.map(String::from));
    let send = |line: String| Event::Send {
        client: 0,
        argv: line.split(' ').map(|word| word.as_bytes().to_vec()).collect(),
    };
    lines.map(send).collect()
}

fn random_events(seed: u64, length: u64) -> Vec<Event> {
    let mut chance = Chance::new(seed);
    let mut now_ms = EARLY_MS;
    let length = 1 + chance.below(length * 2);
    let stored = chance.percent(60);
    let mut event = |chance: &mut Chance| match chance.below(100) {
        0..12 => {
            let ms = 1 + chance.below(25);
            now_ms += ms;
            Event::Pass { ms }
        }
        12 => Event::Back { ms: 1 + chance.below(9) },
        13 => Event::Cancel { client: chance.below(CLIENTS) },
        14 => Event::Disconnect { client: chance.below(CLIENTS) },
        15..19 if stored => Event::Checkpoint,
        19 if stored => Event::Reopen,
        _ => Event::Send {
            client: chance.below(CLIENTS),
            argv: command(chance, Manner::driven(now_ms)),
        },
    };
    (0..length).map(|_| event(&mut chance)).collect()
}

/// An engine and the model, to which the same happens.
pub(crate) struct Pair {
    pub(crate) host: Host,
    pub(crate) model: Model,
    pub(crate) setting: Setting,
    known: Vec<u64>,
}

impl Pair {
    pub(crate) fn new(setting: &Setting) -> Self {
        let mut host = Host::new(setting.limits.clone());
        host.now_ms = EARLY_MS;
        host.keeps_stale = setting.keeps_stale;
        let mut model = Model::new(EARLY_MS);
        model.set_node_limits(setting.limits.node_max_entries, setting.limits.node_max_bytes);
        Self { host, model, setting: setting.clone(), known: Vec::new() }
    }

    /// Lets it happen to both; the error says how they differ.
    pub(crate) fn step(&mut self, event: &Event) -> Result<(), String> {
        match event {
            Event::Send { client, .. } if self.setting.evicts && self.model.parked(*client) => {}
            Event::Send { client, argv } => self.send(*client, argv),
            Event::Pass { ms } => self.pass(*ms),
            Event::Back { ms } => {
                self.host.now_ms -= ms;
                self.host.tick();
                self.host.now_ms += ms;
            }
            Event::Cancel { client } => {
                self.host.cancel(ClientId(*client));
                self.model.cancel(*client);
            }
            Event::Disconnect { client } => {
                self.known.retain(|known| known != client);
                self.host.disconnect(ClientId(*client));
                self.model.disconnect(*client);
            }
            Event::Checkpoint | Event::Reopen if !self.setting.limits.journaled => {}
            Event::Checkpoint => self.host.checkpoint(),
            Event::Reopen => self.reopen(),
        }
        self.host.engine.check();
        self.compare()
    }

    /// The client sends the command to both.
    pub(crate) fn send(&mut self, client: u64, argv: &[Vec<u8>]) {
        self.greet(client);
        self.host.send_bytes(ClientId(client), &request(argv));
        self.model.send(client, argv);
    }

    /// Compares all that is known of the streams.
    pub(crate) fn look(&mut self) -> Result<(), String> {
        for key in state::KEYS {
            let argv = ["XINFO", "STREAM", key, "FULL", "COUNT", "0"].map(|word| word.into());
            self.send(ONLOOKER, &argv);
        }
        self.compare()
    }

    /// The clock stops at every deadline on its way, as a host's timer makes it.
    fn pass(&mut self, ms: u64) {
        let end_ms = self.host.now_ms + ms;
        while let Some(deadline_ms) = self.host.deadline_ms.filter(|deadline| *deadline <= end_ms) {
            self.move_to(deadline_ms.max(self.host.now_ms));
        }
        self.move_to(end_ms);
    }

    fn move_to(&mut self, now_ms: u64) {
        self.host.now_ms = now_ms;
        self.model.now_ms = now_ms as i64;
        self.host.tick();
        self.model.expire();
    }

    fn reopen(&mut self) {
        self.model.reopen();
        self.known.clear();
        let storage = self.host.storage.clone();
        let now_ms = self.host.now_ms;
        self.host = Host::restore(self.setting.limits.clone(), storage, now_ms);
        self.host.keeps_stale = self.setting.keeps_stale;
        self.host.tick();
    }

    /// A client that speaks RESP3 says so first.
    fn greet(&mut self, client: u64) {
        if !self.known.contains(&client) {
            self.known.push(client);
            if self.setting.protocol == Protocol::Resp3 {
                let _ = self.host.ask(ClientId(client), &["HELLO", "3"]);
            }
        }
    }

    /// Whether every client got the same from both since this was last asked.
    pub(crate) fn compare(&mut self) -> Result<(), String> {
        for client in 0..=ONLOOKER {
            loop {
                let came = self.host.next_reply(ClientId(client));
                let expected = self.model.next_reply(client);
                match (&came, &expected) {
                    (None, None) => break,
                    (Some(came), Some(expected)) if expected.is(came, self.setting.protocol) => {}
                    _ => {
                        let came = came.map_or("nothing".to_string(), |value| value.to_string());
                        let expected =
                            expected.map_or("nothing".to_string(), |value| value.to_string());
                        return Err(format!("client {client}: came {came}, expected {expected}"));
                    }
                }
            }
            let (parked, expected) =
                (self.host.parked(ClientId(client)), self.model.parked(client));
            if parked != expected {
                return Err(format!("client {client}: parked {parked}, expected {expected}"));
            }
        }
        // The model counts in signed numbers; what is that far off is never.
        let deadline = self.host.deadline_ms.map(|ms| ms.min(i64::MAX as u64));
        let expected = self.model.deadline_ms().map(|ms| ms as u64);
        if deadline != expected {
            return Err(format!("deadline {deadline:?}, expected {expected:?}"));
        }
        Ok(())
    }
}
