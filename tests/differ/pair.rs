//! The engine and a real server, to which the same happens.

use super::counters::{counters, difference};
use super::differences::{Agreement, Exchange, Used, agree, replies_differed};
use super::moments;
use super::questions::{STREAMS, questions};
use super::remote::{NOBODY, Remote};
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

/// A client of the engine's that has no counterpart on the server.
const MOVER: u64 = number_of(ONLOOKER) + 1;

/// Requests for both, the same but for the numbers of clients.
#[derive(Default)]
struct Bytes {
    ours: Vec<u8>,
    theirs: Vec<u8>,
    requests: usize,
}

impl Bytes {
    fn push(&mut self, ours: &[Vec<u8>], theirs: &[Vec<u8>]) {
        self.ours.extend(request(ours));
        self.theirs.extend(request(theirs));
        self.requests += 1;
    }
}

/// By which number the engine knows a client that connects for the first time: 0 is none.
const fn number_of(client: u64) -> u64 {
    client + 1
}

/// What a client's number grows by when it connects again: no number is given twice.
const AGAIN: u64 = 1000;

/// The engine and a real server.
pub(crate) struct Pair<'a> {
    remote: Remote<'a>,
    host: Host,
    /// By which numbers the engine knows those who have connected again.
    numbers: BTreeMap<u64, u64>,
    release: (u32, u32),
    setting: Setting,
    used: &'a Used,
    /// Commands of each client whose replies were not compared yet.
    sent: BTreeMap<u64, VecDeque<Vec<Vec<u8>>>>,
    /// Bytes that wait for the client's next command.
    held: BTreeMap<u64, Bytes>,
    /// What each client has said since MULTI.
    queued: BTreeMap<u64, Vec<Vec<Vec<u8>>>>,
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
            numbers: BTreeMap::new(),
            release: server.release(),
            setting: setting.clone(),
            used,
            sent: BTreeMap::new(),
            held: BTreeMap::new(),
            queued: BTreeMap::new(),
            stamps: Stamps::default(),
            slack_ms: 0,
            has_destroyed: false,
            is_apart: false,
        }
    }

    /// By which number the engine knows a client.
    fn number(&self, client: u64) -> u64 {
        self.numbers.get(&client).copied().unwrap_or(number_of(client))
    }

    /// Lets it happen to both; the error says how they differ.
    pub(crate) fn step(&mut self, event: &Event) -> Result<(), String> {
        match event {
            Event::Send { client, argv, held } => self.send(*client, argv, *held),
            Event::Disconnect { client } => {
                self.sent.remove(client);
                self.held.remove(client);
                self.remote.disconnect(*client);
                self.queued.remove(client);
                let number = self.number(*client);
                self.host.disconnect(ClientId(number));
                self.numbers.insert(*client, number + AGAIN);
                self.compare()
            }
        }
    }

    /// Compares all that can be asked of the keys, and what was counted; empties the lists.
    pub(crate) fn look(&mut self) -> Result<(), String> {
        self.count()?;
        self.move_streams()?;
        let questions = questions();
        let last = questions.len() - 1;
        for (at, line) in questions.iter().enumerate() {
            let argv: Vec<_> = line.split('|').map(|word| word.as_bytes().to_vec()).collect();
            self.send(ONLOOKER, &argv, at < last)?;
        }
        Ok(())
    }

    /// Compares what INFO has counted.
    fn count(&mut self) -> Result<(), String> {
        if replies_differed(self.used) {
            return Ok(());
        }
        let argv: [&[u8]; 3] = [b"INFO", b"commandstats", b"errorstats"];
        let theirs = counters(&self.remote.ask(&argv));
        let ours = counters(&self.host.ask(ClientId(MOVER), &argv));
        difference(&ours, &theirs).map_or(Ok(()), Err)
    }

    /// Takes the server's streams over into another database of the engine's, where they must be
    /// what they are on the server.
    fn move_streams(&mut self) -> Result<(), String> {
        let mover = ClientId(MOVER);
        let _ = self.host.ask(mover, &["SELECT", "14"]);
        for key in STREAMS.map(str::as_bytes) {
            let Value::Bulk(payload) = self.remote.ask(&[b"DUMP", key]) else { continue };
            let argv: [&[u8]; 4] = [b"RESTORE", key, b"0", &payload];
            let restored = self.host.ask(mover, &argv);
            self.host.engine.check();
            let argv: [&[u8]; 6] = [b"XINFO", b"STREAM", key, b"FULL", b"COUNT", b"0"];
            let (ours, theirs) = (self.host.ask(mover, &argv), self.remote.ask(&argv));
            let argv = argv.map(<[u8]>::to_vec);
            if matches!(self.agreement(&argv, &ours, &theirs), Agreement::No) {
                let differing = differing(ONLOOKER, Some(ours), Some(theirs));
                return Err(format!("RESTORE answered {restored}, then {differing}"));
            }
        }
        Ok(())
    }

    fn send(&mut self, client: u64, argv: &[Vec<u8>], held: bool) -> Result<(), String> {
        let mut ours = self.stamps.resolved(argv, |client| match self.remote.number(client) {
            NOBODY => NOBODY,
            _ => self.number(client),
        });
        let mut theirs = self.stamps.resolved(argv, |client| self.remote.number(client));
        let in_transaction = self.release < (7, 2) && self.queued.contains_key(&client);
        if held || self.held.contains_key(&client) || self.remote.parked(client) || in_transaction {
            if theirs.iter().any(|word| word == b"*") || is_flush(&theirs) || ours != theirs {
                // When it will run is not known: what ID the server will give, how long it takes
                // to empty itself in the background, by which number it will know a client.
                return Ok(());
            }
            lengthen_wait(&mut ours);
            lengthen_wait(&mut theirs);
        }
        let mut bytes = self.held.remove(&client).unwrap_or_else(|| self.greeting(client));
        bytes.push(&ours, &theirs);
        let waits_shortly = waits_shortly(&theirs);
        let sent = self.sent.entry(client).or_default();
        sent.push_back(theirs);
        if held {
            self.held.insert(client, bytes);
            return Ok(());
        }
        let blocks = sent.iter().any(|argv| may_block(argv));
        let is_flush = sent.iter().any(|argv| is_flush(argv));
        let started_ms = moments::now_ms();
        self.remote.send(client, &bytes.theirs, bytes.requests, blocks);
        if waits_shortly || is_flush {
            self.remote.wait(client);
        }
        self.follow_clock(started_ms);
        self.host.send_bytes(ClientId(self.number(client)), &bytes.ours);
        if waits_shortly {
            self.end_wait();
        }
        self.host.engine.check();
        self.compare()
    }

    /// What a client sends first.
    fn greeting(&mut self, client: u64) -> Bytes {
        let mut bytes = Bytes::default();
        let is_new = !self.sent.contains_key(&client);
        if is_new && self.setting.protocols[client as usize] == Protocol::Resp3 {
            let argv = ["HELLO", "3"].map(|word| word.as_bytes().to_vec()).to_vec();
            bytes.push(&argv, &argv);
            self.sent.entry(client).or_default().push_back(argv);
        }
        bytes
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
                let ours = self.host.next_reply(ClientId(self.number(client)));
                let theirs = self.remote.next_reply(client);
                match (ours, theirs) {
                    (None, None) => break,
                    (Some(ours), Some(theirs)) => self.compare_replies(client, ours, theirs)?,
                    (ours, theirs) => return Err(differing(client, ours, theirs)),
                }
            }
            let ours = self.host.parked(ClientId(self.number(client)));
            let theirs = self.remote.parked(client);
            if ours != theirs && !self.is_apart {
                return Err(format!("client {client}: parked {ours}, on the server {theirs}"));
            }
        }
        Ok(())
    }

    fn compare_replies(&mut self, client: u64, ours: Value, theirs: Value) -> Result<(), String> {
        let argv = self.sent.get_mut(&client).and_then(VecDeque::pop_front);
        let argv = argv.expect("a reply is one to a command");
        let exchanges = match self.transacted(client, &argv, &theirs) {
            None => vec![(argv, ours.clone(), theirs.clone())],
            Some(queued) => match (&ours, &theirs) {
                (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => queued
                    .into_iter()
                    .zip(ours.iter().cloned().zip(theirs.iter().cloned()))
                    .map(|(argv, (ours, theirs))| (argv, ours, theirs))
                    .collect(),
                _ => vec![(argv, ours.clone(), theirs.clone())],
            },
        };
        for (argv, our, their) in &exchanges {
            match self.agreement(argv, our, their) {
                Agreement::Same => {}
                Agreement::Apart => self.is_apart = true,
                Agreement::No if self.is_apart => {}
                Agreement::No => return Err(differing(client, Some(ours), Some(theirs))),
            }
        }
        Ok(())
    }

    /// Follows a client's transaction; gives its commands when this is the reply to EXEC.
    fn transacted(
        &mut self,
        client: u64,
        argv: &[Vec<u8>],
        reply: &Value,
    ) -> Option<Vec<Vec<Vec<u8>>>> {
        let is = |name: &str| argv[0].eq_ignore_ascii_case(name.as_bytes());
        if is("MULTI") && !matches!(reply, Value::Error(_)) {
            self.queued.insert(client, Vec::new());
        } else if matches!(reply, Value::Simple(text) if text == b"QUEUED") {
            self.queued.entry(client).or_default().push(argv.to_vec());
        } else if is("EXEC") {
            return self.queued.remove(&client);
        } else if is("DISCARD") || is("RESET") {
            self.queued.remove(&client);
        }
        None
    }

    fn agreement(&mut self, argv: &[Vec<u8>], ours: &Value, theirs: &Value) -> Agreement {
        self.stamps.see(argv, theirs);
        let slack = self.slack_ms as i64 * 2 + 2;
        let has_destroyed = self.has_destroyed;
        let exchange = Exchange { argv, ours, theirs, slack, has_destroyed };
        self.has_destroyed |= exchange.is_sub("XGROUP", "DESTROY");
        agree(&exchange, self.release, self.used)
    }
}

fn differing(client: u64, ours: Option<Value>, theirs: Option<Value>) -> String {
    let text = |value: Option<Value>| value.map_or("nothing".to_string(), |v| v.to_string());
    format!("client {client}\n  eddyline {}\n  server   {}", text(ours), text(theirs))
}

fn may_block(argv: &[Vec<u8>]) -> bool {
    let names = ["BLOCK", "BLPOP", "BRPOP"].map(str::as_bytes);
    argv.iter().any(|word| names.iter().any(|name| word.eq_ignore_ascii_case(name)))
}

/// 8.0 and later park the client until another thread is done.
fn is_flush(argv: &[Vec<u8>]) -> bool {
    ["FLUSHDB", "FLUSHALL"].iter().any(|name| argv[0].eq_ignore_ascii_case(name.as_bytes()))
}

/// Whether a short wait may begin with the command.
fn waits_shortly(argv: &[Vec<u8>]) -> bool {
    // A pop has seconds at its end, whatever stands before them.
    let pops = argv.first().is_some_and(|name| name.to_ascii_uppercase().ends_with(b"POP"));
    let is = |word: &[u8], keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
    let options = argv.iter().position(|word| is(word, "STREAMS")).map_or(argv, |at| &argv[..at]);
    // The last one counts.
    let block = options.windows(2).rfind(|pair| is(&pair[0], "BLOCK"));
    !pops && block.is_some_and(is_short_wait)
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
