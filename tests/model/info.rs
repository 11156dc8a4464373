//! XGROUP and XINFO (§13).

use super::Model;
use super::args::{
    Answer, Id, arity, echoing, end_bound, err, id_text, int, is, start_bound, strict_id,
};
use super::group::{Consumer, Group, lag};
use super::stream::{Stream, entry_reply};
use crate::resp::Reply;

fn missing_key() -> Reply {
    Reply::error(
        "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM \
         option to create an empty stream automatically.",
    )
}

fn no_such_group(group: &[u8], key: &[u8]) -> Reply {
    echoing("NOGROUP No such consumer group '{}' for key name '{}'", &[group, key])
}

fn unknown(name: &str, sub: &[u8]) -> Reply {
    let sub = &sub[..sub.len().min(128)];
    echoing("ERR unknown subcommand '{}'. Try {} HELP.", &[sub, name.as_bytes()])
}

fn bad_tail(name: &str, sub: &[u8]) -> Reply {
    let sub = &sub[..sub.len().min(128)];
    let text = "ERR unknown subcommand or wrong number of arguments for '{}'. Try {} HELP.";
    echoing(text, &[sub, name.as_bytes()])
}

/// Arity of subcommands, the command's own name counted; negative: at least.
fn check_arity(argv: &[Vec<u8>], name: &str, subs: &[(&str, i64)]) -> Answer<()> {
    if argv.len() < 2 {
        return Err(arity(&name.to_lowercase()));
    }
    let Some((sub, wanted)) = subs.iter().find(|(sub, _)| is(&argv[1], sub)) else {
        return Err(unknown(name, &argv[1]));
    };
    let len = argv.len() as i64;
    if *wanted >= 0 && len != *wanted || len < -wanted {
        return Err(arity(&format!("{}|{}", name.to_lowercase(), sub.to_lowercase())));
    }
    Ok(())
}

impl Model {
    pub(super) fn xgroup(&mut self, argv: &[Vec<u8>]) -> Answer {
        let subs = [
            ("CREATE", -5),
            ("SETID", -5),
            ("DESTROY", 4),
            ("CREATECONSUMER", 5),
            ("DELCONSUMER", 5),
            ("HELP", 2),
        ];
        check_arity(argv, "XGROUP", &subs)?;
        if is(&argv[1], "HELP") {
            return Ok(Reply::Any);
        }
        let tail = Tail::parse(argv)?;
        let found = self.stream(&argv[2])?;
        if found.is_none() && !tail.make {
            return Err(missing_key());
        }
        let (now_ms, key, name) = (self.now_ms, &argv[2], &argv[3]);
        if is(&argv[1], "CREATE") {
            return self.create_group(argv, &tail);
        }
        let stream = self.stream(key)?.expect("only CREATE can go without");
        if is(&argv[1], "DESTROY") {
            let there = stream.groups.remove(name).is_some();
            if there {
                self.ready(key);
            }
            return Ok(Reply::Int(i64::from(there)));
        }
        if !stream.groups.contains_key(name) {
            return Err(no_such_group(name, key));
        }
        if tail.too_long {
            return Err(bad_tail("XGROUP", &argv[1]));
        }
        if is(&argv[1], "SETID") {
            let id = group_place(&argv[4], stream, true)?;
            let read = tail.read(stream);
            let group = stream.groups.get_mut(name).expect("looked up");
            (group.last, group.read) = (id, read);
            return Ok(Reply::ok());
        }
        let group = stream.groups.get_mut(name).expect("looked up");
        let consumer = &argv[4];
        if is(&argv[1], "CREATECONSUMER") {
            let new = !group.consumers.contains_key(consumer);
            if new {
                group.see(consumer, now_ms);
            }
            return Ok(Reply::Int(i64::from(new)));
        }
        let before = group.pending.len();
        group.pending.retain(|_, p| p.owner.as_ref() != Some(consumer));
        group.consumers.remove(consumer);
        Ok(Reply::Int((before - group.pending.len()) as i64))
    }

    fn create_group(&mut self, argv: &[Vec<u8>], tail: &Tail) -> Answer {
        if tail.too_long {
            return Err(bad_tail("XGROUP", &argv[1]));
        }
        let (key, name, place) = (&argv[2], &argv[3], &argv[4]);
        let empty = Stream::default();
        let (id, read) = {
            let stream = self.stream(key)?;
            let stream = stream.as_deref().unwrap_or(&empty);
            (group_place(place, stream, false)?, tail.read(stream))
        };
        let is_new = self.stream(key)?.is_none();
        let stream = self.stream_or_new(key);
        if stream.groups.contains_key(name) {
            return err("BUSYGROUP Consumer Group name already exists");
        }
        stream.groups.insert(name.to_vec(), Group::new(id, read));
        if is_new {
            self.ready(key);
        }
        Ok(Reply::ok())
    }

    pub(super) fn xinfo(&mut self, argv: &[Vec<u8>]) -> Answer {
        check_arity(
            argv,
            "XINFO",
            &[("STREAM", -3), ("GROUPS", 3), ("CONSUMERS", 4), ("HELP", 2)],
        )?;
        if is(&argv[1], "HELP") {
            return Ok(Reply::Any);
        }
        let now_ms = self.now_ms;
        let Some(stream) = self.stream(&argv[2])? else {
            return err("ERR no such key");
        };
        if is(&argv[1], "STREAM") {
            return stream_info(stream, argv);
        }
        if is(&argv[1], "GROUPS") {
            let rows = stream.groups.iter().map(|(name, group)| group_row(stream, name, group));
            return Ok(Reply::Array(rows.collect()));
        }
        let Some(group) = stream.groups.get(&argv[3]) else {
            return Err(no_such_group(&argv[3], &argv[2]));
        };
        let rows = group.consumers.iter().map(|(name, consumer)| {
            let inactive =
                if consumer.active_ms < 0 { -1 } else { (now_ms - consumer.active_ms).max(0) };
            map([
                ("name", Reply::bulk(name)),
                ("pending", Reply::Int(group.owned(name).count() as i64)),
                ("idle", seen(consumer, (now_ms - consumer.seen_ms).max(0))),
                ("inactive", Reply::Int(inactive)),
            ])
        });
        Ok(Reply::Array(rows.collect()))
    }
}

/// MKSTREAM and ENTRIESREAD.
#[derive(Default)]
struct Tail {
    make: bool,
    entries_read: Option<i64>,
    /// There are more words than even all options have, which is told late.
    too_long: bool,
}

impl Tail {
    fn parse(argv: &[Vec<u8>]) -> Answer<Self> {
        let mut tail = Self::default();
        let create = is(&argv[1], "CREATE");
        if !create && !is(&argv[1], "SETID") {
            return Ok(tail);
        }
        tail.too_long = argv.len() > if create { 8 } else { 7 };
        let mut at = 5;
        while at < argv.len() {
            if create && is(&argv[at], "MKSTREAM") {
                tail.make = true;
                at += 1;
            } else if is(&argv[at], "ENTRIESREAD") && at + 1 < argv.len() {
                let n = int(&argv[at + 1])?;
                if n < -1 {
                    return err("ERR value for ENTRIESREAD must be positive or -1");
                }
                tail.entries_read = Some(n);
                at += 2;
            } else {
                return Err(bad_tail("XGROUP", &argv[1]));
            }
        }
        Ok(tail)
    }

    fn read(&self, stream: &Stream) -> Option<i64> {
        self.entries_read.filter(|n| *n >= 0).map(|n| (n as u64).min(stream.added) as i64)
    }
}

fn group_place(word: &[u8], stream: &Stream, signs: bool) -> Answer<Id> {
    match word {
        b"$" => Ok(stream.last),
        b"-" if signs => start_bound(word),
        b"+" if signs => end_bound(word),
        word => strict_id(word),
    }
}

fn map<const N: usize>(pairs: [(&str, Reply); N]) -> Reply {
    Reply::Map(pairs.into_iter().map(|(key, value)| (Reply::bulk(key), value)).collect())
}

/// A number that comes of when the consumer was seen.
fn seen(consumer: &Consumer, n: i64) -> Reply {
    if consumer.maybe_earlier { Reply::AnyInt } else { Reply::Int(n) }
}

fn or_null(n: Option<i64>) -> Reply {
    n.map_or(Reply::NilBulk, Reply::Int)
}

fn group_row(stream: &Stream, name: &[u8], group: &Group) -> Reply {
    map([
        ("name", Reply::bulk(name)),
        ("consumers", Reply::Int(group.consumers.len() as i64)),
        ("pending", Reply::Int(group.pending.len() as i64)),
        ("last-delivered-id", id_text(group.last)),
        ("entries-read", or_null(group.read)),
        ("lag", or_null(lag(stream, group))),
    ])
}

fn stream_info(stream: &Stream, argv: &[Vec<u8>]) -> Answer {
    let full = match argv.len() {
        3 => None,
        4 if is(&argv[3], "FULL") => Some(10),
        6 if is(&argv[3], "FULL") && is(&argv[4], "COUNT") => match int(&argv[5])? {
            n if n < 0 => Some(10),
            0 => Some(usize::MAX),
            n => Some(n as usize),
        },
        _ => return Err(bad_tail("XINFO", &argv[1])),
    };
    let production = &stream.production;
    let iids: usize = production.producers.iter().map(|(_, known)| known.len()).sum();
    let Reply::Map(mut pairs) = map([
        ("length", Reply::Int(stream.len() as i64)),
        ("radix-tree-keys", Reply::Int(stream.node_count())),
        ("radix-tree-nodes", Reply::AnyInt),
        ("last-generated-id", id_text(stream.last)),
        ("max-deleted-entry-id", id_text(stream.max_deleted)),
        ("entries-added", Reply::Int(stream.added as i64)),
        ("recorded-first-entry-id", id_text(stream.first())),
        ("idmp-duration", Reply::Int(production.duration_s)),
        ("idmp-maxsize", Reply::Int(production.maxsize)),
        ("pids-tracked", Reply::Int(production.producers.len() as i64)),
        ("iids-tracked", Reply::Int(iids as i64)),
        ("iids-added", Reply::Int(production.added)),
        ("iids-duplicates", Reply::Int(production.duplicates)),
    ]) else {
        unreachable!("`map` makes a map")
    };
    let edge = |entry: Option<&super::stream::Entry>| entry.map_or(Reply::NilBulk, entry_reply);
    let rest = match full {
        None => map([
            ("groups", Reply::Int(stream.groups.len() as i64)),
            ("first-entry", edge(stream.entries.first())),
            ("last-entry", edge(stream.entries.last())),
        ]),
        Some(count) => {
            let groups =
                stream.groups.iter().map(|(name, group)| full_group(stream, name, group, count));
            map([
                (
                    "entries",
                    Reply::Array(stream.entries.iter().take(count).map(entry_reply).collect()),
                ),
                ("groups", Reply::Array(groups.collect())),
            ])
        }
    };
    if let Reply::Map(rest) = rest {
        pairs.extend(rest);
    }
    Ok(Reply::Map(pairs))
}

fn full_group(stream: &Stream, name: &[u8], group: &Group, count: usize) -> Reply {
    let pending = group.pending.iter().take(count).map(|(id, p)| {
        let owner = Reply::bulk(p.owner.as_deref().unwrap_or_default());
        Reply::Array(vec![id_text(*id), owner, Reply::Int(p.time_ms), Reply::Int(p.count)])
    });
    let consumers = group.consumers.iter().map(|(name, c)| full_consumer(group, name, c, count));
    map([
        ("name", Reply::bulk(name)),
        ("last-delivered-id", id_text(group.last)),
        ("entries-read", or_null(group.read)),
        ("lag", or_null(lag(stream, group))),
        ("pel-count", Reply::Int(group.pending.len() as i64)),
        ("nacked-count", Reply::Int(group.nacked())),
        ("pending", Reply::Array(pending.collect())),
        ("consumers", Reply::Array(consumers.collect())),
    ])
}

fn full_consumer(group: &Group, name: &[u8], consumer: &Consumer, count: usize) -> Reply {
    let pending = group
        .owned(name)
        .take(count)
        .map(|(id, p)| Reply::Array(vec![id_text(id), Reply::Int(p.time_ms), Reply::Int(p.count)]));
    map([
        ("name", Reply::bulk(name)),
        ("seen-time", seen(consumer, consumer.seen_ms)),
        ("active-time", Reply::Int(consumer.active_ms)),
        ("pel-count", Reply::Int(group.owned(name).count() as i64)),
        ("pending", Reply::Array(pending.collect())),
    ])
}
