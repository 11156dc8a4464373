//! What the table of commands is made of, and how a request is looked up in it.

use super::Command;
use super::args::{self, Args};
use super::catalog::CatalogQuery;
use super::rest::RestCommand;
use super::table::SPECS;
use super::unknown;
use crate::error::{CommandError, Refusal};
use crate::part::Part;
use alloc::vec::Vec;

type Parse = for<'a> fn(&mut Args<'a>) -> Result<Command<'a>, Refusal>;

/// What a command may do, as bits.
pub(super) mod flags {
    pub(crate) const NONE: u16 = 0;
    /// It may change keys.
    pub(crate) const WRITE: u16 = 1;
    /// It reads keys and changes nothing.
    pub(crate) const READONLY: u16 = 2;
    /// It may take memory, so it is refused where there is none left.
    pub(crate) const DENY_OOM: u16 = 4;
    pub(crate) const ADMIN: u16 = 8;
    pub(crate) const PUBSUB: u16 = 16;
    /// It may wait.
    pub(crate) const BLOCKING: u16 = 32;
    /// It takes about the same time whatever the key holds.
    pub(crate) const FAST: u16 = 64;
    /// It is open to clients that have not said who they are.
    pub(crate) const NO_AUTH: u16 = 128;
    /// Where the keys stand depends on the arguments.
    pub(crate) const MOVABLE_KEYS: u16 = 256;
    /// It is run at once between MULTI and EXEC.
    pub(crate) const NO_QUEUE: u16 = 512;
    /// It is open to clients that listen to channels in RESP2.
    pub(crate) const LISTENING: u16 = 1024;
    /// It is refused between MULTI and EXEC.
    pub(crate) const NO_MULTI: u16 = 2048;
}

/// One command, or one subcommand of a container.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spec {
    /// In lower case; a subcommand's with its container's, `xgroup|create`.
    pub(crate) name: &'static str,
    /// Its own name as a number.
    code: u128,
    /// Number of arguments, the name included (and the container's): exactly, or if negative at
    /// least.
    pub(super) arity: i32,
    flags: u16,
    pub(super) keys: Keys,
    action: Action,
    /// Which part of a module that was cut has its code; `None`: its core.
    pub(super) part: Option<Part>,
}

/// Where the keys stand among the arguments.
#[derive(Clone, Copy, Debug)]
pub(super) enum Keys {
    /// From a position to another; a negative one counts from the end, and 0 is none.
    Range(usize, i32),
    /// The first half of what follows STREAMS.
    Streams,
}

impl Keys {
    pub(super) const NONE: Self = Self::Range(0, 0);

    /// One, at this position.
    pub(super) const fn at(position: usize) -> Self {
        Self::Range(position, position as i32)
    }

    /// All from this position on.
    pub(super) const fn from(position: usize) -> Self {
        Self::Range(position, -1)
    }
}

#[derive(Clone, Copy, Debug)]
enum Action {
    Parse(Parse),
    /// A container of subcommands, and what it does without one.
    Container(&'static [Spec]),
}

pub(super) const fn spec(
    name: &'static str,
    arity: i32,
    flags: u16,
    keys: Keys,
    parse: Parse,
) -> Spec {
    let code = code(own_name(name.as_bytes()));
    Spec { name, code, arity, flags, keys, action: Action::Parse(parse), part: None }
}

pub(super) const fn container(name: &'static str, arity: i32, specs: &'static [Spec]) -> Spec {
    let (code, flags, keys) = (code(name.as_bytes()), flags::NONE, Keys::NONE);
    Spec { name, code, arity, flags, keys, action: Action::Container(specs), part: None }
}

/// One table made of several, ordered by name, that says of each row which part of a module that was
/// cut it is of. So no command of a part can be taken for one that is at hand.
pub(super) const fn joined<const N: usize>(tables: &[(Option<Part>, &[Spec])]) -> [Spec; N] {
    let mut specs = [tables[0].1[0]; N];
    let (mut table, mut len) = (0, 0);
    while table < tables.len() {
        let (part, rows) = tables[table];
        let mut row = 0;
        while row < rows.len() {
            let mut at = len;
            while at > 0 && specs[at - 1].code > rows[row].code {
                specs[at] = specs[at - 1];
                at -= 1;
            }
            specs[at] = Spec { part, ..rows[row] };
            (len, row) = (len + 1, row + 1);
        }
        table += 1;
    }
    assert!(len == N);
    specs
}

impl Spec {
    pub(super) fn has(&self, flag: u16) -> bool {
        self.flags() & flag != 0
    }

    pub(super) fn flags(&self) -> u16 {
        let movable = matches!(self.keys, Keys::Streams);
        self.flags | if movable { flags::MOVABLE_KEYS } else { flags::NONE }
    }

    /// Its subcommands.
    pub(super) fn subcommands(&self) -> &'static [Spec] {
        match self.action {
            Action::Parse(_) => &[],
            Action::Container(specs) => specs,
        }
    }

    /// Whether it can be refused for want of memory.
    pub(crate) fn denies_oom(&self) -> bool {
        self.has(flags::DENY_OOM)
    }

    /// Whether it can change something.
    pub(crate) fn writes(&self) -> bool {
        self.has(flags::WRITE)
    }

    /// Whether it is open to clients that have not said who they are.
    pub(crate) fn is_open(&self) -> bool {
        self.has(flags::NO_AUTH)
    }

    /// Whether it waits for EXEC after MULTI.
    pub(crate) fn is_queued(&self) -> bool {
        !self.has(flags::NO_QUEUE)
    }

    /// Whether it is refused between MULTI and EXEC.
    pub(crate) fn is_alone(&self) -> bool {
        self.has(flags::NO_MULTI)
    }

    /// Whether it is open to clients that listen to channels in RESP2.
    pub(crate) fn is_for_listeners(&self) -> bool {
        self.has(flags::LISTENING)
    }
}

/// A request whose command is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) spec: &'static Spec,
    /// The command's number, for counting.
    pub(crate) number: u64,
    /// How many words its name takes.
    words: usize,
    /// Which part of a module that was cut has its code; `None`: its core.
    pub(crate) part: Option<Part>,
}

impl Found {
    /// Whether looking up this request would find the same.
    pub(crate) fn is_meant_by(&self, argv: &[&[u8]]) -> bool {
        matches!(self.spec.action, Action::Parse(_))
            && self.words == 1
            && argv.first().is_some_and(|name| args::is(name, self.spec.name))
    }

    /// Whether the request has as many arguments as its command takes.
    pub(crate) fn test_arity(&self, argv: &[&[u8]]) -> Result<(), Refusal> {
        let Spec { name, arity, .. } = *self.spec;
        let (given, wanted) = (argv.len(), arity.unsigned_abs() as usize);
        let enough = if arity < 0 { given >= wanted } else { given == wanted };
        if enough { Ok(()) } else { Err(CommandError::WrongArity { command: name }.into()) }
    }

    /// Reads the request, which arrived at `now_ms`.
    pub(crate) fn parse<'a>(
        &self,
        argv: &'a [&'a [u8]],
        now_ms: u64,
    ) -> Result<Command<'a>, Refusal> {
        match self.spec.action {
            Action::Parse(parse) => parse(&mut Args::new(argv, self.words, self.spec.name, now_ms)),
            Action::Container(_) => {
                Ok(Command::Rest(RestCommand::Catalog(CatalogQuery::Info(&[]))))
            }
        }
    }
}

/// Positions of the keys among the arguments of a request.
pub fn positions_of_keys(argv: &[&[u8]]) -> Result<Vec<usize>, Refusal> {
    Ok(match find(argv)?.spec.keys {
        Keys::Range(0, _) => Vec::new(),
        Keys::Range(first, last) => {
            let end = if last < 0 { argv.len() as i32 + last } else { last };
            (first..=end.max(0) as usize).collect()
        }
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

/// Finds the command of a request and tests the arity.
pub(crate) fn find(argv: &[&[u8]]) -> Result<Found, Refusal> {
    let found = look_up(argv).ok_or_else(|| unknown::explain(argv))?;
    found.test_arity(argv)?;
    Ok(found)
}

/// Finds the command of a request, whatever arguments it has; `None`: there is none, and
/// [`unknown::explain`] says more.
pub(crate) fn look_up(argv: &[&[u8]]) -> Option<Found> {
    let at = search(&SPECS, argv.first().copied().unwrap_or_default())?;
    let spec = &SPECS[at];
    let part = spec.part;
    let number = at as u64 * NUMBERS;
    let (Action::Container(specs), Some(name)) = (&spec.action, argv.get(1)) else {
        return Some(Found { spec, number, words: 1, part });
    };
    let at = search(specs, name)?;
    let spec = &specs[at];
    let part = part.or(spec.part);
    Some(Found { spec, number: number + 1 + at as u64, words: 2, part })
}

/// Finds a command by its name alone, `container|subcommand` included.
pub(super) fn by_name(name: &[u8]) -> Option<&'static Spec> {
    let mut words = name.splitn(2, |&byte| byte == b'|');
    let spec = SPECS.get(search(&SPECS, words.next()?)?)?;
    let Some(subcommand) = words.next() else { return Some(spec) };
    let specs = spec.subcommands();
    specs.get(search(specs, subcommand)?)
}

/// Every command of the table has so many numbers, for itself and its subcommands.
const NUMBERS: u64 = 16;

/// No name has more bytes than this, its container's not counted.
const NAME_BYTES: usize = 16;

/// A name as a number, so that names are compared in one step: the order is the same.
const fn code(name: &[u8]) -> u128 {
    let mut bytes = [0; NAME_BYTES];
    let mut at = 0;
    while at < name.len() {
        bytes[at] = name[at].to_ascii_lowercase();
        at += 1;
    }
    u128::from_be_bytes(bytes)
}

/// What follows the container's name.
const fn own_name(name: &[u8]) -> &[u8] {
    let mut at = 0;
    while at < name.len() {
        if name[at] == b'|' {
            return name.split_at(at + 1).1;
        }
        at += 1;
    }
    name
}

/// Finds a name's place in an ordered table, in any case.
pub(super) fn search(specs: &[Spec], name: &[u8]) -> Option<usize> {
    if name.len() > NAME_BYTES {
        return None;
    }
    let code = code(name);
    specs.binary_search_by(|spec| spec.code.cmp(&code)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_ordered_by_name() {
        assert!(SPECS.is_sorted_by_key(|spec| spec.code));
        for spec in &SPECS {
            assert!(spec.subcommands().is_sorted_by_key(|spec| spec.code));
            assert!((spec.subcommands().len() as u64) < NUMBERS);
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
        assert_eq!(positions("BLPOP a b 0"), Ok([1, 2].into()));
        assert_eq!(positions("COPY a b DB 1"), Ok([1, 2].into()));
        assert_eq!(positions("PING"), Ok([].into()));
        assert!(positions("NOPE").is_err());
    }
}
