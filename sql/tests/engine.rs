//! An engine on SQLite equals one in memory, whatever fails and however often it is opened again.

mod sqlite;

use eddyline::{ClientId, Engine, Limits};
use eddyline_sql::{DurableEngine, Error};
use sqlite::{Database, Failure};

const CLIENT: ClientId = ClientId(1);

/// Limits small enough that a few hundred commands meet every one of them.
fn small() -> Limits {
    Limits {
        resident_bytes: 6 << 10,
        segment_bytes: 2 << 10,
        node_max_entries: 10,
        journal_bytes: 8 << 10,
        journal_batches: 20,
        ..Limits::default()
    }
}

/// xorshift64*: the same commands in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % bound
    }

    fn command(&mut self, now_ms: u64) -> String {
        let key = ["a", "b", "c"][self.below(3) as usize];
        let (consumer, count) = (self.below(3), self.below(30));
        let ago = now_ms - self.below(2000).min(now_ms);
        let text = "x".repeat(self.below(200) as usize);
        match self.below(40) {
            0 => format!("DEL {key}"),
            1 => format!("XTRIM {key} MAXLEN ~ {}", self.below(300)),
            2 => format!("XTRIM {key} MINID {ago}"),
            3 => format!("XDEL {key} {ago}-0 {}-0", ago + 1),
            4 => format!("XGROUP CREATE {key} g {} MKSTREAM", ["0", "$"][self.below(2) as usize]),
            5 => format!("XRANGE {key} {ago} + COUNT {count}"),
            6 => format!("XREVRANGE {key} + - COUNT {count}"),
            7 => format!("XRANGE {key} - + COUNT {count}"),
            8 => format!("XPENDING {key} g - + {count}"),
            9 => format!("XREADGROUP GROUP g c{consumer} COUNT {count} STREAMS {key} 0"),
            10..14 => format!("XACK {key} g {ago}-0 {}-0 {}-0", ago + 1, ago + 2),
            14..18 => format!("XREADGROUP GROUP g c{consumer} COUNT {count} STREAMS {key} >"),
            18 => format!("XINFO STREAM {key} FULL COUNT 3"),
            19 => format!("XREAD COUNT {count} STREAMS a b c 0 {ago} 0"),
            _ => format!("XADD {key} * field {text} n {count}"),
        }
    }
}

/// Runs a line; its reply, with what came after segments were loaded.
fn durable(
    database: &Database,
    engine: &mut DurableEngine<&Database>,
    now_ms: u64,
    line: &str,
) -> Result<Vec<u8>, Error<Failure>> {
    let input = format!("{line}\r\n");
    let mut turn = database.transaction(|| engine.turn(now_ms, CLIENT, input.as_bytes()))?;
    assert!(turn.need.is_empty() && turn.journal.is_empty(), "nothing is left to be done");
    for wake in &turn.wakes {
        assert_eq!(wake.client, CLIENT);
        turn.reply.extend_from_slice(&wake.reply);
    }
    engine.engine().check();
    Ok(turn.reply)
}

/// A reply as text, without the times at which consumers were last seen: those may be lost.
fn comparable(reply: &[u8]) -> String {
    let text = String::from_utf8_lossy(reply);
    let mut pieces = text.split("seen-time\r\n:");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |all, piece| all + piece.trim_start_matches(|c: char| c.is_ascii_digit()))
}

fn opened(database: &Database) -> DurableEngine<&Database> {
    DurableEngine::open(small(), database).expect("what was committed can be restored")
}

#[test]
fn an_engine_on_sqlite_equals_one_in_memory() {
    let mut loads = 0;
    for seed in 1..=12 {
        let database = Database::new();
        let mut random = Random(seed * 0x9E37_79B9);
        let mut stored = opened(&database);
        let mut memory = Engine::new(Limits { journaled: false, ..small() });
        let mut now_ms = 1;
        for step in 0..400 {
            now_ms += random.below(20);
            let line = random.command(now_ms);
            if random.below(12) == 0 {
                stored = opened(&database);
            }
            if random.below(12) == 0 {
                database.failing_in.set(Some(random.below(4) as usize));
            }
            let mut reply = durable(&database, &mut stored, now_ms, &line);
            loads += usize::from(database.has_read_cold.take());
            database.failing_in.set(None);
            if reply.is_err() {
                stored = opened(&database);
                reply = durable(&database, &mut stored, now_ms, &line);
            }
            let expected = memory.turn(now_ms, CLIENT, format!("{line}\r\n").as_bytes()).reply;
            let reply = reply.expect("nothing fails now");
            assert_eq!(
                comparable(&reply),
                comparable(&expected),
                "seed {seed}, step {step}: {line}"
            );
        }
    }
    assert!(loads > 50, "segments were evicted and loaded again, not only {loads} times");
}

#[test]
fn a_journal_that_is_never_cut_in_time_is_cut_when_it_is_full() {
    let database = Database::new();
    for number in 1..=3000_u64 {
        // Each opening counts anew, so that the engine itself never finds a checkpoint due.
        let mut engine = opened(&database);
        let reply = durable(&database, &mut engine, number, &format!("XADD s {number}-1 f v"));
        assert!(reply.is_ok_and(|reply| reply.starts_with(b"$")));
    }
    let rows = database.count("SELECT count(*) FROM journal");
    assert!(rows <= eddyline_sql::JOURNAL_SLOTS as i64, "{rows} rows");
    let mut engine = opened(&database);
    let reply = durable(&database, &mut engine, 3000, "XLEN s");
    assert_eq!(reply.expect("runs"), b":3000\r\n");
}
