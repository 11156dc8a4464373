//! Exports and imports: an export is one moment, whatever happens meanwhile; an import is the same
//! again, or nothing.

mod chance;
mod host;
mod model;
mod resp;
mod scenario;
mod sequence;

use chance::{Chance, Manner, command};
use eddyline::{ClientId, Limits};
use host::Host;
use resp::{Value, request};
use sequence::Setting;
use std::cell::Cell;

const ONE: ClientId = ClientId(101);
const OTHER: ClientId = ClientId(102);
const ONLOOKER: ClientId = ClientId(103);

/// How many clients send random commands.
const CLIENTS: u64 = 4;

fn begin(host: &mut Host, client: ClientId) -> i64 {
    match host.ask(client, &["EDDYLINE", "EXPORT"]) {
        Value::Int(keys) => keys,
        other => panic!("EXPORT: {other}"),
    }
}

/// The export's next bytes.
fn read(host: &mut Host, client: ClientId) -> Option<Vec<u8>> {
    match host.ask(client, &["EDDYLINE", "READ"]) {
        Value::Bulk(bytes) => Some(bytes),
        Value::NilBulk => None,
        other => panic!("READ: {other}"),
    }
}

fn export(host: &mut Host, client: ClientId) -> Vec<u8> {
    begin(host, client);
    let mut file = Vec::new();
    while let Some(bytes) = read(host, client) {
        file.extend(bytes);
    }
    file
}

/// Gives a file in pieces of this size; the first reply that is an error, or that of COMMIT.
fn import(host: &mut Host, file: &[u8], piece_bytes: usize, begin: &[&str]) -> Value {
    let begin = if begin.is_empty() { &["IMPORT"] } else { begin };
    let argv: Vec<&str> = ["EDDYLINE"].iter().chain(begin).copied().collect();
    assert_eq!(host.ask(ONE, &argv), Value::Simple("OK".into()));
    for piece in file.chunks(piece_bytes) {
        let reply = host.ask(ONE, &[b"EDDYLINE".as_slice(), b"WRITE", piece]);
        if let Value::Error(_) = reply {
            return reply;
        }
    }
    host.ask(ONE, &["EDDYLINE", "COMMIT"])
}

/// What DUMP and PEXPIRETIME say of every key.
fn dumps(host: &mut Host) -> Vec<(usize, Value, Value, Value)> {
    let mut all = Vec::new();
    for db in 0..16 {
        host.ask(ONLOOKER, &["SELECT", &db.to_string()]);
        let Value::Array(mut keys) = host.ask(ONLOOKER, &["KEYS", "*"]) else { panic!("no keys") };
        keys.sort_by_key(ToString::to_string);
        for key in keys {
            let Value::Bulk(name) = &key else { panic!("a key is bytes") };
            let dump = host.ask(ONLOOKER, &[b"DUMP".as_slice(), name]);
            let expiry = host.ask(ONLOOKER, &[b"PEXPIRETIME".as_slice(), name]);
            all.push((db, key, dump, expiry));
        }
    }
    all
}

/// Something happens.
fn stir(host: &mut Host, chance: &mut Chance, journaled: bool) {
    match chance.below(12) {
        0 if journaled => host.checkpoint(),
        1 => {
            host.now_ms += chance.below(20);
            host.tick();
        }
        _ => {
            let manner = Manner { company: 30, ..Manner::driven(host.now_ms) };
            let client = ClientId(chance.below(CLIENTS));
            let argv = command(chance, manner);
            if !host.parked(client) {
                host.send_bytes(client, &request(&argv));
            }
        }
    }
    host.engine.check();
}

fn segments(host: &Host) -> usize {
    host.storage.blobs.keys().filter(|key| key.is_cold()).count()
}

fn worked_on(setting: &Setting, seed: u64, steps: u64) -> (Host, Chance) {
    let mut chance = Chance::new(seed);
    let mut host = Host::new(setting.limits.clone());
    host.now_ms = 50;
    for _ in 0..steps {
        stir(&mut host, &mut chance, setting.limits.journaled);
    }
    (host, chance)
}

#[test]
fn an_export_is_the_moment_of_its_beginning_whatever_happens_meanwhile() {
    let (supplied, spilled) = (Cell::new(0), Cell::new(0));
    for seed in 0..400 {
        let setting = Setting::of(seed);
        let (mut host, mut chance) = worked_on(&setting, seed, 120);
        let quiet = export(&mut host, ONE);
        begin(&mut host, ONE);
        let supplied_before = host.supplied;
        let mut file = Vec::new();
        // A second one that begins later must not disturb the first.
        let mut later = None;
        loop {
            for _ in 0..chance.below(6) {
                stir(&mut host, &mut chance, setting.limits.journaled);
            }
            if later.is_none() && chance.percent(20) {
                let quiet = export(&mut host, ONLOOKER);
                begin(&mut host, OTHER);
                later = Some((quiet, Vec::new(), false));
            }
            let Some(bytes) = read(&mut host, ONE) else { break };
            file.extend(bytes);
            if let Some((_, file, done)) = &mut later
                && !*done
                && chance.percent(60)
            {
                let bytes = read(&mut host, OTHER);
                *done = bytes.is_none();
                file.extend(bytes.unwrap_or_default());
            }
            host.engine.check();
        }
        assert!(file == quiet, "seed {seed}: the export is not the moment of its beginning");
        if let Some((quiet, mut file, mut done)) = later {
            while !done {
                let bytes = read(&mut host, OTHER);
                done = bytes.is_none();
                file.extend(bytes.unwrap_or_default());
            }
            assert!(file == quiet, "seed {seed}: the later export differs");
        }
        supplied.set(supplied.get() + host.supplied - supplied_before);
        spilled.set(spilled.get() + usize::from(segments(&host) > 0));
        nothing_is_left(&mut host, &setting, seed);
    }
    assert!(supplied.get() > 0 && spilled.get() > 0, "no segment came from storage");
}

/// When all keys are gone, and the exports, storage has no segment any more.
fn nothing_is_left(host: &mut Host, setting: &Setting, seed: u64) {
    if setting.limits.journaled {
        host.disconnect(ONE);
        host.disconnect(OTHER);
        host.ask(ONLOOKER, &["FLUSHALL"]);
        host.checkpoint();
        assert_eq!(segments(host), 0, "seed {seed}: segments that nobody knows of");
    }
}

#[test]
fn an_import_is_the_same_again() {
    for seed in 0..300 {
        let setting = Setting::of(seed);
        let (mut host, mut chance) = worked_on(&setting, seed, 150);
        let (file, was) = (export(&mut host, ONE), dumps(&mut host));
        let other = Setting::of(seed + 1000);
        let mut to = Host::new(other.limits.clone());
        to.now_ms = host.now_ms;
        // Expired keys go when the clock is asked, so it stands still.
        let reply = import(&mut to, &file, 1 + chance.below(200) as usize, &[]);
        assert_eq!(reply, Value::Int(was.len() as i64), "seed {seed}");
        to.engine.check();
        assert!(export(&mut to, OTHER) == file, "seed {seed}: exported again it is another file");
        assert!(dumps(&mut to) == was, "seed {seed}: DUMP tells them apart");
        if other.limits.journaled {
            let (storage, now_ms) = (to.storage.clone(), to.now_ms);
            let mut reopened = Host::restore(other.limits.clone(), storage, now_ms);
            reopened.tick();
            assert!(export(&mut reopened, OTHER) == file, "seed {seed}: reopened it is another");
        }
        let reply = import(&mut to, &file, 1000, &["IMPORT", "REPLACE"]);
        assert_eq!(reply, Value::Int(was.len() as i64), "seed {seed}");
        assert!(dumps(&mut to) == was, "seed {seed}: replaced it is another");
        nothing_is_left(&mut to, &other, seed);
    }
}

/// A small host with a stream, its group and a value.
fn small() -> Host {
    let mut host = Host::new(Limits { segment_bytes: 100, ..Limits::default() });
    for line in [
        "XADD s 1-1 f v",
        "XADD s 2-1 other value",
        "XADD s 3-1 f v",
        "XGROUP CREATE s g 0",
        "XREADGROUP GROUP g c COUNT 2 STREAMS s >",
        "SET greeting hello",
        "PEXPIREAT greeting 1800000000000",
    ] {
        host.ask(ONLOOKER, &line.split(' ').collect::<Vec<_>>());
    }
    host
}

/// The damage that an import tells, and that it left nothing.
fn refusal(file: &[u8], piece_bytes: usize) -> String {
    let mut host = Host::new(Limits::default());
    let Value::Error(text) = import(&mut host, file, piece_bytes, &[]) else {
        panic!("a damaged file was imported")
    };
    assert_eq!(host.ask(ONE, &["DBSIZE"]), Value::Int(0));
    host.engine.check();
    host.checkpoint();
    assert_eq!(segments(&host), 0);
    String::from_utf8(text).expect("a text")
}

#[test]
fn a_cut_file_is_refused_with_the_place() {
    let file = export(&mut small(), ONE);
    for end in 0..file.len() {
        let text = refusal(&file[..end], 97);
        let expected =
            format!("DAMAGED cut short at byte {end} of the export; nothing is imported");
        assert_eq!(text, expected);
    }
}

#[test]
fn a_damaged_file_is_refused_with_the_place() {
    let file = export(&mut small(), ONE);
    for at in 0..file.len() {
        for flip in [1, 0x80] {
            let mut damaged = file.clone();
            damaged[at] ^= flip;
            let text = refusal(&damaged, 1000);
            assert!(text.starts_with("DAMAGED "), "{text}");
            let place = text.split(' ').skip_while(|word| *word != "byte").nth(1);
            let place: usize = place.and_then(|place| place.parse().ok()).expect("a place");
            assert!(place <= at && at < place + 400, "byte {at} is damaged: {text}");
        }
    }
}

#[test]
fn records_that_are_missing_or_swapped_are_noticed() {
    let mut host = small();
    begin(&mut host, ONE);
    let mut records = Vec::new();
    while let Some(bytes) = read(&mut host, ONE) {
        records.push(bytes);
    }
    assert!(records.len() > 5);
    for at in 0..records.len() {
        let mut missing = records.clone();
        missing.remove(at);
        refusal(&missing.concat(), 1000);
        if at > 0 {
            let mut swapped = records.clone();
            swapped.swap(at - 1, at);
            refusal(&swapped.concat(), 1000);
        }
    }
}

#[test]
fn files_can_be_joined() {
    let one = export(&mut small(), ONE);
    let mut host = Host::new(Limits::default());
    host.ask(ONE, &["XADD", "t", "5-1", "f", "v"]);
    let file = [one, export(&mut host, ONE)].concat();
    let mut to = Host::new(Limits::default());
    assert_eq!(import(&mut to, &file, 10, &[]), Value::Int(3));
    assert_eq!(to.ask(ONE, &["EXISTS", "s", "t", "greeting"]), Value::Int(3));
}

#[test]
fn a_key_that_is_there_stays_unless_it_may_be_replaced() {
    let file = export(&mut small(), ONE);
    let mut host = Host::new(Limits::default());
    host.ask(ONE, &["SET", "s", "mine"]);
    let expected = Value::Error("BUSYKEY the key 's' of database 0 is there already".into());
    assert_eq!(import(&mut host, &file, 1000, &[]), expected);
    assert_eq!(host.ask(ONE, &["DBSIZE"]), Value::Int(1));
    assert_eq!(host.ask(ONE, &["GET", "s"]), Value::Bulk(b"mine".to_vec()));
    assert_eq!(import(&mut host, &file, 1000, &["IMPORT", "REPLACE"]), Value::Int(2));
    assert_eq!(host.ask(ONE, &["XLEN", "s"]), Value::Int(3));
    assert_eq!(host.ask(ONE, &["PEXPIRETIME", "greeting"]), Value::Int(1_800_000_000_000));
}

#[test]
fn one_key_can_get_another_name() {
    let mut host = small();
    host.ask(ONE, &["EDDYLINE", "EXPORT", "s", "none"]);
    let mut file = Vec::new();
    while let Some(bytes) = read(&mut host, ONE) {
        file.extend(bytes);
    }
    host.ask(ONE, &["SELECT", "3"]);
    assert_eq!(import(&mut host, &file, 1000, &["RECEIVE", "copy"]), Value::Int(1));
    assert_eq!(host.ask(ONE, &["XLEN", "copy"]), Value::Int(3));
    let both = export(&mut host, ONE);
    let Value::Error(text) = import(&mut host, &both, 1000, &["RECEIVE", "x"]) else {
        panic!("two keys")
    };
    assert!(text.starts_with(b"DAMAGED a second key"));
}

#[test]
fn nobody_sees_what_is_being_imported_and_a_crash_leaves_nothing_of_it() {
    let file = export(&mut small(), ONE);
    let limits = Limits { segment_bytes: 100, ..Limits::default() };
    for checkpointed in [false, true] {
        let mut host = Host::new(limits.clone());
        host.ask(ONE, &["EDDYLINE", "IMPORT"]);
        host.ask(ONE, &[b"EDDYLINE".as_slice(), b"WRITE", &file[..file.len() - 20]]);
        assert_eq!(host.ask(OTHER, &["DBSIZE"]), Value::Int(0));
        assert_eq!(host.ask(OTHER, &["KEYS", "*"]), Value::Array(vec![]));
        let Value::Bulk(info) = host.ask(OTHER, &["INFO", "keyspace"]) else { panic!("no text") };
        assert!(!String::from_utf8_lossy(&info).contains("db16"));
        if checkpointed {
            host.checkpoint();
            assert!(segments(&host) > 0);
        }
        let mut reopened = Host::restore(limits.clone(), host.storage.clone(), host.now_ms);
        reopened.tick();
        reopened.checkpoint();
        assert_eq!(segments(&reopened), 0, "what the crash left is cleared away");
        reopened.engine.check();
        // Who disconnects gives up.
        host.disconnect(ONE);
        host.checkpoint();
        assert_eq!(segments(&host), 0, "what the client left is cleared away");
    }
}

#[test]
fn who_waits_for_an_imported_key_is_served() {
    let file = export(&mut small(), ONE);
    let mut host = Host::new(Limits::default());
    host.send_bytes(OTHER, &request(&["XREAD", "BLOCK", "0", "STREAMS", "s", "2-1"]));
    assert!(host.parked(OTHER));
    assert_eq!(import(&mut host, &file, 1000, &[]), Value::Int(2));
    assert!(host.next_reply(OTHER).is_some());
}
