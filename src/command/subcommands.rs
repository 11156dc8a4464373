//! The subcommands of the table's containers.

use super::keys::{self, KeyCommand};
use super::specs::flags::{DENY_OOM, NONE, READONLY, WRITE};
use super::specs::{Keys, Spec, spec};
use super::{Command, xgroup, xinfo};

pub(super) static MEMORY: &[Spec] = &[
    spec("memory|help", 2, NONE, Keys::NONE, |_| Ok(Command::Help(keys::MEMORY_HELP))),
    spec("memory|usage", -3, READONLY, Keys::at(2), |args| {
        keys::Usage::parse(args).map(KeyCommand::Usage).map(Command::Key)
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
