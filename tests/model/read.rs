//! XRANGE, XREVRANGE, XREAD and XREADGROUP (§6, §7, §10).

use super::args::{
    Answer, Id, MAX_ID, MIN_ID, arity, echoing, end_bound, err, id_text, int, is, parse_int,
    start_bound, strict_id, syntax,
};
use super::group::read_after;
use super::stream::{entry_reply, fields_reply, range};
use super::{Effect, Model};
use crate::resp::Reply;

/// A parsed XREAD or XREADGROUP, with `$` resolved: it can be run again and again.
#[derive(Clone)]
pub(super) struct Read {
    /// Group and consumer.
    pub(super) group: Option<(Vec<u8>, Vec<u8>)>,
    count: Option<usize>,
    block_ms: Option<i64>,
    no_ack: bool,
    claim_ms: Option<i64>,
    /// Keys and what is wanted of each.
    pub(super) streams: Vec<(Vec<u8>, From)>,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum From {
    /// Entries after this ID; in a group: what the consumer has pending after it.
    After(Id),
    /// The last entry.
    Last,
    /// What the group has not delivered.
    New,
}

impl Model {
    pub(super) fn xrange(&mut self, argv: &[Vec<u8>], reverse: bool) -> Answer {
        let (first, second) = if reverse { (3, 2) } else { (2, 3) };
        let start = start_bound(&argv[first])?;
        let end = end_bound(&argv[second])?;
        let mut count = None;
        for option in argv[4..].chunks(2) {
            match option {
                [word, value] if is(word, "COUNT") => count = Some(int(value)?),
                _ => return Err(syntax()),
            }
        }
        match self.stream(&argv[1])? {
            None => Ok(Reply::Array(Vec::new())),
            Some(_) if count.is_some_and(|n| n <= 0) => Ok(Reply::NilArray),
            Some(stream) => range(stream, start, end, count.unwrap_or(i64::MAX), reverse),
        }
    }

    /// Options and keys of a read, checked against the keyspace as far as errors go.
    pub(super) fn parse_read(&mut self, argv: &[Vec<u8>]) -> Answer<Read> {
        let grouped = is(&argv[0], "XREADGROUP");
        let mut read = Read {
            group: None,
            count: None,
            block_ms: None,
            no_ack: false,
            claim_ms: None,
            streams: Vec::new(),
        };
        let mut at = 1;
        loop {
            let Some(word) = argv.get(at) else {
                return Err(syntax());
            };
            let more = argv.len() - at - 1;
            if is(word, "STREAMS") && more > 0 {
                break;
            }
            at += read.option(argv, at, grouped, self.now_ms)?;
        }
        let words = &argv[at + 1..];
        if words.len() % 2 == 1 {
            return err(if grouped {
                "ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified."
            } else {
                "ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified."
            });
        }
        if grouped && read.group.is_none() {
            return err("ERR Missing GROUP option for XREADGROUP");
        }
        let (keys, ids) = words.split_at(words.len() / 2);
        for (key, id) in keys.iter().zip(ids) {
            let from = self.parse_from(&read, key, id)?;
            read.streams.push((key.clone(), from));
        }
        Ok(read)
    }

    fn parse_from(&mut self, read: &Read, key: &[u8], id: &[u8]) -> Answer<From> {
        let stream = self.stream(key)?;
        let last = stream.as_ref().map_or(MIN_ID, |s| s.last);
        if let Some((group, _)) = &read.group {
            if !stream.is_some_and(|s| s.groups.contains_key(group)) {
                return Err(no_group(key, group));
            }
            return match id {
                b">" => Ok(From::New),
                b"$" | b"+" => err(&meaningless(id[0] as char)),
                id => Ok(match strict_id(id)? {
                    MAX_ID => From::New,
                    id => From::After(id),
                }),
            };
        }
        match id {
            b"$" => Ok(From::After(last)),
            b"+" => Ok(From::Last),
            b">" => err(
                "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
            ),
            id => Ok(From::After(strict_id(id)?)),
        }
    }

    /// XREAD and XREADGROUP: a reply, or a wait with its end.
    pub(super) fn xread(&mut self, argv: &[Vec<u8>]) -> Answer<Effect> {
        if is(&argv[0], "XREAD") && argv.len() < 4 {
            return Err(arity("xread"));
        }
        let read = self.parse_read(argv)?;
        let served = self.serve(&read)?;
        Ok(match (served, read.block_ms) {
            (Some(reply), _) => Effect::Reply(reply),
            (None, None) => Effect::Reply(Reply::NilArray),
            (None, Some(0)) => Effect::Park(read, None),
            (None, Some(ms)) => Effect::Park(read, Some(self.now_ms + ms)),
        })
    }

    /// Runs a read that may have waited: the keyspace can have changed since it was parsed.
    pub(super) fn rerun(&mut self, read: &Read) -> Answer<Option<Reply>> {
        for (key, _) in &read.streams {
            let stream = self.stream(key)?;
            if let Some((group, _)) = &read.group
                && !stream.is_some_and(|s| s.groups.contains_key(group))
            {
                return Err(no_group(key, group));
            }
        }
        self.serve(read)
    }

    fn serve(&mut self, read: &Read) -> Answer<Option<Reply>> {
        let mut found = Vec::new();
        // A history ID switches CLAIM off for what stands after it (§7).
        let mut claiming = read.claim_ms;
        for (key, from) in &read.streams {
            let entries = match (&read.group, from) {
                (None, from) => self.plain(key, *from, read.count),
                (Some((group, consumer)), From::New) => {
                    self.deliver(key, group, consumer, read, claiming)
                }
                (Some((group, consumer)), From::After(id)) => {
                    claiming = None;
                    Some(self.history(key, group, consumer, *id, read.count))
                }
                (Some(_), From::Last) => unreachable!("no group read has +"),
            };
            if let Some(entries) = entries {
                found.push((Reply::bulk(key), Reply::Array(entries)));
            }
        }
        Ok((!found.is_empty()).then_some(Reply::Pairs(found)))
    }

    fn plain(&mut self, key: &[u8], from: From, count: Option<usize>) -> Option<Vec<Reply>> {
        // An XREAD that waits overlooks a change of type.
        let stream = self.stream(key).ok().flatten()?;
        let entries: Vec<Reply> = match from {
            From::After(id) => {
                stream.after(id).take(count.unwrap_or(usize::MAX)).map(entry_reply).collect()
            }
            _ => stream.entries.last().map(entry_reply).into_iter().collect(),
        };
        (!entries.is_empty()).then_some(entries)
    }

    fn deliver(
        &mut self,
        key: &[u8],
        group: &[u8],
        consumer: &[u8],
        read: &Read,
        claim_ms: Option<i64>,
    ) -> Option<Vec<Reply>> {
        let now_ms = self.now_ms;
        let mut entries = match claim_ms {
            Some(idle_ms) => self.claim_idle(key, group, consumer, idle_ms, read.count),
            None => Vec::new(),
        };
        let room = read.count.unwrap_or(usize::MAX) - entries.len();
        let (stream, mut state) = self.group(key, group).expect("checked").expect("checked");
        state.see(consumer, now_ms);
        let new: Vec<_> = stream.after(state.last).take(room).cloned().collect();
        for entry in new {
            state.read = read_after(stream, &state, entry.id);
            state.last = entry.id;
            if !read.no_ack {
                state.record(entry.id, Some(consumer), now_ms, 1);
                state.act(consumer, now_ms);
            }
            entries.push(match (claim_ms, entry_reply(&entry)) {
                (Some(_), Reply::Array(mut parts)) => {
                    parts.extend([Reply::Int(0), Reply::Int(0)]);
                    Reply::Array(parts)
                }
                (_, reply) => reply,
            });
        }
        stream.groups.insert(group.to_vec(), state);
        (!entries.is_empty()).then_some(entries)
    }

    /// Takes over what has been idle long enough, longest idle first (§7).
    fn claim_idle(
        &mut self,
        key: &[u8],
        group: &[u8],
        consumer: &[u8],
        idle_ms: i64,
        count: Option<usize>,
    ) -> Vec<Reply> {
        let now_ms = self.now_ms;
        let (stream, mut state) = self.group(key, group).expect("checked").expect("checked");
        state.see(consumer, now_ms);
        let mut idle: Vec<_> = state
            .pending
            .iter()
            .filter(|(id, p)| {
                (p.owner.is_none() || now_ms - p.time_ms >= idle_ms) && stream.get(**id).is_some()
            })
            .map(|(id, p)| (p.owner.is_some(), p.time_ms, p.stamp, *id, p.count))
            .collect();
        idle.sort();
        idle.truncate(count.unwrap_or(usize::MAX));
        let mut entries = Vec::new();
        for (_, time_ms, _, id, prior) in idle {
            state.record(id, Some(consumer), now_ms, prior.saturating_add(1));
            state.act(consumer, now_ms);
            let entry = stream.get(id).expect("filtered");
            let numbers = [Reply::Int(now_ms - time_ms), Reply::Int(prior)];
            let [idle_reply, prior_reply] = numbers;
            entries.push(Reply::Array(vec![
                id_text(id),
                fields_reply(entry),
                idle_reply,
                prior_reply,
            ]));
        }
        stream.groups.insert(group.to_vec(), state);
        entries
    }

    /// When a wait with CLAIM looks again: when a record will have been idle long enough; where
    /// none ever will, after that idle time, or without one a little later. (The engine's own policy: Redis has
    /// a periodic task for it.)
    pub(super) fn alarm(&mut self, read: &Read) -> Option<i64> {
        let (idle_ms, (name, _)) = (read.claims()?, read.group.as_ref()?);
        let later_ms = if idle_ms == 0 { 100 } else { idle_ms };
        let now_ms = self.now_ms;
        let mut alarms_ms = Vec::new();
        for (key, _) in &read.streams {
            let Ok(Some(stream)) = self.stream(key) else { continue };
            let Some(group) = stream.groups.get(name) else { continue };
            let owned = group.pending.values().filter(|record| record.owner.is_some());
            let due = owned.map(|record| record.time_ms.saturating_add(idle_ms));
            let ahead = due.filter(|due| *due > now_ms).min();
            alarms_ms.push(ahead.unwrap_or(now_ms.saturating_add(later_ms)));
        }
        alarms_ms.into_iter().min()
    }

    fn history(
        &mut self,
        key: &[u8],
        group: &[u8],
        consumer: &[u8],
        after: Id,
        count: Option<usize>,
    ) -> Vec<Reply> {
        let now_ms = self.now_ms;
        let (stream, mut state) = self.group(key, group).expect("checked").expect("checked");
        state.see(consumer, now_ms);
        let mine: Vec<Id> =
            state.owned(consumer).map(|(id, _)| id).filter(|id| *id > after).collect();
        let mut entries = Vec::new();
        for id in mine.into_iter().take(count.unwrap_or(usize::MAX)) {
            match stream.get(id) {
                None => entries.push(Reply::Array(vec![id_text(id), Reply::NilArray])),
                Some(entry) => {
                    let prior = state.pending[&id].count;
                    state.record(id, Some(consumer), now_ms, prior.saturating_add(1));
                    entries.push(entry_reply(entry));
                }
            }
        }
        stream.groups.insert(group.to_vec(), state);
        entries
    }
}

impl Read {
    /// Takes the option at `argv[at]`; gives how many words it had.
    fn option(&mut self, argv: &[Vec<u8>], at: usize, grouped: bool, now_ms: i64) -> Answer<usize> {
        let (word, more) = (&argv[at], argv.len() - at - 1);
        let only_grouped = |name: &str| {
            err(&format!(
                "ERR The {name} option is only supported by XREADGROUP. You called XREAD instead."
            ))
        };
        if is(word, "BLOCK") && more > 0 {
            let Some(ms) = parse_int(&argv[at + 1]) else {
                return err("ERR timeout is not an integer or out of range");
            };
            if ms < 0 {
                return err("ERR timeout is negative");
            }
            if now_ms.checked_add(ms).is_none() {
                return err("ERR timeout is out of range");
            }
            self.block_ms = Some(ms);
            return Ok(2);
        }
        if is(word, "COUNT") && more > 0 {
            self.count = usize::try_from(int(&argv[at + 1])?).ok().filter(|n| *n > 0);
            return Ok(2);
        }
        if is(word, "GROUP") && more > 1 {
            if !grouped {
                return only_grouped("GROUP");
            }
            self.group = Some((argv[at + 1].clone(), argv[at + 2].clone()));
            return Ok(3);
        }
        if is(word, "NOACK") {
            if !grouped {
                return only_grouped("NOACK");
            }
            self.no_ack = true;
            return Ok(1);
        }
        if is(word, "CLAIM") && more > 0 {
            if !grouped {
                return only_grouped("CLAIM");
            }
            let Some(ms) = parse_int(&argv[at + 1]) else {
                return err("ERR min-idle-time is not an integer or out of range");
            };
            if ms < 0 {
                return err("ERR min-idle-time must be a positive integer");
            }
            self.claim_ms = Some(ms);
            return Ok(2);
        }
        Err(syntax())
    }

    /// When a wait with CLAIM is to be looked at again: an entry may have become idle enough.
    pub(super) fn claims(&self) -> Option<i64> {
        self.claim_ms.filter(|_| self.streams.iter().any(|(_, from)| *from == From::New))
    }
}

fn no_group(key: &[u8], group: &[u8]) -> Reply {
    let text = "NOGROUP No such key '{}' or consumer group '{}' in XREADGROUP with GROUP option";
    echoing(text, &[key, group])
}

fn meaningless(sign: char) -> String {
    format!(
        "ERR The {sign} ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer \
         by specifying a proper ID, or use the > ID to get new messages. The {sign} ID would just return an empty \
         result set."
    )
}
