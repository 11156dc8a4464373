//! Entries deleted together with what groups have pending of them: XDELEX, XACKDEL (§9).

use super::Model;
use super::args::{Answer, Refs, all_ids, err, id_block, is, refs, syntax};
use crate::resp::Reply;

impl Model {
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

/// The options of XDELEX and XACKDEL: a mode and a block of IDs.
fn parse_erase(words: &[Vec<u8>]) -> Answer<(Refs, &[Vec<u8>])> {
    let (mut mode, mut ids) = (None, None);
    let mut at = 0;
    while at < words.len() {
        if let (Some(given), None) = (refs(&words[at]), mode) {
            mode = Some(given);
            at += 1;
        } else if is(&words[at], "IDS") && at + 1 < words.len() {
            let block = id_block(
                words,
                at,
                "ERR Number of IDs must be a positive integer",
                "ERR The `numids` parameter must match the number of arguments",
            )?;
            ids = Some(block);
            at += 2 + block.len();
        } else {
            return Err(syntax());
        }
    }
    match ids {
        Some(ids) => Ok((mode.unwrap_or(Refs::Keep), ids)),
        None => err("ERR IDS option is required"),
    }
}
