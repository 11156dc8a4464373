//! Which keys expire, in the order of their times.

use crate::named::{self, Rank};
use alloc::vec::Vec;

/// Times with the database and the number of the key within it, ascending.
#[derive(Debug, Default)]
pub(super) struct Expiries {
    ranks: Vec<Rank>,
}

impl Expiries {
    pub(super) fn len(&self) -> usize {
        self.ranks.len()
    }

    /// A key's expiry changes.
    pub(super) fn set(&mut self, db: u8, number: u32, from_ms: Option<u64>, to_ms: Option<u64>) {
        let rank = |at_ms| [at_ms, u64::from(db), u64::from(number), 0];
        if let Some(Ok(at)) = from_ms.map(|at_ms| self.ranks.binary_search(&rank(at_ms))) {
            self.ranks.remove(at);
        }
        if let Some(Err(at)) = to_ms.map(|at_ms| self.ranks.binary_search(&rank(at_ms))) {
            self.ranks.insert(at, rank(to_ms.unwrap_or_default()));
        }
    }

    /// The keys of a database are gone.
    pub(super) fn clear(&mut self, db: u8) {
        self.ranks.retain(|rank| rank[1] != u64::from(db));
    }

    /// Two databases change places.
    pub(super) fn swap(&mut self, one: u8, other: u8) {
        let (one, other) = (u64::from(one), u64::from(other));
        for rank in &mut self.ranks {
            match rank[1] {
                db if db == one => rank[1] = other,
                db if db == other => rank[1] = one,
                _ => {}
            }
        }
        named::sort(&mut self.ranks);
    }

    /// The keys whose time has come, as database and number, the earliest first.
    pub(super) fn due(&self, now_ms: u64) -> impl Iterator<Item = (u8, u32)> {
        let due = self.ranks.iter().take_while(move |rank| rank[0] <= now_ms);
        due.map(|rank| (rank[1] as u8, rank[2] as u32))
    }

    pub(super) fn next_ms(&self) -> Option<u64> {
        self.ranks.first().map(|rank| rank[0])
    }

    /// Panics when a listed expiry is not the key's own.
    pub(super) fn check(&self, expires_ms: impl Fn(u8, u32) -> Option<u64>) {
        assert!(self.ranks.is_sorted(), "expiries are in order");
        for rank in &self.ranks {
            let own_ms = expires_ms(rank[1] as u8, rank[2] as u32);
            assert_eq!(own_ms, Some(rank[0]), "a listed expiry is the key's own");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Expiries;
    use alloc::vec::Vec;

    #[test]
    fn they_come_due_in_the_order_of_their_times() {
        let mut expiries = Expiries::default();
        expiries.set(0, 1, None, Some(30));
        expiries.set(1, 1, None, Some(10));
        expiries.set(0, 2, None, Some(10));
        expiries.set(0, 1, Some(30), Some(20));
        let due = |expiries: &Expiries, now_ms| expiries.due(now_ms).collect::<Vec<_>>();
        assert_eq!(expiries.next_ms(), Some(10));
        assert_eq!(due(&expiries, 9), []);
        assert_eq!(due(&expiries, 20), [(0, 2), (1, 1), (0, 1)]);
        expiries.swap(0, 1);
        assert_eq!(due(&expiries, 20), [(0, 1), (1, 2), (1, 1)]);
        expiries.clear(1);
        assert_eq!((expiries.len(), expiries.next_ms()), (1, Some(10)));
        expiries.set(0, 1, Some(10), None);
        assert_eq!((expiries.len(), expiries.next_ms()), (0, None));
    }
}
