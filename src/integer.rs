//! Integers as texts, in the one canonical form that Redis accepts and stores.

/// Room for the longest text of an integer: `-9223372036854775808`.
pub(crate) const MAX_TEXT_BYTES: usize = 20;

/// Reads a canonical decimal `i64`: no sign `+`, no leading zeros, no white space, no `-0`.
pub(crate) fn parse(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    match digits {
        [b'0'] if !negative => return Some(0),
        [b'1'..=b'9', ..] if text.len() <= MAX_TEXT_BYTES => {}
        _ => return None,
    }
    let mut magnitude = 0u64;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        let digit = u64::from(digit - b'0');
        // Eighteen digits fit whatever they are; wasm tests a product slowly.
        magnitude = match digits.len() {
            ..=18 => magnitude * 10 + digit,
            _ => magnitude.checked_mul(10)?.checked_add(digit)?,
        };
    }
    if negative { 0i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}

/// Reads a decimal in the form of [`Text::decimal`], with one to four digits behind the point:
/// gives the number without the point, and how many those are.
pub(crate) fn parse_decimal(text: &[u8]) -> Option<(i64, usize)> {
    /// With the point and a sign it fits a [`Text`].
    const MAX_DIGITS: usize = 17;
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.len() > MAX_DIGITS + 1 || !digits.first()?.is_ascii_digit() {
        return None;
    }
    let point = digits.iter().rposition(|byte| *byte == b'.')?;
    let decimals = digits.len() - point - 1;
    let (whole, fraction) = (&digits[..point], &digits[point + 1..]);
    let is_canonical = matches!(whole, [b'0'] | [b'1'..=b'9', ..]);
    if !is_canonical || !(1..=4).contains(&decimals) {
        return None;
    }
    let mut magnitude = 0i64;
    for digit in whole.iter().chain(fraction) {
        if !digit.is_ascii_digit() {
            return None;
        }
        magnitude = magnitude * 10 + i64::from(digit - b'0');
    }
    match (negative, magnitude) {
        (true, 0) => None,
        (true, magnitude) => Some((-magnitude, decimals)),
        (false, magnitude) => Some((magnitude, decimals)),
    }
}

/// Writes the digits of a number, the last one right before `end`, where there is room for as many
/// as there can be. Returns where they begin.
///
/// Eight digits at a time, as wasm divides 64-bit numbers slowly.
pub(crate) fn put_digits(bytes: &mut [u8], end: usize, mut value: u64) -> usize {
    const EIGHT_DIGITS: u64 = 100_000_000;
    let mut at = end;
    while value >= EIGHT_DIGITS {
        let eight = (value % EIGHT_DIGITS) as u32;
        let (high, low) = (eight / 10_000, eight % 10_000);
        at -= 8;
        let place = bytes[at..].first_chunk_mut().expect("there is room");
        let [one, two] = [PAIRS[(high / 100) as usize], PAIRS[(high % 100) as usize]];
        let [three, four] = [PAIRS[(low / 100) as usize], PAIRS[(low % 100) as usize]];
        *place = [one[0], one[1], two[0], two[1], three[0], three[1], four[0], four[1]];
        value /= EIGHT_DIGITS;
    }
    let mut value = value as u32;
    while value >= 10 {
        at -= 2;
        *bytes[at..].first_chunk_mut().expect("there is room") = PAIRS[(value % 100) as usize];
        value /= 100;
    }
    if value > 0 || at == end {
        at -= 1;
        bytes[at] = b'0' + value as u8;
    }
    at
}

/// The numbers below a hundred, in two digits.
static PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number as usize] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
    }
    pairs
};

/// The decimal text of an integer, without allocation.
#[derive(Clone, Copy)]
pub(crate) struct Text {
    bytes: [u8; MAX_TEXT_BYTES],
    start: u8,
}

impl Text {
    pub(crate) fn signed(value: i64) -> Self {
        let mut text = Self::unsigned(value.unsigned_abs());
        if value < 0 {
            text.push_front(b'-');
        }
        text
    }

    /// The number with a point before its last `decimals` digits, of which there are at most four,
    /// and a digit before the point.
    pub(crate) fn decimal(value: i64, decimals: usize) -> Self {
        let mut text = Self::unsigned(value.unsigned_abs());
        while text.as_bytes().len() <= decimals {
            text.push_front(b'0');
        }
        let (start, point) = (usize::from(text.start), MAX_TEXT_BYTES - decimals - 1);
        text.bytes.copy_within(start..=point, start - 1);
        text.bytes[point] = b'.';
        text.start -= 1;
        if value < 0 {
            text.push_front(b'-');
        }
        text
    }

    pub(crate) fn unsigned(value: u64) -> Self {
        let mut bytes = [0; MAX_TEXT_BYTES];
        let start = put_digits(&mut bytes, MAX_TEXT_BYTES, value);
        Self { bytes, start: start as u8 }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[usize::from(self.start)..]
    }

    fn push_front(&mut self, byte: u8) {
        self.start -= 1;
        self.bytes[usize::from(self.start)] = byte;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_values_agree_at_the_edges() {
        for value in [0, 1, -1, 9, 10, -10, i64::MAX, i64::MIN] {
            assert_eq!(parse(Text::signed(value).as_bytes()), Some(value));
        }
        assert_eq!(Text::unsigned(u64::MAX).as_bytes(), b"18446744073709551615");
        for value in [999_999_999, 1_000_000_000, 1_000_000_001, 5_000_000_000_000_000_042] {
            assert_eq!(parse(Text::unsigned(value).as_bytes()), Some(value as i64));
        }
    }

    #[test]
    fn decimals_agree_with_their_texts() {
        let texts = ["0.0", "0.05", "-0.5", "1.00", "123.45", "-99999999999999.999", "9.9999"];
        for text in texts {
            let (value, decimals) = parse_decimal(text.as_bytes()).expect(text);
            assert_eq!(Text::decimal(value, decimals).as_bytes(), text.as_bytes());
        }
        let wrong = [
            "-0.0",
            ".5",
            "1.",
            "01.5",
            "1.23456",
            "1.2.3",
            "1",
            "",
            "-",
            "+1.5",
            "1e.5",
            "123456789012345.6789",
        ];
        for text in wrong {
            assert_eq!(parse_decimal(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn only_canonical_texts_are_integers() {
        let wrong: [&[u8]; 10] = [
            b"",
            b"-",
            b"+1",
            b"01",
            b"-0",
            b" 1",
            b"1 ",
            b"0x1",
            b"9223372036854775808",
            b"-9223372036854775809",
        ];
        for text in wrong {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
