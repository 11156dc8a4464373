//! Where values are, by their numbers.

use alloc::vec::Vec;

/// Database and slot of each value, ascending by number: new ones come at the end. A value that has
/// gone may still stand there, so whoever looks one up looks whether it is there.
#[derive(Debug, Default)]
pub(super) struct Places {
    places: Vec<(u64, u8, u32)>,
}

impl Places {
    fn find(&self, number: u64) -> Result<usize, usize> {
        self.places.binary_search_by_key(&number, |(number, ..)| *number)
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn get(&self, number: u64) -> Option<(u8, u32)> {
        let (_, db, slot) = self.places[self.find(number).ok()?];
        Some((db, slot))
    }

    pub(super) fn set(&mut self, number: u64, db: u8, slot: u32) {
        match self.find(number) {
            Ok(at) => self.places[at] = (number, db, slot),
            Err(at) => self.places.insert(at, (number, db, slot)),
        }
    }

    /// Two databases change places.
    pub(super) fn swap(&mut self, one: u8, other: u8) {
        for (_, db, _) in &mut self.places {
            *db = match *db {
                db if db == one => other,
                db if db == other => one,
                db => db,
            };
        }
    }

    /// Forgets what is not there any more.
    pub(super) fn retain(&mut self, is_there: impl Fn(u64, u8, u32) -> bool) {
        self.places.retain(|(number, db, slot)| is_there(*number, *db, *slot));
    }
}
