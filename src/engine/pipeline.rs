//! Running clients' requests, and telling waiting clients what has happened.

use super::Engine;
use super::draft::{Draft, FollowUp, release};
use crate::command::{self, Halt, Outcome, Then, View};
use crate::error::CommandError;
use crate::reply::Reply;
use crate::session::{ClientId, State};
use crate::store::Store;
use crate::waiters::Waiter;
use crate::wire::{self, Protocol, Request, RequestError};
use alloc::borrow::Cow;
use alloc::vec::Vec;

impl Engine {
    /// Runs the requests in `input`, as far as they are whole and the client does not wait; keeps
    /// the rest.
    pub(super) fn run(&mut self, client: ClientId, input: Cow<'_, [u8]>, draft: &mut Draft) {
        let mut used = 0;
        while self.session(client).state == State::Ready {
            if !self.settle(draft) {
                self.stall(client);
                break;
            }
            match self.run_request(client, &input[used..], draft) {
                Some(bytes) => used += bytes,
                None => break,
            }
        }
        let limit = self.limits.input_bytes;
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
    /// yet, or it cannot be run yet.
    fn run_request(&mut self, client: ClientId, input: &[u8], draft: &mut Draft) -> Option<usize> {
        if input.len() < self.session(client).needed_bytes {
            return None;
        }
        match wire::decode(input, &self.limits) {
            Ok(Request::Incomplete { needed_bytes }) => {
                self.session(client).needed_bytes = needed_bytes;
                None
            }
            Ok(Request::Array { arguments, used_bytes }) => {
                self.session(client).needed_bytes = 0;
                self.execute(client, &arguments, draft).then_some(used_bytes)
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
        let session = self.session(client);
        let (protocol, db) = (session.protocol, session.db);
        let command = match command::parse(argv, self.now_ms) {
            Ok(command) => command,
            Err(error) => {
                wire::encode(&Reply::Error(error), protocol, draft.output(client));
                return true;
            }
        };
        let view = self.view(client, protocol, db);
        let Some(Outcome { ops, then }) = applicable(command.decide(view), &self.store, draft)
        else {
            self.stall(client);
            return false;
        };
        let then = release(then, protocol, draft.output(client));
        self.store.apply(&ops, self.waiters.len() > 0);
        self.follow_up(client, then, draft);
        true
    }

    fn follow_up(&mut self, client: ClientId, then: FollowUp, draft: &mut Draft) {
        match then {
            FollowUp::Nothing => {}
            FollowUp::Switch(protocol) => self.session(client).protocol = protocol,
            FollowUp::Close => self.session(client).state = State::Closed,
            FollowUp::Park { .. } if self.waiters.len() >= self.limits.waiters => {
                let error = Reply::Error(CommandError::TooManyWaiters);
                let protocol = self.session(client).protocol;
                wire::encode(&error, protocol, draft.output(client));
            }
            FollowUp::Park { plan, deadline_ms, recheck_ms } => {
                let session = self.session(client);
                session.state = State::Parked;
                let waiter = Waiter { db: session.db, plan, deadline_ms, recheck_ms };
                self.waiters.park(client, waiter);
            }
        }
    }

    /// Tells waiting clients what has happened, until there is nothing to tell. Returns whether
    /// that is so; if not, segments are needed first.
    pub(super) fn settle(&mut self, draft: &mut Draft) -> bool {
        if let Some(replay) = &self.replay {
            draft.need(replay.need.clone());
            return false;
        }
        loop {
            while let Some(&client) = self.due.front() {
                if !self.serve(client, draft) {
                    return false;
                }
                self.due.pop_front();
            }
            let Some(event) = self.store.events.pop_front() else { return true };
            self.due = self.waiters.concerned(&event).into();
        }
    }

    /// Decides a parked read again. Returns whether it is done with; if not, it needs segments
    /// first.
    fn serve(&mut self, client: ClientId, draft: &mut Draft) -> bool {
        let Some(waiter) = self.waiters.get(client) else { return true };
        let session = self.sessions.get(client.0).expect("who waits has a session");
        let protocol = session.protocol;
        let view = self.view(client, protocol, waiter.db);
        let decided = waiter.plan.decide(view);
        let Some(Outcome { ops, then }) = applicable(decided, &self.store, draft) else {
            return false;
        };
        if let Then::Wait { recheck_ms, .. } = then {
            self.store.apply(&ops, true);
            self.waiters.requeue(client, recheck_ms);
        } else {
            release(then, protocol, draft.output(client));
            self.store.apply(&ops, true);
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
        if self.waiters.get(client).is_some() {
            let protocol = self.session(client).protocol;
            wire::encode(&Reply::NullArray, protocol, draft.output(client));
            self.resume(client);
        }
    }

    /// The client's requests rest until segments have come.
    fn stall(&mut self, client: ClientId) {
        self.session(client).state = State::Stalled;
        if !self.stalled.contains(&client) {
            self.stalled.push(client);
        }
    }

    /// Tells the client what is wrong with its bytes and ends the connection.
    fn break_off(&mut self, client: ClientId, problem: &str, draft: &mut Draft) {
        let error = Reply::Error(CommandError::Protocol(problem.into()));
        let session = self.session(client);
        session.input = Vec::new();
        session.state = State::Closed;
        let protocol = session.protocol;
        wire::encode(&error, protocol, draft.output(client));
        self.waiters.unpark(client);
        self.stalled.retain(|stalled| *stalled != client);
    }

    fn view(&self, client: ClientId, protocol: Protocol, db: u8) -> View<'_> {
        View {
            keyspace: &self.store.keyspace,
            limits: &self.limits,
            db,
            now_ms: self.now_ms,
            client: client.0,
            protocol,
        }
    }
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
