//! XLEN: how many entries a stream has.

use super::args::Args;
use super::{Halt, Outcome, View};
use crate::error::Refusal;
use crate::reply::Reply;

/// `XLEN key`
#[derive(Debug)]
pub(crate) struct Len<'a> {
    key: &'a [u8],
}

impl<'a> Len<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()? })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let stream = view.stream(self.key)?;
        Ok(Outcome::reply(Reply::count(stream.map_or(0, |stream| stream.length))))
    }
}
