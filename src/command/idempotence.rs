//! Idempotent production: the options of XADD, XCFGSET and XIDMPRECORD.

use super::args::{self, Args};
use super::{Halt, Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::op::{Change, Iid};
use crate::reply::Reply;
use crate::stream::{EntryId, Memory, Stream};
use alloc::vec::Vec;
use core::hash::Hasher;
use siphasher::sip128::{Hasher128, SipHasher24};

/// What is too old is looked for at most this often; Redis has a periodic task for it.
const SWEEP_MS: u64 = 1000;

/// Who sends an entry, and under which ID.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Idempotence<'a> {
    pub(crate) producer: &'a [u8],
    /// `None`: made from the fields.
    iid: Option<&'a [u8]>,
}

impl<'a> Idempotence<'a> {
    /// Takes `IDMP pid iid` or `IDMPAUTO pid` if it is in front and whole.
    pub(crate) fn take(before: Option<Self>, args: &mut Args<'a>) -> Result<Option<Self>, Refusal> {
        let auto = args.peek().is_some_and(|argument| args::is(argument, "IDMPAUTO"));
        let words = if auto { 2 } else { 3 };
        if args.left() < words || !(auto || args.peek().is_some_and(|a| args::is(a, "IDMP"))) {
            return Ok(None);
        }
        let option = if auto { "IDMPAUTO" } else { "IDMP" };
        if before.is_some() {
            return Err(CommandError::IdempotenceTwice.into());
        }
        let words = args.take_many(words).expect("so many are left");
        let (producer, iid) = (words[1], words.get(2).copied());
        if producer.is_empty() {
            return Err(CommandError::ProducerEmpty { option }.into());
        }
        if iid.is_some_and(<[u8]>::is_empty) {
            return Err(CommandError::IidEmpty.into());
        }
        Ok(Some(Self { producer, iid }))
    }

    /// The idempotent ID of an entry with these fields.
    pub(crate) fn iid(&self, fields: &[&[u8]]) -> Iid<'a> {
        self.iid.map_or_else(|| Iid::Made(digest(fields)), Iid::Given)
    }
}

/// Whether it is time to forget what is too old.
pub(crate) fn is_sweep_due(stream: &Stream, now_ms: u64) -> bool {
    now_ms >= stream.producers.swept_ms.saturating_add(SWEEP_MS)
}

/// A digest of names and values that does not depend on the order of the pairs: the sum of the
/// pairs' own digests.
fn digest(fields: &[&[u8]]) -> [u8; 16] {
    let pair_digest = |pair: &[&[u8]]| {
        let mut hasher = SipHasher24::new();
        for part in pair {
            hasher.write_u64(part.len() as u64);
            hasher.write(part);
        }
        hasher.finish128().as_u128()
    };
    fields.chunks(2).map(pair_digest).fold(0, u128::wrapping_add).to_be_bytes()
}

/// `XCFGSET key [IDMP-DURATION seconds] [IDMP-MAXSIZE n]`
#[derive(Debug)]
pub(crate) struct Configure<'a> {
    key: &'a [u8],
    /// The key is looked at before the options, so their error waits here.
    options: Result<Options, Refusal>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Options {
    duration_s: Option<u64>,
    max_ids: Option<u64>,
}

impl<'a> Configure<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()?, options: Options::parse(args) })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let stream = view.stream(self.key)?.ok_or(CommandError::NoKey)?;
        let options = self.options.clone()?;
        let present = stream.producers.memory;
        let memory = Memory {
            duration_s: options.duration_s.unwrap_or(present.duration_s),
            max_ids: options.max_ids.unwrap_or(present.max_ids),
        };
        if memory == present {
            return Ok(Outcome::reply(Reply::OK));
        }
        Ok(Outcome::change(view.op(self.key, Change::SetMemory { memory }), Reply::OK))
    }
}

impl Options {
    fn parse(args: &mut Args<'_>) -> Result<Self, Refusal> {
        let mut options = Self::default();
        while args.left() > 0 {
            let (option, text, most) = if let Some(text) = args.take_with_value("IDMP-DURATION") {
                ("IDMP-DURATION", text, 86_400)
            } else if let Some(text) = args.take_with_value("IDMP-MAXSIZE") {
                ("IDMP-MAXSIZE", text, 10_000)
            } else {
                return Err(CommandError::Syntax.into());
            };
            let place = match option {
                "IDMP-DURATION" => &mut options.duration_s,
                _ => &mut options.max_ids,
            };
            if place.is_some() {
                return Err(CommandError::OptionTwice { option }.into());
            }
            let value = args::integer(text)?;
            let value = u64::try_from(value).ok().filter(|value| (1..=most).contains(value));
            *place = Some(value.ok_or(CommandError::IdempotenceBound { option })?);
        }
        if options.duration_s.is_none() && options.max_ids.is_none() {
            return Err(CommandError::AtLeastOneParameter.into());
        }
        Ok(options)
    }
}

/// `XIDMPRECORD key pid iid id`
#[derive(Debug)]
pub(crate) struct Record<'a> {
    key: &'a [u8],
    producer: &'a [u8],
    iid: &'a [u8],
    id: EntryId,
}

impl<'a> Record<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (key, producer, iid) = (args.next()?, args.next()?, args.next()?);
        let id = EntryId::parse(args.next()?, 0)?;
        if producer.is_empty() {
            return Err(CommandError::RecordProducerEmpty.into());
        }
        if iid.is_empty() {
            return Err(CommandError::RecordIidEmpty.into());
        }
        Ok(Self { key, producer, iid, id })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let stream = view.stream(self.key)?.ok_or(CommandError::NoKey)?;
        if stream.get_each(&[self.id])?.iter().all(Option::is_none) {
            return Err(CommandError::NoSuchMessage.into());
        }
        match stream.producers.find(self.producer, self.iid) {
            Some(id) if id == self.id => return Ok(Outcome::reply(Reply::OK)),
            Some(_) => return Err(CommandError::IidTaken.into()),
            None => {}
        }
        let (producer, iid) = (self.producer, Iid::Given(self.iid));
        let mut ops = Vec::with_capacity(2);
        if stream.producers.swept_ms == 0 {
            // Nothing was ever remembered here: the clock for forgetting starts.
            ops.push(view.op(self.key, Change::Sweep { now_ms: view.now_ms }));
        }
        ops.push(view.op(self.key, Change::Remember { producer, iid, id: self.id }));
        Ok(Outcome::changes(ops, Reply::OK))
    }
}
