//! XGROUP SETID and DELCONSUMER: groups are put elsewhere, and consumers go. Of the rest of a module
//! that was cut, as few pages do so.

use super::args::Args;
use super::xgroup::{Position, existing, take_entries_read};
use super::{Halt, Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::op::Change;
use crate::reply::Reply;
use crate::stream::{Bound, EntryId, Stream};

/// XGROUP SETID takes no more words than this.
const MAX_SET_ID_WORDS: usize = 7;

/// `XGROUP subcommand key group …`
#[derive(Debug)]
pub(crate) struct Regroup<'a> {
    key: &'a [u8],
    group: &'a [u8],
    action: Action<'a>,
}

#[derive(Debug)]
enum Action<'a> {
    /// `SETID key group <id|$> [ENTRIESREAD n]`
    SetId(Position),
    /// `DELCONSUMER key group consumer`
    DeleteConsumer(&'a [u8]),
}

impl<'a> Regroup<'a> {
    pub(crate) fn parse_set_id(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (key, group, id) = (args.next()?, args.next()?, args.next()?);
        let mut entries_read = None;
        while args.left() > 0 {
            entries_read = take_entries_read(args)?;
        }
        let id = match id {
            _ if args.total() > MAX_SET_ID_WORDS => Err(args.wrong_tail()),
            b"$" => Ok(None),
            b"-" | b"+" => Bound::Start.parse(id).map(Some),
            id => EntryId::parse(id, 0).map(Some),
        };
        Ok(Self { key, group, action: Action::SetId(Position { id, entries_read }) })
    }

    pub(crate) fn parse_delete_consumer(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (key, group) = (args.next()?, args.next()?);
        Ok(Self { key, group, action: Action::DeleteConsumer(args.next()?) })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let stream = view.stream(self.key)?.ok_or(CommandError::KeyMissingForGroup)?;
        match &self.action {
            Action::SetId(position) => self.set_id(view, stream, position),
            Action::DeleteConsumer(name) => self.delete_consumer(view, stream, name),
        }
    }

    fn set_id<'c: 'k, 'k>(
        &'c self,
        view: View<'k>,
        stream: &Stream,
        position: &Position,
    ) -> Result<Outcome<'c, 'k>, Halt> {
        existing(stream, self.key, self.group)?;
        let change = Change::MoveGroup {
            group: self.group,
            last_delivered: position.last_delivered(Some(stream))?,
            entries_read: position.entries_read(Some(stream)),
        };
        Ok(Outcome::change(view.op(self.key, change), Reply::OK))
    }

    fn delete_consumer<'c: 'k, 'k>(
        &'c self,
        view: View<'k>,
        stream: &Stream,
        consumer: &'c [u8],
    ) -> Result<Outcome<'c, 'k>, Halt> {
        let Some(found) = existing(stream, self.key, self.group)?.consumers().get(consumer) else {
            return Ok(Outcome::reply(Reply::Integer(0)));
        };
        let pending = Reply::count(found.pending);
        let change = Change::DeleteConsumer { group: self.group, consumer };
        Ok(Outcome::change(view.op(self.key, change), pending))
    }
}

/// What `XGROUP HELP` prints.
pub(crate) const HELP: &[&str] = &[
    "XGROUP <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "CREATE <key> <groupname> <id|$> [option]",
    "    Create a new consumer group. Options are:",
    "    * MKSTREAM",
    "      Create the empty stream if it does not exist.",
    "    * ENTRIESREAD entries_read",
    "      Set the group's entries_read counter (internal use).",
    "CREATECONSUMER <key> <groupname> <consumer>",
    "    Create a new consumer in the specified group.",
    "DELCONSUMER <key> <groupname> <consumer>",
    "    Remove the specified consumer.",
    "DESTROY <key> <groupname>",
    "    Remove the specified group.",
    "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
    "    Set the current group ID and entries_read counter.",
    "HELP",
    "    Print this help.",
];
