//! What clients do about themselves: who they are, what they wait and watch for.

use super::Engine;
use super::draft::Draft;
use crate::command::session::{Credentials, Hello, SessionCommand};
use crate::error::{CommandError, Refusal};
use crate::reply::Reply;
use crate::session::{ClientId, State};

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
            SessionCommand::Discard => self.discard(client)?,
            SessionCommand::Archive(_) => {
                unreachable!("exports are carried out where they are kept")
            }
            SessionCommand::Execute => unreachable!("EXEC is carried out where transactions are"),
            SessionCommand::Hello(hello) => return self.greet(client, hello),
            SessionCommand::Multi => self.begin_queue(client)?,
            SessionCommand::Quit => self.session(client).state = State::Closed,
            SessionCommand::Reset => return Ok(self.reset(client)),
            SessionCommand::Seldom(command) => return self.run_seldom(client, command, draft),
            SessionCommand::Select(db) => self.session(client).db = db,
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
        self.leave_channels(client);
        let is_open = self.config.password.is_empty();
        let session = self.session(client);
        let known = is_open || session.permissions.is_some();
        session.protocol = crate::wire::Protocol::Resp2;
        (session.db, session.known, session.queue) = (0, known, None);
        session.profile.name = [].into();
        (session.profile.no_evict, session.profile.no_touch) = (false, false);
        Reply::Simple("RESET")
    }

    /// The client listens to nothing any more.
    pub(super) fn leave_channels(&mut self, client: ClientId) {
        if self.sessions.get(client.0).is_some_and(|session| session.subscriptions() > 0) {
            self.forget_subscriptions(client);
        }
    }

    /// How many clients there are but for the host's own.
    pub(super) fn guests(&self) -> u64 {
        let guests = self.sessions.iter().filter(|(_, session)| session.profile.is_guest());
        guests.count() as u64
    }
}

/// Compares without telling by the time it takes where the first difference is.
fn same_secret(wanted: &[u8], given: &[u8]) -> bool {
    let differences = wanted.iter().enumerate().fold(0, |differences, (at, byte)| {
        differences | (byte ^ given.get(at).copied().unwrap_or(0))
    });
    wanted.len() == given.len() && differences == 0
}
