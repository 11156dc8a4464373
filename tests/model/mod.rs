//! The slow model: Redis Streams as `docs/streams-reference.md` tells them, in plain lists and
//! maps, searched from one end to the other. It shares no line and no idea of structure with the
//! engine; where the two differ, one has read wrongly.
#![allow(dead_code, unused_imports, reason = "every test binary uses a part of it")]

mod args;
mod claim;
mod erase;
mod group;
mod info;
mod pending;
mod produce;
mod read;
mod release;
mod stream;
mod visit;

use crate::resp::Reply;
use args::{Answer, arity, err, is};
use read::Read;
use std::collections::{BTreeMap, VecDeque};
use stream::{NodeLimits, Stream};

pub(crate) use visit::Visit;

/// A keyspace with its clients.
pub(crate) struct Model {
    keys: BTreeMap<Vec<u8>, Object>,
    pub(crate) now_ms: i64,
    node_limits: NodeLimits,
    clients: BTreeMap<u64, Client>,
    /// Waiting clients per key, in their order.
    queues: BTreeMap<Vec<u8>, Vec<u64>>,
    /// Keys at which something happened that can end a wait.
    ready: Vec<Vec<u8>>,
}

enum Object {
    Stream(Box<Stream>),
    /// A string: it is there to be of the wrong type.
    Text,
}

#[derive(Default)]
struct Client {
    waits: Option<Wait>,
    /// Commands sent while it waited.
    kept: VecDeque<Vec<Vec<u8>>>,
    replies: VecDeque<Reply>,
}

struct Wait {
    read: Read,
    deadline_ms: Option<i64>,
    /// When a wait with CLAIM looks again, because something pending will have been idle long
    /// enough (§10).
    alarm_ms: Option<i64>,
}

/// What a command comes to.
enum Effect {
    Reply(Reply),
    Park(Read, Option<i64>),
}

impl Model {
    pub(crate) fn new(now_ms: u64) -> Self {
        Self {
            keys: BTreeMap::new(),
            now_ms: now_ms as i64,
            node_limits: NodeLimits { entries: 100, bytes: 4096 },
            clients: BTreeMap::new(),
            queues: BTreeMap::new(),
            ready: Vec::new(),
        }
    }

    /// When a macro node is full; 0 is no limit.
    pub(crate) fn set_node_limits(&mut self, entries: u64, bytes: u64) {
        self.node_limits = NodeLimits { entries, bytes };
    }

    /// Whether the model gives a meaning to the command.
    pub(crate) fn knows(argv: &[Vec<u8>]) -> bool {
        let name = &argv[0];
        let sets = is(name, "CONFIG") && argv.get(1).is_some_and(|word| is(word, "SET"));
        sets || ["XGROUP", "XINFO", "SET"].iter().any(|known| is(name, known))
            || ARITY.iter().any(|(known, _)| is(name, known))
    }

    /// A client sends a command.
    pub(crate) fn send(&mut self, client: u64, argv: &[Vec<u8>]) {
        self.expire();
        self.clients.entry(client).or_default().kept.push_back(argv.to_vec());
        self.go_on(vec![client]);
    }

    /// The client's next reply, if there is one.
    pub(crate) fn next_reply(&mut self, client: u64) -> Option<Reply> {
        self.clients.get_mut(&client)?.replies.pop_front()
    }

    pub(crate) fn parked(&self, client: u64) -> bool {
        self.clients.get(&client).is_some_and(|c| c.waits.is_some())
    }

    /// When the next wait ends or looks again by itself.
    pub(crate) fn deadline_ms(&self) -> Option<i64> {
        let waits = self.clients.values().filter_map(|c| c.waits.as_ref());
        waits.flat_map(|wait| [wait.deadline_ms, wait.alarm_ms]).flatten().min()
    }

    /// Ends the waits whose time has come.
    pub(crate) fn expire(&mut self) {
        let mut due: Vec<_> = self
            .clients
            .iter()
            .filter_map(|(client, c)| {
                let wait = c.waits.as_ref()?;
                Some((wait.deadline_ms?, *client))
            })
            .filter(|(deadline_ms, _)| *deadline_ms <= self.now_ms)
            .collect();
        due.sort();
        for (_, client) in &due {
            self.end_wait(*client, Reply::NilArray);
        }
        let mut free: Vec<u64> = due.into_iter().map(|(_, client)| client).collect();
        free.extend(self.look_again());
        self.go_on(free);
    }

    /// Runs the waits whose alarm has come; gives whom that set free.
    fn look_again(&mut self) -> Vec<u64> {
        let alarm = |c: &Client| c.waits.as_ref()?.alarm_ms;
        let mut due: Vec<_> =
            self.clients.iter().filter_map(|(client, c)| Some((alarm(c)?, *client))).collect();
        due.retain(|(alarm_ms, _)| *alarm_ms <= self.now_ms);
        due.sort();
        due.into_iter()
            .filter(|(_, client)| self.run_wait(*client))
            .map(|(_, client)| client)
            .collect()
    }

    /// Ends a wait as its deadline would.
    pub(crate) fn cancel(&mut self, client: u64) {
        self.expire();
        if self.parked(client) {
            self.end_wait(client, Reply::NilArray);
            self.go_on(vec![client]);
        }
    }

    pub(crate) fn disconnect(&mut self, client: u64) {
        self.expire();
        self.clients.remove(&client);
        self.queues.values_mut().for_each(|queue| queue.retain(|c| *c != client));
    }

    /// The server goes, with every client, and comes back.
    pub(crate) fn reopen(&mut self) {
        self.clients.clear();
        self.queues.clear();
        for object in self.keys.values_mut() {
            if let Object::Stream(stream) = object {
                let consumers = stream.groups.values_mut().flat_map(|g| g.consumers.values_mut());
                consumers.for_each(|consumer| consumer.maybe_earlier = true);
            }
        }
    }

    fn end_wait(&mut self, client: u64, reply: Reply) {
        let state = self.clients.get_mut(&client).expect("a client waits while it is there");
        state.waits = None;
        state.replies.push_back(reply);
        self.queues.values_mut().for_each(|queue| queue.retain(|c| *c != client));
    }

    /// Runs what these clients have sent, and then what those have sent whom that set free, in
    /// order.
    fn go_on(&mut self, clients: Vec<u64>) {
        let mut clients = VecDeque::from(clients);
        while let Some(client) = clients.pop_front() {
            clients.extend(self.run_kept(client));
        }
    }

    /// Runs what the client has sent, until it waits or nothing is left; gives whom that set free.
    fn run_kept(&mut self, client: u64) -> Vec<u64> {
        let mut woken = Vec::new();
        loop {
            let Some(state) = self.clients.get_mut(&client) else { return woken };
            if state.waits.is_some() {
                return woken;
            }
            let Some(argv) = state.kept.pop_front() else { return woken };
            match self.execute(&argv) {
                Ok(Effect::Park(read, deadline_ms)) => self.park(client, read, deadline_ms),
                Ok(Effect::Reply(reply)) | Err(reply) => {
                    let reply = one_line(reply);
                    let state = self.clients.get_mut(&client).expect("it has just sent this");
                    state.replies.push_back(reply);
                }
            }
            woken.extend(self.serve_ready());
        }
    }

    fn park(&mut self, client: u64, read: Read, deadline_ms: Option<i64>) {
        self.queue(client, &read);
        let wait = Wait { alarm_ms: self.alarm(&read), read, deadline_ms };
        self.clients.get_mut(&client).expect("it has just sent this").waits = Some(wait);
    }

    /// Puts the client at the tail of every key it waits on.
    fn queue(&mut self, client: u64, read: &Read) {
        self.queues.values_mut().for_each(|queue| queue.retain(|c| *c != client));
        for (key, _) in &read.streams {
            let queue = self.queues.entry(key.clone()).or_default();
            if !queue.contains(&client) {
                queue.push(client);
            }
        }
    }

    /// Runs the waits of every ready key, each once, in their order; gives whom that set free
    /// (§10).
    fn serve_ready(&mut self) -> Vec<u64> {
        let mut woken = Vec::new();
        for key in core::mem::take(&mut self.ready) {
            for client in self.queues.get(&key).cloned().unwrap_or_default() {
                let waits = |c: &Client| c.waits.as_ref().map(|wait| wait.read.group.is_some());
                let Some(grouped) = self.clients.get(&client).and_then(waits) else {
                    continue;
                };
                if !grouped && !matches!(self.keys.get(&key), Some(Object::Stream(_))) {
                    continue;
                }
                if self.run_wait(client) {
                    woken.push(client);
                }
            }
        }
        woken
    }

    /// Runs a wait again; whether that ended it. If not, it goes to the tail of its queues.
    fn run_wait(&mut self, client: u64) -> bool {
        let wait = self.clients[&client].waits.as_ref().expect("a caller has seen it wait");
        let (read, deadline_ms) = (wait.read.clone(), wait.deadline_ms);
        match self.rerun(&read) {
            Ok(None) => {
                self.park(client, read, deadline_ms);
                false
            }
            Ok(Some(reply)) | Err(reply) => {
                self.end_wait(client, one_line(reply));
                true
            }
        }
    }

    /// Something happened at the key that can end a wait.
    fn ready(&mut self, key: &[u8]) {
        if !self.ready.iter().any(|k| k == key) {
            self.ready.push(key.to_vec());
        }
    }

    /// XNACK wakes those who wait with CLAIM, and they alone find something.
    fn ready_for_claims(&mut self, key: &[u8]) {
        let claims = |client: &u64| {
            let wait = self.clients.get(client).and_then(|c| c.waits.as_ref());
            wait.is_some_and(|wait| wait.read.claims().is_some())
        };
        if self.queues.get(key).is_some_and(|queue| queue.iter().any(claims)) {
            self.ready(key);
        }
    }

    fn stream(&mut self, key: &[u8]) -> Answer<Option<&mut Stream>> {
        match self.keys.get_mut(key) {
            None => Ok(None),
            Some(Object::Stream(stream)) => Ok(Some(stream)),
            Some(Object::Text) => {
                err("WRONGTYPE Operation against a key holding the wrong kind of value")
            }
        }
    }

    fn stream_or_new(&mut self, key: &[u8]) -> &mut Stream {
        if !self.keys.contains_key(key) {
            self.keys.insert(key.to_vec(), Object::Stream(Box::default()));
        }
        self.stream(key).expect("a caller has looked at the type").expect("it was put there")
    }

    fn execute(&mut self, argv: &[Vec<u8>]) -> Answer<Effect> {
        let name = String::from_utf8_lossy(&argv[0]).to_ascii_uppercase();
        if let Some((_, wanted)) = ARITY.iter().find(|(n, _)| *n == name) {
            let len = argv.len() as i64;
            if *wanted >= 0 && len != *wanted || len < -wanted {
                return Err(arity(&name.to_lowercase()));
            }
        }
        let reply = match name.as_str() {
            "XREAD" | "XREADGROUP" => return self.xread(argv),
            "XADD" => self.xadd(argv),
            "XTRIM" => self.xtrim(argv),
            "XDEL" => self.xdel(argv),
            "XSETID" => self.xsetid(argv),
            "XCFGSET" => self.xcfgset(argv),
            "XIDMPRECORD" => self.xidmprecord(argv),
            "XLEN" => Ok(Reply::Int(self.stream(&argv[1])?.map_or(0, |s| s.len() as i64))),
            "XRANGE" => self.xrange(argv, false),
            "XREVRANGE" => self.xrange(argv, true),
            "XACK" => self.xack(argv),
            "XPENDING" => self.xpending(argv),
            "XCLAIM" => self.xclaim(argv),
            "XAUTOCLAIM" => self.xautoclaim(argv),
            "XNACK" => self.xnack(argv),
            "XDELEX" => self.xdelex(argv),
            "XACKDEL" => self.xackdel(argv),
            "XGROUP" => self.xgroup(argv),
            "XINFO" => self.xinfo(argv),
            _ => self.any_key(&name, argv),
        };
        reply.map(Effect::Reply)
    }

    /// Commands about keys of any type, and about none.
    fn any_key(&mut self, name: &str, argv: &[Vec<u8>]) -> Answer {
        Ok(match name {
            "PING" if argv.len() > 2 => return Err(arity("ping")),
            "PING" => argv.get(1).map_or(Reply::Simple(b"PONG".to_vec()), Reply::bulk),
            "EXISTS" => Reply::Int(
                argv[1..].iter().filter(|key| self.keys.contains_key(*key)).count() as i64,
            ),
            "TYPE" => Reply::Simple(match self.keys.get(&argv[1]) {
                None => b"none".to_vec(),
                Some(Object::Stream(_)) => b"stream".to_vec(),
                Some(Object::Text) => b"string".to_vec(),
            }),
            "DEL" => {
                let mut removed = 0;
                for key in &argv[1..] {
                    if self.keys.remove(key).is_some() {
                        removed += 1;
                        self.ready(key);
                    }
                }
                Reply::Int(removed)
            }
            "SET" => {
                self.keys.insert(argv[1].clone(), Object::Text);
                self.ready(&argv[1]);
                Reply::ok()
            }
            "COPY" => {
                let copy = self.stream(&argv[1])?.map(|stream| stream.clone());
                let copied = copy.is_some();
                if let Some(stream) = copy {
                    self.keys.insert(argv[2].clone(), Object::Stream(Box::new(stream)));
                    self.ready(&argv[2]);
                }
                Reply::Int(i64::from(copied))
            }
            "CONFIG" => return self.config(argv),
            _ => return Ok(Reply::Any),
        })
    }

    /// The settings that matter to streams.
    fn config(&mut self, argv: &[Vec<u8>]) -> Answer {
        let [_, set, name, value] = argv else {
            return Ok(Reply::Any);
        };
        if !is(set, "SET") {
            return Ok(Reply::Any);
        }
        let n = args::int(value)?;
        for (idmp, most) in [("stream-idmp-duration", 86400), ("stream-idmp-maxsize", 10000)] {
            if is(name, idmp) && !(1..=most).contains(&n) {
                return err(&format!(
                    "ERR CONFIG SET failed (possibly related to argument '{idmp}') - argument must be between 1 and \
                     {most} inclusive"
                ));
            }
        }
        if is(name, "stream-node-max-entries") {
            self.node_limits.entries = n as u64;
        }
        if is(name, "stream-node-max-bytes") {
            self.node_limits.bytes = n as u64;
        }
        Ok(Reply::ok())
    }
}

/// An error is one line on the wire: what it quotes loses its line ends.
fn one_line(reply: Reply) -> Reply {
    match reply {
        Reply::Error(text) => {
            let plain = |b| if b == b'\r' || b == b'\n' { b' ' } else { b };
            Reply::Error(text.into_iter().map(plain).collect())
        }
        reply => reply,
    }
}

/// Number of words of a command, its name counted; negative: at least.
const ARITY: [(&str, i64); 22] = [
    ("XADD", -5),
    ("XLEN", 2),
    ("XRANGE", -4),
    ("XREVRANGE", -4),
    ("XREAD", -4),
    ("XREADGROUP", -7),
    ("XACK", -4),
    ("XACKDEL", -6),
    ("XDEL", -3),
    ("XDELEX", -5),
    ("XTRIM", -4),
    ("XPENDING", -3),
    ("XCLAIM", -6),
    ("XAUTOCLAIM", -6),
    ("XSETID", -3),
    ("XCFGSET", -2),
    ("XIDMPRECORD", 5),
    ("XNACK", -7),
    ("EXISTS", -2),
    ("DEL", -2),
    ("TYPE", 2),
    ("PING", -1),
];
