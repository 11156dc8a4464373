//! A turn as it comes about.

use crate::command::{ReadPlan, Then};
use crate::session::ClientId;
use crate::stream::SegmentRef;
use crate::turn::{Turn, Wake};
use crate::wire::{self, Protocol};
use alloc::vec::Vec;

/// A turn as it comes about, and whose it is.
pub(super) struct Draft {
    pub(super) caller: Option<ClientId>,
    pub(super) turn: Turn,
}

impl Draft {
    pub(super) fn new(caller: Option<ClientId>) -> Self {
        Self { caller, turn: Turn::default() }
    }

    /// Segments have to be loaded.
    pub(super) fn need(&mut self, segments: Vec<SegmentRef>) {
        for at in segments {
            if !self.turn.need.contains(&at) {
                self.turn.need.push(at);
            }
        }
    }

    /// Where a client's replies go.
    pub(super) fn output(&mut self, client: ClientId) -> &mut Vec<u8> {
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

/// What is left to do when a reply has been encoded.
pub(super) enum FollowUp {
    Nothing,
    Switch(Protocol),
    Close,
    Park { plan: ReadPlan<'static>, deadline_ms: Option<u64>, recheck_ms: Option<u64> },
}

/// Encodes the reply, which borrows from the keyspace, so that the keyspace can change.
pub(super) fn release(then: Then<'_>, protocol: Protocol, out: &mut Vec<u8>) -> FollowUp {
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
