//! XADD, XTRIM, XDEL, XSETID, and idempotent production (§4, §5, §9, §12).

use super::Model;
use super::args::{
    Answer, Id, MAX_ID, MIN_ID, NewId, Trimming, all_ids, arity, err, id_text, int, is, new_id,
    strict_id, syntax,
};
use super::stream::Stream;
use crate::resp::Reply;

/// The idempotent IDs of a producer with the entries they stand for, oldest first.
type Known = Vec<(Vec<u8>, Id)>;

/// What a stream remembers of its producers.
#[derive(Clone)]
pub(super) struct Production {
    pub(super) duration_s: i64,
    pub(super) maxsize: i64,
    /// Oldest producer first.
    pub(super) producers: Vec<(Vec<u8>, Known)>,
    pub(super) added: i64,
    pub(super) duplicates: i64,
}

impl Default for Production {
    fn default() -> Self {
        Self { duration_s: 100, maxsize: 100, producers: Vec::new(), added: 0, duplicates: 0 }
    }
}

impl Production {
    fn find(&self, pid: &[u8], iid: &[u8]) -> Option<Id> {
        let (_, known) = self.producers.iter().find(|(p, _)| p == pid)?;
        known.iter().find(|(i, _)| i == iid).map(|(_, id)| *id)
    }

    /// The producer, made if it is missing.
    fn producer(&mut self, pid: &[u8]) -> &mut Known {
        let at = self.producers.iter().position(|(p, _)| p == pid).unwrap_or_else(|| {
            self.producers.push((pid.to_vec(), Vec::new()));
            self.producers.len() - 1
        });
        &mut self.producers[at].1
    }

    fn record(&mut self, pid: &[u8], iid: &[u8], id: Id) {
        let maxsize = self.maxsize as usize;
        let known = self.producer(pid);
        known.push((iid.to_vec(), id));
        if known.len() > maxsize {
            known.remove(0);
        }
        self.added += 1;
    }
}

#[derive(Default)]
struct Add {
    no_make: bool,
    trimming: Trimming,
    /// Producer, and its ID for this entry; `None` is made from the fields.
    idempotent: Option<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Add {
    /// Takes an option of idempotent production.
    fn idempotent_option(&mut self, words: &[Vec<u8>], at: usize) -> Answer<Option<usize>> {
        let auto = is(&words[at], "IDMPAUTO");
        let needed = if auto { 1 } else { 2 };
        if !(auto || is(&words[at], "IDMP")) || words.len() - at - 1 < needed {
            return Ok(None);
        }
        if self.idempotent.is_some() {
            return err("ERR syntax error, IDMP/IDMPAUTO specified multiple times");
        }
        let name = if auto { "IDMPAUTO" } else { "IDMP" };
        if words[at + 1].is_empty() {
            return err(&format!("ERR syntax error, {name} requires a non-empty producer ID"));
        }
        if !auto && words[at + 2].is_empty() {
            return err("ERR syntax error, IDMP requires a non-empty idempotent ID");
        }
        let iid = (!auto).then(|| words[at + 2].clone());
        self.idempotent = Some((words[at + 1].clone(), iid));
        Ok(Some(at + 1 + needed))
    }
}

/// An iid that only equal sets of field-value pairs share.
fn iid_of(fields: &[Vec<u8>]) -> Vec<u8> {
    let mut pairs: Vec<_> = fields.chunks(2).map(<[Vec<u8>]>::to_vec).collect();
    pairs.sort();
    format!("{pairs:?}").into_bytes()
}

/// The ID of the next entry (§4).
fn place(last: Id, wanted: NewId, now_ms: u64) -> Answer<Id> {
    let small = "ERR The ID specified in XADD is equal or smaller than the target stream top item";
    if last == MAX_ID {
        return err("ERR The stream has exhausted the last possible ID, unable to add more items");
    }
    let id = match wanted {
        NewId::Auto if now_ms > last.0 => (now_ms, 0),
        NewId::Auto => super::args::after(last).expect("the last ID is not the greatest"),
        NewId::AutoSeq(ms) if ms == last.0 && last.1 == u64::MAX => return err(small),
        NewId::AutoSeq(ms) if ms == last.0 => (ms, last.1 + 1),
        NewId::AutoSeq(ms) => (ms, 0),
        NewId::Explicit(id) => id,
    };
    if id <= last { err(small) } else { Ok(id) }
}

impl Model {
    pub(super) fn xadd(&mut self, argv: &[Vec<u8>]) -> Answer {
        let mut add = Add::default();
        let mut at = 2;
        let wanted = loop {
            let Some(word) = argv.get(at) else {
                return Err(arity("xadd"));
            };
            if word == b"*" {
                break NewId::Auto;
            }
            if is(word, "NOMKSTREAM") {
                add.no_make = true;
                at += 1;
            } else if let Some(next) = add.trimming.option(argv, at)? {
                at = next;
            } else if let Some(next) = add.idempotent_option(argv, at)? {
                at = next;
            } else {
                break new_id(word)?;
            }
        };
        if add.idempotent.is_some() && wanted != NewId::Auto {
            return err("ERR syntax error, IDMP/IDMPAUTO can be used only with auto-generated IDs");
        }
        add.trimming.check(false)?;
        let fields = &argv[at + 1..];
        if fields.len() < 2 || fields.len() % 2 == 1 {
            return Err(arity("xadd"));
        }
        if wanted == NewId::Explicit(MIN_ID) {
            return err("ERR The ID specified in XADD must be greater than 0-0");
        }
        self.add(&argv[1], &add, wanted, fields)
    }

    fn add(&mut self, key: &[u8], add: &Add, wanted: NewId, fields: &[Vec<u8>]) -> Answer {
        let found = self.stream(key)?;
        if found.is_none() && add.no_make {
            return Ok(Reply::NilBulk);
        }
        let (now_ms, limits) = (self.now_ms as u64, self.node_limits);
        let iid = add
            .idempotent
            .as_ref()
            .map(|(pid, iid)| (pid.clone(), iid.clone().unwrap_or_else(|| iid_of(fields))));
        if let (Some(stream), Some((pid, iid))) = (self.stream(key)?, &iid) {
            if let Some(id) = stream.production.find(pid, iid) {
                stream.production.duplicates += 1;
                return Ok(id_text(id));
            }
            // A producer is made before the ID is looked at, and stays when that fails (§12).
            stream.production.producer(pid);
        }
        let last = self.stream(key)?.map_or(MIN_ID, |s| s.last);
        let id = place(last, wanted, now_ms)?;
        let stream = self.stream_or_new(key);
        stream.append(id, fields, limits);
        stream.trim(&add.trimming, limits);
        if let Some((pid, iid)) = iid {
            stream.production.record(&pid, &iid, id);
        }
        self.ready(key);
        Ok(id_text(id))
    }

    pub(super) fn xtrim(&mut self, argv: &[Vec<u8>]) -> Answer {
        let mut trimming = Trimming::default();
        let mut at = 2;
        while at < argv.len() {
            at = trimming.option(argv, at)?.ok_or_else(syntax)?;
        }
        trimming.check(true)?;
        let limits = self.node_limits;
        let removed = self.stream(&argv[1])?.map_or(0, |s| s.trim(&trimming, limits));
        Ok(Reply::Int(removed as i64))
    }

    pub(super) fn xdel(&mut self, argv: &[Vec<u8>]) -> Answer {
        let Some(stream) = self.stream(&argv[1])? else {
            return Ok(Reply::Int(0));
        };
        let ids = all_ids(&argv[2..])?;
        Ok(Reply::Int(ids.into_iter().filter(|id| stream.delete(*id)).count() as i64))
    }

    pub(super) fn xsetid(&mut self, argv: &[Vec<u8>]) -> Answer {
        let id = strict_id(&argv[2])?;
        let (mut added, mut max_deleted) = (None, None);
        let mut at = 3;
        while at < argv.len() {
            let more = argv.len() - at - 1;
            if is(&argv[at], "ENTRIESADDED") && more > 0 {
                match int(&argv[at + 1])? {
                    n if n < 0 => return err("ERR entries_added must be positive"),
                    n => added = Some(n as u64),
                }
            } else if is(&argv[at], "MAXDELETEDID") && more > 0 {
                let deleted = strict_id(&argv[at + 1])?;
                if id < deleted {
                    return err(
                        "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
                    );
                }
                max_deleted = Some(deleted);
            } else {
                return Err(syntax());
            }
            at += 2;
        }
        let Some(stream) = self.stream(&argv[1])? else {
            return err("ERR no such key");
        };
        set_id(stream, id, added, max_deleted)
    }

    pub(super) fn xcfgset(&mut self, argv: &[Vec<u8>]) -> Answer {
        let Some(stream) = self.stream(&argv[1])? else {
            return err("ERR no such key");
        };
        let (mut duration, mut maxsize) = (None, None);
        let mut at = 2;
        while at < argv.len() {
            let more = argv.len() - at - 1;
            if is(&argv[at], "IDMP-DURATION") && more > 0 {
                if duration.is_some() {
                    return err("ERR IDMP-DURATION specified multiple times");
                }
                duration = match int(&argv[at + 1])? {
                    n @ 1..=86400 => Some(n),
                    _ => return err("ERR IDMP-DURATION must be between 1 and 86400 seconds"),
                };
            } else if is(&argv[at], "IDMP-MAXSIZE") && more > 0 {
                if maxsize.is_some() {
                    return err("ERR IDMP-MAXSIZE specified multiple times");
                }
                maxsize = match int(&argv[at + 1])? {
                    n @ 1..=10000 => Some(n),
                    _ => return err("ERR IDMP-MAXSIZE must be between 1 and 10000 entries"),
                };
            } else {
                return Err(syntax());
            }
            at += 2;
        }
        if duration.is_none() && maxsize.is_none() {
            return err("ERR At least one parameter must be specified");
        }
        let production = &mut stream.production;
        let (duration, maxsize) =
            (duration.unwrap_or(production.duration_s), maxsize.unwrap_or(production.maxsize));
        if (duration, maxsize) != (production.duration_s, production.maxsize) {
            production.producers.clear();
        }
        (production.duration_s, production.maxsize) = (duration, maxsize);
        Ok(Reply::ok())
    }

    pub(super) fn xidmprecord(&mut self, argv: &[Vec<u8>]) -> Answer {
        let id = strict_id(&argv[4])?;
        if argv[2].is_empty() {
            return err("ERR producer ID must be non-empty");
        }
        if argv[3].is_empty() {
            return err("ERR idempotent ID must be non-empty");
        }
        let Some(stream) = self.stream(&argv[1])? else {
            return err("ERR no such key");
        };
        if stream.get(id).is_none() {
            return err("ERR No such message in stream");
        }
        match stream.production.find(&argv[2], &argv[3]) {
            Some(known) if known == id => {}
            Some(_) => {
                return err("ERR IID already exists for this producer with a different stream ID");
            }
            None => stream.production.record(&argv[2], &argv[3], id),
        }
        Ok(Reply::ok())
    }
}

fn set_id(stream: &mut Stream, id: Id, added: Option<u64>, max_deleted: Option<Id>) -> Answer {
    if id < stream.max_deleted {
        return err("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id");
    }
    if let Some(last) = stream.entries.last() {
        if id < last.id {
            return err(
                "ERR The ID specified in XSETID is smaller than the target stream top item",
            );
        }
        if added.is_some_and(|n| n < stream.len()) {
            return err(
                "ERR The entries_added specified in XSETID is smaller than the target stream length",
            );
        }
    }
    stream.last = id;
    stream.added = added.unwrap_or(stream.added);
    stream.max_deleted = max_deleted.filter(|id| *id != MIN_ID).unwrap_or(stream.max_deleted);
    Ok(Reply::ok())
}
