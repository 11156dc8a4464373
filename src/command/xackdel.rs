//! XACKDEL: entries are done with and leave, if no other group needs them.

use super::args::{self, Args};
use super::references::{self, CountedIds, References};
use super::xdelex::{DELETED, NOT_FOUND, STILL_REFERENCED};
use super::{Halt, Outcome, View};
use crate::error::Refusal;
use crate::op::Change;
use crate::reply::Reply;
use crate::stream::{EntryId, Missing, Pending};
use alloc::borrow::Cow;
use alloc::vec::Vec;

/// `XACKDEL key group [KEEPREF|DELREF|ACKED] IDS n id [id ...]`
#[derive(Debug)]
pub(crate) struct AckDelete<'a> {
    key: &'a [u8],
    group: &'a [u8],
    /// The type of the key is looked at before this, so its error waits here.
    ids: Result<CountedIds<'a>, Refusal>,
}

impl<'a> AckDelete<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()?, group: args.next()?, ids: CountedIds::parse(args) })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let found = view.find_group(self.key, self.group)?;
        let counted = self.ids.as_ref().map_err(Clone::clone)?;
        let Some((stream, group)) = found else {
            let replies = (0..counted.len()).map(|_| NOT_FOUND);
            return Ok(Outcome::reply(Reply::Array(replies.collect())));
        };
        let ids = counted.ids()?;
        let (mut acknowledged, mut done) = (Vec::new(), Vec::new());
        let decide = |((&id, record), earlier): ((&EntryId, Option<&Pending>), Option<usize>)| {
            if record.is_none() || earlier.is_some() {
                return Ok(NOT_FOUND);
            }
            acknowledged.push(id);
            let kept = counted.references == References::Acked
                && stream.is_referenced_except(id, Some(self.group))?;
            if kept {
                return Ok(STILL_REFERENCED);
            }
            done.push(id);
            Ok(DELETED)
        };
        let records = group.pel().get_each(&ids)?;
        let replies = ids.iter().zip(records).zip(args::earlier(&ids)).map(decide);
        let replies = replies.collect::<Result<_, Missing>>()?;
        let present = stream.get_each(&done)?.into_iter().flatten().map(|entry| entry.id);
        let present: Vec<EntryId> = present.collect();
        let mut changes = Vec::with_capacity(3);
        if !acknowledged.is_empty() {
            let ids = Cow::Owned(acknowledged);
            changes.push(Change::Acknowledge { group: self.group, ids });
        }
        if !present.is_empty() {
            changes.push(Change::Delete { ids: Cow::Owned(present) });
        }
        if counted.references == References::Delete {
            changes.extend(references::forget(stream, &done)?);
        }
        let ops = changes.into_iter().map(|change| view.op(self.key, change));
        Ok(Outcome::changes(ops.collect(), Reply::Array(replies)))
    }
}
