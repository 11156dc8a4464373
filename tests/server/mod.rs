//! A live Redis: started or found, and spoken to over plain sockets.
#![allow(dead_code, unused_imports, reason = "every test binary uses a part of it")]

use crate::resp::{Protocol, Value, decode, request};
use crate::scenario::Target;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a reply may take, and a server to start.
const PATIENCE: Duration = Duration::from_secs(5);

/// A Redis server; one that we started ends with this value.
pub(crate) struct Server {
    address: String,
    child: Option<Child>,
}

impl Server {
    /// The server that the environment names, if it names one.
    pub(crate) fn from_environment() -> Option<Self> {
        if let Ok(address) = std::env::var("EDDYLINE_REDIS_ADDR") {
            return Some(Self { address, child: None });
        }
        std::env::var("EDDYLINE_REDIS_SERVER").ok().map(|path| Self::start(&path))
    }

    fn start(path: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port on loopback")
            .port();
        let child = Command::new(path)
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"])
            .arg(port.to_string())
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {path}: {error}"));
        let server = Self { address: format!("127.0.0.1:{port}"), child: Some(child) };
        let started = Instant::now();
        while TcpStream::connect(&server.address).is_err() {
            assert!(started.elapsed() < PATIENCE, "{path} does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// Major and minor version.
    pub(crate) fn release(&self) -> (u32, u32) {
        let info = self.info("server");
        let version = field(&info, "redis_version");
        let mut numbers = version.split('.').map(|n| n.parse().expect("a version number"));
        let mut number = || numbers.next().expect("a version has two numbers");
        (number(), number())
    }

    fn info(&self, section: &str) -> String {
        match Connection::open(&self.address).ask(&["INFO", section]) {
            Value::Bulk(text) => String::from_utf8_lossy(&text).into_owned(),
            other => panic!("INFO answered {other}"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // A server that has died already has failed every test by now.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn field<'a>(info: &'a str, name: &str) -> &'a str {
    info.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .unwrap_or_else(|| panic!("INFO tells {name}"))
        .trim()
}

/// One client's socket.
struct Connection {
    socket: TcpStream,
    bytes: Vec<u8>,
    parked: bool,
}

impl Connection {
    fn open(address: &str) -> Self {
        let socket = TcpStream::connect(address)
            .unwrap_or_else(|error| panic!("cannot reach {address}: {error}"));
        socket.set_nodelay(true).expect("a fresh socket takes options");
        Self { socket, bytes: Vec::new(), parked: false }
    }

    fn send(&mut self, argv: &[impl AsRef<[u8]>]) {
        self.socket.write_all(&request(argv)).expect("the server reads");
    }

    fn ask(&mut self, argv: &[impl AsRef<[u8]>]) -> Value {
        self.send(argv);
        self.read(Some(PATIENCE)).expect("the server answers")
    }

    /// The next reply within `patience`; without it, only what is there already.
    fn read(&mut self, patience: Option<Duration>) -> Option<Value> {
        loop {
            if let Some((value, len)) = decode(&self.bytes) {
                self.bytes.drain(..len);
                self.parked = false;
                return Some(value);
            }
            self.socket.set_nonblocking(patience.is_none()).expect("an open socket takes options");
            self.socket.set_read_timeout(patience).expect("an open socket takes options");
            let mut chunk = [0; 4096];
            let read = self.socket.read(&mut chunk);
            self.socket.set_nonblocking(false).expect("an open socket takes options");
            match read {
                Ok(0) => return None,
                Ok(len) => self.bytes.extend_from_slice(&chunk[..len]),
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return None;
                }
                Err(error) => panic!("the server's connection broke: {error}"),
            }
        }
    }
}

/// The clients of one scenario on a server, which was emptied for them.
pub(crate) struct Visit<'a> {
    server: &'a Server,
    control: Connection,
    clients: BTreeMap<String, Connection>,
}

impl<'a> Visit<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        let mut control = Connection::open(&server.address);
        assert_eq!(control.ask(&["FLUSHALL"]), Value::Simple(b"OK".to_vec()));
        Self { server, control, clients: BTreeMap::new() }
    }

    /// Waits until the server has taken what `client` sent: it has replied or blocked.
    fn until_taken(&mut self, client: &str) {
        let others = self.clients.iter().filter(|(name, c)| c.parked && *name != client).count();
        let connection = self.clients.get_mut(client).expect("the client has sent something");
        if connection.parked {
            return;
        }
        let started = Instant::now();
        loop {
            let mut byte = [0];
            connection.socket.set_nonblocking(true).expect("an open socket takes options");
            let ready = connection.socket.peek(&mut byte).is_ok();
            connection.socket.set_nonblocking(false).expect("an open socket takes options");
            if ready {
                return;
            }
            let Value::Bulk(info) = self.control.ask(&["INFO", "clients"]) else {
                panic!("INFO answers a text");
            };
            let blocked =
                field(&String::from_utf8_lossy(&info), "blocked_clients").parse::<usize>();
            if blocked.expect("a number of clients") > others {
                connection.parked = true;
                return;
            }
            assert!(started.elapsed() < PATIENCE, "the server neither replied nor blocked");
        }
    }
}

impl Target for Visit<'_> {
    fn send(&mut self, client: &str, protocol: Protocol, argv: &[Vec<u8>]) {
        let connection = self.clients.entry(client.to_string()).or_insert_with(|| {
            let mut connection = Connection::open(&self.server.address);
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
        self.clients.get_mut(client)?.read(None)
    }

    fn wait(&mut self, client: &str) -> Option<Value> {
        self.clients.get_mut(client)?.read(Some(PATIENCE))
    }

    fn pass(&mut self, ms: u64) {
        std::thread::sleep(Duration::from_millis(ms));
    }

    fn close(&mut self, client: &str) {
        self.clients.remove(client);
        // The server has seen the end of the connection once it no longer counts it.
        let started = Instant::now();
        loop {
            let Value::Bulk(info) = self.control.ask(&["INFO", "clients"]) else {
                panic!("INFO answers a text");
            };
            let info = String::from_utf8_lossy(&info).into_owned();
            let connected = field(&info, "connected_clients").parse::<usize>();
            if connected.expect("a number of clients") <= self.clients.len() + 1 {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "the server keeps a closed client");
        }
    }
}
