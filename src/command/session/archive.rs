//! EDDYLINE: keys leave as an export file and come from one, piece by piece.

use crate::command::args::Args;
use crate::error::CommandError;

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
    /// `EDDYLINE IMPORT [REPLACE] [AS key]`
    pub(crate) fn parse_import(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let (mut replace, mut to) = (false, None);
        while args.left() > 0 {
            if args.take("REPLACE") {
                replace = true;
            } else if let Some(key) = args.take_with_value("AS") {
                to = Some(key);
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(Self::Import { replace, to })
    }
}

pub(crate) const ARCHIVE_HELP: &[&str] = &[
    "EDDYLINE <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "ABORT",
    "    End the export or import of this connection.",
    "COMMIT",
    "    End the import: its keys appear, all at once. Return how many.",
    "EXPORT [<key> ...]",
    "    Begin to export keys as they are now (default: all, of all databases).",
    "    Return how many there are.",
    "IMPORT [REPLACE] [AS <key>]",
    "    Begin an import, which keeps its keys to itself until COMMIT.",
    "READ",
    "    Return the next bytes of the export, or a null at its end.",
    "WRITE <bytes>",
    "    Give the import its next bytes. Return how many keys have come.",
    "HELP",
    "    Print this help.",
];
