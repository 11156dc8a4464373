//! Requests as lines of text, as a person types them into a raw connection.

use crate::limits::Limits;
use crate::wire::request::{Request, RequestError};
use alloc::vec::Vec;

/// Reads one line.
#[inline(never)]
pub(crate) fn decode<'a>(input: &'a [u8], limits: &Limits) -> Result<Request<'a>, RequestError> {
    let Some(end) = input.iter().position(|&byte| byte == b'\n') else {
        let bounded = input.len() <= limits.inline_bytes;
        let incomplete = Request::Incomplete { needed_bytes: input.len() + 1 };
        return if bounded {
            Ok(incomplete)
        } else {
            Err(RequestError::new("too big inline request"))
        };
    };
    let line = input[..end].strip_suffix(b"\r").unwrap_or(&input[..end]);
    let arguments = split(line).ok_or_else(|| RequestError::new("unbalanced quotes in request"))?;
    Ok(Request::Line { arguments, used_bytes: end + 1 })
}

/// Splits at white space; quotes group, and double quotes know backslash escapes.
fn split(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut arguments = Vec::new();
    let mut rest = line;
    loop {
        let start = rest.iter().position(|byte| !is_space(*byte)).unwrap_or(rest.len());
        rest = &rest[start..];
        if rest.is_empty() {
            return Some(arguments);
        }
        arguments.push(take_word(&mut rest)?);
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r' | 0)
}

/// A word may consist of plain and quoted parts, but a closing quote ends it.
fn take_word(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let mut word = Vec::new();
    while let [byte, tail @ ..] = *rest {
        match byte {
            byte if is_space(*byte) => break,
            b'"' => {
                *rest = take_double_quoted(tail, &mut word)?;
                return ends_word(rest).then_some(word);
            }
            b'\'' => {
                *rest = take_single_quoted(tail, &mut word)?;
                return ends_word(rest).then_some(word);
            }
            byte => word.push(*byte),
        }
        *rest = tail;
    }
    Some(word)
}

fn ends_word(rest: &[u8]) -> bool {
    rest.first().is_none_or(|byte| is_space(*byte))
}

fn take_double_quoted<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        rest = match rest {
            [b'"', tail @ ..] => return Some(tail),
            [b'\\', b'x', high, low, tail @ ..] if hex(*high).is_some() && hex(*low).is_some() => {
                word.push(hex(*high)? << 4 | hex(*low)?);
                tail
            }
            [b'\\', escaped, tail @ ..] => {
                word.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'a' => 7,
                    other => *other,
                });
                tail
            }
            [byte, tail @ ..] => {
                word.push(*byte);
                tail
            }
            [] => return None,
        };
    }
}

fn take_single_quoted<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        rest = match rest {
            [b'\'', tail @ ..] => return Some(tail),
            [b'\\', b'\'', tail @ ..] => {
                word.push(b'\'');
                tail
            }
            [byte, tail @ ..] => {
                word.push(*byte);
                tail
            }
            [] => return None,
        };
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}
