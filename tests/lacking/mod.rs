//! What the engine does not have yet, in one place: the tests pass over it, count it, and this list
//! shrinks to nothing.
#![allow(dead_code, unused_imports, reason = "every test binary uses a part of it")]

/// Commands, subcommands (`XGROUP FOO`) and options (`FOO`, or `XADD FOO` for one of a single
/// command).
const COMMANDS: [&str; 0] = [];

/// Fields of XINFO.
pub(crate) const FIELDS: [&str; 0] = [];

/// Whether the command is, or makes use of, something that the engine lacks.
pub(crate) fn is_lacking(argv: &[Vec<u8>]) -> bool {
    let words = uppercase(argv);
    let named = |word: &String| {
        let with_name = format!("{} {word}", words[0]);
        COMMANDS.contains(&word.as_str()) || COMMANDS.contains(&with_name.as_str())
    };
    words.iter().any(named)
}

/// The words as their keywords are compared.
pub(crate) fn uppercase(argv: &[Vec<u8>]) -> Vec<String> {
    argv.iter().map(|word| String::from_utf8_lossy(word).to_ascii_uppercase()).collect()
}
