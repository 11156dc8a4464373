//! Running clients' requests, and telling waiting clients what has happened.

use super::Engine;
use super::draft::{Draft, FollowUp, release};
use crate::command::session::SessionCommand;
use crate::command::{self, Command, Found, Halt, Outcome, Spec, Then, View};
use crate::error::{CommandError, Refusal};
use crate::op::Key;
use crate::part::Part;
use crate::reply::Reply;
use crate::session::{ClientId, State};
use crate::store::Store;
use crate::waiters::{Due, Waiter};
use crate::wire::{self, Protocol, Request, RequestError};
use alloc::borrow::Cow;
use alloc::vec::Vec;

impl Engine {
    /// Runs the requests in `input`, as far as they are whole and the client does not wait; keeps
    /// the rest.
    pub(super) fn run(&mut self, client: ClientId, input: Cow<'_, [u8]>, draft: &mut Draft) {
        let (mut used, mut spare) = (0, Vec::new());
        let most_bytes = self.config.limits.turn_reply_bytes;
        self.session(client).unfinished = false;
        while self.session(client).state == State::Ready {
            if draft.told_bytes(client) > most_bytes && used < input.len() {
                self.session(client).unfinished = true;
                break;
            }
            if !self.settle(draft) {
                self.stall(client);
                break;
            }
            match self.run_request(client, &input[used..], &mut spare, draft) {
                Some(bytes) => used += bytes,
                None => break,
            }
        }
        let limit = self.config.limits.input_bytes;
        let session = self.session(client);
        if session.state == State::Closed {
            return;
        }
        session.input = match input {
            Cow::Owned(mut input) => {
                input.drain(..used);
                input
            }
            Cow::Borrowed(input) => input[used..].to_vec(),
        };
        if session.input.len() > limit {
            self.break_off(client, "too much unanswered input", draft);
        }
    }

    /// Runs the request in front of `input`. Returns how many bytes it took; `None`: it is not whole
    /// yet, or it cannot be run yet. `spare` has room for arguments, used again and again.
    fn run_request<'i>(
        &mut self,
        client: ClientId,
        input: &'i [u8],
        spare: &mut Vec<&'i [u8]>,
        draft: &mut Draft,
    ) -> Option<usize> {
        if input.len() < self.session(client).needed_bytes {
            return None;
        }
        if wire::is_line(input) && self.lacks(Part::Rest) {
            self.miss_line(client, draft);
            return None;
        }
        let known = self.session(client).known;
        match wire::decode(input, &self.config.limits, known, core::mem::take(spare)) {
            Ok(Request::Incomplete { needed_bytes }) => {
                self.session(client).needed_bytes = needed_bytes;
                None
            }
            Ok(Request::Array { mut arguments, used_bytes }) => {
                self.session(client).needed_bytes = 0;
                let done = self.execute(client, &arguments, draft);
                arguments.clear();
                *spare = arguments;
                done.then_some(used_bytes)
            }
            Ok(Request::Line { arguments, used_bytes }) => {
                self.session(client).needed_bytes = 0;
                let arguments: Vec<&[u8]> = arguments.iter().map(Vec::as_slice).collect();
                self.execute(client, &arguments, draft).then_some(used_bytes)
            }
            Err(RequestError(problem)) => {
                self.break_off(client, &problem, draft);
                None
            }
        }
    }

    /// Executes a request. Returns whether it is done with; if not, it needs segments first.
    fn execute(&mut self, client: ClientId, argv: &[&[u8]], draft: &mut Draft) -> bool {
        if argv.is_empty() {
            return true;
        }
        let known = self.last_found.filter(|found| found.is_meant_by(argv));
        let Some(found) = known.or_else(|| command::look_up(argv)) else {
            return self.refuse_unknown(client, argv, draft);
        };
        self.last_found = Some(found);
        let sound = found.test_arity(argv);
        if let Err(error) = sound.and_then(|()| self.admit(client, found.spec, argv)) {
            self.stats.count_rejected(found.number, found.spec.name);
            self.refuse(client, argv, error, draft);
            return true;
        }
        if let Some(part) = found.part.filter(|part| self.lacks(*part)) {
            return self.miss(part, client, argv, draft);
        }
        let session = self.session(client);
        if session.queue.is_some() && found.spec.is_queued() {
            match self.enqueue(client, found.spec, argv) {
                Ok(reply) => self.answer(client, &reply, draft),
                Err(error) => self.refuse(client, argv, error, draft),
            }
            return true;
        }
        let done = self.perform(client, found, argv, draft);
        if done && !draft.afterwards.is_empty() {
            let afterwards = core::mem::take(&mut draft.afterwards);
            draft.output(client).extend_from_slice(&afterwards);
        }
        done
    }

    /// Answers a request whose command there is not. Returns whether it is done with; if not, it
    /// waits until the code that knows what to say is loaded.
    fn refuse_unknown(&mut self, client: ClientId, argv: &[&[u8]], draft: &mut Draft) -> bool {
        if is_http(argv[0]) && self.session(client).profile.is_guest() {
            self.hang_up(client);
        } else if self.lacks(Part::Rest) {
            return self.miss(Part::Rest, client, argv, draft);
        } else {
            self.refuse(client, argv, command::unknown::explain(argv).into(), draft);
        }
        true
    }

    /// Whether a client may use a command now.
    fn admit(
        &mut self,
        client: ClientId,
        spec: &'static Spec,
        argv: &[&[u8]],
    ) -> Result<(), Refusal> {
        let session = self.session(client);
        if !session.known && !spec.is_open() {
            return Err(CommandError::NoAuth.into());
        }
        if spec.is_alone() && session.queue.is_some() {
            return Err(CommandError::NotInMulti.into());
        }
        if let Some(permissions) = &session.permissions {
            permissions.admit(spec, argv)?;
        }
        let listens = session.protocol == Protocol::Resp2 && session.subscriptions() > 0;
        if listens && !spec.is_for_listeners() {
            return Err(CommandError::Listening { command: spec.name }.into());
        }
        let queue = session.queue.as_ref().filter(|_| spec.name == "exec");
        let (grows, writes) = queue
            .map_or((spec.denies_oom(), spec.writes()), |queue| (queue.denies_oom, queue.writes));
        let bound = self.config.max_memory_bytes;
        if bound > 0 && grows && self.store.keyspace.used_bytes() > bound {
            return Err(CommandError::OutOfMemory.into());
        }
        if let Some(reason) = self.config.write_refusal.as_ref().filter(|_| writes) {
            return Err(CommandError::Misconf { reason: reason.clone() }.into());
        }
        Ok(())
    }

    /// Answers with an error a request that is not run; a transaction it belongs to will not be
    /// either. When that is EXEC itself, the transaction is over.
    pub(super) fn refuse(
        &mut self,
        client: ClientId,
        argv: &[&[u8]],
        error: Refusal,
        draft: &mut Draft,
    ) {
        let mut error = error;
        if argv[0].eq_ignore_ascii_case(b"exec") {
            error = self.abandon_transaction(client, &error);
        } else if let Some(queue) = &mut self.session(client).queue {
            queue.aborted = true;
        }
        self.stats.count_error(error.code());
        self.answer(client, &Reply::Error(error), draft);
    }

    pub(super) fn answer(&mut self, client: ClientId, reply: &Reply<'_>, draft: &mut Draft) {
        let protocol = self.session(client).protocol;
        wire::encode(reply, protocol, draft.output(client));
    }

    /// Runs a command that was found. Returns whether it is done with; if not, it needs segments
    /// first.
    pub(super) fn perform(
        &mut self,
        client: ClientId,
        found: Found,
        argv: &[&[u8]],
        draft: &mut Draft,
    ) -> bool {
        if draft.told_bytes(client) > self.config.limits.reply_bytes {
            let error = Refusal::from(CommandError::ReplyTooLarge);
            self.count(client, found, Some(error.code()));
            self.answer(client, &Reply::Error(error), draft);
            return true;
        }
        let now_ms = self.now_ms;
        let profile = &mut self.session(client).profile;
        (profile.active_ms, profile.last_command) = (now_ms, found.spec.name);
        let outcome = match found.parse(argv, now_ms) {
            Err(error) => Err(error),
            Ok(Command::Session(SessionCommand::Execute)) => {
                return self.run_exec(client, found, draft);
            }
            Ok(Command::Session(SessionCommand::Archive(command))) => {
                return self.run_archive(client, found, &command, draft);
            }
            Ok(Command::Session(command)) => self.run_session_command(client, command, draft),
            Ok(command) => return self.run_command(client, found, &command, draft),
        };
        self.count(client, found, outcome.as_ref().err().map(|error| error.code()));
        self.answer(client, &outcome.unwrap_or_else(Reply::Error), draft);
        true
    }

    pub(super) fn count(&mut self, client: ClientId, found: Found, error: Option<&str>) {
        self.stats.count(found.number, found.spec.name, error);
        let session = self.session(client);
        session.profile.commands += 1;
        session.resumed_deadline_ms = None;
    }

    fn run_exec(&mut self, client: ClientId, found: Found, draft: &mut Draft) -> bool {
        let begun = self.begin_transaction(client, draft);
        self.count(client, found, begun.as_ref().err().and_then(Reply::error_code));
        match begun {
            Err(reply) => self.answer(client, &reply, draft),
            // The request itself is done with; what is left of the transaction goes on by itself.
            Ok(()) if self.continue_transaction(draft) => {}
            Ok(()) => self.stall(client),
        }
        true
    }

    /// Runs a command on the keyspace. Returns whether it is done with; if not, it needs segments
    /// first.
    fn run_command(
        &mut self,
        client: ClientId,
        found: Found,
        command: &Command<'_>,
        draft: &mut Draft,
    ) -> bool {
        let session = self.session(client);
        let (protocol, db) = (session.protocol, session.db);
        let subscribed = session.subscriptions() > 0;
        let view = View { subscribed, ..self.view(protocol, db) };
        let Some(Outcome { ops, then }) = applicable(command.decide(view), &self.store, draft)
        else {
            if self.transaction.is_none() {
                self.stall(client);
            }
            return false;
        };
        let error = then.error_code();
        let then = release(then, protocol, draft.output(client));
        self.store.apply(&ops, self.waiters.len() > 0);
        match then {
            FollowUp::Park { plan, deadline_ms, recheck_ms } => {
                let waiter = Waiter { found, db, plan: *plan, deadline_ms, recheck_ms };
                self.park(client, waiter, draft);
            }
            FollowUp::Nothing => self.count(client, found, error),
        }
        true
    }

    /// Lets a client wait, where that is possible. Its command counts when the wait is over.
    fn park(&mut self, client: ClientId, waiter: Waiter, draft: &mut Draft) {
        let reply = if self.transaction.is_some() {
            Reply::NullArray
        } else if self.waiters.len() >= self.config.limits.waiters {
            Reply::Error(CommandError::TooManyWaiters.into())
        } else {
            let session = self.session(client);
            session.state = State::Parked;
            let deadline_ms = session.resumed_deadline_ms.take().or(waiter.deadline_ms);
            self.waiters.park(client, Waiter { deadline_ms, ..waiter });
            return;
        };
        self.count(client, waiter.found, reply.error_code());
        self.answer(client, &reply, draft);
    }

    /// Tells waiting clients what has happened, until there is nothing to tell. Returns whether
    /// that is so; if not, segments are needed first.
    pub(super) fn settle(&mut self, draft: &mut Draft) -> bool {
        if let Some(replay) = &self.replay {
            draft.need(replay.need.clone());
            return false;
        }
        if self.transaction.is_some() {
            return false;
        }
        loop {
            while let Some(due) = self.due.pop_front() {
                if self.can_be_served(&due) && !self.serve(due.client, draft) {
                    self.due.push_front(due);
                    return false;
                }
            }
            let Some(event) = self.store.events.pop_front() else { return true };
            self.due = self.waiters.concerned(&event).into();
        }
    }

    /// Whether the key by which a waiting client is concerned holds what it waits for. One that does
    /// not costs the client no place in any queue.
    fn can_be_served(&self, due: &Due) -> bool {
        let Some(waiter) = self.waiters.get(due.client) else { return false };
        let Some(name) = &due.name else { return true };
        let item = self.store.keyspace.item(Key { db: waiter.db, name });
        waiter.plan.minds_removal() || item.is_some_and(|item| waiter.plan.waits_for(&item.value))
    }

    /// Decides a parked read again. Returns whether it is done with; if not, it needs segments
    /// first.
    fn serve(&mut self, client: ClientId, draft: &mut Draft) -> bool {
        let Some(waiter) = self.waiters.get(client) else { return true };
        let session = self.sessions.get(client.0).expect("who waits has a session");
        let protocol = session.protocol;
        let view = self.view(protocol, waiter.db);
        let decided = waiter.plan.decide(view);
        let Some(Outcome { ops, then }) = applicable(decided, &self.store, draft) else {
            return false;
        };
        if let Then::Wait { recheck_ms, .. } = then {
            self.store.apply(&ops, true);
            self.waiters.requeue(client, recheck_ms);
        } else {
            let (found, error) = (waiter.found, then.error_code());
            release(then, protocol, draft.output(client));
            self.store.apply(&ops, true);
            self.count(client, found, error);
            self.resume(client);
        }
        true
    }

    /// The client waits no more; its pipeline goes on when the present one is done.
    fn resume(&mut self, client: ClientId) {
        self.waiters.unpark(client);
        self.session(client).state = State::Ready;
        self.resumed.push_back(client);
    }

    /// Ends a client's wait with the null reply, if it waits.
    pub(super) fn time_out(&mut self, client: ClientId, draft: &mut Draft) {
        self.end_wait(client, &Reply::NullArray, draft);
    }

    /// Ends a client's wait with a reply, if it waits.
    pub(super) fn end_wait(&mut self, client: ClientId, reply: &Reply<'_>, draft: &mut Draft) {
        if let Some(waiter) = self.waiters.get(client) {
            let found = waiter.found;
            self.count(client, found, reply.error_code());
            self.answer(client, reply, draft);
            self.resume(client);
        }
    }

    /// The client's requests rest until segments have come.
    pub(super) fn stall(&mut self, client: ClientId) {
        let session = self.session(client);
        if session.state == State::Closed {
            return;
        }
        session.state = State::Stalled;
        if !self.stalled.contains(&client) {
            self.stalled.push(client);
        }
    }

    /// Tells the client what is wrong with its bytes and ends the connection.
    pub(super) fn break_off(&mut self, client: ClientId, problem: &str, draft: &mut Draft) {
        self.answer(client, &Reply::Error(CommandError::Protocol(problem.into()).into()), draft);
        self.hang_up(client);
    }

    /// The client is to be disconnected: it waits for nothing, and what it has sent is not run.
    pub(super) fn hang_up(&mut self, client: ClientId) {
        let session = self.session(client);
        (session.state, session.input) = (State::Closed, Vec::new());
        self.waiters.unpark(client);
        self.stalled.retain(|stalled| *stalled != client);
    }

    fn view(&self, protocol: Protocol, db: u8) -> View<'_> {
        View {
            keyspace: &self.store.keyspace,
            limits: &self.config.limits,
            db,
            now_ms: self.now_ms,
            protocol,
            subscribed: false,
        }
    }
}

/// Whether a request is a line of one in HTTP: a page in a browser on this machine can send such, with
/// commands behind it.
fn is_http(name: &[u8]) -> bool {
    [&b"post"[..], b"host:"].iter().any(|word| name.eq_ignore_ascii_case(word))
}

/// What was decided, a client's mistake as its reply; `None`: segments are needed before it can be
/// decided or applied, and the draft names them.
fn applicable<'c, 'k>(
    decided: Result<Outcome<'c, 'k>, Halt>,
    store: &Store,
    draft: &mut Draft,
) -> Option<Outcome<'c, 'k>> {
    let outcome = match decided {
        Ok(outcome) => outcome,
        Err(Halt::Error(error)) => Outcome::reply(Reply::Error(error)),
        Err(Halt::Need(missing)) => {
            draft.need(missing.0);
            return None;
        }
    };
    let required = store.required(&outcome.ops);
    if required.is_empty() {
        return Some(outcome);
    }
    draft.need(required);
    None
}
