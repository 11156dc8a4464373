//! The fuzz targets of `fuzz/` without a fuzzer: on every seed, and on seeds that were changed a
//! little.
//!
//! `EDDYLINE_FUZZ_SEED` is the seed of the changes, or `fresh` for changes that no run had before;
//! `EDDYLINE_FUZZ_RUNS` is how many there are of each seed.

mod chance;
#[allow(unreachable_pub, reason = "in fuzz/ it is a crate")]
#[path = "../fuzz/src/lib.rs"]
mod targets;

use chance::Chance;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The seed of a run that names none. Fixed, so that a run that nobody watches tells whether the
/// change before it is right, and not whether the dice found something old.
const SEED: u64 = 1;

/// Changed inputs for each seed.
const RUNS: u64 = 300;

#[test]
fn requests() {
    smoke("requests", targets::requests);
}

#[test]
fn commands() {
    smoke("commands", targets::commands);
}

#[test]
fn restore() {
    smoke("restore", targets::restore);
}

fn smoke(name: &str, target: fn(&[u8])) {
    let read = |name: &str| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    let seed = match std::env::var("EDDYLINE_FUZZ_SEED") {
        Ok(text) if text == "fresh" => {
            SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs()
        }
        _ => read("EDDYLINE_FUZZ_SEED").unwrap_or(SEED),
    };
    println!("EDDYLINE_FUZZ_SEED={seed}");
    let runs = read("EDDYLINE_FUZZ_RUNS").unwrap_or(RUNS);
    let mut chance = Chance::new(seed);
    let seeds = seeds(name);
    let words = words();
    for (at, bytes) in seeds.iter().enumerate() {
        target(bytes);
        for _ in 0..runs {
            let changed = changed(&mut chance, bytes, &seeds, &words);
            if catch_unwind(AssertUnwindSafe(|| target(&changed))).is_err() {
                let text = changed.escape_ascii();
                panic!("EDDYLINE_FUZZ_SEED={seed}, from the seed {at}, breaks it: b\"{text}\"");
            }
        }
    }
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let files = std::fs::read_dir(&folder).expect("the seeds are there");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{name} has seeds");
    paths.iter().map(|path| std::fs::read(path).expect("a seed")).collect()
}

/// The words of the fuzzer's dictionary.
fn words() -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/eddyline.dict");
    let text = std::fs::read_to_string(path).expect("the dictionary is there");
    let word = |line: &str| Some(line.strip_prefix('"')?.strip_suffix('"')?.as_bytes().to_vec());
    // Those with escapes are frames; the seeds have enough of them.
    let plain = text.lines().filter(|line| !line.contains('\\'));
    let words: Vec<_> = plain.filter_map(word).collect();
    assert!(words.len() > 50, "the dictionary is read");
    words
}

/// The bytes with a few changes of the kinds that fuzzers make.
fn changed(chance: &mut Chance, bytes: &[u8], seeds: &[Vec<u8>], words: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len() as u64 + 1) as usize;
        let until = (at + 1 + chance.below(8) as usize).min(bytes.len());
        match chance.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
            1 if at < bytes.len() => bytes[at] = chance.next() as u8,
            2 if at < bytes.len() => drop(bytes.drain(at..until)),
            3 => drop(bytes.splice(at..at, bytes[at.min(until)..until].to_vec())),
            4 => {
                let other = &seeds[chance.below(seeds.len() as u64) as usize];
                let from = chance.below(other.len() as u64 + 1) as usize;
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            _ => {
                let word = &words[chance.below(words.len() as u64) as usize];
                drop(bytes.splice(at..at, word.iter().copied()));
            }
        }
    }
    bytes
}
