//! XSETID: sets a stream's counters.

use super::args::{self, Args};
use super::{Halt, Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::op::Change;
use crate::reply::Reply;
use crate::stream::{Direction, EntryId};

/// `XSETID key last-id [ENTRIESADDED n] [MAXDELETEDID id]`
#[derive(Debug)]
pub(crate) struct SetId<'a> {
    key: &'a [u8],
    last_id: EntryId,
    entries_added: Option<u64>,
    max_deleted: Option<EntryId>,
}

impl<'a> SetId<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let key = args.next()?;
        let last_id = EntryId::parse(args.next()?, 0)?;
        let (mut entries_added, mut max_deleted) = (None, None);
        while args.left() > 0 {
            if let Some(text) = args.take_with_value("ENTRIESADDED") {
                let added = u64::try_from(args::integer(text)?);
                entries_added = Some(added.map_err(|_| CommandError::EntriesAddedNegative)?);
            } else if let Some(text) = args.take_with_value("MAXDELETEDID") {
                let id = EntryId::parse(text, 0)?;
                if last_id < id {
                    return Err(CommandError::SetIdBelowMaxDeleted.into());
                }
                max_deleted = Some(id);
            } else {
                return Err(CommandError::Syntax.into());
            }
        }
        Ok(Self { key, last_id, entries_added, max_deleted })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let stream = view.stream(self.key)?.ok_or(CommandError::NoKey)?;
        if self.last_id < stream.max_deleted {
            return Err(CommandError::SetIdBelowDeleted.into());
        }
        let range = EntryId::MIN..=EntryId::MAX;
        if let Some(top) = stream.entries(range, Direction::Backward, 1)?.first() {
            if self.last_id < top.id {
                return Err(CommandError::SetIdBelowTop.into());
            }
            if self.entries_added.is_some_and(|added| added < stream.length) {
                return Err(CommandError::EntriesAddedTooSmall.into());
            }
        }
        // `0-0` stands for "nothing was deleted" and is taken as "leave it".
        let max_deleted = self.max_deleted.filter(|&id| id != EntryId::MIN);
        let change = Change::SetCounters {
            last_id: self.last_id,
            entries_added: self.entries_added.unwrap_or(stream.entries_added),
            max_deleted: max_deleted.unwrap_or(stream.max_deleted),
        };
        Ok(Outcome::change(view.op(self.key, change), Reply::OK))
    }
}
