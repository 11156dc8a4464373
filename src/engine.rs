//! The engine: commands in, one [`Turn`] out.
//!
//! A command is decided against the keyspace, which reads only; what it changes is recorded in the
//! journal and applied; its reply is encoded before that, while the entries it borrows still
//! stand. Then the parked reads that the change concerns are decided again.

use crate::command::{self, Halt, Outcome, ReadPlan, Then, View};
use crate::error::{CommandError, FormatError};
use crate::keyspace::Keyspace;
use crate::limits::Limits;
use crate::log::journal::Journal;
use crate::log::snapshot::{self, BlobKey, Checkpoint};
use crate::named::Numbered;
use crate::replay::Replay;
use crate::reply::Reply;
use crate::session::{ClientId, Session, State};
use crate::store::Store;
use crate::stream::SegmentRef;
use crate::turn::{Turn, Wake};
use crate::waiters::{Alarm, Waiter, Waiters};
use crate::wire::{self, Protocol, Request, RequestError};
use alloc::borrow::Cow;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// What a storage holds at opening: all blobs but the segments, and the journal's batches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Every blob except segments, in any order.
    pub blobs: Vec<(BlobKey, Vec<u8>)>,
    /// Journal batches, in any order; those older than the checkpoint are passed over.
    pub journal: Vec<Vec<u8>>,
}

/// A keyspace of streams, its clients and what they wait for.
///
/// ```
/// use eddyline::{ClientId, Engine, Limits};
/// let mut engine = Engine::new(Limits::default());
/// let turn = engine.turn(1000, ClientId(1), b"XADD orders * item tea\r\n");
/// assert_eq!(turn.reply, b"$6\r\n1000-0\r\n");
/// assert!(!turn.journal.is_empty(), "to be made durable before the reply is released");
/// ```
#[derive(Debug)]
pub struct Engine {
    limits: Limits,
    store: Store,
    sessions: Numbered<Session>,
    waiters: Waiters,
    /// Waiting clients whose reads are to be decided again, in order.
    due: VecDeque<ClientId>,
    /// Clients that go on with their pipelines when the present one is done.
    resumed: VecDeque<ClientId>,
    stalled: Vec<ClientId>,
    /// What is left of the journal that the engine was restored from.
    replay: Option<Replay>,
    now_ms: u64,
}

/// A turn as it comes about, and whose it is.
struct Draft {
    caller: Option<ClientId>,
    turn: Turn,
}

impl Draft {
    fn new(caller: Option<ClientId>) -> Self {
        Self { caller, turn: Turn::default() }
    }

    /// Segments have to be loaded.
    fn need(&mut self, segments: Vec<SegmentRef>) {
        for at in segments {
            if !self.turn.need.contains(&at) {
                self.turn.need.push(at);
            }
        }
    }

    /// Where a client's replies go.
    fn output(&mut self, client: ClientId) -> &mut Vec<u8> {
        if self.caller == Some(client) {
            return &mut self.turn.reply;
        }
        let wakes = &mut self.turn.wakes;
        let at = wakes.iter().rposition(|wake| wake.client == client).unwrap_or_else(|| {
            wakes.push(Wake { client, reply: Vec::new(), parked: false, close: false });
            wakes.len() - 1
        });
        &mut wakes[at].reply
    }
}

impl Engine {
    /// An empty engine.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let journal = limits.journaled.then(|| Journal::new(0));
        let store = Store { keyspace: Keyspace::default(), journal, events: VecDeque::new() };
        Self {
            limits,
            store,
            sessions: Numbered::default(),
            waiters: Waiters::default(),
            due: VecDeque::new(),
            resumed: VecDeque::new(),
            stalled: Vec::new(),
            replay: None,
            now_ms: 0,
        }
    }

    /// An engine with the state that `stored` holds.
    ///
    /// Replaying the journal may need segments. Then the first turns name them in
    /// [`Turn::need`], as any turn does, and run nothing until they are supplied.
    ///
    /// # Errors
    /// Blobs or batches that are damaged, missing, or do not fit together.
    pub fn restore(limits: Limits, stored: Stored) -> Result<Self, FormatError> {
        let (keyspace, journal_start) = snapshot::restore(&stored.blobs)?;
        let replay = Replay::new(stored.journal, journal_start)?;
        let mut engine = Self::new(limits);
        engine.store.keyspace = keyspace;
        engine.store.journal = Some(Journal::new(replay.next_number()));
        engine.replay = Some(replay);
        engine.continue_replay()?;
        Ok(engine)
    }

    /// Runs what `input` completes of the client's pipeline. Bytes of an unfinished request are
    /// kept, and so is everything while the client waits.
    pub fn turn(&mut self, now_ms: u64, client: ClientId, input: &[u8]) -> Turn {
        let mut draft = self.begin(now_ms, Some(client));
        let kept = core::mem::take(&mut self.sessions.entry(client.0).input);
        let input = if kept.is_empty() { Cow::Borrowed(input) } else { joined(kept, input) };
        self.run(client, input, &mut draft);
        self.finish(draft)
    }

    /// Ends waits whose deadline has come, and goes on where work stopped for want of a segment.
    pub fn tick(&mut self, now_ms: u64) -> Turn {
        let draft = self.begin(now_ms, None);
        self.finish(draft)
    }

    /// Ends a client's wait with the null reply that a timeout would give; its pipeline goes on.
    pub fn cancel(&mut self, now_ms: u64, client: ClientId) -> Turn {
        let mut draft = self.begin(now_ms, Some(client));
        self.time_out(client, &mut draft);
        self.finish(draft)
    }

    /// Forgets a client and whatever it waits for.
    pub fn disconnect(&mut self, now_ms: u64, client: ClientId) -> Turn {
        let draft = self.begin(now_ms, None);
        self.waiters.unpark(client);
        self.sessions.remove(client.0);
        self.stalled.retain(|stalled| *stalled != client);
        self.finish(draft)
    }

    /// Hands in a segment named by [`Turn::need`].
    ///
    /// # Errors
    /// The bytes are damaged, or are not those of this segment.
    pub fn supply(&mut self, at: SegmentRef, bytes: &[u8]) -> Result<(), FormatError> {
        snapshot::supply(&mut self.store.keyspace, at, bytes)?;
        self.continue_replay()
    }

    /// All that changed since the last checkpoint, to be written in one storage transaction. What
    /// is written may be evicted from then on, so a host whose transaction fails must drop the
    /// engine.
    pub fn checkpoint(&mut self) -> Checkpoint {
        let journal_start = self.store.journal.as_mut().map_or(0, Journal::cut);
        let checkpoint = snapshot::take(&mut self.store.keyspace, journal_start);
        self.store.keyspace.evict_to(self.limits.resident_bytes);
        checkpoint
    }

    /// Bytes of entries in memory.
    #[must_use]
    pub fn resident_bytes(&self) -> usize {
        self.store.keyspace.resident_bytes()
    }

    /// Walks every invariant.
    ///
    /// # Panics
    /// When one does not hold: a bug of ours.
    pub fn check(&self) {
        self.store.keyspace.check();
        self.waiters.check();
        for (client, session) in self.sessions.iter() {
            let stalled = self.stalled.contains(&ClientId(client));
            assert_eq!(session.state == State::Stalled, stalled, "who is stalled is listed");
        }
    }

    fn begin(&mut self, now_ms: u64, caller: Option<ClientId>) -> Draft {
        self.now_ms = self.now_ms.max(now_ms);
        self.store.keyspace.advance_clock();
        let mut draft = Draft::new(caller);
        while let Some((alarm, client)) = self.waiters.take_alarm(self.now_ms) {
            match alarm {
                Alarm::Deadline => self.time_out(client, &mut draft),
                Alarm::Recheck => self.due.push_back(client),
            }
        }
        for client in core::mem::take(&mut self.stalled) {
            self.session(client).state = State::Ready;
            self.resumed.push_back(client);
        }
        draft
    }

    fn finish(&mut self, mut draft: Draft) -> Turn {
        while let Some(client) = self.resumed.pop_front() {
            let input = core::mem::take(&mut self.session(client).input);
            self.run(client, Cow::Owned(input), &mut draft);
        }
        self.settle(&mut draft);
        let mut turn = draft.turn;
        let state = |client: ClientId| self.sessions.get(client.0).map(|session| session.state);
        if let Some(caller) = draft.caller {
            turn.parked = state(caller) == Some(State::Parked);
            turn.close = state(caller) == Some(State::Closed);
        }
        for wake in &mut turn.wakes {
            wake.parked = state(wake.client) == Some(State::Parked);
            wake.close = state(wake.client) == Some(State::Closed);
        }
        if let Some((number, batch)) = self.store.journal.as_mut().and_then(Journal::take) {
            (turn.journal_number, turn.journal) = (number, batch);
        }
        turn.deadline_ms = self.waiters.next_alarm_ms();
        turn.checkpoint_due = self.is_checkpoint_due();
        if turn.need.is_empty() {
            self.store.keyspace.evict_to(self.limits.resident_bytes);
        }
        turn
    }

    fn is_checkpoint_due(&self) -> bool {
        self.store.journal.as_ref().is_some_and(|journal| {
            journal.batches() >= self.limits.journal_batches
                || journal.bytes() >= self.limits.journal_bytes
        })
    }

    fn session(&mut self, client: ClientId) -> &mut Session {
        self.sessions.entry(client.0)
    }

    /// Runs the requests in `input`, as far as they are whole and the client does not wait; keeps
    /// the rest.
    fn run(&mut self, client: ClientId, input: Cow<'_, [u8]>, draft: &mut Draft) {
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
        let Outcome { ops, then } = match command.decide(view) {
            Ok(outcome) => outcome,
            Err(Halt::Error(error)) => Outcome::reply(Reply::Error(error)),
            Err(Halt::Need(missing)) => {
                draft.need(missing.0);
                self.stall(client);
                return false;
            }
        };
        let required = self.store.required(&ops);
        if !required.is_empty() {
            draft.need(required);
            self.stall(client);
            return false;
        }
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
    fn settle(&mut self, draft: &mut Draft) -> bool {
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
        let protocol = self.session(client).protocol;
        let Some(waiter) = self.waiters.get(client) else { return true };
        let view = self.view(client, protocol, waiter.db);
        let Outcome { ops, then } = match waiter.plan.decide(view) {
            Ok(outcome) => outcome,
            Err(Halt::Error(error)) => Outcome::reply(Reply::Error(error)),
            Err(Halt::Need(missing)) => {
                draft.need(missing.0);
                return false;
            }
        };
        let required = self.store.required(&ops);
        if !required.is_empty() {
            draft.need(required);
            return false;
        }
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
    fn time_out(&mut self, client: ClientId, draft: &mut Draft) {
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

    fn continue_replay(&mut self) -> Result<(), FormatError> {
        if let Some(replay) = &mut self.replay
            && replay.go_on(&mut self.store.keyspace)?
        {
            self.replay = None;
        }
        Ok(())
    }
}

/// What is left to do when a reply has been encoded.
enum FollowUp {
    Nothing,
    Switch(Protocol),
    Close,
    Park { plan: ReadPlan<'static>, deadline_ms: Option<u64>, recheck_ms: Option<u64> },
}

/// Encodes the reply, which borrows from the keyspace, so that the keyspace can change.
fn release(then: Then<'_>, protocol: Protocol, out: &mut Vec<u8>) -> FollowUp {
    match then {
        Then::Reply(reply) => {
            wire::encode(&reply, protocol, out);
            FollowUp::Nothing
        }
        Then::Switch(protocol, reply) => {
            wire::encode(&reply, protocol, out);
            FollowUp::Switch(protocol)
        }
        Then::Close(reply) => {
            wire::encode(&reply, protocol, out);
            FollowUp::Close
        }
        Then::Wait { plan, deadline_ms, recheck_ms } => {
            FollowUp::Park { plan, deadline_ms, recheck_ms }
        }
    }
}

fn joined(mut kept: Vec<u8>, input: &[u8]) -> Cow<'static, [u8]> {
    kept.extend_from_slice(input);
    Cow::Owned(kept)
}
