//! wasm-bindgen's glue keeps one instance of the module in variables of its own, for ever. This
//! writes beside it `instantiate.js`, the same glue inside a function: each call gives an instance
//! with glue of its own. The Durable Object needs that to leave an instance in which code trapped.

use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// The exports that the glue ends with; they load the module, which the function does instead.
const LAST_EXPORT: &str = "export { initSync, __wbg_init as default };";

/// Writes `instantiate.js` and `instantiate.d.ts` beside the glue `<name>.js`.
pub(crate) fn write(dir: &Path, name: &str) -> Result<()> {
    let path = dir.join(format!("{name}.js"));
    let glue = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
    ensure!(
        glue.trim_end().ends_with(LAST_EXPORT) && !glue.contains("import.meta"),
        "wasm-bindgen writes another glue than factory.rs knows"
    );
    let mut imports = String::new();
    let mut body = String::new();
    let mut exports = Vec::new();
    for line in glue.trim_end().trim_end_matches(LAST_EXPORT).lines() {
        if line.starts_with("import ") {
            imports += &format!("{line}\n");
            continue;
        }
        let declaration = line.strip_prefix("export ");
        exports.extend(declaration.and_then(declared_name));
        body += &format!("{}\n", declaration.unwrap_or(line));
    }
    let exports = exports.join(", ");
    let factory = format!(
        "{imports}\nexport function instantiate(module) {{\n{body}\n\
         initSync({{ module }});\nreturn {{ {exports} }};\n}}\n"
    );
    fs::write(dir.join("instantiate.js"), factory)?;
    let types = format!(
        "import type * as glue from \"./{name}.js\";\n\
         /** A new instance of the module, with glue of its own. */\n\
         export declare function instantiate(module: WebAssembly.Module): Omit<typeof glue, \"default\" | \"initSync\">;\n"
    );
    Ok(fs::write(dir.join("instantiate.d.ts"), types)?)
}

/// The name that `class Core {` or `function route(requests) {` declares.
fn declared_name(declaration: &str) -> Option<&str> {
    let name = declaration.strip_prefix("class ").or(declaration.strip_prefix("function "))?;
    name.split([' ', '(']).next()
}
