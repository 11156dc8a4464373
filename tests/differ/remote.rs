//! The clients of a sequence on a real server.

use crate::resp::{Value, request};
use crate::server::{Connection, PATIENCE, Server, number};
use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

/// A number that no client has.
pub(super) const NOBODY: u64 = u32::MAX as u64;

/// A server that was emptied, and what its clients still wait for.
pub(crate) struct Remote<'a> {
    server: &'a Server,
    control: Connection,
    clients: BTreeMap<u64, Client>,
}

struct Client {
    connection: Connection,
    /// By which the server knows it.
    number: u64,
    /// Requests without a reply yet.
    outstanding: usize,
    /// Replies that nobody has looked at yet.
    replies: VecDeque<Value>,
}

impl Client {
    fn new(server: &Server) -> Self {
        let mut connection = server.connect();
        let Value::Int(number) = connection.ask(&["CLIENT", "ID"]) else {
            panic!("CLIENT ID answers a number");
        };
        Self { connection, number: number as u64, outstanding: 0, replies: VecDeque::new() }
    }

    fn take(&mut self, reply: Value) {
        self.outstanding -= 1;
        self.replies.push_back(reply);
    }
}

impl<'a> Remote<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        let mut control = server.connect();
        assert_eq!(control.ask(&["FLUSHALL"]), Value::Simple(b"OK".to_vec()));
        assert_eq!(control.ask(&["CONFIG", "RESETSTAT"]), Value::Simple(b"OK".to_vec()));
        Self { server, control, clients: BTreeMap::new() }
    }

    /// Asks by a connection that is none of the clients'.
    pub(super) fn ask(&mut self, argv: &[&[u8]]) -> Value {
        self.control.ask(argv)
    }

    pub(super) fn configure(&mut self, name: &str, value: u64) {
        let ok = self.control.ask(&["CONFIG", "SET", name, &value.to_string()]);
        assert_eq!(ok, Value::Simple(b"OK".to_vec()), "{name}");
    }

    /// Sends `requests` whole requests and waits until the server has either answered or parked
    /// every client. `blocks`: some of them may have to wait.
    pub(super) fn send(&mut self, client: u64, bytes: &[u8], requests: usize, blocks: bool) {
        let others_wait = self.clients.values().any(|client| client.outstanding > 0);
        let client = self.clients.entry(client).or_insert_with(|| Client::new(self.server));
        client.connection.send_bytes(bytes);
        client.outstanding += requests;
        if blocks || others_wait {
            self.settle();
            return;
        }
        while client.outstanding > 0 {
            let reply = client.connection.read(Some(PATIENCE));
            client.take(reply.expect("the server answers what does not block"));
        }
    }

    /// Waits until every client that waits for a reply is one that the server has parked.
    fn settle(&mut self) {
        let started = Instant::now();
        loop {
            // What was sent before the first is run, and its replies are out, before the second.
            self.control.ask(&["PING"]);
            self.control.ask(&["PING"]);
            self.read();
            let waiting = self.waiting();
            if waiting == 0 || number(&mut self.control, "blocked_clients") == waiting {
                self.read();
                if self.waiting() == waiting {
                    return;
                }
            }
            let blocked = number(&mut self.control, "blocked_clients");
            assert!(
                started.elapsed() < PATIENCE,
                "{waiting} clients wait, the server has blocked {blocked}"
            );
        }
    }

    fn waiting(&self) -> usize {
        self.clients.values().filter(|client| client.outstanding > 0).count()
    }

    fn read(&mut self) {
        for client in self.clients.values_mut().filter(|client| client.outstanding > 0) {
            while let Some(reply) = client.connection.read(None) {
                client.take(reply);
            }
        }
    }

    /// Waits until the time of a client's wait is over, if it still waits.
    pub(super) fn wait(&mut self, client: u64) {
        let client = self.clients.get_mut(&client).expect("who waits is known");
        while client.outstanding > 0 {
            let reply = client.connection.read(Some(PATIENCE));
            client.take(reply.expect("a wait ends"));
        }
        self.settle();
    }

    pub(super) fn parked(&self, client: u64) -> bool {
        self.clients.get(&client).is_some_and(|client| client.outstanding > 0)
    }

    pub(super) fn next_reply(&mut self, client: u64) -> Option<Value> {
        self.clients.get_mut(&client)?.replies.pop_front()
    }

    /// By which number the server knows a client; [`NOBODY`] if it does not.
    pub(super) fn number(&self, client: u64) -> u64 {
        self.clients.get(&client).map_or(NOBODY, |client| client.number)
    }

    /// All replies that nobody has looked at yet.
    pub(super) fn replies(&self) -> impl Iterator<Item = &Value> {
        self.clients.values().flat_map(|client| &client.replies)
    }

    pub(super) fn disconnect(&mut self, client: u64) {
        if self.clients.remove(&client).is_none() {
            return;
        }
        // The server has seen the end of the connection once it no longer counts it.
        let started = Instant::now();
        while number(&mut self.control, "connected_clients") > self.clients.len() + 1 {
            assert!(started.elapsed() < PATIENCE, "the server keeps a closed client");
        }
    }
}
