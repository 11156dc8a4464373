//! XREADGROUP: entries for a consumer of a group, new ones or its own pending ones.

use super::args::{self, Args};
use super::deliveries::Deliveries;
use super::overdue::{self, Overdue};
use super::xread::{Budget, ReadOptions, split_streams, take_streams};
use super::{Halt, Outcome, Then, View, WaitPlan};
use crate::error::{CommandError, Refusal};
use crate::op::{Change, Op};
use crate::reply::Reply;
use crate::stream::{Direction, Entry, EntryId, Group, Missing, Pending, Stream, once_more};
use crate::wire;
use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec;
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
    fn parse(text: &[u8]) -> Result<Self, Refusal> {
        match text {
            b">" => Ok(Self::New),
            b"$" => Err(CommandError::ReadGroupSpecialId { id: '$' }.into()),
            b"+" => Err(CommandError::ReadGroupSpecialId { id: '+' }.into()),
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
    from: Result<From, Refusal>,
}

/// `XREADGROUP GROUP group consumer [COUNT n] [BLOCK ms] [NOACK]
/// [CLAIM ms] [MAXCOUNT n] [MAXSIZE n] STREAMS key [...] id [...]`
#[derive(Debug)]
pub(crate) struct GroupRead<'a> {
    group: Cow<'a, [u8]>,
    consumer: Cow<'a, [u8]>,
    options: ReadOptions,
    no_ack: bool,
    /// CLAIM: also take over what has been idle for so long.
    min_idle_ms: Option<u64>,
    sources: Vec<Source<'a>>,
}

impl<'a> GroupRead<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let mut options = ReadOptions::default();
        let (mut group, mut no_ack, mut min_idle_ms) = (None, false, None);
        while !take_streams(args) {
            if options.take(args)? {
                continue;
            }
            if args.left() >= 3 && args.take("GROUP") {
                group = Some((args.next()?, args.next()?));
            } else if args.take("NOACK") {
                no_ack = true;
            } else if let Some(text) = args.take_with_value("CLAIM") {
                let ms = args::integer(text).map_err(|_| CommandError::MinIdleNotInteger)?;
                min_idle_ms = Some(u64::try_from(ms).map_err(|_| CommandError::MinIdleNegative)?);
            } else {
                return Err(CommandError::Syntax.into());
            }
        }
        let sources = split_streams(args, CommandError::UnbalancedReadGroup)?
            .map(|(key, id)| Source { key: Cow::Borrowed(key), from: From::parse(id) })
            .collect();
        options.finish()?;
        let (group, consumer) = group.ok_or(CommandError::MissingGroup)?;
        let (group, consumer) = (Cow::Borrowed(group), Cow::Borrowed(consumer));
        Ok(Self { group, consumer, options, no_ack, min_idle_ms, sources })
    }

    pub(crate) fn keys(&self) -> Vec<&[u8]> {
        self.sources.iter().map(|source| &*source.key).collect()
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let targets = self.targets(view)?;
        let mut drafts: Vec<Draft<'c, 'k>> = Vec::new();
        let mut call = Call { view, budget: self.options.budget(), ops: Vec::new() };
        let (mut read, mut min_idle_ms) = (Vec::new(), self.min_idle_ms);
        for target in &targets {
            let known = drafts.iter().position(|draft| draft.key == target.key);
            let known = known.unwrap_or_else(|| {
                drafts.push(Draft::new(self, target, &mut call));
                drafts.len() - 1
            });
            let draft = &mut drafts[known];
            let given = match target.from {
                From::New => self.new_entries(&mut call, draft, min_idle_ms)?,
                From::History(after) => {
                    // As Redis has it, looking into the past ends claiming for the whole call.
                    min_idle_ms = None;
                    Some(self.history(&mut call, draft, after)?)
                }
            };
            read.extend(given.map(|entries| (Reply::text(target.key), entries)));
        }
        if !read.is_empty() {
            return Ok(Outcome::changes(call.ops, Reply::ByKey(read)));
        }
        let Some(wait) = self.options.wait else {
            return Ok(Outcome::changes(call.ops, Reply::NullArray));
        };
        let mut recheck_ms = None;
        for (target, min_idle_ms) in targets.iter().zip(self.min_idle_ms.iter().cycle()) {
            let check_ms = overdue::next_check_ms(target.group, *min_idle_ms, view.now_ms)?;
            recheck_ms = recheck_ms.into_iter().chain([check_ms]).min();
        }
        let (plan, deadline_ms) = (WaitPlan::Group(self.parked()).into(), wait.deadline_ms());
        let then = Then::Wait { plan, deadline_ms, recheck_ms };
        Ok(Outcome { ops: call.ops, then })
    }

    /// Whether it takes over what is overdue.
    pub(crate) fn claims(&self) -> bool {
        self.min_idle_ms.is_some()
    }

    /// Tests every stream before anything is delivered.
    fn targets<'c, 'k>(&'c self, view: View<'k>) -> Result<Vec<Target<'c, 'k>>, Refusal> {
        let target = |source: &'c Source<'a>| {
            let found = view.find_group(&source.key, &self.group)?;
            let (stream, group) = found.ok_or_else(|| CommandError::NoGroupForRead {
                key: args::quoted(&source.key),
                group: args::quoted(&self.group),
            })?;
            Ok(Target { key: &source.key, stream, group, from: source.from.clone()? })
        };
        self.sources.iter().map(target).collect()
    }

    /// What is overdue, if that is asked for, and what nobody in the group has got yet; `None`:
    /// there is nothing.
    fn new_entries<'c, 'k>(
        &'c self,
        call: &mut Call<'c, 'k>,
        draft: &mut Draft<'c, 'k>,
        min_idle_ms: Option<u64>,
    ) -> Result<Option<Reply<'k>>, Halt> {
        let limit = call.budget.limit();
        let Some(min_idle_ms) = min_idle_ms else {
            let entries = self.unread(call, draft, limit)?;
            return Ok((!entries.is_empty()).then_some(Reply::Entries(entries)));
        };
        let mut given = self.claim(call, draft, min_idle_ms, limit)?;
        let entries = self.unread(call, draft, limit - given.len())?;
        let unclaimed = |entry| Reply::ClaimedEntry { entry, idle_ms: 0, deliveries: 0 };
        given.extend(entries.into_iter().map(unclaimed));
        Ok((!given.is_empty()).then_some(Reply::Array(given)))
    }

    /// Takes over what is overdue. NOACK does not matter here: it stays pending.
    fn claim<'c, 'k>(
        &'c self,
        call: &mut Call<'c, 'k>,
        draft: &mut Draft<'c, 'k>,
        min_idle_ms: u64,
        limit: usize,
    ) -> Result<Vec<Reply<'k>>, Halt> {
        let now_ms = call.view.now_ms;
        let (stream, group) = (draft.stream, draft.group);
        let mut found = overdue::find(stream, group, min_idle_ms, now_ms, limit, &draft.delivered)?;
        call.budget.admit(&mut found, |overdue| wire::entry_bytes(&overdue.entry));
        let records: Vec<_> =
            found.iter().map(|overdue| (overdue.entry.id, once_more(overdue.count))).collect();
        if !records.is_empty() {
            draft.deliver(self, call, records, Some(now_ms));
        }
        let reply = |overdue: Overdue<'k>| Reply::ClaimedEntry {
            entry: overdue.entry,
            idle_ms: overdue.idle_ms,
            deliveries: overdue.count,
        };
        Ok(found.into_iter().map(reply).collect())
    }

    /// Delivers what nobody in the group has got yet.
    fn unread<'c, 'k>(
        &'c self,
        call: &mut Call<'c, 'k>,
        draft: &mut Draft<'c, 'k>,
        limit: usize,
    ) -> Result<Vec<Entry<'k>>, Halt> {
        let stream = draft.stream;
        let mut entries = match draft.last_delivered.next() {
            Some(start) if draft.last_delivered < stream.last_id => {
                let limit = limit.min(call.budget.entry_limit());
                call.view.entries(stream, start..=EntryId::MAX, Direction::Forward, limit)?
            }
            _ => Vec::new(),
        };
        call.budget.admit(&mut entries, wire::entry_bytes);
        if entries.is_empty() {
            return Ok(entries);
        }
        for entry in &entries {
            draft.advance(entry.id);
        }
        if !self.no_ack {
            let records = entries.iter().map(|entry| (entry.id, 1)).collect();
            draft.deliver(self, call, records, Some(call.view.now_ms));
        }
        let change = Change::MoveGroup {
            group: &self.group,
            last_delivered: draft.last_delivered,
            entries_read: draft.entries_read,
        };
        call.ops.push(call.view.op(draft.key, change));
        Ok(entries)
    }

    /// The consumer's own pending entries; those no longer in the stream without fields.
    fn history<'c, 'k>(
        &'c self,
        call: &mut Call<'c, 'k>,
        draft: &mut Draft<'c, 'k>,
        after: EntryId,
    ) -> Result<Reply<'k>, Halt> {
        let mut own = draft.own_records(&self.consumer, after, call.budget.limit())?;
        let ids: Vec<EntryId> = own.iter().map(|&(id, _)| id).collect();
        let mut entries = draft.stream.get_each(&ids)?;
        call.budget.admit(&mut entries, |entry| entry.as_ref().map_or(0, wire::entry_bytes));
        own.truncate(entries.len());
        let found = |(record, entry): (&(EntryId, u64), &Option<Entry<'_>>)| {
            entry.map(|_| (record.0, once_more(record.1)))
        };
        let records: Vec<_> = own.iter().zip(&entries).filter_map(found).collect();
        if !records.is_empty() {
            draft.deliver(self, call, records, None);
        }
        let replies = entries.into_iter().zip(ids).map(|(entry, id)| match entry {
            Some(entry) => Reply::Entry(entry),
            None => Reply::Array([Reply::Id(id), Reply::NullArray].into()),
        });
        Ok(Reply::Array(replies.collect()))
    }

    /// The read as a request, which [`WaitPlan::request`] is about.
    pub(crate) fn request(&self) -> Vec<Cow<'_, [u8]>> {
        let fixed = |word: &'static str| Cow::Borrowed(word.as_bytes());
        let (group, consumer) = (Cow::Borrowed(&*self.group), Cow::Borrowed(&*self.consumer));
        let mut words = vec![fixed("XREADGROUP"), fixed("GROUP"), group, consumer];
        self.options.write(&mut words);
        if self.no_ack {
            words.push(fixed("NOACK"));
        }
        if let Some(min_idle_ms) = self.min_idle_ms {
            words.extend([fixed("CLAIM"), Cow::Owned(min_idle_ms.to_string().into_bytes())]);
        }
        words.push(fixed("STREAMS"));
        words.extend(self.sources.iter().map(|source| Cow::Borrowed(&*source.key)));
        // A look into the past is answered at once: who waits, waits for what is new.
        words.extend(self.sources.iter().map(|_| fixed(">")));
        words
    }

    /// The read as it waits.
    fn parked(&self) -> GroupRead<'static> {
        let own = |text: &Cow<'_, [u8]>| Cow::Owned(text.to_vec());
        let park =
            |source: &Source<'_>| Source { key: own(&source.key), from: source.from.clone() };
        GroupRead {
            group: own(&self.group),
            consumer: own(&self.consumer),
            options: self.options,
            no_ack: self.no_ack,
            min_idle_ms: self.min_idle_ms,
            sources: self.sources.iter().map(park).collect(),
        }
    }
}

/// What one decision gathers.
struct Call<'c, 'k> {
    view: View<'k>,
    budget: Budget,
    ops: Vec<Op<'c>>,
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
    /// What this read has delivered from the stream so far.
    delivered: Deliveries,
}

impl<'c, 'k> Draft<'c, 'k> {
    /// Begins with the group as it is; the consumer comes into being, or is seen.
    fn new(read: &'c GroupRead<'_>, target: &Target<'c, 'k>, call: &mut Call<'c, 'k>) -> Self {
        let change = call.view.meet(&read.group, target.group, &read.consumer);
        call.ops.push(call.view.op(target.key, change));
        Self {
            key: target.key,
            stream: target.stream,
            group: target.group,
            last_delivered: target.group.last_delivered,
            entries_read: target.group.entries_read,
            delivered: Deliveries::default(),
        }
    }

    fn advance(&mut self, id: EntryId) {
        let (last, read) = (self.last_delivered, self.entries_read);
        self.entries_read = self.stream.entries_read_after(last, read, id);
        self.last_delivered = id;
    }

    /// Makes entries pending for the consumer, each with its delivery count.
    fn deliver(
        &mut self,
        read: &'c GroupRead<'_>,
        call: &mut Call<'c, 'k>,
        records: Vec<(EntryId, u64)>,
        active_ms: Option<u64>,
    ) {
        if read.sources.len() > 1 {
            self.delivered.extend(&records);
        }
        let (group, consumer) = (&*read.group, &*read.consumer);
        let (delivered_ms, records) = (call.view.now_ms, Cow::Owned(records));
        let change = Change::Deliver { group, consumer, delivered_ms, active_ms, records };
        call.ops.push(call.view.op(self.key, change));
    }

    /// IDs and delivery counts of the consumer's records behind an ID.
    fn own_records(
        &self,
        consumer: &[u8],
        after: EntryId,
        limit: usize,
    ) -> Result<Vec<(EntryId, u64)>, Missing> {
        let Some(start) = after.next() else { return Ok(Vec::new()) };
        let own = |record: &Pending| {
            let others = !self.delivered.contains(record.id);
            others.then_some((record.id, record.count))
        };
        let own = self.group.records_of(consumer, start, limit, own)?;
        if self.delivered.is_empty() {
            return Ok(own);
        }
        let mut all = self.delivered.over(own.into_iter(), start);
        all.truncate(limit);
        Ok(all)
    }
}
