//! INFO: which sections are asked for.

use crate::command::args::{self, Args};

/// A section of INFO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Server,
    Clients,
    Memory,
    Persistence,
    Stats,
    Replication,
    CommandStats,
    ErrorStats,
    Cluster,
    Keyspace,
}

impl Section {
    /// All sections in the order in which INFO gives them, with their titles.
    pub(crate) const ALL: [(Self, &str); 10] = [
        (Self::Server, "Server"),
        (Self::Clients, "Clients"),
        (Self::Memory, "Memory"),
        (Self::Persistence, "Persistence"),
        (Self::Stats, "Stats"),
        (Self::Replication, "Replication"),
        (Self::CommandStats, "Commandstats"),
        (Self::ErrorStats, "Errorstats"),
        (Self::Cluster, "Cluster"),
        (Self::Keyspace, "Keyspace"),
    ];
}

/// `INFO [section ...]`
#[derive(Debug)]
pub(crate) struct InfoQuery {
    wanted: [bool; Section::ALL.len()],
}

impl InfoQuery {
    pub(crate) fn parse(args: &mut Args<'_>) -> Self {
        let any = |names: &[&str]| {
            let given = args.rest().iter();
            given.into_iter().any(|given| names.iter().any(|name| args::is(given, name)))
        };
        let everything = any(&["all", "everything"]);
        let usual = args.left() == 0 || any(&["default"]);
        let wanted = Section::ALL.map(|(section, title)| {
            let is_usual = section != Section::CommandStats;
            everything || (usual && is_usual) || any(&[title])
        });
        Self { wanted }
    }

    /// The sections asked for, with their titles.
    pub(crate) fn sections(&self) -> impl Iterator<Item = (Section, &'static str)> {
        let wanted = Section::ALL.into_iter().zip(self.wanted);
        wanted.filter(|(_, wanted)| *wanted).map(|(section, _)| section)
    }
}
