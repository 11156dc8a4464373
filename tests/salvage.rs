//! A damaged storage is taken piece by piece: what is left opens and is sound, it has everything that
//! could be read and nothing else, and what is lost is named.

mod chance;
mod host;
mod model;
mod resp;
mod scenario;
mod sequence;

use chance::{Chance, Manner, command};
use eddyline::{BlobKey, ClientId, Limits, Salvaged};
use host::{Host, START_MS, Storage};
use resp::Value;
use sequence::EARLY_MS;
use std::collections::{BTreeMap, BTreeSet};

const CLIENT: ClientId = ClientId(99);

fn limits() -> Limits {
    Limits { segment_bytes: 300, node_max_entries: 3, pending_page_records: 4, ..Limits::default() }
}

/// The storage that is made of what is left, opened.
fn reopened(old: &Storage, salvaged: &Salvaged) -> Host {
    let storage = old.repaired(salvaged);
    let again = storage.salvaged();
    assert_eq!(again.losses, [], "what is left is sound");
    assert_eq!((again.keys, again.entries), (salvaged.keys, salvaged.entries));
    let host = Host::restore(limits(), storage, START_MS);
    host.engine.check();
    host
}

/// What a client sees of each key: of a stream its entries, counters, groups and pending entries.
type State = BTreeMap<(u8, String), Vec<Value>>;

fn state_of(host: &mut Host) -> State {
    let mut state = State::new();
    for db in 0..16u8 {
        let _ = host.ask(CLIENT, &["SELECT", &db.to_string()]);
        for key in texts(&host.ask(CLIENT, &["KEYS", "*"])) {
            let questions: &[&[&str]] = match text(&host.ask(CLIENT, &["TYPE", &key])).as_str() {
                "stream" => {
                    &[&["XRANGE", &key, "-", "+"], &["XINFO", "STREAM", &key, "FULL", "COUNT", "0"]]
                }
                _ => &[&["DUMP", &key]],
            };
            let answers = questions.iter().map(|argv| host.ask(CLIENT, argv)).collect();
            state.insert((db, key), answers);
        }
    }
    host.engine.check();
    state
}

fn text(value: &Value) -> String {
    match value {
        Value::Bulk(bytes) | Value::Simple(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => panic!("not a text: {other:?}"),
    }
}

fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        other => panic!("not an array: {other:?}"),
    }
}

fn texts(value: &Value) -> Vec<String> {
    items(value).iter().map(text).collect()
}

/// Every entry of every stream, as text.
fn entries_of(state: &State) -> BTreeSet<String> {
    let streams = state.values().filter(|answers| answers.len() == 2);
    streams.flat_map(|answers| items(&answers[0])).map(|entry| format!("{entry:?}")).collect()
}

fn lose_text(salvaged: &Salvaged) -> String {
    salvaged.losses.iter().map(|loss| format!("{loss}\n")).collect()
}

/// Two streams with groups, pending entries, consumers, tombstones and idempotent IDs, values of
/// every kind, and behind the checkpoint a journal that goes on with all of them.
fn history() -> Storage {
    let mut host = Host::new(limits());
    let run = |host: &mut Host, line: &str| {
        let argv: Vec<&str> = line.split(' ').collect();
        let reply = host.ask(CLIENT, &argv);
        assert!(!matches!(reply, Value::Error(_)), "{line}: {reply:?}");
    };
    for line in ["SET text value PX 100000000", "LPUSH list 1 2", "SADD set a", "HSET hash f v"] {
        run(&mut host, line);
    }
    for (db, key) in [(0, "a"), (3, "b")] {
        run(&mut host, &format!("SELECT {db}"));
        for group in ["g", "h"] {
            run(&mut host, &format!("XGROUP CREATE {key} {group} 0 MKSTREAM"));
        }
        for n in 1..=60 {
            run(&mut host, &format!("XADD {key} {n}-{db} field {key}-value-{n}"));
        }
        run(&mut host, &format!("XIDMPRECORD {key} p iid-of-{key} 60-{db}"));
        run(&mut host, &format!("XREADGROUP GROUP g c COUNT 20 STREAMS {key} >"));
        run(&mut host, &format!("XREADGROUP GROUP h d COUNT 5 STREAMS {key} >"));
        run(&mut host, &format!("XDEL {key} 7-{db} 33-{db}"));
    }
    host.checkpoint();
    for (db, key) in [(0, "a"), (3, "b")] {
        run(&mut host, &format!("SELECT {db}"));
        run(&mut host, &format!("XACK {key} g 1-{db} 2-{db}"));
        for n in 61..=70 {
            run(&mut host, &format!("XADD {key} {n}-{db} field {key}-value-{n}"));
        }
        run(&mut host, &format!("XREADGROUP GROUP g e COUNT 2 STREAMS {key} >"));
        run(&mut host, &format!("XDEL {key} 12-{db}"));
    }
    host.storage
}

fn state_in(storage: &Storage) -> State {
    state_of(&mut Host::restore(limits(), storage.clone(), START_MS))
}

const DAMAGES: [&str; 4] = ["flipped", "cut", "swapped", "missing"];

/// Does something to a blob; to a swapped one also to the next of its kind. Returns those concerned.
fn damage(storage: &mut Storage, at: BlobKey, how: &str) -> Vec<BlobKey> {
    let bytes = storage.blobs.get_mut(&at).expect("a blob");
    match how {
        "flipped" => {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 4;
        }
        "cut" => bytes.truncate(bytes.len() / 2),
        "missing" => drop(storage.blobs.remove(&at)),
        _ => {
            let same = |key: &&BlobKey| key.to_numbers().0 == at.to_numbers().0 && **key != at;
            let Some(other) = storage.blobs.keys().find(same).copied() else { return Vec::new() };
            let (one, two) = (storage.blobs[&at].clone(), storage.blobs[&other].clone());
            if one == two {
                return Vec::new();
            }
            storage.blobs.extend([(at, two), (other, one)]);
            return vec![at, other];
        }
    }
    vec![at]
}

#[test]
fn a_sound_storage_loses_nothing() {
    let storage = history();
    let salvaged = storage.salvaged();
    assert_eq!(lose_text(&salvaged), "");
    assert_eq!((salvaged.keys, salvaged.entries), (6, 134));
    assert!(salvaged.copied.len() > 5);
    assert!(state_of(&mut reopened(&storage, &salvaged)) == state_in(&storage));
}

#[test]
fn whatever_blob_is_damaged_the_rest_is_kept_and_the_loss_named() {
    let whole = history();
    let state = state_in(&whole);
    for at in whole.blobs.keys().copied() {
        for how in DAMAGES {
            let mut storage = whole.clone();
            if damage(&mut storage, at, how).is_empty() {
                continue;
            }
            let salvaged = storage.salvaged();
            let said = lose_text(&salvaged);
            assert!(!said.is_empty(), "{at:?} {how}");
            let left = state_of(&mut reopened(&storage, &salvaged));
            let context = format!("{at:?} {how}: {said}");
            check(&state, &left, at, how, &said, &context);
        }
    }
}

/// What has to be left when one blob of `history` is damaged.
fn check(state: &State, left: &State, at: BlobKey, how: &str, said: &str, context: &str) {
    assert!(entries_of(left).is_subset(&entries_of(state)), "{context}");
    if how == "swapped" || at == BlobKey::Meta {
        assert!(left == state, "nothing is lost: {context}");
        return;
    }
    let (kind, number, _) = at.to_numbers();
    let others = |state: &State| -> State {
        let theirs = state.iter().filter(|(key, _)| !name_in(state, number).contains(&key.1));
        theirs.map(|(key, answers)| (key.clone(), answers.clone())).collect()
    };
    match at {
        // Of all other keys nothing is lost, and of this one no entry.
        BlobKey::Key { .. } if state.len() == left.len() => {
            assert!(left == state || entries_of(left) == entries_of(state), "{context}");
            assert!(said.contains(&format!("key {number}")), "{context}");
        }
        BlobKey::Key { .. } => {
            assert_eq!(left.len() + 1, state.len(), "{context}");
            assert!(left.iter().all(|(key, answers)| state.get(key) == Some(answers)), "{context}");
        }
        BlobKey::Group { .. } => {
            assert_eq!(entries_of(left), entries_of(state), "{context}");
            assert!(others(left) == others(state), "{context}");
            assert!(said.contains("group"), "{context}");
        }
        BlobKey::Page { .. } => {
            assert_eq!(entries_of(left), entries_of(state), "{context}");
            assert!(others(left) == others(state), "{context}");
            assert!(said.contains("pending entr") && said.contains(" lost"), "{context}");
        }
        _ => {
            assert_eq!(kind, 3);
            let lost = entries_of(state).len() - entries_of(left).len();
            assert!(lost > 0, "{context}");
            assert!(others(left) == others(state), "{context}");
            let [loss] =
                said.lines().filter(|line| line.contains("segment")).collect::<Vec<_>>()[..]
            else {
                panic!("{context}");
            };
            // 12-0 was deleted later, by the journal.
            let (_, named) = loss.split_once("; ").expect("what it costs");
            let count: usize = named.split(' ').next().expect("a count").parse().expect("a count");
            assert!(count == lost || count == lost + 1 && loss.contains("from 1"), "{context}");
        }
    }
}

/// The name that the stream with a number has in `history`.
fn name_in(state: &State, number: u64) -> Vec<String> {
    let _ = state;
    match number {
        4 => vec!["a".into()],
        5 => vec!["b".into()],
        _ => Vec::new(),
    }
}

#[test]
fn the_segments_between_two_damaged_ones_are_kept() {
    let whole = history();
    let segments =
        whole.blobs.keys().filter(|key| matches!(key, BlobKey::Segment { stream: 4, .. }));
    let segments: Vec<BlobKey> = segments.copied().collect();
    assert!(segments.len() >= 5);
    let mut storage = whole.clone();
    damage(&mut storage, segments[1], "flipped");
    damage(&mut storage, segments[3], "missing");
    let salvaged = storage.salvaged();
    assert_eq!(salvaged.losses.len(), 2, "{}", lose_text(&salvaged));
    let held = |host: &mut Host| entries_of(&state_of(host)).len() as u64;
    let mut left = reopened(&storage, &salvaged);
    let lost = whole_entries(&whole) - held(&mut left);
    let _ = left.ask(CLIENT, &["SELECT", "0"]);
    let per_segment = whole.salvaged().entries / segments.len() as u64;
    assert!((1..=2 * per_segment).contains(&lost), "{lost} entries of two segments");
    let again = ["XADD", "a", "IDMP", "p", "iid-of-a", "*", "field", "a-value-60"];
    assert_eq!(left.ask(CLIENT, &again), Value::Bulk(b"60-0".to_vec()), "idempotent IDs are kept");
    let groups = left.ask(CLIENT, &["XINFO", "GROUPS", "a"]);
    assert_eq!(items(&groups).len(), 2);
}

fn whole_entries(storage: &Storage) -> u64 {
    entries_of(&state_in(storage)).len() as u64
}

#[test]
fn every_key_and_the_meta_blob_may_go_and_no_entry_is_lost() {
    let whole = history();
    let mut storage = whole.clone();
    storage.journal.clear();
    let before = state_in(&storage);
    storage.blobs.retain(|key, _| !matches!(key, BlobKey::Meta | BlobKey::Key { .. }));
    let salvaged = storage.salvaged();
    let left = state_of(&mut reopened(&storage, &salvaged));
    assert_eq!(entries_of(&left), entries_of(&before));
    let names: Vec<&str> = left.keys().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["recovered:4", "recovered:5"]);
    for answers in left.values() {
        let info = format!("{:?}", answers[1]);
        let name = |name: &str| format!("{:?}", Value::Bulk(name.into()));
        assert!(["g", "h", "c", "d"].iter().all(|told| info.contains(&name(told))), "{info}");
    }
}

#[test]
fn a_journal_counts_up_to_its_first_batch_that_is_damaged() {
    let whole = history();
    let first = *whole.journal.keys().next().expect("a batch");
    for &number in whole.journal.keys() {
        for how in DAMAGES {
            let mut storage = whole.clone();
            let bytes = storage.journal.get_mut(&number).expect("a batch");
            let middle = bytes.len() / 2;
            match how {
                "flipped" => bytes[middle] ^= 4,
                "cut" => bytes.truncate(middle),
                "missing" => drop(storage.journal.remove(&number)),
                _ => continue,
            }
            let salvaged = storage.salvaged();
            let mut prefix = whole.clone();
            prefix.journal.retain(|other, _| *other < number);
            let left = state_of(&mut reopened(&storage, &salvaged));
            assert!(left == state_in(&prefix), "{number} {how}");
            let behind = whole.journal.len() as u64 - (number - first) - 1;
            let said = lose_text(&salvaged);
            if how == "missing" && (behind == 0 || number == first) {
                continue;
            }
            assert!(said.starts_with(&format!("journal batch {number}: ")), "{said}");
            let batches = if behind == 1 { "batch" } else { "batches" };
            assert!(
                said.contains(&format!("it and {behind} {batches} behind it are lost")),
                "{said}"
            );
        }
    }
}

#[test]
fn batches_that_lie_in_each_others_place_are_put_in_order() {
    let whole = history();
    let mut storage = whole.clone();
    let numbers: Vec<u64> = storage.journal.keys().copied().collect();
    let (one, two) = (storage.journal[&numbers[2]].clone(), storage.journal[&numbers[5]].clone());
    storage.journal.extend([(numbers[2], two), (numbers[5], one)]);
    let salvaged = storage.salvaged();
    assert_eq!(lose_text(&salvaged), "");
    assert!(state_of(&mut reopened(&storage, &salvaged)) == state_in(&whole));
}

#[test]
fn the_journal_gives_back_the_name_of_the_only_key_that_is_lost() {
    let whole = history();
    let mut storage = whole.clone();
    damage(&mut storage, BlobKey::Key { key: 4 }, "flipped");
    let salvaged = storage.salvaged();
    let said = lose_text(&salvaged);
    assert!(
        said.contains("key 4 (key \"a\" of database 0): checksum does not match at byte 1"),
        "{said}"
    );
    assert!(said.contains("what its producers sent (idempotent IDs)"), "{said}");
    let left = state_of(&mut reopened(&storage, &salvaged));
    assert_eq!(left.keys().collect::<Vec<_>>(), state_in(&whole).keys().collect::<Vec<_>>());
    assert_eq!(left[&(0, "a".into())][0], state_in(&whole)[&(0, "a".into())][0]);
}

#[test]
fn entries_in_the_journal_are_kept_when_everything_before_them_is_lost() {
    let mut storage = history();
    storage.blobs.retain(|key, _| *key == BlobKey::Meta);
    let salvaged = storage.salvaged();
    let left = state_of(&mut reopened(&storage, &salvaged));
    let names: Vec<_> = left.keys().map(|(db, name)| (*db, name.as_str())).collect();
    assert_eq!(names, [(0, "a"), (3, "b")]);
    assert_eq!(entries_of(&left).len(), 20);
    let said = lose_text(&salvaged);
    assert!(said.contains("meta: 6 keys are missing"), "{said}");
    assert!(said.contains("key \"a\" of database 0: what it held before journal batch"), "{said}");
    assert!(
        said.contains("3 changes in the journal to something that is lost: no such group"),
        "{said}"
    );
}

/// What a storage holds after some commands, of all kinds, and every entry that ever was there.
fn written(chance: &mut Chance) -> (Storage, BTreeSet<String>) {
    let mut ever = BTreeSet::new();
    let mut host = Host::new(limits());
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
        ever.extend(entries_of(&state_of(&mut host)));
    }
    (host.storage, ever)
}

#[test]
fn any_damage_to_any_history_leaves_something_sound_with_nothing_new_in_it() {
    let (mut with_losses, mut without) = (0, 0);
    for seed in 0..1500 {
        let mut chance = Chance::new(seed);
        let (whole, ever) = written(&mut chance);
        let mut storage = whole.clone();
        for _ in 0..1 + chance.below(4) {
            let rows = (storage.blobs.len() + storage.journal.len()) as u64;
            if rows == 0 {
                break;
            }
            let row = chance.below(rows) as usize;
            let how = DAMAGES[chance.below(4) as usize];
            match storage.blobs.keys().nth(row).copied() {
                Some(at) => drop(damage(&mut storage, at, how)),
                None => {
                    let batch = storage.journal.values_mut().nth(row - storage.blobs.len());
                    let batch = batch.expect("a batch");
                    let at = chance.below(batch.len() as u64) as usize;
                    batch[at] ^= 1 << chance.below(8);
                }
            }
        }
        let salvaged = storage.salvaged();
        let mut left = reopened(&storage, &salvaged);
        left.now_ms = EARLY_MS;
        let left = entries_of(&state_of(&mut left));
        assert!(left.is_subset(&ever), "seed {seed}: {}", lose_text(&salvaged));
        if salvaged.losses.is_empty() { without += 1 } else { with_losses += 1 }
    }
    assert!(with_losses > 500 && without > 20, "{with_losses} {without}");
}
