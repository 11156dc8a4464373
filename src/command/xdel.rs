//! XDEL: entries leave by name.

use super::args::{self, Args};
use super::{Halt, Outcome, View};
use crate::error::Refusal;
use crate::op::Change;
use crate::reply::Reply;
use crate::stream::EntryId;
use alloc::borrow::Cow;
use alloc::vec::Vec;

/// `XDEL key id [id ...]`
#[derive(Debug)]
pub(crate) struct Delete<'a> {
    key: &'a [u8],
    /// Without the key nobody looks at the IDs, so their error waits here.
    ids: Result<Vec<EntryId>, Refusal>,
}

impl<'a> Delete<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()?, ids: args::ids(args.rest()) })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let Some(stream) = view.stream(self.key)? else {
            return Ok(Outcome::reply(Reply::Integer(0)));
        };
        let ids = args::without_repeats(self.ids.as_ref().map_err(Clone::clone)?);
        let found = stream.get_each(&ids)?;
        let ids: Vec<EntryId> = found.into_iter().flatten().map(|entry| entry.id).collect();
        if ids.is_empty() {
            return Ok(Outcome::reply(Reply::Integer(0)));
        }
        let deleted = Reply::count(ids.len() as u64);
        let change = Change::Delete { ids: Cow::Owned(ids) };
        Ok(Outcome::change(view.op(self.key, change), deleted))
    }
}
