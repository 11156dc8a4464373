//! The subcommands of these containers.

use super::RestCommand;
use crate::command::Command;
use crate::command::catalog::{self, CatalogQuery};
use crate::command::keys::{self, KeyCommand};
use crate::command::session::{self, ClientCommand, ConfigCommand, SessionCommand};
use crate::command::specs::flags::{ADMIN, NONE, PUBSUB, READONLY};
use crate::command::specs::{Keys, Spec, spec};

pub(super) static CLIENT: &[Spec] = &[
    spec("client|getname", 2, NONE, Keys::NONE, |_| {
        Ok(Command::Session(SessionCommand::Client(ClientCommand::GetName)))
    }),
    spec("client|help", 2, NONE, Keys::NONE, |_| Ok(Command::Help(session::CLIENT_HELP))),
    spec("client|id", 2, NONE, Keys::NONE, |_| {
        Ok(Command::Session(SessionCommand::Client(ClientCommand::Id)))
    }),
    spec("client|info", 2, NONE, Keys::NONE, |_| {
        Ok(Command::Session(SessionCommand::Client(ClientCommand::Info)))
    }),
    spec("client|kill", -3, ADMIN, Keys::NONE, |args| {
        ClientCommand::parse_kill(args).map(SessionCommand::Client).map(Command::Session)
    }),
    spec("client|list", -2, ADMIN, Keys::NONE, |args| {
        ClientCommand::parse_list(args).map(SessionCommand::Client).map(Command::Session)
    }),
    spec("client|no-evict", 3, ADMIN, Keys::NONE, |args| {
        ClientCommand::parse_no_evict(args).map(SessionCommand::Client).map(Command::Session)
    }),
    spec("client|no-touch", 3, NONE, Keys::NONE, |args| {
        ClientCommand::parse_no_touch(args).map(SessionCommand::Client).map(Command::Session)
    }),
    spec("client|setinfo", 4, NONE, Keys::NONE, |args| {
        ClientCommand::parse_set_info(args).map(SessionCommand::Client).map(Command::Session)
    }),
    spec("client|setname", 3, NONE, Keys::NONE, |args| {
        ClientCommand::parse_set_name(args).map(SessionCommand::Client).map(Command::Session)
    }),
    spec("client|unblock", -3, ADMIN, Keys::NONE, |args| {
        ClientCommand::parse_unblock(args).map(SessionCommand::Client).map(Command::Session)
    }),
];

pub(super) static COMMAND: &[Spec] = &[
    spec("command|count", 2, NONE, Keys::NONE, |_| {
        Ok(Command::Rest(RestCommand::Catalog(CatalogQuery::Count)))
    }),
    spec("command|docs", -2, NONE, Keys::NONE, |args| {
        Ok(Command::Rest(RestCommand::Catalog(CatalogQuery::Docs(args.rest()))))
    }),
    spec("command|getkeys", -3, NONE, Keys::NONE, |args| {
        Ok(Command::Rest(RestCommand::Catalog(CatalogQuery::GetKeys(args.rest()))))
    }),
    spec("command|help", 2, NONE, Keys::NONE, |_| Ok(Command::Help(catalog::HELP))),
    spec("command|info", -2, NONE, Keys::NONE, |args| {
        Ok(Command::Rest(RestCommand::Catalog(CatalogQuery::Info(args.rest()))))
    }),
    spec("command|list", -2, NONE, Keys::NONE, |args| {
        CatalogQuery::parse_list(args).map(RestCommand::Catalog).map(Command::Rest)
    }),
];

pub(super) static CONFIG: &[Spec] = &[
    spec("config|get", -3, ADMIN, Keys::NONE, |args| {
        Ok(Command::Session(SessionCommand::Config(ConfigCommand::Get(args.rest()))))
    }),
    spec("config|help", 2, NONE, Keys::NONE, |_| Ok(Command::Help(session::CONFIG_HELP))),
    spec("config|resetstat", 2, ADMIN, Keys::NONE, |_| {
        Ok(Command::Session(SessionCommand::Config(ConfigCommand::ResetStatistics)))
    }),
    spec("config|set", -4, ADMIN, Keys::NONE, |args| {
        ConfigCommand::parse_set(args).map(SessionCommand::Config).map(Command::Session)
    }),
];

pub(super) static OBJECT: &[Spec] = &[
    spec("object|encoding", 3, READONLY, Keys::at(2), |args| {
        keys::Encoding::parse(args).map(KeyCommand::Encoding).map(Command::Key)
    }),
    spec("object|help", 2, NONE, Keys::NONE, |_| Ok(Command::Help(keys::HELP))),
];

pub(super) static PUBSUB_QUERIES: &[Spec] = &[
    spec("pubsub|channels", -2, PUBSUB, Keys::NONE, |args| {
        SessionCommand::parse_channels(args).map(Command::Session)
    }),
    spec("pubsub|help", 2, NONE, Keys::NONE, |_| Ok(Command::Help(session::PUBSUB_HELP))),
    spec("pubsub|numpat", 2, PUBSUB, Keys::NONE, |_| {
        Ok(Command::Session(SessionCommand::CountPatterns))
    }),
    spec("pubsub|numsub", -2, PUBSUB, Keys::NONE, |args| {
        Ok(Command::Session(SessionCommand::CountListeners(args.rest())))
    }),
];
