//! Laws that hold for every sequence of commands: the engine cannot be told from the slow model,
//! nor from what its storage gives back.
//!
//! `EDDYLINE_LAWS_SEED` is the seed to begin with and `EDDYLINE_LAWS_RUNS` the number of seeds; a
//! seed alone is run alone.

mod chance;
mod host;
mod model;
mod resp;
mod scenario;
mod sequence;
mod shrink;

use chance::{Chance, Manner};
use eddyline::{BlobKey, ClientId, Engine, Limits};
use host::{Host, Storage};
use resp::request;
use sequence::{
    Event, Pair, Setting, State, as_scenario, difference, events, observe, observe_with_sight,
};
use shrink::shrunk;
use std::cell::Cell;
use std::collections::BTreeMap;

/// The seeds of this run.
fn seeds(runs: u64) -> std::ops::Range<u64> {
    let read = |name: &str| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    let (first, wanted) = (read("EDDYLINE_LAWS_SEED"), read("EDDYLINE_LAWS_RUNS"));
    let runs = wanted.unwrap_or(if first.is_some() { 1 } else { runs });
    first.unwrap_or(0)..first.unwrap_or(0) + runs
}

/// Whether one seed is run alone: then what some sequence should come to need not happen.
fn is_alone() -> bool {
    seeds(2).count() == 1
}

/// Holds a law against many sequences; the first that breaks it is shrunk and shown.
fn hold(runs: u64, length: u64, law: impl Fn(&Setting, &[Event]) -> Result<(), String>) {
    for seed in seeds(runs) {
        let setting = Setting::of(seed);
        if let Some((events, problem)) =
            shrunk(events(seed, length), &|events| law(&setting, events))
        {
            panic!("seed {seed}: {problem}\n{}", as_scenario(&events, &setting));
        }
    }
}

#[test]
fn the_engine_answers_as_the_model_does() {
    let (supplied, pages) = (Cell::new(0), Cell::new(0));
    hold(1500, 60, |setting, events| {
        let mut pair = Pair::new(setting);
        let held = events.iter().enumerate().try_for_each(|(at, event)| {
            pair.step(event)?;
            if at % 5 == 4 || at + 1 == events.len() { pair.look() } else { Ok(()) }
        });
        supplied.set(supplied.get() + pair.host.supplied);
        pages.set(pages.get() + pair.host.pages_supplied);
        held
    });
    assert!(supplied.get() > pages.get() || is_alone(), "no segment was ever asked for again");
    assert!(pages.get() > 0 || is_alone(), "no pending page was ever asked for again");
}

/// The setting of a host that keeps a journal.
fn journaled(setting: &Setting) -> Setting {
    let limits = Limits { journaled: true, ..setting.limits.clone() };
    Setting { limits, ..setting.clone() }
}

fn must_be_same(live: &State, restored: &State) -> Result<(), String> {
    let differ = |difference| Err(format!("live and restored differ: {difference}"));
    difference(live, restored).map_or(Ok(()), differ)
}

/// After every event, what `stored` gives must restore what was there, as far as `look` can see.
fn is_restored_at_every_moment(
    setting: &Setting,
    events: &[Event],
    stored: impl Fn(&mut Host) -> Storage,
    look: impl Fn(&mut Host) -> State,
) -> Result<(), String> {
    let setting = journaled(setting);
    let mut pair = Pair::new(&setting);
    for event in events.iter().filter(|event| **event != Event::Reopen) {
        pair.step(event)?;
        let storage = stored(&mut pair.host);
        let mut restored = Host::restore(setting.limits.clone(), storage, pair.host.now_ms);
        restored.tick();
        restored.engine.check();
        must_be_same(&look(&mut pair.host), &look(&mut restored))?;
    }
    Ok(())
}

/// Whatever the moment, what storage holds then (a checkpoint, and the journal since) gives back
/// what was there.
#[test]
fn storage_gives_back_the_state_of_every_moment() {
    hold(150, 30, |setting, events| {
        let stored = |host: &mut Host| host.storage.clone();
        is_restored_at_every_moment(setting, events, stored, observe)
    });
}

/// A checkpoint misses nothing that changed since the one before: without any journal it gives back
/// what was there, to the time at which consumers were last seen.
#[test]
fn a_checkpoint_holds_every_change() {
    hold(150, 30, |setting, events| {
        let stored = |host: &mut Host| {
            host.checkpoint();
            Storage { journal: BTreeMap::new(), ..host.storage.clone() }
        };
        is_restored_at_every_moment(setting, events, stored, observe_with_sight)
    });
}

/// An engine that writes a checkpoint as soon as it is open loses nothing by it.
#[test]
fn a_checkpoint_straight_after_opening_keeps_everything() {
    hold(150, 40, |setting, events| {
        let setting = journaled(setting);
        let mut pair = Pair::new(&setting);
        events.iter().try_for_each(|event| pair.step(event))?;
        let live = observe(&mut pair.host);
        let mut host = pair.host;
        for _ in 0..2 {
            host = Host::restore(setting.limits.clone(), host.storage.clone(), host.now_ms);
            host.tick();
            host.checkpoint();
            host.engine.check();
        }
        must_be_same(&live, &observe(&mut host))
    });
}

/// While one client waits for a segment from a slow storage the others go on, and none sees a
/// difference: here each has a key of its own, so that their order among each other shows nowhere.
#[test]
fn a_slow_storage_changes_no_reply() {
    let supplied = Cell::new(0);
    for seed in seeds(600) {
        let mut chance = Chance::new(seed);
        let setting = Setting::of(seed);
        let limits = Limits { journaled: true, resident_bytes: 0, ..setting.limits.clone() };
        let mut pair = Pair::new(&Setting { limits, ..setting });
        pair.host.is_slow = true;
        for _ in 0..chance.below(120) {
            match chance.below(10) {
                0 => pair.host.checkpoint(),
                1 | 2 => pair.host.supply_one(chance.next()),
                _ => {
                    let client = chance.below(4);
                    let argv = chance::command(&mut chance, Manner::driven(60));
                    if !argv.iter().any(|word| word.eq_ignore_ascii_case(b"BLOCK")) {
                        pair.send(client, &on_key_of(client, argv));
                    }
                }
            }
            pair.host.engine.check();
        }
        while !pair.host.wanted.is_empty() {
            pair.host.supply_one(chance.next());
        }
        supplied.set(supplied.get() + pair.host.supplied);
        pair.compare().unwrap_or_else(|problem| panic!("seed {seed}: {problem}"));
    }
    assert!(supplied.get() > 0 || is_alone(), "nobody ever waited");
}

fn on_key_of(client: u64, argv: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let keys: [&[u8]; 3] = [b"s", b"t", b"none"];
    let own = |word: Vec<u8>| {
        if keys.contains(&word.as_slice()) { format!("key {client}").into_bytes() } else { word }
    };
    argv.into_iter().map(own).collect()
}

/// One storage row changed, cut or gone.
fn damage(storage: &mut Storage, chance: &mut Chance) -> Option<Damage> {
    let rows = (storage.blobs.len() + storage.journal.len()) as u64;
    let at = chance.below(rows.max(1)) as usize;
    let key = storage.blobs.keys().nth(at).copied();
    let bytes = match key {
        Some(key) => storage.blobs.get_mut(&key),
        None => storage.journal.values_mut().nth(at - storage.blobs.len()),
    };
    let bytes = bytes?;
    match chance.below(3) {
        0 => {
            let at = chance.below(bytes.len() as u64) as usize;
            bytes[at] ^= 1 << chance.below(8);
        }
        1 => bytes.truncate(chance.below(bytes.len() as u64) as usize),
        _ => bytes.push(chance.next() as u8),
    }
    Some(key.map_or(Damage::Journal, Damage::Blob))
}

enum Damage {
    Journal,
    Blob(BlobKey),
}

/// Damaged storage is noticed, before anything is made of it; it never is a panic.
#[test]
fn damage_is_told() {
    for seed in seeds(1500) {
        let mut chance = Chance::new(seed ^ 0xda3a);
        let setting = Setting::of(seed);
        let limits = Limits { journaled: true, resident_bytes: 0, ..setting.limits.clone() };
        let mut pair =
            Pair::new(&Setting { limits: limits.clone(), keeps_stale: false, ..setting });
        // What clients are told is the other laws' concern.
        events(seed, 40).iter().for_each(|event| drop(pair.step(event)));
        let mut storage = pair.host.storage.clone();
        let Some(damage) = damage(&mut storage, &mut chance) else { continue };
        let mut engine = match Engine::restore(limits, storage.stored()) {
            Err(error) => {
                assert!(
                    !error.place.is_empty() && !error.problem.is_empty(),
                    "seed {seed}: {error:?}"
                );
                continue;
            }
            Ok(engine) => engine,
        };
        let Damage::Blob(at) = damage else { panic!("seed {seed}: the damage went unnoticed") };
        assert!(at.is_cold(), "seed {seed}: the damage of {at:?} went unnoticed");
        let bytes = &storage.blobs[&at];
        let error = engine.supply(at, bytes).expect_err(&format!("seed {seed}: damage of {at:?}"));
        let (_, _, number) = at.to_numbers();
        assert!(error.place.contains(&number.to_string()), "seed {seed}: {error}");
    }
}

/// A batch that is missing between others is noticed: what came after it does not fit.
#[test]
fn a_missing_batch_is_told() {
    for seed in seeds(300) {
        let limits = Limits::default();
        let mut host = Host::new(limits.clone());
        for i in 1..=9 {
            let _ = host.ask(ClientId(1), &["XADD", "s", &format!("{i}-1"), "f", "v"]);
        }
        let mut storage = host.storage.clone();
        let batches: Vec<u64> = storage.journal.keys().copied().collect();
        let lost = batches[Chance::new(seed).below(batches.len() as u64 - 1) as usize];
        storage.journal.remove(&lost);
        assert!(
            Engine::restore(limits, storage.stored()).is_err(),
            "batch {lost} of {batches:?} is missing"
        );
    }
}

/// A pipeline of commands that do not block, and where each ends.
fn pipeline(chance: &mut Chance) -> (Vec<u8>, Vec<usize>) {
    let (mut bytes, mut ends) = (Vec::new(), Vec::new());
    for _ in 0..1 + chance.below(12) {
        let argv = chance::command(chance, Manner::driven(60));
        if argv.iter().any(|word| word.eq_ignore_ascii_case(b"BLOCK")) {
            continue;
        }
        let plain = |word: &Vec<u8>| {
            !word.is_empty() && word.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
        };
        if argv.iter().all(plain) && chance.percent(40) {
            bytes.extend_from_slice(&argv.join(&b' '));
            bytes.extend_from_slice(b"\r\n");
        } else {
            bytes.extend_from_slice(&request(&argv));
        }
        ends.push(bytes.len());
    }
    (bytes, ends)
}

fn fresh() -> Host {
    let mut host = Host::new(Limits::default());
    host.now_ms = sequence::EARLY_MS;
    host
}

/// However the bytes arrive, the replies are the same; and none comes before its request is whole.
#[test]
fn any_split_of_the_input_gives_the_same_output() {
    const CLIENT: ClientId = ClientId(1);
    for seed in seeds(400) {
        let mut chance = Chance::new(seed);
        let (bytes, ends) = pipeline(&mut chance);
        let mut whole = fresh();
        whole.send_bytes(CLIENT, &bytes);
        let expected = whole.take_bytes(CLIENT);
        let (mut split, mut single) = (fresh(), fresh());
        let (mut came, mut at) = (Vec::new(), 0);
        while at < bytes.len() {
            let next = (at + 1 + chance.below(30) as usize).min(bytes.len());
            split.send_bytes(CLIENT, &bytes[at..next]);
            came.extend(split.take_bytes(CLIENT));
            at = next;
        }
        assert_eq!(came, expected, "seed {seed}: in random parts");
        let mut came = Vec::new();
        for (at, byte) in bytes.iter().enumerate() {
            single.send_bytes(CLIENT, &[*byte]);
            let reply = single.take_bytes(CLIENT);
            assert_eq!(!reply.is_empty(), ends.contains(&(at + 1)), "seed {seed}: after byte {at}");
            came.extend(reply);
        }
        assert_eq!(came, expected, "seed {seed}: byte by byte");
    }
}

/// Bytes that are no requests are an error of the client's, or nothing yet.
#[test]
fn random_bytes_are_no_danger() {
    const TOKENS: [&[u8]; 20] = [
        b"*",
        b"$",
        b"\r\n",
        b"1",
        b"-1",
        b"3",
        b"$4\r\nPING\r\n",
        b"*1\r\n",
        b"*2\r\n",
        b"\n",
        b"\r",
        b" ",
        b"\"",
        b"'",
        b"\x00",
        b"99999999999999999999",
        b"PING",
        b"*0\r\n",
        b"$-1\r\n",
        b":5\r\n",
    ];
    for seed in seeds(4000) {
        let mut chance = Chance::new(seed);
        let mut host = fresh();
        for _ in 0..1 + chance.below(12) {
            let mut bytes = Vec::new();
            for _ in 0..chance.below(8) {
                match chance.below(4) {
                    0 => bytes.push(chance.next() as u8),
                    _ => bytes.extend_from_slice(chance.pick(&TOKENS)),
                }
            }
            host.send_bytes(ClientId(chance.below(2)), &bytes);
            host.engine.check();
        }
    }
}
