//! The subcommands of the table's containers.

use super::specs::flags::{DENY_OOM, WRITE};
use super::specs::{Keys, Spec, joined, spec};
use super::{Command, rest, xgroup};
use crate::part::Part;

pub(super) static XGROUP: [Spec; CORE_OF_XGROUP.len() + rest::XGROUP.len()] =
    joined(&[(None, CORE_OF_XGROUP), (Some(Part::Rest), rest::XGROUP)]);

/// Those that are at hand in a module that was cut.
const CORE_OF_XGROUP: &[Spec] = &[
    spec("xgroup|create", -5, WRITE | DENY_OOM, Keys::at(2), |args| {
        xgroup::Group::parse_create(args).map(Command::Group)
    }),
    spec("xgroup|createconsumer", 5, WRITE | DENY_OOM, Keys::at(2), |args| {
        xgroup::Group::parse_create_consumer(args).map(Command::Group)
    }),
    spec("xgroup|destroy", 4, WRITE, Keys::at(2), |args| {
        xgroup::Group::parse_destroy(args).map(Command::Group)
    }),
];
