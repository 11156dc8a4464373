//! XDELEX: entries leave by name, and what refers to them is minded.

use super::args::{self, Args};
use super::references::{self, CountedIds, References};
use super::{Halt, Outcome, View};
use crate::error::Refusal;
use crate::op::Change;
use crate::reply::Reply;
use alloc::borrow::Cow;
use alloc::vec::Vec;

/// The ID is of no entry, or was not pending.
pub(crate) const NOT_FOUND: Reply<'static> = Reply::Integer(-1);
/// The entry is deleted.
pub(crate) const DELETED: Reply<'static> = Reply::Integer(1);
/// The entry stays because a group still needs it.
pub(crate) const STILL_REFERENCED: Reply<'static> = Reply::Integer(2);

/// `XDELEX key [KEEPREF|DELREF|ACKED] IDS n id [id ...]`
#[derive(Debug)]
pub(crate) struct DeleteEx<'a> {
    key: &'a [u8],
    /// The type of the key is looked at before this, so its error waits here.
    ids: Result<CountedIds<'a>, Refusal>,
}

impl<'a> DeleteEx<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()?, ids: CountedIds::parse(args) })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let stream = view.stream(self.key)?;
        let counted = self.ids.as_ref().map_err(Clone::clone)?;
        let Some(stream) = stream else {
            let replies = (0..counted.len()).map(|_| NOT_FOUND);
            return Ok(Outcome::reply(Reply::Array(replies.collect())));
        };
        let ids = counted.ids()?;
        let (mut deleted, mut replies) = (Vec::new(), Vec::with_capacity(ids.len()));
        let found = stream.get_each(&ids)?;
        for ((&id, entry), earlier) in ids.iter().zip(&found).zip(args::earlier(&ids)) {
            if counted.references == References::Acked && stream.is_referenced(id)? {
                replies.push(STILL_REFERENCED);
            } else if entry.is_some() && earlier.is_none() {
                deleted.push(id);
                replies.push(DELETED);
            } else {
                replies.push(NOT_FOUND);
            }
        }
        let mut ops = Vec::with_capacity(2);
        if !deleted.is_empty() {
            ops.push(view.op(self.key, Change::Delete { ids: Cow::Owned(deleted) }));
        }
        if counted.references == References::Delete {
            let forgotten = references::forget(stream, &ids)?;
            ops.extend(forgotten.map(|change| view.op(self.key, change)));
        }
        Ok(Outcome::changes(ops, Reply::Array(replies)))
    }
}
