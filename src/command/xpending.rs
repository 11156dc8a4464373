//! XPENDING: what has been delivered and not acknowledged.

use super::args::{self, Args};
use super::{Halt, Outcome, View};
use crate::error::CommandError;
use crate::integer::Text;
use crate::reply::Reply;
use crate::stream::{Bound, EntryId, Group, Pending};
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
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let rows = match args.total() {
            3 => None,
            6..=9 => Some(()),
            _ => return Err(CommandError::Syntax),
        };
        let (key, group) = (args.next()?, args.next()?);
        let rows = rows.map(|()| Rows::parse(args)).transpose()?;
        Ok(Self { key, group, rows })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let (_, group) = view.group(self.key, self.group)?;
        Ok(Outcome::reply(match &self.rows {
            None => summary(group),
            Some(rows) => rows.list(group, view.now_ms),
        }))
    }
}

impl<'a> Rows<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let min_idle_ms = match args.take_with_value("IDLE") {
            Some(text) => args::integer(text)?,
            None => 0,
        };
        let [start, end, count, rest @ ..] = args.rest() else {
            return Err(CommandError::Syntax);
        };
        let limit = usize::try_from(args::integer(count)?.max(0)).unwrap_or(usize::MAX);
        let (start, end) = (Bound::Start.parse(start)?, Bound::End.parse(end)?);
        Ok(Self { min_idle_ms, start, end, limit, consumer: rest.first().copied() })
    }

    fn list<'k>(&self, group: &'k Group, now_ms: u64) -> Reply<'k> {
        let row = |record: &Pending| {
            let consumer = Reply::text(group.owner_name(record));
            let idle = Reply::Integer(idle_ms(record, now_ms).unwrap_or(-1));
            let count = Reply::count(record.count);
            Reply::Array(vec![Reply::Id(record.id), consumer, idle, count])
        };
        let listed = |record: &&Pending| {
            idle_ms(record, now_ms).is_none_or(|idle_ms| idle_ms >= self.min_idle_ms)
        };
        let in_range = |record: &&Pending| record.id <= self.end;
        let pel = group.pel();
        let rows: Vec<Reply<'k>> = match self.consumer {
            None => {
                let records = pel.from(self.start).take_while(in_range);
                records.filter(listed).take(self.limit).map(row).collect()
            }
            Some(name) => {
                let number = group.consumers().number(name).into_iter();
                let records = number.flat_map(|number| pel.of_consumer(number, self.start));
                let records = records.take_while(in_range);
                records.filter(listed).take(self.limit).map(row).collect()
            }
        };
        Reply::Array(rows)
    }
}

/// How long ago the record was delivered; `None`: it was given back. A clock that went back does
/// not make it negative.
fn idle_ms(record: &Pending, now_ms: u64) -> Option<i64> {
    record.consumer().map(|_| now_ms.saturating_sub(record.delivered_ms()) as i64)
}

fn summary(group: &Group) -> Reply<'_> {
    let pel = group.pel();
    let edges = pel.from(EntryId::MIN).next().zip(pel.last());
    let Some((first, last)) = edges else {
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
        Reply::Id(first.id),
        Reply::Id(last.id),
        Reply::Array(consumers.collect()),
    ])
}
