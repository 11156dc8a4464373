//! The clients of a scenario on a live server.

use super::{Connection, PATIENCE, Server, field, number};
use crate::resp::{Protocol, Value};
use crate::scenario::Target;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// The clients of one scenario on a server, which was emptied for them.
pub(crate) struct Visit<'a> {
    server: &'a Server,
    control: Connection,
    clients: BTreeMap<String, Connection>,
    parked: BTreeSet<String>,
}

impl<'a> Visit<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        let mut control = server.connect();
        assert_eq!(control.ask(&["FLUSHALL"]), Value::Simple(b"OK".to_vec()));
        Self { server, control, clients: BTreeMap::new(), parked: BTreeSet::new() }
    }

    /// Waits until the server has taken what `client` sent: it has replied or blocked.
    fn until_taken(&mut self, client: &str) {
        if self.parked.contains(client) {
            return;
        }
        let started = Instant::now();
        while !self.clients[client].is_ready() {
            if number(&mut self.control, "blocked_clients") > self.parked.len() {
                self.parked.insert(client.to_string());
                return;
            }
            assert!(started.elapsed() < PATIENCE, "the server neither replied nor blocked");
        }
    }

    fn read(&mut self, client: &str, patience: Option<Duration>) -> Option<Value> {
        let value = self.clients.get_mut(client)?.read(patience)?;
        self.parked.remove(client);
        Some(value)
    }
}

impl Target for Visit<'_> {
    fn send(&mut self, client: &str, protocol: Protocol, argv: &[Vec<u8>]) {
        let connection = self.clients.entry(client.to_string()).or_insert_with(|| {
            let mut connection = self.server.connect();
            if protocol == Protocol::Resp3 {
                connection.ask(&["HELLO", "3"]);
            }
            connection
        });
        connection.send(argv);
        self.until_taken(client);
        // Whatever the command set free is on its way before the control client is answered.
        self.control.ask(&["PING"]);
    }

    fn arrived(&mut self, client: &str) -> Option<Value> {
        self.read(client, None)
    }

    fn wait(&mut self, client: &str) -> Option<Value> {
        self.read(client, Some(PATIENCE))
    }

    fn pass(&mut self, ms: u64) {
        std::thread::sleep(Duration::from_millis(ms));
    }

    fn close(&mut self, client: &str) {
        self.clients.remove(client);
        self.parked.remove(client);
        // The server has seen the end of the connection once it no longer counts it.
        let started = Instant::now();
        while number(&mut self.control, "connected_clients") > self.clients.len() + 1 {
            assert!(started.elapsed() < PATIENCE, "the server keeps a closed client");
        }
    }
}
