//! A client's session as requests: what a host keeps of it while the engine itself is gone, and
//! gives to the next one. Storage has nothing of clients.

use super::Engine;
use super::draft::Draft;
use crate::command::session::{SeldomCommand, SessionCommand};
use crate::command::{self, Command};
use crate::session::{ClientId, Session, State};
use crate::turn::Turn;
use crate::wire::{self, Protocol, Request};
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

/// What a session has beyond the keyspace. See [`Engine::session`] and [`Engine::resume_session`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resumption {
    /// Requests that bring about what the session is: its RESP version, its subscriptions.
    pub setup: Vec<u8>,
    /// The read that it waits in, to be run once more, with `$` as the ID that it meant; empty when
    /// it does not wait.
    pub wait: Vec<u8>,
    /// When the wait ends; `None`: never.
    pub deadline_ms: Option<u64>,
}

impl Engine {
    /// Whether a client is in the middle of nothing, so that [`Engine::resumption`] can tell all.
    #[must_use]
    pub fn is_between_requests(&self, client: ClientId) -> bool {
        let is_between = |session: &Session| {
            matches!(session.state, State::Ready | State::Parked)
                && session.input.is_empty()
                && session.queue.is_none()
                && session.moving.is_none()
                && self.store.watches.count(client) == 0
        };
        self.sessions.get(client.0).is_none_or(is_between)
    }

    /// What has to be known to go on with a client's session in another engine; `None` when it is
    /// in the middle of something: of a request, of MULTI, of an import, or of a segment's loading.
    #[must_use]
    pub fn resumption(&self, client: ClientId) -> Option<Resumption> {
        let session = self.sessions.get(client.0).filter(|_| self.is_between_requests(client))?;
        let mut setup = Vec::new();
        if session.protocol == Protocol::Resp3 {
            wire::put_request(&mut setup, &[b"HELLO", b"3"]);
        }
        for (verb, names) in [("SUBSCRIBE", &session.channels), ("PSUBSCRIBE", &session.patterns)] {
            if !names.is_empty() {
                let mut words = vec![verb.as_bytes()];
                words.extend(names.iter().map(|name| &**name));
                wire::put_request(&mut setup, &words);
            }
        }
        let mut wait = Vec::new();
        let waiter = self.waiters.get(client);
        if let Some(waiter) = waiter {
            let words = waiter.plan.request();
            wire::put_request(&mut wait, &words.iter().map(|word| &**word).collect::<Vec<_>>());
        }
        Some(Resumption { setup, wait, deadline_ms: waiter.and_then(|waiter| waiter.deadline_ms) })
    }

    /// Begins a client's session with what another one left off with. The turn's reply is what the
    /// wait has come to, if it is over at once.
    pub fn resume_session(&mut self, now_ms: u64, client: ClientId, from: &Resumption) -> Turn {
        let mut draft = self.begin(now_ms, Some(client));
        self.open_session(client);
        self.set_up(client, &from.setup, &mut draft);
        // It was told so when it asked for it.
        draft.output(client).clear();
        self.session(client).resumed_deadline_ms = from.deadline_ms;
        self.run(client, Cow::Borrowed(&from.wait), &mut draft);
        self.finish(draft)
    }

    /// Makes a session what it was. That concerns no key, so unlike the wait it can be done while
    /// the journal's replay still needs segments.
    fn set_up(&mut self, client: ClientId, setup: &[u8], draft: &mut Draft) {
        let mut at = 0;
        while let Ok(Request::Array { arguments, used_bytes }) =
            wire::decode(&setup[at..], &self.config.limits, true, Vec::new())
        {
            let found = command::look_up(&arguments);
            let parsed = found.and_then(|found| found.parse(&arguments, self.now_ms).ok());
            if let Some(Command::Session(
                command @ (SessionCommand::Hello(_)
                | SessionCommand::Seldom(SeldomCommand::Subscribe { .. })),
            )) = parsed
            {
                let _ = self.run_session_command(client, command, draft);
            }
            at += used_bytes;
        }
    }
}
