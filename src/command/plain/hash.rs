//! HSET, HGET, HMGET, HGETALL, HLEN, HDEL, HINCRBY: hashes.

use super::{incremented, put, texts};
use crate::command::args::{self, Args};
use crate::command::{Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::integer::Text;
use crate::plain::Kind;
use crate::reply::Reply;
use alloc::vec::Vec;

/// Position of a field's name among names and values in turn.
fn find(texts: &[&[u8]], name: &[u8]) -> Option<usize> {
    texts.chunks_exact(2).position(|pair| pair[0] == name).map(|at| at * 2)
}

/// `HSET key field value [field value ...]`
#[derive(Debug)]
pub(crate) struct SetFields<'a> {
    key: &'a [u8],
    pairs: &'a [&'a [u8]],
}

impl<'a> SetFields<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (key, pairs) = (args.next()?, args.rest());
        if pairs.len() % 2 == 1 {
            return Err(args.wrong_arity());
        }
        Ok(Self { key, pairs })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        let mut texts = texts(view, self.key, Kind::Hash)?;
        let before = texts.len();
        for pair in self.pairs.chunks_exact(2) {
            match find(&texts, pair[0]) {
                Some(at) => texts[at + 1] = pair[1],
                None => texts.extend_from_slice(pair),
            }
        }
        let added = (texts.len() - before) / 2;
        put(view, self.key, Kind::Hash, &texts, Reply::count(added as u64))
    }
}

/// `HGET key field`, `HMGET key field [field ...]`
#[derive(Debug)]
pub(crate) struct GetFields<'a> {
    key: &'a [u8],
    names: &'a [&'a [u8]],
    /// One value, not in an array.
    single: bool,
}

impl<'a> GetFields<'a> {
    pub(crate) fn parse(args: &mut Args<'a>, single: bool) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()?, names: args.rest(), single })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        let texts = texts(view, self.key, Kind::Hash)?;
        let value = |name: &&[u8]| {
            find(&texts, name).map_or(Reply::NullText, |at| Reply::text(texts[at + 1]))
        };
        let mut values = self.names.iter().map(value);
        Ok(Outcome::reply(match self.single {
            true => values.next().unwrap_or(Reply::NullText),
            false => Reply::Array(values.collect()),
        }))
    }
}

/// `HGETALL key`
pub(crate) fn fields<'c, 'k>(key: &[u8], view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
    let texts = texts(view, key, Kind::Hash)?;
    let pairs = texts.chunks_exact(2).map(|pair| (Reply::text(pair[0]), Reply::text(pair[1])));
    Ok(Outcome::reply(Reply::Map(pairs.collect())))
}

/// `HLEN key`
pub(crate) fn count<'c, 'k>(key: &[u8], view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
    let fields = texts(view, key, Kind::Hash)?.len() / 2;
    Ok(Outcome::reply(Reply::count(fields as u64)))
}

/// `HDEL key field [field ...]`
#[derive(Debug)]
pub(crate) struct DeleteFields<'a> {
    key: &'a [u8],
    names: &'a [&'a [u8]],
}

impl<'a> DeleteFields<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()?, names: args.rest() })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        let texts = texts(view, self.key, Kind::Hash)?;
        let stays = |pair: &&[&[u8]]| !self.names.contains(&pair[0]);
        let left = texts.chunks_exact(2).filter(stays).flatten().copied();
        let left: Vec<&[u8]> = left.collect();
        let removed = (texts.len() - left.len()) / 2;
        if removed == 0 {
            return Ok(Outcome::reply(Reply::Integer(0)));
        }
        put(view, self.key, Kind::Hash, &left, Reply::count(removed as u64))
    }
}

/// `HINCRBY key field increment`
#[derive(Debug)]
pub(crate) struct IncrementField<'a> {
    key: &'a [u8],
    name: &'a [u8],
    by: i64,
}

impl<'a> IncrementField<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()?, name: args.next()?, by: args::integer(args.next()?)? })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        let mut texts = texts(view, self.key, Kind::Hash)?;
        let at = find(&texts, self.name);
        let present = at.map(|at| texts[at + 1]);
        let value = incremented(present, self.by, CommandError::HashNotInteger)?;
        let text = Text::signed(value);
        match at {
            Some(at) => texts[at + 1] = text.as_bytes(),
            None => texts.extend_from_slice(&[self.name, text.as_bytes()]),
        }
        put(view, self.key, Kind::Hash, &texts, Reply::Integer(value))
    }
}
