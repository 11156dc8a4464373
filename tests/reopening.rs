//! Opening an engine from storage, step by step: small named cases beside the laws.

mod host;
mod resp;
mod scenario;

use eddyline::{BlobKey, ClientId, Engine, Limits, Stored};
use host::{Host, START_MS};

const CLIENT: ClientId = ClientId(1);

/// An engine whose journal appends to a segment that is in storage, with that segment's bytes.
fn opened_with_its_tail_away() -> (Engine, BlobKey, Vec<u8>) {
    let mut lived = Engine::new(Limits::default());
    let _ = lived.turn(1, CLIENT, b"XADD s 1-1 f v\r\n");
    let checkpoint = lived.checkpoint();
    let after = lived.turn(2, CLIENT, b"XADD s 2-1 f v\r\n");
    let is_segment = |key: &BlobKey| matches!(key, BlobKey::Segment { .. });
    let (segments, blobs) = checkpoint.put.into_iter().partition(|(key, _)| is_segment(key));
    let segments: Vec<(BlobKey, Vec<u8>)> = segments;
    let [(at, bytes)] = segments.as_slice() else { panic!("one segment") };
    let stored = Stored { blobs, journal: vec![after.journal] };
    let opened = Engine::restore(Limits::default(), stored).expect("sound storage");
    (opened, *at, bytes.clone())
}

#[test]
fn nothing_runs_before_the_journal_is_replayed() {
    let (mut engine, at, bytes) = opened_with_its_tail_away();
    let turn = engine.turn(3, CLIENT, b"XLEN s\r\n");
    assert_eq!((turn.reply.as_slice(), turn.need.as_slice()), (&b""[..], &[at][..]));
    engine.supply(at, &bytes).expect("its bytes");
    let turn = engine.tick(3);
    assert_eq!(turn.wakes[0].reply, b":2\r\n");
}

/// What a session is does not wait for the replay, and what it waits for is not forgotten over it.
#[test]
fn a_session_goes_on_before_the_journal_is_replayed() {
    let mut other = Engine::new(Limits::default());
    let _ = other.turn(1, CLIENT, b"XADD s 2-1 f v\r\n");
    let _ = other.turn(1, CLIENT, b"HELLO 3\r\nSUBSCRIBE c\r\nXREAD BLOCK 500 STREAMS s $\r\n");
    let left = other.resumption(CLIENT).expect("it waits");
    let (mut engine, at, bytes) = opened_with_its_tail_away();
    let turn = engine.resume_session(3, CLIENT, &left);
    assert_eq!((turn.reply.as_slice(), turn.parked, turn.need.len()), (&b""[..], false, 1));
    engine.supply(at, &bytes).expect("its bytes");
    let turn = engine.tick(3);
    assert_eq!(turn.deadline_ms, Some(501));
    let [wake] = turn.wakes.as_slice() else { panic!("the host is told that it waits") };
    assert!(wake.parked && wake.reply.is_empty());
    assert_eq!(engine.resumption(CLIENT), Some(left));
    engine.check();
    let turn = engine.turn(4, ClientId(2), b"XADD s 3-1 f v\r\n");
    assert!(turn.wakes[0].reply.starts_with(b"%1\r\n"), "in RESP3");
}

/// A checkpoint that cut the journal here would lose what is not replayed yet.
#[test]
fn a_checkpoint_before_the_journal_is_replayed_cuts_nothing() {
    let (mut engine, at, bytes) = opened_with_its_tail_away();
    let checkpoint = engine.checkpoint();
    assert_eq!((checkpoint.put.len(), checkpoint.delete.len()), (0, 0));
    assert_eq!(checkpoint.journal_start, 1, "the batch of the second entry is still needed");
    engine.supply(at, &bytes).expect("its bytes");
    assert_eq!(engine.checkpoint().journal_start, 2);
    engine.check();
}

#[test]
fn what_producers_sent_is_remembered_over_a_reopening() {
    let send = b"XADD s IDMP p again * f v\r\n";
    let mut lived = Engine::new(Limits::default());
    let first = lived.turn(1_000_000, CLIENT, send);
    let journal = Stored { blobs: Vec::new(), journal: vec![first.journal] };
    let checkpoint = Stored { blobs: lived.checkpoint().put, journal: Vec::new() };
    for stored in [journal, checkpoint] {
        let mut opened = Engine::restore(Limits::default(), stored).expect("sound storage");
        assert_eq!(opened.turn(1_000_500, CLIENT, send).reply, first.reply);
        assert_eq!(opened.turn(1_000_500, CLIENT, b"XLEN s\r\n").reply, b":1\r\n");
        opened.check();
    }
}

#[test]
fn what_producers_sent_is_forgotten_in_time() {
    let send = b"XADD s IDMP p again * f v\r\n";
    let mut engine = Engine::new(Limits::default());
    let first = engine.turn(1_000_000, CLIENT, send);
    assert_eq!(engine.turn(1_099_999, CLIENT, send).reply, first.reply);
    assert_ne!(engine.turn(1_101_000, CLIENT, send).reply, first.reply);
    engine.check();
}

/// A machine's clock may be behind what it was before: nothing that is pending is passed over then.
#[test]
fn pending_entries_are_listed_by_a_clock_that_went_back() {
    let mut lived = Engine::new(Limits::default());
    let requests = b"XGROUP CREATE s g 0 MKSTREAM\r\nXADD s 1-1 f v\r\n\
        XREADGROUP GROUP g c STREAMS s >\r\n";
    let journal = lived.turn(1_000_000, CLIENT, requests).journal;
    let stored = Stored { blobs: Vec::new(), journal: vec![journal] };
    let mut opened = Engine::restore(Limits::default(), stored).expect("sound storage");
    let listed = opened.turn(0, CLIENT, b"XPENDING s g - + 10\r\n").reply;
    assert_eq!(listed, b"*1\r\n*4\r\n$3\r\n1-1\r\n$1\r\nc\r\n:0\r\n:1\r\n");
}

#[test]
fn what_follows_a_flush_in_its_batch_is_there_again() {
    let mut host = Host::new(Limits::default());
    let _ = host.ask(CLIENT, &["XADD", "s", "5-1", "f", "before"]);
    let _ = host.ask(CLIENT, &["SET", "t", "before"]);
    host.checkpoint();
    // One pipeline is one batch.
    let pipeline =
        "FLUSHDB\r\nXADD s 1-1 f after\r\nFLUSHALL\r\nXADD s 2-1 f last\r\nSET t last\r\n";
    host.send_bytes(CLIENT, pipeline.as_bytes());
    for checkpointed in [false, true] {
        if checkpointed {
            host.checkpoint();
        }
        let mut again = Host::restore(Limits::default(), host.storage.clone(), START_MS);
        again.engine.check();
        let entries = again.ask(CLIENT, &["XRANGE", "s", "-", "+"]).to_string();
        assert!(entries.contains("2-1") && entries.contains("last"), "{entries}");
        assert!(!entries.contains("1-1"), "{entries}");
        assert_eq!(again.ask(CLIENT, &["GET", "t"]).to_string(), "\"last\"");
        assert_eq!(again.ask(CLIENT, &["DBSIZE"]).to_string(), "2");
    }
    assert_eq!(host.storage.blobs.keys().filter(|key| key.is_cold()).count(), 1);
}

#[test]
fn a_stream_larger_than_an_argument_may_be_is_not_dumped() {
    let limits = Limits { argument_bytes: 4000, ..Limits::default() };
    let mut host = Host::new(limits.clone());
    for n in 1..=1500u64 {
        let value = format!("a value like no other {}", n * 7919 * 7919 % 1_000_003);
        let _ = host.ask(CLIENT, &["XADD", "s", &format!("{n}-0"), "f", &value]);
        if n == 20 {
            let dump = host.ask(CLIENT, &["DUMP", "s"]).to_string();
            assert!(!dump.starts_with("-ERR"), "{dump}");
        }
    }
    host.checkpoint();
    let mut host = Host::restore(limits, host.storage, START_MS);
    let refusal = host.ask(CLIENT, &["DUMP", "s"]).to_string();
    assert!(
        refusal.contains("larger than proto-max-bulk-len (4000 bytes); EDDYLINE EXPORT"),
        "{refusal}"
    );
    assert_eq!(host.supplied, 0, "nothing is loaded for a refusal");
}
