//! XACK: entries are done with.

use super::args::{self, Args};
use super::{Halt, Outcome, View};
use crate::error::Refusal;
use crate::op::Change;
use crate::reply::Reply;
use crate::stream::EntryId;
use alloc::borrow::Cow;
use alloc::vec::Vec;

/// `XACK key group id [id ...]`
#[derive(Debug)]
pub(crate) struct Ack<'a> {
    key: &'a [u8],
    group: &'a [u8],
    /// Without the group nobody looks at the IDs, so their error waits here.
    ids: Result<Vec<EntryId>, Refusal>,
}

impl<'a> Ack<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (key, group) = (args.next()?, args.next()?);
        Ok(Self { key, group, ids: args::ids(args.rest()) })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let Some((_, group)) = view.find_group(self.key, self.group)? else {
            return Ok(Outcome::reply(Reply::Integer(0)));
        };
        let ids = args::without_repeats(self.ids.as_ref().map_err(Clone::clone)?);
        let records = group.pel().get_each(&ids)?;
        let ids: Vec<EntryId> = records.into_iter().flatten().map(|record| record.id).collect();
        let acknowledged = ids.len() as u64;
        if ids.is_empty() {
            return Ok(Outcome::reply(Reply::Integer(0)));
        }
        let change = Change::Acknowledge { group: self.group, ids: Cow::Owned(ids) };
        Ok(Outcome::change(view.op(self.key, change), Reply::count(acknowledged)))
    }
}
