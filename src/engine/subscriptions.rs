//! Publishing and subscribing. Messages reach whoever listens at that moment; nothing is kept.

use super::Engine;
use super::draft::Draft;
use crate::command::session::Topic;
use crate::glob;
use crate::named::Named;
use crate::reply::Reply;
use crate::session::{ClientId, Session};
use crate::wire;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// Who listens to what.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    channels: Named<Vec<ClientId>>,
    patterns: Named<Vec<ClientId>>,
}

impl Subscriptions {
    fn of(&mut self, topic: Topic) -> &mut Named<Vec<ClientId>> {
        match topic {
            Topic::Channel => &mut self.channels,
            Topic::Pattern => &mut self.patterns,
        }
    }

    fn remove(&mut self, topic: Topic, name: &[u8], client: ClientId) {
        let listeners = self.of(topic);
        if let Some(clients) = listeners.get_mut(name) {
            clients.retain(|listening| *listening != client);
            if clients.is_empty() {
                listeners.remove(name);
            }
        }
    }

    /// The channels that somebody listens to.
    pub(super) fn active(&self, pattern: Option<&[u8]>) -> Reply<'static> {
        let names = self.channels.iter().map(|(name, _)| name);
        let like = |name: &&[u8]| pattern.is_none_or(|pattern| glob::matches(pattern, name));
        Reply::Array(names.filter(like).map(Reply::owned).collect())
    }

    /// Each channel with how many listen to it.
    pub(super) fn count_listeners(&self, names: &[&[u8]]) -> Reply<'static> {
        let count = |name: &[u8]| self.channels.get(name).map_or(0, Vec::len) as u64;
        let pairs = names.iter().flat_map(|name| [Reply::owned(*name), Reply::count(count(name))]);
        Reply::Array(pairs.collect())
    }

    pub(super) fn channels(&self) -> usize {
        self.channels.len()
    }

    pub(super) fn patterns(&self) -> usize {
        self.patterns.len()
    }
}

/// What a client listens to.
fn names_of(session: &mut Session, topic: Topic) -> &mut Vec<Box<[u8]>> {
    match topic {
        Topic::Channel => &mut session.channels,
        Topic::Pattern => &mut session.patterns,
    }
}

fn word(topic: Topic, channel: &'static str, pattern: &'static str) -> Reply<'static> {
    Reply::text(match topic {
        Topic::Channel => channel.as_bytes(),
        Topic::Pattern => pattern.as_bytes(),
    })
}

impl Engine {
    /// Subscribes; each name is confirmed on its own.
    pub(super) fn subscribe(
        &mut self,
        client: ClientId,
        names: &[&[u8]],
        to: Topic,
    ) -> Reply<'static> {
        let mut confirmations = Vec::new();
        for name in names {
            let session = self.sessions.entry(client.0);
            let own = names_of(session, to);
            if !own.iter().any(|known| **known == **name) {
                own.push((*name).into());
                let listeners = self.subscriptions.of(to);
                match listeners.get_mut(name) {
                    Some(clients) => clients.push(client),
                    None => drop(listeners.insert(name, vec![client])),
                }
            }
            let count = Reply::count(session.subscriptions() as u64);
            let kind = word(to, "subscribe", "psubscribe");
            confirmations.push(Reply::Push(vec![kind, Reply::owned(&**name), count]));
        }
        Reply::Several(confirmations)
    }

    /// Unsubscribes from these names, or from all if none is named.
    pub(super) fn unsubscribe(
        &mut self,
        client: ClientId,
        names: &[&[u8]],
        from: Topic,
    ) -> Reply<'static> {
        let session = self.sessions.entry(client.0);
        let own = names_of(session, from);
        let names: Vec<Box<[u8]>> = match names {
            [] => own.clone(),
            names => names.iter().map(|name| (*name).into()).collect(),
        };
        let kind = || word(from, "unsubscribe", "punsubscribe");
        let mut confirmations = Vec::new();
        for name in &names {
            names_of(session, from).retain(|known| known != name);
            self.subscriptions.remove(from, name, client);
            let count = Reply::count(session.subscriptions() as u64);
            confirmations.push(Reply::Push(vec![kind(), Reply::owned(&**name), count]));
        }
        if names.is_empty() {
            let count = Reply::count(session.subscriptions() as u64);
            confirmations.push(Reply::Push(vec![kind(), Reply::NullText, count]));
        }
        Reply::Several(confirmations)
    }

    /// The client, which listens to something, listens to nothing any more.
    #[inline(never)]
    pub(super) fn forget_subscriptions(&mut self, client: ClientId) {
        for topic in [Topic::Channel, Topic::Pattern] {
            let _confirmations = self.unsubscribe(client, &[], topic);
        }
    }

    /// Hands a message to all who listen. Returns how many copies went out.
    pub(super) fn publish(
        &mut self,
        publisher: ClientId,
        channel: &[u8],
        message: &[u8],
        draft: &mut Draft,
    ) -> u64 {
        let text = Reply::text;
        let mut copies: Vec<(ClientId, Reply<'_>)> = Vec::new();
        for &client in self.subscriptions.channels.get(channel).into_iter().flatten() {
            let copy = vec![text(b"message"), text(channel), text(message)];
            copies.push((client, Reply::Push(copy)));
        }
        for (pattern, clients) in self.subscriptions.patterns.iter() {
            for &client in clients.iter().filter(|_| glob::matches(pattern, channel)) {
                let copy = vec![text(b"pmessage"), text(pattern), text(channel), text(message)];
                copies.push((client, Reply::Push(copy)));
            }
        }
        for (client, copy) in &copies {
            let protocol =
                self.sessions.get(client.0).map_or_else(Default::default, |s| s.protocol);
            // Its own copy must not stand in the middle of what the publisher is being told.
            let own = *client == publisher;
            let out = if own { &mut draft.afterwards } else { draft.output(*client) };
            wire::encode(copy, protocol, out);
        }
        copies.len() as u64
    }
}
