//! Pending entries that change hands: XCLAIM, XAUTOCLAIM (§8).

use super::Model;
use super::args::{
    Answer, Id, MIN_ID, echoing, err, id_text, is, parse_int, start_bound, strict_id, syntax,
};
use super::group::Group;
use super::pending::no_group;
use super::stream::{Stream, entry_reply};
use crate::resp::Reply;

impl Model {
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
            return Err(echoing("ERR Unrecognized XCLAIM option '{}'", &[word]));
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
