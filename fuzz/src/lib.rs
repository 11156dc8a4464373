//! What the fuzz targets do with their bytes; `tests/fuzz.rs` runs the same on the seeds.

mod commands;
mod payload;
mod requests;

pub use commands::commands;
pub use payload::restore;
pub use requests::requests;
