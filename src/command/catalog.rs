//! COMMAND: the table of commands, told to clients.

use super::args::{self, Args};
use super::specs::{self, Keys, Spec, flags};
use super::table::SPECS;
use super::{Outcome, docs};
use crate::error::{CommandError, Refusal};
use crate::glob;
use crate::reply::Reply;
use alloc::vec;
use alloc::vec::Vec;
use core::iter::once;

/// A subcommand of COMMAND.
#[derive(Debug)]
pub(crate) enum CatalogQuery<'a> {
    Count,
    /// Of these commands, or of all if none is named.
    Docs(&'a [&'a [u8]]),
    /// The keys among the arguments of a request.
    GetKeys(&'a [&'a [u8]]),
    /// Of these commands, or of all if none is named.
    Info(&'a [&'a [u8]]),
    /// The names that pass the filter.
    List(Option<Filter<'a>>),
}

/// Which names are listed.
#[derive(Debug)]
pub(crate) enum Filter<'a> {
    /// Those of a category, without its `@`.
    Category(&'a [u8]),
    /// Those of a module: none.
    Module,
    /// Those that are like a pattern, in any case.
    Pattern(Vec<u8>),
}

impl Filter<'_> {
    fn passes(&self, spec: &Spec) -> bool {
        match self {
            Self::Category(wanted) => categories(spec)
                .iter()
                .any(|category| args::is(wanted, category.trim_start_matches('@'))),
            Self::Module => false,
            Self::Pattern(pattern) => glob::matches(pattern, spec.name.as_bytes()),
        }
    }
}

impl<'a> CatalogQuery<'a> {
    /// `COMMAND LIST [FILTERBY MODULE name | ACLCAT category | PATTERN pattern]`
    pub(crate) fn parse_list(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let [by, kind, value] = *args.rest() else {
            return if args.left() == 0 {
                Ok(Self::List(None))
            } else {
                Err(CommandError::Syntax.into())
            };
        };
        let filter = match () {
            () if !args::is(by, "FILTERBY") => return Err(CommandError::Syntax.into()),
            () if args::is(kind, "MODULE") => Filter::Module,
            () if args::is(kind, "ACLCAT") => Filter::Category(value),
            () if args::is(kind, "PATTERN") => Filter::Pattern(value.to_ascii_lowercase()),
            () => return Err(CommandError::Syntax.into()),
        };
        Ok(Self::List(Some(filter)))
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self) -> Result<Outcome<'c, 'k>, Refusal> {
        Ok(Outcome::reply(match self {
            Self::Count => Reply::count(SPECS.len() as u64),
            Self::Docs(names) => Reply::Map(named(names).filter_map(describe).collect()),
            Self::GetKeys(argv) => keys(argv)?,
            Self::Info([]) => Reply::Array(SPECS.iter().map(info).collect()),
            Self::Info(names) => {
                let infos = names.iter().map(|name| specs::by_name(name));
                Reply::Array(infos.map(|spec| spec.map_or(Reply::NullText, info)).collect())
            }
            Self::List(filter) => {
                let subcommands = |spec: &'static Spec| {
                    let of_filter = filter.as_ref().map_or(&[][..], |_| spec.subcommands());
                    once(spec).chain(of_filter)
                };
                let passes =
                    |spec: &&Spec| filter.as_ref().is_none_or(|filter| filter.passes(spec));
                let specs = SPECS.iter().flat_map(subcommands).filter(passes);
                Reply::Array(specs.map(|spec| Reply::text(spec.name.as_bytes())).collect())
            }
        }))
    }
}

/// The commands of these names, or all.
fn named<'a>(names: &'a [&'a [u8]]) -> impl Iterator<Item = &'static Spec> {
    let all: &[Spec] = if names.is_empty() { &SPECS } else { &[] };
    all.iter().chain(names.iter().filter_map(|name| specs::by_name(name)))
}

fn keys<'k>(argv: &[&'k [u8]]) -> Result<Reply<'k>, Refusal> {
    let found = specs::look_up(argv).ok_or(CommandError::KeysOfUnknown)?;
    if matches!(found.spec.keys, Keys::Range(0, _)) {
        return Err(CommandError::KeysNone.into());
    }
    found.test_arity(argv).map_err(|_| CommandError::KeysArity)?;
    let positions = specs::positions_of_keys(argv)?;
    if positions.is_empty() {
        return Err(CommandError::KeysUnclear.into());
    }
    Ok(Reply::Array(positions.iter().map(|&at| Reply::text(argv[at])).collect()))
}

fn describe(spec: &'static Spec) -> Option<(Reply<'static>, Reply<'static>)> {
    let doc = docs::find(spec.name)?;
    let text = |text: &'static str| Reply::text(text.as_bytes());
    let mut about = vec![
        (text("summary"), text(doc.summary)),
        (text("since"), text(doc.since)),
        (text("group"), text(doc.group)),
    ];
    let subcommands: Vec<_> = spec.subcommands().iter().filter_map(describe).collect();
    if !subcommands.is_empty() {
        about.push((text("subcommands"), Reply::Map(subcommands)));
    }
    Some((text(spec.name), Reply::Map(about)))
}

/// Name, arity, flags, first key, last key, step, categories, tips, key specifications and
/// subcommands. The last but one and the last but two are empty.
fn info(spec: &'static Spec) -> Reply<'static> {
    let (first, last) = match spec.keys {
        Keys::Range(first, last) => (first as i64, i64::from(last)),
        Keys::Streams => (0, 0),
    };
    let words =
        |words: Vec<&'static str>| Reply::Set(words.into_iter().map(Reply::Simple).collect());
    Reply::Array(vec![
        Reply::text(spec.name.as_bytes()),
        Reply::Integer(i64::from(spec.arity)),
        words(flag_words(spec)),
        Reply::Integer(first),
        Reply::Integer(last),
        Reply::Integer(i64::from(first != 0)),
        words(categories(spec)),
        Reply::Set(Vec::new()),
        Reply::Set(Vec::new()),
        Reply::Set(spec.subcommands().iter().map(info).collect()),
    ])
}

fn flag_words(spec: &Spec) -> Vec<&'static str> {
    const WORDS: [(u16, &str); 9] = [
        (flags::WRITE, "write"),
        (flags::READONLY, "readonly"),
        (flags::DENY_OOM, "denyoom"),
        (flags::ADMIN, "admin"),
        (flags::PUBSUB, "pubsub"),
        (flags::BLOCKING, "blocking"),
        (flags::FAST, "fast"),
        (flags::NO_AUTH, "no_auth"),
        (flags::MOVABLE_KEYS, "movablekeys"),
    ];
    WORDS.iter().filter(|(flag, _)| spec.has(*flag)).map(|(_, word)| *word).collect()
}

fn categories(spec: &Spec) -> Vec<&'static str> {
    let group = match docs::find(spec.name).map_or("", |doc| doc.group) {
        "stream" => "@stream",
        "generic" => "@keyspace",
        "string" => "@string",
        "list" => "@list",
        "set" => "@set",
        "hash" => "@hash",
        "pubsub" => "@pubsub",
        "transactions" => "@transaction",
        "connection" => "@connection",
        _ => "@admin",
    };
    let speed = if spec.has(flags::FAST) { "@fast" } else { "@slow" };
    let mut categories = vec![group, speed];
    for (flag, category) in [
        (flags::WRITE, "@write"),
        (flags::READONLY, "@read"),
        (flags::BLOCKING, "@blocking"),
        (flags::ADMIN, "@dangerous"),
    ] {
        if spec.has(flag) {
            categories.push(category);
        }
    }
    categories
}

pub(crate) const HELP: &[&str] = &[
    "COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "(no subcommand)",
    "    Return details about all commands.",
    "COUNT",
    "    Return the total number of commands in this server.",
    "LIST [FILTERBY (MODULE <name>|ACLCAT <category>|PATTERN <pattern>)]",
    "    Return a list of all commands in this server.",
    "INFO [<command-name> ...]",
    "    Return details about multiple commands.",
    "    If no command names are given, documentation details for all",
    "    commands are returned.",
    "DOCS [<command-name> ...]",
    "    Return documentation details about multiple commands.",
    "GETKEYS <full-command>",
    "    Return the keys from a full command.",
    "HELP",
    "    Print this help.",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_described() {
        for spec in SPECS.iter().chain(SPECS.iter().flat_map(|spec| spec.subcommands())) {
            assert!(docs::find(spec.name).is_some(), "{} has a doc", spec.name);
        }
        assert!(docs::DOCS.is_sorted_by_key(|doc| doc.name));
    }
}
