//! XGROUP: consumer groups and their consumers come, go and are set to a position.

use super::args::{self, Args};
use super::{Halt, Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::op::Change;
use crate::reply::Reply;
use crate::stream::{Bound, EntryId, Stream};
use alloc::vec::Vec;

/// XGROUP CREATE takes no more words than this, whatever they are.
const MAX_CREATE_WORDS: usize = 8;
/// XGROUP SETID takes no more words than this.
const MAX_SET_ID_WORDS: usize = 7;

/// `XGROUP subcommand key group …`
#[derive(Debug)]
pub(crate) struct Group<'a> {
    key: &'a [u8],
    group: &'a [u8],
    action: Action<'a>,
}

#[derive(Debug)]
enum Action<'a> {
    /// `CREATE key group <id|$> [MKSTREAM] [ENTRIESREAD n]`
    Create { position: Position, make_stream: bool },
    /// `SETID key group <id|$> [ENTRIESREAD n]`
    SetId(Position),
    /// `DESTROY key group`
    Destroy,
    /// `CREATECONSUMER key group consumer`
    CreateConsumer(&'a [u8]),
    /// `DELCONSUMER key group consumer`
    DeleteConsumer(&'a [u8]),
}

/// Where a group is put.
#[derive(Debug)]
struct Position {
    /// `None`: the stream's last ID. The key is looked at before the ID, and before the number of
    /// words, so their errors wait here.
    id: Result<Option<EntryId>, Refusal>,
    entries_read: Option<u64>,
}

impl Position {
    fn last_delivered(&self, stream: Option<&Stream>) -> Result<EntryId, Refusal> {
        let end = stream.map_or(EntryId::MIN, |stream| stream.last_id);
        self.id.clone().map(|id| id.unwrap_or(end))
    }

    /// The counter cannot be more than what was ever added.
    fn entries_read(&self, stream: Option<&Stream>) -> Option<u64> {
        let added = stream.map_or(0, |stream| stream.entries_added);
        self.entries_read.map(|read| read.min(added))
    }
}

impl<'a> Group<'a> {
    pub(crate) fn parse_create(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (key, group, id) = (args.next()?, args.next()?, args.next()?);
        let (mut make_stream, mut entries_read) = (false, None);
        while args.left() > 0 {
            if args.take("MKSTREAM") {
                make_stream = true;
            } else {
                entries_read = take_entries_read(args)?;
            }
        }
        let id = match id {
            _ if args.total() > MAX_CREATE_WORDS => Err(args.wrong_tail()),
            b"$" => Ok(None),
            id => EntryId::parse(id, 0).map(Some),
        };
        let action = Action::Create { position: Position { id, entries_read }, make_stream };
        Ok(Self { key, group, action })
    }

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

    pub(crate) fn parse_destroy(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()?, group: args.next()?, action: Action::Destroy })
    }

    pub(crate) fn parse_create_consumer(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (key, group) = (args.next()?, args.next()?);
        Ok(Self { key, group, action: Action::CreateConsumer(args.next()?) })
    }

    pub(crate) fn parse_delete_consumer(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (key, group) = (args.next()?, args.next()?);
        Ok(Self { key, group, action: Action::DeleteConsumer(args.next()?) })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        let stream = view.stream(self.key)?;
        match &self.action {
            Action::Create { position, make_stream: true } => self.create(view, stream, position),
            action => {
                let stream = stream.ok_or(CommandError::KeyMissingForGroup)?;
                match action {
                    Action::Create { position, .. } => self.create(view, Some(stream), position),
                    Action::Destroy => Ok(self.destroy(view, stream)),
                    Action::SetId(position) => self.set_id(view, stream, position),
                    Action::CreateConsumer(name) => self.create_consumer(view, stream, name),
                    Action::DeleteConsumer(name) => self.delete_consumer(view, stream, name),
                }
            }
        }
    }

    fn create<'c: 'k, 'k>(
        &'c self,
        view: View<'k>,
        stream: Option<&Stream>,
        position: &Position,
    ) -> Result<Outcome<'c, 'k>, Halt> {
        let last_delivered = position.last_delivered(stream)?;
        let mut ops = Vec::with_capacity(2);
        match stream {
            None => ops.push(view.create_stream(self.key)),
            Some(stream) if stream.groups.contains(self.group) => {
                return Err(CommandError::BusyGroup.into());
            }
            Some(_) => {}
        }
        let entries_read = position.entries_read(stream);
        let change = Change::CreateGroup { group: self.group, last_delivered, entries_read };
        ops.push(view.op(self.key, change));
        Ok(Outcome::changes(ops, Reply::OK))
    }

    fn destroy<'c: 'k, 'k>(&'c self, view: View<'k>, stream: &Stream) -> Outcome<'c, 'k> {
        if !stream.groups.contains(self.group) {
            return Outcome::reply(Reply::Integer(0));
        }
        let change = Change::DestroyGroup { group: self.group };
        Outcome::change(view.op(self.key, change), Reply::Integer(1))
    }

    fn set_id<'c: 'k, 'k>(
        &'c self,
        view: View<'k>,
        stream: &Stream,
        position: &Position,
    ) -> Result<Outcome<'c, 'k>, Halt> {
        self.existing(stream)?;
        let change = Change::MoveGroup {
            group: self.group,
            last_delivered: position.last_delivered(Some(stream))?,
            entries_read: position.entries_read(Some(stream)),
        };
        Ok(Outcome::change(view.op(self.key, change), Reply::OK))
    }

    fn create_consumer<'c: 'k, 'k>(
        &'c self,
        view: View<'k>,
        stream: &Stream,
        consumer: &'c [u8],
    ) -> Result<Outcome<'c, 'k>, Halt> {
        if self.existing(stream)?.consumers().get(consumer).is_some() {
            return Ok(Outcome::reply(Reply::Integer(0)));
        }
        let change = Change::CreateConsumer { group: self.group, consumer, seen_ms: view.now_ms };
        Ok(Outcome::change(view.op(self.key, change), Reply::Integer(1)))
    }

    fn delete_consumer<'c: 'k, 'k>(
        &'c self,
        view: View<'k>,
        stream: &Stream,
        consumer: &'c [u8],
    ) -> Result<Outcome<'c, 'k>, Halt> {
        let Some(found) = self.existing(stream)?.consumers().get(consumer) else {
            return Ok(Outcome::reply(Reply::Integer(0)));
        };
        let pending = Reply::count(found.pending);
        let change = Change::DeleteConsumer { group: self.group, consumer };
        Ok(Outcome::change(view.op(self.key, change), pending))
    }

    fn existing<'k>(&self, stream: &'k Stream) -> Result<&'k crate::stream::Group, Refusal> {
        stream.groups.get(self.group).ok_or_else(|| {
            let (key, group) = (args::quoted(self.key), args::quoted(self.group));
            CommandError::NoGroupForConsumer { key, group }.into()
        })
    }
}

/// Takes `ENTRIESREAD n`, which is the only option left.
fn take_entries_read(args: &mut Args<'_>) -> Result<Option<u64>, Refusal> {
    let text = args.take_with_value("ENTRIESREAD").ok_or_else(|| args.wrong_tail())?;
    match args::integer(text)? {
        -1 => Ok(None),
        read => Ok(Some(u64::try_from(read).map_err(|_| CommandError::EntriesRead)?)),
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
