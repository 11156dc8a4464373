//! Build tasks that need Rust: `cargo xtask build wasm` and `cargo xtask build worker` make the
//! JavaScript glue and the optimised wasm of the two binding crates; `cargo xtask build node` makes
//! the package's wasm once more, for speed instead of size, and with what `eddyline check` needs.
//!
//! `npm run build` calls this and does the rest (TypeScript, page).

mod factory;
mod glue;
mod module;
mod references;
mod split;

use anyhow::{Result, bail};
use module::Module;
use split::Part;
use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What is beside the core of the engine. The doors are called only when their part is there.
const PARTS: &[Part] = &[
    // What an engine needs that is not for the moment only: beginning with what a storage holds,
    // the journal, checkpoints, what goes to storage and comes from it.
    Part {
        name: "storage",
        rooms: &[
            "eddyline::engine::storage",
            "eddyline::keyspace::frozen",
            "eddyline::keyspace::rare",
            "eddyline::keyspace::residence",
            "eddyline::log",
            "eddyline::replay",
            "eddyline::seal",
            "eddyline_wasm::storage",
            "eddyline_wasm::stored",
        ],
        doors: &[
            "apply_rare",
            "checkpoint",
            "evict_to",
            "preserve",
            "record",
            "required",
            "restore",
            "supply",
            "take",
        ],
    },
    // What a page seldom needs: values that are no streams, DUMP, exports, what operators ask for.
    Part {
        name: "rest",
        rooms: &[
            "eddyline::census",
            "eddyline::command::archive",
            "eddyline::command::permissions",
            "eddyline::command::plain",
            "eddyline::command::rest",
            "eddyline::command::unknown",
            "eddyline::engine::archive",
            "eddyline::engine::care",
            "eddyline::engine::info",
            "eddyline::engine::seldom",
            "eddyline::engine::subscriptions",
            "eddyline::keyspace::frozen",
            "eddyline::keyspace::rare",
            "eddyline::watches::breaking",
            "eddyline::wire::inline",
        ],
        doors: &[
            "abort",
            "admit",
            "apply_rare",
            "break_by",
            "decide",
            "decode",
            "explain",
            "forget_subscriptions",
            "keys",
            "note",
            "parse_request",
            "preserve",
            "request",
            "run_archive",
            "run_seldom",
        ],
    },
    // What is asked by those who look at streams.
    Part { name: "inspection", rooms: &["eddyline::command::inspection"], doors: &["decide"] },
];

const USAGE: &str = "usage: cargo xtask build wasm|node|worker [--features LIST] [--out DIR]";

fn main() -> ExitCode {
    match run(env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        // Not by `Debug`, which adds a backtrace of this program.
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut args: impl Iterator<Item = String>) -> Result<()> {
    if args.next().as_deref() != Some("build") {
        bail!(USAGE);
    }
    let root = workspace_root();
    let mut module = match args.next().as_deref() {
        Some("wasm") => {
            let out_dir = root.join("pkg/wasm/generated");
            Module::new("eddyline-wasm", "eddyline", out_dir)
                .with_features("bare")
                .for_size()
                .cut(PARTS)
        }
        Some("node") => {
            let out_dir = root.join("pkg/wasm/generated-node");
            Module::new("eddyline-wasm", "eddyline", out_dir)
                .with_features("bare,salvage")
                .with_profile("node")
        }
        Some("worker") => {
            let out_dir = root.join("pkg/wasm/generated-worker");
            Module::new("eddyline-worker", "eddyline_worker", out_dir).instantiable()
        }
        _ => bail!(USAGE),
    };
    while let Some(option) = args.next() {
        match (option.as_str(), args.next()) {
            ("--features", Some(features)) => module.features = Some(features),
            ("--out", Some(dir)) => module.out_dir = root.join(dir),
            _ => bail!(USAGE),
        }
    }
    module.build(&root)
}

fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate lies one folder below the workspace's root")
        .to_path_buf()
}
