//! Commands that concern clients and the server rather than keys. They are parsed here; the engine,
//! which has the clients, carries them out.

mod client;
mod config;
mod hello;
mod info;

pub(crate) use client::{CLIENT_HELP, ClientCommand, ClientFilter};
pub(crate) use config::{CONFIG_HELP, ConfigCommand};
pub(crate) use hello::{Echo, Hello, Ping, REDIS_VERSION, help, time};
pub(crate) use info::{InfoQuery, Section};

use super::archive::ArchiveCommand;
use super::args::Args;
use crate::error::{CommandError, Refusal};

/// A command that the engine carries out.
#[derive(Debug)]
pub(crate) enum SessionCommand<'a> {
    Archive(ArchiveCommand<'a>),
    Authenticate(Credentials<'a>),
    Discard,
    Execute,
    Hello(Hello<'a>),
    Multi,
    Quit,
    Reset,
    Seldom(SeldomCommand<'a>),
    Select(u8),
}

/// One of them that is of the rest of a module that was cut (see `rest`).
#[derive(Debug)]
pub(crate) enum SeldomCommand<'a> {
    /// `PUBSUB CHANNELS [pattern]`
    Channels(Option<&'a [u8]>),
    Client(ClientCommand<'a>),
    Config(ConfigCommand<'a>),
    /// `PUBSUB NUMSUB [channel ...]`
    CountListeners(&'a [&'a [u8]]),
    /// `PUBSUB NUMPAT`
    CountPatterns,
    Info(InfoQuery),
    Publish {
        channel: &'a [u8],
        message: &'a [u8],
    },
    /// `abort`: an earlier one is to be called off.
    Shutdown {
        abort: bool,
    },
    Subscribe {
        names: &'a [&'a [u8]],
        to: Topic,
    },
    Unsubscribe {
        names: &'a [&'a [u8]],
        from: Topic,
    },
    Unwatch,
    Watch(&'a [&'a [u8]]),
}

/// Who a client says it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Credentials<'a> {
    /// `None`: the default user.
    pub(crate) user: Option<&'a [u8]>,
    pub(crate) password: &'a [u8],
}

impl<'a> Credentials<'a> {
    /// `AUTH [username] password`
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        match args.rest() {
            [password] => Ok(Self { user: None, password }),
            [user, password] => Ok(Self { user: Some(user), password }),
            _ => Err(CommandError::Syntax.into()),
        }
    }
}

pub(crate) const PUBSUB_HELP: &[&str] = &[
    "PUBSUB <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "CHANNELS [<pattern>]",
    "    Return the currently active channels matching a <pattern> (default: '*').",
    "NUMPAT",
    "    Return number of subscriptions to patterns.",
    "NUMSUB [<channel> ...]",
    "    Return the number of subscribers for the specified channels, excluding",
    "    pattern subscriptions(default: no channels).",
    "HELP",
    "    Print this help.",
];

/// What is subscribed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    Channel,
    Pattern,
}

impl<'a> SeldomCommand<'a> {
    /// `PUBLISH channel message`
    pub(crate) fn parse_publish(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self::Publish { channel: args.next()?, message: args.next()? })
    }

    /// `SHUTDOWN [[NOSAVE|SAVE] [NOW] [FORCE] | ABORT]`
    pub(crate) fn parse_shutdown(args: &mut Args<'a>) -> Result<Self, Refusal> {
        const OPTIONS: [&str; 5] = ["SAVE", "NOSAVE", "NOW", "FORCE", "ABORT"];
        let mut given = [false; OPTIONS.len()];
        while args.left() > 0 {
            let option = OPTIONS.iter().position(|option| args.take(option));
            given[option.ok_or(CommandError::Syntax)?] = true;
        }
        match given {
            [true, true, ..] => Err(CommandError::Syntax.into()),
            [false, false, false, false, abort] => Ok(Self::Shutdown { abort }),
            [.., true] => Err(CommandError::Syntax.into()),
            [.., false] => Ok(Self::Shutdown { abort: false }),
        }
    }

    /// `PUBSUB CHANNELS [pattern]`
    pub(crate) fn parse_channels(args: &mut Args<'a>) -> Result<Self, Refusal> {
        match *args.rest() {
            [] => Ok(Self::Channels(None)),
            [pattern] => Ok(Self::Channels(Some(pattern))),
            _ => Err(args.wrong_tail()),
        }
    }
}
