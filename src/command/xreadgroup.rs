//! XREADGROUP: entries for a consumer of a group, new ones or its own pending ones.

use super::args::{self, Args};
use super::xread::{ReadOptions, split_streams, take_streams};
use super::{Halt, Outcome, ReadPlan, Then, View};
use crate::error::CommandError;
use crate::op::{Change, Op};
use crate::reply::Reply;
use crate::stream::{Direction, Entry, EntryId, Group, Pending, Stream};
use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Where the reading of a stream begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    /// What no consumer of the group has got yet: `>`.
    New,
    /// The consumer's own pending entries behind an ID.
    History(EntryId),
}

impl From {
    fn parse(text: &[u8]) -> Result<Self, CommandError> {
        match text {
            b">" => Ok(Self::New),
            b"$" => Err(CommandError::ReadGroupSpecialId { id: '$' }),
            b"+" => Err(CommandError::ReadGroupSpecialId { id: '+' }),
            // Redis holds `>` as the greatest ID and cannot tell the two apart.
            text => Ok(match EntryId::parse(text, 0)? {
                EntryId::MAX => Self::New,
                id => Self::History(id),
            }),
        }
    }
}

/// A stream to read.
#[derive(Clone, Debug)]
struct Source<'a> {
    key: Cow<'a, [u8]>,
    /// The key and the group are looked at before the ID, so the ID's error waits here.
    from: Result<From, CommandError>,
}

/// `XREADGROUP GROUP group consumer [COUNT n] [BLOCK ms] [NOACK] STREAMS key [...] id [...]`
#[derive(Debug)]
pub(crate) struct GroupRead<'a> {
    group: Cow<'a, [u8]>,
    consumer: Cow<'a, [u8]>,
    options: ReadOptions,
    no_ack: bool,
    sources: Vec<Source<'a>>,
}

impl<'a> GroupRead<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let mut options = ReadOptions::default();
        let (mut group, mut no_ack) = (None, false);
        while !take_streams(args) {
            if options.take(args)? {
                continue;
            }
            if args.left() >= 3 && args.take("GROUP") {
                group = Some((args.next()?, args.next()?));
            } else if args.take("NOACK") {
                no_ack = true;
            } else {
                return Err(CommandError::Syntax);
            }
        }
        let sources = split_streams(args, CommandError::UnbalancedReadGroup)?
            .map(|(key, id)| Source { key: Cow::Borrowed(key), from: From::parse(id) })
            .collect();
        let (group, consumer) = group.ok_or(CommandError::MissingGroup)?;
        let (group, consumer) = (Cow::Borrowed(group), Cow::Borrowed(consumer));
        Ok(Self { group, consumer, options, no_ack, sources })
    }

    pub(crate) fn keys(&self) -> Vec<&[u8]> {
        self.sources.iter().map(|source| &*source.key).collect()
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let deadline_ms = self.options.deadline_ms(view.now_ms)?;
        let targets = self.targets(view)?;
        let mut drafts: BTreeMap<&[u8], Draft<'c, 'k>> = BTreeMap::new();
        let (mut ops, mut read) = (Vec::new(), Vec::new());
        for target in &targets {
            let draft = drafts
                .entry(target.key)
                .or_insert_with(|| Draft::new(self, view, target, &mut ops));
            let delivery = match target.from {
                From::New => self.new_entries(view, draft, &mut ops)?,
                From::History(after) => Some(self.history(view, draft, after, &mut ops)?),
            };
            read.extend(delivery.map(|entries| (Reply::text(target.key), entries)));
        }
        if !read.is_empty() {
            return Ok(Outcome::changes(ops, Reply::ByKey(read)));
        }
        if self.options.block_ms.is_none() {
            return Ok(Outcome::changes(ops, Reply::NullArray));
        }
        let plan = ReadPlan::Group(self.parked());
        Ok(Outcome { ops, then: Then::Wait { plan, deadline_ms } })
    }

    /// Tests every stream before anything is delivered.
    fn targets<'c, 'k>(&'c self, view: View<'k>) -> Result<Vec<Target<'c, 'k>>, CommandError> {
        let target = |source: &'c Source<'a>| {
            let found = view
                .stream(&source.key)
                .and_then(|stream| stream.groups.get(&*self.group).map(|group| (stream, group)));
            let (stream, group) = found.ok_or_else(|| CommandError::NoGroupForRead {
                key: args::quoted(&source.key),
                group: args::quoted(&self.group),
            })?;
            Ok(Target { key: &source.key, stream, group, from: source.from.clone()? })
        };
        self.sources.iter().map(target).collect()
    }

    /// Entries that nobody in the group has got yet; `None`: there are none.
    fn new_entries<'c, 'k>(
        &'c self,
        view: View<'k>,
        draft: &mut Draft<'c, 'k>,
        ops: &mut Vec<Op<'c>>,
    ) -> Result<Option<Reply<'k>>, Halt> {
        let stream = draft.stream;
        let entries = match draft.last_delivered.next() {
            Some(start) if draft.last_delivered < stream.last_id => {
                stream.entries(start..=EntryId::MAX, Direction::Forward, self.options.limit())?
            }
            _ => return Ok(None),
        };
        if entries.is_empty() {
            return Ok(None);
        }
        for entry in &entries {
            draft.advance(entry.id);
        }
        if !self.no_ack {
            let records = entries.iter().map(|entry| (entry.id, 1)).collect();
            ops.push(draft.deliver(self, view, records, Some(view.now_ms)));
        }
        ops.push(view.op(
            draft.key,
            Change::MoveGroup {
                group: &self.group,
                last_delivered: draft.last_delivered,
                entries_read: draft.entries_read,
            },
        ));
        Ok(Some(Reply::entries(entries)))
    }

    /// The consumer's own pending entries; those no longer in the stream without fields.
    fn history<'c, 'k>(
        &'c self,
        view: View<'k>,
        draft: &mut Draft<'c, 'k>,
        after: EntryId,
        ops: &mut Vec<Op<'c>>,
    ) -> Result<Reply<'k>, Halt> {
        let own = draft.own_records(&self.consumer, after, self.options.limit());
        let ids: Vec<EntryId> = own.iter().map(|&(id, _)| id).collect();
        let entries = draft.stream.get_each(&ids)?;
        let found = |(record, entry): (&(EntryId, u64), &Option<Entry<'_>>)| {
            // Redis counts deliveries in a signed 64-bit number and stops at its greatest.
            entry.map(|_| (record.0, (record.1 + 1).min(i64::MAX as u64)))
        };
        let records: Vec<_> = own.iter().zip(&entries).filter_map(found).collect();
        if !records.is_empty() {
            ops.push(draft.deliver(self, view, records, None));
        }
        let replies = entries.into_iter().zip(ids).map(|(entry, id)| match entry {
            Some(entry) => Reply::Entry(entry),
            None => Reply::Array([Reply::Id(id), Reply::NullArray].into()),
        });
        Ok(Reply::Array(replies.collect()))
    }

    /// The read as it waits.
    fn parked(&self) -> GroupRead<'static> {
        let own = |text: &Cow<'_, [u8]>| Cow::Owned(text.to_vec());
        let park =
            |source: &Source<'_>| Source { key: own(&source.key), from: source.from.clone() };
        GroupRead {
            group: own(&self.group),
            consumer: own(&self.consumer),
            options: self.options.parked(),
            no_ack: self.no_ack,
            sources: self.sources.iter().map(park).collect(),
        }
    }
}

/// A stream whose key, group and ID are sound.
struct Target<'c, 'k> {
    key: &'c [u8],
    stream: &'k Stream,
    group: &'k Group,
    from: From,
}

/// A group as the read will leave it: a key may be listed more than once, and what the first
/// mention delivers the second does not.
struct Draft<'c, 'k> {
    key: &'c [u8],
    stream: &'k Stream,
    group: &'k Group,
    last_delivered: EntryId,
    entries_read: Option<u64>,
    /// Delivery counts that this read has set, of the consumer's records.
    delivered: BTreeMap<EntryId, u64>,
}

impl<'c, 'k> Draft<'c, 'k> {
    /// Begins with the group as it is; the consumer comes into being, or is seen.
    fn new(
        read: &'c GroupRead<'_>,
        view: View<'k>,
        target: &Target<'c, 'k>,
        ops: &mut Vec<Op<'c>>,
    ) -> Self {
        let (group, consumer, at_ms) = (&*read.group, &*read.consumer, view.now_ms);
        let change = match target.group.consumer(consumer) {
            Some(_) => Change::See { group, consumer, at_ms },
            None => Change::CreateConsumer { group, consumer, seen_ms: at_ms },
        };
        ops.push(view.op(target.key, change));
        Self {
            key: target.key,
            stream: target.stream,
            group: target.group,
            last_delivered: target.group.last_delivered,
            entries_read: target.group.entries_read,
            delivered: BTreeMap::new(),
        }
    }

    fn advance(&mut self, id: EntryId) {
        let (last, read) = (self.last_delivered, self.entries_read);
        self.entries_read = self.stream.entries_read_after(last, read, id);
        self.last_delivered = id;
    }

    fn deliver(
        &mut self,
        read: &'c GroupRead<'_>,
        view: View<'k>,
        records: Vec<(EntryId, u64)>,
        active_ms: Option<u64>,
    ) -> Op<'c> {
        if read.sources.len() > 1 {
            self.delivered.extend(records.iter().copied());
        }
        let (group, consumer) = (&*read.group, &*read.consumer);
        let (delivered_ms, records) = (view.now_ms, Cow::Owned(records));
        let change = Change::Deliver { group, consumer, delivered_ms, active_ms, records };
        view.op(self.key, change)
    }

    /// IDs and delivery counts of the consumer's records behind an ID.
    fn own_records(&self, consumer: &[u8], after: EntryId, limit: usize) -> Vec<(EntryId, u64)> {
        let Some(start) = after.next() else { return Vec::new() };
        let number = self.group.consumer_number(consumer);
        let own = number.map(|number| self.group.pel().of_consumer(number, start));
        let own = own.into_iter().flatten().map(|record: &Pending| (record.id, record.count));
        if self.delivered.is_empty() {
            return own.take(limit).collect();
        }
        let mut all: BTreeMap<EntryId, u64> = own.collect();
        all.extend(self.delivered.range(start..).map(|(id, count)| (*id, *count)));
        all.into_iter().take(limit).collect()
    }
}
