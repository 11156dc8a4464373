//! The subcommands of the table's containers.

use super::specs::flags::{DENY_OOM, NONE, WRITE};
use super::specs::{Keys, Spec, spec};
use super::{Command, xgroup};

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
