//! `Sql` over a real SQLite, able to fail at a chosen statement.
#![allow(dead_code, reason = "each test uses a part of it")]

use eddyline_sql::{Batch, Error, Param, Row, Sql, Storage, Value};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, params_from_iter};
use std::cell::Cell;

/// What a failed statement says.
#[derive(Debug, PartialEq)]
pub struct Failure(pub String);

/// A database that outlives the storages opened on it.
pub struct Database {
    pub connection: Connection,
    /// Statements until one fails.
    pub failing_in: Cell<Option<usize>>,
    /// Statements run so far.
    pub statements: Cell<usize>,
    /// Whether segments or pages were asked for.
    pub has_read_cold: Cell<bool>,
}

impl Database {
    pub fn new() -> Self {
        let connection = Connection::open_in_memory().expect("SQLite opens a database in memory");
        Self {
            connection,
            failing_in: Cell::new(None),
            statements: Cell::new(0),
            has_read_cold: Cell::new(false),
        }
    }

    /// Runs `work` as a host does: in a transaction, rolled back on an error.
    pub fn transaction<T, E>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.run("BEGIN");
        let result = work();
        self.run(if result.is_ok() { "COMMIT" } else { "ROLLBACK" });
        result
    }

    pub fn commit(
        &self,
        storage: &mut Storage<&Self>,
        batch: Option<(u64, &[u8])>,
        checkpoint: Option<&eddyline::Checkpoint>,
    ) -> Result<(), Error<Failure>> {
        let batch = batch.map(|(number, bytes)| Batch { number, bytes });
        self.transaction(|| storage.commit(batch, checkpoint))
    }

    pub fn run(&self, statements: &str) {
        self.connection.execute_batch(statements).expect(statements);
    }

    pub fn count(&self, query: &str) -> i64 {
        self.connection.query_row(query, [], |row| row.get(0)).expect(query)
    }
}

impl Sql for &Database {
    type Error = Failure;

    fn exec(&self, query: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Failure> {
        self.statements.set(self.statements.get() + 1);
        let is_read = query.contains("(kind, stream, number) IN (VALUES");
        self.has_read_cold.set(self.has_read_cold.get() || is_read);
        if let Some(left) = self.failing_in.get() {
            if left == 0 {
                return Err(Failure(String::from("told to fail")));
            }
            self.failing_in.set(Some(left - 1));
        }
        rows(&self.connection, query, params).map_err(|error| Failure(error.to_string()))
    }
}

fn rows(connection: &Connection, query: &str, params: &[Param<'_>]) -> rusqlite::Result<Vec<Row>> {
    assert!(params.len() <= 100, "a Durable Object binds 100 parameters at most");
    let mut statement = connection.prepare_cached(query)?;
    let columns = statement.column_count();
    let mut cursor = statement.query(params_from_iter(params.iter().map(Bound)))?;
    let mut rows = Vec::new();
    while let Some(row) = cursor.next()? {
        rows.push((0..columns).map(|at| row.get_ref(at).map(value)).collect::<Result<_, _>>()?);
    }
    Ok(rows)
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Integer(number) => Value::Integer(number.try_into().expect("not negative")),
        ValueRef::Blob(bytes) => {
            assert!(bytes.len() <= 2_000_000, "a Durable Object's value has 2 MB at most");
            Value::Bytes(bytes.to_vec())
        }
        other => panic!("a column of type {}", other.data_type()),
    }
}

struct Bound<'a>(&'a Param<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match *self.0 {
            Param::Integer(number) => Ok((number as i64).into()),
            Param::Bytes(bytes) => Ok(bytes.into()),
        }
    }
}
