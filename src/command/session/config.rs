//! CONFIG: parameters that can be read and set while the engine runs.

use crate::command::args::Args;
use crate::error::{CommandError, Refusal};

/// A subcommand of CONFIG.
#[derive(Debug)]
pub(crate) enum ConfigCommand<'a> {
    /// `GET pattern …`
    Get(&'a [&'a [u8]]),
    ResetStatistics,
    /// `SET name value …`
    Set(&'a [&'a [u8]]),
}

impl<'a> ConfigCommand<'a> {
    pub(crate) fn parse_set(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let pairs = args.rest();
        if pairs.len() % 2 == 1 {
            return Err(CommandError::Syntax.into());
        }
        Ok(Self::Set(pairs))
    }
}

pub(crate) const CONFIG_HELP: &[&str] = &[
    "CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "GET <pattern>",
    "    Return parameters matching the glob-like <pattern> and their values.",
    "SET <directive> <value>",
    "    Set the configuration <directive> to <value>.",
    "RESETSTAT",
    "    Reset statistics reported by the INFO command.",
    "HELP",
    "    Print this help.",
];
