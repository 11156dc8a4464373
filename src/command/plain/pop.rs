//! BLPOP, BRPOP: the first element of the first list that has one, waiting for it if need be.

use super::{End, put};
use crate::command::args::Args;
use crate::command::{Halt, Outcome, Then, View, Wait, WaitPlan};
use crate::error::{CommandError, Refusal};
use crate::plain::Kind;
use crate::reply::Reply;
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

/// `BLPOP key [key ...] timeout`, `BRPOP key [key ...] timeout`
#[derive(Debug)]
pub(crate) struct PopPlan<'a> {
    keys: Vec<Cow<'a, [u8]>>,
    wait: Wait,
    end: End,
}

impl<'a> PopPlan<'a> {
    pub(crate) fn parse(args: &mut Args<'a>, end: End) -> Result<Self, Refusal> {
        let (timeout, keys) = args.rest().split_last().ok_or_else(|| args.wrong_arity())?;
        let wait = parse_timeout(timeout, args.now_ms)?;
        let keys = keys.iter().map(|key| Cow::Borrowed(*key)).collect();
        Ok(Self { keys, wait, end })
    }

    pub(crate) fn keys(&self) -> Vec<&[u8]> {
        self.keys.iter().map(|key| &**key).collect()
    }

    /// The command as a request, which [`WaitPlan::request`] is about.
    pub(crate) fn request(&self) -> Vec<Cow<'_, [u8]>> {
        let name = match self.end {
            End::Left => "BLPOP",
            End::Right => "BRPOP",
        };
        let mut words = vec![Cow::Borrowed(name.as_bytes())];
        words.extend(self.keys.iter().map(|key| Cow::Borrowed(&**key)));
        words.push(Cow::Borrowed(b"0"));
        words
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        for key in &self.keys {
            let Some(plain) = view.plain(key, Kind::List)? else { continue };
            let mut texts: Vec<&[u8]> = plain.texts().collect();
            let popped = match self.end {
                End::Left => texts.remove(0),
                End::Right => texts.pop().expect("a list has an element"),
            };
            let reply = Reply::Array(vec![Reply::text(key), Reply::text(popped)]);
            return Ok(put(view, key, Kind::List, &texts, reply)?);
        }
        let keys = self.keys.iter().map(|key| Cow::Owned(key.to_vec())).collect();
        let plan = PopPlan { keys, wait: self.wait, end: self.end };
        let deadline_ms = self.wait.deadline_ms();
        let then = Then::Wait { plan: WaitPlan::Pop(plan).into(), deadline_ms, recheck_ms: None };
        Ok(Outcome { ops: Vec::new(), then })
    }
}

/// Reads seconds with a fraction; a fraction of a millisecond counts as a whole one.
fn parse_timeout(text: &[u8], now_ms: u64) -> Result<Wait, Refusal> {
    if let Some(positive) = text.strip_prefix(b"-") {
        let is_zero = milliseconds(positive)? == 0;
        return if is_zero { Ok(Wait::ForEver) } else { Err(CommandError::TimeoutNegative.into()) };
    }
    match milliseconds(text)? {
        0 => Ok(Wait::ForEver),
        ms => Wait::until(now_ms, ms),
    }
}

/// Seconds with a fraction, which is rounded up. Too many are `u64::MAX`.
fn milliseconds(text: &[u8]) -> Result<u64, Refusal> {
    let mut parts = text.splitn(2, |&byte| byte == b'.');
    let (whole, fraction) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let is_number = !(whole.is_empty() && fraction.is_empty());
    if !is_number || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
        return Err(CommandError::TimeoutNotFloat.into());
    }
    let add = |seconds: u64, digit: &u8| {
        seconds.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
    };
    let seconds = whole.iter().fold(0, add);
    let digit = |at: usize| fraction.get(at).map_or(0, |digit| u64::from(digit - b'0'));
    let more = fraction.iter().skip(3).any(|&digit| digit != b'0');
    let ms = digit(0) * 100 + digit(1) * 10 + digit(2) + u64::from(more);
    Ok(seconds.saturating_mul(1000).saturating_add(ms))
}
