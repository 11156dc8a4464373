//! What INFO counts of commands that are refused, and of those that wait.

use eddyline::{ClientId, Engine, Limits};

const CLIENT: ClientId = ClientId(1);
const WAITING: ClientId = ClientId(2);

/// Whether INFO tells this of the commands.
fn tells(engine: &mut Engine, line: &str) -> bool {
    let turn = engine.turn(100, CLIENT, b"INFO commandstats errorstats\r\n");
    String::from_utf8_lossy(&turn.reply).contains(line)
}

#[test]
fn a_command_with_too_few_words_is_counted_as_refused() {
    let mut engine = Engine::new(Limits::default());
    let _ = engine.turn(100, CLIENT, b"XLEN\r\nXGROUP CREATE s\r\n");
    let refused = "usec=0,usec_per_call=0.00,rejected_calls=1,failed_calls=0";
    assert!(tells(&mut engine, &format!("cmdstat_xlen:calls=0,{refused}")));
    assert!(tells(&mut engine, &format!("cmdstat_xgroup|create:calls=0,{refused}")));
    assert!(tells(&mut engine, "errorstat_ERR:count=2"));
}

#[test]
fn a_command_that_waits_is_counted_when_it_is_over() {
    let mut engine = Engine::new(Limits::default());
    let _ = engine.turn(100, CLIENT, b"XGROUP CREATE s g $ MKSTREAM\r\n");
    let _ = engine.turn(100, WAITING, b"XREADGROUP GROUP g a BLOCK 0 STREAMS s >\r\n");
    assert!(!tells(&mut engine, "cmdstat_xreadgroup"));
    let _ = engine.turn(100, CLIENT, b"DEL s\r\n");
    assert!(tells(&mut engine, "cmdstat_xreadgroup:calls=1"));
    assert!(tells(&mut engine, "rejected_calls=0,failed_calls=1"));
    assert!(tells(&mut engine, "errorstat_NOGROUP:count=1"));
}
