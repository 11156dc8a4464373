//! A session that goes on in another engine: what its subscriptions and its wait are there.

use eddyline::{ClientId, Engine, Limits, Resumption};

const CLIENT: ClientId = ClientId(7);
const OTHER: ClientId = ClientId(8);

fn engine() -> Engine {
    Engine::new(Limits { key_changes: true, ..Limits::default() })
}

/// A session in which these lines were sent at 100 ms.
fn session(engine: &mut Engine, lines: &str) -> Resumption {
    let _ = engine.turn(100, CLIENT, lines.as_bytes());
    engine.resumption(CLIENT).expect("the session is between two requests")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the tests send text only")
}

/// What becomes of a session in an engine in which the same keys are.
fn resumed(prepare: &str, lines: &str) -> (Engine, Resumption) {
    let (mut one, mut other) = (engine(), engine());
    for engine in [&mut one, &mut other] {
        let _ = engine.turn(50, OTHER, prepare.as_bytes());
    }
    let left = session(&mut one, lines);
    let turn = other.resume_session(200, CLIENT, &left);
    assert!(turn.reply.is_empty(), "{}", text(&turn.reply));
    assert_eq!(other.resumption(CLIENT).as_ref(), Some(&left), "nothing gets lost on the way");
    other.check();
    (other, left)
}

#[test]
fn a_read_from_the_end_waits_for_what_comes_behind_the_end_that_it_saw() {
    let mut one = engine();
    let _ = one.turn(50, OTHER, b"XADD s 1-1 f v\r\n");
    let left = session(&mut one, "XREAD COUNT 3 MAXCOUNT 4 MAXSIZE 99 BLOCK 0 STREAMS s t $ $\r\n");
    assert!(text(&left.wait).contains("$3\r\n1-1\r\n$3\r\n0-0\r\n"), "{}", text(&left.wait));
    // Meanwhile there has been another entry, where nobody waited.
    let mut other = engine();
    let _ = other.turn(60, OTHER, b"XADD s 1-1 f v\r\nXADD s 1-2 f v\r\n");
    let turn = other.resume_session(200, CLIENT, &left);
    assert!(!turn.parked && text(&turn.reply).contains("1-2"));
}

#[test]
fn a_deadline_stays_where_it_was() {
    let (mut engine, left) = resumed("PING\r\n", "XREAD BLOCK 500 STREAMS s $\r\n");
    assert_eq!(left.deadline_ms, Some(600));
    assert!(engine.tick(599).wakes.is_empty());
    assert_eq!(engine.tick(600).wakes[0].reply, b"*-1\r\n");
}

#[test]
fn a_group_read_keeps_its_options() {
    let prepare = "XGROUP CREATE s g 0 MKSTREAM\r\n";
    let read = "XREADGROUP GROUP g c COUNT 1 BLOCK 0 NOACK CLAIM 9 STREAMS s >\r\n";
    let (mut engine, left) = resumed(prepare, &format!("HELLO 3\r\n{read}"));
    for word in ["COUNT", "NOACK", "CLAIM", "\r\n9\r\n"] {
        assert!(text(&left.wait).contains(word), "{word}");
    }
    let turn = engine.turn(300, OTHER, b"XADD s 5-1 f v\r\nXPENDING s g\r\n");
    assert!(turn.wakes[0].reply.starts_with(b"%1\r\n"), "in RESP3");
    assert!(text(&turn.reply).ends_with("*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n"), "NOACK");
}

#[test]
fn a_pop_waits_on() {
    let (mut engine, _) = resumed("PING\r\n", "BRPOP a b 0.5\r\n");
    let turn = engine.turn(300, OTHER, b"RPUSH b x y\r\n");
    assert_eq!(text(&turn.wakes[0].reply), "*2\r\n$1\r\nb\r\n$1\r\ny\r\n");
}

#[test]
fn subscriptions_go_on() {
    let (mut engine, _) =
        resumed("PING\r\n", "SUBSCRIBE a b\r\nPSUBSCRIBE c*\r\nUNSUBSCRIBE a\r\n");
    let turn = engine.turn(300, OTHER, b"PUBLISH a 1\r\nPUBLISH b 2\r\nPUBLISH cc 3\r\n");
    assert_eq!(turn.reply, b":0\r\n:1\r\n:1\r\n");
}

#[test]
fn what_is_in_the_middle_cannot_be_told() {
    let waiting = "XREAD BLOCK 0 STREAMS s $\r\nPING\r\n";
    for line in ["MULTI\r\n", "WATCH k\r\n", "XLEN", waiting, "EDDYLINE IMPORT\r\n"] {
        let mut engine = engine();
        let _ = engine.turn(100, CLIENT, line.as_bytes());
        assert_eq!(engine.resumption(CLIENT), None, "{line}");
    }
}

/// What the engine says of keys after these lines.
fn changes(engine: &mut Engine, lines: &str) -> Vec<(String, Option<&'static str>)> {
    let _ = engine.turn(100, OTHER, lines.as_bytes());
    let changes = engine.take_key_changes().into_iter();
    let mut changes: Vec<_> = changes.map(|(name, kind)| (text(&name), kind)).collect();
    changes.sort();
    changes
}

#[test]
fn keys_that_come_and_go_are_told_once() {
    let mut engine = engine();
    let gone = |name: &str| (name.to_string(), None);
    let there = |name: &str, kind| (name.to_string(), Some(kind));
    let is = |found, wanted: &[_]| assert_eq!(found, wanted);
    is(changes(&mut engine, "XADD a * f v\r\nXADD a * f v\r\n"), &[there("a", "stream")]);
    is(changes(&mut engine, "XADD a * f v\r\nXTRIM a MAXLEN 0\r\n"), &[]);
    is(changes(&mut engine, "SET b 1\r\nDEL b\r\n"), &[]);
    is(
        changes(&mut engine, "RENAME a c\r\nSET d 1\r\n"),
        &[gone("a"), there("c", "stream"), there("d", "string")],
    );
    is(
        changes(&mut engine, "DEL d\r\nRPUSH d 1\r\nCOPY c e\r\n"),
        &[there("d", "list"), there("e", "stream")],
    );
    is(changes(&mut engine, "PEXPIRE e 50\r\n"), &[]);
    assert_eq!(engine.next_expiry_ms(), Some(150));
    let _ = engine.tick(150);
    is(changes(&mut engine, "PING\r\n"), &[gone("e")]);
    is(changes(&mut engine, "SELECT 1\r\nSET c 1\r\nSET x 1\r\n"), &[]);
    is(
        changes(&mut engine, "SWAPDB 0 1\r\n"),
        &[there("c", "string"), gone("d"), there("x", "string")],
    );
    is(changes(&mut engine, "FLUSHALL\r\n"), &[gone("c"), gone("x")]);
}
