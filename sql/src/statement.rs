//! Every SQL text. Those with a varying number of keys are built for that number, so that a host
//! which caches prepared statements by their text sees the same few again and again.

/// Parameters that a statement may have in a Durable Object.
const PARAMS: usize = 100;

/// Keys in one [`read`].
pub(crate) const READ_KEYS: usize = PARAMS / 3;
/// Keys in one [`delete_parts`].
pub(crate) const DELETE_KEYS: usize = PARAMS / 4;
/// Rows in one [`put_blobs`].
pub(crate) const PUT_ROWS: usize = PARAMS / 5;
/// Rows in one [`put_batch`].
pub(crate) const JOURNAL_ROWS: usize = PARAMS / 4;

/// One row when the tables exist.
pub(crate) const TABLES: &str =
    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'blob'";

/// `WITHOUT ROWID` because a rowid table with this primary key would have an index besides, and a
/// row of an index is a row written. The journal's key begins with `part`, so that the parts
/// beyond the first are one range at its end.
pub(crate) const CREATE: [&str; 2] = [
    "CREATE TABLE blob (kind INTEGER NOT NULL, stream INTEGER NOT NULL, number INTEGER NOT NULL, \
     part INTEGER NOT NULL, bytes BLOB NOT NULL, \
     PRIMARY KEY (kind, stream, number, part)) WITHOUT ROWID",
    "CREATE TABLE journal (part INTEGER NOT NULL, slot INTEGER NOT NULL, number INTEGER NOT NULL, \
     bytes BLOB NOT NULL, PRIMARY KEY (part, slot)) WITHOUT ROWID",
];

/// All blobs but segments and pages, which are kinds 3 and 4 and so come last in the table.
pub(crate) const LOAD_BLOBS: &str = "SELECT kind, stream, number, part, bytes FROM blob \
     WHERE kind < 3 ORDER BY kind, stream, number, part";

/// The batches still needed.
pub(crate) const LOAD_JOURNAL: &str =
    "SELECT number, part, bytes FROM journal WHERE number >= ? ORDER BY number, part";

/// The large parts of batches no longer needed.
pub(crate) const SHED_JOURNAL: &str = "DELETE FROM journal WHERE part > 0 AND number < ?";

/// Blobs by `(kind, stream, number)`.
pub(crate) fn read(keys: usize) -> String {
    format!(
        "SELECT kind, stream, number, part, bytes FROM blob \
         WHERE (kind, stream, number) IN (VALUES {}) ORDER BY kind, stream, number, part",
        tuples("(?, ?, ?)", keys)
    )
}

/// The parts of blobs from a part on, by `(kind, stream, number, part)`.
pub(crate) fn delete_parts(keys: usize) -> String {
    format!(
        "WITH stale (k, s, n, p) AS (VALUES {}) \
         DELETE FROM blob WHERE (kind, stream, number, part) IN (\
         SELECT kind, stream, number, part FROM stale \
         JOIN blob ON kind = k AND stream = s AND number = n AND part >= p)",
        tuples("(?, ?, ?, ?)", keys)
    )
}

/// Blob rows, replacing what is there.
pub(crate) fn put_blobs(rows: usize) -> String {
    format!(
        "REPLACE INTO blob (kind, stream, number, part, bytes) VALUES {}",
        tuples("(?, ?, ?, ?, ?)", rows)
    )
}

/// Rows of a journal batch, over the stale ones in its slot.
pub(crate) fn put_batch(rows: usize) -> String {
    format!(
        "REPLACE INTO journal (part, slot, number, bytes) VALUES {}",
        tuples("(?, ?, ?, ?)", rows)
    )
}

fn tuples(tuple: &str, count: usize) -> String {
    let mut text = [tuple, ", "].concat().repeat(count);
    text.truncate(text.len().saturating_sub(2));
    text
}
