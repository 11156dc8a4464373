//! Commands: parsed once, decided against the keyspace, applied by the engine.

mod archive;
mod args;
mod catalog;
mod claim;
mod deliveries;
mod docs;
mod dump;
mod idempotence;
mod inspection;
mod keys;
mod overdue;
mod permissions;
mod plain;
mod references;
mod rest;
pub(crate) mod session;
mod specs;
mod subcommands;
mod table;
mod trim;
pub(crate) mod unknown;
mod xack;
mod xackdel;
mod xadd;
mod xautoclaim;
mod xclaim;
mod xdel;
mod xdelex;
mod xgroup;
mod xgroup_rest;
mod xinfo;
mod xlen;
mod xnack;
mod xpending;
mod xrange;
mod xread;
mod xreadgroup;
mod xsetid;

pub(crate) use archive::ArchiveCommand;
use inspection::InspectionCommand;
pub use permissions::Permissions;
use plain::PopPlan;
use rest::RestCommand;
use session::SessionCommand;
pub use specs::positions_of_keys;
pub(crate) use specs::{Found, Spec, look_up};
pub(crate) use xread::{PlainRead, Wait};
pub(crate) use xreadgroup::GroupRead;

use crate::error::{CommandError, Refusal};
use crate::keyspace::{Item, Keyspace, Value};
use crate::limits::Limits;
use crate::op::{Change, Key, Op};
use crate::plain::{Kind, Plain};
use crate::reply::Reply;
use crate::stream::{Direction, Entry, EntryId, Group, Memory, Missing, Stream};
use crate::wire::Protocol;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

/// A request that is sound in itself. What cannot be said in Redis' grammar cannot be built.
///
/// Where Redis looks at the keyspace before it looks at an argument, the command holds the
/// argument's error until then.
#[derive(Debug)]
pub(crate) enum Command<'a> {
    Ack(xack::Ack<'a>),
    Add(xadd::Add<'a>),
    AutoClaim(xautoclaim::AutoClaim<'a>),
    Claim(xclaim::Claim<'a>),
    Delete(xdel::Delete<'a>),
    Echo(session::Echo<'a>),
    Exists(keys::Exists<'a>),
    Group(xgroup::Group<'a>),
    GroupRead(GroupRead<'a>),
    Inspection(InspectionCommand<'a>),
    Len(xlen::Len<'a>),
    Nack(xnack::Nack<'a>),
    Pending(xpending::PendingQuery<'a>),
    Ping(session::Ping<'a>),
    PlainRead(PlainRead<'a>),
    Range(xrange::RangeQuery<'a>),
    Remove(keys::Remove<'a>),
    Rest(RestCommand<'a>),
    Session(SessionCommand<'a>),
    Time,
    Trim(trim::Trim<'a>),
    Type(keys::TypeOf<'a>),
}

/// What a command may look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'k> {
    pub(crate) keyspace: &'k Keyspace,
    pub(crate) limits: &'k Limits,
    pub(crate) db: u8,
    pub(crate) now_ms: u64,
    pub(crate) protocol: Protocol,
    /// Whether the client listens to channels.
    pub(crate) subscribed: bool,
}

impl<'k> View<'k> {
    pub(crate) fn key<'a>(&self, name: &'a [u8]) -> Key<'a> {
        Key { db: self.db, name }
    }

    /// What a key holds.
    pub(crate) fn item(&self, name: &[u8]) -> Option<&'k Item> {
        self.keyspace.item(self.key(name))
    }

    /// The stream that a key holds, if it holds anything.
    pub(crate) fn stream(&self, name: &[u8]) -> Result<Option<&'k Stream>, Refusal> {
        match self.item(name).map(|item| &item.value) {
            None => Ok(None),
            Some(Value::Stream(stream)) => Ok(Some(stream)),
            Some(Value::Plain(_)) => Err(CommandError::WrongType.into()),
        }
    }

    /// Entries of a stream, for a reply.
    pub(crate) fn entries(
        &self,
        stream: &'k Stream,
        range: RangeInclusive<EntryId>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Entry<'k>>, Halt> {
        self.admit_reply(|| stream.least_reply_bytes(&range, direction, limit))?;
        Ok(stream.entries(range, direction, limit)?)
    }

    /// Refuses a reply of more bytes than there may be; who sets no bound need not count them.
    pub(crate) fn admit_reply(&self, bytes: impl FnOnce() -> u64) -> Result<(), Refusal> {
        let most = self.limits.reply_bytes;
        if most < usize::MAX && bytes() > most as u64 {
            return Err(CommandError::ReplyTooLarge.into());
        }
        Ok(())
    }

    /// The value of this kind that a key holds, if it holds anything.
    pub(crate) fn plain(&self, name: &[u8], kind: Kind) -> Result<Option<&'k Plain>, Refusal> {
        match self.item(name).map(|item| &item.value) {
            None => Ok(None),
            Some(Value::Plain(plain)) if plain.kind == kind => Ok(Some(plain)),
            Some(_) => Err(CommandError::WrongType.into()),
        }
    }

    /// A stream and its group, where both are there.
    pub(crate) fn find_group(
        &self,
        key: &[u8],
        group: &[u8],
    ) -> Result<Option<(&'k Stream, &'k Group)>, Refusal> {
        let stream = self.stream(key)?;
        Ok(stream.and_then(|stream| Some((stream, stream.groups.get(group)?))))
    }

    /// A stream and its group.
    pub(crate) fn group(
        &self,
        key: &[u8],
        group: &[u8],
    ) -> Result<(&'k Stream, &'k Group), Refusal> {
        self.find_group(key, group)?.ok_or_else(|| {
            let (key, group) = (args::quoted(key), args::quoted(group));
            CommandError::NoGroup { key, group }.into()
        })
    }

    /// The change by which a consumer that asks for something comes into being, or is seen.
    pub(crate) fn meet<'a>(&self, name: &'a [u8], group: &Group, consumer: &'a [u8]) -> Change<'a> {
        let now_ms = self.now_ms;
        match group.consumers().get(consumer) {
            Some(_) => Change::See { group: name, consumer, at_ms: now_ms },
            None => Change::CreateConsumer { group: name, consumer, seen_ms: now_ms },
        }
    }

    /// The change by which a key gets an empty stream.
    pub(crate) fn create_stream<'a>(&self, name: &'a [u8]) -> Op<'a> {
        self.op(name, Change::CreateStream { memory: self.new_memory() })
    }

    /// How much a new stream remembers of its producers.
    pub(crate) fn new_memory(&self) -> Memory {
        let Limits { idmp_duration_s, idmp_max_ids, .. } = *self.limits;
        Memory { duration_s: idmp_duration_s, max_ids: idmp_max_ids }
    }

    pub(crate) fn op<'a>(&self, name: &'a [u8], change: Change<'a>) -> Op<'a> {
        Op { key: self.key(name), change }
    }
}

/// Why a command does not come to an answer.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The client has made a mistake. Nothing changes.
    Error(Refusal),
    /// Segments have to be loaded first. Nothing changes; the command is decided again.
    Need(Missing),
}

impl From<CommandError> for Halt {
    fn from(error: CommandError) -> Self {
        Self::Error(error.into())
    }
}

impl From<Refusal> for Halt {
    fn from(refusal: Refusal) -> Self {
        Self::Error(refusal)
    }
}

impl From<Missing> for Halt {
    fn from(missing: Missing) -> Self {
        Self::Need(missing)
    }
}

/// A command that waits for data.
#[derive(Debug)]
pub(crate) enum WaitPlan<'a> {
    Plain(PlainRead<'a>),
    Group(GroupRead<'a>),
    Pop(PopPlan<'a>),
}

impl WaitPlan<'_> {
    /// Decides the command again, now that something has happened.
    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        match self {
            Self::Plain(read) => read.decide(view),
            Self::Group(read) => read.decide(view),
            Self::Pop(pop) => pop.decide(view),
        }
    }

    /// The command once more, waiting for ever, with `$` as the ID that it meant when it came.
    pub(crate) fn request(&self) -> Vec<Cow<'_, [u8]>> {
        match self {
            Self::Plain(read) => read.request(),
            Self::Group(read) => read.request(),
            Self::Pop(pop) => pop.request(),
        }
    }

    /// The keys it waits for.
    pub(crate) fn keys(&self) -> Vec<&[u8]> {
        match self {
            Self::Plain(read) => read.keys(),
            Self::Group(read) => read.keys(),
            Self::Pop(pop) => pop.keys(),
        }
    }

    /// Whether it waits for values of this kind.
    pub(crate) fn waits_for(&self, value: &Value) -> bool {
        match self {
            Self::Plain(_) | Self::Group(_) => matches!(value, Value::Stream(_)),
            Self::Pop(_) => matches!(value, Value::Plain(plain) if plain.kind == Kind::List),
        }
    }

    /// Whether it is to be decided again when pending entries are given back.
    pub(crate) fn minds_release(&self) -> bool {
        matches!(self, Self::Group(read) if read.claims())
    }

    /// Whether it is to be decided again when a key or a group disappears, and not only when an
    /// entry appears.
    pub(crate) fn minds_removal(&self) -> bool {
        matches!(self, Self::Group(_))
    }
}

/// What deciding a command comes to: changes in the words of the command (`'c`), and a reply that
/// may borrow from the keyspace (`'k`) and so has to be encoded before they are applied.
#[derive(Debug)]
pub(crate) struct Outcome<'c, 'k> {
    /// What changes, in this order.
    pub(crate) ops: Vec<Op<'c>>,
    pub(crate) then: Then<'k>,
}

/// What the client gets.
#[derive(Debug)]
pub(crate) enum Then<'k> {
    Reply(Reply<'k>),
    /// Nothing yet: the client waits. Even if nothing happens, the read is decided again at
    /// `recheck_ms`.
    Wait {
        plan: Box<WaitPlan<'static>>,
        deadline_ms: Option<u64>,
        recheck_ms: Option<u64>,
    },
}

impl Then<'_> {
    /// The code of the error that the client gets, if it gets one.
    pub(crate) fn error_code(&self) -> Option<&'static str> {
        match self {
            Self::Reply(reply) => reply.error_code(),
            Self::Wait { .. } => None,
        }
    }
}

impl<'c, 'k> Outcome<'c, 'k> {
    pub(crate) fn reply(reply: Reply<'k>) -> Self {
        Self { ops: Vec::new(), then: Then::Reply(reply) }
    }

    pub(crate) fn change(op: Op<'c>, reply: Reply<'k>) -> Self {
        Self { ops: vec![op], then: Then::Reply(reply) }
    }

    pub(crate) fn changes(ops: Vec<Op<'c>>, reply: Reply<'k>) -> Self {
        Self { ops, then: Then::Reply(reply) }
    }
}

impl<'a> Command<'a> {
    /// Decides what the command changes and answers. Reads only.
    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        match self {
            Self::Ack(command) => command.decide(view),
            Self::Add(command) => command.decide(view),
            Self::AutoClaim(command) => command.decide(view),
            Self::Claim(command) => command.decide(view),
            Self::Delete(command) => command.decide(view),
            Self::Echo(command) => Ok(command.decide()),
            Self::Exists(command) => Ok(command.decide(view)),
            Self::Group(command) => command.decide(view),
            Self::GroupRead(command) => command.decide(view),
            Self::Inspection(command) => command.decide(view),
            Self::Len(command) => command.decide(view),
            Self::Nack(command) => command.decide(view),
            Self::Pending(command) => command.decide(view),
            Self::Ping(command) => Ok(command.decide(view)),
            Self::PlainRead(command) => command.decide(view),
            Self::Range(command) => command.decide(view),
            Self::Remove(command) => Ok(command.decide(view)),
            Self::Rest(command) => command.decide(view),
            Self::Session(_) => unreachable!("the engine carries out what concerns clients"),
            Self::Time => Ok(session::time(view)),
            Self::Trim(command) => command.decide(view),
            Self::Type(command) => Ok(command.decide(view)),
        }
    }
}
