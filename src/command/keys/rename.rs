//! RENAME, RENAMENX, MOVE, COPY, SWAPDB: what a key holds comes to be elsewhere.

use crate::command::args::{self, Args};
use crate::command::{Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::keyspace::DATABASES;
use crate::op::{Change, Key, Op};
use crate::reply::Reply;
use alloc::vec::Vec;

/// A database's number as an argument gives it.
pub(crate) fn database(text: &[u8]) -> Result<u8, Refusal> {
    let number = args::integer(text)?;
    if i32::try_from(number).is_err() {
        return Err(CommandError::OutsideInt32.into());
    }
    let db = u8::try_from(number).ok().filter(|&db| db < DATABASES);
    Ok(db.ok_or(CommandError::NoSuchDatabase)?)
}

/// `RENAME key newkey`, `RENAMENX key newkey`
#[derive(Debug)]
pub(crate) struct Rename<'a> {
    from: &'a [u8],
    to: &'a [u8],
    /// Only if the new key is free, and then the reply tells.
    if_free: bool,
}

impl<'a> Rename<'a> {
    pub(crate) fn parse(args: &mut Args<'a>, if_free: bool) -> Result<Self, Refusal> {
        Ok(Self { from: args.next()?, to: args.next()?, if_free })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        view.item(self.from).ok_or(CommandError::NoKey)?;
        let done = if self.if_free { Reply::Integer(1) } else { Reply::OK };
        let taken = view.item(self.to).is_some();
        if self.if_free && taken {
            return Ok(Outcome::reply(Reply::Integer(0)));
        }
        if self.from == self.to {
            return Ok(Outcome::reply(done));
        }
        let mut ops = Vec::new();
        if taken {
            ops.push(view.op(self.to, Change::RemoveKey));
        }
        ops.push(view.op(self.from, Change::Move { to: view.key(self.to) }));
        Ok(Outcome::changes(ops, done))
    }
}

/// `MOVE key db`
#[derive(Debug)]
pub(crate) struct Move<'a> {
    key: &'a [u8],
    db: u8,
}

impl<'a> Move<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()?, db: database(args.next()?)? })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        if self.db == view.db {
            return Err(CommandError::SamePlace.into());
        }
        let to = Key { db: self.db, name: self.key };
        if view.item(self.key).is_none() || view.keyspace.item(to).is_some() {
            return Ok(Outcome::reply(Reply::Integer(0)));
        }
        Ok(Outcome::change(view.op(self.key, Change::Move { to }), Reply::Integer(1)))
    }
}

/// `COPY source destination [DB db] [REPLACE]`
#[derive(Debug)]
pub(crate) struct Copy<'a> {
    from: &'a [u8],
    to: &'a [u8],
    /// `None`: the client's own.
    db: Option<u8>,
    replace: bool,
}

impl<'a> Copy<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (from, to) = (args.next()?, args.next()?);
        let mut copy = Self { from, to, db: None, replace: false };
        while args.left() > 0 {
            if args.take("REPLACE") {
                copy.replace = true;
            } else if let Some(text) = args.take_with_value("DB") {
                copy.db = Some(database(text)?);
            } else {
                return Err(CommandError::Syntax.into());
            }
        }
        Ok(copy)
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        let to = Key { db: self.db.unwrap_or(view.db), name: self.to };
        if to == view.key(self.from) {
            return Err(CommandError::SamePlace.into());
        }
        let taken = view.keyspace.item(to).is_some();
        if view.item(self.from).is_none() || (taken && !self.replace) {
            return Ok(Outcome::reply(Reply::Integer(0)));
        }
        let mut ops = Vec::new();
        if taken {
            ops.push(Op { key: to, change: Change::RemoveKey });
        }
        ops.push(view.op(self.from, Change::Copy { to }));
        Ok(Outcome::changes(ops, Reply::Integer(1)))
    }
}

/// `SWAPDB db db`
#[derive(Debug)]
pub(crate) struct Swap {
    one: u8,
    other: u8,
}

impl Swap {
    pub(crate) fn parse(args: &mut Args<'_>) -> Result<Self, Refusal> {
        let number = |text, which| {
            let number = args::integer(text).ok().filter(|&number| i32::try_from(number).is_ok());
            number.ok_or(CommandError::InvalidDatabase { which })
        };
        let one = number(args.next()?, "first")?;
        let other = number(args.next()?, "second")?;
        let db = |number| u8::try_from(number).ok().filter(|&db| db < DATABASES);
        let (one, other) = db(one).zip(db(other)).ok_or(CommandError::NoSuchDatabase)?;
        Ok(Self { one, other })
    }

    pub(crate) fn decide<'c>(&self, view: View<'_>) -> Outcome<'c, 'c> {
        let empty = |db| view.keyspace.database(db).is_empty();
        if self.one == self.other || (empty(self.one) && empty(self.other)) {
            return Outcome::reply(Reply::OK);
        }
        let key = Key { db: self.one, name: b"" };
        let change = Change::SwapDatabases { with: self.other };
        Outcome::change(Op { key, change }, Reply::OK)
    }
}
