//! XAUTOCLAIM: a consumer takes over pending entries that have been idle for long.

use super::args::{self, Args};
use super::claim::Claims;
use super::{Halt, Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::reply::Reply;
use crate::stream::{Bound, EntryId, Group, Pending, Stream, once_more};
use alloc::vec;
use alloc::vec::Vec;

/// How many results a call gives unless told otherwise.
const DEFAULT_COUNT: u64 = 100;
/// How many records a call looks at for each result it may give.
const SCANNED_PER_RESULT: u64 = 10;
/// Greater counts are refused.
const MAX_COUNT: i64 = i64::MAX / 16;

/// `XAUTOCLAIM key group consumer min-idle-time start [COUNT n] [JUSTID]`
#[derive(Debug)]
pub(crate) struct AutoClaim<'a> {
    key: &'a [u8],
    group: &'a [u8],
    consumer: &'a [u8],
    min_idle_ms: u64,
    start: EntryId,
    count: u64,
    just_id: bool,
}

impl<'a> AutoClaim<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (key, group, consumer) = (args.next()?, args.next()?, args.next()?);
        let min_idle = args::integer(args.next()?)
            .map_err(|_| CommandError::MinIdleClaim { command: "XAUTOCLAIM" })?;
        let start = Bound::Start.parse(args.next()?)?;
        let (mut count, mut just_id) = (DEFAULT_COUNT, false);
        while args.left() > 0 {
            if let Some(text) = args.take_with_value("COUNT") {
                let wanted = args::integer(text).ok().filter(|n| (1..=MAX_COUNT).contains(n));
                count = wanted.ok_or(CommandError::ClaimCountTooSmall)? as u64;
            } else if args.take("JUSTID") {
                just_id = true;
            } else {
                return Err(CommandError::Syntax.into());
            }
        }
        let min_idle_ms = min_idle.max(0) as u64;
        Ok(Self { key, group, consumer, min_idle_ms, start, count, just_id })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let (stream, group) = view.group(self.key, self.group)?;
        let claims = Claims::new(view, self.key, (self.group, group), self.consumer, view.now_ms);
        let mut scan = Scan { claims, claimed: Vec::new(), deleted: Vec::new() };
        let cursor = self.scan(stream, group, &mut scan)?;
        let reply = Reply::Array(vec![
            Reply::Id(cursor.unwrap_or(EntryId::MIN)),
            Reply::Array(scan.claimed),
            Reply::ids(scan.deleted),
        ]);
        Ok(Outcome::changes(scan.claims.finish(), reply))
    }

    /// Walks the records from the start, some at a time. Returns the first that was not looked at.
    fn scan<'k>(
        &self,
        stream: &'k Stream,
        group: &'k Group,
        scan: &mut Scan<'_, 'k>,
    ) -> Result<Option<EntryId>, Halt> {
        let mut attempts = self.count * SCANNED_PER_RESULT;
        let mut results = 0;
        let mut start = Some(self.start);
        while let Some(from) = start.filter(|_| attempts > 0 && results < self.count) {
            let some = attempts.min(self.count - results).min(DEFAULT_COUNT) as usize;
            let all = |record: &Pending| Some((record.id, scan.claims.standing(record)));
            let records = group.pel().collect(from..=EntryId::MAX, some, |_| true, all)?;
            let ids: Vec<EntryId> = records.iter().map(|(id, _)| *id).collect();
            attempts -= ids.len() as u64;
            start = ids.last().and_then(|last| last.next());
            for ((id, standing), entry) in records.iter().zip(stream.get_each(&ids)?) {
                let Some(entry) = entry else {
                    scan.claims.drop_record(*id);
                    scan.deleted.push(*id);
                    results += 1;
                    continue;
                };
                if !standing.is_idle_for(self.min_idle_ms) {
                    continue;
                }
                let count = if self.just_id { standing.count } else { once_more(standing.count) };
                scan.claims.claim(*id, count);
                scan.claimed.push(match self.just_id {
                    true => Reply::Id(*id),
                    false => Reply::Entry(entry),
                });
                results += 1;
            }
        }
        Ok(start.map(|start| group.pel().first_from(start)).transpose()?.flatten())
    }
}

/// What a walk has found so far.
struct Scan<'c, 'k> {
    claims: Claims<'c, 'k>,
    claimed: Vec<Reply<'k>>,
    deleted: Vec<EntryId>,
}
