//! MEMORY: what a value takes.

use crate::command::args::{self, Args};
use crate::command::{Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::keyspace::Value;
use crate::reply::Reply;

/// `MEMORY USAGE key [SAMPLES count]`
#[derive(Debug)]
pub(crate) struct Usage<'a> {
    key: &'a [u8],
}

impl<'a> Usage<'a> {
    /// Takes the number of samples as well, which nothing depends on: the bytes are counted.
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let key = args.next()?;
        while let Some(samples) = args.take_with_value("SAMPLES") {
            if args::integer(samples)? < 0 {
                return Err(CommandError::Syntax.into());
            }
        }
        if args.left() > 0 {
            return Err(CommandError::Syntax.into());
        }
        Ok(Self { key })
    }

    /// Counts a stream's segments and pages whether they are in memory or not.
    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Outcome<'c, 'k> {
        let bytes = view.item(self.key).map(|item| match &item.value {
            Value::Stream(stream) => stream.bytes(),
            Value::Plain(plain) => plain.bytes(),
        });
        Outcome::reply(bytes.map_or(Reply::NullText, |bytes| Reply::Integer(bytes as i64)))
    }
}

pub(crate) const MEMORY_HELP: &[&str] = &[
    "MEMORY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "USAGE <key> [SAMPLES <count>]",
    "    Return memory in bytes used by <key> and its value.",
    "HELP",
    "    Print this help.",
];
