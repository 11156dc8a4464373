//! An engine that evicts, in front of a storage that takes its time, cannot be told from one that
//! has everything in memory: whatever the commands around streams do, and above all where the
//! commands of a transaction need segments in the middle.
//!
//! The seeds are said as for `laws`.

mod chance;
mod host;
mod model;
mod resp;
mod scenario;
mod sequence;

use chance::{Chance, Manner, command};
use eddyline::{ClientId, Limits};
use host::{Host, Storage};
use resp::{Value, request};
use sequence::{EARLY_MS, State, difference, without_sight};

const CLIENTS: u64 = 4;
const OBSERVER: ClientId = ClientId(1000);

fn seeds(runs: u64) -> std::ops::Range<u64> {
    let read = |name: &str| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    let (first, wanted) = (read("EDDYLINE_LAWS_SEED"), read("EDDYLINE_LAWS_RUNS"));
    let runs = wanted.unwrap_or(if first.is_some() { 1 } else { runs });
    first.unwrap_or(0)..first.unwrap_or(0) + runs
}

/// All that can be asked of what a storage holds. Lists are emptied by their question, so it is put
/// to an engine of its own.
fn held_by(storage: &Storage, now_ms: u64) -> State {
    let mut host = Host::restore(Limits::default(), storage.clone(), now_ms);
    host.tick();
    let mut state = State::new();
    for db in ["0", "1", "2", "15"] {
        let mut ask = |line: String| {
            let argv: Vec<&str> = line.split(' ').collect();
            let answer = without_sight(host.ask(OBSERVER, &argv));
            state.push((format!("{db}: {line}"), answer));
        };
        ask(format!("SELECT {db}"));
        ask("DBSIZE".to_string());
        for key in ["s", "t", "none", "l", "m", "h", "v", "own0", "own1", "own2", "own3"] {
            for name in ["TYPE", "PEXPIRETIME", "GET", "SMEMBERS", "HGETALL"] {
                ask(format!("{name} {key}"));
            }
            ask(format!("XINFO STREAM {key} FULL COUNT 0"));
            ask(format!("LPOP {key} 1000"));
        }
    }
    host.engine.check();
    state
}

/// Two engines to which the same happens: one has all in memory, the other next to nothing.
struct Twins {
    roomy: Host,
    narrow: Host,
    /// The narrow one's client whose EXEC waits for segments, gone or not.
    executing: Option<ClientId>,
    /// Clients that have not been answered by the narrow one.
    waiting: Vec<u64>,
    /// The number by which the engines know each client. One that comes again has a new one.
    numbers: Vec<u64>,
    /// How often a transaction waited.
    pauses: usize,
}

impl Twins {
    fn new(chance: &mut Chance) -> Self {
        let limits = Limits {
            node_max_entries: chance.pick(&[1, 2, 3]),
            segment_bytes: chance.pick(&[1, 100, 200]),
            pending_page_records: chance.pick(&[1, 2, 5]),
            ..Limits::default()
        };
        let mut roomy = Host::new(limits.clone());
        let mut narrow = Host::new(Limits { resident_bytes: 0, ..limits });
        (roomy.now_ms, narrow.now_ms, narrow.is_slow) = (EARLY_MS, EARLY_MS, true);
        let numbers = (1..=CLIENTS).collect();
        Self { roomy, narrow, executing: None, waiting: Vec::new(), numbers, pauses: 0 }
    }

    fn id(&self, client: u64) -> ClientId {
        ClientId(self.numbers[client as usize])
    }

    fn send(&mut self, client: u64, argv: &[Vec<u8>]) {
        let id = self.id(client);
        if self.roomy.parked(id) || self.waiting.contains(&client) {
            return;
        }
        let bytes = request(argv);
        self.roomy.send_bytes(id, &bytes);
        self.narrow.send_bytes(id, &bytes);
        self.narrow.engine.check();
        if !self.narrow.wanted.is_empty() || self.executing.is_some() {
            self.waiting.push(client);
            let executes = argv[0].eq_ignore_ascii_case(b"EXEC") && !self.narrow.has_told(id);
            if executes && self.executing.is_none() {
                self.executing = Some(id);
                self.pauses += 1;
                return;
            }
        }
        if self.executing.is_none() {
            self.supply_all();
        }
    }

    /// Supplies a segment of those that the transaction waits for.
    fn supply(&mut self, which: u64) {
        let batches = self.narrow.storage.journal.len();
        self.narrow.supply_one(which);
        self.narrow.engine.check();
        if self.executing.is_some_and(|client| self.narrow.has_told(client)) {
            assert!(self.narrow.storage.journal.len() <= batches + 1, "a batch for a transaction");
            self.executing = None;
            self.supply_all();
        }
    }

    fn supply_all(&mut self) {
        while !self.narrow.wanted.is_empty() {
            self.supply(0);
        }
        self.waiting.clear();
    }

    fn pass(&mut self, ms: u64) {
        for host in [&mut self.roomy, &mut self.narrow] {
            host.now_ms += ms;
            host.tick();
        }
        self.supply_all();
    }

    fn disconnect(&mut self, client: u64) {
        let id = self.id(client);
        // The roomy one may have answered already what the narrow one still has to do.
        let is_owed = self.waiting.contains(&client) || self.narrow.parked(id);
        if self.executing.is_some_and(|executing| executing != id) && is_owed {
            return;
        }
        self.roomy.disconnect(id);
        self.narrow.disconnect(id);
        self.narrow.engine.check();
        self.numbers[client as usize] = 1 + self.numbers.iter().max().expect("some clients");
        if self.executing.is_none() {
            self.supply_all();
        }
    }

    /// Every client has been told the same by both, and both have the same in storage.
    fn compare(&mut self) -> Result<(), String> {
        for client in 0..CLIENTS {
            let id = self.id(client);
            let (expected, came) = (self.roomy.take_bytes(id), self.narrow.take_bytes(id));
            if expected != came {
                let text = String::from_utf8_lossy;
                return Err(format!(
                    "client {client}: {:?}, expected {:?}",
                    text(&came),
                    text(&expected)
                ));
            }
            if self.roomy.parked(id) != self.narrow.parked(id) {
                return Err(format!("client {client} is parked on one side only"));
            }
        }
        Ok(())
    }

    /// What a crash at this moment would leave.
    fn stored(&self) -> [State; 2] {
        [&self.roomy, &self.narrow].map(|host| held_by(&host.storage, host.now_ms))
    }
}

fn words(line: &str) -> Vec<Vec<u8>> {
    line.split(' ').map(|word| word.as_bytes().to_vec()).collect()
}

/// A command for any keys; now and then one that lets a key expire soon.
fn any_command(chance: &mut Chance, now_ms: u64) -> Vec<Vec<u8>> {
    if chance.percent(5) {
        let key = chance.pick(&["s", "t", "l", "v"]);
        return words(&format!("PEXPIRE {key} {}", 1 + chance.below(60)));
    }
    let argv = command(chance, Manner { company: 45, ..Manner::driven(now_ms) });
    // In which order clients made keys of their own is theirs.
    let lists = ["KEYS", "SCAN"].iter().any(|name| argv[0] == name.as_bytes());
    if lists { words("DBSIZE") } else { argv }
}

/// A transaction up to its EXEC, which is likely to need what was evicted.
fn queue(twins: &mut Twins, chance: &mut Chance, client: u64) {
    twins.send(client, &words("MULTI"));
    for _ in 0..1 + chance.below(6) {
        let argv = match chance.below(10) {
            0 => words("XRANGE s - + COUNT 2"),
            1 => words("XREVRANGE t + -"),
            2 => words("COPY s t REPLACE"),
            3 => words("RENAME t s"),
            4 => words("XREADGROUP GROUP g a STREAMS s >"),
            _ => any_command(chance, twins.roomy.now_ms),
        };
        let ends = ["EXEC", "DISCARD", "RESET"].iter().any(|name| argv[0] == name.as_bytes());
        if !ends {
            twins.send(client, &argv);
        }
    }
}

/// A command that concerns nobody else: on a key of the client's own.
fn own_command(chance: &mut Chance, client: u64) -> Vec<Vec<u8>> {
    let line = chance.pick(&["XADD own * f v", "XLEN own", "XRANGE own - +", "PING", "DEL own"]);
    words(&line.replace("own", &format!("own{client}")))
}

/// While a transaction waits for segments others send, disconnect and write checkpoints; nobody is
/// told anything, and storage keeps what it had.
fn during_transaction(twins: &mut Twins, chance: &mut Chance, before: &State) {
    let batches = twins.narrow.storage.journal.clone();
    let client = chance.below(CLIENTS);
    match chance.below(12) {
        0..4 => {
            let argv = own_command(chance, client);
            twins.send(client, &argv);
        }
        4 => twins.disconnect(client),
        5 => twins.narrow.checkpoint(),
        6 => twins.narrow.tick(),
        7 => {
            let crashed = held_by(&twins.narrow.storage, twins.narrow.now_ms);
            assert_eq!(difference(before, &crashed), None, "half a transaction is in storage");
        }
        _ => return twins.supply(chance.next()),
    }
    assert!(twins.narrow.storage.journal == batches, "a batch in the middle of a transaction");
}

#[test]
fn eviction_changes_nothing_around_streams() {
    let mut pauses = 0;
    for seed in seeds(250) {
        let mut chance = Chance::new(seed);
        let mut twins = Twins::new(&mut chance);
        for ms in EARLY_MS - 15..=EARLY_MS {
            twins.send(0, &words(&format!("XADD s {ms}-0 f v")));
        }
        let mut before = State::new();
        for _ in 0..20 + chance.below(120) {
            if twins.executing.is_some() {
                during_transaction(&mut twins, &mut chance, &before);
                continue;
            }
            twins.compare().unwrap_or_else(|problem| panic!("seed {seed}: {problem}"));
            match chance.below(40) {
                0 => twins.pass(1 + chance.below(30)),
                1..5 => twins.narrow.checkpoint(),
                5 => twins.roomy.checkpoint(),
                6 => twins.disconnect(chance.below(CLIENTS)),
                7 => {
                    let [roomy, narrow] = twins.stored();
                    assert_eq!(difference(&roomy, &narrow), None, "seed {seed}");
                }
                8..11 => {
                    let client = chance.below(CLIENTS);
                    queue(&mut twins, &mut chance, client);
                    twins.compare().unwrap_or_else(|problem| panic!("seed {seed}: {problem}"));
                    twins.narrow.checkpoint();
                    before = held_by(&twins.narrow.storage, twins.narrow.now_ms);
                    twins.send(client, &words("EXEC"));
                }
                _ => {
                    let argv = any_command(&mut chance, twins.roomy.now_ms);
                    if !argv[0].eq_ignore_ascii_case(b"EXEC") {
                        twins.send(chance.below(CLIENTS), &argv);
                    }
                }
            }
        }
        twins.supply_all();
        twins.compare().unwrap_or_else(|problem| panic!("seed {seed}: {problem}"));
        let [roomy, narrow] = twins.stored();
        assert_eq!(difference(&roomy, &narrow), None, "seed {seed}");
        pauses += twins.pauses;
    }
    assert!(pauses > 100 || seeds(2).count() == 1, "no transaction ever waited");
}

/// A client with a transaction that waits for an evicted segment, in front of a slow storage.
fn paused(limits: Limits) -> Host {
    let mut host = Host::new(Limits { resident_bytes: 0, ..limits });
    let _ = host.ask(ClientId(1), &["XADD", "s", "1-1", "f", "v"]);
    host.checkpoint();
    host.is_slow = true;
    for line in ["HELLO 3", "SUBSCRIBE c", "MULTI", "PUBLISH c x", "SET v 1", "XRANGE s - +"] {
        host.send_bytes(ClientId(1), &request(&words(line)));
    }
    let _ = host.take_bytes(ClientId(1));
    host
}

const EXECUTED: &[u8] = b"*3\r\n:1\r\n+OK\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n\
                          >3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n";

#[test]
fn a_message_to_oneself_follows_a_transaction_that_waited() {
    let mut host = paused(Limits::default());
    host.send_bytes(ClientId(1), &request(&["EXEC"]));
    assert_eq!(host.take_bytes(ClientId(1)), b"");
    host.supply_one(0);
    assert_eq!(host.take_bytes(ClientId(1)), EXECUTED);
}

#[test]
fn whose_wait_ends_while_a_transaction_waits_goes_on_after_it() {
    let mut host = paused(Limits::default());
    host.send_bytes(ClientId(2), b"XREAD BLOCK 10 STREAMS t $\r\nXLEN s\r\n");
    host.send_bytes(ClientId(1), &request(&["EXEC"]));
    host.now_ms += 20;
    host.supply_one(0);
    assert_eq!(host.take_bytes(ClientId(1)), EXECUTED);
    assert_eq!(host.take_bytes(ClientId(2)), b"*-1\r\n:1\r\n");
}

#[test]
fn a_client_that_is_cut_off_while_its_transaction_waits_holds_up_nobody() {
    let mut host = paused(Limits { input_bytes: 100, ..Limits::default() });
    host.send_bytes(ClientId(1), &request(&["EXEC"]));
    host.send_bytes(ClientId(1), &request(&["ECHO", "x".repeat(200).as_str()]));
    host.send_bytes(ClientId(2), b"GET v\r\n");
    assert_eq!(host.take_bytes(ClientId(2)), b"");
    host.supply_one(0);
    assert_eq!(host.next_reply(ClientId(2)), Some(Value::Bulk(b"1".to_vec())));
    host.engine.check();
}

#[test]
fn a_transaction_that_writes_is_refused_where_nothing_could_be_kept() {
    let mut host = Host::new(Limits::default());
    host.send_bytes(ClientId(1), b"MULTI\r\nSET v 1\r\n");
    host.send_bytes(ClientId(2), b"MULTI\r\nGET v\r\n");
    let _ = (host.take_bytes(ClientId(1)), host.take_bytes(ClientId(2)));
    host.engine.refuse_writes(Some("full"));
    host.send_bytes(ClientId(1), b"EXEC\r\n");
    let refusal =
        b"-EXECABORT Transaction discarded because of: MISCONF Errors writing to the AOF \
                    file: full\r\n";
    assert_eq!(host.take_bytes(ClientId(1)), refusal);
    host.send_bytes(ClientId(2), b"EXEC\r\n");
    assert_eq!(host.take_bytes(ClientId(2)), b"*1\r\n$-1\r\n");
}
