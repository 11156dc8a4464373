//! EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT, TTL, PTTL, EXPIRETIME, PEXPIRETIME, PERSIST.

use crate::command::args::{self, Args};
use crate::command::{Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::op::Change;
use crate::reply::Reply;

/// The unit of a time and whether it counts from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    unit_ms: i64,
    from_now: bool,
}

impl Clock {
    pub(crate) const SECONDS: Self = Self { unit_ms: 1000, from_now: true };
    pub(crate) const MILLISECONDS: Self = Self { unit_ms: 1, from_now: true };
    pub(crate) const UNIX_SECONDS: Self = Self { unit_ms: 1000, from_now: false };
    pub(crate) const UNIX_MILLISECONDS: Self = Self { unit_ms: 1, from_now: false };

    /// The time that so many units mean, in milliseconds since 1970.
    pub(crate) fn time_ms(self, units: i64, now_ms: u64) -> Option<i64> {
        let base_ms = if self.from_now { now_ms as i64 } else { 0 };
        units.checked_mul(self.unit_ms)?.checked_add(base_ms)
    }

    /// The inverse, rounded.
    fn units(self, at_ms: u64, now_ms: u64) -> u64 {
        let ms = if self.from_now { at_ms.saturating_sub(now_ms) } else { at_ms };
        let unit_ms = self.unit_ms as u64;
        (ms + unit_ms / 2) / unit_ms
    }
}

/// When an expiry is to be set, given the one that is there.
#[derive(Clone, Copy, Debug, Default)]
struct Condition {
    if_none: bool,
    if_any: bool,
    if_later: bool,
    if_earlier: bool,
}

impl Condition {
    fn parse(args: &mut Args<'_>) -> Result<Self, Refusal> {
        let mut condition = Self::default();
        while let Some(option) = args.peek() {
            if args.take("NX") {
                condition.if_none = true;
            } else if args.take("XX") {
                condition.if_any = true;
            } else if args.take("GT") {
                condition.if_later = true;
            } else if args.take("LT") {
                condition.if_earlier = true;
            } else {
                return Err(CommandError::UnsupportedOption(args::quoted(option)).into());
            }
        }
        let Self { if_none, if_any, if_later, if_earlier } = condition;
        if if_none && (if_any || if_later || if_earlier) {
            return Err(CommandError::ExpireNxWithOther.into());
        }
        if if_later && if_earlier {
            return Err(CommandError::ExpireGtWithLt.into());
        }
        Ok(condition)
    }

    /// A key without an expiry counts as one that expires last of all.
    fn holds(self, present_ms: Option<u64>, new_ms: i64) -> bool {
        let new_ms = new_ms.max(0) as u64;
        let later = present_ms.is_some_and(|present_ms| new_ms > present_ms);
        let earlier = present_ms.is_none_or(|present_ms| new_ms < present_ms);
        !(self.if_none && present_ms.is_some()
            || self.if_any && present_ms.is_none()
            || self.if_later && !later
            || self.if_earlier && !earlier)
    }
}

/// `EXPIRE key seconds [NX|XX|GT|LT]` and its like
#[derive(Debug)]
pub(crate) struct Expire<'a> {
    key: &'a [u8],
    at_ms: i64,
    condition: Condition,
}

impl<'a> Expire<'a> {
    pub(crate) fn parse(args: &mut Args<'a>, clock: Clock) -> Result<Self, Refusal> {
        let (key, time) = (args.next()?, args.next()?);
        let condition = Condition::parse(args)?;
        let at_ms = clock.time_ms(args::integer(time)?, args.now_ms);
        let at_ms = at_ms.ok_or(CommandError::ExpireTime { command: args.command })?;
        Ok(Self { key, at_ms, condition })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Outcome<'c, 'k> {
        let item = view.item(self.key);
        if !item.is_some_and(|item| self.condition.holds(item.expires_ms, self.at_ms)) {
            return Outcome::reply(Reply::Integer(0));
        }
        let at_ms = u64::try_from(self.at_ms).ok().filter(|&at_ms| at_ms > view.now_ms);
        let change = match at_ms {
            None => Change::RemoveKey,
            Some(_) => Change::Expire { at_ms },
        };
        Outcome::change(view.op(self.key, change), Reply::Integer(1))
    }
}

/// `TTL key` and its like
#[derive(Debug)]
pub(crate) struct Expiry<'a> {
    key: &'a [u8],
    clock: Clock,
}

impl<'a> Expiry<'a> {
    pub(crate) fn parse(args: &mut Args<'a>, clock: Clock) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()?, clock })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Outcome<'c, 'k> {
        Outcome::reply(match view.item(self.key).map(|item| item.expires_ms) {
            None => Reply::Integer(-2),
            Some(None) => Reply::Integer(-1),
            Some(Some(at_ms)) => Reply::count(self.clock.units(at_ms, view.now_ms)),
        })
    }
}

/// `PERSIST key`
#[derive(Debug)]
pub(crate) struct Persist<'a> {
    key: &'a [u8],
}

impl<'a> Persist<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()? })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Outcome<'c, 'k> {
        match view.item(self.key).and_then(|item| item.expires_ms) {
            None => Outcome::reply(Reply::Integer(0)),
            Some(_) => {
                let op = view.op(self.key, Change::Expire { at_ms: None });
                Outcome::change(op, Reply::Integer(1))
            }
        }
    }
}
