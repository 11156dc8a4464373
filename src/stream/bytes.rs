//! Variable-length integers and a bounds-checked reader: what every stored format is made of.

use crate::stream::EntryId;
use alloc::vec::Vec;

/// A place in damaged bytes and what is wrong there; the caller knows what the bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    pub(crate) offset: usize,
    pub(crate) problem: &'static str,
}

/// Seven bits a byte, lowest first, the top bit says that more follow.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A varint that counts the bytes, then the bytes.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    put_varint(out, text.len() as u64);
    out.extend_from_slice(text);
}

/// Two varints.
pub(crate) fn put_id(out: &mut Vec<u8>, id: EntryId) {
    put_varint(out, id.ms);
    put_varint(out, id.seq);
}

/// Zero for `None`, else the value plus one; `u64::MAX` is not a value that is ever stored.
pub(crate) fn put_option(out: &mut Vec<u8>, value: Option<u64>) {
    put_varint(out, value.map_or(0, |value| value.saturating_add(1)));
}

/// Signed to unsigned, so that small magnitudes stay small.
pub(crate) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// How many bytes a varint takes.
pub(crate) fn varint_bytes(value: u64) -> usize {
    (u64::BITS - (value | 1).leading_zeros()).div_ceil(7) as usize
}

/// The inverse of [`zigzag`].
pub(crate) fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// Reads bytes front to back and never past their end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self::at(bytes, 0)
    }

    pub(crate) fn at(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// A reader of the same bytes that begins elsewhere.
    pub(crate) fn moved_to(&self, at: usize) -> Self {
        Self { at, ..*self }
    }

    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.at >= self.bytes.len()
    }

    pub(crate) fn damage(&self, problem: &'static str) -> Damage {
        Damage { offset: self.at, problem }
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Damage> {
        let byte = *self.bytes.get(self.at).ok_or_else(|| self.damage("unexpected end"))?;
        self.at += 1;
        Ok(byte)
    }

    pub(crate) fn varint(&mut self) -> Result<u64, Damage> {
        // Nearly all take one byte.
        if let Some(&byte) = self.bytes.get(self.at).filter(|byte| **byte < 0x80) {
            self.at += 1;
            return Ok(u64::from(byte));
        }
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.damage("number too large"))
    }

    /// Four bytes, the lowest first.
    pub(crate) fn u32(&mut self) -> Result<u32, Damage> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let bytes = rest.first_chunk().ok_or(self.damage("unexpected end"))?;
        self.at += bytes.len();
        Ok(u32::from_le_bytes(*bytes))
    }

    /// A count of things that take at least one byte each, so that a damaged count cannot ask for
    /// more memory than the bytes that follow justify.
    pub(crate) fn count(&mut self) -> Result<usize, Damage> {
        let count = self.varint()?;
        self.bounded(count)
    }

    /// Tests such a count.
    pub(crate) fn bounded(&self, count: u64) -> Result<usize, Damage> {
        let left = self.bytes.len().saturating_sub(self.at) as u64;
        if count > left {
            return Err(self.damage("count exceeds the bytes that follow"));
        }
        Ok(count as usize)
    }

    /// So many bytes as an array.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Damage> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Damage> {
        let bytes = self.bytes.get(self.at..).and_then(|rest| rest.get(..len));
        let bytes = bytes.ok_or(self.damage("unexpected end"))?;
        self.at += len;
        Ok(bytes)
    }

    pub(crate) fn text(&mut self) -> Result<&'a [u8], Damage> {
        let len = self.count()?;
        self.take(len)
    }

    pub(crate) fn id(&mut self) -> Result<EntryId, Damage> {
        Ok(EntryId { ms: self.varint()?, seq: self.varint()? })
    }

    pub(crate) fn option(&mut self) -> Result<Option<u64>, Damage> {
        Ok(self.varint()?.checked_sub(1))
    }

    pub(crate) fn finish(&self) -> Result<(), Damage> {
        if self.is_empty() { Ok(()) } else { Err(self.damage("bytes left over")) }
    }
}
