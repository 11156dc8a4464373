//! SET, SETEX, SETNX, GET, MGET, GETDEL, STRLEN, INCR, DECR, INCRBY, DECRBY: texts.

use super::{incremented, put, texts};
use crate::command::args::{self, Args};
use crate::command::keys::Clock;
use crate::command::{Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::integer::Text;
use crate::op::Change;
use crate::plain::Kind;
use crate::reply::Reply;
use alloc::vec::Vec;

/// What a SET does to the expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expiry {
    Drop,
    Keep,
    At(u64),
}

/// What a SET answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// `OK`, or nothing if it did not set.
    Ok,
    /// What was there.
    Before,
    /// 1, or 0 if it did not set.
    Count,
}

/// `SET key value [NX|XX] [GET] [EX s|PX ms|EXAT s|PXAT ms|KEEPTTL]`, `SETEX key s value`,
/// `SETNX key value`
#[derive(Debug)]
pub(crate) struct Set<'a> {
    key: &'a [u8],
    value: &'a [u8],
    /// Only if the key is there (`true`), or not there.
    if_there: Option<bool>,
    answer: Answer,
    expiry: Expiry,
}

impl<'a> Set<'a> {
    fn new(key: &'a [u8], value: &'a [u8]) -> Self {
        Self { key, value, if_there: None, answer: Answer::Ok, expiry: Expiry::Drop }
    }

    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let mut set = Self::new(args.next()?, args.next()?);
        let mut time = None;
        while args.left() > 0 {
            if set.if_there != Some(true) && args.take("NX") {
                set.if_there = Some(false);
            } else if set.if_there != Some(false) && args.take("XX") {
                set.if_there = Some(true);
            } else if args.take("GET") {
                set.answer = Answer::Before;
            } else if time.is_none() && args.take("KEEPTTL") {
                set.expiry = Expiry::Keep;
            } else if let Some(given) = take_time(args)
                && set.expiry == Expiry::Drop
                && time.is_none_or(|(clock, _)| clock == given.0)
            {
                time = Some(given);
            } else {
                return Err(CommandError::Syntax.into());
            }
        }
        if let Some((clock, text)) = time {
            set.expiry = Expiry::parse(clock, text, args)?;
        }
        Ok(set)
    }

    /// `SETEX key seconds value`
    pub(crate) fn parse_with_seconds(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (key, seconds, value) = (args.next()?, args.next()?, args.next()?);
        let expiry = Expiry::parse(Clock::SECONDS, seconds, args)?;
        Ok(Self { expiry, ..Self::new(key, value) })
    }

    /// `SETNX key value`
    pub(crate) fn parse_if_free(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let set = Self::new(args.next()?, args.next()?);
        Ok(Self { if_there: Some(false), answer: Answer::Count, ..set })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        let item = view.item(self.key);
        let sets = self.if_there.is_none_or(|wanted| wanted == item.is_some());
        let reply = self.reply(view, sets)?;
        if !sets {
            return Ok(Outcome::reply(reply));
        }
        let kept_ms = item.and_then(|item| item.expires_ms);
        let at_ms = match self.expiry {
            Expiry::At(at_ms) if at_ms <= view.now_ms => {
                let removal = item.map(|_| view.op(self.key, Change::RemoveKey));
                return Ok(Outcome::changes(removal.into_iter().collect(), reply));
            }
            Expiry::At(at_ms) => Some(at_ms),
            Expiry::Keep => kept_ms,
            Expiry::Drop => None,
        };
        let Outcome { mut ops, then } = put(view, self.key, Kind::Text, &[self.value], reply)?;
        let is_stream = item.is_some_and(|item| item.stream().is_some());
        if is_stream {
            ops.insert(0, view.op(self.key, Change::RemoveKey));
        }
        if at_ms != kept_ms.filter(|_| !is_stream) {
            ops.push(view.op(self.key, Change::Expire { at_ms }));
        }
        Ok(Outcome { ops, then })
    }

    fn reply<'k>(&self, view: View<'k>, sets: bool) -> Result<Reply<'k>, Refusal> {
        Ok(match self.answer {
            Answer::Before => {
                let before = texts(view, self.key, Kind::Text)?;
                before.first().map_or(Reply::NullText, |text| Reply::text(text))
            }
            Answer::Count => Reply::Integer(i64::from(sets)),
            Answer::Ok if sets => Reply::OK,
            Answer::Ok => Reply::NullText,
        })
    }
}

impl Expiry {
    fn parse(clock: Clock, text: &[u8], args: &Args<'_>) -> Result<Self, Refusal> {
        let wrong = CommandError::ExpireTime { command: args.command };
        let units = Some(args::integer(text)?).filter(|&units| units > 0);
        let at_ms = units.and_then(|units| clock.time_ms(units, args.now_ms));
        Ok(Self::At(at_ms.ok_or(wrong)? as u64))
    }
}

fn take_time<'a>(args: &mut Args<'a>) -> Option<(Clock, &'a [u8])> {
    const OPTIONS: [(&str, Clock); 4] = [
        ("EX", Clock::SECONDS),
        ("PX", Clock::MILLISECONDS),
        ("EXAT", Clock::UNIX_SECONDS),
        ("PXAT", Clock::UNIX_MILLISECONDS),
    ];
    OPTIONS.iter().find_map(|(name, clock)| Some((*clock, args.take_with_value(name)?)))
}

/// `GET key`
#[derive(Debug)]
pub(crate) struct Get<'a> {
    key: &'a [u8],
}

impl<'a> Get<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()? })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        let texts = texts(view, self.key, Kind::Text)?;
        Ok(Outcome::reply(texts.first().map_or(Reply::NullText, |text| Reply::text(text))))
    }
}

/// `MGET key [key ...]`: what is no text counts as nothing.
pub(crate) fn get_all<'c, 'k>(keys: &[&[u8]], view: View<'k>) -> Outcome<'c, 'k> {
    let text = |key: &&[u8]| texts(view, key, Kind::Text).ok()?.first().copied();
    let texts = keys.iter().map(|key| text(key).map_or(Reply::NullText, Reply::text));
    Outcome::reply(Reply::Array(texts.collect()))
}

/// `STRLEN key`
pub(crate) fn bytes<'c, 'k>(key: &[u8], view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
    let texts = texts(view, key, Kind::Text)?;
    Ok(Outcome::reply(Reply::count(texts.first().map_or(0, |text| text.len() as u64))))
}

/// `GETDEL key`
#[derive(Debug)]
pub(crate) struct GetDelete<'a>(pub(crate) Get<'a>);

impl GetDelete<'_> {
    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        let Outcome { then, .. } = self.0.decide(view)?;
        let there = view.item(self.0.key).is_some();
        let removal = there.then(|| view.op(self.0.key, Change::RemoveKey));
        Ok(Outcome { ops: removal.into_iter().collect(), then })
    }
}

/// `INCR key`, `DECR key`, `INCRBY key increment`, `DECRBY key decrement`
#[derive(Debug)]
pub(crate) struct Increment<'a> {
    key: &'a [u8],
    by: i64,
}

impl<'a> Increment<'a> {
    /// By one in this direction, or by what the next argument says.
    pub(crate) fn parse(args: &mut Args<'a>, direction: i64) -> Result<Self, Refusal> {
        let key = args.next()?;
        let by = args.peek().map_or(Ok(1), args::integer)?;
        let by = by.checked_mul(direction).ok_or(CommandError::DecrementOverflow)?;
        Ok(Self { key, by })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        let texts: Vec<&[u8]> = texts(view, self.key, Kind::Text)?;
        let value = incremented(texts.first().copied(), self.by, CommandError::NotInteger)?;
        let text = Text::signed(value);
        put(view, self.key, Kind::Text, &[text.as_bytes()], Reply::Integer(value))
    }
}
