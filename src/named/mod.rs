//! Things kept by name, each with a small number of its own; and things kept by a number that is
//! given from outside.
//!
//! One map type for all that has a name (streams, groups, consumers, queues) keeps the wasm small:
//! every instance of a map with other types is its own machine code.

mod names;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::Cell;
use names::{Names, Walk};

/// What a list is ordered by: up to four numbers. One type for all lists that are sorted, for the
/// same reason.
pub(crate) type Rank = [u64; 4];

/// Sorts. What comes here is mostly in order, or a few runs that are: it is merged run by run, which is
/// a tenth of the code of the standard sort.
pub(crate) fn sort(ranks: &mut Vec<Rank>) {
    loop {
        let mut merged = Vec::with_capacity(ranks.len());
        let mut rest = ranks.as_slice();
        let mut merges = 0;
        while !rest.is_empty() {
            let (mut one, mut other);
            (one, rest) = rest.split_at(run(rest));
            (other, rest) = rest.split_at(run(rest));
            while let (Some(first), Some(second)) = (one.first(), other.first()) {
                let from = if second < first { &mut other } else { &mut one };
                merged.push(from[0]);
                *from = &from[1..];
            }
            merged.extend_from_slice(one);
            merged.extend_from_slice(other);
            merges += 1;
        }
        *ranks = merged;
        if merges <= 1 {
            return;
        }
    }
}

/// How many at the beginning are in order.
fn run(ranks: &[Rank]) -> usize {
    let end = ranks.windows(2).position(|pair| pair[1] < pair[0]);
    end.map_or(ranks.len(), |end| end + 1)
}

/// Things by a number from outside. New numbers are nearly always the greatest so far, so a sorted
/// list serves.
#[derive(Debug)]
pub(crate) struct Numbered<T> {
    things: Vec<(u64, Box<T>)>,
    /// Where something was found last; most often the same is looked for again.
    hint: Cell<usize>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { things: Vec::new(), hint: Cell::new(0) }
    }
}

impl<T> Numbered<T> {
    pub(crate) fn len(&self) -> usize {
        self.things.len()
    }

    #[inline(never)]
    fn find(&self, number: u64) -> Result<usize, usize> {
        let hint = self.hint.get();
        if self.things.get(hint).is_some_and(|(hinted, _)| *hinted == number) {
            return Ok(hint);
        }
        let found = self.things.binary_search_by_key(&number, |(number, _)| *number);
        found.inspect(|at| self.hint.set(*at))
    }

    pub(crate) fn get(&self, number: u64) -> Option<&T> {
        self.find(number).ok().map(|at| &*self.things[at].1)
    }

    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        self.find(number).ok().map(|at| &mut *self.things[at].1)
    }

    /// The thing with this number, which comes into being if it is not there.
    pub(crate) fn entry(&mut self, number: u64) -> &mut T
    where
        T: Default,
    {
        let at = self.find(number).unwrap_or_else(|at| {
            self.things.insert(at, (number, Box::default()));
            at
        });
        &mut self.things[at].1
    }

    /// Puts a thing in, in place of the one with this number.
    pub(crate) fn insert(&mut self, number: u64, thing: T) {
        match self.find(number) {
            Ok(at) => *self.things[at].1 = thing,
            Err(at) => self.things.insert(at, (number, Box::new(thing))),
        }
    }

    pub(crate) fn remove(&mut self, number: u64) -> Option<T> {
        let at = self.find(number).ok()?;
        Some(*self.things.remove(at).1)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (u64, &mut T)> {
        self.things.iter_mut().map(|(number, thing)| (*number, &mut **thing))
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (u64, &T)> {
        self.things.iter().map(|(number, thing)| (*number, &**thing))
    }
}

/// Things by name. A number is used again after its thing has gone.
#[derive(Debug)]
pub(crate) struct Named<T> {
    names: Names,
    /// By number. In boxes, so that the code for all types is the same.
    things: Vec<Option<Box<T>>>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { names: Names::default(), things: Vec::new() }
    }
}

impl<T> Named<T> {
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn number(&self, name: &[u8]) -> Option<u32> {
        self.names.number(name)
    }

    pub(crate) fn get(&self, name: &[u8]) -> Option<&T> {
        self.things.get(self.number(name)? as usize)?.as_deref()
    }

    pub(crate) fn get_mut(&mut self, name: &[u8]) -> Option<&mut T> {
        self.at_mut(self.number(name)?)
    }

    pub(crate) fn contains(&self, name: &[u8]) -> bool {
        self.number(name).is_some()
    }

    /// The thing with this number, and its name.
    pub(crate) fn at(&self, number: u32) -> Option<(&[u8], &T)> {
        let thing = self.things.get(number as usize)?.as_deref()?;
        Some((self.names.name(number)?, thing))
    }

    pub(crate) fn at_mut(&mut self, number: u32) -> Option<&mut T> {
        self.things.get_mut(number as usize)?.as_deref_mut()
    }

    /// Puts a thing in under a free name. Returns whether it was free.
    pub(crate) fn insert(&mut self, name: &[u8], thing: T) -> bool {
        let number = self.names.free_number();
        self.insert_at(number, name, thing)
    }

    /// Puts a thing in under a free name and a free number. Returns whether both were free.
    pub(crate) fn insert_at(&mut self, number: usize, name: &[u8], thing: T) -> bool {
        let free = self.names.insert(number, name);
        if free {
            self.things.resize_with(self.names.numbers(), || None);
            self.things[number] = Some(Box::new(thing));
        }
        free
    }

    pub(crate) fn remove(&mut self, name: &[u8]) -> Option<T> {
        let number = self.names.remove(name)?;
        self.things.get_mut(number as usize)?.take().map(|thing| *thing)
    }

    /// All things in the order of their names.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], &T)> {
        Iter { walk: self.names.walk(), named: self }
    }

    /// All things in no order that matters.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&[u8], &mut T)> {
        let things = self.things.iter_mut().zip(0..);
        things
            .filter_map(|(thing, number)| Some((self.names.name(number)?, &mut **thing.as_mut()?)))
    }

    /// All things, in no order that matters.
    pub(crate) fn into_things(self) -> impl Iterator<Item = T> {
        self.things.into_iter().filter_map(|thing| Some(*thing?))
    }

    /// How many numbers there are, used or free.
    pub(crate) fn numbers(&self) -> u32 {
        self.names.numbers() as u32
    }

    /// Panics when an invariant does not hold.
    pub(crate) fn check(&self) {
        self.names.check();
        assert_eq!(self.things.len(), self.names.numbers(), "every number has a place");
        for (thing, number) in self.things.iter().zip(0..) {
            assert_eq!(thing.is_some(), self.names.name(number).is_some(), "a name is a thing's");
        }
    }
}

/// Things in the order of their names.
struct Iter<'n, T> {
    walk: Walk<'n>,
    named: &'n Named<T>,
}

impl<'n, T> Iterator for Iter<'n, T> {
    type Item = (&'n [u8], &'n T);

    fn next(&mut self) -> Option<Self::Item> {
        self.named.at(self.walk.next()?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.walk.size_hint()
    }
}

impl<T> ExactSizeIterator for Iter<'_, T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_sorted_as_the_standard_sort_does() {
        let mut state = 1u64;
        for len in 0..200u64 {
            let mut ranks: Vec<Rank> = Vec::new();
            for at in 0..len {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let first = match len % 4 {
                    0 => state >> 60,
                    1 => at,
                    2 => len - at,
                    _ => at % 7,
                };
                ranks.push([first, state >> 62, 0, at]);
            }
            let mut expected = ranks.clone();
            expected.sort_unstable();
            sort(&mut ranks);
            assert_eq!(ranks, expected);
        }
    }
}
