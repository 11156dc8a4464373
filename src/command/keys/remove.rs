//! DEL, UNLINK, EXISTS, TYPE, FLUSHDB, FLUSHALL.

use crate::command::args::Args;
use crate::command::{Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::keyspace::DATABASES;
use crate::named::Named;
use crate::op::{Change, Key, Op};
use crate::reply::Reply;
use alloc::vec::Vec;

/// `DEL key [key ...]`, `UNLINK key [key ...]`
#[derive(Debug)]
pub(crate) struct Remove<'a> {
    keys: &'a [&'a [u8]],
}

impl<'a> Remove<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { keys: args.rest() })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Outcome<'c, 'k> {
        let mut seen = Named::default();
        let existing = self.keys.iter().filter(|key| view.item(key).is_some());
        let ops: Vec<Op<'c>> = existing
            .filter(|key| seen.insert(key, ()))
            .map(|key| view.op(key, Change::RemoveKey))
            .collect();
        let removed = Reply::count(ops.len() as u64);
        Outcome::changes(ops, removed)
    }
}

/// `FLUSHDB [ASYNC|SYNC]`, `FLUSHALL [ASYNC|SYNC]`
#[derive(Debug)]
pub(crate) struct RemoveAll {
    every_database: bool,
}

impl RemoveAll {
    pub(crate) fn parse_database(args: &mut Args<'_>) -> Result<Self, Refusal> {
        Self::parse(args, false)
    }

    pub(crate) fn parse_every_database(args: &mut Args<'_>) -> Result<Self, Refusal> {
        Self::parse(args, true)
    }

    fn parse(args: &mut Args<'_>, every_database: bool) -> Result<Self, Refusal> {
        let known = args.left() == 0 || args.take("ASYNC") || args.take("SYNC");
        if !known || args.left() > 0 {
            return Err(CommandError::Syntax.into());
        }
        Ok(Self { every_database })
    }

    pub(crate) fn decide<'c>(&self, view: View<'_>) -> Outcome<'c, 'c> {
        let databases = (0..DATABASES).filter(|&db| self.every_database || db == view.db);
        let full = databases.filter(|&db| !view.keyspace.database(db).is_empty());
        let clear = |db| Op { key: Key { db, name: b"" }, change: Change::ClearDatabase };
        Outcome::changes(full.map(clear).collect(), Reply::OK)
    }
}

/// `EXISTS key [key ...]`
#[derive(Debug)]
pub(crate) struct Exists<'a> {
    keys: &'a [&'a [u8]],
}

impl<'a> Exists<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { keys: args.rest() })
    }

    /// A key that is named twice counts twice.
    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Outcome<'c, 'k> {
        let existing = self.keys.iter().filter(|key| view.item(key).is_some());
        Outcome::reply(Reply::count(existing.count() as u64))
    }
}

/// `TYPE key`
#[derive(Debug)]
pub(crate) struct TypeOf<'a> {
    key: &'a [u8],
}

impl<'a> TypeOf<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()? })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Outcome<'c, 'k> {
        let name = view.item(self.key).map_or("none", |item| item.value.type_name());
        Outcome::reply(Reply::Simple(name))
    }
}
