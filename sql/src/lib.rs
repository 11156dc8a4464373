//! Eddyline on SQLite: schema and statements, once, for every host that has an SQLite at hand.
//!
//! A host implements [`Sql`], one method, over whatever its SQLite looks like, and gets
//! [`DurableEngine`], or the [`Storage`] below it. Rows written are what a Durable
//! Object is billed for, and calls are what a turn's time goes to, so both are few: a journal
//! batch is one row and one call.
//!
//! ```text
//! blob     kind, stream, number, part → bytes     a blob is its parts in order
//!          (0, 0, 1, 0) is this crate's own row: see `header.rs`
//! journal  part, slot → number, bytes             slot = batch number - first number needed
//! ```
//!
//! The journal is never cut: a checkpoint moves the first number needed, and the next batches
//! overwrite the rows from slot 0 on. Only the parts beyond the first of large batches are
//! deleted, so what stays behind is at most [`JOURNAL_SLOTS`] first parts.
//!
//! ```
//! use eddyline::{ClientId, Limits};
//! use eddyline_sql::{DurableEngine, Param, Row, Sql, Value};
//! use rusqlite::{Connection, params_from_iter, types::Value as Column};
//!
//! struct Database(Connection);
//!
//! impl Sql for &Database {
//!     type Error = rusqlite::Error;
//!
//!     fn exec(&self, query: &str, params: &[Param<'_>]) -> rusqlite::Result<Vec<Row>> {
//!         let params = params.iter().map(|param| match *param {
//!             Param::Integer(number) => Column::Integer(number as i64),
//!             Param::Bytes(bytes) => Column::Blob(bytes.to_vec()),
//!         });
//!         let mut statement = self.0.prepare_cached(query)?;
//!         let columns = statement.column_count();
//!         let rows = statement.query_map(params_from_iter(params), |row| {
//!             (0..columns).map(|at| row.get(at)).collect::<Result<Vec<Column>, _>>()
//!         })?;
//!         let value = |column| match column {
//!             Column::Integer(number) => Value::Integer(number as u64),
//!             Column::Blob(bytes) => Value::Bytes(bytes),
//!             other => panic!("no statement asks for {other:?}"),
//!         };
//!         rows.map(|row| Ok(row?.into_iter().map(value).collect())).collect()
//!     }
//! }
//!
//! # fn main() -> Result<(), eddyline_sql::Error<rusqlite::Error>> {
//! let database = Database(Connection::open_in_memory().map_err(eddyline_sql::Error::Sql)?);
//! let mut engine = DurableEngine::open(Limits::default(), &database)?;
//! // A host opens a transaction here, and rolls it back on an error.
//! let turn = engine.turn(1000, ClientId(1), b"XADD orders * item tea\r\n")?;
//! assert_eq!(turn.reply, b"$6\r\n1000-0\r\n");
//!
//! let mut again = DurableEngine::open(Limits::default(), &database)?;
//! assert_eq!(again.turn(2000, ClientId(1), b"XLEN orders\r\n")?.reply, b":1\r\n");
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod durable;
mod header;
mod parts;
mod statement;

pub use durable::DurableEngine;

use eddyline::{BlobKey, Checkpoint, FormatError, Stored};
use header::Header;

/// Journal batches between two checkpoints at most; see [`Storage::journal_full`].
pub const JOURNAL_SLOTS: u64 = 1024;

/// Bytes of a row at most. A Durable Object's limit is 2 MB for the whole row.
pub const PART_BYTES: usize = 1_900_000;

/// Bytes of the first part of a journal batch. Small, because these rows stay behind.
pub const JOURNAL_FIRST_PART_BYTES: usize = 64 << 10;

/// What is bound to a `?` of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param<'a> {
    /// A number below 2^53.
    Integer(u64),
    /// A BLOB.
    Bytes(&'a [u8]),
}

/// What a column of a result holds. The statements of this crate ask for nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number below 2^53.
    Integer(u64),
    /// A BLOB.
    Bytes(Vec<u8>),
}

/// One row of a result.
pub type Row = Vec<Value>;

/// An SQLite database.
pub trait Sql {
    /// What a failed statement gives.
    type Error;

    /// Runs one statement with its parameters (100 at most) and returns all its rows.
    ///
    /// # Errors
    /// Whatever the database says.
    fn exec(&self, query: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Self::Error>;
}

/// Why the storage could not do what was asked.
#[derive(Debug, PartialEq, Eq)]
pub enum Error<E> {
    /// A statement failed.
    Sql(E),
    /// What is stored cannot be what was written.
    Format(FormatError),
}

impl<E: std::fmt::Display> std::fmt::Display for Error<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sql(error) => error.fmt(f),
            Self::Format(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error> std::error::Error for Error<E> {}

/// One turn's journal: `Turn::journal` and `Turn::journal_number`.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The batch's number.
    pub number: u64,
    /// The batch.
    pub bytes: &'a [u8],
}

/// An engine's storage in one SQLite database.
///
/// Every method issues several statements and no transaction of its own: the host has one open
/// round each call and rolls it back on an error. After an error the value is worthless, as the
/// engine above it is: drop both and open again.
#[derive(Debug)]
pub struct Storage<S> {
    sql: S,
    /// `None` until the tables exist, which is when something is first written: an object that is
    /// only asked about a key it does not have stays empty.
    header: Option<Header>,
}

impl<S: Sql> Storage<S> {
    /// Opens the storage and gives what `Engine::restore` wants: everything but segments and pages.
    ///
    /// # Errors
    /// A failed statement, tables of a newer version, or rows that are missing.
    pub fn open(sql: S) -> Result<(Self, Stored), Error<S::Error>> {
        let mut storage = Self { sql, header: None };
        let mut stored = Stored::default();
        if storage.exec(statement::TABLES, &[])?.is_empty() {
            return Ok((storage, stored));
        }
        let rows = storage.exec(statement::LOAD_BLOBS, &[])?;
        for (key, bytes) in parts::join(rows)? {
            if key == header::KEY {
                storage.header = Some(Header::parse(&bytes)?);
            } else {
                stored.blobs.push((blob_key(key)?, bytes));
            }
        }
        let header = storage.header.ok_or_else(header::missing)?;
        let rows =
            storage.exec(statement::LOAD_JOURNAL, &[Param::Integer(header.journal_start)])?;
        let batches = parts::join::<1>(rows)?;
        stored.journal = batches.into_iter().map(|(_, batch)| batch).collect();
        Ok((storage, stored))
    }

    /// Reads blobs that opening does not load, in the order asked for.
    ///
    /// # Errors
    /// A failed statement, or a blob that is not there.
    pub fn read(&self, need: &[BlobKey]) -> Result<Vec<Vec<u8>>, Error<S::Error>> {
        let mut blobs = Vec::with_capacity(need.len());
        for some in need.chunks(statement::READ_KEYS) {
            let found = self.read_some(some)?;
            for key in some {
                let key: [u64; 3] = key.to_numbers().into();
                let gone = |_| Error::Format(damaged(key, "the blob is missing"));
                let at = found.binary_search_by_key(&key, |(key, _)| *key).map_err(gone)?;
                blobs.push(found[at].1.clone());
            }
        }
        Ok(blobs)
    }

    /// Those among these that are there, in the order of their keys.
    fn read_some(&self, need: &[BlobKey]) -> Result<Vec<parts::Keyed<3>>, Error<S::Error>> {
        if self.header.is_none() {
            return Ok(Vec::new());
        }
        let numbers = need.iter().flat_map(|key| <[u64; 3]>::from(key.to_numbers()));
        let params: Vec<_> = numbers.map(Param::Integer).collect();
        let rows = self.exec(&statement::read(need.len()), &params)?;
        parts::join(rows).map_err(Error::Format)
    }

    /// Writes what a turn changed. A batch that the checkpoint already covers is left out.
    ///
    /// # Errors
    /// A failed statement; then some of the statements before it have run, and the host's
    /// transaction undoes them.
    pub fn commit(
        &mut self,
        batch: Option<Batch<'_>>,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<(), Error<S::Error>> {
        if batch.is_none() && checkpoint.is_none() {
            return Ok(());
        }
        let mut header = match self.header {
            Some(header) => header,
            None => self.create(batch.map_or(0, |batch| batch.number))?,
        };
        if let Some(checkpoint) = checkpoint {
            header = Header { journal_start: checkpoint.journal_start };
            self.put_checkpoint(checkpoint, header)?;
        }
        self.header = Some(header);
        match batch {
            Some(batch) if batch.number >= header.journal_start => self.put_batch(batch, header),
            _ => Ok(()),
        }
    }

    /// Whether a checkpoint must come with the batch of this number, so that the journal does not
    /// grow without bound. The engine's own `checkpoint_due` normally comes much earlier.
    #[must_use]
    pub fn journal_full(&self, number: u64) -> bool {
        let start = self.header.map_or(number, |header| header.journal_start);
        number.saturating_sub(start) + 1 >= JOURNAL_SLOTS
    }

    fn create(&self, journal_start: u64) -> Result<Header, Error<S::Error>> {
        for table in statement::CREATE {
            self.exec(table, &[])?;
        }
        let header = Header { journal_start };
        self.put_blobs(&[(header::KEY, header.to_bytes().as_slice())])?;
        Ok(header)
    }

    fn put_checkpoint(
        &self,
        checkpoint: &Checkpoint,
        header: Header,
    ) -> Result<(), Error<S::Error>> {
        let header = header.to_bytes();
        let mut puts: Vec<([u64; 3], &[u8])> = vec![(header::KEY, &header)];
        let mut stale = Vec::new();
        for (key, bytes) in &checkpoint.put {
            puts.push((key.to_numbers().into(), bytes));
            stale.push((*key, parts::count(bytes.len(), PART_BYTES)));
        }
        stale.extend(checkpoint.delete.iter().map(|key| (*key, 0)));
        self.delete_parts(&stale)?;
        self.put_blobs(&puts)?;
        let start = Param::Integer(checkpoint.journal_start);
        self.exec(statement::SHED_JOURNAL, &[start]).map(drop)
    }

    /// Deletes the parts of each blob from the given one on: those that a shorter rewrite leaves
    /// over, and all parts of a deleted blob.
    fn delete_parts(&self, stale: &[(BlobKey, u64)]) -> Result<(), Error<S::Error>> {
        for some in stale.chunks(statement::DELETE_KEYS) {
            let mut params = Vec::with_capacity(some.len() * 4);
            for (key, first_part) in some {
                let (kind, stream, number) = key.to_numbers();
                params.extend([kind, stream, number, *first_part].map(Param::Integer));
            }
            self.exec(&statement::delete_parts(some.len()), &params)?;
        }
        Ok(())
    }

    fn put_blobs(&self, puts: &[([u64; 3], &[u8])]) -> Result<(), Error<S::Error>> {
        let mut rows = Vec::new();
        for (key, bytes) in puts {
            for (part, piece) in parts::split(bytes, PART_BYTES, PART_BYTES) {
                rows.push((*key, part, piece));
            }
        }
        for some in rows.chunks(statement::PUT_ROWS) {
            let mut params = Vec::with_capacity(some.len() * 5);
            for ([kind, stream, number], part, piece) in some {
                params.extend([*kind, *stream, *number, *part].map(Param::Integer));
                params.push(Param::Bytes(piece));
            }
            self.exec(&statement::put_blobs(some.len()), &params)?;
        }
        Ok(())
    }

    fn put_batch(&self, batch: Batch<'_>, header: Header) -> Result<(), Error<S::Error>> {
        let slot = batch.number - header.journal_start;
        let rows: Vec<_> =
            parts::split(batch.bytes, JOURNAL_FIRST_PART_BYTES, PART_BYTES).collect();
        for some in rows.chunks(statement::JOURNAL_ROWS) {
            let mut params = Vec::with_capacity(some.len() * 4);
            for (part, piece) in some {
                params.extend([*part, slot, batch.number].map(Param::Integer));
                params.push(Param::Bytes(piece));
            }
            self.exec(&statement::put_batch(some.len()), &params)?;
        }
        Ok(())
    }

    fn exec(&self, query: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Error<S::Error>> {
        self.sql.exec(query, params).map_err(Error::Sql)
    }
}

fn blob_key(key: [u64; 3]) -> Result<BlobKey, FormatError> {
    let [kind, stream, number] = key;
    BlobKey::from_numbers(kind, stream, number).ok_or_else(|| damaged(key, "unknown kind of blob"))
}

fn damaged([kind, stream, number]: [u64; 3], problem: &'static str) -> FormatError {
    FormatError { place: format!("blob ({kind}, {stream}, {number})"), offset: 0, problem }
}
