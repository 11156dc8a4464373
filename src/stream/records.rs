//! The records of a page: a sorted run in one piece, of which most go from the front.

use crate::stream::pel::Pending;
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

/// Records. A deque would be in two pieces, and whoever walks over one pays for both.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// Those that are gone first; at most half of all.
    all: Vec<Pending>,
    gone: usize,
}

impl Deref for Records {
    type Target = [Pending];

    fn deref(&self) -> &[Pending] {
        &self.all[self.gone..]
    }
}

impl DerefMut for Records {
    fn deref_mut(&mut self) -> &mut [Pending] {
        &mut self.all[self.gone..]
    }
}

impl Records {
    pub(super) fn push(&mut self, record: Pending) {
        self.all.push(record);
    }

    pub(super) fn insert(&mut self, at: usize, record: Pending) {
        self.all.insert(self.gone + at, record);
    }

    /// Takes a record out; those on the shorter side of it move.
    pub(super) fn remove(&mut self, at: usize) -> Pending {
        let record = self[at];
        if at < self.len() / 2 {
            self.copy_within(..at, 1);
            self.gone += 1;
        } else {
            self.all.remove(self.gone + at);
        }
        if self.gone > self.len() {
            self.all.drain(..self.gone);
            self.gone = 0;
        }
        record
    }

    /// Takes the records from `at` on away.
    pub(super) fn split_off(&mut self, at: usize) -> Self {
        Self { all: self.all.split_off(self.gone + at), gone: 0 }
    }

    pub(super) fn append(&mut self, following: &Self) {
        self.all.extend_from_slice(following);
    }
}
