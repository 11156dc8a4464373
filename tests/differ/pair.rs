//! The engine and a real server, to which the same happens.

use super::differences::{Agreement, Exchange, Used, agree};
use super::moments;
use super::remote::Remote;
use super::sequence::{Event, ONLOOKER, Setting};
use super::stamps::Stamps;
use crate::host::Host;
use crate::resp::{Protocol, Value, request};
use crate::server::Server;
use eddyline::{ClientId, Limits};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// Waits of at most this long are waited for; others outlast every sequence.
const SHORT_MS: u64 = 1000;

/// The keys that random commands use.
const KEYS: [&str; 3] = ["s", "t", "none"];
const GROUPS: [&str; 4] = ["g", "h", "nog", ""];

/// The engine and a real server.
pub(crate) struct Pair<'a> {
    remote: Remote<'a>,
    host: Host,
    release: (u32, u32),
    setting: Setting,
    used: &'a Used,
    /// Commands of each client whose replies were not compared yet.
    sent: BTreeMap<u64, VecDeque<Vec<Vec<u8>>>>,
    /// Bytes that wait for the client's next command.
    held: BTreeMap<u64, (Vec<u8>, usize)>,
    stamps: Stamps,
    /// How far apart the clocks can have been.
    slack_ms: u64,
    has_destroyed: bool,
    /// The two do not hold the same any more, as a listed difference has it.
    pub(crate) is_apart: bool,
}

impl<'a> Pair<'a> {
    pub(crate) fn new(server: &'a Server, setting: &Setting, used: &'a Used) -> Self {
        let mut remote = Remote::new(server);
        remote.configure("stream-node-max-entries", setting.node_max_entries);
        remote.configure("stream-node-max-bytes", setting.node_max_bytes);
        let limits = Limits {
            node_max_entries: setting.node_max_entries,
            node_max_bytes: setting.node_max_bytes,
            ..Limits::default()
        };
        Self {
            remote,
            host: Host::new(limits),
            release: server.release(),
            setting: setting.clone(),
            used,
            sent: BTreeMap::new(),
            held: BTreeMap::new(),
            stamps: Stamps::default(),
            slack_ms: 0,
            has_destroyed: false,
            is_apart: false,
        }
    }

    /// Lets it happen to both; the error says how they differ.
    pub(crate) fn step(&mut self, event: &Event) -> Result<(), String> {
        match event {
            Event::Send { client, argv, held } => self.send(*client, argv, *held),
            Event::Disconnect { client } => {
                self.sent.remove(client);
                self.held.remove(client);
                self.remote.disconnect(*client);
                self.host.disconnect(ClientId(*client));
                self.compare()
            }
        }
    }

    /// Compares all that can be asked of the keys.
    pub(crate) fn look(&mut self) -> Result<(), String> {
        for key in KEYS {
            let mut ask = |words: &[&str]| {
                let argv: Vec<_> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
                if self.is_apart { Ok(()) } else { self.send(ONLOOKER, &argv, false) }
            };
            ask(&["TYPE", key])?;
            ask(&["XINFO", "STREAM", key, "FULL", "COUNT", "0"])?;
            ask(&["XINFO", "GROUPS", key])?;
            for group in GROUPS {
                ask(&["XINFO", "CONSUMERS", key, group])?;
                ask(&["XPENDING", key, group])?;
            }
        }
        Ok(())
    }

    fn send(&mut self, client: u64, argv: &[Vec<u8>], held: bool) -> Result<(), String> {
        let mut argv = self.stamps.resolved(argv);
        if held || self.held.contains_key(&client) || self.remote.parked(client) {
            if argv.iter().any(|word| word == b"*") {
                // When it will run is not known, and so what ID the server will give.
                return Ok(());
            }
            lengthen_wait(&mut argv);
        }
        let (mut bytes, mut requests) =
            self.held.remove(&client).unwrap_or_else(|| self.greeting(client));
        bytes.extend_from_slice(&request(&argv));
        requests += 1;
        let waits_shortly = waits_shortly(&argv);
        let sent = self.sent.entry(client).or_default();
        sent.push_back(argv);
        if held {
            self.held.insert(client, (bytes, requests));
            return Ok(());
        }
        let blocks = sent.iter().any(|argv| may_block(argv));
        let started_ms = moments::now_ms();
        self.remote.send(client, &bytes, requests, blocks);
        if waits_shortly {
            self.remote.wait(client);
        }
        self.follow_clock(started_ms);
        self.host.send_bytes(ClientId(client), &bytes);
        if waits_shortly {
            self.end_wait();
        }
        self.host.engine.check();
        self.compare()
    }

    /// What a client sends first.
    fn greeting(&mut self, client: u64) -> (Vec<u8>, usize) {
        if self.sent.contains_key(&client) {
            return (Vec::new(), 0);
        }
        if self.setting.protocols[client as usize] == Protocol::Resp2 {
            return (Vec::new(), 0);
        }
        let argv = ["HELLO", "3"];
        let words = argv.map(|word| word.as_bytes().to_vec()).to_vec();
        self.sent.entry(client).or_default().push_back(words);
        (request(&argv), 1)
    }

    /// The engine's clock goes to where the server's was. Where the server tells by an ID, exactly;
    /// else it was somewhere between sending and now: the earliest is taken, so that the engine's
    /// clock is never ahead.
    fn follow_clock(&mut self, started_ms: u64) {
        let ended_ms = moments::now_ms();
        let mut told = Vec::new();
        self.remote.replies().for_each(|reply| find_times(reply, &mut told));
        let between = |ms: &u64| (started_ms - 1..=ended_ms).contains(ms);
        self.host.now_ms = told.into_iter().filter(between).max().unwrap_or(started_ms);
        self.slack_ms = self.slack_ms.max(ended_ms - started_ms);
    }

    /// The time of a short wait is over.
    fn end_wait(&mut self) {
        while let Some(deadline_ms) = self.host.deadline_ms
            && deadline_ms < self.host.now_ms + SHORT_MS
        {
            self.host.now_ms = deadline_ms;
            self.host.tick();
        }
        while moments::now_ms() <= self.host.now_ms {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Whether every client got the same from both since this was last asked.
    fn compare(&mut self) -> Result<(), String> {
        for client in 0..=ONLOOKER {
            loop {
                let ours = self.host.next_reply(ClientId(client));
                let theirs = self.remote.next_reply(client);
                match (ours, theirs) {
                    (None, None) => break,
                    (Some(ours), Some(theirs)) => self.compare_replies(client, ours, theirs)?,
                    (ours, theirs) => return Err(differing(client, ours, theirs)),
                }
            }
            let (ours, theirs) = (self.host.parked(ClientId(client)), self.remote.parked(client));
            if ours != theirs && !self.is_apart {
                return Err(format!("client {client}: parked {ours}, on the server {theirs}"));
            }
        }
        Ok(())
    }

    fn compare_replies(&mut self, client: u64, ours: Value, theirs: Value) -> Result<(), String> {
        let argv = self.sent.get_mut(&client).and_then(VecDeque::pop_front);
        let argv = argv.expect("a reply is one to a command");
        self.stamps.see(&argv, &theirs);
        let slack = self.slack_ms as i64 * 2 + 2;
        let has_destroyed = self.has_destroyed;
        let exchange = Exchange { argv: &argv, ours: &ours, theirs: &theirs, slack, has_destroyed };
        self.has_destroyed |= exchange.is_sub("XGROUP", "DESTROY");
        match agree(&exchange, self.release, self.used) {
            Agreement::Same => Ok(()),
            Agreement::Apart => {
                self.is_apart = true;
                Ok(())
            }
            Agreement::No if self.is_apart => Ok(()),
            Agreement::No => Err(differing(client, Some(ours), Some(theirs))),
        }
    }
}

fn differing(client: u64, ours: Option<Value>, theirs: Option<Value>) -> String {
    let text = |value: Option<Value>| value.map_or("nothing".to_string(), |v| v.to_string());
    format!("client {client}\n  eddyline {}\n  server   {}", text(ours), text(theirs))
}

fn may_block(argv: &[Vec<u8>]) -> bool {
    argv.iter().any(|word| word.eq_ignore_ascii_case(b"BLOCK"))
}

/// Whether a short wait may begin with the command.
fn waits_shortly(argv: &[Vec<u8>]) -> bool {
    argv.windows(2).any(is_short_wait)
}

fn is_short_wait(pair: &[Vec<u8>]) -> bool {
    let ms = std::str::from_utf8(&pair[1]).ok().and_then(|text| text.parse().ok());
    pair[0].eq_ignore_ascii_case(b"BLOCK") && ms.is_some_and(|ms| (1..=SHORT_MS).contains(&ms))
}

/// Makes a short wait one that outlasts the sequence: when it begins is not known.
fn lengthen_wait(argv: &mut [Vec<u8>]) {
    while let Some(at) = argv.windows(2).position(is_short_wait) {
        argv[at + 1] = b"600000".to_vec();
    }
}

/// The milliseconds of all that looks like an ID.
fn find_times(value: &Value, times: &mut Vec<u64>) {
    match value {
        Value::Bulk(text) => {
            let ms = std::str::from_utf8(text).ok().and_then(|text| text.split_once('-'));
            times.extend(ms.and_then(|(ms, _)| ms.parse::<u64>().ok()));
        }
        Value::Array(items) => items.iter().for_each(|item| find_times(item, times)),
        Value::Map(pairs) => pairs.iter().for_each(|(_, item)| find_times(item, times)),
        _ => {}
    }
}
