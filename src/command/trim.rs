//! The trim options of XADD and XTRIM, and XTRIM itself.

use super::args::{self, Args};
use super::references::{self, References};
use super::{Halt, Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::limits::Limits;
use crate::op::Change;
use crate::reply::Reply;
use crate::stream::{EntryId, Incoming, Missing, Stream, Threshold, TrimBound};
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

/// LIMIT is by default this many nodes' worth of entries.
const DEFAULT_LIMIT_NODES: u64 = 100;
/// LIMIT by default where nodes have no bound.
const DEFAULT_LIMIT_UNBOUNDED: u64 = 10_000;
/// LIMIT by default is never more than this.
const DEFAULT_LIMIT_MAX: u64 = 1_000_000;

/// A trim as a client asks for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrimRequest {
    threshold: Threshold,
    bound: RequestedBound,
    references: References,
}

#[derive(Clone, Copy, Debug)]
enum RequestedBound {
    Exact,
    Approximate { limit: Option<u64> },
}

impl TrimRequest {
    /// Decides what the trim changes and how many entries it removes. With `incoming`, as if that
    /// entry had been appended already.
    pub(crate) fn decide<'c>(
        &self,
        stream: &Stream,
        limits: &Limits,
        incoming: Option<Incoming>,
    ) -> Result<(Vec<Change<'c>>, u64), Missing> {
        let bound = self.bound(limits);
        if self.references == References::Keep {
            let cut = stream.decide_trim(self.threshold, bound, incoming)?;
            return Ok(cut.map_or((Vec::new(), 0), |cut| {
                (vec![Change::Trim { through: cut.through }], cut.removed)
            }));
        }
        let is_kept = |id| Ok(self.references == References::Acked && stream.is_referenced(id)?);
        let ids = stream.decide_trim_by_entry(self.threshold, bound, incoming, is_kept)?;
        let removed = ids.len() as u64;
        if ids.is_empty() {
            return Ok((Vec::new(), 0));
        }
        let forgotten = match self.references {
            References::Delete => references::forget(stream, &ids)?,
            References::Keep | References::Acked => None,
        };
        let mut changes = vec![Change::TrimEntries { ids: Cow::Owned(ids) }];
        changes.extend(forgotten);
        Ok((changes, removed))
    }

    /// The bound with the default LIMIT filled in, which depends on the configuration.
    fn bound(&self, limits: &Limits) -> TrimBound {
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
    references: Option<References>,
}

impl TrimOptions {
    /// Takes one option if there is one in front. Returns whether there was.
    pub(crate) fn take(&mut self, args: &mut Args<'_>) -> Result<bool, Refusal> {
        if self.references.is_none() {
            self.references = References::take(args);
            if self.references.is_some() {
                return Ok(true);
            }
        }
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
    fn take_strategy<'a>(&mut self, args: &mut Args<'a>) -> Result<&'a [u8], Refusal> {
        if self.threshold.is_some() {
            return Err(CommandError::MaxLenAndMinId.into());
        }
        self.approximate = args.take_sign(b"~");
        if !self.approximate {
            args.take_sign(b"=");
        }
        args.next()
    }

    fn has_strategy(&self) -> bool {
        self.threshold.is_some()
    }

    /// Puts the options together.
    pub(crate) fn finish(&self) -> Result<Option<TrimRequest>, Refusal> {
        let Some(threshold) = self.threshold else {
            return match self.limit {
                Some(1..) => Err(CommandError::LimitWithoutStrategy.into()),
                Some(0) => Err(CommandError::LimitWithoutApproximate.into()),
                None => Ok(None),
            };
        };
        let bound = match (self.approximate, self.limit) {
            (false, None) => RequestedBound::Exact,
            (false, Some(_)) => return Err(CommandError::LimitWithoutApproximate.into()),
            (true, limit) => RequestedBound::Approximate { limit },
        };
        let references = self.references.unwrap_or_default();
        Ok(Some(TrimRequest { threshold, bound, references }))
    }
}

/// `XTRIM key [KEEPREF|DELREF|ACKED] MAXLEN|MINID [=|~] threshold [LIMIT n]`
#[derive(Debug)]
pub(crate) struct Trim<'a> {
    key: &'a [u8],
    request: TrimRequest,
}

impl<'a> Trim<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let key = args.next()?;
        let mut options = TrimOptions::default();
        while args.left() > 0 {
            if !options.take(args)? {
                return Err(CommandError::Syntax.into());
            }
        }
        let request = match options.finish() {
            Err(refusal) if options.has_strategy() => return Err(refusal),
            Err(refusal) if *refusal != CommandError::LimitWithoutApproximate => {
                return Err(refusal);
            }
            Ok(Some(request)) => request,
            Ok(None) | Err(_) => return Err(CommandError::TrimWithoutStrategy.into()),
        };
        Ok(Self { key, request })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let Some(stream) = view.stream(self.key)? else {
            return Ok(Outcome::reply(Reply::Integer(0)));
        };
        let (changes, removed) = self.request.decide(stream, view.limits, None)?;
        let ops = changes.into_iter().map(|change| view.op(self.key, change));
        Ok(Outcome::changes(ops.collect(), Reply::count(removed)))
    }
}
