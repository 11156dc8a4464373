//! Texts that are put together from a pattern and words. What `core::fmt` can do beside that would be
//! a fiftieth of what a browser loads.

use crate::integer;
use alloc::string::String;

/// Stands in a pattern where a word goes.
const GAP: char = '%';

/// What goes into a gap.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Word<'a> {
    Text(&'a str),
    /// A text in capital letters.
    Capitals(&'a str),
    Char(char),
    Number(u64),
}

/// The pattern with its gaps filled, each with the next word; with nothing when there is none left.
pub(crate) fn fill(pattern: &str, words: &[Word<'_>]) -> String {
    let mut filled = String::new();
    let mut words = words.iter();
    for char in pattern.chars() {
        let word = if char == GAP { words.next() } else { Some(&Word::Char(char)) };
        match word {
            Some(Word::Text(text)) => filled.push_str(text),
            Some(Word::Capitals(text)) => filled.push_str(&text.to_ascii_uppercase()),
            Some(Word::Char(char)) => filled.push(*char),
            Some(Word::Number(number)) => {
                let digits = integer::Text::unsigned(*number);
                filled.extend(digits.as_bytes().iter().map(|digit| char::from(*digit)));
            }
            None => {}
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_in_order() {
        let words = [Word::Text("näher 100 %"), Word::Number(u64::MAX), Word::Char('é')];
        assert_eq!(fill("%: % (%)", &words), "näher 100 %: 18446744073709551615 (é)");
        assert_eq!(fill("größer", &[]), "größer");
        assert_eq!(fill("% and %", &[Word::Capitals("one")]), "ONE and ");
    }
}
