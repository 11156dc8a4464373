//! The engine: commands in, one [`Turn`] out.
//!
//! A command is decided against the keyspace, which reads only; what it changes is recorded in the
//! journal and applied; its reply is encoded before that, while the entries it borrows still
//! stand. Then the parked reads that the change concerns are decided again. All that is in
//! `pipeline`; here is the door.

mod draft;
mod pipeline;

use crate::error::FormatError;
use crate::keyspace::Keyspace;
use crate::limits::Limits;
use crate::log::journal::Journal;
use crate::log::snapshot::{self, BlobKey, Checkpoint};
use crate::named::Numbered;
use crate::replay::Replay;
use crate::session::{ClientId, Session, State};
use crate::store::Store;
use crate::stream::SegmentRef;
use crate::turn::Turn;
use crate::waiters::{Alarm, Waiters};
use alloc::borrow::Cow;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use draft::Draft;

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
        self.resumed.retain(|resumed| *resumed != client);
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
    /// engine. While segments are needed to replay the journal there is nothing to write yet.
    pub fn checkpoint(&mut self) -> Checkpoint {
        if let Some(replay) = &self.replay {
            return Checkpoint { journal_start: replay.start(), ..Checkpoint::default() };
        }
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
            let waits = self.waiters.get(ClientId(client)).is_some();
            assert_eq!(session.state == State::Parked, waits, "who is parked waits");
        }
        let sessions = self.sessions.iter();
        let parked = sessions.filter(|(_, session)| session.state == State::Parked).count();
        assert_eq!(parked, self.waiters.len(), "who waits has a session");
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
        self.settle(&mut draft);
        while let Some(client) = self.resumed.pop_front() {
            let input = core::mem::take(&mut self.session(client).input);
            self.run(client, Cow::Owned(input), &mut draft);
            self.settle(&mut draft);
        }
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

    fn continue_replay(&mut self) -> Result<(), FormatError> {
        if let Some(replay) = &mut self.replay
            && replay.go_on(&mut self.store.keyspace)?
        {
            self.replay = None;
        }
        Ok(())
    }
}

fn joined(mut kept: Vec<u8>, input: &[u8]) -> Cow<'static, [u8]> {
    kept.extend_from_slice(input);
    Cow::Owned(kept)
}
