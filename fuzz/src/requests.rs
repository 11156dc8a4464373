//! The request decoder: any bytes, cut anyhow, give the same replies.

use eddyline::{ClientId, Engine, Limits};

const CLIENT: ClientId = ClientId(1);

/// The first byte says into how long pieces the rest is cut.
///
/// # Panics
/// When the pieces are answered otherwise than the whole, or an invariant is broken.
pub fn requests(data: &[u8]) {
    let Some((&length, bytes)) = data.split_first() else { return };
    let whole = answers(bytes, bytes.len().max(1));
    let pieces = answers(bytes, usize::from(length).max(1));
    // These tell how much has been received so far.
    if ![&b"info"[..], b"client"].iter().any(|name| contains(bytes, name)) {
        assert_eq!(whole, pieces, "the replies depend on how the bytes were cut");
    }
}

/// What the client gets, and whether its connection ends.
fn answers(bytes: &[u8], length: usize) -> (Vec<u8>, bool) {
    let limits = Limits { argument_bytes: 4096, input_bytes: 8192, ..Limits::default() };
    let mut engine = Engine::new(limits);
    let mut replies = Vec::new();
    for piece in bytes.chunks(length) {
        let turn = engine.turn(1000, CLIENT, piece);
        engine.check();
        replies.extend(turn.reply);
        if turn.close {
            return (replies, true);
        }
    }
    (replies, false)
}

fn contains(bytes: &[u8], name: &[u8]) -> bool {
    bytes.windows(name.len()).any(|window| window.eq_ignore_ascii_case(name))
}
