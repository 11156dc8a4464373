//! Random sequences sent to the engine and to a real server, which must not be told apart but for
//! the differences that are listed.
#![allow(dead_code, unused_imports, reason = "every test binary uses a part of it")]

mod counters;
mod differences;
mod moments;
mod pair;
mod questions;
mod remote;
mod sequence;
mod stamps;
mod story;
mod table;

pub(crate) use differences::{Difference, Used};
pub(crate) use moments::now_ms;
pub(crate) use pair::Pair;
pub(crate) use remote::Remote;
pub(crate) use sequence::{Event, Sequence, Setting};
pub(crate) use story::as_scenario;
pub(crate) use table::DIFFERENCES;
