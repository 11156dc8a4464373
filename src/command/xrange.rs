//! XRANGE and XREVRANGE: entries between two IDs.

use super::args::{self, Args};
use super::{Halt, Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::reply::Reply;
use crate::stream::{Bound, Direction, EntryId};

/// `XRANGE key start end [COUNT n]`, `XREVRANGE key end start [COUNT n]`
#[derive(Debug)]
pub(crate) struct RangeQuery<'a> {
    key: &'a [u8],
    start: EntryId,
    end: EntryId,
    /// `None`: all.
    count: Option<i64>,
    direction: Direction,
}

impl<'a> RangeQuery<'a> {
    pub(crate) fn parse_forward(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (key, start, end) = (args.next()?, args.next()?, args.next()?);
        Self::finish(args, key, start, end, Direction::Forward)
    }

    pub(crate) fn parse_backward(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (key, end, start) = (args.next()?, args.next()?, args.next()?);
        Self::finish(args, key, start, end, Direction::Backward)
    }

    fn finish(
        args: &mut Args<'a>,
        key: &'a [u8],
        start: &[u8],
        end: &[u8],
        direction: Direction,
    ) -> Result<Self, Refusal> {
        let (start, end) = (Bound::Start.parse(start)?, Bound::End.parse(end)?);
        let mut count = None;
        while args.left() > 0 {
            let text = args.take_with_value("COUNT").ok_or(CommandError::Syntax)?;
            count = Some(args::integer(text)?);
        }
        Ok(Self { key, start, end, count, direction })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let limit = match self.count {
            None => usize::MAX,
            Some(count) => usize::try_from(count.max(0)).unwrap_or(usize::MAX),
        };
        Ok(Outcome::reply(match view.stream(self.key)? {
            None => Reply::Entries([].into()),
            Some(_) if limit == 0 => Reply::NullArray,
            Some(stream) => Reply::Entries(view.entries(
                stream,
                self.start..=self.end,
                self.direction,
                limit,
            )?),
        }))
    }
}
