//! What clients do about themselves: who they are, what they wait and watch for.

use super::Engine;
use super::draft::Draft;
use crate::command::session::{Credentials, Hello, SessionCommand};
use crate::error::{CommandError, Refusal};
use crate::op::Key;
use crate::reply::Reply;
use crate::session::{ClientId, State};
use alloc::vec::Vec;

pub(super) type Answer = Result<Reply<'static>, Refusal>;

impl Engine {
    /// Carries out a command that concerns clients. EXEC is not among them.
    pub(super) fn run_session_command(
        &mut self,
        client: ClientId,
        command: SessionCommand<'_>,
        draft: &mut Draft,
    ) -> Answer {
        match command {
            SessionCommand::Authenticate(credentials) => self.authenticate(client, credentials)?,
            SessionCommand::Channels(pattern) => return Ok(self.subscriptions.active(pattern)),
            SessionCommand::CountListeners(names) => {
                return Ok(self.subscriptions.count_listeners(names));
            }
            SessionCommand::CountPatterns => {
                return Ok(Reply::count(self.subscriptions.patterns() as u64));
            }
            SessionCommand::Client(command) => return self.run_client(client, command, draft),
            SessionCommand::Config(command) => return self.run_config(command),
            SessionCommand::Discard => self.discard(client)?,
            SessionCommand::Archive(_) => {
                unreachable!("exports are carried out where they are kept")
            }
            SessionCommand::Execute => unreachable!("EXEC is carried out where transactions are"),
            SessionCommand::Hello(hello) => return self.greet(client, hello),
            SessionCommand::Info(query) => return Ok(self.info(&query)),
            SessionCommand::Multi => self.begin_queue(client)?,
            SessionCommand::Publish { channel, message } => {
                return Ok(Reply::count(self.publish(client, channel, message, draft)));
            }
            SessionCommand::Quit => self.session(client).state = State::Closed,
            SessionCommand::Reset => return Ok(self.reset(client)),
            SessionCommand::Select(db) => self.session(client).db = db,
            SessionCommand::Shutdown { abort: true } => return Err(CommandError::NoShutdown.into()),
            SessionCommand::Shutdown { abort: false } => {
                draft.turn.shutdown = true;
                self.session(client).state = State::Closed;
                return Ok(Reply::Several(Vec::new()));
            }
            SessionCommand::Subscribe { names, to } => {
                return Ok(self.subscribe(client, names, to));
            }
            SessionCommand::Unsubscribe { names, from } => {
                return Ok(self.unsubscribe(client, names, from));
            }
            SessionCommand::Unwatch => self.store.watches.forget(client),
            SessionCommand::Watch(names) => self.watch(client, names)?,
        }
        Ok(Reply::OK)
    }

    /// Tests who a client says it is. The time that takes does not tell how much was right.
    fn authenticate(
        &mut self,
        client: ClientId,
        credentials: Credentials<'_>,
    ) -> Result<(), Refusal> {
        let Credentials { user, password } = credentials;
        let wanted = &self.config.password;
        if wanted.is_empty() && user.is_none() {
            return Err(CommandError::NoPasswordSet.into());
        }
        let known_user = user.is_none_or(|user| user == b"default");
        let right = wanted.is_empty() || same_secret(wanted, password);
        if !(known_user && right) {
            return Err(CommandError::WrongPassword.into());
        }
        self.session(client).known = true;
        Ok(())
    }

    fn greet(&mut self, client: ClientId, hello: Hello<'_>) -> Answer {
        if let Some(credentials) = hello.credentials {
            self.authenticate(client, credentials)?;
        }
        let session = self.session(client);
        if !session.known {
            return Err(CommandError::HelloNotAuthenticated.into());
        }
        if let Some(name) = hello.name {
            session.profile.name = name.into();
        }
        session.protocol = hello.protocol.unwrap_or(session.protocol);
        Ok(Hello::reply(session.protocol, client.0))
    }

    /// The client is as new.
    fn reset(&mut self, client: ClientId) -> Reply<'static> {
        self.store.watches.forget(client);
        self.forget_subscriptions(client);
        let is_open = self.config.password.is_empty();
        let session = self.session(client);
        let known = is_open || session.permissions.is_some();
        session.protocol = crate::wire::Protocol::Resp2;
        (session.db, session.known, session.queue) = (0, known, None);
        session.profile.name = [].into();
        (session.profile.no_evict, session.profile.no_touch) = (false, false);
        Reply::Simple("RESET")
    }

    /// How many clients there are but for the host's own.
    pub(super) fn guests(&self) -> u64 {
        let guests = self.sessions.iter().filter(|(_, session)| session.profile.is_guest());
        guests.count() as u64
    }

    fn watch(&mut self, client: ClientId, names: &[&[u8]]) -> Result<(), Refusal> {
        let session = self.session(client);
        if session.queue.is_some() {
            return Err(CommandError::WatchInMulti.into());
        }
        let db = session.db;
        for name in names {
            self.store.watches.add(client, Key { db, name });
        }
        Ok(())
    }
}

/// Compares without telling by the time it takes where the first difference is.
fn same_secret(wanted: &[u8], given: &[u8]) -> bool {
    let differences = wanted.iter().enumerate().fold(0, |differences, (at, byte)| {
        differences | (byte ^ given.get(at).copied().unwrap_or(0))
    });
    wanted.len() == given.len() && differences == 0
}
