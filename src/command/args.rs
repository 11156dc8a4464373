//! A cursor over the arguments of one request.

use crate::error::{CommandError, Refusal};
use crate::integer;
use crate::named::{self, Rank};
use crate::stream::EntryId;
use crate::words;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// The arguments of a request, the command's name first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Args<'a> {
    all: &'a [&'a [u8]],
    at: usize,
    /// The time at which the request arrived.
    pub(crate) now_ms: u64,
    /// The command's name as Redis prints it, for example `xgroup|create`.
    pub(crate) command: &'static str,
}

impl<'a> Args<'a> {
    /// A cursor that stands behind the first `at` arguments.
    pub(crate) fn new(all: &'a [&'a [u8]], at: usize, command: &'static str, now_ms: u64) -> Self {
        Self { all, at, now_ms, command }
    }

    /// How many arguments there are in all, the command's name included.
    pub(crate) fn total(&self) -> usize {
        self.all.len()
    }

    /// How many are left.
    pub(crate) fn left(&self) -> usize {
        self.all.len().saturating_sub(self.at)
    }

    pub(crate) fn rest(&self) -> &'a [&'a [u8]] {
        self.all.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn peek(&self) -> Option<&'a [u8]> {
        self.all.get(self.at).copied()
    }

    pub(crate) fn wrong_arity(&self) -> Refusal {
        CommandError::WrongArity { command: self.command }.into()
    }

    /// The error for words behind a subcommand that are none of its options.
    pub(crate) fn wrong_tail(&self) -> Refusal {
        let name = self.all.get(1).map_or_else(String::new, |name| quoted(name));
        CommandError::UnknownSubcommandOrArity { name, command: self.command }.into()
    }

    /// The next argument. The table of commands has tested the least number of arguments; where
    /// one is missing all the same, that is the error.
    pub(crate) fn next(&mut self) -> Result<&'a [u8], Refusal> {
        let argument = self.peek().ok_or_else(|| self.wrong_arity())?;
        self.at += 1;
        Ok(argument)
    }

    /// Takes the next argument if it is this keyword, in any case.
    pub(crate) fn take(&mut self, keyword: &str) -> bool {
        let found = self.peek().is_some_and(|argument| is(argument, keyword));
        self.at += usize::from(found);
        found
    }

    /// Takes the next two arguments if the first is this keyword, in any case; gives the second.
    pub(crate) fn take_with_value(&mut self, keyword: &str) -> Option<&'a [u8]> {
        let value = *self.all.get(self.at + 1)?;
        let found = self.take(keyword);
        self.at += usize::from(found);
        found.then_some(value)
    }

    /// The next `count` arguments, if there are so many.
    pub(crate) fn take_many(&mut self, count: usize) -> Option<&'a [&'a [u8]]> {
        let taken = self.rest().get(..count)?;
        self.at += count;
        Some(taken)
    }

    /// Takes the next argument if it is exactly this and another one follows.
    pub(crate) fn take_sign(&mut self, sign: &[u8]) -> bool {
        let found = self.left() >= 2 && self.peek() == Some(sign);
        self.at += usize::from(found);
        found
    }
}

/// Whether an argument is a keyword, in any case.
pub(crate) fn is(argument: &[u8], keyword: &str) -> bool {
    argument.eq_ignore_ascii_case(keyword.as_bytes())
}

/// An integer option.
pub(crate) fn integer(text: &[u8]) -> Result<i64, Refusal> {
    Ok(integer::parse(text).ok_or(CommandError::NotInteger)?)
}

/// IDs, of which none is looked at before all are read.
pub(crate) fn ids(texts: &[&[u8]]) -> Result<Vec<EntryId>, Refusal> {
    texts.iter().map(|text| EntryId::parse(text, 0)).collect()
}

/// The IDs without those that came before.
pub(crate) fn without_repeats(ids: &[EntryId]) -> Vec<EntryId> {
    let mut first = ids.to_vec();
    let mut earlier = earlier(ids).into_iter();
    first.retain(|_| earlier.next().flatten().is_none());
    first
}

/// For each ID, where it came before, if it did.
pub(crate) fn earlier(ids: &[EntryId]) -> Vec<Option<usize>> {
    let mut earlier = vec![None; ids.len()];
    if ids.is_sorted_by(|before, id| before < id) {
        return earlier;
    }
    let rank = |(position, id): (usize, &EntryId)| [id.ms, id.seq, position as u64, 0];
    let mut ranks: Vec<Rank> = ids.iter().enumerate().map(rank).collect();
    named::sort(&mut ranks);
    for pair in ranks.windows(2).filter(|pair| pair[0][..2] == pair[1][..2]) {
        earlier[pair[1][2] as usize] = Some(pair[0][2] as usize);
    }
    earlier
}

/// A client's words in an error's text. As Redis prints C strings, a NUL byte ends them.
pub(crate) fn quoted(words: &[u8]) -> String {
    let words = words.split(|&byte| byte == 0).next().unwrap_or_default();
    words::lossy(words)
}
