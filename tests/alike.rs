//! Segments and pages that look alike: where they lie in each other's place that is noticed, by
//! whoever reads them, and repaired.

mod host;
mod resp;
mod scenario;

use eddyline::{BlobKey, ClientId, Engine, Limits};
use host::{Host, START_MS, Storage};

const CLIENT: ClientId = ClientId(1);

/// Two streams that differ in one value, whose groups differ in a count of deliveries.
fn stored() -> Storage {
    let mut host = Host::new(Limits::default());
    for (key, value, count) in [("a", "one", "3"), ("b", "two", "4")] {
        for ms in ["1-0", "2-0", "3-0"] {
            let _ = host.ask(CLIENT, &["XADD", key, ms, "f", value]);
        }
        let _ = host.ask(CLIENT, &["XGROUP", "CREATE", key, "g", "0"]);
        let _ = host.ask(CLIENT, &["XREADGROUP", "GROUP", "g", "c", "STREAMS", key, ">"]);
        let claim = ["XCLAIM", key, "g", "c", "0", "2-0", "RETRYCOUNT", count];
        let _ = host.ask(CLIENT, &claim);
    }
    host.checkpoint();
    assert!(host.storage.journal.is_empty());
    host.storage
}

fn swapped(storage: &Storage, one: BlobKey, other: BlobKey) -> Storage {
    let mut storage = storage.clone();
    let (first, second) = (storage.blobs[&one].clone(), storage.blobs[&other].clone());
    assert_ne!(first, second);
    storage.blobs.extend([(one, second), (other, first)]);
    storage
}

fn segments() -> (BlobKey, BlobKey) {
    let of = |stream| BlobKey::Segment { stream, segment: 0 };
    (of(0), of(1))
}

fn pages() -> (BlobKey, BlobKey) {
    let of = |stream| BlobKey::Page { stream, page: 0 };
    (of(0), of(1))
}

/// What the first of the blobs that commands need is refused with; `None`: it is not.
fn refusal(storage: &Storage, commands: &str) -> Option<String> {
    let mut engine = Engine::restore(Limits::default(), storage.stored()).expect("it opens");
    let mut turn = engine.turn(START_MS, CLIENT, commands.as_bytes());
    assert!(!turn.need.is_empty(), "{commands} needs something");
    while let Some(at) = turn.need.pop() {
        if let Err(error) = engine.supply(at, &storage.blobs[&at]) {
            return Some(error.to_string());
        }
        if turn.need.is_empty() {
            turn = engine.tick(START_MS);
        }
    }
    None
}

#[test]
fn segments_in_each_others_place_are_refused() {
    let whole = stored();
    let (one, other) = segments();
    let damaged = swapped(&whole, one, other);
    for commands in [
        "XRANGE a - +\r\n",
        "EDDYLINE EXPORT b\r\nEDDYLINE READ\r\nEDDYLINE READ\r\nEDDYLINE READ\r\nEDDYLINE READ\r\n",
    ] {
        let said = refusal(&damaged, commands).unwrap_or_else(|| panic!("{commands} is served"));
        assert!(
            said.contains("segment 0 of stream") && said.contains("not the one that its index"),
            "{said}"
        );
        assert_eq!(refusal(&whole, commands), None);
    }
}

#[test]
fn pages_in_each_others_place_are_refused() {
    let whole = stored();
    let (one, other) = pages();
    let damaged = swapped(&whole, one, other);
    for commands in [
        "XPENDING a g - + 10\r\n",
        "EDDYLINE EXPORT b\r\nEDDYLINE READ\r\nEDDYLINE READ\r\nEDDYLINE READ\r\n",
    ] {
        let said = refusal(&damaged, commands).unwrap_or_else(|| panic!("{commands} is served"));
        assert!(
            said.contains("pending page 0 of stream")
                && said.contains("not the one that its index"),
            "{said}"
        );
        assert_eq!(refusal(&whole, commands), None);
    }
}

#[test]
fn a_repair_puts_them_back() {
    let whole = stored();
    for (one, other) in [segments(), pages()] {
        let damaged = swapped(&whole, one, other);
        let salvaged = damaged.salvaged();
        let said: Vec<String> = salvaged.losses.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said.iter().all(|loss| loss.contains("nothing of it is lost")), "{said:?}");
        let repaired = damaged.repaired(&salvaged);
        assert_eq!(repaired.blobs[&one], whole.blobs[&one]);
        assert_eq!(repaired.blobs[&other], whole.blobs[&other]);
    }
}

/// A stream keeps its number when its key gets another name, and a copy gets blobs of its own.
#[test]
fn keys_that_moved_are_read_where_they_went() {
    let mut host = Host::restore(Limits::default(), stored(), START_MS);
    for command in ["RENAME a renamed", "COPY b copied", "MOVE b 3"] {
        let _ = host.ask(CLIENT, &command.split(' ').collect::<Vec<_>>());
    }
    host.checkpoint();
    let mut host = Host::restore(Limits::default(), host.storage, START_MS);
    let said = |host: &mut Host, key: &str| {
        let entries = host.ask(CLIENT, &["XRANGE", key, "-", "+"]);
        let pending = host.ask(CLIENT, &["XPENDING", key, "g", "-", "+", "10"]);
        format!("{entries} {pending}")
    };
    assert!(said(&mut host, "renamed").contains("one"));
    let copied = said(&mut host, "copied");
    assert!(copied.contains("two"));
    let _ = host.ask(CLIENT, &["SELECT", "3"]);
    assert_eq!(said(&mut host, "b"), copied);
    host.engine.check();
}
