//! CLIENT and CONFIG: what those ask for who look after an engine.

use super::Engine;
use super::clients::Answer;
use super::draft::Draft;
use crate::command::session::{ClientCommand, ClientFilter, ConfigCommand};
use crate::error::CommandError;
use crate::reply::Reply;
use crate::session::{ClientId, Profile, Session, State};
use crate::stats::Stats;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

impl Engine {
    #[inline(never)]
    pub(super) fn run_client(
        &mut self,
        client: ClientId,
        command: ClientCommand<'_>,
        draft: &mut Draft,
    ) -> Answer {
        let profile = &mut self.session(client).profile;
        match command {
            ClientCommand::GetName if profile.name.is_empty() => return Ok(Reply::NullText),
            ClientCommand::GetName => {
                return Ok(Reply::owned(&*profile.name));
            }
            ClientCommand::Id => return Ok(Reply::count(client.0)),
            ClientCommand::Info => {
                let me = ClientFilter { ids: Some([client.0].into()), ..ClientFilter::default() };
                return Ok(self.list_clients(client, &me));
            }
            ClientCommand::Kill(filter) => {
                let killed = self.kill_clients(client, &filter, draft);
                return Ok(Reply::count(killed));
            }
            ClientCommand::KillAddress(filter) => {
                if self.kill_clients(client, &filter, draft) == 0 {
                    return Err(CommandError::NoSuchClient.into());
                }
            }
            ClientCommand::List(filter) => return Ok(self.list_clients(client, &filter)),
            ClientCommand::NoEvict(on) => profile.no_evict = on,
            ClientCommand::NoTouch(on) => profile.no_touch = on,
            ClientCommand::SetInfo { version: true, text } => profile.library_version = text.into(),
            ClientCommand::SetInfo { version: false, text } => profile.library = text.into(),
            ClientCommand::SetName(name) => profile.name = name.into(),
            ClientCommand::Unblock { client, with_error } => {
                let unblocked = self.unblock(ClientId(client), with_error, draft);
                return Ok(Reply::Integer(i64::from(unblocked)));
            }
        }
        Ok(Reply::OK)
    }

    /// The clients that a filter means.
    fn chosen(&self, asking: ClientId, filter: &ClientFilter<'_>) -> Vec<(ClientId, &Session)> {
        let chosen = self.sessions.iter().filter(|(client, session)| {
            let Profile { origin, connected_ms, .. } = &session.profile;
            let is_at = |name: &str, wanted: Option<&[u8]>| {
                wanted.is_none_or(|wanted| address(origin, name).as_bytes() == wanted)
            };
            let placed = is_at("addr=", filter.address) && is_at("laddr=", filter.local_address);
            let aged = self.now_ms.saturating_sub(*connected_ms) / 1000 >= filter.min_age_s;
            let named = filter.ids.as_ref().is_none_or(|ids| ids.contains(client));
            let kind =
                filter.subscribers.is_none_or(|wanted| wanted == (session.subscriptions() > 0));
            let is_me = *client == asking.0;
            let seen = is_me || session.profile.is_guest();
            seen && named && placed && aged && kind && !filter.nobody && !(filter.skip_me && is_me)
        });
        chosen.map(|(client, session)| (ClientId(client), session)).collect()
    }

    fn list_clients(&self, asking: ClientId, filter: &ClientFilter<'_>) -> Reply<'static> {
        let mut text = String::new();
        for (client, session) in self.chosen(asking, filter) {
            let watched = self.store.watches.count(client);
            text += &describe(client, session, watched, self.now_ms);
        }
        Reply::Verbatim(text.into_bytes())
    }

    /// Ends the connections of the clients that a filter means. Returns how many.
    fn kill_clients(
        &mut self,
        asking: ClientId,
        filter: &ClientFilter<'_>,
        draft: &mut Draft,
    ) -> u64 {
        let chosen: Vec<ClientId> =
            self.chosen(asking, filter).into_iter().map(|(client, _)| client).collect();
        for &client in &chosen {
            self.forget_subscriptions(client);
            self.hang_up(client);
            // A wake without a reply tells the host.
            let _ = draft.output(client);
        }
        chosen.len() as u64
    }

    /// Ends a client's wait. Returns whether it waited.
    fn unblock(&mut self, client: ClientId, with_error: bool, draft: &mut Draft) -> bool {
        if self.waiters.get(client).is_none() {
            return false;
        }
        if with_error {
            self.end_wait(client, &Reply::Error(CommandError::Unblocked.into()), draft);
        } else {
            self.time_out(client, draft);
        }
        true
    }

    #[inline(never)]
    pub(super) fn run_config(&mut self, command: ConfigCommand<'_>) -> Answer {
        match command {
            ConfigCommand::Get(patterns) => {
                let pairs = self.config.like(patterns).into_iter();
                let pairs =
                    pairs.map(|(name, value)| (Reply::text(name.as_bytes()), Reply::owned(value)));
                return Ok(Reply::Map(pairs.collect()));
            }
            ConfigCommand::ResetStatistics => self.stats = Stats::default(),
            ConfigCommand::Set(pairs) => self.config = self.config.with(pairs)?,
        }
        Ok(Reply::OK)
    }
}

/// The word of a client's origin that begins with `name`, without that; empty if there is none.
fn address<'o>(origin: &'o str, name: &str) -> &'o str {
    origin.split(' ').find_map(|word| word.strip_prefix(name)).unwrap_or("")
}

/// A client's line in CLIENT LIST.
fn describe(client: ClientId, session: &Session, watched: usize, now_ms: u64) -> String {
    let Profile { origin, connected_ms, active_ms, last_command, commands, .. } = &session.profile;
    let text = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let seconds = |since_ms: u64| now_ms.saturating_sub(since_ms) / 1000;
    let queued = session.queue.as_ref().map_or(-1, |queue| queue.requests.len() as i64);
    let protocol = if session.protocol == crate::wire::Protocol::Resp3 { 3 } else { 2 };
    let mut flags = String::new();
    for (set, flag) in [
        (session.subscriptions() > 0, 'P'),
        (session.queue.is_some(), 'x'),
        (session.state == State::Parked, 'b'),
        (session.profile.no_evict, 'e'),
        (session.profile.no_touch, 'T'),
    ] {
        if set {
            flags.push(flag);
        }
    }
    if flags.is_empty() {
        flags.push('N');
    }
    format!(
        "id={} {origin} name={} age={} idle={} flags={flags} db={} sub={} psub={} ssub=0 \
         multi={queued} watch={watched} qbuf={} tot-cmds={commands} cmd={} user=default \
         redir=-1 resp={protocol} lib-name={} lib-ver={}\n",
        client.0,
        text(&session.profile.name),
        seconds(*connected_ms),
        seconds(*active_ms),
        session.db,
        session.channels.len(),
        session.patterns.len(),
        session.input.len(),
        if last_command.is_empty() { "NULL" } else { last_command },
        text(&session.profile.library),
        text(&session.profile.library_version),
    )
}
