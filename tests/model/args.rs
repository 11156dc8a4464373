//! Words of a command into numbers, IDs and options, as `docs/streams-reference.md` §2 to §5 has
//! them.

use crate::resp::Reply;

/// An entry's ID: milliseconds and sequence.
pub(super) type Id = (u64, u64);
pub(super) const MIN_ID: Id = (0, 0);
pub(super) const MAX_ID: Id = (u64::MAX, u64::MAX);

/// What a command answers; the error is an error reply.
pub(super) type Answer<T = Reply> = Result<T, Reply>;

pub(super) fn err<T>(text: &str) -> Answer<T> {
    Err(Reply::error(text))
}

/// A word as an error echoes it: it ends at its first NUL.
fn echoed(word: &[u8]) -> &[u8] {
    word.split(|b| *b == 0).next().unwrap_or_default()
}

/// An error that echoes words: each stands where the text has a `{}`.
pub(super) fn echoing(text: &str, words: &[&[u8]]) -> Reply {
    let mut words = words.iter();
    let mut out = Vec::new();
    for (at, part) in text.split("{}").enumerate() {
        if at > 0 {
            out.extend_from_slice(echoed(words.next().expect("a word for every {}")));
        }
        out.extend_from_slice(part.as_bytes());
    }
    Reply::Error(out)
}

pub(super) fn invalid_id() -> Reply {
    Reply::error("ERR Invalid stream ID specified as stream command argument")
}

pub(super) fn syntax() -> Reply {
    Reply::error("ERR syntax error")
}

pub(super) fn arity(name: &str) -> Reply {
    Reply::error(format!("ERR wrong number of arguments for '{name}' command"))
}

pub(super) fn is(word: &[u8], keyword: &str) -> bool {
    word.eq_ignore_ascii_case(keyword.as_bytes())
}

/// A signed number written the only canonical way; anything else is no number.
pub(super) fn parse_int(word: &[u8]) -> Option<i64> {
    let text = core::str::from_utf8(word).ok()?;
    let n: i64 = text.parse().ok()?;
    (n.to_string() == text).then_some(n)
}

pub(super) fn int(word: &[u8]) -> Answer<i64> {
    parse_int(word).ok_or_else(|| Reply::error("ERR value is not an integer or out of range"))
}

/// One part of an ID: leading white space, one `+` and leading zeros are let through.
fn part(text: &[u8]) -> Option<u64> {
    let space = |b: u8| b == b' ' || (9..=13).contains(&b);
    let start = text.iter().position(|b| !space(*b))?;
    let text = text[start..].strip_prefix(b"+").unwrap_or(&text[start..]);
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    core::str::from_utf8(text).ok()?.parse().ok()
}

/// `ms`, `ms-seq`; the sequence is `None` when it is left out.
fn split_id(word: &[u8]) -> Option<(u64, Option<u64>)> {
    if word.len() > 127 {
        return None;
    }
    match word.iter().position(|b| *b == b'-') {
        None => Some((part(word)?, None)),
        Some(dash) => Some((part(&word[..dash])?, Some(part(&word[dash + 1..])?))),
    }
}

/// An ID whose missing sequence is `seq`.
pub(super) fn id_or(word: &[u8], seq: u64) -> Answer<Id> {
    let (ms, given) = split_id(word).ok_or_else(invalid_id)?;
    Ok((ms, given.unwrap_or(seq)))
}

/// An ID whose missing sequence is 0, without `-` and `+`.
pub(super) fn strict_id(word: &[u8]) -> Answer<Id> {
    id_or(word, 0)
}

pub(super) fn all_ids(words: &[Vec<u8>]) -> Answer<Vec<Id>> {
    words.iter().map(|word| strict_id(word)).collect()
}

/// The IDs of a block `IDS n id …`, which begins at `at`; `bad_number` and `too_few` are the errors.
pub(super) fn id_block<'a>(
    words: &'a [Vec<u8>],
    at: usize,
    bad_number: &str,
    too_few: &str,
) -> Answer<&'a [Vec<u8>]> {
    let n = parse_int(&words[at + 1]).filter(|n| *n > 0);
    let Some(n) = n.and_then(|n| usize::try_from(n).ok()) else {
        return err(bad_number);
    };
    words[at + 2..].get(..n).ok_or_else(|| Reply::error(too_few))
}

/// The ID of an XADD.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum NewId {
    Auto,
    AutoSeq(u64),
    Explicit(Id),
}

pub(super) fn new_id(word: &[u8]) -> Answer<NewId> {
    if word == b"*" {
        return Ok(NewId::Auto);
    }
    match word.strip_suffix(b"-*") {
        Some(ms) if word.len() <= 127 => part(ms).map(NewId::AutoSeq).ok_or_else(invalid_id),
        _ => strict_id(word).map(NewId::Explicit),
    }
}

fn bound(word: &[u8], seq: u64) -> Answer<(Id, bool)> {
    let (exclusive, word) = match word.strip_prefix(b"(") {
        Some(rest) if !word.is_empty() => (true, rest),
        _ => (false, word),
    };
    match word {
        b"-" if !exclusive => Ok((MIN_ID, false)),
        b"+" if !exclusive => Ok((MAX_ID, false)),
        word => Ok((id_or(word, seq)?, exclusive)),
    }
}

pub(super) fn after(id: Id) -> Option<Id> {
    match id {
        MAX_ID => None,
        (ms, u64::MAX) => Some((ms + 1, 0)),
        (ms, seq) => Some((ms, seq + 1)),
    }
}

pub(super) fn before(id: Id) -> Option<Id> {
    match id {
        MIN_ID => None,
        (ms, 0) => Some((ms - 1, u64::MAX)),
        (ms, seq) => Some((ms, seq - 1)),
    }
}

/// The first ID of an interval.
pub(super) fn start_bound(word: &[u8]) -> Answer<Id> {
    match bound(word, 0)? {
        (id, false) => Ok(id),
        (id, true) => {
            after(id).ok_or_else(|| Reply::error("ERR invalid start ID for the interval"))
        }
    }
}

/// The last ID of an interval.
pub(super) fn end_bound(word: &[u8]) -> Answer<Id> {
    match bound(word, u64::MAX)? {
        (id, false) => Ok(id),
        (id, true) => before(id).ok_or_else(|| Reply::error("ERR invalid end ID for the interval")),
    }
}

pub(super) fn id_text(id: Id) -> Reply {
    Reply::bulk(format!("{}-{}", id.0, id.1))
}

/// What becomes of references to entries that are removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refs {
    Keep,
    Delete,
    OnlyAcked,
}

pub(super) fn refs(word: &[u8]) -> Option<Refs> {
    match word {
        w if is(w, "KEEPREF") => Some(Refs::Keep),
        w if is(w, "DELREF") => Some(Refs::Delete),
        w if is(w, "ACKED") => Some(Refs::OnlyAcked),
        _ => None,
    }
}

/// What must hold after a trim.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Threshold {
    MaxLen(u64),
    MinId(Id),
}

/// The trimming options of XADD and XTRIM.
#[derive(Clone, Default)]
pub(super) struct Trimming {
    pub(super) threshold: Option<Threshold>,
    pub(super) approximate: bool,
    pub(super) limit: Option<i64>,
    pub(super) refs: Option<Refs>,
}

impl Trimming {
    /// Takes the option at `words[at]`, if it is one of trimming; gives where the next one stands.
    pub(super) fn option(&mut self, words: &[Vec<u8>], at: usize) -> Answer<Option<usize>> {
        let word = &words[at];
        let more = words.len() - at - 1;
        if let (Some(mode), None) = (refs(word), self.refs) {
            self.refs = Some(mode);
            return Ok(Some(at + 1));
        }
        if (is(word, "MAXLEN") || is(word, "MINID")) && more > 0 {
            if self.threshold.is_some() {
                return err(
                    "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
                );
            }
            let mut value = at + 1;
            self.approximate = false;
            if more > 1 && (words[value] == b"~" || words[value] == b"=") {
                self.approximate = words[value] == b"~";
                value += 1;
            }
            self.threshold = Some(if is(word, "MINID") {
                Threshold::MinId(strict_id(&words[value])?)
            } else {
                match int(&words[value])? {
                    n if n < 0 => return err("ERR The MAXLEN argument must be >= 0."),
                    n => Threshold::MaxLen(n as u64),
                }
            });
            return Ok(Some(value + 1));
        }
        if is(word, "LIMIT") && more > 0 {
            let limit = int(&words[at + 1])?;
            if limit < 0 {
                return err("ERR The LIMIT argument must be >= 0.");
            }
            self.limit = Some(limit);
            return Ok(Some(at + 2));
        }
        Ok(None)
    }

    /// What cannot stand together; `xtrim` must name a threshold.
    pub(super) fn check(&self, xtrim: bool) -> Answer<()> {
        if self.limit.is_some_and(|n| n > 0) && self.threshold.is_none() {
            return err(
                "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
            );
        }
        if xtrim && self.threshold.is_none() {
            return err("ERR syntax error, XTRIM must be called with a trimming strategy");
        }
        if self.limit.is_some() && !self.approximate {
            return err("ERR syntax error, LIMIT cannot be used without the special ~ option");
        }
        Ok(())
    }
}
