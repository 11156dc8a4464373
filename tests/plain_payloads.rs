//! DUMP and RESTORE of the values that keep streams company: payloads that Redis 7.0.15 and 8.2.3
//! wrote.

mod host;
mod resp;
mod scenario;

use eddyline::{ClientId, Limits};
use host::Host;
use resp::Value;

const CLIENT: ClientId = ClientId(1);

/// The payload, how to look at the value, and what there is to see.
const PAYLOADS: [(&str, &[&str], &str); 14] = [
    ("00c1c7cf0a0067eda236b4db26d0", &["GET", "k"], "\"-12345\""),
    ("000568656c6c6f0c00a804ebb69f1ebe43", &["GET", "k"], "\"hello\""),
    (
        "120102c3184058105800000004008161020101ded402e04662e03c000148ff0a000759561ce4248359",
        &["LPOP", "k", "3"],
        "[\"a\", \"1\", \"-300\"]",
    ),
    (
        "120102c3184058105800000004008161020101ded402e04662e03c000148ff0c00cc2f62dc1e0e1d10",
        &["LLEN", "k"],
        "4",
    ),
    (
        "0b14040000000300000090eefeff01000000020000000a005d9df7da2f43d06b",
        &["SMEMBERS", "k"],
        "[\"-70000\", \"1\", \"2\"]",
    ),
    ("0b0c0200000002000000feff01000c00d2184380ae6b271a", &["SMEMBERS", "k"], "[\"-2\", \"1\"]"),
    (
        "0b1808000000020000000100000000000000ffffffffffffff7f0c005f569163cc171be2",
        &["SMEMBERS", "k"],
        "[\"1\", \"9223372036854775807\"]",
    ),
    ("02030161c00101620a00d61e52caf553178a", &["SMEMBERS", "k"], "[\"a\", \"1\", \"b\"]"),
    (
        "140f0f00000003008161028162020101ff0c008c1256f2d0327aa4",
        &["SMEMBERS", "k"],
        "[\"a\", \"b\", \"1\"]",
    ),
    ("0202c003c3094041017a7ae03400017a7a0c0067b4d22dcf9a5048", &["SISMEMBER", "k", "3"], "1"),
    (
        "10c3172f0f2f000000040081610201018162029e78e01400011fff0a009cbe6daac1755618",
        &["HGETALL", "k"],
        "[\"a\", \"1\", \"b\", \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"]",
    ),
    (
        "04010166c3094041017979e034000179790a0021ef8f5990cf4fd0",
        &["HGET", "k", "f"],
        "\"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\"",
    ),
    ("00c30e412c0361626361e0ff02e115070162630c001921070e3a6e7f62", &["TYPE", "k"], "+\"string\""),
    ("04010166c3094041017979e034000179790a0021ef8f5990cf4fd0", &["TYPE", "k"], "+\"hash\""),
];

fn from_hex(text: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits");
    (0..text.len()).step_by(2).map(byte).collect()
}

fn restore(host: &mut Host, payload: &[u8]) -> Value {
    host.ask(CLIENT, &[b"RESTORE", &b"k"[..], b"0", payload, b"REPLACE"])
}

fn ok() -> Value {
    Value::Simple(b"OK".to_vec())
}

#[test]
fn every_form_of_a_value_is_read() {
    for (payload, look, seen) in PAYLOADS {
        let mut host = Host::new(Limits::default());
        assert_eq!(restore(&mut host, &from_hex(payload)), ok(), "{payload}");
        // What was restored is what is written and read again.
        let Value::Bulk(written) = host.ask(CLIENT, &["DUMP", "k"]) else { panic!("{payload}") };
        assert_eq!(restore(&mut host, &written), ok(), "{payload}");
        assert_eq!(host.ask(CLIENT, look).to_string(), seen, "{payload}");
        host.engine.check();
    }
}

fn seal(value: &[u8]) -> Vec<u8> {
    let value = [value, &[10, 0]].concat();
    let checksum = crc::Crc::<u64>::new(&crc::CRC_64_REDIS).checksum(&value);
    [&value[..], &checksum.to_le_bytes()].concat()
}

#[test]
fn what_cannot_be_a_value_is_refused() {
    let wrong: [(&str, &[u8]); 9] = [
        ("an empty list", b"\x01\0"),
        ("an empty set", b"\x02\0"),
        ("an empty hash", b"\x04\0"),
        ("a member twice", b"\x02\x02\x01a\x01a"),
        ("a name twice", b"\x04\x02\x01a\x01b\x01a\x01c"),
        ("a name without a value", b"\x10\x0a\x0a\0\0\0\x01\0\x81a\x02\xff"),
        ("integers of another width", b"\x0b\x0b\x03\0\0\0\x01\0\0\0\x01\0\0"),
        ("a node of another form", b"\x12\x01\x03\x01a"),
        ("bytes left over", b"\0\x01ab"),
    ];
    let mut host = Host::new(Limits::default());
    for (what, value) in wrong {
        let answer = restore(&mut host, &seal(value));
        assert_eq!(answer, Value::Error(b"ERR Bad data format".to_vec()), "{what}");
    }
    let sorted_set = from_hex("110c0c00000002008161020101ff0c006373fa782d83ad4b");
    let answer = restore(&mut host, &sorted_set).to_string();
    assert_eq!(answer, "-\"ERR Bad data format: a value of type 17 cannot be kept here\"");
    assert_eq!(host.ask(CLIENT, &["EXISTS", "k"]), Value::Int(0));
}

#[test]
fn a_value_has_its_bound_and_never_harms() {
    let mut host = Host::new(Limits { plain_bytes: 5, ..Limits::default() });
    assert_eq!(restore(&mut host, &seal(b"\0\x04abcd")), ok());
    let answer = restore(&mut host, &seal(b"\0\x05abcde"));
    assert!(matches!(answer, Value::Error(_)), "{answer}");
    let mut host = Host::new(Limits::default());
    for (payload, ..) in PAYLOADS {
        let payload = from_hex(payload);
        let value = &payload[..payload.len() - 10];
        for at in 0..value.len() {
            restore(&mut host, &seal(&value[..at]));
            for bit in 0..8 {
                let mut changed = value.to_vec();
                changed[at] ^= 1 << bit;
                restore(&mut host, &seal(&changed));
                host.engine.check();
            }
        }
    }
}
