//! XNACK: a consumer gives entries back, for others to take at once.

use super::args::{self, Args};
use super::{Halt, Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::op::Change;
use crate::reply::Reply;
use crate::stream::{EntryId, MAX_DELIVERIES};
use alloc::borrow::Cow;
use alloc::vec::Vec;

/// Why an entry is given back, which decides what becomes of its delivery count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// It was not worked on: the delivery does not count.
    Silent,
    /// Work on it failed.
    Fail,
    /// It cannot be worked on at all.
    Fatal,
}

/// `XNACK key group SILENT|FAIL|FATAL IDS n id [id ...] [RETRYCOUNT n] [FORCE]`
#[derive(Debug)]
pub(crate) struct Nack<'a> {
    key: &'a [u8],
    group: &'a [u8],
    /// The group is looked at before all this, so its error waits here.
    details: Result<Details, Refusal>,
}

#[derive(Debug)]
struct Details {
    mode: Mode,
    ids: Vec<EntryId>,
    retry_count: Option<u64>,
    force: bool,
}

impl<'a> Nack<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (key, group) = (args.next()?, args.next()?);
        Ok(Self { key, group, details: Details::parse(args) })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let (stream, group) = view.group(self.key, self.group)?;
        let details = self.details.as_ref().map_err(Clone::clone)?;
        let entries = stream.get_each(if details.force { &details.ids } else { &[] })?;
        let mut entries = entries.into_iter();
        let pending = group.pel().get_each(&details.ids)?;
        let mut records: Vec<(EntryId, u64)> = Vec::with_capacity(details.ids.len());
        for (&id, record) in details.ids.iter().zip(pending) {
            let exists = entries.next().flatten().is_some();
            let earlier = records.iter().rev().find(|(released, _)| *released == id);
            let count = earlier.map(|(_, count)| *count);
            let count = count.or(record.map(|record| record.count));
            match count {
                Some(count) => records.push((id, details.count_after(count))),
                None if exists => records.push((id, details.count_after(0))),
                None => {}
            }
        }
        let released = Reply::count(records.len() as u64);
        if records.is_empty() {
            return Ok(Outcome::reply(released));
        }
        let change = Change::Release { group: self.group, records: Cow::Owned(records) };
        Ok(Outcome::change(view.op(self.key, change), released))
    }
}

impl Details {
    fn parse(args: &mut Args<'_>) -> Result<Self, Refusal> {
        let modes = [("SILENT", Mode::Silent), ("FAIL", Mode::Fail), ("FATAL", Mode::Fatal)];
        let mode = modes.into_iter().find_map(|(word, mode)| args.take(word).then_some(mode));
        let mode = mode.ok_or(CommandError::NackMode)?;
        let (mut texts, mut retry_count, mut force) = (None, None, false);
        while args.left() > 0 {
            if let Some(count) = args.take_with_value("IDS") {
                let count = args::integer(count).ok().filter(|&count| count > 0);
                let count = usize::try_from(count.ok_or(CommandError::NackIdsCount)?);
                let taken = count.ok().and_then(|count| args.take_many(count));
                texts = Some(taken.ok_or(CommandError::NackIdsMismatch)?);
            } else if let Some(text) = args.take_with_value("RETRYCOUNT") {
                let count = u64::try_from(args::integer(text)?);
                retry_count = Some(count.map_err(|_| CommandError::NackRetryCount)?);
            } else if args.take("FORCE") {
                force = true;
            } else {
                return Err(CommandError::UnknownNackOption(args::quoted(args.next()?)).into());
            }
        }
        let ids = args::ids(texts.ok_or(CommandError::NackIdsMissing)?)?;
        Ok(Self { mode, ids, retry_count, force })
    }

    fn count_after(&self, count: u64) -> u64 {
        match (self.retry_count, self.mode) {
            (Some(count), _) => count,
            (None, Mode::Silent) => count.saturating_sub(1),
            (None, Mode::Fail) => count,
            (None, Mode::Fatal) => MAX_DELIVERIES,
        }
    }
}
