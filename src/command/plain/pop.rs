//! BLPOP, BRPOP: the first element of the first list that has one, waiting for it if need be.

use super::{End, put};
use crate::command::args::Args;
use crate::command::{Halt, Outcome, Then, View, Wait, WaitPlan};
use crate::error::CommandError;
use crate::integer;
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
    /// While it waits, a key that holds something else is passed over.
    parked: bool,
}

impl<'a> PopPlan<'a> {
    pub(crate) fn parse(args: &mut Args<'a>, end: End) -> Result<Self, CommandError> {
        let (timeout, keys) = args.rest().split_last().ok_or(args.wrong_arity())?;
        let wait = parse_timeout(timeout, args.now_ms)?;
        let keys = keys.iter().map(|key| Cow::Borrowed(*key)).collect();
        Ok(Self { keys, wait, end, parked: false })
    }

    pub(crate) fn keys(&self) -> Vec<&[u8]> {
        self.keys.iter().map(|key| &**key).collect()
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        for key in &self.keys {
            let plain = match view.plain(key, Kind::List) {
                Err(_) if self.parked => continue,
                found => found?,
            };
            let Some(plain) = plain else { continue };
            let mut texts: Vec<&[u8]> = plain.texts().collect();
            let popped = match self.end {
                End::Left => texts.remove(0),
                End::Right => texts.pop().expect("a list has an element"),
            };
            let reply = Reply::Array(vec![Reply::text(key), Reply::text(popped)]);
            return Ok(put(view, key, Kind::List, &texts, reply)?);
        }
        let keys = self.keys.iter().map(|key| Cow::Owned(key.to_vec())).collect();
        let plan = PopPlan { keys, wait: self.wait, end: self.end, parked: true };
        let deadline_ms = self.wait.deadline_ms();
        let then = Then::Wait { plan: WaitPlan::Pop(plan), deadline_ms, recheck_ms: None };
        Ok(Outcome { ops: Vec::new(), then })
    }
}

/// Reads seconds with a fraction; a fraction of a millisecond counts as a whole one.
fn parse_timeout(text: &[u8], now_ms: u64) -> Result<Wait, CommandError> {
    let wrong = CommandError::TimeoutNotFloat;
    if let Some(positive) = text.strip_prefix(b"-") {
        let ms = milliseconds(positive).ok_or(wrong)?;
        return if ms == 0 { Ok(Wait::ForEver) } else { Err(CommandError::TimeoutNegative) };
    }
    match milliseconds(text).ok_or(wrong)? {
        0 => Ok(Wait::ForEver),
        ms => Wait::until(now_ms, ms),
    }
}

fn milliseconds(text: &[u8]) -> Option<u64> {
    let mut parts = text.splitn(2, |&byte| byte == b'.');
    let (whole, fraction) = (parts.next()?, parts.next().unwrap_or_default());
    let is_number = !(whole.is_empty() && fraction.is_empty());
    if !is_number || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let zeros = whole.iter().take_while(|&&byte| byte == b'0').count();
    let seconds = match &whole[zeros..] {
        [] => 0,
        digits => integer::parse(digits).and_then(|seconds| u64::try_from(seconds).ok())?,
    };
    let digit = |at: usize| fraction.get(at).map_or(0, |digit| u64::from(digit - b'0'));
    let more = fraction.iter().skip(3).any(|&digit| digit != b'0');
    let ms = digit(0) * 100 + digit(1) * 10 + digit(2) + u64::from(more);
    seconds.checked_mul(1000)?.checked_add(ms)
}
