//! OBJECT: how a value is kept.

use crate::command::args::Args;
use crate::command::{Outcome, View};
use crate::error::Refusal;
use crate::integer;
use crate::keyspace::Value;
use crate::plain::{Kind, Plain};
use crate::reply::Reply;

/// Redis keeps a text of up to this many bytes together with its head.
const EMBEDDED_BYTES: usize = 44;

/// `OBJECT ENCODING key`
#[derive(Debug)]
pub(crate) struct Encoding<'a> {
    key: &'a [u8],
}

impl<'a> Encoding<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()? })
    }

    /// Names the encoding that Redis would choose for a small value.
    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Outcome<'c, 'k> {
        let name = view.item(self.key).map(|item| match &item.value {
            Value::Stream(_) => "stream",
            Value::Plain(plain) => plain_encoding(plain),
        });
        Outcome::reply(name.map_or(Reply::NullText, |name| Reply::text(name.as_bytes())))
    }
}

fn plain_encoding(plain: &Plain) -> &'static str {
    let is_integer = |text: &[u8]| integer::parse(text).is_some();
    match plain.kind {
        Kind::List | Kind::Hash => "listpack",
        Kind::Set if plain.texts().all(is_integer) => "intset",
        Kind::Set => "listpack",
        Kind::Text => match plain.texts().next().unwrap_or_default() {
            text if is_integer(text) => "int",
            text if text.len() <= EMBEDDED_BYTES => "embstr",
            _ => "raw",
        },
    }
}

pub(crate) const HELP: &[&str] = &[
    "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "ENCODING <key>",
    "    Return the kind of internal representation used in order to store the value",
    "    associated with a <key>.",
    "HELP",
    "    Print this help.",
];
