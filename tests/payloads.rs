//! DUMP and RESTORE: payloads that real servers wrote, and what becomes of them here.

mod chance;
mod host;
mod model;
mod record;
mod resp;
mod scenario;
mod sequence;

use eddyline::{ClientId, Limits};
use host::Host;
use record::Payload;
use resp::{Protocol, Value};
use sequence::{Event, Pair, Setting};

const CLIENT: ClientId = ClientId(1);

fn ask(host: &mut Host, words: &[&[u8]]) -> Value {
    host.ask(CLIENT, words)
}

fn restore(host: &mut Host, key: &str, payload: &[u8]) -> Value {
    ask(host, &[b"RESTORE", key.as_bytes(), b"0", payload])
}

fn dump(host: &mut Host, key: &str) -> Vec<u8> {
    match ask(host, &[b"DUMP", key.as_bytes()]) {
        Value::Bulk(payload) => payload,
        other => panic!("DUMP answered {other}"),
    }
}

fn ok() -> Value {
    Value::Simple(b"OK".to_vec())
}

fn write_for(host: &mut Host, release: &str) -> Value {
    ask(host, &[b"CONFIG", b"SET", b"dump-redis-version", release.as_bytes()])
}

/// The release that writes what the payload's server wrote.
fn release_of(payload: &Payload) -> &'static str {
    match payload.server.as_str() {
        "7.0.15" => "7.0",
        "8.2.3" => "7.4",
        other => panic!("a payload of Redis {other}"),
    }
}

#[test]
fn a_recorded_payload_becomes_the_stream_that_it_was() {
    for payload in record::payloads() {
        let mut host = Host::new(Limits::default());
        assert_eq!(restore(&mut host, "s", &payload.bytes), ok(), "{}", payload.place());
        let info = ask(&mut host, &[b"XINFO", b"STREAM", b"s", b"FULL", b"COUNT", b"0"]);
        assert!(payload.describes(&info), "{}: {info}", payload.place());
        host.engine.check();
    }
}

#[test]
fn a_restored_payload_is_written_as_it_was_byte_for_byte() {
    for payload in record::payloads() {
        let mut host = Host::new(Limits::default());
        assert_eq!(write_for(&mut host, release_of(&payload)), ok());
        restore(&mut host, "s", &payload.bytes);
        let written = dump(&mut host, "s");
        assert_eq!(written.len(), payload.uncompressed_bytes, "{}", payload.place());
        assert!(written.ends_with(&payload.uncompressed_checksum), "{}", payload.place());
    }
}

#[test]
fn the_release_that_is_to_read_a_payload_is_configured() {
    let mut host = Host::new(Limits::default());
    restore(&mut host, "s", &seal(newest(), 14));
    let mut written = |release: &str| {
        assert_eq!(write_for(&mut host, release), ok());
        let payload = dump(&mut host, "s");
        (payload[0], payload[payload.len() - 10])
    };
    assert_eq!(written("7.0"), (19, 10));
    assert_eq!(written("7.2"), (21, 11));
    assert_eq!(written("7.4"), (21, 12));
    assert_eq!(written("8.8"), (27, 14));
    let told = ask(&mut host, &[b"CONFIG", b"GET", b"dump*"]);
    assert_eq!(told.to_string(), "[\"dump-redis-version\", \"8.8\"]");
    assert!(matches!(write_for(&mut host, "8.2"), Value::Error(_)));
}

/// What was given back is with the consumer without a name when an older release reads it.
#[test]
fn an_older_release_finds_what_was_given_back() {
    let mut host = Host::new(Limits::default());
    restore(&mut host, "s", &seal(newest(), 14));
    write_for(&mut host, "7.0");
    let payload = dump(&mut host, "s");
    assert_eq!(ask(&mut host, &[b"RESTORE", b"s", b"0", &payload, b"REPLACE"]), ok());
    let mut is = |path: &[&str], text: &str| assert_eq!(told(&mut host, path), text, "{path:?}");
    is(&["groups", "nacked-count"], "0");
    let pending = "[[\"0-9\", \"\", 0, 1], [\"1-1\", \"\", 0, 5], [\"1-2\", \"c\", 1000, 6]]";
    is(&["groups", "pending"], pending);
    is(&["groups", "consumers", "name"], "\"\"");
    is(&["groups", "consumers", "pel-count"], "2");
    let claimed = ask(&mut host, &[b"XAUTOCLAIM", b"s", b"g", b"d", b"1000", b"0", b"JUSTID"]);
    assert!(claimed.to_string().contains("1-1"), "{claimed}");
}

/// Redis' checksum of a payload: CRC-64 of Jones.
fn seal(mut value: Vec<u8>, version: u16) -> Vec<u8> {
    let checksum = crc::Crc::<u64>::new(&crc::CRC_64_REDIS);
    value.extend_from_slice(&version.to_le_bytes());
    let checksum = checksum.checksum(&value).to_le_bytes();
    value.extend_from_slice(&checksum);
    value
}

/// A payload without its version and checksum.
fn value_of(payload: &[u8]) -> Vec<u8> {
    payload[..payload.len() - 10].to_vec()
}

fn error(text: &str) -> Value {
    Value::Error(text.as_bytes().to_vec())
}

const WRONG_CHECKSUM: &str = "ERR DUMP payload version or checksum are wrong";
const WRONG_FORMAT: &str = "ERR Bad data format";

#[test]
fn a_payload_cut_short_or_changed_is_refused() {
    for payload in record::payloads().iter().filter(|payload| payload.bytes.len() < 1000) {
        let mut host = Host::new(Limits::default());
        for len in 0..payload.bytes.len() {
            let answer = restore(&mut host, "s", &payload.bytes[..len]);
            assert_eq!(answer, error(WRONG_CHECKSUM), "{} bytes of {}", len, payload.place());
        }
        for at in 0..payload.bytes.len() {
            let mut bytes = payload.bytes.clone();
            bytes[at] ^= 1 << (at % 8);
            let answer = restore(&mut host, "s", &bytes);
            assert_eq!(answer, error(WRONG_CHECKSUM), "byte {at} of {}", payload.place());
        }
    }
}

/// What is wrong under a right checksum is refused too, or it is another stream that is sound:
/// one that can be dumped and restored again.
#[test]
fn a_wrong_value_under_a_right_checksum_is_no_danger() {
    let (mut refused, mut taken) = (0, 0);
    let mut hold = |host: &mut Host, value: Vec<u8>| {
        let answer = ask(host, &[b"RESTORE", b"s", b"0", &seal(value, 10), b"REPLACE"]);
        if answer != ok() {
            assert_eq!(answer, error(WRONG_FORMAT));
            refused += 1;
            return;
        }
        taken += 1;
        host.engine.check();
        let written = dump(host, "s");
        assert_eq!(ask(host, &[b"RESTORE", b"t", b"0", &written, b"REPLACE"]), ok());
        assert_eq!(dump(host, "t"), written);
    };
    for payload in record::payloads().iter().filter(|payload| payload.server == "8.2.3") {
        let mut host = Host::new(Limits { journaled: false, ..Limits::default() });
        let value = value_of(&payload.bytes);
        let plain = {
            restore(&mut host, "plain", &payload.bytes);
            value_of(&dump(&mut host, "plain"))
        };
        for value in [value, plain].into_iter().filter(|value| value.len() < 2000) {
            for at in 1..value.len() {
                hold(&mut host, value[..at].to_vec());
                for flip in [1 << (at % 8), 0xff] {
                    let mut changed = value.clone();
                    changed[at] ^= flip;
                    hold(&mut host, changed);
                }
            }
        }
    }
    assert!(refused > 1000 && taken > 100, "{refused} refused, {taken} taken");
}

/// A node with the key 1-1 and one entry, `a: b`.
const NODE: &[u8] = b"\x10\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x01\
    \x1d\x1d\0\0\0\x0a\0\
    \x01\x01\0\x01\x01\x01\x81a\x02\0\x01\
    \x02\x01\0\x01\0\x01\x81b\x02\x04\x01\xff";
const RAW_1_1: &[u8] = b"\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x01";
const RAW_0_9: &[u8] = b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x09";
const RAW_1_2: &[u8] = b"\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02";
const RAW_9_9: &[u8] = b"\0\0\0\0\0\0\0\x09\0\0\0\0\0\0\0\x09";
/// 1000 and 2000 as times.
const AT_1000: &[u8] = b"\xe8\x03\0\0\0\0\0\0";
const AT_2000: &[u8] = b"\xd0\x07\0\0\0\0\0\0";
const NEVER: &[u8] = b"\xff\xff\xff\xff\xff\xff\xff\xff";

fn info(host: &mut Host, key: &str) -> Vec<(Value, Value)> {
    ask(host, &[b"HELLO", b"3"]);
    match ask(host, &[b"XINFO", b"STREAM", key.as_bytes(), b"FULL", b"COUNT", b"0"]) {
        Value::Map(fields) => fields,
        other => panic!("XINFO answered {other}"),
    }
}

/// What XINFO tells under these names, one within the other; arrays give their first item.
fn told(host: &mut Host, path: &[&str]) -> String {
    let mut value = Value::Map(info(host, "s"));
    for name in path {
        let fields = match value {
            Value::Map(fields) => fields,
            Value::Array(mut items) => match items.remove(0) {
                Value::Map(fields) => fields,
                other => panic!("{name} in {other}"),
            },
            other => panic!("{name} in {other}"),
        };
        let named = |field: &(Value, Value)| field.0 == Value::Bulk(name.as_bytes().to_vec());
        value = fields.into_iter().find(named).unwrap_or_else(|| panic!("no {name}")).1;
    }
    value.to_string()
}

/// Type 15 has no counters: they are those of a stream from which nothing was deleted.
#[test]
fn the_oldest_type_is_read() {
    let value = [
        &b"\x0f\x01"[..],
        NODE,
        b"\x01\x01\x02",
        b"\x01\x01g\x01\x02",
        &[b"\x01", RAW_1_1, AT_1000, b"\x03"].concat(),
        &[b"\x01\xc0\x07", AT_2000, b"\x01", RAW_1_1].concat(),
    ];
    let mut host = Host::new(Limits::default());
    assert_eq!(restore(&mut host, "s", &seal(value.concat(), 9)), ok());
    let mut is = |path: &[&str], text: &str| assert_eq!(told(&mut host, path), text, "{path:?}");
    is(&["last-generated-id"], "\"1-2\"");
    is(&["entries-added"], "1");
    is(&["max-deleted-entry-id"], "\"0-0\"");
    is(&["groups", "entries-read"], "1");
    is(&["groups", "pending"], "[[\"1-1\", \"7\", 1000, 3]]");
    is(&["groups", "consumers", "seen-time"], "2000");
    is(&["groups", "consumers", "active-time"], "2000");
}

/// Type 27: what producers sent, and pending entries that were given back, one of them deleted.
fn newest() -> Vec<u8> {
    let value = [
        &b"\x1b\x01"[..],
        NODE,
        b"\x01\x01\x02\x01\x01\x00\x09\x02",
        b"\x01\x01g\x01\x02\x81\xff\xff\xff\xff\xff\xff\xff\xff",
        &[b"\x03", RAW_0_9, b"\0\0\0\0\0\0\0\0\x01", RAW_1_1].concat(),
        &[b"\0\0\0\0\0\0\0\0\x05", RAW_1_2, AT_1000, b"\x06"].concat(),
        &[b"\x01\x01c", AT_2000, NEVER, b"\x01", RAW_1_2].concat(),
        &[b"\x02", RAW_1_1, RAW_0_9].concat(),
        b"\x40\x64\x07\x02",
        b"\x03p-1\x02\x02i1\x01\x01\xc0\x05\x00\x09",
        b"\x03p-2\x00",
        b"\x41\x2c\x08",
    ];
    value.concat()
}

#[test]
fn the_newest_type_is_read_and_written_byte_for_byte() {
    let mut host = Host::new(Limits::default());
    let payload = seal(newest(), 14);
    assert_eq!(restore(&mut host, "s", &payload), ok());
    let mut is = |path: &[&str], text: &str| assert_eq!(told(&mut host, path), text, "{path:?}");
    is(&["groups", "nacked-count"], "2");
    let pending = "[[\"0-9\", \"\", 0, 1], [\"1-1\", \"\", 0, 5], [\"1-2\", \"c\", 1000, 6]]";
    is(&["groups", "pending"], pending);
    is(&["groups", "entries-read"], "_");
    is(&["groups", "consumers", "active-time"], "-1");
    is(&["idmp-duration"], "100");
    is(&["idmp-maxsize"], "7");
    is(&["pids-tracked"], "2");
    is(&["iids-tracked"], "2");
    is(&["iids-added"], "300");
    is(&["iids-duplicates"], "8");
    assert_eq!(dump(&mut host, "s"), payload);
    let twice = ask(&mut host, &[b"XADD", b"s", b"IDMP", b"p-1", b"5", b"*", b"a", b"b"]);
    assert_eq!(twice, Value::Bulk(b"0-9".to_vec()));
}

/// The value with the one place where `before` stands changed.
fn changed(before: &[u8], after: &[u8]) -> Vec<u8> {
    let mut value = newest();
    let mut places = (0..value.len()).filter(|&at| value[at..].starts_with(before));
    let (at, other) = (places.next().expect("it stands there"), places.next());
    assert_eq!(other, None, "{before:?} stands there twice");
    value.splice(at..at + before.len(), after.iter().copied());
    value
}

#[test]
fn what_contradicts_itself_is_refused() {
    let pending = |id: &[u8]| [b"\x01", id].concat();
    let both = [b"\x02", RAW_1_1, RAW_0_9].concat();
    let and_also = |id: &[u8]| [b"\x03", RAW_1_1, RAW_0_9, id].concat();
    let cases: [(&str, Vec<u8>); 24] = [
        ("a type that is no stream's", changed(b"\x1b\x01\x10", b"\x1a\x01\x10")),
        ("a future type", changed(b"\x1b\x01\x10", b"\x1c\x01\x10")),
        ("bytes left over", [newest(), vec![0]].concat()),
        ("a key that is no ID", changed(b"\x1b\x01\x10", b"\x1b\x01\x0f")),
        ("a listpack of another length", changed(b"\x1d\x1d\0", b"\x1d\x1c\0")),
        ("a listpack of other elements", changed(b"\x0a\0\x01", b"\x0b\0\x01")),
        ("an element of another length", changed(b"\x81a\x02", b"\x81a\x03")),
        ("an entry of another length", changed(b"\x81b\x02\x04", b"\x81b\x02\x05")),
        ("an entry with unknown flags", changed(b"\x02\x01\0\x01\0\x01", b"\x06\x01\0\x01\0\x01")),
        ("other living entries", changed(b"\0\x01\x01\0\x01\x01", b"\0\x02\x01\0\x01\x01")),
        ("names without an end", changed(b"\x81a\x02\0", b"\x81a\x02\x01")),
        ("another length", changed(b"\xff\x01\x01\x02\x01", b"\xff\x02\x01\x02\x01")),
        ("a last ID below the last entry", changed(b"\xff\x01\x01\x02\x01", b"\xff\x01\x01\0\x01")),
        (
            "records out of order",
            changed(&[b"\x03", RAW_0_9].concat(), &[b"\x03", RAW_1_1].concat()),
        ),
        ("a record of two consumers", changed(&both, &and_also(RAW_1_2))),
        ("a record that is given back twice", changed(&both, &and_also(RAW_0_9))),
        ("a record that is nobody's", changed(&both, &pending(RAW_1_1))),
        ("an ID without a record", changed(&pending(RAW_1_2), &pending(RAW_9_9))),
        ("a group twice", changed(b"\x01\x01g\x01\x02", &two_groups())),
        ("a producer twice", changed(b"p-2", b"p-1")),
        ("an idempotent ID twice", changed(b"\xc0\x05\x00\x09", b"\x02i1\x00\x09")),
        ("more idempotent IDs than are remembered", changed(b"\x40\x64\x07", b"\x40\x64\x01")),
        ("a compressed text that would fill the memory", changed(b"\x03p-2", BOMB)),
        ("a compressed text of another length", changed(b"\x03p-2", b"\xc3\x03\x03\x01ab")),
    ];
    let mut host = Host::new(Limits::default());
    for (what, value) in cases {
        assert_eq!(restore(&mut host, "s", &seal(value, 14)), error(WRONG_FORMAT), "{what}");
    }
    for version in [15, 79, 81, 0xffff] {
        let answer = restore(&mut host, "s", &seal(newest(), version));
        assert_eq!(answer, error(WRONG_CHECKSUM), "version {version}");
    }
    assert_eq!(restore(&mut host, "s", &seal(newest(), 80)), ok(), "Valkey's version");
}

/// A group `g` in front of another one.
fn two_groups() -> Vec<u8> {
    b"\x02\x01g\0\0\0\0\0\0\x01g\x01\x02".to_vec()
}

/// Three bytes that say they stand for 2^62.
const BOMB: &[u8] = b"\xc3\x03\x81\x40\0\0\0\0\0\0\0\0ab";

/// Dumps and restores a key in its place, if it is there.
fn renew(host: &mut Host, key: &str) -> bool {
    let Value::Bulk(payload) = ask(host, &[b"DUMP", key.as_bytes()]) else { return false };
    assert_eq!(ask(host, &[b"RESTORE", key.as_bytes(), b"0", &payload, b"REPLACE"]), ok());
    assert_eq!(dump(host, key), payload);
    true
}

/// A payload does not hold in which order entries were delivered within a millisecond, and CLAIM
/// follows that order.
fn is_claim(event: &Event) -> bool {
    let has_claim = |argv: &[Vec<u8>]| argv.iter().any(|word| word.eq_ignore_ascii_case(b"CLAIM"));
    matches!(event, Event::Send { argv, .. } if has_claim(argv))
}

/// A stream that has been dumped and restored is the one that was: whatever happens to it then, it
/// cannot be told from one that lived on, also when the engine is opened again.
#[test]
fn a_restored_stream_goes_on_as_if_it_had_lived() {
    let mut renewed = 0;
    for seed in 0..300 {
        let mut setting = Setting::of(seed);
        setting.protocol = Protocol::Resp2;
        let mut pair = Pair::new(&setting);
        let events = sequence::events(seed, 60);
        for (at, event) in events.iter().filter(|event| !is_claim(event)).enumerate() {
            pair.step(event).unwrap_or_else(|problem| panic!("seed {seed}, event {at}: {problem}"));
            // Who waits is told that the key went, and so waits at another place in the line.
            let waits = (0..4).any(|client| pair.host.parked(ClientId(client)));
            if at % 5 == 0 && !waits && *event != Event::Reopen {
                let before = sequence::observe_with_sight(&mut pair.host);
                renewed += ["s", "t"].into_iter().filter(|key| renew(&mut pair.host, key)).count();
                let after = sequence::observe_with_sight(&mut pair.host);
                let difference = sequence::difference(&before, &after);
                assert_eq!(difference, None, "seed {seed}, event {at}");
                pair.host.engine.check();
            }
        }
    }
    assert!(renewed > 1000, "{renewed} streams were restored");
}
