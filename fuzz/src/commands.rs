//! The parser and the commands: any words, from three clients, with a clock that goes on. Whatever
//! is done is in the journal, which can be read back.

use eddyline::{ClientId, Engine, Limits, Stored};

/// More lines tell nothing new.
const MOST_LINES: usize = 200;

/// Each line is a command, its words parted by spaces: `b> XLEN s` is client `b`'s, one without a
/// name client `a`'s; `~ 20` lets milliseconds go by.
///
/// # Panics
/// When an invariant is broken or the journal does not restore.
pub fn commands(data: &[u8]) {
    let mut engine = Engine::new(Limits::default());
    let mut now_ms = 1000;
    let mut journal = Vec::new();
    for line in data.split(|&byte| byte == b'\n').take(MOST_LINES) {
        let turn = if let Some(ms) = line.strip_prefix(b"~ ") {
            now_ms += ms.iter().take(8).fold(0, |ms, byte| ms * 10 + u64::from(byte % 10));
            engine.tick(now_ms)
        } else {
            let (client, words) = addressed(line);
            engine.turn(now_ms, client, &request(words))
        };
        engine.check();
        if !turn.journal.is_empty() {
            journal.push(turn.journal);
        }
    }
    let stored = Stored { blobs: Vec::new(), journal };
    let restored = Engine::restore(Limits::default(), stored);
    restored.expect("the journal is what the engine wrote").check();
}

fn addressed(line: &[u8]) -> (ClientId, &[u8]) {
    match line {
        [name @ b'a'..=b'c', b'>', b' ', words @ ..] => {
            (ClientId(u64::from(name - b'a') + 1), words)
        }
        words => (ClientId(1), words),
    }
}

fn request(words: &[u8]) -> Vec<u8> {
    let argv: Vec<&[u8]> = words.split(|&byte| byte == b' ').collect();
    let mut bytes = format!("*{}\r\n", argv.len()).into_bytes();
    for word in argv {
        bytes.extend(format!("${}\r\n", word.len()).into_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}
