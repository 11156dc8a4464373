//! XREAD: entries of several streams behind given IDs, waiting for them if asked.

use super::args::{self, Args};
use super::{Halt, Outcome, Then, View, WaitPlan};
use crate::error::{CommandError, Refusal};
use crate::reply::Reply;
use crate::stream::{Direction, Entry, EntryId, Stream};
use crate::wire;
use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

/// The options that XREAD and XREADGROUP share.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReadOptions {
    /// At most this many entries of each stream; 0: all.
    count: u64,
    /// At most this many entries of all streams together.
    max_count: Option<u64>,
    /// No more entries once the reply has this many bytes.
    max_size: Option<u64>,
    /// Whether and how long to wait where there is nothing to give.
    pub(crate) wait: Option<Wait>,
}

impl ReadOptions {
    /// Takes one option if there is one in front. Returns whether there was.
    pub(crate) fn take(&mut self, args: &mut Args<'_>) -> Result<bool, Refusal> {
        if let Some(text) = args.take_with_value("BLOCK") {
            self.wait = Some(Wait::parse(text, args.now_ms)?);
        } else if let Some(text) = args.take_with_value("COUNT") {
            self.count = args::integer(text)?.max(0) as u64;
        } else if let Some(text) = args.take_with_value("MAXCOUNT") {
            self.max_count = Some(positive(text).ok_or(CommandError::MaxCountNotPositive)?);
        } else if let Some(text) = args.take_with_value("MAXSIZE") {
            self.max_size = Some(positive(text).ok_or(CommandError::MaxSizeNotPositive)?);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Writes the options again, but for how long to wait, which is for ever.
    pub(crate) fn write(&self, words: &mut Vec<Cow<'_, [u8]>>) {
        let mut put = |name: &'static str, number: u64| {
            words.push(Cow::Borrowed(name.as_bytes()));
            words.push(Cow::Owned(number.to_string().into_bytes()));
        };
        if self.count > 0 {
            put("COUNT", self.count);
        }
        if let Some(max_count) = self.max_count {
            put("MAXCOUNT", max_count);
        }
        if let Some(max_size) = self.max_size {
            put("MAXSIZE", max_size);
        }
        put("BLOCK", 0);
    }

    /// Tests what the options say together.
    pub(crate) fn finish(&self) -> Result<(), Refusal> {
        match self.max_count {
            Some(max_count) if max_count < self.count => {
                Err(CommandError::MaxCountBelowCount.into())
            }
            _ => Ok(()),
        }
    }

    /// What one call may give, before it has given anything.
    pub(crate) fn budget(&self) -> Budget {
        Budget {
            per_stream: if self.count == 0 { u64::MAX } else { self.count },
            entries_left: self.max_count.unwrap_or(u64::MAX),
            bytes_left: self.max_size,
            given: false,
        }
    }
}

/// How long a read waits. Once it waits, the deadline is kept with the waiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    ForEver,
    Until { deadline_ms: u64 },
}

impl Wait {
    fn parse(text: &[u8], now_ms: u64) -> Result<Self, Refusal> {
        let ms = args::integer(text).map_err(|_| CommandError::TimeoutNotInteger)?;
        let ms = u64::try_from(ms).map_err(|_| CommandError::TimeoutNegative)?;
        if ms == 0 {
            return Ok(Self::ForEver);
        }
        Self::until(now_ms, ms)
    }

    /// So many milliseconds from now on.
    pub(crate) fn until(now_ms: u64, ms: u64) -> Result<Self, Refusal> {
        let deadline_ms = now_ms.checked_add(ms).filter(|&ms| i64::try_from(ms).is_ok());
        let deadline_ms = deadline_ms.ok_or(CommandError::TimeoutOutOfRange)?;
        Ok(Self::Until { deadline_ms })
    }

    pub(crate) fn deadline_ms(self) -> Option<u64> {
        match self {
            Self::ForEver => None,
            Self::Until { deadline_ms } => Some(deadline_ms),
        }
    }
}

/// An entry takes no fewer bytes in a reply: its ID, one field, the frame.
const LEAST_ENTRY_BYTES: u64 = 16;

/// How much one call may still give. An entry too large for it is given all the same if it is the
/// first of the call.
#[derive(Debug)]
pub(crate) struct Budget {
    per_stream: u64,
    entries_left: u64,
    bytes_left: Option<u64>,
    given: bool,
}

impl Budget {
    /// How many entries the next stream may give.
    pub(crate) fn limit(&self) -> usize {
        let limit = if self.is_spent() { 0 } else { self.per_stream.min(self.entries_left) };
        usize::try_from(limit).unwrap_or(usize::MAX)
    }

    /// The same of entries that are there, so that no more are loaded than can be given.
    pub(crate) fn entry_limit(&self) -> usize {
        let by_bytes = self.bytes_left.map_or(u64::MAX, |left| left / LEAST_ENTRY_BYTES + 1);
        self.limit().min(usize::try_from(by_bytes).unwrap_or(usize::MAX))
    }

    fn is_spent(&self) -> bool {
        self.entries_left == 0 || (self.bytes_left == Some(0) && self.given)
    }

    /// Keeps the items that the budget still covers, and takes them off it.
    pub(crate) fn admit<T>(&mut self, items: &mut Vec<T>, bytes: impl Fn(&T) -> usize) {
        let mut admitted = 0;
        for item in items.iter() {
            if let Some(left) = &mut self.bytes_left {
                let bytes = bytes(item) as u64;
                if bytes > *left && self.given {
                    *left = 0;
                    break;
                }
                *left = left.saturating_sub(bytes);
            }
            self.given = true;
            self.entries_left -= 1;
            admitted += 1;
        }
        items.truncate(admitted);
    }
}

fn positive(text: &[u8]) -> Option<u64> {
    args::integer(text).ok().and_then(|value| u64::try_from(value).ok()).filter(|&value| value > 0)
}

/// Takes the word STREAMS if something follows it.
pub(crate) fn take_streams(args: &mut Args<'_>) -> bool {
    args.left() >= 2 && args.take("STREAMS")
}

/// Splits what follows STREAMS into keys and as many IDs.
pub(crate) fn split_streams<'a>(
    args: &Args<'a>,
    unbalanced: CommandError,
) -> Result<impl Iterator<Item = (&'a [u8], &'a [u8])>, CommandError> {
    let rest = args.rest();
    if rest.is_empty() || rest.len() % 2 == 1 {
        return Err(unbalanced);
    }
    let (keys, ids) = rest.split_at(rest.len() / 2);
    Ok(keys.iter().copied().zip(ids.iter().copied()))
}

/// Where the reading of a stream begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    /// Behind an ID.
    After(EntryId),
    /// Behind whatever is last when the command arrives: `$`.
    End,
    /// At the last living entry, which is all there is to read: `+`.
    LastEntry,
}

impl From {
    fn parse(text: &[u8]) -> Result<Self, Refusal> {
        match text {
            b"$" => Ok(Self::End),
            b"+" => Ok(Self::LastEntry),
            b">" => Err(CommandError::OnlyForReadGroupId.into()),
            text => EntryId::parse(text, 0).map(Self::After),
        }
    }
}

/// A stream to read.
#[derive(Clone, Debug)]
struct Source<'a> {
    key: Cow<'a, [u8]>,
    /// The type of the key is looked at before its ID, so the ID's error waits here.
    from: Result<From, Refusal>,
}

/// `XREAD [COUNT n] [BLOCK ms] STREAMS key [key ...] id [id ...]`
#[derive(Debug)]
pub(crate) struct PlainRead<'a> {
    options: ReadOptions,
    sources: Vec<Source<'a>>,
}

impl<'a> PlainRead<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let mut options = ReadOptions::default();
        while !take_streams(args) {
            if !options.take(args)? {
                return Err(unfit_option(args));
            }
        }
        let sources = split_streams(args, CommandError::UnbalancedRead)?
            .map(|(key, id)| Source { key: Cow::Borrowed(key), from: From::parse(id) })
            .collect();
        options.finish()?;
        Ok(Self { options, sources })
    }

    pub(crate) fn keys(&self) -> Vec<&[u8]> {
        self.sources.iter().map(|source| &*source.key).collect()
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let mut budget = self.options.budget();
        let mut read = Vec::new();
        for source in &self.sources {
            let stream = view.stream(&source.key)?;
            let from = source.from.clone()?;
            let Some(stream) = stream else { continue };
            let mut entries = entries_from(view, stream, from, budget.entry_limit())?;
            budget.admit(&mut entries, wire::entry_bytes);
            if !entries.is_empty() {
                read.push((Reply::text(&source.key), Reply::Entries(entries)));
            }
        }
        if !read.is_empty() {
            return Ok(Outcome::reply(Reply::ByKey(read)));
        }
        let Some(wait) = self.options.wait else {
            return Ok(Outcome::reply(Reply::NullArray));
        };
        let plan = WaitPlan::Plain(self.parked(view)?).into();
        let deadline_ms = wait.deadline_ms();
        let then = Then::Wait { plan, deadline_ms, recheck_ms: None };
        Ok(Outcome { ops: Vec::new(), then })
    }

    /// The read as a request, which [`WaitPlan::request`] is about.
    pub(crate) fn request(&self) -> Vec<Cow<'_, [u8]>> {
        let mut words = vec![Cow::Borrowed(&b"XREAD"[..])];
        self.options.write(&mut words);
        words.push(Cow::Borrowed(b"STREAMS"));
        words.extend(self.sources.iter().map(|source| Cow::Borrowed(&*source.key)));
        words.extend(self.sources.iter().map(|source| match &source.from {
            Ok(From::After(id)) => Cow::Owned(id.to_string().into_bytes()),
            Ok(From::End) => Cow::Borrowed(&b"$"[..]),
            Ok(From::LastEntry) => Cow::Borrowed(&b"+"[..]),
            Err(_) => unreachable!("a read with an ID that is wrong does not wait"),
        }));
        words
    }

    /// The read as it waits: `$` is what it means now.
    fn parked(&self, view: View<'_>) -> Result<PlainRead<'static>, Refusal> {
        let park = |source: &Source<'a>| {
            let from = match source.from.clone()? {
                From::End => {
                    let last = view.stream(&source.key)?.map(|stream| stream.last_id);
                    From::After(last.unwrap_or_default())
                }
                from => from,
            };
            Ok(Source { key: Cow::Owned(source.key.to_vec()), from: Ok(from) })
        };
        let sources = self.sources.iter().map(park).collect::<Result<_, Refusal>>()?;
        Ok(PlainRead { options: self.options, sources })
    }
}

/// The error for what is no option of XREAD.
fn unfit_option(args: &mut Args<'_>) -> Refusal {
    let unfit = |option| CommandError::OnlyForReadGroup { option }.into();
    if args.left() >= 3 && args.take("GROUP") {
        return unfit("GROUP");
    }
    if args.take("NOACK") {
        return unfit("NOACK");
    }
    if args.take_with_value("CLAIM").is_some() {
        return unfit("CLAIM");
    }
    CommandError::Syntax.into()
}

/// Entries from a place on. `$` is behind all there are; `+` is one entry, whatever the limit.
fn entries_from<'k>(
    view: View<'k>,
    stream: &'k Stream,
    from: From,
    limit: usize,
) -> Result<Vec<Entry<'k>>, Halt> {
    let start = match from {
        From::End => return Ok(Vec::new()),
        From::LastEntry if limit == 0 => return Ok(Vec::new()),
        From::LastEntry => return Ok(stream.last_entry()?.into_iter().collect()),
        From::After(id) if id >= stream.last_id => return Ok(Vec::new()),
        From::After(id) => id.next().expect("an ID below another has a successor"),
    };
    view.entries(stream, start..=EntryId::MAX, Direction::Forward, limit)
}
