//! SET, GET, GETDEL, INCR, DECR, INCRBY, DECRBY: texts.

use super::{incremented, put, texts};
use crate::command::args::{self, Args};
use crate::command::keys::Clock;
use crate::command::{Outcome, View};
use crate::error::CommandError;
use crate::integer::Text;
use crate::keyspace::Value;
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

/// `SET key value [NX|XX] [GET] [EX s|PX ms|EXAT s|PXAT ms|KEEPTTL]`
#[derive(Debug)]
pub(crate) struct Set<'a> {
    key: &'a [u8],
    value: &'a [u8],
    /// Only if the key is there (`true`), or not there.
    if_there: Option<bool>,
    /// Reply with what was there.
    get: bool,
    expiry: Expiry,
}

impl<'a> Set<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let (key, value) = (args.next()?, args.next()?);
        let mut set = Self { key, value, if_there: None, get: false, expiry: Expiry::Drop };
        let mut time = None;
        while args.left() > 0 {
            if set.if_there != Some(true) && args.take("NX") {
                set.if_there = Some(false);
            } else if set.if_there != Some(false) && args.take("XX") {
                set.if_there = Some(true);
            } else if args.take("GET") {
                set.get = true;
            } else if time.is_none() && args.take("KEEPTTL") {
                set.expiry = Expiry::Keep;
            } else if let Some(given) = take_time(args)
                && set.expiry == Expiry::Drop
                && time.is_none_or(|(clock, _)| clock == given.0)
            {
                time = Some(given);
            } else {
                return Err(CommandError::Syntax);
            }
        }
        if let Some((clock, text)) = time {
            let wrong = CommandError::ExpireTime { command: args.command };
            let units = Some(args::integer(text)?).filter(|&units| units > 0);
            let at_ms = units.and_then(|units| clock.time_ms(units, args.now_ms));
            set.expiry = Expiry::At(at_ms.ok_or(wrong)? as u64);
        }
        Ok(set)
    }

    pub(crate) fn decide<'c: 'k, 'k>(
        &'c self,
        view: View<'k>,
    ) -> Result<Outcome<'c, 'k>, CommandError> {
        let item = view.item(self.key);
        let before = if self.get { Some(texts(view, self.key, Kind::Text)?) } else { None };
        let before = before.map(|texts| texts.first().map_or(Reply::NullText, |t| Reply::text(t)));
        if self.if_there.is_some_and(|wanted| wanted != item.is_some()) {
            return Ok(Outcome::reply(before.unwrap_or(Reply::NullText)));
        }
        let value = [self.value];
        let done = before.unwrap_or(Reply::OK);
        let Outcome { mut ops, then } = put(view, self.key, Kind::Text, &value, done)?;
        let mut expires_ms = item.and_then(|item| item.expires_ms);
        if item.is_some_and(|item| matches!(item.value, Value::Stream(_))) {
            ops.insert(0, view.op(self.key, Change::RemoveKey));
            if self.expiry == Expiry::Keep {
                ops.push(view.op(self.key, Change::Expire { at_ms: expires_ms }));
            }
            expires_ms = None;
        }
        let at_ms = match self.expiry {
            Expiry::Drop => None,
            Expiry::Keep => expires_ms,
            Expiry::At(at_ms) => Some(at_ms),
        };
        if self.expiry == Expiry::At(at_ms.unwrap_or_default())
            && at_ms.is_some_and(|at_ms| at_ms <= view.now_ms)
        {
            ops = item.map(|_| view.op(self.key, Change::RemoveKey)).into_iter().collect();
        } else if at_ms != expires_ms {
            ops.push(view.op(self.key, Change::Expire { at_ms }));
        }
        Ok(Outcome { ops, then })
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
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        Ok(Self { key: args.next()? })
    }

    pub(crate) fn decide<'c: 'k, 'k>(
        &'c self,
        view: View<'k>,
    ) -> Result<Outcome<'c, 'k>, CommandError> {
        let texts = texts(view, self.key, Kind::Text)?;
        Ok(Outcome::reply(texts.first().map_or(Reply::NullText, |text| Reply::text(text))))
    }
}

/// `GETDEL key`
#[derive(Debug)]
pub(crate) struct GetDelete<'a>(pub(crate) Get<'a>);

impl GetDelete<'_> {
    pub(crate) fn decide<'c: 'k, 'k>(
        &'c self,
        view: View<'k>,
    ) -> Result<Outcome<'c, 'k>, CommandError> {
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
    pub(crate) fn parse(args: &mut Args<'a>, direction: i64) -> Result<Self, CommandError> {
        let key = args.next()?;
        let by = args.peek().map_or(Ok(1), args::integer)?;
        let by = by.checked_mul(direction).ok_or(CommandError::DecrementOverflow)?;
        Ok(Self { key, by })
    }

    pub(crate) fn decide<'c: 'k, 'k>(
        &'c self,
        view: View<'k>,
    ) -> Result<Outcome<'c, 'k>, CommandError> {
        let texts: Vec<&[u8]> = texts(view, self.key, Kind::Text)?;
        let value = incremented(texts.first().copied(), self.by, CommandError::NotInteger)?;
        let text = Text::signed(value);
        put(view, self.key, Kind::Text, &[text.as_bytes()], Reply::Integer(value))
    }
}
