//! Names in order, each with a small number of its own.
//!
//! The numbers lie in blocks, in the order of their names: a sorted list of sorted lists. A tree would
//! keep every name twice, once as its key and once for whoever knows the number only.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::Cell;
use core::cmp::Ordering;

/// With more names than these a block is cut in two.
const BLOCK_NAMES: usize = 512;

/// Names and their numbers. A number is used again after its name has gone.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// By number; `None`: the number is free.
    names: Vec<Option<Box<[u8]>>>,
    /// Numbers in the order of their names. No block is empty.
    blocks: Vec<Vec<u32>>,
    len: usize,
    /// No number below this one is free.
    free: usize,
    /// The number that was found last; a command looks for the same name several times.
    hint: Cell<u32>,
}

/// Where a name is among the blocks.
type Place = (usize, usize);

impl Names {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// How many numbers there are, used or free.
    pub(super) fn numbers(&self) -> usize {
        self.names.len()
    }

    /// The name with this number.
    pub(super) fn name(&self, number: u32) -> Option<&[u8]> {
        self.names.get(number as usize)?.as_deref()
    }

    pub(super) fn number(&self, name: &[u8]) -> Option<u32> {
        let hint = self.hint.get();
        if self.name(hint) == Some(name) {
            return Some(hint);
        }
        let (block, at) = self.find(name).ok()?;
        let number = self.blocks[block][at];
        self.hint.set(number);
        Some(number)
    }

    fn compare(&self, number: u32, name: &[u8]) -> Ordering {
        self.name(number).expect("a number in use has its name").cmp(name)
    }

    /// Where the name is, or where it would be put.
    fn find(&self, name: &[u8]) -> Result<Place, Place> {
        let behind = self.blocks.partition_point(|block| self.compare(block[0], name).is_le());
        let block = behind.saturating_sub(1);
        let numbers = self.blocks.get(block).map_or(&[][..], Vec::as_slice);
        match numbers.binary_search_by(|number| self.compare(*number, name)) {
            Ok(at) => Ok((block, at)),
            Err(at) => Err((block, at)),
        }
    }

    /// The least number that is free. What was passed over to find it is not looked at again.
    pub(super) fn free_number(&mut self) -> usize {
        let used = self.names[self.free..].iter().take_while(|name| name.is_some());
        self.free += used.count();
        self.free
    }

    /// Puts a free name in under a free number. Returns whether both were free.
    pub(super) fn insert(&mut self, number: usize, name: &[u8]) -> bool {
        let Err((block, at)) = self.find(name) else { return false };
        if self.name(number as u32).is_some() {
            return false;
        }
        let end = self.names.len().max(number + 1);
        self.names.resize_with(end, || None);
        self.names[number] = Some(name.into());
        self.len += 1;
        self.free += usize::from(number == self.free);
        if self.blocks.is_empty() {
            self.blocks.push(Vec::new());
        }
        let numbers = &mut self.blocks[block];
        numbers.insert(at, number as u32);
        if numbers.len() > BLOCK_NAMES {
            let upper = numbers.split_off(BLOCK_NAMES / 2);
            self.blocks.insert(block + 1, upper);
        }
        true
    }

    /// Takes a name out. Returns its number.
    pub(super) fn remove(&mut self, name: &[u8]) -> Option<u32> {
        let (block, at) = self.find(name).ok()?;
        let number = self.blocks[block].remove(at);
        if self.blocks[block].is_empty() {
            self.blocks.remove(block);
        }
        self.names[number as usize] = None;
        self.len -= 1;
        self.free = self.free.min(number as usize);
        Some(number)
    }

    /// All numbers, in the order of their names.
    pub(super) fn walk(&self) -> Walk<'_> {
        Walk { names: self, block: 0, at: 0, left: self.len }
    }

    /// Panics when an invariant does not hold.
    pub(super) fn check(&self) {
        assert_eq!(self.names.iter().flatten().count(), self.len, "the names are counted");
        assert!(self.names[..self.free].iter().all(Option::is_some), "the free numbers are known");
        assert!(self.blocks.iter().all(|block| !block.is_empty()), "an empty block is dropped");
        let names: Vec<_> = self.walk().map(|number| self.name(number)).collect();
        assert!(names.len() == self.len && names.is_sorted(), "names have numbers, in their order");
        assert!(names.iter().all(Option::is_some), "a number in use has its name");
    }
}

/// The numbers of names that were not walked over yet.
#[derive(Debug)]
pub(super) struct Walk<'n> {
    names: &'n Names,
    block: usize,
    at: usize,
    left: usize,
}

impl Iterator for Walk<'_> {
    type Item = u32;

    #[inline(never)]
    fn next(&mut self) -> Option<u32> {
        let numbers = self.names.blocks.get(self.block)?;
        let number = numbers[self.at];
        self.at += 1;
        self.left -= 1;
        if self.at == numbers.len() {
            (self.block, self.at) = (self.block + 1, 0);
        }
        Some(number)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use alloc::format;

    #[test]
    fn they_are_in_order_whatever_comes_and_goes() {
        let (mut names, mut tree) = (Names::default(), BTreeMap::new());
        let mut state = 1u64;
        for step in 0..20_000u64 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let name = format!("{}", (state >> 33) % 6_000);
            // First it grows past many blocks, then it shrinks to nothing.
            if state >> 62 < 3 - step / 6_000 {
                let number = names.free_number();
                let free = !tree.contains_key(&name);
                assert_eq!(names.insert(number, name.as_bytes()), free);
                tree.entry(name).or_insert(number as u32);
            } else {
                assert_eq!(names.remove(name.as_bytes()), tree.remove(&name));
            }
            if step % 500 == 0 {
                names.check();
                assert!(names.walk().eq(tree.values().copied()));
            }
        }
        for (name, number) in &tree {
            assert_eq!(names.number(name.as_bytes()), Some(*number));
        }
        assert!(!names.insert(names.numbers(), b"0") || !tree.contains_key("0"));
    }

    #[test]
    fn the_least_free_number_is_given() {
        let mut names = Names::default();
        for name in [b"a", b"b", b"c"] {
            let number = names.free_number();
            assert!(names.insert(number, name));
        }
        assert!(!names.insert(1, b"d"), "the number is taken");
        assert_eq!((names.remove(b"b"), names.remove(b"a")), (Some(1), Some(0)));
        assert_eq!(names.free_number(), 0);
        assert!(names.insert(0, b"e"));
        assert_eq!((names.free_number(), names.numbers(), names.len()), (1, 3, 2));
        assert!(names.walk().eq([2, 0]));
        assert!(names.insert(1, b"f"));
        assert_eq!((names.free_number(), names.free), (3, 3), "a search is not made twice");
    }
}
