//! Commands made a little wrong.

use super::{Chance, Manner};

/// Makes a command a little wrong.
pub(super) fn spoil(chance: &mut Chance, manner: Manner, argv: &mut Vec<Vec<u8>>) {
    const JUNK: [&[u8]; 31] = [
        b"",
        b"*",
        b"$",
        b">",
        b"+",
        b"-",
        b"~",
        b"=",
        b"(",
        b"(5",
        b"0",
        b"-1",
        b"5-*",
        b"1-1",
        b"0-0",
        b"x",
        b"COUNT",
        b"LIMIT",
        b"MAXLEN",
        b"STREAMS",
        b"9223372036854775807",
        b"9223372036854775808",
        b"18446744073709551615-18446744073709551615",
        b"\r\n\x00\xff",
        b"FORCE",
        b"JUSTID",
        // From here on: of 7.2 (7.0 serves who waits by rules of its own), of 8.2, of 8.4.
        b"BLOCK",
        b"ACKED",
        b"IDS",
        b"DELREF",
        b"CLAIM",
    ];
    let known = match manner.release {
        release if release >= (8, 4) => &JUNK[..],
        release if release >= (8, 2) => &JUNK[..30],
        release if release >= (7, 2) => &JUNK[..27],
        _ => &JUNK[..26],
    };
    // The name stays: what an unknown command answers is not what this is about.
    let at = 1 + chance.below(argv.len() as u64) as usize;
    match chance.below(4) {
        0 if at < argv.len() => {
            argv.remove(at);
        }
        1 if at < argv.len() => argv.insert(at, argv[at].clone()),
        2 if at + 1 < argv.len() => argv.swap(at, at + 1),
        3 if at < argv.len() => argv[at] = chance.pick(known).to_vec(),
        _ => argv.insert(at, chance.pick(known).to_vec()),
    }
}
