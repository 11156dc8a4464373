//! The subcommands of these containers.

use super::{RestCommand, help, seldom};
use crate::command::Command;
use crate::command::catalog::{self, CatalogQuery};
use crate::command::session::{self, ClientCommand, ConfigCommand, SeldomCommand};
use crate::command::specs::flags::{ADMIN, NONE, PUBSUB, WRITE};
use crate::command::specs::{Keys, Spec, spec};
use crate::command::xgroup_rest::{self, Regroup};

pub(super) static CLIENT: &[Spec] = &[
    spec("client|getname", 2, NONE, Keys::NONE, |_| {
        Ok(seldom(SeldomCommand::Client(ClientCommand::GetName)))
    }),
    spec("client|help", 2, NONE, Keys::NONE, |_| Ok(help(session::CLIENT_HELP))),
    spec("client|id", 2, NONE, Keys::NONE, |_| {
        Ok(seldom(SeldomCommand::Client(ClientCommand::Id)))
    }),
    spec("client|info", 2, NONE, Keys::NONE, |_| {
        Ok(seldom(SeldomCommand::Client(ClientCommand::Info)))
    }),
    spec("client|kill", -3, ADMIN, Keys::NONE, |args| {
        ClientCommand::parse_kill(args).map(SeldomCommand::Client).map(seldom)
    }),
    spec("client|list", -2, ADMIN, Keys::NONE, |args| {
        ClientCommand::parse_list(args).map(SeldomCommand::Client).map(seldom)
    }),
    spec("client|no-evict", 3, ADMIN, Keys::NONE, |args| {
        ClientCommand::parse_no_evict(args).map(SeldomCommand::Client).map(seldom)
    }),
    spec("client|no-touch", 3, NONE, Keys::NONE, |args| {
        ClientCommand::parse_no_touch(args).map(SeldomCommand::Client).map(seldom)
    }),
    spec("client|setinfo", 4, NONE, Keys::NONE, |args| {
        ClientCommand::parse_set_info(args).map(SeldomCommand::Client).map(seldom)
    }),
    spec("client|setname", 3, NONE, Keys::NONE, |args| {
        ClientCommand::parse_set_name(args).map(SeldomCommand::Client).map(seldom)
    }),
    spec("client|unblock", -3, ADMIN, Keys::NONE, |args| {
        ClientCommand::parse_unblock(args).map(SeldomCommand::Client).map(seldom)
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
    spec("command|help", 2, NONE, Keys::NONE, |_| Ok(help(catalog::HELP))),
    spec("command|info", -2, NONE, Keys::NONE, |args| {
        Ok(Command::Rest(RestCommand::Catalog(CatalogQuery::Info(args.rest()))))
    }),
    spec("command|list", -2, NONE, Keys::NONE, |args| {
        CatalogQuery::parse_list(args).map(RestCommand::Catalog).map(Command::Rest)
    }),
];

pub(super) static CONFIG: &[Spec] = &[
    spec("config|get", -3, ADMIN, Keys::NONE, |args| {
        Ok(seldom(SeldomCommand::Config(ConfigCommand::Get(args.rest()))))
    }),
    spec("config|help", 2, NONE, Keys::NONE, |_| Ok(help(session::CONFIG_HELP))),
    spec("config|resetstat", 2, ADMIN, Keys::NONE, |_| {
        Ok(seldom(SeldomCommand::Config(ConfigCommand::ResetStatistics)))
    }),
    spec("config|set", -4, ADMIN, Keys::NONE, |args| {
        ConfigCommand::parse_set(args).map(SeldomCommand::Config).map(seldom)
    }),
];

pub(super) static PUBSUB_QUERIES: &[Spec] = &[
    spec("pubsub|channels", -2, PUBSUB, Keys::NONE, |args| {
        SeldomCommand::parse_channels(args).map(seldom)
    }),
    spec("pubsub|help", 2, NONE, Keys::NONE, |_| Ok(help(session::PUBSUB_HELP))),
    spec("pubsub|numpat", 2, PUBSUB, Keys::NONE, |_| Ok(seldom(SeldomCommand::CountPatterns))),
    spec("pubsub|numsub", -2, PUBSUB, Keys::NONE, |args| {
        Ok(seldom(SeldomCommand::CountListeners(args.rest())))
    }),
];

pub(in crate::command) const XGROUP: &[Spec] = &[
    spec("xgroup|delconsumer", 5, WRITE, Keys::at(2), |args| {
        Regroup::parse_delete_consumer(args).map(RestCommand::Regroup).map(Command::Rest)
    }),
    spec("xgroup|help", 2, NONE, Keys::NONE, |_| Ok(help(xgroup_rest::HELP))),
    spec("xgroup|setid", -5, WRITE, Keys::at(2), |args| {
        Regroup::parse_set_id(args).map(RestCommand::Regroup).map(Command::Rest)
    }),
];
