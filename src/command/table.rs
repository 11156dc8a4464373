//! The table of commands: name, arity, flags, where the keys stand, how to parse. The only truth
//! about the grammar; routing, COMMAND and completion read it. Its rows are here and in `rest`.

use super::keys::{self, Clock, KeyCommand};
use super::session::{self, SessionCommand, Topic};
use super::specs::flags::{
    ADMIN, BLOCKING, DENY_OOM, FAST, LISTENING, NO_AUTH, NO_MULTI, NO_QUEUE, PUBSUB, READONLY,
    WRITE,
};
use super::specs::{Keys, Spec, container, joined, spec};
use super::subcommands::{MEMORY, XGROUP, XINFO};
use super::{
    Command, idempotence, rest, trim, xack, xackdel, xadd, xautoclaim, xclaim, xdel, xdelex, xlen,
    xnack, xpending, xrange, xread, xreadgroup, xsetid,
};

/// Every command, ordered by name.
pub(super) static SPECS: [Spec; CORE.len() + rest::SPECS.len()] = joined(CORE, rest::SPECS);

/// The commands that are at hand in a module that was cut in two.
const CORE: &[Spec] = &[
    spec("auth", -2, NO_AUTH | FAST, Keys::NONE, |args| {
        session::Credentials::parse(args).map(SessionCommand::Authenticate).map(Command::Session)
    }),
    spec("copy", -3, WRITE | DENY_OOM, Keys::Range(1, 2), |args| {
        keys::Copy::parse(args).map(KeyCommand::Copy).map(Command::Key)
    }),
    spec("dbsize", 1, READONLY | FAST, Keys::NONE, |_| Ok(Command::Key(KeyCommand::DatabaseSize))),
    spec("del", -2, WRITE, Keys::from(1), |args| {
        keys::Remove::parse(args).map(KeyCommand::Remove).map(Command::Key)
    }),
    spec("discard", 1, FAST | NO_QUEUE, Keys::NONE, |_| {
        Ok(Command::Session(SessionCommand::Discard))
    }),
    spec("echo", 2, FAST, Keys::NONE, |args| session::Echo::parse(args).map(Command::Echo)),
    spec("exec", 1, NO_QUEUE, Keys::NONE, |_| Ok(Command::Session(SessionCommand::Execute))),
    spec("exists", -2, READONLY | FAST, Keys::from(1), |args| {
        keys::Exists::parse(args).map(KeyCommand::Exists).map(Command::Key)
    }),
    spec("expire", -3, WRITE | FAST, Keys::at(1), |args| {
        keys::Expire::parse(args, Clock::SECONDS).map(KeyCommand::Expire).map(Command::Key)
    }),
    spec("expireat", -3, WRITE | FAST, Keys::at(1), |args| {
        keys::Expire::parse(args, Clock::UNIX_SECONDS).map(KeyCommand::Expire).map(Command::Key)
    }),
    spec("expiretime", 2, READONLY | FAST, Keys::at(1), |args| {
        keys::Expiry::parse(args, Clock::UNIX_SECONDS).map(KeyCommand::Expiry).map(Command::Key)
    }),
    spec("flushall", -1, WRITE, Keys::NONE, |args| {
        keys::RemoveAll::parse_every_database(args).map(KeyCommand::RemoveAll).map(Command::Key)
    }),
    spec("flushdb", -1, WRITE, Keys::NONE, |args| {
        keys::RemoveAll::parse_database(args).map(KeyCommand::RemoveAll).map(Command::Key)
    }),
    spec("hello", -1, NO_AUTH | FAST, Keys::NONE, |args| {
        session::Hello::parse(args).map(SessionCommand::Hello).map(Command::Session)
    }),
    spec("keys", 2, READONLY, Keys::NONE, |args| {
        keys::Keys::parse(args).map(KeyCommand::Keys).map(Command::Key)
    }),
    container("memory", -2, MEMORY),
    spec("move", 3, WRITE | FAST, Keys::at(1), |args| {
        keys::Move::parse(args).map(KeyCommand::Move).map(Command::Key)
    }),
    spec("multi", 1, FAST | NO_QUEUE, Keys::NONE, |_| Ok(Command::Session(SessionCommand::Multi))),
    spec("persist", 2, WRITE | FAST, Keys::at(1), |args| {
        keys::Persist::parse(args).map(KeyCommand::Persist).map(Command::Key)
    }),
    spec("pexpire", -3, WRITE | FAST, Keys::at(1), |args| {
        keys::Expire::parse(args, Clock::MILLISECONDS).map(KeyCommand::Expire).map(Command::Key)
    }),
    spec("pexpireat", -3, WRITE | FAST, Keys::at(1), |args| {
        keys::Expire::parse(args, Clock::UNIX_MILLISECONDS)
            .map(KeyCommand::Expire)
            .map(Command::Key)
    }),
    spec("pexpiretime", 2, READONLY | FAST, Keys::at(1), |args| {
        keys::Expiry::parse(args, Clock::UNIX_MILLISECONDS)
            .map(KeyCommand::Expiry)
            .map(Command::Key)
    }),
    spec("ping", -1, FAST | LISTENING, Keys::NONE, |args| {
        session::Ping::parse(args).map(Command::Ping)
    }),
    spec("psubscribe", -2, PUBSUB | LISTENING, Keys::NONE, |args| {
        Ok(Command::Session(SessionCommand::Subscribe { names: args.rest(), to: Topic::Pattern }))
    }),
    spec("pttl", 2, READONLY | FAST, Keys::at(1), |args| {
        keys::Expiry::parse(args, Clock::MILLISECONDS).map(KeyCommand::Expiry).map(Command::Key)
    }),
    spec("publish", 3, PUBSUB | FAST, Keys::NONE, |args| {
        SessionCommand::parse_publish(args).map(Command::Session)
    }),
    spec("punsubscribe", -1, PUBSUB | LISTENING, Keys::NONE, |args| {
        Ok(Command::Session(SessionCommand::Unsubscribe {
            names: args.rest(),
            from: Topic::Pattern,
        }))
    }),
    spec("quit", -1, NO_AUTH | FAST | NO_QUEUE | LISTENING, Keys::NONE, |_| {
        Ok(Command::Session(SessionCommand::Quit))
    }),
    spec("rename", 3, WRITE, Keys::Range(1, 2), |args| {
        keys::Rename::parse(args, false).map(KeyCommand::Rename).map(Command::Key)
    }),
    spec("renamenx", 3, WRITE | FAST, Keys::Range(1, 2), |args| {
        keys::Rename::parse(args, true).map(KeyCommand::Rename).map(Command::Key)
    }),
    spec("reset", 1, NO_AUTH | FAST | NO_QUEUE | LISTENING, Keys::NONE, |_| {
        Ok(Command::Session(SessionCommand::Reset))
    }),
    spec("scan", -2, READONLY, Keys::NONE, |args| {
        keys::Scan::parse(args).map(KeyCommand::Scan).map(Command::Key)
    }),
    spec("select", 2, FAST, Keys::NONE, |args| {
        keys::database(args.next()?).map(SessionCommand::Select).map(Command::Session)
    }),
    spec("shutdown", -1, ADMIN | NO_MULTI, Keys::NONE, |args| {
        SessionCommand::parse_shutdown(args).map(Command::Session)
    }),
    spec("subscribe", -2, PUBSUB | LISTENING, Keys::NONE, |args| {
        Ok(Command::Session(SessionCommand::Subscribe { names: args.rest(), to: Topic::Channel }))
    }),
    spec("swapdb", 3, WRITE | FAST, Keys::NONE, |args| {
        keys::Swap::parse(args).map(KeyCommand::Swap).map(Command::Key)
    }),
    spec("time", 1, FAST, Keys::NONE, |_| Ok(Command::Time)),
    spec("ttl", 2, READONLY | FAST, Keys::at(1), |args| {
        keys::Expiry::parse(args, Clock::SECONDS).map(KeyCommand::Expiry).map(Command::Key)
    }),
    spec("type", 2, READONLY | FAST, Keys::at(1), |args| {
        keys::TypeOf::parse(args).map(KeyCommand::Type).map(Command::Key)
    }),
    spec("unlink", -2, WRITE | FAST, Keys::from(1), |args| {
        keys::Remove::parse(args).map(KeyCommand::Remove).map(Command::Key)
    }),
    spec("unsubscribe", -1, PUBSUB | LISTENING, Keys::NONE, |args| {
        Ok(Command::Session(SessionCommand::Unsubscribe {
            names: args.rest(),
            from: Topic::Channel,
        }))
    }),
    spec("unwatch", 1, FAST, Keys::NONE, |_| Ok(Command::Session(SessionCommand::Unwatch))),
    spec("watch", -2, FAST | NO_QUEUE, Keys::from(1), |args| {
        Ok(Command::Session(SessionCommand::Watch(args.rest())))
    }),
    spec("xack", -4, WRITE | FAST, Keys::at(1), |args| xack::Ack::parse(args).map(Command::Ack)),
    spec("xackdel", -6, WRITE | FAST, Keys::at(1), |args| {
        xackdel::AckDelete::parse(args).map(Command::AckDelete)
    }),
    spec("xadd", -5, WRITE | DENY_OOM | FAST, Keys::at(1), |args| {
        xadd::Add::parse(args).map(Command::Add)
    }),
    spec("xautoclaim", -6, WRITE | FAST, Keys::at(1), |args| {
        xautoclaim::AutoClaim::parse(args).map(Command::AutoClaim)
    }),
    spec("xcfgset", -2, WRITE | FAST, Keys::at(1), |args| {
        idempotence::Configure::parse(args).map(Command::Configure)
    }),
    spec("xclaim", -6, WRITE | FAST, Keys::at(1), |args| {
        xclaim::Claim::parse(args).map(Command::Claim)
    }),
    spec("xdel", -3, WRITE | FAST, Keys::at(1), |args| {
        xdel::Delete::parse(args).map(Command::Delete)
    }),
    spec("xdelex", -5, WRITE | FAST, Keys::at(1), |args| {
        xdelex::DeleteEx::parse(args).map(Command::DeleteEx)
    }),
    container("xgroup", -2, XGROUP),
    spec("xidmprecord", 5, WRITE | FAST, Keys::at(1), |args| {
        idempotence::Record::parse(args).map(Command::Record)
    }),
    container("xinfo", -2, XINFO),
    spec("xlen", 2, READONLY | FAST, Keys::at(1), |args| xlen::Len::parse(args).map(Command::Len)),
    spec("xnack", -7, WRITE | FAST, Keys::at(1), |args| {
        xnack::Nack::parse(args).map(Command::Nack)
    }),
    spec("xpending", -3, READONLY, Keys::at(1), |args| {
        xpending::PendingQuery::parse(args).map(Command::Pending)
    }),
    spec("xrange", -4, READONLY, Keys::at(1), |args| {
        xrange::RangeQuery::parse_forward(args).map(Command::Range)
    }),
    spec("xread", -4, READONLY | BLOCKING, Keys::Streams, |args| {
        xread::PlainRead::parse(args).map(Command::PlainRead)
    }),
    spec("xreadgroup", -7, WRITE | BLOCKING, Keys::Streams, |args| {
        xreadgroup::GroupRead::parse(args).map(Command::GroupRead)
    }),
    spec("xrevrange", -4, READONLY, Keys::at(1), |args| {
        xrange::RangeQuery::parse_backward(args).map(Command::Range)
    }),
    spec("xsetid", -3, WRITE | DENY_OOM | FAST, Keys::at(1), |args| {
        xsetid::SetId::parse(args).map(Command::SetId)
    }),
    spec("xtrim", -4, WRITE, Keys::at(1), |args| trim::Trim::parse(args).map(Command::Trim)),
];
