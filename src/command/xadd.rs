//! XADD: appends an entry.

use super::args::Args;
use super::idempotence::{self, Idempotence};
use super::trim::{TrimOptions, TrimRequest};
use super::{Halt, Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::op::{Change, FieldList, Op};
use crate::reply::Reply;
use crate::stream::{EntryId, Incoming, NewId, Stream};
use alloc::vec::Vec;

/// `XADD key [NOMKSTREAM] [KEEPREF|DELREF|ACKED] [IDMPAUTO pid | IDMP pid iid]
/// [MAXLEN|MINID [=|~] threshold [LIMIT n]] <*|id> field value [field value ...]`
#[derive(Debug)]
pub(crate) struct Add<'a> {
    key: &'a [u8],
    create_stream: bool,
    idempotence: Option<Idempotence<'a>>,
    trim: Option<TrimRequest>,
    id: NewId,
    /// Names and values alternate; at least one pair.
    fields: &'a [&'a [u8]],
}

impl<'a> Add<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let key = args.next()?;
        let (mut create_stream, mut idempotence) = (true, None);
        let mut options = TrimOptions::default();
        let mut id = None;
        while let Some(text) = args.peek() {
            if text == b"*" {
                id = Some(NewId::parse(args.next()?)?);
                break;
            }
            if options.take(args)? {
                continue;
            }
            if args.take("NOMKSTREAM") {
                create_stream = false;
                continue;
            }
            if let Some(option) = Idempotence::take(idempotence, args)? {
                idempotence = Some(option);
                continue;
            }
            id = Some(NewId::parse(args.next()?)?);
            break;
        }
        if idempotence.is_some() && id.is_some_and(|id| id != NewId::Auto) {
            return Err(CommandError::IdempotenceId.into());
        }
        let trim = options.finish()?;
        let fields = args.rest();
        let id = id.ok_or_else(|| args.wrong_arity())?;
        if fields.is_empty() || fields.len() % 2 == 1 {
            return Err(args.wrong_arity());
        }
        if id == NewId::Explicit(EntryId::MIN) {
            return Err(CommandError::IdZero.into());
        }
        Ok(Self { key, create_stream, idempotence, trim, id, fields })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let existing = view.stream(self.key)?;
        if existing.is_none() && !self.create_stream {
            return Ok(Outcome::reply(Reply::NullText));
        }
        let mut ops = Vec::with_capacity(3);
        let empty;
        let stream = match existing {
            Some(stream) => stream,
            None => {
                ops.push(view.create_stream(self.key));
                // Numbers of streams are given when an op is applied; this is only looked at.
                empty = Stream::new(0, view.new_memory());
                &empty
            }
        };
        let iid = self.idempotence.map(|it| (it.producer, it.iid(self.fields)));
        if let Some((producer, iid)) = iid {
            let (producers, now_ms) = (&stream.producers, view.now_ms);
            let sent = if idempotence::is_sweep_due(stream, now_ms) {
                ops.push(view.op(self.key, Change::Sweep { now_ms }));
                producers.find_after_sweep(producer, iid.as_bytes(), now_ms)
            } else {
                producers.find(producer, iid.as_bytes())
            };
            if let Some(id) = sent {
                ops.push(view.op(self.key, Change::CountDuplicate));
                return Ok(Outcome::changes(ops, Reply::Id(id)));
            }
        }
        let id = match next_id(self.id, stream.last_id, view.now_ms) {
            Ok(id) => id,
            Err(error) => return Ok(self.refuse(view, existing, error)),
        };
        self.append(view, stream, id, &mut ops)?;
        if let Some((producer, iid)) = iid {
            ops.push(view.op(self.key, Change::Remember { producer, iid, id }));
        }
        Ok(Outcome::changes(ops, Reply::Id(id)))
    }

    /// The entry gets no ID. As Redis meets the producer before it looks for one, it stays known.
    fn refuse<'c, 'k>(
        &'c self,
        view: View<'_>,
        existing: Option<&Stream>,
        error: Refusal,
    ) -> Outcome<'c, 'k> {
        let met = self.idempotence.zip(existing).map(|(it, stream)| (it.producer, stream));
        let met = met.filter(|(producer, stream)| !stream.producers.knows(producer));
        let ops = met.map(|(producer, _)| view.op(self.key, Change::Introduce { producer }));
        Outcome::changes(ops.into_iter().collect(), Reply::Error(error))
    }

    /// Appends the entry and trims.
    fn append<'c>(
        &'c self,
        view: View<'_>,
        stream: &Stream,
        id: EntryId,
        ops: &mut Vec<Op<'c>>,
    ) -> Result<(), Halt> {
        let bytes: usize = self.fields.iter().map(|part| part.len()).sum();
        if bytes > view.limits.entry_bytes {
            return Err(CommandError::EntryTooLarge.into());
        }
        let place = stream.place_for(self.fields, view.limits)?;
        let fields = FieldList::Borrowed(self.fields);
        ops.push(view.op(self.key, Change::Append { id, fields, place }));
        if let Some(trim) = self.trim {
            let incoming = Some(Incoming { id, place });
            let (changes, _) = trim.decide(stream, view.limits, incoming)?;
            ops.extend(changes.into_iter().map(|change| view.op(self.key, change)));
        }
        Ok(())
    }
}

/// The ID that the entry gets, above the stream's last one.
fn next_id(wanted: NewId, last: EntryId, now_ms: u64) -> Result<EntryId, Refusal> {
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
    if id > last { Ok(id) } else { Err(CommandError::IdNotGreater.into()) }
}
