//! Requests that rest because the replies before them are large: run on when the host asks.

use eddyline::{ClientId, Engine, Limits};

const ME: ClientId = ClientId(1);
const OTHER: ClientId = ClientId(2);

fn engine() -> Engine {
    Engine::new(Limits { turn_reply_bytes: 100, ..Limits::default() })
}

#[test]
fn a_pipeline_is_answered_in_as_many_turns_as_its_replies_take() {
    let mut engine = engine();
    let pipeline: String = (1..=50).map(|i| format!("ECHO {i:020}\r\n")).collect();
    let mut turn = engine.turn(0, ME, pipeline.as_bytes());
    let mut replies = turn.reply.clone();
    let mut turns = 1;
    while turn.unfinished {
        assert!(turn.reply.len() < 200, "one reply more than fits, and no second");
        turn = engine.turn(0, ME, b"");
        replies.extend_from_slice(&turn.reply);
        turns += 1;
    }
    let expected: String = (1..=50).map(|i| format!("$20\r\n{i:020}\r\n")).collect();
    assert_eq!(String::from_utf8_lossy(&replies), expected);
    assert_eq!(turns, 13, "four replies of 27 bytes in each");
    engine.check();
}

#[test]
fn what_comes_meanwhile_is_run_behind_it() {
    let mut engine = engine();
    let turn = engine.turn(0, ME, format!("ECHO {:0200}\r\nXLEN s\r\n", 1).as_bytes());
    assert!(turn.unfinished);
    let _ = engine.turn(0, OTHER, b"XADD s 1-1 a 1\r\n");
    let turn = engine.turn(0, ME, b"XADD s 1-2 a 1\r\n");
    assert_eq!((turn.reply.as_slice(), turn.unfinished), (&b":1\r\n$3\r\n1-2\r\n"[..], false));
}

#[test]
fn a_client_whose_wait_is_over_rests_as_well() {
    let mut engine = engine();
    let turn = engine.turn(0, ME, b"XREAD BLOCK 0 STREAMS s $\r\nXLEN s\r\n");
    assert!(turn.parked && !turn.unfinished);
    let turn = engine.turn(0, OTHER, format!("XADD s 1-1 a {:0200}\r\n", 1).as_bytes());
    assert!(turn.wakes[0].unfinished && !turn.unfinished);
    assert_eq!(engine.turn(0, ME, b"").reply, b":1\r\n");
}
