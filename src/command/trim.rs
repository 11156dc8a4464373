//! The trim options of XADD and XTRIM, and XTRIM itself.

use super::args::{self, Args};
use super::{Halt, Outcome, View};
use crate::error::CommandError;
use crate::limits::Limits;
use crate::op::Change;
use crate::reply::Reply;
use crate::stream::{EntryId, Threshold, TrimBound};

/// LIMIT is by default this many nodes' worth of entries.
const DEFAULT_LIMIT_NODES: u64 = 100;
/// LIMIT by default where nodes have no bound.
const DEFAULT_LIMIT_UNBOUNDED: u64 = 10_000;
/// LIMIT by default is never more than this.
const DEFAULT_LIMIT_MAX: u64 = 1_000_000;

/// A trim as a client asks for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrimRequest {
    pub(crate) threshold: Threshold,
    bound: RequestedBound,
}

#[derive(Clone, Copy, Debug)]
enum RequestedBound {
    Exact,
    Approximate { limit: Option<u64> },
}

impl TrimRequest {
    /// The bound with the default LIMIT filled in, which depends on the configuration.
    pub(crate) fn bound(&self, limits: &Limits) -> TrimBound {
        match self.bound {
            RequestedBound::Exact => TrimBound::Exact,
            RequestedBound::Approximate { limit: Some(0) } => {
                TrimBound::Approximate { limit: None }
            }
            RequestedBound::Approximate { limit: Some(limit) } => {
                TrimBound::Approximate { limit: Some(limit) }
            }
            RequestedBound::Approximate { limit: None } => {
                let limit = match limits.node_max_entries.saturating_mul(DEFAULT_LIMIT_NODES) {
                    0 => DEFAULT_LIMIT_UNBOUNDED,
                    limit => limit.min(DEFAULT_LIMIT_MAX),
                };
                TrimBound::Approximate { limit: Some(limit) }
            }
        }
    }
}

/// The trim options as they are met, in any order.
#[derive(Debug, Default)]
pub(crate) struct TrimOptions {
    threshold: Option<Threshold>,
    approximate: bool,
    limit: Option<u64>,
}

impl TrimOptions {
    /// Takes one option if there is one in front. Returns whether there was.
    pub(crate) fn take(&mut self, args: &mut Args<'_>) -> Result<bool, CommandError> {
        if args.left() < 2 {
            return Ok(false);
        }
        if args.take("MAXLEN") {
            let text = self.take_strategy(args)?;
            let max = u64::try_from(args::integer(text)?);
            self.threshold =
                Some(Threshold::MaxLen(max.map_err(|_| CommandError::MaxLenNegative)?));
        } else if args.take("MINID") {
            let text = self.take_strategy(args)?;
            self.threshold = Some(Threshold::MinId(EntryId::parse(text, 0)?));
        } else if let Some(text) = args.take_with_value("LIMIT") {
            let limit = u64::try_from(args::integer(text)?);
            self.limit = Some(limit.map_err(|_| CommandError::LimitNegative)?);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Takes `~` or `=` and the threshold's text.
    fn take_strategy<'a>(&mut self, args: &mut Args<'a>) -> Result<&'a [u8], CommandError> {
        if self.threshold.is_some() {
            return Err(CommandError::MaxLenAndMinId);
        }
        self.approximate = args.take_sign(b"~");
        if !self.approximate {
            args.take_sign(b"=");
        }
        args.next()
    }

    /// Puts the options together.
    pub(crate) fn finish(self) -> Result<Option<TrimRequest>, CommandError> {
        let Some(threshold) = self.threshold else {
            return match self.limit {
                Some(1..) => Err(CommandError::LimitWithoutStrategy),
                Some(0) | None => Ok(None),
            };
        };
        let bound = match (self.approximate, self.limit) {
            (false, None) => RequestedBound::Exact,
            (false, Some(_)) => return Err(CommandError::LimitWithoutApproximate),
            (true, limit) => RequestedBound::Approximate { limit },
        };
        Ok(Some(TrimRequest { threshold, bound }))
    }
}

/// `XTRIM key MAXLEN|MINID [=|~] threshold [LIMIT n]`
#[derive(Debug)]
pub(crate) struct Trim<'a> {
    key: &'a [u8],
    request: TrimRequest,
}

impl<'a> Trim<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let key = args.next()?;
        let mut options = TrimOptions::default();
        while args.left() > 0 {
            if !options.take(args)? {
                return Err(CommandError::Syntax);
            }
        }
        let request = options.finish()?.ok_or(CommandError::TrimWithoutStrategy)?;
        Ok(Self { key, request })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let Some(stream) = view.stream(self.key) else {
            return Ok(Outcome::reply(Reply::Integer(0)));
        };
        let bound = self.request.bound(view.limits);
        Ok(match stream.decide_trim(self.request.threshold, bound, None)? {
            None => Outcome::reply(Reply::Integer(0)),
            Some(cut) => Outcome::change(
                view.op(self.key, Change::Trim { through: cut.through }),
                Reply::count(cut.removed),
            ),
        })
    }
}
