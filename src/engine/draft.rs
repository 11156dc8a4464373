//! A turn as it comes about.

use crate::blob::BlobKey;
use crate::command::{Then, WaitPlan};
use crate::session::ClientId;
use crate::turn::{Turn, Wake};
use crate::wire::{self, Protocol};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A turn as it comes about, and whose it is.
pub(super) struct Draft {
    pub(super) caller: Option<ClientId>,
    pub(super) turn: Turn,
    /// Messages for the client whose command is being run, to follow its reply.
    pub(super) afterwards: Vec<u8>,
}

impl Draft {
    /// A draft that begins with what was held back before.
    pub(super) fn new(caller: Option<ClientId>, held: Vec<Wake>) -> Self {
        let mut turn = Turn { wakes: held, ..Turn::default() };
        if let Some(at) = turn.wakes.iter().position(|wake| Some(wake.client) == caller) {
            turn.reply = turn.wakes.remove(at).reply;
        }
        Self { caller, turn, afterwards: Vec::new() }
    }

    /// Takes back what was said, to be held until it may be heard.
    pub(super) fn hold(&mut self) -> Vec<Wake> {
        if let Some(caller) = self.caller.filter(|_| !self.turn.reply.is_empty()) {
            let reply = core::mem::take(&mut self.turn.reply);
            self.turn.wakes.push(Wake::new(caller, reply));
        }
        core::mem::take(&mut self.turn.wakes)
    }

    /// Segments have to be loaded.
    pub(super) fn need(&mut self, segments: Vec<BlobKey>) {
        for at in segments {
            if !self.turn.need.contains(&at) {
                self.turn.need.push(at);
            }
        }
    }

    /// How much a client is told so far.
    pub(super) fn told_bytes(&self, client: ClientId) -> usize {
        if self.caller == Some(client) {
            return self.turn.reply.len();
        }
        let own = self.turn.wakes.iter().rfind(|wake| wake.client == client);
        own.map_or(0, |wake| wake.reply.len())
    }

    /// Where a client's replies go.
    pub(super) fn output(&mut self, client: ClientId) -> &mut Vec<u8> {
        if self.caller == Some(client) {
            return &mut self.turn.reply;
        }
        let wakes = &mut self.turn.wakes;
        let at = wakes.iter().rposition(|wake| wake.client == client).unwrap_or_else(|| {
            wakes.push(Wake::new(client, Vec::new()));
            wakes.len() - 1
        });
        &mut wakes[at].reply
    }
}

/// What is left to do when a reply has been encoded.
pub(super) enum FollowUp {
    Nothing,
    Park { plan: Box<WaitPlan<'static>>, deadline_ms: Option<u64>, recheck_ms: Option<u64> },
}

/// Encodes the reply, which borrows from the keyspace, so that the keyspace can change.
pub(super) fn release(then: Then<'_>, protocol: Protocol, out: &mut Vec<u8>) -> FollowUp {
    match then {
        Then::Reply(reply) => {
            wire::encode(&reply, protocol, out);
            FollowUp::Nothing
        }
        Then::Wait { plan, deadline_ms, recheck_ms } => {
            FollowUp::Park { plan, deadline_ms, recheck_ms }
        }
    }
}
