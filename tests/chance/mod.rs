//! Random commands: mostly right, now and then a little wrong, seldom nonsense. The same seed gives
//! the same commands.
#![allow(dead_code, unused_imports, reason = "every test binary uses a part of it")]

mod commands;
mod company;
mod entries;
mod groups;
mod manner;
mod plain;
mod spoil;
mod waits;
mod words;

pub(crate) use commands::command;
pub(crate) use manner::{Clock, Manner, Stamp};

/// SplitMix64: small, and its whole state is the seed.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// True `percent` times in a hundred.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}
