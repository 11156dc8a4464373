//! Commands made a little wrong.

use super::Chance;

/// Makes a command a little wrong.
pub(super) fn spoil(chance: &mut Chance, argv: &mut Vec<Vec<u8>>) {
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
        b"BLOCK",
        b"STREAMS",
        b"9223372036854775807",
        b"9223372036854775808",
        b"18446744073709551615-18446744073709551615",
        b"\r\n\x00\xff",
        b"FORCE",
        b"CLAIM",
        b"ACKED",
        b"IDS",
        b"DELREF",
        b"JUSTID",
    ];
    // The name stays: what an unknown command answers is not what this is about.
    let at = 1 + chance.below(argv.len() as u64) as usize;
    match chance.below(4) {
        0 if at < argv.len() => {
            argv.remove(at);
        }
        1 if at < argv.len() => argv.insert(at, argv[at].clone()),
        2 if at + 1 < argv.len() => argv.swap(at, at + 1),
        3 if at < argv.len() => argv[at] = chance.pick(&JUNK).to_vec(),
        _ => argv.insert(at, chance.pick(&JUNK).to_vec()),
    }
}
