//! The model as something that scenarios run on.

use super::Model;
use crate::resp::{Protocol, Value};
use crate::scenario::Target;
use std::collections::BTreeMap;

/// A model and the names of its clients, who all speak RESP2.
pub(crate) struct Visit {
    model: Model,
    clients: BTreeMap<String, u64>,
    next: u64,
}

impl Visit {
    pub(crate) fn new(model: Model) -> Self {
        Self { model, clients: BTreeMap::new(), next: 0 }
    }
}

impl Target for Visit {
    fn send(&mut self, client: &str, _protocol: Protocol, argv: &[Vec<u8>]) {
        let next = &mut self.next;
        let client = *self.clients.entry(client.to_string()).or_insert_with(|| {
            *next += 1;
            *next
        });
        self.model.send(client, argv);
    }

    fn arrived(&mut self, client: &str) -> Option<Value> {
        Some(self.model.next_reply(self.clients[client])?.on_wire(Protocol::Resp2))
    }

    fn wait(&mut self, client: &str) -> Option<Value> {
        loop {
            if let Some(value) = self.arrived(client) {
                return Some(value);
            }
            self.model.now_ms = self.model.deadline_ms()?;
            self.model.expire();
        }
    }

    fn pass(&mut self, ms: u64) {
        self.model.now_ms += ms as i64;
        self.model.expire();
    }

    fn close(&mut self, client: &str) {
        if let Some(client) = self.clients.remove(client) {
            self.model.disconnect(client);
        }
    }
}
