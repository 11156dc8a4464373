//! Eddyline on SQLite.
