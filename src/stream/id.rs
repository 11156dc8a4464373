//! Entry IDs: 128 bits that order a stream, and the texts that name them.

use crate::error::{CommandError, Refusal};
use core::fmt;

/// The ID of a stream entry: milliseconds, then a sequence number within the millisecond.
///
/// ```
/// use eddyline::EntryId;
/// let id = EntryId::parse(b"1526919030474-55", 0).unwrap();
/// assert_eq!(id, EntryId { ms: 1526919030474, seq: 55 });
/// assert!(id < id.next().unwrap());
/// assert_eq!(id.to_string(), "1526919030474-55");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    /// Milliseconds, usually since the Unix epoch.
    pub ms: u64,
    /// Sequence number within the millisecond.
    pub seq: u64,
}

/// Longer texts are refused unread, as Redis does.
const MAX_TEXT_BYTES: usize = 127;

impl EntryId {
    /// `0-0`: below every entry, never the ID of one.
    pub const MIN: Self = Self { ms: 0, seq: 0 };
    /// The greatest ID there is.
    pub const MAX: Self = Self { ms: u64::MAX, seq: u64::MAX };

    /// The ID right above, or `None` at the maximum.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        match (self.ms, self.seq.checked_add(1)) {
            (ms, Some(seq)) => Some(Self { ms, seq }),
            (ms, None) => Some(Self { ms: ms.checked_add(1)?, seq: 0 }),
        }
    }

    /// The ID right below, or `None` at `0-0`.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        match (self.ms, self.seq.checked_sub(1)) {
            (ms, Some(seq)) => Some(Self { ms, seq }),
            (ms, None) => Some(Self { ms: ms.checked_sub(1)?, seq: u64::MAX }),
        }
    }

    /// Reads `ms` or `ms-seq`; a missing sequence number becomes `missing_seq`.
    ///
    /// # Errors
    /// Redis' invalid ID error.
    pub fn parse(text: &[u8], missing_seq: u64) -> Result<Self, Refusal> {
        let (ms, seq) = split(text)?;
        let ms = parse_part(ms)?;
        let seq = seq.map_or(Ok(missing_seq), parse_part)?;
        Ok(Self { ms, seq })
    }

    /// The 16 bytes of the ID in storage: both numbers big-endian, so that bytes order as IDs do.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        ((u128::from(self.ms) << 64) | u128::from(self.seq)).to_be_bytes()
    }

    /// The inverse of [`EntryId::to_bytes`].
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let both = u128::from_be_bytes(bytes);
        Self { ms: (both >> 64) as u64, seq: both as u64 }
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.ms, self.seq)
    }
}

/// One end of a range as a client writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// The smaller end.
    Start,
    /// The greater end.
    End,
}

impl Bound {
    /// Reads a range bound: `-`, `+`, an ID, or `(` and an ID that is itself left out. The result
    /// is always inclusive.
    pub(crate) fn parse(self, text: &[u8]) -> Result<EntryId, Refusal> {
        let missing_seq = match self {
            Self::Start => 0,
            Self::End => u64::MAX,
        };
        match text {
            b"-" => Ok(EntryId::MIN),
            b"+" => Ok(EntryId::MAX),
            [b'(', rest @ ..] if !rest.is_empty() => {
                self.step_inside(EntryId::parse(rest, missing_seq)?)
            }
            _ => EntryId::parse(text, missing_seq),
        }
    }

    fn step_inside(self, id: EntryId) -> Result<EntryId, Refusal> {
        match self {
            Self::Start => Ok(id.next().ok_or(CommandError::InvalidStartId)?),
            Self::End => Ok(id.previous().ok_or(CommandError::InvalidEndId)?),
        }
    }
}

/// The ID that a client gives to XADD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NewId {
    /// `*`
    Auto,
    /// `ms-*`
    AutoSeq(u64),
    /// `ms-seq` or `ms`
    Explicit(EntryId),
}

impl NewId {
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Refusal> {
        if text == b"*" {
            return Ok(Self::Auto);
        }
        match split(text)? {
            (ms, Some(b"*")) => Ok(Self::AutoSeq(parse_part(ms)?)),
            _ => EntryId::parse(text, 0).map(Self::Explicit),
        }
    }
}

/// Splits at the first `-`. As the texts are C strings in Redis, a NUL byte ends them.
fn split(text: &[u8]) -> Result<(&[u8], Option<&[u8]>), Refusal> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(CommandError::InvalidId.into());
    }
    let text = text.split(|&byte| byte == 0).next().unwrap_or_default();
    Ok(match text.iter().position(|&byte| byte == b'-') {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    })
}

/// Reads one number of an ID as Redis does: first a canonical integer, which must not be negative,
/// then by the rules of C's `strtoull` (leading white space, a sign, leading zeros; a minus sign
/// that got this far wraps around).
fn parse_part(text: &[u8]) -> Result<u64, Refusal> {
    if let Some(value) = crate::integer::parse(text) {
        return Ok(u64::try_from(value).map_err(|_| CommandError::InvalidId)?);
    }
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let start = text.iter().position(|byte| !is_space(byte)).unwrap_or(text.len());
    let (negative, digits) = match &text[start..] {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let value = decimal(digits).ok_or(CommandError::InvalidId)?;
    Ok(if negative { value.wrapping_neg() } else { value })
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |value, &digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}
