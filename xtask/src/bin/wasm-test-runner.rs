//! What `cargo test --target wasm32-unknown-unknown` hands each test binary to: wasm-bindgen's own
//! runner, as a library, so that `Cargo.lock` keeps it at the version of the `wasm-bindgen` crate.

use wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args;

fn main() -> anyhow::Result<()> {
    run_cli_with_args(std::env::args_os())
}
