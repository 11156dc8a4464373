//! The table of commands: name, arity, where the keys stand, how to parse. The only truth about
//! the grammar; routing, COMMAND and completion read it.

use super::args::{self, Args};
use super::{
    Command, connection, idempotence, keys, trim, xack, xackdel, xadd, xautoclaim, xclaim, xdel,
    xdelex, xgroup, xinfo, xlen, xnack, xpending, xrange, xread, xreadgroup, xsetid,
};
use crate::error::CommandError;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

type Parse = for<'a> fn(&mut Args<'a>) -> Result<Command<'a>, CommandError>;

/// One command, or one subcommand of a container.
pub(crate) struct Spec {
    /// In lower case; a subcommand's with its container's, `xgroup|create`.
    name: &'static str,
    /// Number of arguments, the name included (and the container's): exactly, or if negative at
    /// least.
    arity: i32,
    keys: Keys,
    action: Action,
}

/// Where the keys stand among the arguments.
enum Keys {
    None,
    /// One, at this position.
    At(usize),
    /// All from this position on.
    From(usize),
    /// The first half of what follows STREAMS.
    Streams,
}

enum Action {
    Parse(Parse),
    /// A container of subcommands.
    Container(&'static [Spec]),
}

const fn spec(name: &'static str, arity: i32, keys: Keys, parse: Parse) -> Spec {
    Spec { name, arity, keys, action: Action::Parse(parse) }
}

const fn container(name: &'static str, specs: &'static [Spec]) -> Spec {
    Spec { name, arity: -2, keys: Keys::None, action: Action::Container(specs) }
}

/// Every command, ordered by name.
static SPECS: &[Spec] = &[
    spec("del", -2, Keys::From(1), |args| keys::Remove::parse(args).map(Command::Remove)),
    spec("echo", 2, Keys::None, |args| connection::Echo::parse(args).map(Command::Echo)),
    spec("exists", -2, Keys::From(1), |args| keys::Exists::parse(args).map(Command::Exists)),
    spec("flushall", -1, Keys::None, |args| {
        keys::RemoveAll::parse_every_database(args).map(Command::RemoveAll)
    }),
    spec("flushdb", -1, Keys::None, |args| {
        keys::RemoveAll::parse_database(args).map(Command::RemoveAll)
    }),
    spec("hello", -1, Keys::None, |args| connection::Hello::parse(args).map(Command::Hello)),
    spec("ping", -1, Keys::None, |args| connection::Ping::parse(args).map(Command::Ping)),
    spec("quit", -1, Keys::None, |_| Ok(Command::Quit)),
    spec("type", 2, Keys::At(1), |args| keys::TypeOf::parse(args).map(Command::Type)),
    spec("unlink", -2, Keys::From(1), |args| keys::Remove::parse(args).map(Command::Remove)),
    spec("xack", -4, Keys::At(1), |args| xack::Ack::parse(args).map(Command::Ack)),
    spec("xackdel", -6, Keys::At(1), |args| {
        xackdel::AckDelete::parse(args).map(Command::AckDelete)
    }),
    spec("xadd", -5, Keys::At(1), |args| xadd::Add::parse(args).map(Command::Add)),
    spec("xautoclaim", -6, Keys::At(1), |args| {
        xautoclaim::AutoClaim::parse(args).map(Command::AutoClaim)
    }),
    spec("xcfgset", -2, Keys::At(1), |args| {
        idempotence::Configure::parse(args).map(Command::Configure)
    }),
    spec("xclaim", -6, Keys::At(1), |args| xclaim::Claim::parse(args).map(Command::Claim)),
    spec("xdel", -3, Keys::At(1), |args| xdel::Delete::parse(args).map(Command::Delete)),
    spec("xdelex", -5, Keys::At(1), |args| xdelex::DeleteEx::parse(args).map(Command::DeleteEx)),
    container("xgroup", XGROUP),
    spec("xidmprecord", 5, Keys::At(1), |args| {
        idempotence::Record::parse(args).map(Command::Record)
    }),
    container("xinfo", XINFO),
    spec("xlen", 2, Keys::At(1), |args| xlen::Len::parse(args).map(Command::Len)),
    spec("xnack", -7, Keys::At(1), |args| xnack::Nack::parse(args).map(Command::Nack)),
    spec("xpending", -3, Keys::At(1), |args| {
        xpending::PendingQuery::parse(args).map(Command::Pending)
    }),
    spec("xrange", -4, Keys::At(1), |args| {
        xrange::RangeQuery::parse_forward(args).map(Command::Range)
    }),
    spec("xread", -4, Keys::Streams, |args| xread::PlainRead::parse(args).map(Command::PlainRead)),
    spec("xreadgroup", -7, Keys::Streams, |args| {
        xreadgroup::GroupRead::parse(args).map(Command::GroupRead)
    }),
    spec("xrevrange", -4, Keys::At(1), |args| {
        xrange::RangeQuery::parse_backward(args).map(Command::Range)
    }),
    spec("xsetid", -3, Keys::At(1), |args| xsetid::SetId::parse(args).map(Command::SetId)),
    spec("xtrim", -4, Keys::At(1), |args| trim::Trim::parse(args).map(Command::Trim)),
];

static XGROUP: &[Spec] = &[
    spec("xgroup|create", -5, Keys::At(2), |args| {
        xgroup::Group::parse_create(args).map(Command::Group)
    }),
    spec("xgroup|createconsumer", 5, Keys::At(2), |args| {
        xgroup::Group::parse_create_consumer(args).map(Command::Group)
    }),
    spec("xgroup|delconsumer", 5, Keys::At(2), |args| {
        xgroup::Group::parse_delete_consumer(args).map(Command::Group)
    }),
    spec("xgroup|destroy", 4, Keys::At(2), |args| {
        xgroup::Group::parse_destroy(args).map(Command::Group)
    }),
    spec("xgroup|help", 2, Keys::None, |_| Ok(Command::Help(xgroup::HELP))),
    spec("xgroup|setid", -5, Keys::At(2), |args| {
        xgroup::Group::parse_set_id(args).map(Command::Group)
    }),
];

static XINFO: &[Spec] = &[
    spec("xinfo|consumers", 4, Keys::At(2), |args| {
        xinfo::Info::parse_consumers(args).map(Command::Info)
    }),
    spec("xinfo|groups", 3, Keys::At(2), |args| xinfo::Info::parse_groups(args).map(Command::Info)),
    spec("xinfo|help", 2, Keys::None, |_| Ok(Command::Help(xinfo::HELP))),
    spec("xinfo|stream", -3, Keys::At(2), |args| {
        xinfo::Info::parse_stream(args).map(Command::Info)
    }),
];

/// Reads a request that arrived at `now_ms`. `argv` begins with the command's name and is not
/// empty.
pub(crate) fn parse<'a>(argv: &'a [&'a [u8]], now_ms: u64) -> Result<Command<'a>, CommandError> {
    let (spec, words) = find(argv)?;
    match spec.action {
        Action::Parse(parse) => parse(&mut Args::new(argv, words, spec.name, now_ms)),
        Action::Container(_) => unreachable!("find() goes on to a subcommand"),
    }
}

/// Positions of the keys among the arguments of a request.
pub fn positions_of_keys(argv: &[&[u8]]) -> Result<Vec<usize>, CommandError> {
    let (spec, _) = find(argv)?;
    Ok(match spec.keys {
        Keys::None => Vec::new(),
        Keys::At(position) => [position].into(),
        Keys::From(position) => (position..argv.len()).collect(),
        Keys::Streams => match position_of_streams(argv) {
            Some(at) => (at + 1..at + 1 + (argv.len() - at - 1) / 2).collect(),
            None => Vec::new(),
        },
    })
}

/// Position of the word STREAMS that is no option's value: a group may be called so.
fn position_of_streams(argv: &[&[u8]]) -> Option<usize> {
    const VALUED: [&str; 5] = ["COUNT", "BLOCK", "CLAIM", "MAXCOUNT", "MAXSIZE"];
    let mut at = 1;
    loop {
        let argument = argv.get(at)?;
        let is = |keyword| args::is(argument, keyword);
        at += match () {
            () if is("STREAMS") => return Some(at),
            () if is("GROUP") => 3,
            () if VALUED.into_iter().any(is) => 2,
            () if is("NOACK") => 1,
            () => return None,
        };
    }
}

/// Finds the spec of a request and how many words its name takes, and tests the arity.
fn find(argv: &[&[u8]]) -> Result<(&'static Spec, usize), CommandError> {
    let name = argv.first().copied().unwrap_or_default();
    let spec = search(SPECS, name, 0).ok_or_else(|| unknown_command(argv))?;
    test_arity(spec, argv)?;
    let Action::Container(specs) = spec.action else { return Ok((spec, 1)) };
    let prefix = spec.name.len() + 1;
    let subcommand = search(specs, argv[1], prefix).ok_or_else(|| {
        CommandError::UnknownSubcommand { name: args::quoted(argv[1]), command: spec.name }
    })?;
    test_arity(subcommand, argv)?;
    Ok((subcommand, 2))
}

/// Finds a name in an ordered table, in any case, passing over `prefix` bytes of the table's names.
fn search(specs: &'static [Spec], name: &[u8], prefix: usize) -> Option<&'static Spec> {
    let lower = || name.iter().map(u8::to_ascii_lowercase);
    let at = specs.binary_search_by(|spec| spec.name.bytes().skip(prefix).cmp(lower())).ok()?;
    specs.get(at)
}

fn test_arity(spec: &'static Spec, argv: &[&[u8]]) -> Result<(), CommandError> {
    let (given, wanted) = (argv.len(), spec.arity.unsigned_abs() as usize);
    let enough = if spec.arity < 0 { given >= wanted } else { given == wanted };
    if enough { Ok(()) } else { Err(CommandError::WrongArity { command: spec.name }) }
}

/// Redis quotes this many bytes of an unknown command's name and of its arguments.
const QUOTED_BYTES: usize = 128;

fn unknown_command(argv: &[&[u8]]) -> CommandError {
    let cut = |text: &[u8], len: usize| args::quoted(&text[..text.len().min(len)]);
    let name = cut(argv.first().copied().unwrap_or_default(), QUOTED_BYTES);
    let mut quoted = String::new();
    for argument in argv.iter().skip(1) {
        if quoted.len() >= QUOTED_BYTES {
            break;
        }
        quoted += &format!("'{}' ", cut(argument, QUOTED_BYTES - quoted.len()));
    }
    CommandError::UnknownCommand { name, args: quoted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_ordered_by_name() {
        for table in [SPECS, XGROUP, XINFO] {
            assert!(table.is_sorted_by_key(|spec| spec.name));
        }
    }

    #[test]
    fn keys_stand_where_the_table_says() {
        let positions = |line: &str| {
            let argv: Vec<&[u8]> = line.split(' ').map(str::as_bytes).collect();
            positions_of_keys(&argv)
        };
        assert_eq!(positions("XREAD COUNT 1 streams a b 0 0"), Ok([4, 5].into()));
        let named_streams = "XREADGROUP GROUP streams c STREAMS a >";
        assert_eq!(positions(named_streams), Ok([5].into()));
        assert_eq!(positions("xgroup CREATE s g $"), Ok([2].into()));
        assert_eq!(positions("DEL a b c"), Ok([1, 2, 3].into()));
        assert_eq!(positions("PING"), Ok([].into()));
        assert!(positions("NOPE").is_err());
    }
}
