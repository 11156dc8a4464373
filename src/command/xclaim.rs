//! XCLAIM: a consumer takes over pending entries by ID.

use super::args::{self, Args};
use super::claim::Claims;
use super::{Halt, Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::op::Change;
use crate::reply::Reply;
use crate::stream::{EntryId, once_more};
use alloc::vec::Vec;

/// `XCLAIM key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-ms] [RETRYCOUNT n]
/// [FORCE] [JUSTID] [LASTID id]`
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    key: &'a [u8],
    group: &'a [u8],
    consumer: &'a [u8],
    /// The group is looked at before all this, so its error waits here.
    details: Result<Details, Refusal>,
}

#[derive(Debug, Default)]
struct Details {
    min_idle_ms: u64,
    ids: Vec<EntryId>,
    delivered: Delivered,
    retry_count: Option<u64>,
    force: bool,
    just_id: bool,
    last_id: EntryId,
}

/// When the claimed entries are to count as delivered.
#[derive(Clone, Copy, Debug, Default)]
enum Delivered {
    #[default]
    Now,
    IdleFor(i64),
    At(i64),
}

impl Delivered {
    /// The time; one that is not in the past of the epoch or ahead of now becomes now.
    fn at_ms(self, now_ms: u64) -> u64 {
        let wanted = match self {
            Self::Now => return now_ms,
            Self::IdleFor(ms) => i64::try_from(now_ms).ok().and_then(|now| now.checked_sub(ms)),
            Self::At(ms) => Some(ms),
        };
        let wanted = wanted.and_then(|ms| u64::try_from(ms).ok());
        wanted.filter(|&ms| ms <= now_ms).unwrap_or(now_ms)
    }
}

impl<'a> Claim<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (key, group, consumer) = (args.next()?, args.next()?, args.next()?);
        Ok(Self { key, group, consumer, details: Details::parse(args) })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let (stream, group) = view.group(self.key, self.group)?;
        let details = self.details.as_ref().map_err(Clone::clone)?;
        let delivered_ms = details.delivered.at_ms(view.now_ms);
        let mut claims =
            Claims::new(view, self.key, (self.group, group), self.consumer, delivered_ms);
        let entries = stream.get_each(&details.ids)?;
        let mut replies = Vec::with_capacity(entries.len());
        // The count that each ID was given; one that comes up again is claimed already.
        let mut given: Vec<Option<u64>> = Vec::with_capacity(entries.len());
        let earlier = args::earlier(&details.ids);
        let records = group.pel().get_each(&details.ids)?;
        let asked = details.ids.iter().zip(entries).zip(records).zip(earlier);
        for (((&id, entry), record), earlier) in asked {
            let before = earlier.and_then(|at| given[at]);
            given.push(before);
            let standing = match before {
                Some(count) => Some(claims.standing_once_claimed(count)),
                None => record.map(|record| claims.standing(record)),
            };
            let Some(entry) = entry else {
                if standing.is_some() {
                    claims.drop_record(id);
                }
                continue;
            };
            let count = match standing {
                Some(standing) if standing.is_idle_for(details.min_idle_ms) => standing.count,
                None if details.force => 1,
                _ => continue,
            };
            let count = details.count_after(count);
            given.pop();
            given.push(Some(count));
            claims.claim(id, count);
            replies.push(if details.just_id { Reply::Id(id) } else { Reply::Entry(entry) });
        }
        let mut ops = claims.finish();
        if details.last_id > group.last_delivered {
            let (last_delivered, entries_read) = (details.last_id, group.entries_read);
            let change = Change::MoveGroup { group: self.group, last_delivered, entries_read };
            ops.push(view.op(self.key, change));
        }
        Ok(Outcome::changes(ops, Reply::Array(replies)))
    }
}

impl Details {
    fn parse(args: &mut Args<'_>) -> Result<Self, Refusal> {
        let min_idle = args::integer(args.next()?)
            .map_err(|_| CommandError::MinIdleClaim { command: "XCLAIM" })?;
        let mut details = Self { min_idle_ms: min_idle.max(0) as u64, ..Self::default() };
        // The IDs end where one does not parse; from there on everything has to be an option.
        while let Some(Ok(id)) = args.peek().map(|text| EntryId::parse(text, 0)) {
            details.ids.push(id);
            args.next()?;
        }
        while args.left() > 0 {
            details.take_option(args)?;
        }
        Ok(details)
    }

    fn take_option(&mut self, args: &mut Args<'_>) -> Result<(), Refusal> {
        if args.take("FORCE") {
            self.force = true;
        } else if args.take("JUSTID") {
            self.just_id = true;
        } else if let Some(text) = args.take_with_value("IDLE") {
            let ms = args::integer(text).map_err(|_| CommandError::ClaimIdle)?;
            self.delivered = Delivered::IdleFor(ms);
        } else if let Some(text) = args.take_with_value("TIME") {
            let ms = args::integer(text).map_err(|_| CommandError::ClaimTime)?;
            self.delivered = Delivered::At(ms);
        } else if let Some(text) = args.take_with_value("RETRYCOUNT") {
            let count = args::integer(text).map_err(|_| CommandError::ClaimRetryCount)?;
            self.retry_count = u64::try_from(count).ok();
        } else if let Some(text) = args.take_with_value("LASTID") {
            self.last_id = EntryId::parse(text, 0)?;
        } else {
            let option = args::quoted(args.next()?);
            return Err(CommandError::UnknownClaimOption(option).into());
        }
        Ok(())
    }

    fn count_after(&self, count: u64) -> u64 {
        match self.retry_count {
            Some(count) => count,
            None if self.just_id => count,
            None => once_more(count),
        }
    }
}
