//! Things kept by name, each with a small number of its own; and things kept by a number that is
//! given from outside.
//!
//! One map type for all that has a name (streams, groups, consumers, queues) keeps the wasm small:
//! every instance of a map with other types is its own machine code.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cell::Cell;

/// What a list is ordered by: up to four numbers. One type for all lists that are sorted, for the
/// same reason.
pub(crate) type Rank = [u64; 4];

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
    numbers: BTreeMap<Box<[u8]>, u32>,
    slots: Vec<Option<Slot<T>>>,
    /// The number that was found last; a command looks for the same name several times.
    hint: Cell<u32>,
}

#[derive(Debug)]
struct Slot<T> {
    name: Box<[u8]>,
    thing: T,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { numbers: BTreeMap::new(), slots: Vec::new(), hint: Cell::new(0) }
    }
}

impl<T> Named<T> {
    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    pub(crate) fn number(&self, name: &[u8]) -> Option<u32> {
        let hint = self.hint.get();
        if self.at(hint).is_some_and(|(hinted, _)| hinted == name) {
            return Some(hint);
        }
        let found = self.numbers.get(name).copied();
        found.inspect(|number| self.hint.set(*number))
    }

    pub(crate) fn get(&self, name: &[u8]) -> Option<&T> {
        self.number(name).and_then(|number| self.at(number)).map(|(_, thing)| thing)
    }

    pub(crate) fn get_mut(&mut self, name: &[u8]) -> Option<&mut T> {
        self.number(name).and_then(|number| self.at_mut(number))
    }

    pub(crate) fn contains(&self, name: &[u8]) -> bool {
        self.numbers.contains_key(name)
    }

    /// The thing with this number, and its name.
    pub(crate) fn at(&self, number: u32) -> Option<(&[u8], &T)> {
        let slot = self.slots.get(number as usize)?.as_ref()?;
        Some((&slot.name, &slot.thing))
    }

    pub(crate) fn at_mut(&mut self, number: u32) -> Option<&mut T> {
        Some(&mut self.slots.get_mut(number as usize)?.as_mut()?.thing)
    }

    /// Puts a thing in under a free name. Returns whether it was free.
    pub(crate) fn insert(&mut self, name: &[u8], thing: T) -> bool {
        let free = match self.numbers.len() == self.slots.len() {
            true => self.slots.len(),
            false => self.slots.iter().position(Option::is_none).unwrap_or(self.slots.len()),
        };
        self.insert_at(free, name, thing)
    }

    /// Puts a thing in under a free name and a free number. Returns whether both were free.
    pub(crate) fn insert_at(&mut self, number: usize, name: &[u8], thing: T) -> bool {
        if self.contains(name) || self.slots.get(number).is_some_and(Option::is_some) {
            return false;
        }
        let end = self.slots.len().max(number + 1);
        self.slots.resize_with(end, || None);
        self.slots[number] = Some(Slot { name: name.into(), thing });
        self.numbers.insert(name.into(), number as u32);
        true
    }

    pub(crate) fn remove(&mut self, name: &[u8]) -> Option<T> {
        let number = self.numbers.remove(name)?;
        let slot = self.slots.get_mut(number as usize)?.take();
        slot.map(|slot| slot.thing)
    }

    /// All things in the order of their names.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], &T)> {
        self.numbers.values().map(|&number| self.at(number).expect("a number in use has its slot"))
    }

    /// All things in no order that matters.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&[u8], &mut T)> {
        self.slots.iter_mut().flatten().map(|slot| (&*slot.name, &mut slot.thing))
    }

    /// All things, in no order that matters.
    pub(crate) fn into_things(self) -> impl Iterator<Item = T> {
        self.slots.into_iter().flatten().map(|slot| slot.thing)
    }

    /// How many numbers there are, used or free.
    pub(crate) fn numbers(&self) -> u32 {
        self.slots.len() as u32
    }

    /// Panics when an invariant does not hold.
    pub(crate) fn check(&self) {
        let used = self.slots.iter().flatten().count();
        assert_eq!(used, self.numbers.len(), "every name has one slot");
        for (name, &number) in &self.numbers {
            let found = self.at(number).map(|(name, _)| name);
            assert_eq!(found, Some(&**name), "a slot knows its name");
        }
    }
}
