//! PING, ECHO, HELLO, QUIT and the HELP texts: what concerns a connection and no key.

use super::args::{self, Args};
use super::{Outcome, Then, View};
use crate::error::CommandError;
use crate::reply::Reply;
use crate::wire::Protocol;
use alloc::vec::Vec;

/// The version of Redis whose behaviour is followed.
pub(crate) const REDIS_VERSION: &str = "8.8.0";

/// `PING [message]`
#[derive(Debug)]
pub(crate) struct Ping<'a> {
    message: Option<&'a [u8]>,
}

impl<'a> Ping<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        if args.left() > 1 {
            return Err(args.wrong_arity());
        }
        Ok(Self { message: args.peek() })
    }

    pub(crate) fn decide(&self) -> Outcome<'_, '_> {
        Outcome::reply(self.message.map_or(Reply::Simple("PONG"), Reply::text))
    }
}

/// `ECHO message`
#[derive(Debug)]
pub(crate) struct Echo<'a> {
    message: &'a [u8],
}

impl<'a> Echo<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        Ok(Self { message: args.next()? })
    }

    pub(crate) fn decide(&self) -> Outcome<'_, '_> {
        Outcome::reply(Reply::text(self.message))
    }
}

/// `HELLO [protover [AUTH username password] [SETNAME clientname]]`
///
/// The engine knows no users: who may talk to it is the host's business, so the words after AUTH
/// and SETNAME are read and passed over.
#[derive(Debug)]
pub(crate) struct Hello {
    /// `None`: stay with the protocol that is spoken.
    protocol: Option<Protocol>,
}

impl Hello {
    pub(crate) fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        if args.left() == 0 {
            return Ok(Self { protocol: None });
        }
        let version = args::integer(args.next()?).map_err(|_| CommandError::HelloVersion)?;
        let protocol = match version {
            2 => Protocol::Resp2,
            3 => Protocol::Resp3,
            _ => return Err(CommandError::NoProto),
        };
        while let Some(option) = args.peek() {
            if args.left() >= 3 && args.take("AUTH") {
                let (_user, _password) = (args.next()?, args.next()?);
            } else if args.take_with_value("SETNAME").is_none() {
                return Err(CommandError::HelloSyntax(args::quoted(option)));
            }
        }
        Ok(Self { protocol: Some(protocol) })
    }

    pub(crate) fn decide<'c, 'k>(&self, view: View<'k>) -> Outcome<'c, 'k> {
        let protocol = self.protocol.unwrap_or(view.protocol);
        let version = match protocol {
            Protocol::Resp2 => 2,
            Protocol::Resp3 => 3,
        };
        let reply = Reply::map([
            ("server", Reply::text(b"redis")),
            ("version", Reply::text(REDIS_VERSION.as_bytes())),
            ("proto", Reply::Integer(version)),
            ("id", Reply::count(view.client)),
            ("mode", Reply::text(b"standalone")),
            ("role", Reply::text(b"master")),
            ("modules", Reply::Array(Vec::new())),
        ]);
        Outcome { ops: Vec::new(), then: Then::Switch(protocol, reply) }
    }
}

/// The lines of a HELP text.
pub(crate) fn help(lines: &'static [&'static str]) -> Outcome<'static, 'static> {
    Outcome::reply(Reply::Array(lines.iter().copied().map(Reply::Simple).collect()))
}
