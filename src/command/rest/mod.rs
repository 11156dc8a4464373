//! Commands that a page seldom uses: values that are no streams, DUMP, exports, what operators ask
//! for. Where a module is cut (`xtask`), they are a part of it that is loaded when somebody first
//! asks for one of them. So nothing outside may call what is here, and what is only used here, but
//! for a request whose command is one of these.

mod subcommands;

use super::keys::{self, Clock, KeyCommand};
use super::plain::{self, End, PlainCommand};
use super::session::{self, SeldomCommand, SessionCommand, Topic};
use super::specs::flags::{
    ADMIN, BLOCKING, DENY_OOM, FAST, LISTENING, NO_MULTI, NO_QUEUE, NONE, PUBSUB, READONLY, WRITE,
};
use super::specs::{Keys, Spec, container, spec};
use super::{
    Command, Halt, Outcome, View, archive, catalog, dump, idempotence, xackdel, xdelex,
    xgroup_rest, xsetid,
};
pub(super) use subcommands::XGROUP;
use subcommands::{CLIENT, COMMAND, CONFIG, PUBSUB_QUERIES};

/// One of these commands that concerns keys or the commands themselves.
#[derive(Debug)]
pub(crate) enum RestCommand<'a> {
    AckDelete(xackdel::AckDelete<'a>),
    Catalog(catalog::CatalogQuery<'a>),
    Configure(idempotence::Configure<'a>),
    DeleteEx(xdelex::DeleteEx<'a>),
    Dump(dump::Dump<'a>),
    Help(&'static [&'static str]),
    Key(KeyCommand<'a>),
    Plain(PlainCommand<'a>),
    Record(idempotence::Record<'a>),
    Regroup(xgroup_rest::Regroup<'a>),
    Restore(dump::Restore<'a>),
    SetId(xsetid::SetId<'a>),
}

impl RestCommand<'_> {
    /// As [`Command::decide`]. Never a part of that: it would be in the core then.
    #[inline(never)]
    pub(super) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Halt> {
        match self {
            Self::AckDelete(command) => command.decide(view),
            Self::Catalog(command) => Ok(command.decide()?),
            Self::Configure(command) => command.decide(view),
            Self::DeleteEx(command) => command.decide(view),
            Self::Dump(command) => command.decide(view),
            Self::Help(lines) => Ok(session::help(lines)),
            Self::Key(command) => Ok(command.decide(view)?),
            Self::Plain(command) => command.decide(view),
            Self::Record(command) => command.decide(view),
            Self::Regroup(command) => command.decide(view),
            Self::Restore(command) => command.decide(view),
            Self::SetId(command) => command.decide(view),
        }
    }
}

pub(super) fn help(lines: &'static [&'static str]) -> Command<'static> {
    Command::Rest(RestCommand::Help(lines))
}

fn key(command: KeyCommand<'_>) -> Command<'_> {
    Command::Rest(RestCommand::Key(command))
}

fn plain(command: PlainCommand<'_>) -> Command<'_> {
    Command::Rest(RestCommand::Plain(command))
}

/// One that the engine carries out.
fn seldom(command: SeldomCommand<'_>) -> Command<'_> {
    Command::Session(SessionCommand::Seldom(command))
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
    spec("copy", -3, WRITE | DENY_OOM, Keys::Range(1, 2), |args| {
        keys::Copy::parse(args).map(KeyCommand::Copy).map(key)
    }),
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
    spec("expire", -3, WRITE | FAST, Keys::at(1), |args| {
        keys::Expire::parse(args, Clock::SECONDS).map(KeyCommand::Expire).map(key)
    }),
    spec("expireat", -3, WRITE | FAST, Keys::at(1), |args| {
        keys::Expire::parse(args, Clock::UNIX_SECONDS).map(KeyCommand::Expire).map(key)
    }),
    spec("expiretime", 2, READONLY | FAST, Keys::at(1), |args| {
        keys::Expiry::parse(args, Clock::UNIX_SECONDS).map(KeyCommand::Expiry).map(key)
    }),
    spec("flushall", -1, WRITE, Keys::NONE, |args| {
        keys::RemoveAll::parse_every_database(args).map(KeyCommand::RemoveAll).map(key)
    }),
    spec("flushdb", -1, WRITE, Keys::NONE, |args| {
        keys::RemoveAll::parse_database(args).map(KeyCommand::RemoveAll).map(key)
    }),
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
        Ok(seldom(SeldomCommand::Info(session::InfoQuery::parse(args))))
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
    spec("move", 3, WRITE | FAST, Keys::at(1), |args| {
        keys::Move::parse(args).map(KeyCommand::Move).map(key)
    }),
    spec("persist", 2, WRITE | FAST, Keys::at(1), |args| {
        keys::Persist::parse(args).map(KeyCommand::Persist).map(key)
    }),
    spec("pexpire", -3, WRITE | FAST, Keys::at(1), |args| {
        keys::Expire::parse(args, Clock::MILLISECONDS).map(KeyCommand::Expire).map(key)
    }),
    spec("pexpireat", -3, WRITE | FAST, Keys::at(1), |args| {
        keys::Expire::parse(args, Clock::UNIX_MILLISECONDS).map(KeyCommand::Expire).map(key)
    }),
    spec("pexpiretime", 2, READONLY | FAST, Keys::at(1), |args| {
        keys::Expiry::parse(args, Clock::UNIX_MILLISECONDS).map(KeyCommand::Expiry).map(key)
    }),
    spec("psubscribe", -2, PUBSUB | LISTENING, Keys::NONE, |args| {
        Ok(seldom(SeldomCommand::Subscribe { names: args.rest(), to: Topic::Pattern }))
    }),
    spec("pttl", 2, READONLY | FAST, Keys::at(1), |args| {
        keys::Expiry::parse(args, Clock::MILLISECONDS).map(KeyCommand::Expiry).map(key)
    }),
    spec("publish", 3, PUBSUB | FAST, Keys::NONE, |args| {
        SeldomCommand::parse_publish(args).map(seldom)
    }),
    container("pubsub", -2, PUBSUB_QUERIES),
    spec("punsubscribe", -1, PUBSUB | LISTENING, Keys::NONE, |args| {
        Ok(seldom(SeldomCommand::Unsubscribe { names: args.rest(), from: Topic::Pattern }))
    }),
    spec("rename", 3, WRITE, Keys::Range(1, 2), |args| {
        keys::Rename::parse(args, false).map(KeyCommand::Rename).map(key)
    }),
    spec("renamenx", 3, WRITE | FAST, Keys::Range(1, 2), |args| {
        keys::Rename::parse(args, true).map(KeyCommand::Rename).map(key)
    }),
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
    spec("shutdown", -1, ADMIN | NO_MULTI, Keys::NONE, |args| {
        SeldomCommand::parse_shutdown(args).map(seldom)
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
    spec("subscribe", -2, PUBSUB | LISTENING, Keys::NONE, |args| {
        Ok(seldom(SeldomCommand::Subscribe { names: args.rest(), to: Topic::Channel }))
    }),
    spec("swapdb", 3, WRITE | FAST, Keys::NONE, |args| {
        keys::Swap::parse(args).map(KeyCommand::Swap).map(key)
    }),
    spec("ttl", 2, READONLY | FAST, Keys::at(1), |args| {
        keys::Expiry::parse(args, Clock::SECONDS).map(KeyCommand::Expiry).map(key)
    }),
    spec("unsubscribe", -1, PUBSUB | LISTENING, Keys::NONE, |args| {
        Ok(seldom(SeldomCommand::Unsubscribe { names: args.rest(), from: Topic::Channel }))
    }),
    spec("unwatch", 1, FAST, Keys::NONE, |_| Ok(seldom(SeldomCommand::Unwatch))),
    spec("watch", -2, FAST | NO_QUEUE, Keys::from(1), |args| {
        Ok(seldom(SeldomCommand::Watch(args.rest())))
    }),
    spec("xackdel", -6, WRITE | FAST, Keys::at(1), |args| {
        xackdel::AckDelete::parse(args).map(RestCommand::AckDelete).map(Command::Rest)
    }),
    spec("xcfgset", -2, WRITE | FAST, Keys::at(1), |args| {
        idempotence::Configure::parse(args).map(RestCommand::Configure).map(Command::Rest)
    }),
    spec("xdelex", -5, WRITE | FAST, Keys::at(1), |args| {
        xdelex::DeleteEx::parse(args).map(RestCommand::DeleteEx).map(Command::Rest)
    }),
    spec("xidmprecord", 5, WRITE | FAST, Keys::at(1), |args| {
        idempotence::Record::parse(args).map(RestCommand::Record).map(Command::Rest)
    }),
    spec("xsetid", -3, WRITE | DENY_OOM | FAST, Keys::at(1), |args| {
        xsetid::SetId::parse(args).map(RestCommand::SetId).map(Command::Rest)
    }),
];
