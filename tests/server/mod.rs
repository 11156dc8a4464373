//! Live Redis servers: started or found, and spoken to over plain sockets.
#![allow(dead_code, unused_imports, reason = "every test binary uses a part of it")]

mod connection;
mod visit;

use crate::resp::Value;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) use connection::Connection;
pub(crate) use visit::Visit;

/// How long a reply may take, and a server to start.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// A server that the environment may name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: &'static str,
    /// Holds the path of a program to start on a free loopback port.
    program: &'static str,
    /// Holds the `host:port` of a server that runs already and **is emptied**.
    address: &'static str,
}

/// The servers that the tests want.
pub(crate) const SERVERS: [Named; 2] = [
    Named {
        name: "redis-server",
        program: "EDDYLINE_REDIS_SERVER",
        address: "EDDYLINE_REDIS_ADDR",
    },
    Named {
        name: "redis-server 8",
        program: "EDDYLINE_REDIS_8_SERVER",
        address: "EDDYLINE_REDIS_8_ADDR",
    },
];

impl Named {
    /// Whether the environment tells where it is.
    pub(crate) fn is_there(&self) -> bool {
        [self.program, self.address].iter().any(|name| std::env::var_os(name).is_some())
    }
}

/// A Redis server; one that we started ends with this value.
pub(crate) struct Server {
    address: String,
    child: Option<Child>,
}

impl Server {
    /// The server, if the environment tells where it is.
    pub(crate) fn find(named: &Named) -> Option<Self> {
        if let Ok(address) = std::env::var(named.address) {
            return Some(Self { address, child: None });
        }
        std::env::var(named.program).ok().map(|path| Self::start(&path))
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

    pub(crate) fn connect(&self) -> Connection {
        Connection::open(&self.address)
    }

    /// Major and minor version.
    pub(crate) fn release(&self) -> (u32, u32) {
        let info = info(&mut self.connect(), "server");
        let version = field(&info, "redis_version");
        let mut numbers = version.split('.').map(|n| n.parse().expect("a version number"));
        let mut number = || numbers.next().expect("a version has two numbers");
        (number(), number())
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

fn info(control: &mut Connection, section: &str) -> String {
    match control.ask(&["INFO", section]) {
        Value::Bulk(text) => String::from_utf8_lossy(&text).into_owned(),
        other => panic!("INFO answered {other}"),
    }
}

fn field<'a>(info: &'a str, name: &str) -> &'a str {
    info.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .unwrap_or_else(|| panic!("INFO tells {name}"))
        .trim()
}

/// A number of `INFO clients`.
pub(crate) fn number(control: &mut Connection, name: &str) -> usize {
    field(&info(control, "clients"), name).parse().expect("a number of clients")
}
