//! XADD: appends an entry.

use super::args::Args;
use super::trim::{TrimOptions, TrimRequest};
use super::{Halt, Outcome, View};
use crate::error::CommandError;
use crate::op::{Change, FieldList};
use crate::reply::Reply;
use crate::stream::{EntryId, Incoming, NewId, Stream};
use alloc::vec::Vec;

/// `XADD key [NOMKSTREAM] [KEEPREF|DELREF|ACKED] [MAXLEN|MINID [=|~] threshold [LIMIT n]] <*|id>
/// field value [field value ...]`
#[derive(Debug)]
pub(crate) struct Add<'a> {
    key: &'a [u8],
    create_stream: bool,
    trim: Option<TrimRequest>,
    id: NewId,
    /// Names and values alternate; at least one pair.
    fields: &'a [&'a [u8]],
}

impl<'a> Add<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let key = args.next()?;
        let mut create_stream = true;
        let mut options = TrimOptions::default();
        let mut id = None;
        while let Some(text) = args.peek() {
            if text != b"*" && options.take(args)? {
                continue;
            }
            if args.take("NOMKSTREAM") {
                create_stream = false;
                continue;
            }
            id = Some(NewId::parse(args.next()?)?);
            break;
        }
        let trim = options.finish()?;
        let fields = args.rest();
        let id = id.ok_or(args.wrong_arity())?;
        if fields.is_empty() || fields.len() % 2 == 1 {
            return Err(args.wrong_arity());
        }
        if id == NewId::Explicit(EntryId::MIN) {
            return Err(CommandError::IdZero);
        }
        Ok(Self { key, create_stream, trim, id, fields })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let existing = view.stream(self.key);
        if existing.is_none() && !self.create_stream {
            return Ok(Outcome::reply(Reply::NullText));
        }
        // Numbers of streams are given when an op is applied; this one is only looked at.
        let empty = Stream::new(0);
        let stream = existing.unwrap_or(&empty);
        let id = next_id(self.id, stream.last_id, view.now_ms)?;
        let bytes: usize = self.fields.iter().map(|part| part.len()).sum();
        if bytes > view.limits.entry_bytes {
            return Err(CommandError::EntryTooLarge.into());
        }
        let place = stream.place_for(self.fields, view.limits)?;
        let mut ops = Vec::with_capacity(2);
        if existing.is_none() {
            ops.push(view.op(self.key, Change::CreateStream));
        }
        let fields = FieldList::Borrowed(self.fields);
        ops.push(view.op(self.key, Change::Append { id, fields, place }));
        if let Some(trim) = self.trim {
            let incoming = Some(Incoming { id, place });
            let (changes, _) = trim.decide(stream, view.limits, incoming)?;
            ops.extend(changes.into_iter().map(|change| view.op(self.key, change)));
        }
        Ok(Outcome::changes(ops, Reply::Id(id)))
    }
}

/// The ID that the entry gets, above the stream's last one.
fn next_id(wanted: NewId, last: EntryId, now_ms: u64) -> Result<EntryId, CommandError> {
    let successor = last.next().ok_or(CommandError::StreamExhausted)?;
    let id = match wanted {
        NewId::Auto if now_ms > last.ms => EntryId { ms: now_ms, seq: 0 },
        NewId::Auto => successor,
        // At the last sequence number of its millisecond this does not go on to the next one.
        NewId::AutoSeq(ms) if ms == last.ms => {
            let seq = last.seq.checked_add(1).ok_or(CommandError::IdNotGreater)?;
            EntryId { ms, seq }
        }
        NewId::AutoSeq(ms) => EntryId { ms, seq: 0 },
        NewId::Explicit(id) => id,
    };
    if id > last { Ok(id) } else { Err(CommandError::IdNotGreater) }
}
