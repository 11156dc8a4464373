//! What happens in a sequence, made from a seed.

use crate::chance::{Chance, Clock, Manner, command};
use crate::resp::Protocol;

/// How many clients take part.
pub(super) const CLIENTS: u64 = 5;

/// A client that only looks.
pub(super) const ONLOOKER: u64 = CLIENTS;

/// Where explicit IDs begin: small, so that none is in the future.
const EARLY_MS: u64 = 50;

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A client sends a command; `held` back until it sends its next, as in a pipeline.
    Send {
        client: u64,
        argv: Vec<Vec<u8>>,
        held: bool,
    },
    Disconnect {
        client: u64,
    },
}

/// A sequence and what it runs with.
#[derive(Clone, Debug)]
pub(crate) struct Sequence {
    pub(crate) setting: Setting,
    pub(crate) events: Vec<Event>,
}

/// What a sequence runs with.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) node_max_entries: u64,
    pub(crate) node_max_bytes: u64,
    /// What the clients speak: each its own, the onlooker too.
    pub(crate) protocols: Vec<Protocol>,
}

impl Default for Setting {
    fn default() -> Self {
        let protocols = (0..=ONLOOKER).map(|_| Protocol::Resp2).collect();
        Self { node_max_entries: 100, node_max_bytes: 4096, protocols }
    }
}

impl Sequence {
    /// The sequence of a seed for a server of this release, of about `length` commands.
    pub(crate) fn of(seed: u64, release: (u32, u32), length: u64) -> Self {
        let mut chance = Chance::new(seed);
        let mut setting = Setting::default();
        if chance.percent(60) {
            setting.node_max_entries = chance.pick(&[0, 1, 2, 3, 5, 100]);
            setting.node_max_bytes = chance.pick(&[0, 40, 80, 150, 400, 4096]);
        }
        for protocol in &mut setting.protocols {
            *protocol = chance.pick(&[Protocol::Resp2, Protocol::Resp3]);
        }
        let mut maker = Maker {
            release,
            stars: chance.percent(25),
            company: chance.pick(&[0, 0, 30, 60]),
            // 7.0 serves who waits by rules of its own.
            waits: if release < (7, 2) { 0 } else { chance.pick(&[0, 0, 0, 85]) },
            early_ms: EARLY_MS,
            pipelines: chance.percent(20),
        };
        let mut events = if chance.percent(50) { stream_at_work() } else { Vec::new() };
        let length = 1 + chance.below(length * 2);
        events.extend((0..length).map(|_| maker.event(&mut chance)));
        Self { setting, events }
    }
}

struct Maker {
    release: (u32, u32),
    stars: bool,
    company: u64,
    waits: u64,
    early_ms: u64,
    pipelines: bool,
}

impl Maker {
    fn event(&mut self, chance: &mut Chance) -> Event {
        let client = chance.below(CLIENTS);
        if chance.percent(2) {
            return Event::Disconnect { client };
        }
        if chance.percent(12) {
            self.early_ms += chance.below(25);
        }
        let clock = Clock::Real { early_ms: self.early_ms, stars: self.stars };
        let manner =
            Manner { release: self.release, clock, company: self.company, waits: self.waits };
        let argv = command(chance, manner);
        let held = self.pipelines && !self.stars && chance.percent(40);
        Event::Send { client, argv, held }
    }
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
    let send = |line: String| {
        let argv = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
        Event::Send { client: 0, argv, held: false }
    };
    lines.map(send).collect()
}
