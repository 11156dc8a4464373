//! Streams that move between Eddyline and live Redis servers, by DUMP and RESTORE.
//!
//! The servers are those of `tests/live.rs`; what is not there is counted as ignored.

mod chance;
mod host;
mod model;
mod resp;
mod scenario;
mod sequence;
mod server;

use chance::Chance;
use eddyline::{ClientId, DumpVersion, Limits};
use host::Host;
use libtest_mimic::{Arguments, Trial};
use resp::Value;
use server::{Connection, SERVERS, Server};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

/// How many random streams move each way.
const STREAMS: u64 = 150;

/// A law about moving to and from a server.
type Way = fn(&mut Visitor) -> Result<(), String>;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // A server has one keyspace.
    arguments.test_threads = Some(1);
    let mut trials = Vec::new();
    for named in SERVERS {
        let server = if arguments.list { None } else { Server::find(&named) };
        let is_there = server.is_some();
        let server = Arc::new(Mutex::new(server));
        let ways: [(&str, Way); 4] = [
            ("from there to here and back", there_here_there),
            ("from here to there and back", here_there_here),
            ("a long node", a_long_node),
            ("what keeps streams company", company),
        ];
        for (name, way) in ways {
            let server = Arc::clone(&server);
            let trial = Trial::test(format!("{}: {name}", named.name), move || {
                let server = server.lock().map_err(|_| "an earlier test broke off")?;
                let server = server.as_ref().ok_or("there is no server")?;
                Ok(way(&mut Visitor::of(server))?)
            });
            trials.push(trial.with_ignored_flag(!is_there));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A client of a server, and what the server understands.
struct Visitor {
    redis: Connection,
    version: DumpVersion,
    /// What XINFO tells of a stream here and not there, or tells otherwise: the rules for the lag
    /// are those of Redis 8.
    differing: &'static [&'static str],
}

impl Visitor {
    fn of(server: &Server) -> Self {
        let mut redis = server.connect();
        redis.ask(&["HELLO", "3"]);
        let (version, differing): (_, &[&str]) = match server.release() {
            (7, 0..2) => (DumpVersion::Redis7_0, &["lag"]),
            (7, 2..4) => (DumpVersion::Redis7_2, &["lag"]),
            _ => (DumpVersion::Redis7_4, &[]),
        };
        Self { redis, version, differing }
    }

    /// A host whose DUMP the server reads.
    fn host(&self, limits: Limits) -> Host {
        let mut host = Host::new(Limits { dump_version: self.version, ..limits });
        host.ask(CLIENT, &["HELLO", "3"]);
        host
    }

    fn configure(&mut self, name: &str, value: &str) {
        assert_eq!(self.redis.ask(&["CONFIG", "SET", name, value]), ok());
    }

    fn same_info(&mut self, host: &mut Host) -> Result<(), String> {
        let question = ["XINFO", "STREAM", KEY, "FULL", "COUNT", "0"];
        let (there, here) = (self.redis.ask(&question), host.ask(CLIENT, &question));
        is_same(&there, &here, self.differing)
            .then_some(())
            .ok_or_else(|| format!("there {there}\nhere  {here}"))
    }
}

const KEY: &str = "s";
const CLIENT: ClientId = ClientId(1);

fn ok() -> Value {
    Value::Simple(b"OK".to_vec())
}

/// The payload of the key; `None` if there is none.
fn payload(answer: Value) -> Option<Vec<u8>> {
    match answer {
        Value::Bulk(payload) => Some(payload),
        Value::Null => None,
        other => panic!("DUMP answered {other}"),
    }
}

fn restore(payload: &[u8]) -> [&[u8]; 5] {
    [b"RESTORE", KEY.as_bytes(), b"0", payload, b"REPLACE"]
}

/// Whether all that is told there is told here too, but for the tree's nodes and `differing`.
fn is_same(there: &Value, here: &Value, differing: &[&str]) -> bool {
    match (there, here) {
        (Value::Map(there), Value::Map(here)) => there.iter().all(|(name, value)| {
            let Value::Bulk(text) = name else { return false };
            let is = |other: &&str| other.as_bytes() == text;
            is(&"radix-tree-nodes")
                || differing.iter().any(is)
                || here.iter().any(|field| field.0 == *name && is_same(value, &field.1, differing))
        }),
        (Value::Array(there), Value::Array(here)) => {
            let mut items = there.iter().zip(here);
            there.len() == here.len() && items.all(|(a, b)| is_same(a, b, differing))
        }
        _ => there == here,
    }
}

/// Commands that do not wait, all on one key.
fn commands(seed: u64) -> impl Iterator<Item = Vec<Vec<u8>>> {
    sequence::events(seed, 80).into_iter().filter_map(|event| match event {
        sequence::Event::Send { argv, .. } => {
            let waits = argv.iter().any(|word| word.eq_ignore_ascii_case(b"BLOCK"));
            (!waits).then(|| argv.into_iter().map(on_one_key).collect())
        }
        _ => None,
    })
}

fn on_one_key(word: Vec<u8>) -> Vec<u8> {
    if word == b"t" { KEY.into() } else { word }
}

/// How many macro nodes there are.
fn count_nodes(info: &Value) -> i64 {
    let Value::Map(fields) = info else { panic!("XINFO answered {info}") };
    let keys = fields.iter().find(|(name, _)| *name == Value::Bulk(b"radix-tree-keys".to_vec()));
    match keys {
        Some((_, Value::Int(count))) => *count,
        other => panic!("radix-tree-keys are {other:?}"),
    }
}

/// Streams that the server made are the same here, and what is written here is, byte for byte,
/// what the server writes.
fn there_here_there(visitor: &mut Visitor) -> Result<(), String> {
    let (mut moved, mut with_dead_nodes) = (0, 0);
    for seed in 0..STREAMS {
        let mut chance = Chance::new(seed);
        visitor.redis.ask(&["FLUSHALL"]);
        let (entries, bytes) = (chance.pick(&["0", "2", "100"]), chance.pick(&["0", "90", "4096"]));
        visitor.configure("stream-node-max-entries", entries);
        visitor.configure("stream-node-max-bytes", bytes);
        for argv in commands(seed) {
            visitor.redis.ask(&argv);
        }
        visitor.configure("rdbcompression", "yes");
        let Some(compressed) = payload(visitor.redis.ask(&["DUMP", KEY])) else { continue };
        visitor.configure("rdbcompression", "no");
        let plain = payload(visitor.redis.ask(&["DUMP", KEY])).ok_or("the key has gone")?;
        let mut host = visitor.host(Limits::default());
        for came in [&compressed, &plain] {
            let answer = host.ask(CLIENT, &restore(came));
            if answer != ok() {
                return Err(format!("seed {seed}: {answer}"));
            }
            let question = ["XINFO", "STREAM", KEY];
            let nodes = count_nodes(&visitor.redis.ask(&question));
            if nodes > count_nodes(&host.ask(CLIENT, &question)) {
                // A trim in Redis leaves a node in which nothing lives but tombstones behind the
                // threshold are; here it goes.
                with_dead_nodes += 1;
                continue;
            }
            visitor.same_info(&mut host).map_err(|problem| format!("seed {seed}: {problem}"))?;
            if payload(host.ask(CLIENT, &["DUMP", KEY])).as_ref() != Some(&plain) {
                return Err(format!("seed {seed}: other bytes are written"));
            }
        }
        moved += 1;
    }
    if with_dead_nodes > STREAMS / 10 {
        return Err(format!("{with_dead_nodes} streams came with fewer nodes"));
    }
    if moved > STREAMS / 3 { Ok(()) } else { Err(format!("only {moved} streams were there")) }
}

/// Streams that were made here are the same there, and when they have come back.
fn here_there_here(visitor: &mut Visitor) -> Result<(), String> {
    let mut moved = 0;
    for seed in 0..STREAMS {
        let mut chance = Chance::new(seed);
        let limits = Limits {
            node_max_entries: chance.pick(&[0, 2, 100]),
            segment_bytes: chance.pick(&[1, 500, 128 << 10]),
            ..Limits::default()
        };
        let mut host = visitor.host(limits);
        for argv in commands(seed) {
            host.ask(CLIENT, &argv);
        }
        let Some(written) = payload(host.ask(CLIENT, &["DUMP", KEY])) else { continue };
        let answer = visitor.redis.ask(&restore(&written));
        if answer != ok() {
            return Err(format!("seed {seed}: {answer}"));
        }
        visitor.configure("rdbcompression", "yes");
        let back = payload(visitor.redis.ask(&["DUMP", KEY])).ok_or("the key has gone")?;
        // What the server's release does not know has been left behind.
        assert_eq!(host.ask(CLIENT, &restore(&back)), ok(), "seed {seed}");
        visitor.same_info(&mut host).map_err(|problem| format!("seed {seed}: {problem}"))?;
        assert_eq!(payload(host.ask(CLIENT, &["DUMP", KEY])), Some(written), "seed {seed}");
        moved += 1;
    }
    if moved > STREAMS / 3 { Ok(()) } else { Err(format!("only {moved} streams were there")) }
}

/// More elements than a listpack counts, and a text of every length that a size is written in.
fn a_long_node(visitor: &mut Visitor) -> Result<(), String> {
    visitor.redis.ask(&["FLUSHALL"]);
    visitor.configure("stream-node-max-entries", "0");
    visitor.configure("stream-node-max-bytes", "0");
    for (at, len) in [0, 1, 5000, 70_000, 2_200_000].into_iter().enumerate() {
        visitor.redis.ask(&["XADD", KEY, &format!("1-{}", at + 1), "f", &"v".repeat(len)]);
    }
    for ms in 2..20_000 {
        visitor.redis.ask(&["XADD", KEY, &format!("{ms}-1"), "f", &format!("{ms}")]);
    }
    visitor.configure("rdbcompression", "yes");
    let compressed = payload(visitor.redis.ask(&["DUMP", KEY])).ok_or("there is no key")?;
    visitor.configure("rdbcompression", "no");
    let plain = payload(visitor.redis.ask(&["DUMP", KEY])).ok_or("there is no key")?;
    let mut host = visitor.host(Limits::default());
    assert_eq!(host.ask(CLIENT, &restore(&compressed)), ok());
    visitor.same_info(&mut host)?;
    assert_eq!(payload(host.ask(CLIENT, &["DUMP", KEY])).as_ref(), Some(&plain));
    visitor.configure("stream-node-max-entries", "100");
    visitor.configure("stream-node-max-bytes", "4096");
    Ok(())
}

/// Texts, lists, sets and hashes, small and large, go there and back and there again.
fn company(visitor: &mut Visitor) -> Result<(), String> {
    let long = "x".repeat(9000);
    let makings: [&[&str]; 7] = [
        &["SET", KEY, "-12345"],
        &["SET", KEY, &long],
        &["RPUSH", KEY, "a", "1", &long, "-70000", ""],
        &["SADD", KEY, "1", "-2", "70000"],
        &["SADD", KEY, "a", "b", &long],
        &["HSET", KEY, "a", "1", "b", "-300"],
        &["HSET", KEY, "a", "1", &long, &long],
    ];
    let looks: [&[&str]; 5] = [
        &["TYPE", KEY],
        &["GET", KEY],
        &["SORT", KEY, "ALPHA"],
        &["LPOP", KEY, "9"],
        // Not HGETALL: a hash table gives its fields in an order of its own.
        &["HMGET", KEY, "a", "b", &long],
    ];
    for make in makings {
        visitor.redis.ask(&["FLUSHALL"]);
        visitor.redis.ask(make);
        let mut host = visitor.host(Limits::default());
        let there = payload(visitor.redis.ask(&["DUMP", KEY])).ok_or("there is no key")?;
        let before: Vec<Value> = looks.iter().map(|look| visitor.redis.ask(look)).collect();
        assert_eq!(host.ask(CLIENT, &restore(&there)), ok(), "{make:?}");
        let here = payload(host.ask(CLIENT, &["DUMP", KEY])).ok_or("there is no key")?;
        assert_eq!(visitor.redis.ask(&restore(&here)), ok(), "{make:?}");
        let after: Vec<Value> = looks.iter().map(|look| visitor.redis.ask(look)).collect();
        if before != after {
            return Err(format!("{make:?} comes back as something else"));
        }
    }
    Ok(())
}
