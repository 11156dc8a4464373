//! The table of commands: name, arity, flags, where the keys stand, how to parse. The only truth
//! about the grammar; routing, COMMAND and completion read it. Its rows are here and in the parts.

use super::session::{self, SessionCommand};
use super::specs::flags::{
    BLOCKING, DENY_OOM, FAST, LISTENING, NO_AUTH, NO_QUEUE, READONLY, WRITE,
};
use super::specs::{Keys, Spec, container, joined, spec};
use super::subcommands::XGROUP;
use super::{
    Command, inspection, keys, rest, trim, xack, xadd, xautoclaim, xclaim, xdel, xlen, xnack,
    xpending, xrange, xread, xreadgroup,
};
use crate::part::Part;

/// Every command, ordered by name.
pub(super) static SPECS: [Spec; CORE.len() + inspection::SPECS.len() + rest::SPECS.len()] =
    joined(&[
        (None, CORE),
        (Some(Part::Inspection), inspection::SPECS),
        (Some(Part::Rest), rest::SPECS),
    ]);

/// The commands that are at hand in a module that was cut.
const CORE: &[Spec] = &[
    spec("auth", -2, NO_AUTH | FAST, Keys::NONE, |args| {
        session::Credentials::parse(args).map(SessionCommand::Authenticate).map(Command::Session)
    }),
    spec("del", -2, WRITE, Keys::from(1), |args| keys::Remove::parse(args).map(Command::Remove)),
    spec("discard", 1, FAST | NO_QUEUE, Keys::NONE, |_| {
        Ok(Command::Session(SessionCommand::Discard))
    }),
    spec("echo", 2, FAST, Keys::NONE, |args| session::Echo::parse(args).map(Command::Echo)),
    spec("exec", 1, NO_QUEUE, Keys::NONE, |_| Ok(Command::Session(SessionCommand::Execute))),
    spec("exists", -2, READONLY | FAST, Keys::from(1), |args| {
        keys::Exists::parse(args).map(Command::Exists)
    }),
    spec("hello", -1, NO_AUTH | FAST, Keys::NONE, |args| {
        session::Hello::parse(args).map(SessionCommand::Hello).map(Command::Session)
    }),
    spec("multi", 1, FAST | NO_QUEUE, Keys::NONE, |_| Ok(Command::Session(SessionCommand::Multi))),
    spec("ping", -1, FAST | LISTENING, Keys::NONE, |args| {
        session::Ping::parse(args).map(Command::Ping)
    }),
    spec("quit", -1, NO_AUTH | FAST | NO_QUEUE | LISTENING, Keys::NONE, |_| {
        Ok(Command::Session(SessionCommand::Quit))
    }),
    spec("reset", 1, NO_AUTH | FAST | NO_QUEUE | LISTENING, Keys::NONE, |_| {
        Ok(Command::Session(SessionCommand::Reset))
    }),
    spec("select", 2, FAST, Keys::NONE, |args| {
        keys::database(args.next()?).map(SessionCommand::Select).map(Command::Session)
    }),
    spec("time", 1, FAST, Keys::NONE, |_| Ok(Command::Time)),
    spec("type", 2, READONLY | FAST, Keys::at(1), |args| {
        keys::TypeOf::parse(args).map(Command::Type)
    }),
    spec("unlink", -2, WRITE | FAST, Keys::from(1), |args| {
        keys::Remove::parse(args).map(Command::Remove)
    }),
    spec("xack", -4, WRITE | FAST, Keys::at(1), |args| xack::Ack::parse(args).map(Command::Ack)),
    spec("xadd", -5, WRITE | DENY_OOM | FAST, Keys::at(1), |args| {
        xadd::Add::parse(args).map(Command::Add)
    }),
    spec("xautoclaim", -6, WRITE | FAST, Keys::at(1), |args| {
        xautoclaim::AutoClaim::parse(args).map(Command::AutoClaim)
    }),
    spec("xclaim", -6, WRITE | FAST, Keys::at(1), |args| {
        xclaim::Claim::parse(args).map(Command::Claim)
    }),
    spec("xdel", -3, WRITE | FAST, Keys::at(1), |args| {
        xdel::Delete::parse(args).map(Command::Delete)
    }),
    container("xgroup", -2, &XGROUP),
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
    spec("xtrim", -4, WRITE, Keys::at(1), |args| trim::Trim::parse(args).map(Command::Trim)),
];
