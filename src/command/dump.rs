//! DUMP and RESTORE: a value as Redis' own serialization.

use super::args::{self, Args};
use super::{Halt, Outcome, View};
use crate::dump::{self, Restored};
use crate::error::{CommandError, Refusal};
use crate::keyspace::Value;
use crate::op::Change;
use crate::reply::Reply;
use crate::stream::{Direction, EntryId};
use alloc::borrow::Cow;
use alloc::vec::Vec;

/// `DUMP key`
#[derive(Debug)]
pub(crate) struct Dump<'a> {
    key: &'a [u8],
}

impl<'a> Dump<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()? })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let version = view.limits.dump_version;
        let payload = match view.item(self.key).map(|item| &item.value) {
            None => return Ok(Outcome::reply(Reply::NullText)),
            Some(Value::Stream(stream)) => {
                // Before anything of it is loaded: dumped it takes about as much as here, or more.
                let max_bytes = view.limits.argument_bytes;
                let refusal = CommandError::DumpTooLarge { max_bytes };
                if stream.bytes() > max_bytes {
                    return Err(refusal.into());
                }
                let all = EntryId::MIN..=EntryId::MAX;
                view.admit_reply(|| {
                    stream.least_reply_bytes(&all, Direction::Forward, usize::MAX)
                })?;
                stream.require_all()?;
                let payload = dump::write_stream(stream, version);
                if payload.len() > max_bytes {
                    return Err(refusal.into());
                }
                payload
            }
            Some(Value::Plain(plain)) => dump::write_plain(plain, version),
        };
        Ok(Outcome::reply(Reply::owned(payload)))
    }
}

/// `RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]`
#[derive(Debug)]
pub(crate) struct Restore<'a> {
    key: &'a [u8],
    /// Milliseconds; 0: the key stays. A taken key is noticed before a wrong number.
    ttl_ms: Result<i64, Refusal>,
    payload: &'a [u8],
    replace: bool,
    /// The time to live is a time of day.
    absolute: bool,
}

impl<'a> Restore<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (key, ttl, payload) = (args.next()?, args.next()?, args.next()?);
        let (mut replace, mut absolute) = (false, false);
        // How idle or how much used a key is decides nothing here, but has to be sound.
        let (mut idle_s, mut frequency) = (None, None);
        while args.left() > 0 {
            if args.take("REPLACE") {
                replace = true;
            } else if args.take("ABSTTL") {
                absolute = true;
            } else if let Some(text) = args.take_with_value("IDLETIME") {
                let idle = args::integer(text)?;
                idle_s = Some(u64::try_from(idle).map_err(|_| CommandError::RestoreIdleTime)?);
            } else if let Some(text) = args.take_with_value("FREQ") {
                let used = args::integer(text)?;
                frequency = Some(u8::try_from(used).map_err(|_| CommandError::RestoreFrequency)?);
            } else {
                return Err(CommandError::Syntax.into());
            }
            if idle_s.is_some() && frequency.is_some() {
                return Err(CommandError::Syntax.into());
            }
        }
        let ttl_ms = args::integer(ttl).and_then(|ttl| match ttl {
            ..0 => Err(CommandError::RestoreTtl.into()),
            ttl => Ok(ttl),
        });
        Ok(Self { key, ttl_ms, payload, replace, absolute })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let taken = view.item(self.key).is_some();
        if taken && !self.replace {
            return Err(CommandError::BusyKey.into());
        }
        let expires_ms = self.expires_ms(view)?;
        let change = match dump::read(self.payload, view.limits)? {
            Restored::Stream(mut stream) => {
                // The clock for forgetting what producers sent starts now.
                stream.producers_mut().swept_ms = view.now_ms;
                Change::PutStream { bytes: Cow::Owned(stream.encode_whole()) }
            }
            Restored::Plain(plain) => Change::Put { plain },
        };
        let mut ops = Vec::with_capacity(3);
        if taken {
            ops.push(view.op(self.key, Change::RemoveKey));
        }
        let at_ms = expires_ms.map(|at_ms| u64::try_from(at_ms).unwrap_or_default());
        if at_ms.is_none_or(|at_ms| at_ms > view.now_ms) {
            ops.push(view.op(self.key, change));
            ops.extend(at_ms.map(|_| view.op(self.key, Change::Expire { at_ms })));
        }
        Ok(Outcome::changes(ops, Reply::OK))
    }

    /// When the key is to go; `None`: never.
    fn expires_ms(&self, view: View<'_>) -> Result<Option<i64>, Refusal> {
        let ttl_ms = self.ttl_ms.clone()?;
        let base_ms = if self.absolute { 0 } else { view.now_ms as i64 };
        // A time past the greatest wraps around to long ago, as in Redis.
        Ok((ttl_ms != 0).then(|| ttl_ms.wrapping_add(base_ms)))
    }
}
