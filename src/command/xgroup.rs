//! XGROUP: consumer groups and their consumers come, and groups go.

use super::args::{self, Args};
use super::{Halt, Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::op::Change;
use crate::reply::Reply;
use crate::stream::{EntryId, Stream};
use alloc::vec::Vec;

/// XGROUP CREATE takes no more words than this, whatever they are.
const MAX_CREATE_WORDS: usize = 8;
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
    /// `DESTROY key group`
    Destroy,
    /// `CREATECONSUMER key group consumer`
    CreateConsumer(&'a [u8]),
}

/// Where a group is put.
#[derive(Debug)]
pub(super) struct Position {
    /// `None`: the stream's last ID. The key is looked at before the ID, and before the number of
    /// words, so their errors wait here.
    pub(super) id: Result<Option<EntryId>, Refusal>,
    pub(super) entries_read: Option<u64>,
}

impl Position {
    pub(super) fn last_delivered(&self, stream: Option<&Stream>) -> Result<EntryId, Refusal> {
        let end = stream.map_or(EntryId::MIN, |stream| stream.last_id);
        self.id.clone().map(|id| id.unwrap_or(end))
    }

    /// The counter cannot be more than what was ever added.
    pub(super) fn entries_read(&self, stream: Option<&Stream>) -> Option<u64> {
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

    pub(crate) fn parse_destroy(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()?, group: args.next()?, action: Action::Destroy })
    }

    pub(crate) fn parse_create_consumer(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (key, group) = (args.next()?, args.next()?);
        Ok(Self { key, group, action: Action::CreateConsumer(args.next()?) })
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
                    Action::CreateConsumer(name) => self.create_consumer(view, stream, name),
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

    fn create_consumer<'c: 'k, 'k>(
        &'c self,
        view: View<'k>,
        stream: &Stream,
        consumer: &'c [u8],
    ) -> Result<Outcome<'c, 'k>, Halt> {
        if existing(stream, self.key, self.group)?.consumers().get(consumer).is_some() {
            return Ok(Outcome::reply(Reply::Integer(0)));
        }
        let change = Change::CreateConsumer { group: self.group, consumer, seen_ms: view.now_ms };
        Ok(Outcome::change(view.op(self.key, change), Reply::Integer(1)))
    }
}

/// A group that has to be there.
pub(super) fn existing<'k>(
    stream: &'k Stream,
    key: &[u8],
    group: &[u8],
) -> Result<&'k crate::stream::Group, Refusal> {
    stream.groups.get(group).ok_or_else(|| {
        let (key, group) = (args::quoted(key), args::quoted(group));
        CommandError::NoGroupForConsumer { key, group }.into()
    })
}

/// Takes `ENTRIESREAD n`, which is the only option left.
pub(super) fn take_entries_read(args: &mut Args<'_>) -> Result<Option<u64>, Refusal> {
    let text = args.take_with_value("ENTRIESREAD").ok_or_else(|| args.wrong_tail())?;
    match args::integer(text)? {
        -1 => Ok(None),
        read => Ok(Some(u64::try_from(read).map_err(|_| CommandError::EntriesRead)?)),
    }
}
