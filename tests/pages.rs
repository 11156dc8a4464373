//! What a command costs on pending entries that lie in storage: it loads the pages it needs and no
//! more. Each case begins with an engine that has just been opened.

mod host;
mod resp;
mod scenario;

use eddyline::{BlobKey, ClientId, Engine, Limits};
use host::{Host, START_MS, Storage};
use resp::Value;

const CLIENT: ClientId = ClientId(1);
const PAGE_RECORDS: u64 = 5;
const PAGES: u64 = 8;

fn limits() -> Limits {
    let pending_page_records = PAGE_RECORDS as usize;
    Limits { pending_page_records, ..Limits::default() }
}

/// Entries `1-0` to `40-0`, eight pages of which consumers `a` and `b` have every other; page `n`
/// was delivered at `START_MS + 1000 * n`. A second group has all in one read. Entries from `41-0`
/// on are unread.
fn stored() -> Storage {
    let mut host = Host::new(limits());
    for ms in 1..=PAGES * PAGE_RECORDS + 20 {
        let _ = host.ask(CLIENT, &["XADD", "s", &format!("{ms}-0"), "f", "v"]);
    }
    let _ = host.ask(CLIENT, &["XGROUP", "CREATE", "s", "g", "0"]);
    let _ = host.ask(CLIENT, &["XGROUP", "CREATE", "s", "other", "0"]);
    for page in 0..PAGES {
        host.now_ms = START_MS + 1000 * page;
        let consumer = if page % 2 == 0 { "a" } else { "b" };
        let count = PAGE_RECORDS.to_string();
        let read = ["XREADGROUP", "GROUP", "g", consumer, "COUNT", &count, "STREAMS", "s", ">"];
        let _ = host.ask(CLIENT, &read);
    }
    let read = ["XREADGROUP", "GROUP", "other", "c", "COUNT", "40", "STREAMS", "s", ">"];
    let _ = host.ask(CLIENT, &read);
    host.checkpoint();
    assert!(host.storage.journal.is_empty());
    host.storage
}

/// How many pages are loaded for the last of these commands.
fn pages_for(storage: &Storage, lines: &[&str]) -> usize {
    let now_ms = START_MS + 1000 * PAGES;
    let mut host = Host::restore(limits(), storage.clone(), now_ms);
    let mut before = 0;
    for line in lines {
        before = host.pages_supplied;
        let _ = host.ask(CLIENT, &line.split(' ').collect::<Vec<_>>());
        host.engine.check();
    }
    host.pages_supplied - before
}

#[test]
fn a_command_loads_the_pages_it_needs() {
    let storage = stored();
    let pages = |key: &&BlobKey| matches!(key, BlobKey::Page { .. });
    assert_eq!(storage.blobs.keys().filter(pages).count() as u64, 2 * PAGES);
    let all = PAGES as usize;
    let cases: [(usize, &[&str]); 38] = [
        // What the heads know.
        (0, &["XPENDING s g"]),
        (0, &["XINFO GROUPS s"]),
        (0, &["XINFO CONSUMERS s g"]),
        (0, &["XINFO STREAM s"]),
        (0, &["XGROUP DESTROY s g"]),
        (0, &["XGROUP CREATECONSUMER s g c"]),
        (0, &["DEL s"]),
        (0, &["RENAME s t"]),
        // The end of the list.
        (0, &["XREADGROUP GROUP g a STREAMS s >"]),
        (0, &["XREADGROUP GROUP g a STREAMS s >", "XACK s g 41-0 60-0"]),
        (0, &["XREADGROUP GROUP g a COUNT 1 STREAMS s >", "XREADGROUP GROUP g b STREAMS s >"]),
        (0, &["XACK s g 55-0"]),
        (0, &["XADD s MAXLEN = 10 * f v"]),
        // Records by ID.
        (1, &["XACK s g 7-0"]),
        (1, &["XACK s g 7-0 8-0 55-0"]),
        (2, &["XACK s g 1-0 40-0"]),
        (1, &["XCLAIM s g b 0 7-0"]),
        (1, &["XNACK s g FAIL IDS 1 7-0"]),
        (2, &["XDELEX s DELREF IDS 1 7-0"]),
        (0, &["XDELEX s ACKED IDS 1 55-0"]),
        (2, &["XTRIM s DELREF MAXLEN = 55"]),
        // Records of a consumer.
        (all / 2, &["XREADGROUP GROUP g a STREAMS s 0"]),
        (1, &["XREADGROUP GROUP g b COUNT 3 STREAMS s 0"]),
        (1, &["XREADGROUP GROUP g b STREAMS s 35"]),
        (0, &["XREADGROUP GROUP g nobody STREAMS s 0"]),
        (all / 2, &["XGROUP DELCONSUMER s g a"]),
        (2, &["XPENDING s g - + 10 a"]),
        (0, &["XPENDING s g - + 10 nobody"]),
        // Records in order.
        (1, &["XPENDING s g - + 5"]),
        (2, &["XPENDING s g 6 + 10"]),
        (2, &["XPENDING s g 6 15 100"]),
        (3, &["XPENDING s g IDLE 5500 - + 100"]),
        (1, &["XAUTOCLAIM s g b 0 0 COUNT 5"]),
        (1, &["XAUTOCLAIM s g b 0 21 COUNT 5 JUSTID"]),
        // The oldest deliveries, and those in no page.
        (1, &["XREADGROUP GROUP g b COUNT 2 CLAIM 5500 STREAMS s >"]),
        (0, &["XREADGROUP GROUP g b CLAIM 900000 STREAMS s >"]),
        // All there is, in both groups.
        (2 * all, &["DUMP s"]),
        (2 * all, &["COPY s t"]),
    ];
    for (expected, lines) in cases {
        assert_eq!(pages_for(&storage, lines), expected, "{lines:?}");
    }
}

/// What was delivered by another engine's clock has been idle for no time, and not for less.
#[test]
fn a_clock_that_is_behind_hides_nothing() {
    let limits = Limits { pending_page_records: 5, ..Limits::default() };
    let mut host = Host::restore(limits, stored(), 0);
    let mut ask = |line: &str| host.ask(CLIENT, &line.split(' ').collect::<Vec<_>>());
    for line in ["XPENDING s g - + 100", "XPENDING s g IDLE 0 - + 100"] {
        let Value::Array(rows) = ask(line) else { panic!("rows") };
        assert_eq!(rows.len() as u64, PAGES * PAGE_RECORDS, "{line}");
    }
    assert_eq!(ask("XPENDING s g IDLE 1 - + 100"), Value::Array(Vec::new()));
    let claimed = ask("XREADGROUP GROUP g b COUNT 2 CLAIM 0 STREAMS s >");
    assert!(format!("{claimed:?}").contains("[49, 45, 48]"), "the first entry, 1-0: {claimed:?}");
    let _ = ask("XREADGROUP GROUP g b BLOCK 5 CLAIM 1 STREAMS s >");
}

/// Openings that each deliver a little leave small pages behind, until those are loaded.
#[test]
fn small_pages_are_joined_when_they_are_in_memory() {
    let mut storage = stored();
    for _ in 0..20 {
        let mut host = Host::restore(limits(), storage, START_MS + 1000 * PAGES);
        let read = ["XREADGROUP", "GROUP", "g", "a", "COUNT", "1", "STREAMS", "s", ">"];
        let _ = host.ask(CLIENT, &read);
        host.checkpoint();
        storage = host.storage;
    }
    let all = "XPENDING s g - + 100";
    assert_eq!(pages_for(&storage, &[all]), PAGES as usize + 20);
    let mut host = Host::restore(limits(), storage, START_MS + 1000 * PAGES);
    let before = host.ask(CLIENT, &all.split(' ').collect::<Vec<_>>());
    host.checkpoint();
    assert_eq!(pages_for(&host.storage, &[all]), PAGES as usize + 10);
    let mut host = Host::restore(limits(), host.storage, START_MS + 1000 * PAGES);
    assert_eq!(host.ask(CLIENT, &all.split(' ').collect::<Vec<_>>()), before);
}

/// However many entries are pending, in however many groups: what is in memory stays about within
/// its bound, and nothing is lost by that.
#[test]
fn a_list_may_be_far_larger_than_memory() {
    const BOUND_BYTES: usize = 64 << 10;
    const ENTRIES: u64 = 20_000;
    let limits = Limits {
        resident_bytes: BOUND_BYTES,
        segment_bytes: 4 << 10,
        pending_page_records: 64,
        ..Limits::default()
    };
    let mut host = Host::new(limits);
    let mut ask = |line: &str| {
        let reply = host.ask(CLIENT, &line.split(' ').collect::<Vec<_>>());
        host.checkpoint();
        host.tick();
        let bytes = host.engine.resident_bytes();
        assert!(bytes <= 3 * BOUND_BYTES, "{bytes} bytes in memory after {line}");
        (reply, host.pages_supplied)
    };
    for ms in 1..=ENTRIES {
        ask(&format!("XADD s {ms}-0 f v"));
    }
    for group in ["one", "two", "three"] {
        ask(&format!("XGROUP CREATE s {group} 0"));
        for _ in 0..ENTRIES / 1000 {
            ask(&format!("XREADGROUP GROUP {group} c COUNT 1000 STREAMS s >"));
        }
    }
    for ms in (7..=ENTRIES).step_by(97) {
        assert_eq!(ask(&format!("XACK s two {ms}-0")).0, Value::Int(1), "{ms}");
        assert_eq!(ask(&format!("XACK s two {ms}-0")).0, Value::Int(0), "{ms}");
    }
    let (mut seen, mut start) = (0, 0);
    loop {
        let (reply, pages) = ask(&format!("XPENDING s two {start} + 500"));
        let Value::Array(rows) = reply else { panic!("rows, not {reply:?}") };
        seen += rows.len() as u64;
        let Some(Value::Array(last)) = rows.last() else {
            assert!(pages > 400, "pages came and went, {pages} of them");
            break;
        };
        let Value::Bulk(id) = &last[0] else { panic!("an ID, not {last:?}") };
        let ms = id.split(|byte| *byte == b'-').next().expect("a part");
        start = std::str::from_utf8(ms).expect("digits").parse::<u64>().expect("digits") + 1;
    }
    assert_eq!(seen, ENTRIES - (7..=ENTRIES).step_by(97).count() as u64);
    host.engine.check();
}

#[test]
fn what_a_stream_takes_is_what_is_in_memory_of_it() {
    let mut engine = Engine::new(Limits::default());
    let me = ClientId(1);
    let usage = |engine: &mut Engine| {
        let reply = engine.turn(0, me, b"MEMORY USAGE s\r\n").reply;
        String::from_utf8_lossy(&reply).trim().trim_start_matches(':').parse::<usize>()
    };
    let _ = engine.turn(0, me, b"XGROUP CREATE s g 0 MKSTREAM\r\n");
    assert_eq!(usage(&mut engine), Ok(0));
    for n in 1..=3000 {
        let _ = engine.turn(0, me, format!("XADD s {n}-1 f {n}\r\n").as_bytes());
    }
    assert_eq!(usage(&mut engine), Ok(engine.resident_bytes()));
    let entries = engine.resident_bytes();
    let _ = engine.turn(0, me, b"XREADGROUP GROUP g c COUNT 2000 STREAMS s >\r\n");
    assert_eq!(usage(&mut engine), Ok(engine.resident_bytes()));
    assert_eq!(engine.resident_bytes() - entries, 2000 * 40, "a pending entry takes 40 bytes");
}
