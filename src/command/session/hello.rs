//! PING, ECHO, HELLO, TIME and the HELP texts.

use super::Credentials;
use crate::command::args::{self, Args};
use crate::command::{Outcome, View};
use crate::error::{CommandError, Refusal};
use crate::integer::Text;
use crate::reply::Reply;
use crate::wire::Protocol;
use alloc::vec;
use alloc::vec::Vec;

/// The version of Redis whose behaviour is followed.
pub(crate) const REDIS_VERSION: &str = "8.8.0";

/// `PING [message]`
#[derive(Debug)]
pub(crate) struct Ping<'a> {
    message: Option<&'a [u8]>,
}

impl<'a> Ping<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        if args.left() > 1 {
            return Err(args.wrong_arity());
        }
        Ok(Self { message: args.peek() })
    }

    /// A subscriber that speaks RESP2 gets an array, as its messages are.
    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Outcome<'c, 'k> {
        if view.subscribed && view.protocol == Protocol::Resp2 {
            let message = Reply::text(self.message.unwrap_or_default());
            return Outcome::reply(Reply::Array(vec![Reply::text(b"pong"), message]));
        }
        Outcome::reply(self.message.map_or(Reply::Simple("PONG"), Reply::text))
    }
}

/// `ECHO message`
#[derive(Debug)]
pub(crate) struct Echo<'a> {
    message: &'a [u8],
}

impl<'a> Echo<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { message: args.next()? })
    }

    pub(crate) fn decide(&self) -> Outcome<'_, '_> {
        Outcome::reply(Reply::text(self.message))
    }
}

/// `HELLO [protover [AUTH username password] [SETNAME clientname]]`
#[derive(Debug)]
pub(crate) struct Hello<'a> {
    /// `None`: stay with the protocol that is spoken.
    pub(crate) protocol: Option<Protocol>,
    pub(crate) credentials: Option<Credentials<'a>>,
    pub(crate) name: Option<&'a [u8]>,
}

impl<'a> Hello<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let mut hello = Self { protocol: None, credentials: None, name: None };
        if args.left() == 0 {
            return Ok(hello);
        }
        let version = args::integer(args.next()?).map_err(|_| CommandError::HelloVersion)?;
        hello.protocol = Some(match version {
            2 => Protocol::Resp2,
            3 => Protocol::Resp3,
            _ => return Err(CommandError::NoProto.into()),
        });
        while let Some(option) = args.peek() {
            if args.left() >= 3 && args.take("AUTH") {
                let (user, password) = (Some(args.next()?), args.next()?);
                hello.credentials = Some(Credentials { user, password });
            } else if let Some(name) = args.take_with_value("SETNAME") {
                hello.name = Some(super::client::name(name)?);
            } else {
                return Err(CommandError::HelloSyntax(args::quoted(option)).into());
            }
        }
        Ok(hello)
    }

    /// What a client is told of the server.
    pub(crate) fn reply(protocol: Protocol, client: u64) -> Reply<'static> {
        let version = match protocol {
            Protocol::Resp2 => 2,
            Protocol::Resp3 => 3,
        };
        Reply::map([
            ("server", Reply::text(b"redis")),
            ("version", Reply::text(REDIS_VERSION.as_bytes())),
            ("proto", Reply::Integer(version)),
            ("id", Reply::count(client)),
            ("mode", Reply::text(b"standalone")),
            ("role", Reply::text(b"master")),
            ("modules", Reply::Array(Vec::new())),
        ])
    }
}

/// `TIME`
pub(crate) fn time(view: View<'_>) -> Outcome<'static, 'static> {
    let text = |number| Reply::owned(Text::unsigned(number).as_bytes());
    let (seconds, microseconds) = (view.now_ms / 1000, view.now_ms % 1000 * 1000);
    Outcome::reply(Reply::Array(vec![text(seconds), text(microseconds)]))
}

/// The lines of a HELP text.
pub(crate) fn help(lines: &'static [&'static str]) -> Outcome<'static, 'static> {
    Outcome::reply(Reply::Array(lines.iter().copied().map(Reply::Simple).collect()))
}
