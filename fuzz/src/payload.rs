//! The payload of RESTORE: what is taken in is sound, and comes out as it went in.

use crc::{CRC_64_REDIS, Crc};
use eddyline::{ClientId, Engine, Limits};

const CRC: Crc<u64> = Crc::<u64>::new(&CRC_64_REDIS);
const RDB_VERSION: u16 = 12;
const CLIENT: ClientId = ClientId(1);

/// The bytes are a payload without its trailer, a type and a value: with a right trailer they get
/// past the check that else nothing passes.
///
/// # Panics
/// When an invariant is broken, or what was restored is dumped as something else.
pub fn restore(data: &[u8]) {
    let mut engine = Engine::new(Limits::default());
    let mut payload = data.to_vec();
    payload.extend(RDB_VERSION.to_le_bytes());
    payload.extend(CRC.checksum(&payload).to_le_bytes());
    let reply = ask(&mut engine, &[b"RESTORE", b"k", b"0", &payload]);
    if reply != b"+OK\r\n" {
        assert!(reply.starts_with(b"-"), "RESTORE says OK or what is wrong");
        return;
    }
    let first = dumped(&mut engine, b"k");
    assert_eq!(ask(&mut engine, &[b"RESTORE", b"again", b"0", &first]), b"+OK\r\n");
    assert_eq!(first, dumped(&mut engine, b"again"), "what was restored is dumped as it was");
}

fn dumped(engine: &mut Engine, key: &[u8]) -> Vec<u8> {
    let reply = ask(engine, &[b"DUMP", key]);
    let end = reply.iter().position(|&byte| byte == b'\n').expect("a bulk string has a header");
    reply[end + 1..reply.len() - 2].to_vec()
}

fn ask(engine: &mut Engine, argv: &[&[u8]]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", argv.len()).into_bytes();
    for word in argv {
        bytes.extend(format!("${}\r\n", word.len()).into_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    let turn = engine.turn(1000, CLIENT, &bytes);
    engine.check();
    turn.reply
}
