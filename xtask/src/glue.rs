//! The package instantiates its module itself, in one way for all of its sources. Of what
//! wasm-bindgen writes for bundlers it needs the glue alone, not the script that imports the wasm.

use anyhow::{Context, Result};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

/// What the declarations of the glue leave out.
const TYPES: &str = "
/** Says of which instance this is the glue. Its other exports are what the module imports. */
export function __wbg_set_wasm(exports: WebAssembly.Exports): void;
";

/// Leaves the glue under the name of the script, which goes.
pub(crate) fn keep(dir: &Path, name: &str) -> Result<()> {
    let script = dir.join(format!("{name}.js"));
    fs::rename(dir.join(format!("{name}_bg.js")), &script)
        .with_context(|| format!("wasm-bindgen wrote no glue for {}", script.display()))?;
    let types = dir.join(format!("{name}.d.ts"));
    let mut types = OpenOptions::new().append(true).open(types)?;
    Ok(types.write_all(TYPES.as_bytes())?)
}
