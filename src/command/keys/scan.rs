//! DBSIZE, KEYS, SCAN: which keys there are.

use crate::command::args::{self, Args};
use crate::command::{Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::glob;
use crate::integer::Text;
use crate::keyspace::Item;
use crate::reply::Reply;
use alloc::vec;
use alloc::vec::Vec;

/// SCAN looks at this many keys a call unless told otherwise.
const DEFAULT_COUNT: u64 = 10;

/// `DBSIZE`
pub(crate) fn database_size(view: View<'_>) -> Outcome<'static, 'static> {
    Outcome::reply(Reply::count(view.keyspace.database(view.db).len() as u64))
}

/// `KEYS pattern`
#[derive(Debug)]
pub(crate) struct Keys<'a> {
    pattern: &'a [u8],
}

impl<'a> Keys<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { pattern: args.next()? })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Outcome<'c, 'k> {
        let names = view.keyspace.database(view.db).iter().map(|(name, _)| name);
        let like = names.filter(|name| glob::matches(self.pattern, name));
        Outcome::reply(Reply::Array(like.map(Reply::text).collect()))
    }
}

/// `SCAN cursor [MATCH pattern] [COUNT n] [TYPE type]`
///
/// The cursor is the number of the first key that was not looked at. A key keeps its number as long
/// as it is there, so one that is there all the time is given exactly once.
#[derive(Debug)]
pub(crate) struct Scan<'a> {
    cursor: u64,
    pattern: Option<&'a [u8]>,
    count: u64,
    type_name: Option<&'a [u8]>,
}

impl<'a> Scan<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let text = core::str::from_utf8(args.next()?).ok();
        let cursor = text.and_then(|text| text.trim_ascii_start().parse().ok());
        let cursor = cursor.ok_or(CommandError::InvalidCursor)?;
        let mut scan = Self { cursor, pattern: None, count: DEFAULT_COUNT, type_name: None };
        while args.left() > 0 {
            if let Some(text) = args.take_with_value("COUNT") {
                let count = u64::try_from(args::integer(text)?).ok().filter(|&count| count > 0);
                scan.count = count.ok_or(CommandError::Syntax)?;
            } else if let Some(pattern) = args.take_with_value("MATCH") {
                scan.pattern = Some(pattern);
            } else if let Some(name) = args.take_with_value("TYPE") {
                scan.type_name = Some(name);
            } else if args.take("NOVALUES") {
                return Err(CommandError::ScanWithoutValues.into());
            } else {
                return Err(CommandError::Syntax.into());
            }
        }
        Ok(scan)
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Outcome<'c, 'k> {
        let database = view.keyspace.database(view.db);
        let numbers = u64::from(database.numbers());
        let end = self.cursor.saturating_add(self.count).min(numbers);
        let items = (self.cursor..end).filter_map(|number| database.at(number as u32));
        let wanted = items.filter(|(name, item)| self.wants(name, item));
        let names: Vec<Reply<'k>> = wanted.map(|(name, _)| Reply::text(name)).collect();
        let next = if end < numbers { end } else { 0 };
        let cursor = Reply::owned(Text::unsigned(next).as_bytes());
        Outcome::reply(Reply::Array(vec![cursor, Reply::Array(names)]))
    }

    fn wants(&self, name: &[u8], item: &Item) -> bool {
        self.pattern.is_none_or(|pattern| glob::matches(pattern, name))
            && self.type_name.is_none_or(|wanted| args::is(wanted, item.value.type_name()))
    }
}
