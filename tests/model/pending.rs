//! Pending entries, looked at and acknowledged: XPENDING, XACK (§8).

use super::Model;
use super::args::{Answer, all_ids, echoing, end_bound, id_text, int, is, start_bound, syntax};
use super::group::Group;
use super::stream::Stream;
use crate::resp::Reply;

impl Model {
    /// The stream and the group taken out of it; it is to be put back.
    pub(super) fn group(
        &mut self,
        key: &[u8],
        name: &[u8],
    ) -> Answer<Option<(&mut Stream, Group)>> {
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
}

pub(super) fn no_group(key: &[u8], group: &[u8]) -> Reply {
    echoing("NOGROUP No such key '{}' or consumer group '{}'", &[key, group])
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
