//! The subcommands of these containers.

use super::InspectionCommand;
use crate::command::specs::flags::{NONE, READONLY};
use crate::command::specs::{Keys, Spec, spec};
use crate::command::{Command, keys, xinfo};

fn help(lines: &'static [&'static str]) -> Command<'static> {
    Command::Inspection(InspectionCommand::Help(lines))
}

pub(super) static MEMORY: &[Spec] = &[
    spec("memory|help", 2, NONE, Keys::NONE, |_| Ok(help(keys::MEMORY_HELP))),
    spec("memory|usage", -3, READONLY, Keys::at(2), |args| {
        keys::Usage::parse(args).map(InspectionCommand::Usage).map(Command::Inspection)
    }),
];

pub(super) static OBJECT: &[Spec] = &[
    spec("object|encoding", 3, READONLY, Keys::at(2), |args| {
        keys::Encoding::parse(args).map(InspectionCommand::Encoding).map(Command::Inspection)
    }),
    spec("object|help", 2, NONE, Keys::NONE, |_| Ok(help(keys::HELP))),
];

pub(super) static XINFO: &[Spec] = &[
    spec("xinfo|consumers", 4, READONLY, Keys::at(2), |args| {
        xinfo::Info::parse_consumers(args).map(InspectionCommand::Info).map(Command::Inspection)
    }),
    spec("xinfo|groups", 3, READONLY, Keys::at(2), |args| {
        xinfo::Info::parse_groups(args).map(InspectionCommand::Info).map(Command::Inspection)
    }),
    spec("xinfo|help", 2, NONE, Keys::NONE, |_| Ok(help(xinfo::HELP))),
    spec("xinfo|stream", -3, READONLY, Keys::at(2), |args| {
        xinfo::Info::parse_stream(args).map(InspectionCommand::Info).map(Command::Inspection)
    }),
];
