//! One binding crate on its way to JavaScript: cargo, then wasm-bindgen, then wasm-opt.
//!
//! Cargo knows by itself when there is nothing to compile. The two steps behind it are skipped when
//! cargo's wasm has the bytes that the output was made from (a copy lies beside the output) and
//! this program is older than the output.

use crate::split::{self, Part};
use crate::{factory, glue, references};
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, iter};
use wasm_bindgen_cli_support::Bindgen;

/// What rustc 1.95 compiles wasm32-unknown-unknown for, in wasm-opt's words.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// What wasm-opt is to strive for. Below the first address that Rust gives to anything lies the end
/// of its stack, so nobody reads or writes there.
const SPEED: &[&str] = &["-O3"];
const SIZE: &[&str] =
    &["-Oz", "--converge", "--low-memory-unused", "--strip-producers", "--strip-target-features"];

/// So that the names of all functions say where they are from, each piece of data is one for itself,
/// and the linker says who refers to what.
const FLAGS_FOR_CUTTING: [&str; 3] = [
    "-Csymbol-mangling-version=v0",
    "-Clink-arg=--no-merge-data-segments",
    "-Clink-arg=--emit-relocs",
];

/// In the output: cargo's wasm that the rest of it was made from.
const SOURCE_COPY: &str = ".made-from.wasm";

/// A binding crate and where its JavaScript goes.
pub(crate) struct Module {
    package: &'static str,
    out_name: &'static str,
    /// Where `<out_name>.js`, `<out_name>.d.ts` and `<out_name>_bg.wasm` go.
    pub(crate) out_dir: PathBuf,
    /// Whether the glue is wanted as a function that makes instances (see `factory.rs`); otherwise
    /// who imports it does so (see `glue.rs`).
    is_instantiable: bool,
    /// The cargo profile to build with.
    profile: &'static str,
    /// What wasm-opt is to strive for.
    aim: &'static [&'static str],
    /// The parts that the module is cut into beside its core (see `split.rs`).
    parts: &'static [Part],
    /// Cargo features to build with, as cargo takes them.
    pub(crate) features: Option<String>,
}

impl Module {
    pub(crate) fn new(package: &'static str, out_name: &'static str, out_dir: PathBuf) -> Self {
        let (is_instantiable, profile, aim, features) = (false, "release", SPEED, None);
        Self { package, out_name, out_dir, is_instantiable, profile, aim, parts: &[], features }
    }

    /// The same, made as small as it gets.
    pub(crate) fn for_size(self) -> Self {
        Self { profile: "browser", aim: SIZE, ..self }
    }

    /// The same, and beside the whole its core, `<out_name>_core_bg.wasm`, and these parts, each as
    /// `<out_name>_<part>_bg.wasm`.
    pub(crate) fn cut(self, parts: &'static [Part]) -> Self {
        Self { parts, ..self }
    }

    /// The same, built with this cargo profile.
    pub(crate) fn with_profile(self, profile: &'static str) -> Self {
        Self { profile, ..self }
    }

    /// The same, built with these cargo features unless the command line names others.
    pub(crate) fn with_features(self, features: &str) -> Self {
        Self { features: Some(features.into()), ..self }
    }

    /// The same, with the glue also as a function that makes instances.
    pub(crate) fn instantiable(self) -> Self {
        Self { is_instantiable: true, ..self }
    }

    /// Brings the output up to date.
    pub(crate) fn build(&self, root: &Path) -> Result<()> {
        let compiled = fs::read(self.compile(root)?)?;
        if self.is_made_from(&compiled)? {
            return Ok(());
        }
        let staging = self.out_dir.with_extension("new");
        remove_dir(&staging)?;
        self.generate(&compiled, &staging)?;
        let whole = staging.join(format!("{}_bg.wasm", self.out_name));
        if self.is_cut() {
            let names = iter::once("core").chain(self.parts.iter().map(|part| part.name));
            let modules = split::split(&fs::read(&whole)?, &compiled, self.parts)?;
            for (name, bytes) in names.zip(modules) {
                let path = staging.join(format!("{}_{name}_bg.wasm", self.out_name));
                fs::write(&path, bytes)?;
                self.optimise(root, &path)?;
            }
        }
        self.optimise(root, &whole)?;
        fs::write(staging.join(SOURCE_COPY), compiled)?;
        // In one step, so that nobody who reads the output meanwhile finds half of it.
        remove_dir(&self.out_dir)?;
        Ok(fs::rename(staging, &self.out_dir)?)
    }

    /// Runs cargo; returns the path of the wasm it made.
    fn compile(&self, root: &Path) -> Result<PathBuf> {
        let target_dir = env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo.current_dir(root).args(["rustc", "--target", "wasm32-unknown-unknown"]);
        cargo.args(["--profile", self.profile, "--package", self.package]);
        // With the `rlib` that the crate's tests want beside it, cargo would leave out link-time
        // optimisation, and say nothing.
        cargo.args(["--lib", "--crate-type", "cdylib"]);
        if let Some(features) = &self.features {
            cargo.args(["--features", features]);
        }
        if self.is_cut() {
            cargo.env("RUSTFLAGS", FLAGS_FOR_CUTTING.join(" "));
        }
        run(cargo)?;
        let file = format!("{}.wasm", self.package.replace('-', "_"));
        let built = root.join(target_dir).join("wasm32-unknown-unknown").join(self.profile);
        Ok(built.join(file))
    }

    fn is_cut(&self) -> bool {
        !self.parts.is_empty()
    }

    fn is_made_from(&self, compiled: &[u8]) -> Result<bool> {
        let copy = self.out_dir.join(SOURCE_COPY);
        if !copy.exists() {
            return Ok(false);
        }
        let made = fs::metadata(&copy)?.modified()?;
        let program = fs::metadata(env::current_exe()?)?.modified()?;
        Ok(program < made && fs::read(&copy)? == compiled)
    }

    fn generate(&self, compiled: &[u8], dir: &Path) -> Result<()> {
        let input =
            if self.is_cut() { references::without_records(compiled)? } else { compiled.to_vec() };
        let mut bindgen = Bindgen::new();
        let _ = if self.is_instantiable { bindgen.web(true)? } else { bindgen.bundler(true)? };
        bindgen
            .input_bytes(self.out_name, input)
            .typescript(true)
            .remove_name_section(!self.is_cut())
            .demangle(false)
            .remove_producers_section(true)
            // Who instantiates the module says where it is; a bundler must not find it twice.
            .omit_default_module_path(true)
            .out_name(self.out_name)
            .generate(dir)
            .with_context(|| format!("wasm-bindgen failed on {}", self.package))?;
        if self.is_instantiable {
            factory::write(dir, self.out_name)
        } else {
            glue::keep(dir, self.out_name)
        }
    }

    fn optimise(&self, root: &Path, wasm: &Path) -> Result<()> {
        let program = root.join("node_modules/.bin/wasm-opt");
        ensure!(program.exists(), "{} is missing: run `npm install`", program.display());
        let mut wasm_opt = Command::new(program);
        wasm_opt.args(WASM_FEATURES).args(self.aim).arg(wasm).arg("-o").arg(wasm);
        run(wasm_opt)
    }
}

fn remove_dir(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", dir.display()))?;
    }
    Ok(())
}

fn run(mut command: Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{command:?}: {status}");
    }
    Ok(())
}
