//! The core of the Durable Object: an engine, its SQLite storage, and one synchronous method for
//! each event of the platform, bytes in and bytes out. `pkg/src/worker` holds what calls it.
//!
//! A panic is a trap. In a synchronous call a trap is an ordinary exception of JavaScript: the
//! caller drops the core and restores from storage. It must run every call in a transaction that
//! an exception rolls back; then a call that failed has not happened.

mod door;
mod object;
mod output;
mod route;
mod sql;
mod trap;

pub use door::{answer, matches};
pub use object::Core;
pub use route::route;

use wasm_bindgen::prelude::*;

/// Runs once when the module is instantiated.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}
