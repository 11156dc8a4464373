//! The Durable Object core.
