//! Commands of those who look at streams: which keys there are, what they hold, how groups get on.
//! Where a module is cut (`xtask`), they are a part of it that is loaded when somebody first asks for
//! one of them; see `rest`.

mod subcommands;

use super::specs::flags::{FAST, READONLY};
use super::specs::{Keys, Spec, container, spec};
use super::{Command, Halt, Outcome, View, keys, session, xinfo};
use subcommands::{MEMORY, OBJECT, XINFO};

/// One of these commands.
#[derive(Debug)]
pub(crate) enum InspectionCommand<'a> {
    DatabaseSize,
    Encoding(keys::Encoding<'a>),
    Help(&'static [&'static str]),
    Info(xinfo::Info<'a>),
    Keys(keys::Keys<'a>),
    Scan(keys::Scan<'a>),
    Usage(keys::Usage<'a>),
}

impl InspectionCommand<'_> {
    /// As [`Command::decide`]. Never a part of that: it would be in the core then.
    #[inline(never)]
    pub(super) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        match self {
            Self::DatabaseSize => Ok(keys::database_size(view)),
            Self::Encoding(command) => Ok(command.decide(view)),
            Self::Help(lines) => Ok(session::help(lines)),
            Self::Info(command) => command.decide(view),
            Self::Keys(command) => Ok(command.decide(view)),
            Self::Scan(command) => Ok(command.decide(view)),
            Self::Usage(command) => Ok(command.decide(view)),
        }
    }
}

/// Their rows of the table, ordered by name.
pub(super) const SPECS: &[Spec] = &[
    spec("dbsize", 1, READONLY | FAST, Keys::NONE, |_| {
        Ok(Command::Inspection(InspectionCommand::DatabaseSize))
    }),
    spec("keys", 2, READONLY, Keys::NONE, |args| {
        keys::Keys::parse(args).map(InspectionCommand::Keys).map(Command::Inspection)
    }),
    container("memory", -2, MEMORY),
    container("object", -2, OBJECT),
    spec("scan", -2, READONLY, Keys::NONE, |args| {
        keys::Scan::parse(args).map(InspectionCommand::Scan).map(Command::Inspection)
    }),
    container("xinfo", -2, XINFO),
];
