//! EDDYLINE: keys leave as an export file and come from one, piece by piece.
//!
//! A key at the end of READ, WRITE, COMMIT and ABORT changes nothing: it is there for those who find
//! the way to an engine by the keys of a request.

use super::Command;
use super::args::Args;
use super::rest::help;
use super::session::SessionCommand;
use super::specs::flags::{DENY_OOM, NO_MULTI, NONE, READONLY, WRITE};
use super::specs::{Keys, Spec, spec};
use crate::error::{CommandError, Refusal};

/// A subcommand of EDDYLINE. What it begins is the client's own and ends with it.
#[derive(Debug)]
pub(crate) enum ArchiveCommand<'a> {
    /// The export or import ends, and leaves nothing.
    Abort,
    /// The import ends: its keys appear all at once.
    Commit,
    /// An export of these keys, or of all of all databases, begins: as they are now.
    Export(&'a [&'a [u8]]),
    /// An import begins.
    Import {
        replace: bool,
        /// The name for the file's one key, in the client's database.
        to: Option<&'a [u8]>,
    },
    /// The export's next bytes.
    Read,
    /// The import's next bytes.
    Write(&'a [u8]),
}

impl<'a> ArchiveCommand<'a> {
    /// `EDDYLINE IMPORT [REPLACE]`, `EDDYLINE RECEIVE key [REPLACE]`
    fn parse_import(args: &mut Args<'a>, to: Option<&'a [u8]>) -> Result<Command<'a>, Refusal> {
        let replace = args.take("REPLACE");
        if args.left() > 0 {
            Err(CommandError::Syntax.into())
        } else {
            run(Self::Import { replace, to })
        }
    }
}

pub(super) static SPECS: &[Spec] = &[
    spec("eddyline|abort", -2, READONLY | NO_MULTI, Keys::from(2), |_| run(ArchiveCommand::Abort)),
    spec("eddyline|commit", -2, WRITE | NO_MULTI, Keys::from(2), |_| run(ArchiveCommand::Commit)),
    spec("eddyline|export", -2, READONLY | NO_MULTI, Keys::from(2), |args| {
        run(ArchiveCommand::Export(args.rest()))
    }),
    spec("eddyline|help", 2, NONE, Keys::NONE, |_| Ok(help(HELP))),
    spec("eddyline|import", -2, WRITE | DENY_OOM | NO_MULTI, Keys::NONE, |args| {
        ArchiveCommand::parse_import(args, None)
    }),
    spec("eddyline|read", -2, READONLY | NO_MULTI, Keys::from(2), |_| run(ArchiveCommand::Read)),
    spec("eddyline|receive", -3, WRITE | DENY_OOM | NO_MULTI, Keys::at(2), |args| {
        let to = args.next()?;
        ArchiveCommand::parse_import(args, Some(to))
    }),
    spec("eddyline|write", -3, WRITE | DENY_OOM | NO_MULTI, Keys::from(3), |args| {
        args.next().map(ArchiveCommand::Write).and_then(run)
    }),
];

fn run(command: ArchiveCommand<'_>) -> Result<Command<'_>, Refusal> {
    Ok(Command::Session(SessionCommand::Archive(command)))
}

const HELP: &[&str] = &[
    "EDDYLINE <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "ABORT [<key>]",
    "    End the export or import of this connection.",
    "COMMIT [<key>]",
    "    End the import: its keys appear, all at once. Return how many.",
    "EXPORT [<key> ...]",
    "    Begin to export keys as they are now (default: all, of all databases).",
    "    Return how many there are.",
    "IMPORT [REPLACE]",
    "    Begin an import, which keeps its keys to itself until COMMIT.",
    "READ [<key>]",
    "    Return the next bytes of the export, or a null at its end.",
    "RECEIVE <key> [REPLACE]",
    "    Begin an import of one key, which gets this name.",
    "WRITE <bytes> [<key>]",
    "    Give the import its next bytes. Return how many keys have come.",
    "HELP",
    "    Print this help.",
];
