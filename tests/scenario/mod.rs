//! Scenarios as data: what a `tests/cases/*.txt` file says, and the steps every host can run.
//! The notation is defined in `tests/cases/README.md`; the TypeScript runner reads the same page.
#![allow(dead_code, unused_imports, reason = "every test binary uses a part of it")]

mod parse;
mod run;

use crate::resp::Reply;
use std::path::Path;

pub(crate) use parse::{ParseError, parse};
pub(crate) use run::{Target, run};

/// Every file of `tests/cases` by name, without its ending.
///
/// # Panics
/// When a file is not in the notation.
pub(crate) fn all() -> Vec<(String, Vec<Scenario>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files = Vec::new();
    for item in std::fs::read_dir(&folder).expect("tests/cases is there") {
        let path = item.expect("tests/cases can be listed").path();
        if path.extension().is_some_and(|ending| ending == "txt") {
            let text = std::fs::read_to_string(&path).expect("a scenario file is UTF-8");
            let scenarios = parse(&text).unwrap_or_else(|error| {
                panic!("{}:{}: {}", path.display(), error.line, error.problem)
            });
            let name = path.file_stem().expect("it has an ending").to_string_lossy().into_owned();
            files.push((name, scenarios));
        }
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    files
}

/// One scenario.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    /// Line of its `==`.
    pub(crate) line: usize,
    pub(crate) needs: Vec<Need>,
    /// Every key it uses.
    pub(crate) keys: Vec<Vec<u8>>,
    pub(crate) steps: Vec<(usize, Step)>,
}

/// What a host must have to run a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// The behaviour of this Redis release or a later one.
    Release(u32, u32),
    Connection,
    Blocking,
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// `client` sends a command.
    Command { client: String, argv: Vec<Vec<u8>>, expect: Expect, times: u32 },
    /// A reply reaches a client that was parked.
    Arrives { client: String, expect: Reply },
    /// No reply has reached the client.
    StillParked { client: String },
    /// Time goes by.
    Pass { ms: u64 },
    /// The client disconnects.
    Close { client: String },
}

/// What follows a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expect {
    Parked,
    Reply(Reply),
}

/// The step in the notation of scenarios.
impl core::fmt::Display for Step {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Command { client, argv, expect, times } => {
                if *times > 1 {
                    writeln!(f, "@repeat {times}")?;
                }
                write!(f, "{client}>")?;
                for word in argv {
                    write!(f, " {}", parse::word(word))?;
                }
                match expect {
                    Expect::Parked => f.write_str("\nparked"),
                    Expect::Reply(reply) => write!(f, "\n{reply}"),
                }
            }
            Self::Arrives { client, expect } => write!(f, "{client}: {expect}"),
            Self::StillParked { client } => write!(f, "{client}: parked"),
            Self::Pass { ms } => write!(f, "~ {ms}"),
            Self::Close { client } => write!(f, "close {client}"),
        }
    }
}
