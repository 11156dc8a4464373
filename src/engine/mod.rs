//! The engine: commands in, one [`Turn`] out.
//!
//! A command is decided against the keyspace, which reads only; what it changes is recorded in the
//! journal and applied; its reply is encoded before that, while the entries it borrows still
//! stand. Then the parked reads that the change concerns are decided again. All that is in
//! `pipeline`; here is the door.

mod archive;
mod care;
mod clients;
mod draft;
mod info;
mod parts;
mod pipeline;
mod resumption;
mod seldom;
mod storage;
mod subscriptions;
mod transaction;

use crate::blob::BlobKey;
use crate::census::Census;
use crate::command::{Found, Permissions};
use crate::config::Config;
use crate::error::CommandError;
use crate::keyspace::Keyspace;
use crate::limits::Limits;
use crate::log::journal::Journal;
use crate::named::Numbered;
use crate::op::{Change, Key, Op};
use crate::replay::Replay;
use crate::reply::Reply;
use crate::session::{ClientId, Session, State};
use crate::stats::Stats;
use crate::store::Store;
use crate::turn::{Turn, Wake};
use crate::waiters::{Alarm, Due, Waiters};
use crate::wire::{self, Protocol};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use draft::Draft;
use parts::Parts;
pub use resumption::Resumption;
use subscriptions::Subscriptions;
use transaction::Transaction;

/// What a storage holds at opening: all blobs but segments and pages, and the journal's batches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Every blob except the cold ones ([`BlobKey::is_cold`]), in any order.
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
    config: Config,
    stats: Stats,
    store: Store,
    sessions: Numbered<Session>,
    waiters: Waiters,
    subscriptions: Subscriptions,
    /// The transaction that is being run and waits for segments.
    transaction: Option<Transaction>,
    /// What may not be heard before that transaction is done.
    held: Vec<Wake>,
    /// The client of that transaction, if it has gone meanwhile.
    departed: Option<ClientId>,
    /// Waiting clients whose reads are to be decided again, in order.
    due: VecDeque<Due>,
    /// Clients that go on with their pipelines when the present one is done.
    resumed: VecDeque<ClientId>,
    stalled: Vec<ClientId>,
    parts: Parts,
    /// What is left of the journal that the engine was restored from.
    replay: Option<Replay>,
    /// The command that was looked up last: most often the next one is the same.
    last_found: Option<Found>,
    now_ms: u64,
    /// The time of the first call.
    started_ms: Option<u64>,
}

impl Engine {
    /// An empty engine.
    #[must_use]
    // Inlined, it would be moved field by field.
    #[inline(never)]
    pub fn new(limits: Limits) -> Self {
        let journal = limits.journaled.then(|| Journal::new(0, 0));
        let census = limits.key_changes.then(Census::default);
        let keyspace = Keyspace::new(limits.pending_page_records);
        Self {
            config: Config::new(limits),
            stats: Stats::default(),
            store: Store::new(keyspace, journal, census),
            sessions: Numbered::default(),
            waiters: Waiters::default(),
            subscriptions: Subscriptions::default(),
            transaction: None,
            held: Vec::new(),
            departed: None,
            due: VecDeque::new(),
            resumed: VecDeque::new(),
            stalled: Vec::new(),
            parts: Parts::ALL_HERE,
            replay: None,
            last_found: None,
            now_ms: 0,
            started_ms: None,
        }
    }

    /// A client has connected; `origin` is what CLIENT LIST says of it, such as
    /// `addr=127.0.0.1:50000 laddr=127.0.0.1:6379 fd=8`. The reply may be a refusal, with `close`.
    ///
    /// A host need not call this: a client also exists from its first turn.
    pub fn connect(&mut self, now_ms: u64, client: ClientId, origin: &str) -> Turn {
        let mut draft = self.begin(now_ms, Some(client));
        let is_full = self.guests() >= self.config.max_clients;
        self.open_session(client);
        let session = self.session(client);
        session.profile.origin = origin.into();
        if is_full {
            session.state = State::Closed;
            self.stats.rejected_connections += 1;
            let error = Reply::Error(CommandError::TooManyClients.into());
            wire::encode(&error, Protocol::Resp2, draft.output(client));
        }
        self.finish(draft)
    }

    /// The host vouches for a client, one of its own: it need not give the password.
    pub fn vouch(&mut self, client: ClientId) {
        self.open_session(client);
        self.session(client).known = true;
    }

    /// Says what a client may do, one that the host vouches for; nothing it sends changes that.
    ///
    /// ```
    /// use eddyline::{ClientId, Engine, Limits, Permissions};
    /// let mut engine = Engine::new(Limits::default());
    /// engine.permit(ClientId(1), Permissions::parse(&[b"+@read", b"~*"]).unwrap());
    /// let turn = engine.turn(0, ClientId(1), b"DEL orders\r\nXLEN orders\r\n");
    /// assert!(turn.reply.starts_with(b"-NOPERM ") && turn.reply.ends_with(b":0\r\n"));
    /// ```
    pub fn permit(&mut self, client: ClientId, permissions: Permissions) {
        self.vouch(client);
        self.session(client).permissions = Some(Box::new(permissions));
    }

    /// Runs what `input` completes of the client's pipeline. Bytes of an unfinished request are
    /// kept, and so is everything while the client waits.
    pub fn turn(&mut self, now_ms: u64, client: ClientId, input: &[u8]) -> Turn {
        let mut draft = self.begin(now_ms, Some(client));
        self.open_session(client);
        let kept = core::mem::take(&mut self.session(client).input);
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

    /// Forgets a client and whatever it waits for. A transaction that it has begun to run is run to
    /// its end.
    pub fn disconnect(&mut self, now_ms: u64, client: ClientId) -> Turn {
        let draft = self.begin(now_ms, None);
        self.waiters.unpark(client);
        self.store.watches.forget(client);
        self.leave_channels(client);
        if self.is_running(client) {
            self.session(client).input = Vec::new();
            self.departed = Some(client);
        } else {
            self.forget(client);
        }
        self.finish(draft)
    }

    fn is_running(&self, client: ClientId) -> bool {
        self.transaction.as_ref().is_some_and(|transaction| transaction.client == client)
    }

    fn forget(&mut self, client: ClientId) {
        if self.sessions.get(client.0).is_some_and(|session| session.moving.is_some()) {
            self.abort(client);
        }
        self.sessions.remove(client.0);
        self.resumed.retain(|resumed| *resumed != client);
        self.stalled.retain(|stalled| *stalled != client);
    }

    /// Refuses commands that write, with the reason why nothing could be kept, or (`None`) takes them
    /// again. Meanwhile there is no journal to make durable either: what changes without a command,
    /// as keys expire, is told with the next change.
    pub fn refuse_writes(&mut self, reason: Option<&str>) {
        self.config.write_refusal = reason.map(String::from);
    }

    /// Bytes of entries and pending records in memory.
    #[must_use]
    pub fn resident_bytes(&self) -> usize {
        self.store.keyspace.resident_bytes()
    }

    /// Evicts the segments that were idle longest until `bytes` are enough, as far as storage has
    /// them.
    pub fn evict_to(&mut self, bytes: usize) {
        self.store.keyspace.advance_clock();
        self.store.keyspace.evict_to(bytes);
    }

    /// When the next key expires.
    #[must_use]
    pub fn next_expiry_ms(&self) -> Option<u64> {
        self.store.keyspace.next_expiry_ms()
    }

    /// The keys of database 0 that have come, gone or changed their type since this was last asked,
    /// each with its type now, or `None` when it is gone. Nothing without
    /// [`Limits::key_changes`].
    pub fn take_key_changes(&mut self) -> Vec<(Box<[u8]>, Option<&'static str>)> {
        let keyspace = &self.store.keyspace;
        self.store.census.as_mut().map(|census| census.take(keyspace)).unwrap_or_default()
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
        self.started_ms.get_or_insert(now_ms);
        self.store.keyspace.advance_clock();
        if self.replay.is_none() && self.transaction.is_none() {
            self.expire();
        }
        let mut draft = Draft::new(caller, core::mem::take(&mut self.held));
        while let Some((alarm, client)) = self.waiters.take_alarm(self.now_ms) {
            match alarm {
                Alarm::Deadline => self.time_out(client, &mut draft),
                Alarm::Recheck => self.due.push_back(Due { client, name: None }),
            }
        }
        self.continue_transaction(&mut draft);
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
            if self.waiters.get(client).is_some() {
                // A wake without a reply tells the host that it waits.
                let _ = draft.output(client);
            }
        }
        if self.transaction.is_some() {
            self.held = draft.hold();
        } else if let Some(client) = self.departed.take() {
            self.forget(client);
        }
        self.complete(draft)
    }

    /// Adds to a turn what the engine's state says now.
    fn complete(&mut self, draft: Draft) -> Turn {
        self.parts.forget_failures();
        let mut turn = draft.turn;
        if let Some(caller) = draft.caller.and_then(|caller| self.sessions.get(caller.0)) {
            turn.parked = caller.state == State::Parked;
            turn.close = caller.state == State::Closed;
            turn.unfinished = caller.unfinished;
        }
        for wake in &mut turn.wakes {
            let Some(session) = self.sessions.get(wake.client.0) else { continue };
            wake.parked = session.state == State::Parked;
            wake.close = session.state == State::Closed;
            wake.unfinished = session.unfinished;
        }
        let is_open = self.config.write_refusal.is_none();
        if is_open
            && self.transaction.is_none()
            && let Some((number, batch)) = self.store.journal.as_mut().and_then(Journal::take)
        {
            (turn.journal_number, turn.journal) = (number, batch);
        }
        turn.deadline_ms = self.next_alarm_ms();
        turn.checkpoint_due = is_open && self.is_checkpoint_due();
        turn.append_fsync = self.config.append_fsync;
        if turn.need.is_empty() && self.store.journal.is_some() {
            self.store.keyspace.evict_to(self.config.limits.resident_bytes);
        }
        turn
    }

    /// Nobody is there to notice that a key has expired, unless somebody waits for it.
    fn next_alarm_ms(&self) -> Option<u64> {
        let expiry_ms = self.store.keyspace.next_expiry_ms().filter(|_| self.waiters.len() > 0);
        self.waiters.next_alarm_ms().into_iter().chain(expiry_ms).min()
    }

    fn is_checkpoint_due(&self) -> bool {
        self.store.journal.as_ref().is_some_and(|journal| {
            journal.batches() >= self.config.limits.journal_batches
                || journal.bytes() >= self.config.limits.journal_bytes
        })
    }

    /// Removes the keys whose time has come.
    fn expire(&mut self) {
        let heard = self.waiters.len() > 0;
        for (db, name) in self.store.keyspace.expired(self.now_ms) {
            let op = Op { key: Key { db, name: &name }, change: Change::RemoveKey };
            self.store.apply(&[op], heard);
            self.stats.expired_keys += 1;
        }
    }

    /// A session begins with the client's first call.
    fn open_session(&mut self, client: ClientId) {
        if self.sessions.get(client.0).is_some() {
            return;
        }
        self.stats.connections += 1;
        let session = self.sessions.entry(client.0);
        session.known = self.config.password.is_empty();
        session.profile.connected_ms = self.now_ms;
        session.profile.active_ms = self.now_ms;
    }

    fn session(&mut self, client: ClientId) -> &mut Session {
        self.sessions.get_mut(client.0).expect("a client that does something has a session")
    }
}

fn joined(mut kept: Vec<u8>, input: &[u8]) -> Cow<'static, [u8]> {
    kept.extend_from_slice(input);
    Cow::Owned(kept)
}
