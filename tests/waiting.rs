//! What a client sends while it waits: kept, and run as soon as the wait is over.

use eddyline::{ClientId, Engine, Limits};

const OTHER: ClientId = ClientId(1);
const WAITING: ClientId = ClientId(2);

/// An engine in which `WAITING` waits for `read` at 100 ms and has sent XLEN meanwhile.
fn waits(prepare: &str, read: &str) -> Engine {
    let mut engine = Engine::new(Limits::default());
    let _ = engine.turn(50, OTHER, prepare.as_bytes());
    let turn = engine.turn(100, WAITING, format!("{read}\r\nXLEN s\r\n").as_bytes());
    assert!(turn.parked && turn.reply.is_empty());
    engine
}

#[test]
fn it_is_run_when_an_overdue_entry_ends_the_wait() {
    let prepare = "XADD s 1-1 f v\r\nXGROUP CREATE s g 0\r\nXREADGROUP GROUP g a STREAMS s >\r\n";
    let read = "XREADGROUP GROUP g b BLOCK 900 CLAIM 60 STREAMS s >";
    let mut engine = waits(prepare, read);
    let turn = engine.tick(110);
    assert_eq!(turn.wakes.len(), 1);
    assert!(turn.wakes[0].reply.ends_with(b":60\r\n:1\r\n:1\r\n"), "idle, deliveries, XLEN");
    assert_eq!(turn.deadline_ms, None);
}

#[test]
fn it_is_run_when_the_last_command_of_a_client_that_leaves_ends_the_wait() {
    let mut engine = waits("PING\r\n", "XREAD BLOCK 0 STREAMS s $");
    let turn = engine.turn(110, OTHER, b"XADD s 1-1 f v\r\nXREAD BLOCK 0 STREAMS other $\r\n");
    assert!(turn.parked);
    assert!(turn.wakes[0].reply.ends_with(b":1\r\n"));
}

#[test]
fn it_is_run_when_the_time_is_over() {
    let mut engine = waits("PING\r\n", "XREAD BLOCK 20 STREAMS s $");
    assert_eq!(engine.tick(120).wakes[0].reply, b"*-1\r\n:0\r\n");
}

#[test]
fn no_more_clients_wait_than_may() {
    let mut engine = Engine::new(Limits { waiters: 2, ..Limits::default() });
    let read = b"XREAD BLOCK 0 STREAMS s $\r\n";
    assert!(engine.turn(1, ClientId(1), read).parked && engine.turn(1, ClientId(2), read).parked);
    let turn = engine.turn(1, ClientId(3), read);
    assert_eq!(
        (turn.parked, turn.reply.as_slice()),
        (false, &b"-ERR too many blocked clients\r\n"[..])
    );
    let _ = engine.disconnect(2, ClientId(1));
    assert!(engine.turn(2, ClientId(3), read).parked);
}

#[test]
fn an_entry_that_a_claim_makes_due_earlier_ends_the_wait_then() {
    let waits = || {
        let mut engine = Engine::new(Limits::default());
        let prepare =
            b"XADD s 1-1 f v\r\nXGROUP CREATE s g 0\r\nXREADGROUP GROUP g a STREAMS s >\r\n";
        let _ = engine.turn(10_050, OTHER, prepare);
        let read = b"XREADGROUP GROUP g b BLOCK 5000 CLAIM 1000 STREAMS s >\r\n";
        let turn = engine.turn(10_100, WAITING, read);
        assert!(turn.parked);
        assert_eq!(turn.deadline_ms, Some(11_050));
        engine
    };
    // As if it had been idle for 700 ms.
    let mut engine = waits();
    let turn = engine.turn(10_150, OTHER, b"XCLAIM s g a 0 1-1 IDLE 700\r\n");
    assert!(turn.wakes.is_empty());
    assert_eq!(turn.deadline_ms, Some(10_450));
    let turn = engine.tick(10_450);
    assert_eq!(turn.wakes.len(), 1);
    assert!(turn.wakes[0].reply.ends_with(b":1000\r\n:2\r\n"), "idle, deliveries");
    // One that is due at once ends it at once.
    let mut engine = waits();
    let turn = engine.turn(10_150, OTHER, b"XCLAIM s g a 0 1-1 IDLE 2000\r\n");
    assert_eq!(turn.wakes.len(), 1);
    assert!(turn.wakes[0].reply.ends_with(b":2000\r\n:2\r\n"), "idle, deliveries");
    engine.check();
}
