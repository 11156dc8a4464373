//! Commands on the values that keep streams company.

mod hash;
mod list;
mod pop;
mod set;
mod text;

pub(crate) use hash::{DeleteFields, GetFields, IncrementField, SetFields};
pub(crate) use list::{Pop, Push, Range};
pub(crate) use pop::PopPlan;
pub(crate) use set::{IsMember, Members};
pub(crate) use text::{Get, GetDelete, Increment, Set};

use super::{Halt, Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::op::Change;
use crate::plain::{Kind, Plain};
use crate::reply::Reply;
use alloc::vec::Vec;

/// A command on a value that is no stream.
#[derive(Debug)]
pub(crate) enum PlainCommand<'a> {
    AddMembers(Members<'a>),
    Count(&'a [u8]),
    CountFields(&'a [u8]),
    DeleteFields(DeleteFields<'a>),
    Fields(&'a [u8]),
    Get(Get<'a>),
    GetAll(&'a [&'a [u8]]),
    GetDelete(GetDelete<'a>),
    GetFields(GetFields<'a>),
    Increment(Increment<'a>),
    IncrementField(IncrementField<'a>),
    IsMember(IsMember<'a>),
    Length(&'a [u8]),
    Members(&'a [u8]),
    Pop(Pop<'a>),
    PopOrWait(PopPlan<'a>),
    Push(Push<'a>),
    Range(Range<'a>),
    RemoveMembers(Members<'a>),
    Set(Set<'a>),
    SetFields(SetFields<'a>),
    TextBytes(&'a [u8]),
}

impl PlainCommand<'_> {
    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let outcome = match self {
            Self::AddMembers(command) => command.add(view),
            Self::Count(key) => set::count(key, view),
            Self::CountFields(key) => hash::count(key, view),
            Self::DeleteFields(command) => command.decide(view),
            Self::Fields(key) => hash::fields(key, view),
            Self::Get(command) => command.decide(view),
            Self::GetAll(keys) => Ok(text::get_all(keys, view)),
            Self::GetDelete(command) => command.decide(view),
            Self::GetFields(command) => command.decide(view),
            Self::Increment(command) => command.decide(view),
            Self::IncrementField(command) => command.decide(view),
            Self::IsMember(command) => command.decide(view),
            Self::Length(key) => list::length(key, view),
            Self::Members(key) => set::members(key, view),
            Self::Pop(command) => command.decide(view),
            Self::PopOrWait(command) => return command.decide(view),
            Self::Push(command) => command.decide(view),
            Self::Range(command) => command.decide(view),
            Self::RemoveMembers(command) => command.remove(view),
            Self::Set(command) => command.decide(view),
            Self::SetFields(command) => command.decide(view),
            Self::TextBytes(key) => text::bytes(key, view),
        };
        Ok(outcome?)
    }
}

/// The end of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Left,
    Right,
}

/// The texts of a value, where there is one.
fn texts<'k>(view: View<'k>, key: &[u8], kind: Kind) -> Result<Vec<&'k [u8]>, Refusal> {
    let plain = view.plain(key, kind)?;
    Ok(plain.into_iter().flat_map(Plain::texts).collect())
}

/// The key comes to hold these texts, or nothing if there are none.
fn put<'c, 'k>(
    view: View<'k>,
    key: &'c [u8],
    kind: Kind,
    texts: &[&[u8]],
    reply: Reply<'k>,
) -> Result<Outcome<'c, 'k>, Refusal> {
    if texts.is_empty() {
        return Ok(Outcome::change(view.op(key, Change::RemoveKey), reply));
    }
    let plain = Plain::new(kind, texts.iter().copied());
    let max_bytes = view.limits.plain_bytes;
    if plain.bytes() > max_bytes {
        return Err(CommandError::ValueTooLarge { max_bytes }.into());
    }
    Ok(Outcome::change(view.op(key, Change::Put { plain }), reply))
}

/// The integer that a text is, one step further.
fn incremented(text: Option<&[u8]>, by: i64, not_integer: CommandError) -> Result<i64, Refusal> {
    let value = match text {
        None => 0,
        Some(text) => crate::integer::parse(text).ok_or(not_integer)?,
    };
    Ok(value.checked_add(by).ok_or(CommandError::IncrementOverflow)?)
}
