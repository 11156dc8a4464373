//! XPENDING: what has been delivered and not acknowledged.

use super::args::{self, Args};
use super::{Halt, Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::integer::Text;
use crate::reply::Reply;
use crate::stream::{Bound, EntryId, Group, Missing, Page, Pending};
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

/// `XPENDING key group [[IDLE min-idle-time] start end count [consumer]]`
#[derive(Debug)]
pub(crate) struct PendingQuery<'a> {
    key: &'a [u8],
    group: &'a [u8],
    /// `None`: the summary.
    rows: Option<Rows<'a>>,
}

/// Which records the extended form lists.
#[derive(Debug)]
struct Rows<'a> {
    min_idle_ms: i64,
    start: EntryId,
    end: EntryId,
    limit: usize,
    consumer: Option<&'a [u8]>,
}

impl<'a> PendingQuery<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let rows = match args.total() {
            3 => None,
            6..=9 => Some(()),
            _ => return Err(CommandError::Syntax.into()),
        };
        let (key, group) = (args.next()?, args.next()?);
        let rows = rows.map(|()| Rows::parse(args)).transpose()?;
        Ok(Self { key, group, rows })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let (_, group) = view.group(self.key, self.group)?;
        Ok(Outcome::reply(match &self.rows {
            None => summary(group),
            Some(rows) => rows.list(group, view.now_ms)?,
        }))
    }
}

impl<'a> Rows<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let min_idle_ms = match args.take_with_value("IDLE") {
            Some(text) => args::integer(text)?,
            None => 0,
        };
        let [start, end, count, rest @ ..] = args.rest() else {
            return Err(CommandError::Syntax.into());
        };
        let limit = usize::try_from(args::integer(count)?.max(0)).unwrap_or(usize::MAX);
        let (start, end) = (Bound::Start.parse(start)?, Bound::End.parse(end)?);
        Ok(Self { min_idle_ms, start, end, limit, consumer: rest.first().copied() })
    }

    fn list<'k>(&self, group: &'k Group, now_ms: u64) -> Result<Reply<'k>, Missing> {
        let row = |record: &Pending| {
            let consumer = Reply::text(group.owner_name(record));
            let idle = Reply::Integer(idle_ms(record, now_ms).unwrap_or(-1));
            let count = Reply::count(record.count);
            Reply::Array(vec![Reply::Id(record.id), consumer, idle, count])
        };
        let listed = |record: &Pending| {
            idle_ms(record, now_ms).is_none_or(|idle_ms| idle_ms >= self.min_idle_ms)
        };
        let number = self.consumer.map(|name| group.consumers().number(name));
        let may_be_listed = |page: &Page| {
            // Where the clock went back, whatever was delivered later has been idle for no time.
            let any = self.min_idle_ms <= 0;
            let latest_ms = now_ms.saturating_sub(self.min_idle_ms.max(0) as u64);
            let is_idle = any || page.has_released() || page.may_be_older(latest_ms);
            is_idle && number.is_none_or(|number| number.is_some_and(|n| page.may_have(n)))
        };
        let pick = |record: &Pending| {
            let wanted = number.is_none_or(|number| record.consumer() == number);
            (wanted && listed(record)).then(|| row(record))
        };
        if number == Some(None) {
            return Ok(Reply::Array(Vec::new()));
        }
        let range = self.start..=self.end;
        Ok(Reply::Array(group.pel().collect(range, self.limit, may_be_listed, pick)?))
    }
}

/// How long ago the record was delivered; `None`: it was given back. A clock that went back does
/// not make it negative.
fn idle_ms(record: &Pending, now_ms: u64) -> Option<i64> {
    record.consumer().map(|_| now_ms.saturating_sub(record.delivered_ms()) as i64)
}

fn summary(group: &Group) -> Reply<'_> {
    let pel = group.pel();
    let Some((first, last)) = pel.edges() else {
        let nothing = [Reply::Integer(0), Reply::NullText, Reply::NullText, Reply::NullArray];
        return Reply::Array(nothing.into());
    };
    let consumers = group.consumers().iter().filter(|(_, consumer)| consumer.pending > 0);
    let consumers = consumers.map(|(name, consumer)| {
        let pending = Text::unsigned(consumer.pending).as_bytes().to_vec();
        Reply::Array(vec![Reply::text(name), Reply::Text(Cow::Owned(pending))])
    });
    Reply::Array(vec![
        Reply::count(pel.len() as u64),
        Reply::Id(first),
        Reply::Id(last),
        Reply::Array(consumers.collect()),
    ])
}
