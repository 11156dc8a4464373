//! What INFO counts.

use crate::named::{Named, Numbered};

/// How often a command was called.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Calls {
    pub(crate) name: &'static str,
    pub(crate) calls: u64,
    /// Refused before it was run.
    pub(crate) rejected: u64,
    /// Run, and answered with an error.
    pub(crate) failed: u64,
}

/// Counts since the beginning or since CONFIG RESETSTAT.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    pub(crate) connections: u64,
    pub(crate) commands: u64,
    pub(crate) rejected_connections: u64,
    pub(crate) expired_keys: u64,
    /// Errors by their code.
    pub(crate) errors: Named<u64>,
    pub(crate) error_replies: u64,
    /// By the number of the command in the table.
    pub(crate) by_command: Numbered<Calls>,
}

impl Stats {
    fn calls_of(&mut self, number: u64, name: &'static str) -> &mut Calls {
        let calls = self.by_command.entry(number);
        calls.name = name;
        calls
    }

    /// A command has been run; an error it ended with has this code.
    pub(crate) fn count(&mut self, number: u64, name: &'static str, error: Option<&str>) {
        self.commands += 1;
        let calls = self.calls_of(number, name);
        calls.calls += 1;
        if let Some(code) = error {
            calls.failed += 1;
            self.count_error(code);
        }
    }

    /// A command has been refused.
    pub(crate) fn count_rejected(&mut self, number: u64, name: &'static str) {
        self.calls_of(number, name).rejected += 1;
    }

    /// A client has got an error of this code.
    pub(crate) fn count_error(&mut self, code: &str) {
        self.error_replies += 1;
        let code = code.as_bytes();
        match self.errors.get_mut(code) {
            Some(count) => *count += 1,
            None => drop(self.errors.insert(code, 1)),
        }
    }
}
