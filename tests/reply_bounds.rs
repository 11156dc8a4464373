//! What a client is told at once is bounded where a host has little memory.

use eddyline::{ClientId, Engine, Limits};

const CLIENT: ClientId = ClientId(1);
const REFUSED: &[u8] = b"-ERR the reply would exceed the engine's bound; ask for fewer\r\n";

/// An engine that tells 20,000 bytes at once, with a stream of far more in many segments.
fn engine() -> Engine {
    let limits = Limits { reply_bytes: 20_000, segment_bytes: 2000, ..Limits::default() };
    let mut engine = Engine::new(limits);
    let _ = engine.turn(1, CLIENT, b"XGROUP CREATE s g 0 MKSTREAM\r\n");
    for n in 1..=1000 {
        let request = format!("XADD s {n}-1 f {n:050}\r\n");
        let _ = engine.turn(1, CLIENT, request.as_bytes());
    }
    engine
}

fn told(engine: &mut Engine, request: &str) -> Vec<u8> {
    engine.turn(2, CLIENT, format!("{request}\r\n").as_bytes()).reply
}

#[test]
fn a_read_of_too_much_is_refused_before_anything_is_loaded_or_delivered() {
    let mut engine = engine();
    let _ = engine.checkpoint();
    engine.evict_to(0);
    for request in [
        "XRANGE s - +",
        "XRANGE s 5 + COUNT 900",
        "XREVRANGE s + -",
        "XREAD STREAMS s 0",
        "XREADGROUP GROUP g c STREAMS s >",
        "XINFO STREAM s FULL COUNT 0",
        "DUMP s",
    ] {
        let turn = engine.turn(2, CLIENT, format!("{request}\r\n").as_bytes());
        assert_eq!((turn.reply.as_slice(), turn.need.len()), (REFUSED, 0), "{request}");
    }
    let pending = told(&mut engine, "XPENDING s g");
    assert!(pending.starts_with(b"*4\r\n:0\r\n"), "nothing was delivered");
}

#[test]
fn who_asks_for_fewer_gets_them() {
    let mut engine = engine();
    for request in [
        "XRANGE s - + COUNT 100",
        "XRANGE s 990 +",
        "XREVRANGE s + - COUNT 100",
        "XREAD MAXSIZE 5000 STREAMS s 0",
        "XREADGROUP GROUP g c COUNT 50 STREAMS s >",
        "XREADGROUP GROUP g c MAXSIZE 5000 STREAMS s >",
    ] {
        let reply = told(&mut engine, request);
        assert!(reply.starts_with(b"*") && reply.len() < 20_000, "{request}: {}", reply.len());
    }
}

#[test]
fn a_pipeline_is_told_no_more_once_it_was_told_much() {
    let mut engine = engine();
    let reads = "XRANGE s - + COUNT 100\r\n".repeat(10) + "SET k v\r\n";
    let reply = engine.turn(2, CLIENT, reads.as_bytes()).reply;
    assert!(reply.len() < 40_000 && reply.ends_with(REFUSED));
    assert_eq!(told(&mut engine, "EXISTS k"), b":0\r\n", "what is refused is not run");
}
