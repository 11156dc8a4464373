//! Keys as such, whatever they hold: which there are, when they expire, where they go.

mod expire;
mod memory;
mod object;
mod remove;
mod rename;
mod scan;

pub(crate) use expire::{Clock, Expire, Expiry, Persist};
pub(crate) use memory::{MEMORY_HELP, Usage};
pub(crate) use object::{Encoding, HELP};
pub(crate) use remove::{Exists, Remove, RemoveAll, TypeOf};
pub(crate) use rename::{Copy, Move, Rename, Swap, database};
pub(crate) use scan::{Keys, Scan, database_size};

use super::{Outcome, View};
use crate::error::Refusal;

/// A command on keys that is of the rest of a module that was cut (see `rest`).
#[derive(Debug)]
pub(crate) enum KeyCommand<'a> {
    Copy(Copy<'a>),
    Expire(Expire<'a>),
    Expiry(Expiry<'a>),
    Move(Move<'a>),
    Persist(Persist<'a>),
    RemoveAll(RemoveAll),
    Rename(Rename<'a>),
    Swap(Swap),
}

impl KeyCommand<'_> {
    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        Ok(match self {
            Self::Copy(command) => command.decide(view)?,
            Self::Expire(command) => command.decide(view),
            Self::Expiry(command) => command.decide(view),
            Self::Move(command) => command.decide(view)?,
            Self::Persist(command) => command.decide(view),
            Self::RemoveAll(command) => command.decide(view),
            Self::Rename(command) => command.decide(view)?,
            Self::Swap(command) => command.decide(view),
        })
    }
}
