//! The storage on a real SQLite, with blobs and batches made by hand.

mod sqlite;

use eddyline::{BlobKey, Checkpoint};
use eddyline_sql::{Error, JOURNAL_FIRST_PART_BYTES, JOURNAL_SLOTS, PART_BYTES, Storage};
use sqlite::{Database, Failure};
use std::collections::BTreeMap;

const GROUP: BlobKey = BlobKey::Group { stream: 7, group: 2 };
const STREAM: BlobKey = BlobKey::Key { key: 7 };

fn segment(segment: u64) -> BlobKey {
    BlobKey::Segment { stream: 7, segment }
}

fn put(put: Vec<(BlobKey, Vec<u8>)>, journal_start: u64) -> Checkpoint {
    Checkpoint { put, delete: Vec::new(), journal_start }
}

/// What a fresh opening finds, in a form to compare.
fn contents(database: &Database) -> (BTreeMap<BlobKey, Vec<u8>>, Vec<Vec<u8>>) {
    let (_, mut stored) = Storage::open(database).expect("the storage opens");
    stored.journal.sort();
    (stored.blobs.into_iter().collect(), stored.journal)
}

#[test]
fn a_database_only_asked_stays_without_tables() {
    let database = Database::new();
    let (mut storage, stored) = Storage::open(&database).expect("opens");
    assert!(stored.blobs.is_empty() && stored.journal.is_empty());
    assert!(storage.read(&[segment(1)]).is_err());
    database.commit(&mut storage, None, None).expect("nothing to commit");
    assert_eq!(database.count("SELECT count(*) FROM sqlite_schema"), 0);
}

#[test]
fn what_was_committed_is_there_at_the_next_opening() {
    let database = Database::new();
    let (mut storage, _) = Storage::open(&database).expect("opens");
    let blobs = vec![
        (BlobKey::Meta, b"meta".to_vec()),
        (STREAM, Vec::new()),
        (GROUP, b"group".to_vec()),
        (segment(1), b"one".to_vec()),
        (segment(2), b"two".to_vec()),
    ];
    database.commit(&mut storage, Some((0, b"a")), None).expect("commits");
    database.commit(&mut storage, None, Some(&put(blobs.clone(), 1))).expect("commits");
    database.commit(&mut storage, Some((1, b"b")), None).expect("commits");
    database.commit(&mut storage, Some((2, b"c")), None).expect("commits");

    let (found, journal) = contents(&database);
    assert_eq!(found, blobs[..3].iter().cloned().collect());
    assert_eq!(journal, [b"b", b"c"]);
    let read = storage.read(&[segment(2), segment(1)]).expect("both are there");
    assert_eq!(read, [b"two", b"one"], "segments come in the order asked for");
}

#[test]
fn a_shorter_rewrite_leaves_no_part_behind() {
    let database = Database::new();
    let (mut storage, _) = Storage::open(&database).expect("opens");
    let long: Vec<u8> = (0..PART_BYTES * 2 + 1).map(|at| (at % 251) as u8).collect();
    for (bytes, parts) in [(long.clone(), 3), (long[..PART_BYTES].to_vec(), 1), (Vec::new(), 1)] {
        let blobs = vec![(STREAM, bytes.clone()), (segment(1), bytes.clone())];
        database.commit(&mut storage, None, Some(&put(blobs, 0))).expect("commits");
        assert_eq!(contents(&database).0[&STREAM], bytes);
        assert_eq!(storage.read(&[segment(1)]).expect("is there"), [bytes]);
        assert_eq!(database.count("SELECT count(*) FROM blob WHERE kind > 0"), parts * 2);
    }
}

#[test]
fn a_deleted_blob_is_gone_with_all_its_parts() {
    let database = Database::new();
    let (mut storage, _) = Storage::open(&database).expect("opens");
    let at = segment(1);
    let blobs = vec![(at, vec![1; PART_BYTES + 1]), (STREAM, vec![2])];
    database.commit(&mut storage, None, Some(&put(blobs, 0))).expect("commits");
    let delete = Checkpoint { put: Vec::new(), delete: vec![at, GROUP], journal_start: 0 };
    database.commit(&mut storage, None, Some(&delete)).expect("commits");
    assert_eq!(database.count("SELECT count(*) FROM blob WHERE kind > 0"), 1);
    assert!(matches!(storage.read(&[segment(1)]), Err(Error::Format(error))
        if error.place == "blob (3, 7, 1)" && error.problem == "the blob is missing"));
}

#[test]
fn the_journal_is_rewound_and_never_grows_past_its_slots() {
    let database = Database::new();
    let (mut storage, _) = Storage::open(&database).expect("opens");
    let mut start = 0;
    for number in 0..JOURNAL_SLOTS * 2 + 10 {
        if storage.journal_full(number) {
            start = number;
            database.commit(&mut storage, None, Some(&put(Vec::new(), start))).expect("commits");
        }
        let batch = number.to_be_bytes();
        database.commit(&mut storage, Some((number, &batch)), None).expect("commits");
    }
    assert!(database.count("SELECT count(*) FROM journal") < JOURNAL_SLOTS as i64);
    let needed: Vec<_> =
        (start..JOURNAL_SLOTS * 2 + 10).map(|number| number.to_be_bytes().to_vec()).collect();
    assert_eq!(contents(&database).1, needed);
}

#[test]
fn parts_of_large_batches_go_with_the_checkpoint() {
    let database = Database::new();
    let (mut storage, _) = Storage::open(&database).expect("opens");
    let large: Vec<u8> =
        (0..JOURNAL_FIRST_PART_BYTES + PART_BYTES + 1).map(|at| (at % 251) as u8).collect();
    database.commit(&mut storage, Some((0, &large)), None).expect("commits");
    assert_eq!(contents(&database).1, [large]);
    assert_eq!(database.count("SELECT count(*) FROM journal"), 3);
    database.commit(&mut storage, None, Some(&put(Vec::new(), 1))).expect("commits");
    assert_eq!(database.count("SELECT count(*) FROM journal"), 1);
    assert!(contents(&database).1.is_empty());
}

#[test]
fn a_batch_that_the_checkpoint_covers_is_not_written() {
    let database = Database::new();
    let (mut storage, _) = Storage::open(&database).expect("opens");
    let checkpoint = put(vec![(STREAM, b"with batch 0".to_vec())], 1);
    database.commit(&mut storage, Some((0, b"batch 0")), Some(&checkpoint)).expect("commits");
    assert_eq!(database.count("SELECT count(*) FROM journal"), 0);
    assert!(contents(&database).1.is_empty());
}

#[test]
fn a_commit_that_fails_anywhere_has_not_happened() {
    let blobs = |text: &str| {
        let many = (0..50).map(segment);
        [STREAM, GROUP].into_iter().chain(many).map(|key| (key, text.into())).collect()
    };
    let mut failed = 0;
    for statement in 0.. {
        let database = Database::new();
        let (mut storage, _) = Storage::open(&database).expect("opens");
        database.commit(&mut storage, None, Some(&put(blobs("old"), 5))).expect("commits");
        database.commit(&mut storage, Some((5, b"old")), None).expect("commits");
        let before = contents(&database);
        database.failing_in.set(Some(statement));
        let result = database.commit(&mut storage, Some((6, b"new")), Some(&put(blobs("new"), 6)));
        database.failing_in.set(None);
        match result {
            Ok(()) => break,
            Err(error) => assert_eq!(error, Error::Sql(Failure("told to fail".into()))),
        }
        assert_eq!(contents(&database), before);
        failed += 1;
    }
    assert!(failed >= 5, "several statements were made to fail, not {failed}");
}

#[test]
fn more_keys_than_parameters_go_in_several_statements() {
    let database = Database::new();
    let (mut storage, _) = Storage::open(&database).expect("opens");
    let all: Vec<_> = (0..230).map(segment).collect();
    let blobs = all.iter().map(|at| (*at, at.to_numbers().2.to_be_bytes().to_vec()));
    let checkpoint = put(blobs.collect(), 0);
    database.commit(&mut storage, None, Some(&checkpoint)).expect("commits");
    let expected: Vec<_> = all.iter().map(|at| at.to_numbers().2.to_be_bytes().to_vec()).collect();
    assert_eq!(storage.read(&all).expect("all are there"), expected);

    let delete = all.clone();
    let checkpoint = Checkpoint { put: Vec::new(), delete, journal_start: 0 };
    database.commit(&mut storage, None, Some(&checkpoint)).expect("commits");
    assert_eq!(database.count("SELECT count(*) FROM blob WHERE kind = 3"), 0);
}

#[test]
fn damage_names_its_place() {
    let damaged = |damage: &str| {
        let database = Database::new();
        let (mut storage, _) = Storage::open(&database).expect("opens");
        let blobs = vec![(STREAM, vec![1; PART_BYTES * 3])];
        database.commit(&mut storage, Some((0, b"a")), Some(&put(blobs, 0))).expect("commits");
        database.run(damage);
        match Storage::open(&database) {
            Err(Error::Format(error)) => error.to_string(),
            Err(Error::Sql(Failure(text))) => panic!("{text}"),
            Ok(_) => panic!("`{damage}` went unnoticed"),
        }
    };
    let first_part = damaged("DELETE FROM blob WHERE kind = 1 AND part = 0");
    assert_eq!(first_part, "a part is missing at byte 0 of SQLite row [1, 7, 0]");
    let middle_part = damaged("DELETE FROM blob WHERE kind = 1 AND part = 1");
    assert_eq!(middle_part, "a part is missing at byte 0 of SQLite row [1, 7, 0]");
    let version = damaged("UPDATE blob SET bytes = x'02' WHERE kind = 0");
    assert!(version.contains("version of the tables"), "{version}");
    assert!(damaged("DELETE FROM blob WHERE kind = 0").contains("the row is missing"));
    assert!(
        damaged("UPDATE blob SET kind = 2, stream = 9, number = 9 WHERE kind = 0")
            .contains("header of the SQLite tables")
    );
}

#[test]
fn an_ordinary_turn_is_one_statement_and_one_row() {
    let database = Database::new();
    let (mut storage, _) = Storage::open(&database).expect("opens");
    database.commit(&mut storage, Some((0, b"a")), None).expect("commits");
    let statements = database.statements.get();
    let rows = database.connection.total_changes();
    database.commit(&mut storage, Some((1, b"b")), None).expect("commits");
    assert_eq!(database.statements.get() - statements, 1);
    assert_eq!(database.connection.total_changes() - rows, 1);
}
