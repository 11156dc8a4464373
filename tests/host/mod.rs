//! The smallest host an engine can have: a clock that is driven, a storage in two maps, and an
//! inbox per client.
#![allow(dead_code, unused_imports, reason = "every test binary uses a part of it")]

use crate::resp::{Protocol, Value, decode, request};
use crate::scenario::Target;
use eddyline::{BlobKey, ClientId, Engine, Limits, Salvaged, Stored, Survey, Turn};
use std::collections::{BTreeMap, BTreeSet};

/// Where the driven clock begins: a day in 2023.
pub(crate) const START_MS: u64 = 1_700_000_000_000;

/// What survives the engine: blobs, and journal batches by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Storage {
    pub(crate) blobs: BTreeMap<BlobKey, Vec<u8>>,
    pub(crate) journal: BTreeMap<u64, Vec<u8>>,
}

impl Storage {
    /// What an engine is given at opening: everything but what is cold.
    pub(crate) fn stored(&self) -> Stored {
        Stored {
            blobs: self
                .blobs
                .iter()
                .filter(|(key, _)| !key.is_cold())
                .map(|(key, bytes)| (*key, bytes.clone()))
                .collect(),
            journal: self.journal.values().cloned().collect(),
        }
    }

    /// What can be read of it, whatever its state.
    pub(crate) fn salvaged(&self) -> Salvaged {
        let mut survey = Survey::new(&self.stored().blobs, self.journal.keys().next().copied());
        for (key, bytes) in &self.blobs {
            if key.is_cold() {
                survey.cold(*key, bytes);
            }
        }
        let journal = self.journal.iter().map(|(number, bytes)| (*number, bytes.clone()));
        let mut salvage = survey.assemble(journal.collect());
        while let Some(at) = salvage.need().first().copied() {
            salvage.supply(at, self.blobs.get(&at).map(Vec::as_slice));
        }
        salvage.finish()
    }

    /// A new storage with what is left of this one.
    pub(crate) fn repaired(&self, salvaged: &Salvaged) -> Self {
        let mut storage = Self::default();
        for (from, to) in &salvaged.copied {
            storage.blobs.insert(*to, self.blobs[from].clone());
        }
        assert!(salvaged.checkpoint.delete.is_empty(), "there is nothing to delete");
        storage.blobs.extend(salvaged.checkpoint.put.iter().cloned());
        storage
    }
}

/// An engine with its storage, clock and clients.
pub(crate) struct Host {
    pub(crate) engine: Engine,
    pub(crate) storage: Storage,
    pub(crate) now_ms: u64,
    pub(crate) deadline_ms: Option<u64>,
    /// How often a segment or a page was asked for.
    pub(crate) supplied: usize,
    /// How often a page was.
    pub(crate) pages_supplied: usize,
    /// Whether journal rows stay when a checkpoint has made them stale.
    pub(crate) keeps_stale: bool,
    /// Whether segments and pages come only when [`Host::supply_one`] is called, as from a storage that takes
    /// its time.
    pub(crate) is_slow: bool,
    /// Segments that were asked for and have not come.
    pub(crate) wanted: BTreeSet<BlobKey>,
    limits: Limits,
    inboxes: BTreeMap<ClientId, Inbox>,
    names: BTreeMap<String, ClientId>,
    next_client: u64,
}

/// What has reached a client and was not looked at yet.
#[derive(Default)]
struct Inbox {
    bytes: Vec<u8>,
    parked: bool,
}

impl Host {
    pub(crate) fn new(limits: Limits) -> Self {
        Self::around(Engine::new(limits.clone()), limits, Storage::default(), START_MS)
    }

    /// A host that finds `storage` when it opens.
    pub(crate) fn restore(limits: Limits, storage: Storage, now_ms: u64) -> Self {
        let engine = Engine::restore(limits.clone(), storage.stored())
            .unwrap_or_else(|error| panic!("what the engine wrote is found damaged: {error}"));
        Self::around(engine, limits, storage, now_ms)
    }

    fn around(engine: Engine, limits: Limits, storage: Storage, now_ms: u64) -> Self {
        Self {
            engine,
            storage,
            now_ms,
            deadline_ms: None,
            supplied: 0,
            pages_supplied: 0,
            keeps_stale: false,
            is_slow: false,
            wanted: BTreeSet::new(),
            limits,
            inboxes: BTreeMap::new(),
            names: BTreeMap::new(),
            next_client: 1,
        }
    }

    /// Sends bytes, whole requests or not.
    pub(crate) fn send_bytes(&mut self, client: ClientId, bytes: &[u8]) {
        let turn = self.engine.turn(self.now_ms, client, bytes);
        self.take(Some(client), turn);
    }

    /// Sends one command and gives its reply, which is due at once.
    pub(crate) fn ask<W: AsRef<[u8]>>(&mut self, client: ClientId, argv: &[W]) -> Value {
        self.send_bytes(client, &request(argv));
        self.next_reply(client).unwrap_or_else(|| {
            let words: Vec<_> = argv.iter().map(|w| String::from_utf8_lossy(w.as_ref())).collect();
            panic!("no reply to {words:?}")
        })
    }

    /// The client's next reply, if there is one.
    pub(crate) fn next_reply(&mut self, client: ClientId) -> Option<Value> {
        let inbox = self.inboxes.entry(client).or_default();
        let (value, len) = decode(&inbox.bytes)?;
        inbox.bytes.drain(..len);
        Some(value)
    }

    /// Whether bytes have reached the client that nobody has looked at.
    pub(crate) fn has_told(&self, client: ClientId) -> bool {
        self.inboxes.get(&client).is_some_and(|inbox| !inbox.bytes.is_empty())
    }

    /// All bytes that reached the client.
    pub(crate) fn take_bytes(&mut self, client: ClientId) -> Vec<u8> {
        core::mem::take(&mut self.inboxes.entry(client).or_default().bytes)
    }

    pub(crate) fn parked(&self, client: ClientId) -> bool {
        self.inboxes.get(&client).is_some_and(|inbox| inbox.parked)
    }

    pub(crate) fn tick(&mut self) {
        let turn = self.engine.tick(self.now_ms);
        self.take(None, turn);
    }

    pub(crate) fn cancel(&mut self, client: ClientId) {
        let turn = self.engine.cancel(self.now_ms, client);
        self.take(Some(client), turn);
    }

    pub(crate) fn disconnect(&mut self, client: ClientId) {
        let turn = self.engine.disconnect(self.now_ms, client);
        self.take(Some(client), turn);
        self.inboxes.remove(&client);
    }

    /// Writes a checkpoint, as a host does when the engine says that one is due.
    pub(crate) fn checkpoint(&mut self) {
        let checkpoint = self.engine.checkpoint();
        for key in checkpoint.delete {
            self.storage.blobs.remove(&key);
        }
        self.storage.blobs.extend(checkpoint.put);
        if !self.keeps_stale {
            self.storage.journal = self.storage.journal.split_off(&checkpoint.journal_start);
        }
    }

    /// Does what a turn asks for, until it needs no more segments.
    fn take(&mut self, client: Option<ClientId>, turn: Turn) {
        self.settle(client, &turn);
        while !self.is_slow && !self.wanted.is_empty() {
            while let Some(at) = self.wanted.pop_first() {
                self.supply(at);
            }
            let turn = self.engine.tick(self.now_ms);
            self.settle(None, &turn);
        }
    }

    /// One of the segments that were asked for arrives.
    pub(crate) fn supply_one(&mut self, which: u64) {
        let at = self.wanted.iter().nth(which as usize % self.wanted.len().max(1)).copied();
        if let Some(at) = at {
            self.wanted.remove(&at);
            self.supply(at);
            self.tick();
        }
    }

    fn supply(&mut self, at: BlobKey) {
        let Some(bytes) = self.storage.blobs.get(&at) else {
            panic!("{at:?} is needed and was never written");
        };
        self.engine
            .supply(at, bytes)
            .unwrap_or_else(|error| panic!("what the engine wrote is found damaged: {error}"));
        self.supplied += 1;
        self.pages_supplied += usize::from(matches!(at, BlobKey::Page { .. }));
    }

    fn settle(&mut self, client: Option<ClientId>, turn: &Turn) {
        assert!(
            self.limits.journaled || turn.journal.is_empty(),
            "a journal that nobody asked for"
        );
        if !turn.journal.is_empty() {
            let before = self.storage.journal.insert(turn.journal_number, turn.journal.clone());
            assert!(before.is_none(), "two journal batches have number {}", turn.journal_number);
        }
        if let Some(client) = client {
            let inbox = self.inboxes.entry(client).or_default();
            inbox.bytes.extend_from_slice(&turn.reply);
            inbox.parked = turn.parked;
        } else {
            assert!(turn.reply.is_empty(), "a tick has no caller to reply to");
        }
        for wake in &turn.wakes {
            let inbox = self.inboxes.entry(wake.client).or_default();
            inbox.bytes.extend_from_slice(&wake.reply);
            inbox.parked = wake.parked;
        }
        self.deadline_ms = turn.deadline_ms;
        self.wanted.extend(turn.need.iter().copied());
    }

    /// The number of the client with this name; a new one gets its protocol first.
    fn client(&mut self, name: &str, protocol: Protocol) -> ClientId {
        if let Some(client) = self.names.get(name) {
            return *client;
        }
        let client = ClientId(self.next_client);
        self.next_client += 1;
        self.names.insert(name.to_string(), client);
        let turn =
            self.engine.connect(self.now_ms, client, "addr=127.0.0.1:1 laddr=127.0.0.1:2 fd=3");
        self.take(Some(client), turn);
        if protocol == Protocol::Resp3 {
            let _ = self.ask(client, &["HELLO", "3"]);
        }
        client
    }
}

impl Target for Host {
    fn send(&mut self, client: &str, protocol: Protocol, argv: &[Vec<u8>]) {
        let client = self.client(client, protocol);
        self.send_bytes(client, &request(argv));
        self.engine.check();
    }

    fn arrived(&mut self, client: &str) -> Option<Value> {
        self.next_reply(self.names[client])
    }

    fn wait(&mut self, client: &str) -> Option<Value> {
        loop {
            if let Some(value) = self.arrived(client) {
                return Some(value);
            }
            self.now_ms = self.deadline_ms.filter(|deadline| *deadline > self.now_ms)?;
            self.tick();
        }
    }

    fn pass(&mut self, ms: u64) {
        self.now_ms += ms;
        self.tick();
    }

    fn close(&mut self, client: &str) {
        if let Some(client) = self.names.remove(client) {
            self.disconnect(client);
        }
    }
}
