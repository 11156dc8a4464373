//! Storage whose bytes are wrong though their checksum is right, as if written by another program:
//! it may be refused, or make a keyspace that is sound in itself. It never is a panic, and what is
//! salvaged of it opens.
//!
//! The seeds are said as for `laws`.

mod chance;
mod host;
mod model;
mod resp;
mod scenario;
mod sequence;

use chance::{Chance, Manner, command};
use eddyline::{ClientId, Engine, Limits};
use host::{Host, Storage};
use sequence::EARLY_MS;

fn seeds(runs: u64) -> std::ops::Range<u64> {
    let read = |name: &str| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    let (first, wanted) = (read("EDDYLINE_LAWS_SEED"), read("EDDYLINE_LAWS_RUNS"));
    let runs = wanted.unwrap_or(if first.is_some() { 1 } else { runs });
    first.unwrap_or(0)..first.unwrap_or(0) + runs
}

/// CRC-32C, a bit at a time.
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ if sum & 1 == 1 { 0x82f6_3b78 } else { 0 }
        })
    })
}

/// What a storage holds after some commands, of all kinds.
fn written(chance: &mut Chance) -> Storage {
    let (segment_bytes, pending_page_records) = (100, chance.pick(&[1, 3, 1024]));
    let limits = Limits { segment_bytes, pending_page_records, ..Limits::default() };
    let mut host = Host::new(limits);
    host.now_ms = EARLY_MS;
    for _ in 0..1 + chance.below(60) {
        let argv = command(chance, Manner { company: 60, ..Manner::driven(host.now_ms) });
        let client = ClientId(chance.below(4));
        if !host.parked(client) {
            host.send_bytes(client, &resp::request(&argv));
        }
        if chance.percent(5) {
            host.checkpoint();
        }
    }
    host.storage
}

/// Changes what is behind the head of a row, and makes the head fit again. Returns the checksum
/// before and after.
fn spoil(row: &mut Vec<u8>, chance: &mut Chance) -> (Vec<u8>, Vec<u8>) {
    let before = row[1..5].to_vec();
    const HEAD_BYTES: u64 = 5;
    for _ in 0..1 + chance.below(3) {
        let body = row.len() as u64 - HEAD_BYTES;
        let at = (HEAD_BYTES + chance.below(body.max(1))) as usize;
        match chance.below(5) {
            _ if at >= row.len() => row.push(chance.next() as u8),
            0 => row.truncate(at),
            1 => row.insert(at, chance.next() as u8),
            2 => row[at] = chance.below(32) as u8,
            3 => row[at] ^= 1 << chance.below(8),
            _ => drop(row.remove(at)),
        }
    }
    let sum = checksum(&row[HEAD_BYTES as usize..]);
    row[1..5].copy_from_slice(&sum.to_le_bytes());
    (before, row[1..5].to_vec())
}

/// Makes the index of segments and pages name another checksum.
fn promise(storage: &mut Storage, (before, after): &(Vec<u8>, Vec<u8>)) {
    for (key, row) in &mut storage.blobs {
        let place = row.windows(4).skip(5).position(|bytes| bytes == before);
        let Some(place) = place.filter(|_| !key.is_cold()) else { continue };
        row[5 + place..9 + place].copy_from_slice(after);
        let sum = checksum(&row[5..]);
        row[1..5].copy_from_slice(&sum.to_le_bytes());
    }
}

#[test]
fn what_another_program_wrote_is_no_danger() {
    let (mut refused, mut taken) = (0, 0);
    for seed in seeds(6000) {
        let mut chance = Chance::new(seed);
        let mut storage = written(&mut chance);
        let rows = (storage.blobs.len() + storage.journal.len()) as u64;
        if rows == 0 {
            continue;
        }
        let at = chance.below(rows) as usize;
        let blobs = storage.blobs.len();
        let row = if at < blobs {
            storage.blobs.values_mut().nth(at)
        } else {
            storage.journal.values_mut().nth(at - blobs)
        };
        let checksums = spoil(row.expect("a row"), &mut chance);
        promise(&mut storage, &checksums);
        let left = storage.repaired(&storage.salvaged());
        open(&left).expect("what is left of it opens").check();
        match open(&storage) {
            Some(engine) => {
                engine.check();
                taken += 1;
            }
            None => refused += 1,
        }
    }
    assert!(seeds(2).count() == 1 || refused > 0 && taken > 0, "{refused} refused, {taken} taken");
}

/// The engine that a storage makes, with all its segments and pages; `None`: it is refused.
fn open(storage: &Storage) -> Option<Engine> {
    let mut engine = Engine::restore(Limits::default(), storage.stored()).ok()?;
    for (key, bytes) in &storage.blobs {
        if key.is_cold() {
            engine.supply(*key, bytes).ok()?;
        }
    }
    let turn = engine.tick(EARLY_MS);
    turn.need.is_empty().then_some(engine)
}
