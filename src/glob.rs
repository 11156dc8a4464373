//! Redis' glob patterns: `*`, `?`, `[a-z]`, `[^a]` and `\` before a byte that is to be taken as it
//! is.

/// Whether the whole text is like the pattern.
#[must_use]
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut pattern, mut text) = (pattern, text);
    // Where to go on when a literal part does not fit: behind the last star, one byte further.
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        if let Some((b'*', rest)) = pattern.split_first() {
            pattern = rest;
            retry = Some((rest, text));
            continue;
        }
        let step = match (pattern.is_empty(), text.split_first()) {
            (true, None) => return true,
            (_, None) | (true, _) => None,
            (false, Some((&byte, rest))) => match_one(pattern, byte).map(|left| (left, rest)),
        };
        match (step, retry) {
            (Some(step), _) => (pattern, text) = step,
            (None, Some((after_star, [_, rest @ ..]))) => {
                (pattern, text) = (after_star, rest);
                retry = Some((after_star, rest));
            }
            (None, _) => return false,
        }
    }
}

/// Matches one byte with the pattern's first element, which is no star. Returns the pattern behind
/// it.
fn match_one(pattern: &[u8], byte: u8) -> Option<&[u8]> {
    let (&first, rest) = pattern.split_first()?;
    let (fits, rest) = match (first, rest.split_first()) {
        (b'?', _) => (true, rest),
        (b'[', _) => match_class(rest, byte),
        (b'\\', Some((&literal, rest))) => (literal == byte, rest),
        _ => (first == byte, rest),
    };
    fits.then_some(rest)
}

/// Matches one byte with a class whose bracket has been opened. A class that is never closed goes
/// to the end of the pattern.
fn match_class(pattern: &[u8], byte: u8) -> (bool, &[u8]) {
    let (negated, mut rest) = match pattern.strip_prefix(b"^") {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let mut fits = false;
    loop {
        rest = match rest {
            [] => return (fits != negated, rest),
            [b']', rest @ ..] => return (fits != negated, rest),
            [b'\\', literal, rest @ ..] => {
                fits |= *literal == byte;
                rest
            }
            [from, b'-', to, rest @ ..] => {
                fits |= (*from.min(to)..=*from.max(to)).contains(&byte);
                rest
            }
            [literal, rest @ ..] => {
                fits |= *literal == byte;
                rest
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_in_redis() {
        let like = |pattern: &str, text: &str| matches(pattern.as_bytes(), text.as_bytes());
        assert!(like("*", "") && like("*", "orders") && like("", ""));
        assert!(like("or*s", "orders") && like("*:*:2", "a:b:1:2") && !like("or*x", "orders"));
        assert!(like("h?llo", "hello") && !like("h?llo", "hllo"));
        assert!(like("h[ae]llo", "hallo") && !like("h[ae]llo", "hillo"));
        assert!(like("h[^e]llo", "hallo") && !like("h[^e]llo", "hello"));
        assert!(like("h[a-c]llo", "hbllo") && like("h[c-a]llo", "hbllo"));
        assert!(like("\\*", "*") && !like("\\*", "x") && like("[\\]]", "]"));
        assert!(like("[a", "a") && !like("a", "") && !like("", "a"));
    }
}
