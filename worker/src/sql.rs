//! The SQLite database of a Durable Object as the storage crate wants it.

use eddyline_sql::{Param, Row, Sql, Value};
use worker::worker_sys::DurableObjectState;
use worker::{Error, SqlStorage, SqlStorageValue, State};

pub(crate) struct ObjectSql(SqlStorage);

impl ObjectSql {
    pub(crate) fn new(state: DurableObjectState) -> Self {
        Self(State::from(state).storage().sql())
    }
}

impl Sql for ObjectSql {
    type Error = Error;

    fn exec(&self, query: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        let params: Vec<_> = params.iter().map(bound).collect();
        self.0.exec(query, params)?.raw().map(|row| row?.into_iter().map(value).collect()).collect()
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
