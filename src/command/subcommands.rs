//! The subcommands of the table's containers.

use super::catalog::{self, CatalogQuery};
use super::keys::{self, KeyCommand};
use super::session::{self, ClientCommand, ConfigCommand, SessionCommand};
use super::specs::flags::{ADMIN, DENY_OOM, NONE, PUBSUB, READONLY, WRITE};
use super::specs::{Keys, Spec, spec};
use super::{Command, xgroup, xinfo};

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
    spec("command|count", 2, NONE, Keys::NONE, |_| Ok(Command::Catalog(CatalogQuery::Count))),
    spec("command|docs", -2, NONE, Keys::NONE, |args| {
        Ok(Command::Catalog(CatalogQuery::Docs(args.rest())))
    }),
    spec("command|getkeys", -3, NONE, Keys::NONE, |args| {
        Ok(Command::Catalog(CatalogQuery::GetKeys(args.rest())))
    }),
    spec("command|help", 2, NONE, Keys::NONE, |_| Ok(Command::Help(catalog::HELP))),
    spec("command|info", -2, NONE, Keys::NONE, |args| {
        Ok(Command::Catalog(CatalogQuery::Info(args.rest())))
    }),
    spec("command|list", -2, NONE, Keys::NONE, |args| {
        CatalogQuery::parse_list(args).map(Command::Catalog)
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

pub(super) static MEMORY: &[Spec] = &[
    spec("memory|help", 2, NONE, Keys::NONE, |_| Ok(Command::Help(keys::MEMORY_HELP))),
    spec("memory|usage", -3, READONLY, Keys::at(2), |args| {
        keys::Usage::parse(args).map(KeyCommand::Usage).map(Command::Key)
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

pub(super) static XGROUP: &[Spec] = &[
    spec("xgroup|create", -5, WRITE | DENY_OOM, Keys::at(2), |args| {
        xgroup::Group::parse_create(args).map(Command::Group)
    }),
    spec("xgroup|createconsumer", 5, WRITE | DENY_OOM, Keys::at(2), |args| {
        xgroup::Group::parse_create_consumer(args).map(Command::Group)
    }),
    spec("xgroup|delconsumer", 5, WRITE, Keys::at(2), |args| {
        xgroup::Group::parse_delete_consumer(args).map(Command::Group)
    }),
    spec("xgroup|destroy", 4, WRITE, Keys::at(2), |args| {
        xgroup::Group::parse_destroy(args).map(Command::Group)
    }),
    spec("xgroup|help", 2, NONE, Keys::NONE, |_| Ok(Command::Help(xgroup::HELP))),
    spec("xgroup|setid", -5, WRITE, Keys::at(2), |args| {
        xgroup::Group::parse_set_id(args).map(Command::Group)
    }),
];

pub(super) static XINFO: &[Spec] = &[
    spec("xinfo|consumers", 4, READONLY, Keys::at(2), |args| {
        xinfo::Info::parse_consumers(args).map(Command::Info)
    }),
    spec("xinfo|groups", 3, READONLY, Keys::at(2), |args| {
        xinfo::Info::parse_groups(args).map(Command::Info)
    }),
    spec("xinfo|help", 2, NONE, Keys::NONE, |_| Ok(Command::Help(xinfo::HELP))),
    spec("xinfo|stream", -3, READONLY, Keys::at(2), |args| {
        xinfo::Info::parse_stream(args).map(Command::Info)
    }),
];
