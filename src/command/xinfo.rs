//! XINFO: what is known of a stream, its groups and their consumers.

use super::args::{self, Args};
use super::{Halt, Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::reply::Reply;
use crate::stream::{Consumer, Direction, Entry, EntryId, Group, Missing, Pending, Stream};
use alloc::vec;
use alloc::vec::Vec;

/// FULL lists this many entries and pending records unless told otherwise.
const DEFAULT_COUNT: usize = 10;

/// `XINFO STREAM key [FULL [COUNT n]]`, `XINFO GROUPS key`, `XINFO CONSUMERS key group`
#[derive(Debug)]
pub(crate) struct Info<'a> {
    key: &'a [u8],
    topic: Topic<'a>,
}

#[derive(Debug)]
enum Topic<'a> {
    /// `Some(n)`: FULL with a limit. A missing key is noticed before a wrong option, so the
    /// option's error waits here.
    Stream(Result<Option<usize>, Refusal>),
    Groups,
    Consumers(&'a [u8]),
}

impl<'a> Info<'a> {
    pub(crate) fn parse_stream(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()?, topic: Topic::Stream(parse_full(args)) })
    }

    pub(crate) fn parse_groups(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()?, topic: Topic::Groups })
    }

    pub(crate) fn parse_consumers(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()?, topic: Topic::Consumers(args.next()?) })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let stream = view.stream(self.key)?.ok_or(CommandError::NoKey)?;
        Ok(Outcome::reply(match &self.topic {
            Topic::Stream(full) => match full.clone()? {
                None => about_stream(stream)?,
                Some(limit) => all_about_stream(view, stream, limit)?,
            },
            Topic::Groups => about_groups(stream),
            Topic::Consumers(name) => {
                let group = stream.groups.get(name);
                let group = group.ok_or_else(|| CommandError::NoGroupForConsumer {
                    key: args::quoted(self.key),
                    group: args::quoted(name),
                })?;
                about_consumers(group, view.now_ms)
            }
        }))
    }
}

/// `[FULL [COUNT n]]`
fn parse_full(args: &mut Args<'_>) -> Result<Option<usize>, Refusal> {
    if args.left() == 0 {
        return Ok(None);
    }
    let wrong_count = !matches!(args.left(), 1 | 3);
    if wrong_count || !args.take("FULL") || (args.left() > 0 && !args.take("COUNT")) {
        return Err(args.wrong_tail());
    }
    let Some(text) = args.peek() else { return Ok(Some(DEFAULT_COUNT)) };
    Ok(Some(match args::integer(text)? {
        0 => usize::MAX,
        count => usize::try_from(count).unwrap_or(DEFAULT_COUNT),
    }))
}

type Pairs<'k> = Vec<(Reply<'k>, Reply<'k>)>;

fn pair<'k>(name: &'static str, value: Reply<'k>) -> (Reply<'k>, Reply<'k>) {
    (Reply::text(name.as_bytes()), value)
}

fn counters<'k>(stream: &Stream) -> Pairs<'k> {
    let (nodes, producers) = (stream.node_count(), &stream.producers);
    vec![
        pair("length", Reply::count(stream.length)),
        pair("radix-tree-keys", Reply::count(nodes)),
        // What Redis' own tree has for as many keys; without keys, or with one, a single node.
        pair("radix-tree-nodes", Reply::count(if nodes > 1 { nodes + 2 } else { 1 })),
        pair("last-generated-id", Reply::Id(stream.last_id)),
        pair("max-deleted-entry-id", Reply::Id(stream.max_deleted)),
        pair("entries-added", Reply::count(stream.entries_added)),
        pair("recorded-first-entry-id", Reply::Id(stream.first_id())),
        pair("idmp-duration", Reply::count(producers.memory.duration_s)),
        pair("idmp-maxsize", Reply::count(producers.memory.max_ids)),
        pair("pids-tracked", Reply::count(producers.count() as u64)),
        pair("iids-tracked", Reply::count(producers.count_ids() as u64)),
        pair("iids-added", Reply::count(producers.added)),
        pair("iids-duplicates", Reply::count(producers.duplicates)),
    ]
}

fn about_stream(stream: &Stream) -> Result<Reply<'_>, Halt> {
    let mut pairs = counters(stream);
    pairs.push(pair("groups", Reply::count(stream.groups.len() as u64)));
    pairs.push(pair("first-entry", entry_or_null(stream.first_entry()?)));
    pairs.push(pair("last-entry", entry_or_null(stream.last_entry()?)));
    Ok(Reply::Map(pairs))
}

fn entry_or_null(entry: Option<Entry<'_>>) -> Reply<'_> {
    entry.map_or(Reply::NullText, Reply::Entry)
}

fn all_about_stream<'k>(
    view: View<'k>,
    stream: &'k Stream,
    limit: usize,
) -> Result<Reply<'k>, Halt> {
    let range = EntryId::MIN..=EntryId::MAX;
    let entries = view.entries(stream, range, Direction::Forward, limit)?;
    let groups = stream.groups.iter();
    let groups = groups.map(|(name, group)| all_about_group(stream, name, group, limit));
    let groups = groups.collect::<Result<Vec<_>, Missing>>()?;
    let mut pairs = counters(stream);
    pairs.push(pair("entries", Reply::Entries(entries)));
    pairs.push(pair("groups", Reply::Array(groups)));
    Ok(Reply::Map(pairs))
}

fn entries_read<'k>(group: &Group) -> Reply<'k> {
    group.entries_read.map_or(Reply::NullText, Reply::count)
}

fn lag<'k>(stream: &Stream, group: &Group) -> Reply<'k> {
    stream.lag(group).map_or(Reply::NullText, Reply::Integer)
}

fn all_about_group<'k>(
    stream: &'k Stream,
    name: &'k [u8],
    group: &'k Group,
    limit: usize,
) -> Result<Reply<'k>, Missing> {
    let row = |record: &Pending| {
        Some(Reply::Array(vec![
            Reply::Id(record.id),
            Reply::text(group.owner_name(record)),
            Reply::count(record.delivered_ms()),
            Reply::count(record.count),
        ]))
    };
    let pending = group.pel().collect(EntryId::MIN..=EntryId::MAX, limit, |_| true, row)?;
    let consumers = group.consumers().iter();
    let consumers =
        consumers.map(|(name, consumer)| all_about_consumer(group, name, consumer, limit));
    let consumers = consumers.collect::<Result<Vec<_>, Missing>>()?;
    Ok(Reply::map([
        ("name", Reply::text(name)),
        ("last-delivered-id", Reply::Id(group.last_delivered)),
        ("entries-read", entries_read(group)),
        ("lag", lag(stream, group)),
        ("pel-count", Reply::count(group.pel().len() as u64)),
        ("nacked-count", Reply::count(group.pel().released() as u64)),
        ("pending", Reply::Array(pending)),
        ("consumers", Reply::Array(consumers)),
    ]))
}

fn all_about_consumer<'k>(
    group: &'k Group,
    name: &'k [u8],
    consumer: &'k Consumer,
    limit: usize,
) -> Result<Reply<'k>, Missing> {
    let row = |record: &Pending| {
        let (at, count) = (Reply::count(record.delivered_ms()), Reply::count(record.count));
        Some(Reply::Array(vec![Reply::Id(record.id), at, count]))
    };
    let limit = limit.min(usize::try_from(consumer.pending).unwrap_or(usize::MAX));
    let pending = group.records_of(name, EntryId::MIN, limit, row)?;
    let active_ms = consumer.active_ms.map_or(Reply::Integer(-1), Reply::count);
    Ok(Reply::map([
        ("name", Reply::text(name)),
        ("seen-time", Reply::count(consumer.seen_ms)),
        ("active-time", active_ms),
        ("pel-count", Reply::count(consumer.pending)),
        ("pending", Reply::Array(pending)),
    ]))
}

fn about_groups(stream: &Stream) -> Reply<'_> {
    let groups = stream.groups.iter().map(|(name, group)| {
        Reply::map([
            ("name", Reply::text(name)),
            ("consumers", Reply::count(group.consumers().len() as u64)),
            ("pending", Reply::count(group.pel().len() as u64)),
            ("last-delivered-id", Reply::Id(group.last_delivered)),
            ("entries-read", entries_read(group)),
            ("lag", lag(stream, group)),
        ])
    });
    Reply::Array(groups.collect())
}

fn about_consumers(group: &Group, now_ms: u64) -> Reply<'_> {
    let since = |ms: u64| Reply::count(now_ms.saturating_sub(ms));
    let consumers = group.consumers().iter().map(|(name, consumer)| {
        Reply::map([
            ("name", Reply::text(name)),
            ("pending", Reply::count(consumer.pending)),
            ("idle", since(consumer.seen_ms)),
            ("inactive", consumer.active_ms.map_or(Reply::Integer(-1), since)),
        ])
    });
    Reply::Array(consumers.collect())
}

/// What `XINFO HELP` prints.
pub(crate) const HELP: &[&str] = &[
    "XINFO <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "CONSUMERS <key> <groupname>",
    "    Show consumers of <groupname>.",
    "GROUPS <key>",
    "    Show the stream consumer groups.",
    "STREAM <key> [FULL [COUNT <count>]",
    "    Show information about the stream.",
    "HELP",
    "    Print this help.",
];
