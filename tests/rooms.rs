//! The engine's rooms import one way: each uses only the floors below its own.
//!
//! The floors are those of `docs/architecture.md`, §2. A folder of `src/` is one room; a name that
//! `lib.rs` exports at the crate's root belongs to the room it comes from.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms from the bottom to the top.
const FLOORS: [&[&str]; 16] = [
    &["integer"],
    &["words"],
    &["blob", "error", "glob", "limits", "named", "part"],
    &["stream", "config"],
    &["plain", "seal"],
    &["op", "dump"],
    &["reply"],
    &["wire", "keyspace"],
    &["log", "command"],
    &["archive"],
    &["session", "stats", "replay", "salvage"],
    &["watches", "census"],
    &["store"],
    &["waiters"],
    &["turn"],
    &["engine"],
];

#[test]
fn each_room_uses_only_the_floors_below_it() {
    let exported = exports(&read(Path::new("src/lib.rs")));
    let mut wrong = Vec::new();
    for file in rust_files(Path::new("src")) {
        let room = room_of(&file);
        if room == "lib" {
            continue;
        }
        for name in crate_paths(&without_comments(&read(&file))) {
            let used = exported.get(&name).unwrap_or(&name);
            if *used != room && floor(used) >= floor(&room) {
                wrong.push(format!("{} uses {used} (crate::{name})", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "imports that go up or sideways:\n{}", wrong.join("\n"));
}

#[test]
fn paths_are_found_in_every_form_of_import() {
    let source = "use crate::{a::{b, c}, D};\nuse crate::e;\nfn f() -> crate::g::H { crate::i() }";
    assert_eq!(crate_paths(source), ["a", "D", "e", "g", "i"]);
    assert_eq!(without_comments("a // crate::b\n//! crate::c"), "a \n");
    let exports = exports("mod a;\npub use a::{B, C};\npub use d::E;");
    assert_eq!(exports.get("C").map(String::as_str), Some("a"));
    assert_eq!(exports.get("E").map(String::as_str), Some("d"));
}

fn floor(room: &str) -> usize {
    FLOORS
        .iter()
        .position(|rooms| rooms.contains(&room))
        .unwrap_or_else(|| panic!("room {room} has no floor: give it one in FLOORS"))
}

/// The first segment of a file's path within `src`.
fn room_of(file: &Path) -> String {
    let within = file.strip_prefix("src").expect("a file of src");
    let first = within.components().next().expect("a file has a name");
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_string()
}

/// What `lib.rs` exports at the root: name → room it comes from.
fn exports(lib: &str) -> BTreeMap<String, String> {
    let mut from = BTreeMap::new();
    for statement in without_comments(lib).split(';') {
        let Some(path) = statement.trim().strip_prefix("pub use ") else {
            continue;
        };
        let (room, names) = path.split_once("::").expect("an export names a room and an item");
        for name in words(names) {
            from.insert(name, room.to_string());
        }
    }
    from
}

/// The first segment behind each `crate::`, also of each branch of `crate::{…}`.
fn crate_paths(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, prefix) in source.match_indices("crate::") {
        let rest = &source[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(branches) => names.extend(first_segments(branches)),
            None => names.extend(words(rest).into_iter().next()),
        }
    }
    names
}

/// The first word of each branch of a use tree, up to the brace that closes it.
fn first_segments(branches: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    let mut branch = String::new();
    for letter in branches.chars() {
        match letter {
            ',' | '}' if depth == 0 => {
                names.extend(words(&branch).into_iter().next());
                branch.clear();
                if letter == '}' {
                    break;
                }
            }
            _ => branch.push(letter),
        }
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    names
}

fn words(text: &str) -> Vec<String> {
    text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .filter(|word| !word.is_empty())
        .map(String::from)
        .collect()
}

fn without_comments(source: &str) -> String {
    let code = |line: &str| line.split("//").next().unwrap_or_default().to_string();
    source.lines().map(code).collect::<Vec<_>>().join("\n")
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
