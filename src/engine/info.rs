//! INFO: the engine's counts as text.

use super::Engine;
use crate::command::session::{InfoQuery, REDIS_VERSION, Section};
use crate::keyspace::DATABASES;
use crate::reply::Reply;
use alloc::format;
use alloc::string::String;

impl Engine {
    #[inline(never)]
    pub(super) fn info(&self, query: &InfoQuery) -> Reply<'static> {
        let mut text = String::new();
        for (section, title) in query.sections() {
            if !text.is_empty() {
                text += "\r\n";
            }
            text += &format!("# {title}\r\n");
            text += &self.section(section);
        }
        Reply::Verbatim(text.into_bytes())
    }

    fn section(&self, section: Section) -> String {
        match section {
            Section::Server => format!(
                "redis_version:{REDIS_VERSION}\r\nredis_mode:standalone\r\n\
                 eddyline_version:{}\r\nuptime_in_seconds:{}\r\n",
                env!("CARGO_PKG_VERSION"),
                self.now_ms.saturating_sub(self.started_ms.unwrap_or(self.now_ms)) / 1000,
            ),
            Section::Clients => format!(
                "connected_clients:{}\r\nmaxclients:{}\r\nblocked_clients:{}\r\n\
                 total_blocking_keys:{}\r\nwatching_clients:{}\r\npubsub_clients:{}\r\n",
                self.guests(),
                self.config.max_clients,
                self.waiters.len(),
                self.waiters.count_keys(),
                self.store.watches.clients(),
                self.sessions.iter().filter(|(_, session)| session.subscriptions() > 0).count(),
            ),
            Section::Memory => format!(
                "used_memory:{}\r\nmaxmemory:{}\r\nmaxmemory_policy:noeviction\r\n",
                self.store.keyspace.used_bytes(),
                self.config.max_memory_bytes,
            ),
            Section::Persistence => format!(
                "loading:0\r\nrdb_changes_since_last_save:{}\r\naof_enabled:{}\r\n",
                self.store.changes,
                u8::from(self.store.journal.is_some()),
            ),
            Section::Stats => self.statistics(),
            Section::Replication => {
                "role:master\r\nconnected_slaves:0\r\nmaster_repl_offset:0\r\n".into()
            }
            Section::CommandStats => self.command_statistics(),
            Section::ErrorStats => {
                let line = |(code, count): (&[u8], &u64)| {
                    format!("errorstat_{}:count={count}\r\n", String::from_utf8_lossy(code))
                };
                self.stats.errors.iter().map(line).collect()
            }
            Section::Cluster => "cluster_enabled:0\r\n".into(),
            Section::Keyspace => self.databases(),
        }
    }

    fn statistics(&self) -> String {
        let stats = &self.stats;
        format!(
            "total_connections_received:{}\r\ntotal_commands_processed:{}\r\n\
             rejected_connections:{}\r\nexpired_keys:{}\r\nevicted_keys:0\r\n\
             pubsub_channels:{}\r\npubsub_patterns:{}\r\ntotal_error_replies:{}\r\n",
            stats.connections,
            stats.commands,
            stats.rejected_connections,
            stats.expired_keys,
            self.subscriptions.channels(),
            self.subscriptions.patterns(),
            stats.error_replies,
        )
    }

    /// The engine reads no clock, so it does not know how long a command took.
    fn command_statistics(&self) -> String {
        let mut text = String::new();
        for (_, calls) in self.stats.by_command.iter() {
            text += &format!(
                "cmdstat_{}:calls={},usec=0,usec_per_call=0.00,rejected_calls={},failed_calls={}\r\n",
                calls.name, calls.calls, calls.rejected, calls.failed,
            );
        }
        text
    }

    fn databases(&self) -> String {
        let mut text = String::new();
        for db in 0..DATABASES {
            let database = self.store.keyspace.database(db);
            if !database.is_empty() {
                let expires = database.iter().filter(|(_, item)| item.expires_ms.is_some()).count();
                text += &format!("db{db}:keys={},expires={expires},avg_ttl=0\r\n", database.len());
            }
        }
        text
    }
}
