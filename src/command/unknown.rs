//! What is said of a request whose command there is not. Of the rest of a module that was cut, as few
//! pages ask for such.

use super::args;
use super::specs::search;
use super::table::SPECS;
use crate::error::CommandError;
use crate::words::{self, Word};
use alloc::string::String;

/// Redis quotes this many bytes of an unknown command's name and of its arguments.
const QUOTED_BYTES: usize = 128;

/// What is not ours, with the reason. Of clusters Redis itself says what clients look for.
const NOT_OURS: [(&[&str], &str); 5] = [
    (
        &["eval", "eval_ro", "evalsha", "evalsha_ro", "fcall", "fcall_ro", "function", "script"],
        "Eddyline runs no scripts",
    ),
    (
        &[
            "failover",
            "psync",
            "replconf",
            "replicaof",
            "role",
            "slaveof",
            "sync",
            "wait",
            "waitaof",
        ],
        "Eddyline has no replicas",
    ),
    (&["acl"], "Eddyline has no users but the default one"),
    (&["module"], "Eddyline loads no modules"),
    (&["spublish", "ssubscribe", "sunsubscribe"], "Eddyline has no shards"),
];
const OF_CLUSTERS: [&str; 4] = ["asking", "cluster", "readonly", "readwrite"];

/// The beginning of a client's words, in an error's text.
fn cut(words: &[u8], len: usize) -> String {
    args::quoted(&words[..words.len().min(len)])
}

/// Why [`look_up`](super::look_up) finds nothing.
#[inline(never)]
pub(crate) fn explain(argv: &[&[u8]]) -> CommandError {
    let name = argv.first().copied().unwrap_or_default();
    if let (Some(at), Some(name)) = (search(&SPECS, name), argv.get(1)) {
        let name = cut(name, QUOTED_BYTES);
        return CommandError::UnknownSubcommand { name, command: SPECS[at].name };
    }
    let is_in = |names: &[&str]| names.iter().any(|known| args::is(name, known));
    if is_in(&OF_CLUSTERS) {
        return CommandError::NoCluster;
    }
    if let Some((_, reason)) = NOT_OURS.iter().find(|(names, _)| is_in(names)) {
        return CommandError::NotOurs { name: cut(name, QUOTED_BYTES), reason };
    }
    let mut quoted = String::new();
    for argument in argv.iter().skip(1) {
        if quoted.len() >= QUOTED_BYTES {
            break;
        }
        let argument = cut(argument, QUOTED_BYTES - quoted.len());
        quoted += &words::fill("'%' ", &[Word::Text(&argument)]);
    }
    CommandError::UnknownCommand { name: cut(name, QUOTED_BYTES), args: quoted }
}
