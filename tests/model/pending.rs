//! What happens to entries after their delivery: XACK, XPENDING, XCLAIM, XAUTOCLAIM, XNACK, XDELEX,
//! XACKDEL (§8, §9).

use super::Model;
use super::args::{
    Answer, Id, MIN_ID, Refs, all_ids, echoed, end_bound, err, id_text, int, is, parse_int, refs,
    start_bound, strict_id, syntax,
};
use super::group::Group;
use super::stream::{Stream, entry_reply};
use crate::resp::Reply;

impl Model {
    /// The stream and the group taken out of it; it is to be put back.
    fn group(&mut self, key: &[u8], name: &[u8]) -> Answer<Option<(&mut Stream, Group)>> {
        let Some(stream) = self.stream(key)? else {
            return Ok(None);
        };
        Ok(stream.groups.remove(name).map(|group| (stream, group)))
    }

    pub(super) fn xack(&mut self, argv: &[Vec<u8>]) -> Answer {
        let Some(stream) = self.stream(&argv[1])? else {
            return Ok(Reply::Int(0));
        };
        let Some(group) = stream.groups.get_mut(&argv[2]) else {
            return Ok(Reply::Int(0));
        };
        let ids = all_ids(&argv[3..])?;
        let acked = ids.into_iter().filter(|id| group.pending.remove(id).is_some()).count();
        Ok(Reply::Int(acked as i64))
    }

    pub(super) fn xpending(&mut self, argv: &[Vec<u8>]) -> Answer {
        let no_group = no_group(&argv[1], &argv[2]);
        if argv.len() == 3 {
            let group = self.stream(&argv[1])?.and_then(|s| s.groups.get(&argv[2]));
            return group.map(summary).ok_or(no_group);
        }
        if !(6..=9).contains(&argv.len()) {
            return Err(syntax());
        }
        let (mut at, mut idle_ms) = (3, 0);
        if is(&argv[3], "IDLE") {
            idle_ms = int(&argv[4])?;
            if argv.len() < 8 {
                return Err(syntax());
            }
            at = 5;
        }
        let count = int(&argv[at + 2])?;
        let (start, end) = (start_bound(&argv[at])?, end_bound(&argv[at + 1])?);
        let consumer = argv.get(at + 3);
        let now_ms = self.now_ms;
        let Some(group) = self.stream(&argv[1])?.and_then(|s| s.groups.get(&argv[2])) else {
            return Err(no_group);
        };
        let rows = group.pending.iter().filter(|(id, p)| {
            let idle_enough = p.owner.is_none() || idle_ms <= 0 || now_ms - p.time_ms >= idle_ms;
            **id >= start
                && **id <= end
                && idle_enough
                && consumer.is_none_or(|c| p.owner.as_ref() == Some(c))
        });
        let rows = rows.take(usize::try_from(count).unwrap_or(0)).map(|(id, p)| {
            let idle = if p.owner.is_none() { -1 } else { (now_ms - p.time_ms).max(0) };
            let owner = p.owner.as_deref().unwrap_or_default();
            Reply::Array(vec![
                id_text(*id),
                Reply::bulk(owner),
                Reply::Int(idle),
                Reply::Int(p.count),
            ])
        });
        Ok(Reply::Array(rows.collect()))
    }

    pub(super) fn xclaim(&mut self, argv: &[Vec<u8>]) -> Answer {
        let now_ms = self.now_ms;
        let Some((stream, mut group)) = self.group(&argv[1], &argv[2])? else {
            return Err(no_group(&argv[1], &argv[2]));
        };
        let reply = Claim::parse(argv).map(|claim| claim.run(stream, &mut group, &argv[3], now_ms));
        stream.groups.insert(argv[2].clone(), group);
        reply
    }

    pub(super) fn xautoclaim(&mut self, argv: &[Vec<u8>]) -> Answer {
        let Some(min_idle) = parse_int(&argv[4]) else {
            return err("ERR Invalid min-idle-time argument for XAUTOCLAIM");
        };
        let start = start_bound(&argv[5])?;
        let (mut count, mut just_id) = (100, false);
        let mut at = 6;
        while at < argv.len() {
            if is(&argv[at], "COUNT") && at + 1 < argv.len() {
                count = match parse_int(&argv[at + 1]) {
                    Some(n) if (1..=i64::MAX / 16).contains(&n) => n,
                    _ => return err("ERR COUNT must be > 0"),
                };
                at += 2;
            } else if is(&argv[at], "JUSTID") {
                just_id = true;
                at += 1;
            } else {
                return Err(syntax());
            }
        }
        let now_ms = self.now_ms;
        let Some((stream, mut group)) = self.group(&argv[1], &argv[2])? else {
            return Err(no_group(&argv[1], &argv[2]));
        };
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let found = autoclaim(stream, &mut group, &argv[3], min_idle, start, count, now_ms);
        stream.groups.insert(argv[2].clone(), group);
        let stream = self.stream(&argv[1])?.expect("it was there");
        let claimed = found.claimed.into_iter().map(|(id, prior)| {
            let group = stream.groups.get_mut(&argv[2]).expect("it was put back");
            let count = if just_id { prior } else { prior.saturating_add(1) };
            group.record(id, Some(&argv[3]), now_ms, count);
            if just_id { id_text(id) } else { entry_reply(stream.get(id).expect("it was there")) }
        });
        let claimed = Reply::Array(claimed.collect());
        let deleted = Reply::Array(found.deleted.into_iter().map(id_text).collect());
        Ok(Reply::Array(vec![id_text(found.cursor), claimed, deleted]))
    }

    pub(super) fn xnack(&mut self, argv: &[Vec<u8>]) -> Answer {
        let Some((stream, mut group)) = self.group(&argv[1], &argv[2])? else {
            return Err(no_group(&argv[1], &argv[2]));
        };
        let released = Nack::parse(argv).map(|nack| nack.run(stream, &mut group));
        stream.groups.insert(argv[2].clone(), group);
        if !matches!(released, Ok(Reply::Int(0)) | Err(_)) {
            self.ready_for_claims(&argv[1]);
        }
        released
    }

    pub(super) fn xdelex(&mut self, argv: &[Vec<u8>]) -> Answer {
        self.stream(&argv[1])?;
        let (mode, ids) = parse_erase(&argv[2..])?;
        let Some(stream) = self.stream(&argv[1])? else {
            return Ok(Reply::Array(vec![Reply::Int(-1); ids.len()]));
        };
        let results = all_ids(ids)?.into_iter().map(|id| {
            if mode == Refs::OnlyAcked && stream.referenced(id) {
                return Reply::Int(2);
            }
            if mode == Refs::Delete {
                stream.strip(id);
            }
            Reply::Int(if stream.delete(id) { 1 } else { -1 })
        });
        Ok(Reply::Array(results.collect()))
    }

    pub(super) fn xackdel(&mut self, argv: &[Vec<u8>]) -> Answer {
        self.stream(&argv[1])?;
        let (mode, ids) = parse_erase(&argv[3..])?;
        let stream = self.stream(&argv[1])?.filter(|s| s.groups.contains_key(&argv[2]));
        let Some(stream) = stream else {
            return Ok(Reply::Array(vec![Reply::Int(-1); ids.len()]));
        };
        let results = all_ids(ids)?.into_iter().map(|id| {
            let group = stream.groups.get_mut(&argv[2]).expect("filtered");
            if group.pending.remove(&id).is_none() {
                return Reply::Int(-1);
            }
            if mode == Refs::Delete {
                stream.strip(id);
            }
            if mode == Refs::OnlyAcked && stream.referenced(id) {
                return Reply::Int(2);
            }
            stream.delete(id);
            Reply::Int(1)
        });
        Ok(Reply::Array(results.collect()))
    }
}

fn no_group(key: &[u8], group: &[u8]) -> Reply {
    let mut text = b"NOGROUP No such key '".to_vec();
    text.extend_from_slice(echoed(key));
    text.extend_from_slice(b"' or consumer group '");
    text.extend_from_slice(echoed(group));
    text.push(b'\'');
    Reply::Error(text)
}

fn summary(group: &Group) -> Reply {
    let (Some(first), Some(last)) = (group.pending.keys().next(), group.pending.keys().last())
    else {
        return Reply::Array(vec![Reply::Int(0), Reply::NilBulk, Reply::NilBulk, Reply::NilArray]);
    };
    let rows = group.consumers.keys().filter_map(|name| match group.owned(name).count() {
        0 => None,
        n => Some(Reply::Array(vec![Reply::bulk(name), Reply::bulk(n.to_string())])),
    });
    let total = Reply::Int(group.pending.len() as i64);
    Reply::Array(vec![total, id_text(*first), id_text(*last), Reply::Array(rows.collect())])
}

#[derive(Default)]
struct Claim {
    min_idle: i64,
    ids: Vec<Id>,
    /// IDLE as an idle time, TIME as a time; the last one given.
    idle_ms: Option<i64>,
    time_ms: Option<i64>,
    retry: Option<i64>,
    force: bool,
    just_id: bool,
    last: Option<Id>,
}

impl Claim {
    fn parse(argv: &[Vec<u8>]) -> Answer<Self> {
        let Some(min_idle) = parse_int(&argv[4]) else {
            return err("ERR Invalid min-idle-time argument for XCLAIM");
        };
        let mut claim = Self { min_idle: min_idle.max(0), ..Self::default() };
        claim.ids = argv[5..].iter().map_while(|word| strict_id(word).ok()).collect();
        let mut at = 5 + claim.ids.len();
        while at < argv.len() {
            at += claim.option(argv, at)?;
        }
        Ok(claim)
    }

    fn option(&mut self, argv: &[Vec<u8>], at: usize) -> Answer<usize> {
        let (word, more) = (&argv[at], argv.len() - at - 1);
        let number = |name: &str| {
            parse_int(&argv[at + 1]).ok_or_else(|| {
                Reply::error(format!("ERR Invalid {name} option argument for XCLAIM"))
            })
        };
        if is(word, "FORCE") {
            self.force = true;
            return Ok(1);
        }
        if is(word, "JUSTID") {
            self.just_id = true;
            return Ok(1);
        }
        if is(word, "IDLE") && more > 0 {
            (self.idle_ms, self.time_ms) = (Some(number("IDLE")?), None);
        } else if is(word, "TIME") && more > 0 {
            (self.idle_ms, self.time_ms) = (None, Some(number("TIME")?));
        } else if is(word, "RETRYCOUNT") && more > 0 {
            self.retry = Some(number("RETRYCOUNT")?);
        } else if is(word, "LASTID") && more > 0 {
            self.last = Some(strict_id(&argv[at + 1])?);
        } else {
            let mut text = b"ERR Unrecognized XCLAIM option '".to_vec();
            text.extend_from_slice(echoed(word));
            text.push(b'\'');
            return Err(Reply::Error(text));
        }
        Ok(2)
    }

    fn run(&self, stream: &Stream, group: &mut Group, consumer: &[u8], now_ms: i64) -> Reply {
        let time = match (self.idle_ms, self.time_ms) {
            (Some(idle), _) => now_ms.wrapping_sub(idle),
            (_, Some(time)) => time,
            _ => now_ms,
        };
        let time = if (0..=now_ms).contains(&time) { time } else { now_ms };
        group.last = self.last.map_or(group.last, |last| group.last.max(last));
        group.see(consumer, now_ms);
        let mut claimed = Vec::new();
        for id in &self.ids {
            let Some(entry) = stream.get(*id) else {
                group.pending.remove(id);
                continue;
            };
            let prior = match group.pending.get(id) {
                Some(p) if p.owner.is_some() && now_ms - p.time_ms < self.min_idle => continue,
                Some(p) => p.count,
                None if self.force => 1,
                None => continue,
            };
            let count = match self.retry {
                Some(n) if n >= 0 => n,
                _ if self.just_id => prior,
                _ => prior.saturating_add(1),
            };
            group.record(*id, Some(consumer), time, count);
            group.act(consumer, now_ms);
            claimed.push(if self.just_id { id_text(*id) } else { entry_reply(entry) });
        }
        Reply::Array(claimed)
    }
}

struct Found {
    cursor: Id,
    /// IDs with the delivery count before.
    claimed: Vec<(Id, i64)>,
    deleted: Vec<Id>,
}

/// Walks the pending entries; what is deleted goes at once, what is claimed is given.
fn autoclaim(
    stream: &Stream,
    group: &mut Group,
    consumer: &[u8],
    min_idle: i64,
    start: Id,
    count: usize,
    now_ms: i64,
) -> Found {
    group.see(consumer, now_ms);
    let mut found = Found { cursor: MIN_ID, claimed: Vec::new(), deleted: Vec::new() };
    let records: Vec<_> = group.pending.range(start..).map(|(id, p)| (*id, p.clone())).collect();
    for (scanned, (id, record)) in records.into_iter().enumerate() {
        if scanned == count.saturating_mul(10) || found.claimed.len() + found.deleted.len() == count
        {
            found.cursor = id;
            break;
        }
        if stream.get(id).is_none() {
            group.pending.remove(&id);
            found.deleted.push(id);
        } else if record.owner.is_none() || now_ms - record.time_ms >= min_idle {
            group.act(consumer, now_ms);
            found.claimed.push((id, record.count));
        }
    }
    found
}

struct Nack {
    ids: Vec<Id>,
    /// What a record's count becomes from what it is.
    mode: NackMode,
    retry: Option<i64>,
    force: bool,
}

#[derive(Clone, Copy)]
enum NackMode {
    Silent,
    Fail,
    Fatal,
}

impl Nack {
    fn parse(argv: &[Vec<u8>]) -> Answer<Self> {
        let mode = match &argv[3] {
            w if is(w, "SILENT") => NackMode::Silent,
            w if is(w, "FAIL") => NackMode::Fail,
            w if is(w, "FATAL") => NackMode::Fatal,
            _ => return err("ERR mode must be SILENT, FAIL, or FATAL"),
        };
        let mut ids: Option<&[Vec<u8>]> = None;
        let (mut retry, mut force) = (None, false);
        let mut at = 4;
        while at < argv.len() {
            let more = argv.len() - at - 1;
            if is(&argv[at], "IDS") && more > 0 {
                let n = parse_int(&argv[at + 1]).filter(|n| *n > 0);
                let Some(n) = n.and_then(|n| usize::try_from(n).ok()) else {
                    return err("ERR numids must be a positive integer");
                };
                let Some(words) = argv[at + 2..].get(..n) else {
                    return err("ERR number of IDs doesn't match numids");
                };
                ids = Some(words);
                at += 2 + n;
            } else if is(&argv[at], "RETRYCOUNT") && more > 0 {
                match int(&argv[at + 1])? {
                    n if n >= 0 => retry = Some(n),
                    _ => return err("ERR Invalid RETRYCOUNT value, must be >= 0"),
                }
                at += 2;
            } else if is(&argv[at], "FORCE") {
                force = true;
                at += 1;
            } else {
                let mut text = b"ERR Unrecognized XNACK option '".to_vec();
                text.extend_from_slice(echoed(&argv[at]));
                text.push(b'\'');
                return Err(Reply::Error(text));
            }
        }
        let Some(ids) = ids else {
            return err("ERR syntax error, expected IDS keyword");
        };
        Ok(Self { ids: all_ids(ids)?, mode, retry, force })
    }

    fn run(&self, stream: &Stream, group: &mut Group) -> Reply {
        let mut released = 0;
        for id in &self.ids {
            let prior = match group.pending.get(id) {
                Some(p) => Some(p.count),
                None if self.force && stream.get(*id).is_some() => None,
                None => continue,
            };
            let count = match (self.retry, self.mode, prior) {
                (Some(n), _, _) => n,
                (None, NackMode::Fatal, _) => i64::MAX,
                (None, NackMode::Silent, Some(n)) => (n - 1).max(0),
                (None, _, prior) => prior.unwrap_or(0),
            };
            group.record(*id, None, 0, count);
            released += 1;
        }
        Reply::Int(released)
    }
}

/// The options of XDELEX and XACKDEL: a mode and a block of IDs.
fn parse_erase(words: &[Vec<u8>]) -> Answer<(Refs, &[Vec<u8>])> {
    let (mut mode, mut ids) = (None, None);
    let mut at = 0;
    while at < words.len() {
        if let (Some(given), None) = (refs(&words[at]), mode) {
            mode = Some(given);
            at += 1;
        } else if is(&words[at], "IDS") && at + 1 < words.len() {
            let n = parse_int(&words[at + 1]).filter(|n| *n > 0);
            let Some(n) = n.and_then(|n| usize::try_from(n).ok()) else {
                return err("ERR Number of IDs must be a positive integer");
            };
            let Some(block) = words[at + 2..].get(..n) else {
                return err("ERR The `numids` parameter must match the number of arguments");
            };
            ids = Some(block);
            at += 2 + n;
        } else {
            return Err(syntax());
        }
    }
    match ids {
        Some(ids) => Ok((mode.unwrap_or(Refs::Keep), ids)),
        None => err("ERR IDS option is required"),
    }
}
