//! Pending entries that a consumer gives back: XNACK (§9).

use super::Model;
use super::args::{Answer, Id, all_ids, echoing, err, id_block, int, is};
use super::group::Group;
use super::pending::no_group;
use super::stream::Stream;
use crate::resp::Reply;

impl Model {
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
                let block = id_block(
                    argv,
                    at,
                    "ERR numids must be a positive integer",
                    "ERR number of IDs doesn't match numids",
                )?;
                ids = Some(block);
                at += 2 + block.len();
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
                return Err(echoing("ERR Unrecognized XNACK option '{}'", &[&argv[at]]));
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
