//! Commands that a page seldom uses: values that are no streams, DUMP, exports, what operators ask
//! for. Where a module is cut in two (`xtask`), they are its second half, which is loaded when
//! somebody first asks for one of them. So nothing outside may call what is here, and what is only
//! used here, but for a request whose command is one of these.

mod subcommands;

use super::plain::{self, End, PlainCommand};
use super::session::{self, SessionCommand};
use super::specs::flags::{BLOCKING, DENY_OOM, FAST, NONE, READONLY, WRITE};
use super::specs::{Keys, Spec, container, spec};
use super::{Command, Halt, Outcome, View, archive, catalog, dump};
use subcommands::{CLIENT, COMMAND, CONFIG, OBJECT, PUBSUB_QUERIES};

/// One of these commands that concerns keys or the commands themselves.
#[derive(Debug)]
pub(crate) enum RestCommand<'a> {
    Catalog(catalog::CatalogQuery<'a>),
    Dump(dump::Dump<'a>),
    Plain(PlainCommand<'a>),
    Restore(dump::Restore<'a>),
}

impl RestCommand<'_> {
    /// As [`Command::decide`]. Never a part of that: it would be in the first half then.
    #[inline(never)]
    pub(super) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        match self {
            Self::Catalog(command) => Ok(command.decide()?),
            Self::Dump(command) => command.decide(view),
            Self::Plain(command) => command.decide(view),
            Self::Restore(command) => command.decide(view),
        }
    }
}

fn plain(command: PlainCommand<'_>) -> Command<'_> {
    Command::Rest(RestCommand::Plain(command))
}

/// Their rows of the table, ordered by name.
pub(super) const SPECS: &[Spec] = &[
    spec("blpop", -3, WRITE | BLOCKING, Keys::Range(1, -2), |args| {
        plain::PopPlan::parse(args, End::Left).map(PlainCommand::PopOrWait).map(plain)
    }),
    spec("brpop", -3, WRITE | BLOCKING, Keys::Range(1, -2), |args| {
        plain::PopPlan::parse(args, End::Right).map(PlainCommand::PopOrWait).map(plain)
    }),
    container("client", -2, CLIENT),
    container("command", -1, COMMAND),
    container("config", -2, CONFIG),
    spec("decr", 2, WRITE | DENY_OOM | FAST, Keys::at(1), |args| {
        plain::Increment::parse(args, -1).map(PlainCommand::Increment).map(plain)
    }),
    spec("decrby", 3, WRITE | DENY_OOM | FAST, Keys::at(1), |args| {
        plain::Increment::parse(args, -1).map(PlainCommand::Increment).map(plain)
    }),
    spec("dump", 2, READONLY, Keys::at(1), |args| {
        dump::Dump::parse(args).map(RestCommand::Dump).map(Command::Rest)
    }),
    container("eddyline", -2, archive::SPECS),
    spec("get", 2, READONLY | FAST, Keys::at(1), |args| {
        plain::Get::parse(args).map(PlainCommand::Get).map(plain)
    }),
    spec("getdel", 2, WRITE | FAST, Keys::at(1), |args| {
        plain::Get::parse(args).map(plain::GetDelete).map(PlainCommand::GetDelete).map(plain)
    }),
    spec("hdel", -3, WRITE | FAST, Keys::at(1), |args| {
        plain::DeleteFields::parse(args).map(PlainCommand::DeleteFields).map(plain)
    }),
    spec("hget", 3, READONLY | FAST, Keys::at(1), |args| {
        plain::GetFields::parse(args, true).map(PlainCommand::GetFields).map(plain)
    }),
    spec("hgetall", 2, READONLY, Keys::at(1), |args| {
        args.next().map(PlainCommand::Fields).map(plain)
    }),
    spec("hincrby", 4, WRITE | DENY_OOM | FAST, Keys::at(1), |args| {
        plain::IncrementField::parse(args).map(PlainCommand::IncrementField).map(plain)
    }),
    spec("hlen", 2, READONLY | FAST, Keys::at(1), |args| {
        args.next().map(PlainCommand::CountFields).map(plain)
    }),
    spec("hmget", -3, READONLY | FAST, Keys::at(1), |args| {
        plain::GetFields::parse(args, false).map(PlainCommand::GetFields).map(plain)
    }),
    spec("hset", -4, WRITE | DENY_OOM | FAST, Keys::at(1), |args| {
        plain::SetFields::parse(args).map(PlainCommand::SetFields).map(plain)
    }),
    spec("incr", 2, WRITE | DENY_OOM | FAST, Keys::at(1), |args| {
        plain::Increment::parse(args, 1).map(PlainCommand::Increment).map(plain)
    }),
    spec("incrby", 3, WRITE | DENY_OOM | FAST, Keys::at(1), |args| {
        plain::Increment::parse(args, 1).map(PlainCommand::Increment).map(plain)
    }),
    spec("info", -1, NONE, Keys::NONE, |args| {
        Ok(Command::Session(SessionCommand::Info(session::InfoQuery::parse(args))))
    }),
    spec("llen", 2, READONLY | FAST, Keys::at(1), |args| {
        args.next().map(PlainCommand::Length).map(plain)
    }),
    spec("lpop", -2, WRITE | FAST, Keys::at(1), |args| {
        plain::Pop::parse(args, End::Left).map(PlainCommand::Pop).map(plain)
    }),
    spec("lpush", -3, WRITE | DENY_OOM | FAST, Keys::at(1), |args| {
        plain::Push::parse(args, End::Left).map(PlainCommand::Push).map(plain)
    }),
    spec("lrange", 4, READONLY, Keys::at(1), |args| {
        plain::Range::parse(args).map(PlainCommand::Range).map(plain)
    }),
    spec("mget", -2, READONLY | FAST, Keys::from(1), |args| {
        Ok(plain(PlainCommand::GetAll(args.rest())))
    }),
    container("object", -2, OBJECT),
    container("pubsub", -2, PUBSUB_QUERIES),
    spec("restore", -4, WRITE | DENY_OOM, Keys::at(1), |args| {
        dump::Restore::parse(args).map(RestCommand::Restore).map(Command::Rest)
    }),
    spec("rpop", -2, WRITE | FAST, Keys::at(1), |args| {
        plain::Pop::parse(args, End::Right).map(PlainCommand::Pop).map(plain)
    }),
    spec("rpush", -3, WRITE | DENY_OOM | FAST, Keys::at(1), |args| {
        plain::Push::parse(args, End::Right).map(PlainCommand::Push).map(plain)
    }),
    spec("sadd", -3, WRITE | DENY_OOM | FAST, Keys::at(1), |args| {
        plain::Members::parse(args).map(PlainCommand::AddMembers).map(plain)
    }),
    spec("scard", 2, READONLY | FAST, Keys::at(1), |args| {
        args.next().map(PlainCommand::Count).map(plain)
    }),
    spec("set", -3, WRITE | DENY_OOM, Keys::at(1), |args| {
        plain::Set::parse(args).map(PlainCommand::Set).map(plain)
    }),
    spec("setex", 4, WRITE | DENY_OOM, Keys::at(1), |args| {
        plain::Set::parse_with_seconds(args).map(PlainCommand::Set).map(plain)
    }),
    spec("setnx", 3, WRITE | DENY_OOM | FAST, Keys::at(1), |args| {
        plain::Set::parse_if_free(args).map(PlainCommand::Set).map(plain)
    }),
    spec("sismember", 3, READONLY | FAST, Keys::at(1), |args| {
        plain::IsMember::parse(args).map(PlainCommand::IsMember).map(plain)
    }),
    spec("smembers", 2, READONLY, Keys::at(1), |args| {
        args.next().map(PlainCommand::Members).map(plain)
    }),
    spec("srem", -3, WRITE | FAST, Keys::at(1), |args| {
        plain::Members::parse(args).map(PlainCommand::RemoveMembers).map(plain)
    }),
    spec("strlen", 2, READONLY | FAST, Keys::at(1), |args| {
        args.next().map(PlainCommand::TextBytes).map(plain)
    }),
];
