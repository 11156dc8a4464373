//! The SQLite database of a Durable Object as the storage crate wants it.

use eddyline_sql::{Param, Row, Sql, Value};
use std::cell::Cell;
use std::rc::Rc;
use worker::worker_sys::DurableObjectState;
use worker::{Error, SqlStorage, SqlStorageValue, State};

/// The database, and how many rows were written to it, which is what is billed.
pub(crate) struct ObjectSql {
    storage: SqlStorage,
    rows_written: Rc<Cell<u64>>,
}

impl ObjectSql {
    pub(crate) fn new(state: DurableObjectState, rows_written: Rc<Cell<u64>>) -> Self {
        Self { storage: State::from(state).storage().sql(), rows_written }
    }
}

impl Sql for ObjectSql {
    type Error = Error;

    fn exec(&self, query: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        let params: Vec<_> = params.iter().map(bound).collect();
        let cursor = self.storage.exec(query, params)?;
        let rows = cursor.raw().map(|row| row?.into_iter().map(value).collect()).collect();
        self.rows_written.update(|rows| rows + cursor.rows_written() as u64);
        rows
    }
}

fn bound(param: &Param<'_>) -> SqlStorageValue {
    match *param {
        // Below 2^53 by the contract, so the cast and the number in JavaScript are exact.
        Param::Integer(number) => SqlStorageValue::Integer(number as i64),
        Param::Bytes(bytes) => SqlStorageValue::Blob(bytes.to_vec()),
    }
}

fn value(value: SqlStorageValue) -> Result<Value, Error> {
    match value {
        SqlStorageValue::Integer(number) if number >= 0 => Ok(Value::Integer(number as u64)),
        SqlStorageValue::Blob(bytes) => Ok(Value::Bytes(bytes)),
        _ => Err(Error::RustError(String::from("a column is neither a count nor a blob"))),
    }
}
