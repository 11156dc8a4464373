//! LPUSH, RPUSH, LPOP, RPOP, LLEN, LRANGE: lists.

use super::{End, put, texts};
use crate::command::args::{self, Args};
use crate::command::{Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::plain::Kind;
use crate::reply::Reply;
use alloc::borrow::Cow;

/// `LPUSH key element [element ...]`, `RPUSH key element [element ...]`
#[derive(Debug)]
pub(crate) struct Push<'a> {
    key: &'a [u8],
    elements: &'a [&'a [u8]],
    end: End,
}

impl<'a> Push<'a> {
    pub(crate) fn parse(args: &mut Args<'a>, end: End) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()?, elements: args.rest(), end })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        let mut texts = texts(view, self.key, Kind::List)?;
        match self.end {
            End::Left => drop(texts.splice(..0, self.elements.iter().rev().copied())),
            End::Right => texts.extend_from_slice(self.elements),
        }
        let length = Reply::count(texts.len() as u64);
        put(view, self.key, Kind::List, &texts, length)
    }
}

/// `LPOP key [count]`, `RPOP key [count]`
#[derive(Debug)]
pub(crate) struct Pop<'a> {
    key: &'a [u8],
    /// `None`: one element, not in an array.
    count: Option<usize>,
    end: End,
}

impl<'a> Pop<'a> {
    pub(crate) fn parse(args: &mut Args<'a>, end: End) -> Result<Self, Refusal> {
        let key = args.next()?;
        if args.left() > 1 {
            return Err(args.wrong_arity());
        }
        let count = args.peek().map(|text| {
            let count = args::integer(text).ok().filter(|count| *count >= 0);
            // As many as there can be, where an address has 32 bits.
            let count = count.map(|count| usize::try_from(count).unwrap_or(usize::MAX));
            count.ok_or(CommandError::NotPositive)
        });
        Ok(Self { key, count: count.transpose()?, end })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        let texts = texts(view, self.key, Kind::List)?;
        let missing = || if self.count.is_some() { Reply::NullArray } else { Reply::NullText };
        if texts.is_empty() {
            return Ok(Outcome::reply(missing()));
        }
        let count = self.count.unwrap_or(1).min(texts.len());
        if count == 0 {
            return Ok(Outcome::reply(Reply::Array([].into())));
        }
        let (popped, left) = match self.end {
            End::Left => texts.split_at(count),
            End::Right => {
                let (left, popped) = texts.split_at(texts.len() - count);
                (popped, left)
            }
        };
        let reply = |text: &&'k [u8]| Reply::Text(Cow::Borrowed(*text));
        let reply = match (self.count, self.end) {
            (None, _) => popped.first().map_or(Reply::NullText, reply),
            (Some(_), End::Left) => Reply::Array(popped.iter().map(reply).collect()),
            (Some(_), End::Right) => Reply::Array(popped.iter().rev().map(reply).collect()),
        };
        put(view, self.key, Kind::List, left, reply)
    }
}

/// `LLEN key`
pub(crate) fn length<'c, 'k>(key: &[u8], view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
    Ok(Outcome::reply(Reply::count(texts(view, key, Kind::List)?.len() as u64)))
}

/// `LRANGE key start stop`
#[derive(Debug)]
pub(crate) struct Range<'a> {
    key: &'a [u8],
    start: i64,
    stop: i64,
}

impl<'a> Range<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let key = args.next()?;
        Ok(Self { key, start: args::integer(args.next()?)?, stop: args::integer(args.next()?)? })
    }

    /// Positions below 0 count from the end, and `stop` is the last one given.
    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        let texts = texts(view, self.key, Kind::List)?;
        let length = texts.len() as i64;
        let from_front = |position: i64| if position < 0 { position + length } else { position };
        let start = from_front(self.start).max(0) as usize;
        let end = (from_front(self.stop).clamp(-1, length - 1) + 1) as usize;
        let elements = texts.get(start..end).unwrap_or_default();
        Ok(Outcome::reply(Reply::Array(elements.iter().map(|text| Reply::text(text)).collect())))
    }
}
