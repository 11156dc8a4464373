//! Texts that are put together from a pattern and words. What `core::fmt` can do beside that would be
//! a fiftieth of what a browser loads.

use crate::integer;
use alloc::string::String;

/// Stands in a pattern where a word goes.
const GAP: u8 = b'%';

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
    let mut rest = pattern;
    loop {
        let text = before(rest, GAP);
        filled.push_str(text);
        let Some(behind) = rest.get(text.len() + 1..) else { return filled };
        rest = behind;
        match words.next() {
            Some(Word::Text(text)) => filled.push_str(text),
            Some(Word::Capitals(text)) => filled.push_str(&text.to_ascii_uppercase()),
            Some(Word::Char(char)) => filled.push(*char),
            Some(Word::Number(number)) => {
                let digits = integer::Text::unsigned(*number);
                filled.push_str(str::from_utf8(digits.as_bytes()).unwrap_or_default());
            }
            None => {}
        }
    }
}

/// Text from outside; what is no UTF-8 in it is replaced, as [`String::from_utf8_lossy`] does it.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = bytes;
    while let Err(error) = str::from_utf8(rest) {
        let (valid, invalid) = rest.split_at(error.valid_up_to());
        text.push_str(str::from_utf8(valid).unwrap_or_default());
        text.push(char::REPLACEMENT_CHARACTER);
        rest = &invalid[error.error_len().unwrap_or(invalid.len())..];
    }
    text.push_str(str::from_utf8(rest).unwrap_or_default());
    text
}

/// The text up to the first such byte, which is ASCII; all of it if there is none.
pub(crate) fn before(text: &str, byte: u8) -> &str {
    let end = text.bytes().position(|each| each == byte);
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_in_order() {
        let words = [Word::Text("näher 100 %"), Word::Number(u64::MAX), Word::Char('é')];
        assert_eq!(fill("%: % (%)", &words), "näher 100 %: 18446744073709551615 (é)");
        assert_eq!(fill("größer", &[]), "größer");
        assert_eq!((before("xgroup|create", b'|'), before("xadd", b'|')), ("xgroup", "xadd"));
        assert_eq!(fill("% and %", &[Word::Capitals("one")]), "ONE and ");
    }
    #[test]
    fn what_is_no_text_is_replaced_as_the_standard_does_it() {
        let cases: [&[u8]; 8] = [
            b"",
            b"plain",
            "größer".as_bytes(),
            b"\xff",
            b"a\xffb\xfe\xfdc",
            b"cut \xe2\x82",
            b"\xe2\x82x\xf0\x9f\x98",
            b"\xed\xa0\x80 surrogate \xf0\x9f\x98\x80",
        ];
        for bytes in cases {
            assert_eq!(lossy(bytes), String::from_utf8_lossy(bytes), "{bytes:?}");
        }
    }
}
