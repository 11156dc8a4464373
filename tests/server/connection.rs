//! One client's socket, and what comes over it.

use super::PATIENCE;
use crate::resp::{Value, decode, request};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// One client's socket.
pub(crate) struct Connection {
    socket: TcpStream,
    bytes: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: &str) -> Self {
        let socket = TcpStream::connect(address)
            .unwrap_or_else(|error| panic!("cannot reach {address}: {error}"));
        socket.set_nodelay(true).expect("a fresh socket takes options");
        Self { socket, bytes: Vec::new() }
    }

    pub(crate) fn send(&mut self, argv: &[impl AsRef<[u8]>]) {
        self.send_bytes(&request(argv));
    }

    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).expect("the server reads");
    }

    pub(crate) fn ask(&mut self, argv: &[impl AsRef<[u8]>]) -> Value {
        self.send(argv);
        self.read(Some(PATIENCE)).expect("the server answers")
    }

    /// Whether something has come that was not read yet.
    pub(crate) fn is_ready(&self) -> bool {
        let mut byte = [0];
        self.socket.set_nonblocking(true).expect("an open socket takes options");
        let ready = self.socket.peek(&mut byte).is_ok();
        self.socket.set_nonblocking(false).expect("an open socket takes options");
        ready
    }

    /// The next reply within `patience`; without it, only what is there already.
    pub(crate) fn read(&mut self, patience: Option<Duration>) -> Option<Value> {
        loop {
            if let Some((value, len)) = decode(&self.bytes) {
                self.bytes.drain(..len);
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
