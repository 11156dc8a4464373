//! Redis' listpack: a run of texts and integers, as which a macro node is written.
//!
//! ```text
//! u32  bytes in all                    little-endian
//! u16  elements                        little-endian; 65535: count them
//! element, element, ...
//! 0xff
//!
//! element:  0xxxxxxx                   7-bit unsigned integer
//!           10xxxxxx bytes             text of up to 63 bytes
//!           110xxxxx u8                13-bit signed integer
//!           1110xxxx u8 bytes          text of up to 4095 bytes
//!           0xf0 u32 bytes             text, length little-endian
//!           0xf1 | 0xf2 | 0xf3 | 0xf4  integer of 16, 24, 32, 64 bits, signed, little-endian
//!           then the bytes so far, seven bits a byte, highest first, the top bit on all but the
//!           first: for walking backwards
//! ```

use crate::integer;
use crate::stream::FieldValue;
use crate::stream::bytes::{Damage, Reader};
use alloc::vec::Vec;

const HEADER_BYTES: usize = 6;
const END: u8 = 0xff;
const UNCOUNTED: u16 = u16::MAX;

/// An element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element<'a> {
    Text(&'a [u8]),
    Integer(i64),
}

impl<'a> Element<'a> {
    /// The element's text.
    pub(super) fn text(self) -> FieldValue<'a> {
        match self {
            Self::Text(text) => FieldValue::Text(text),
            Self::Integer(value) => FieldValue::Number(integer::Text::signed(value)),
        }
    }
}

/// Reads a listpack front to back.
#[derive(Debug)]
pub(super) struct Elements<'a> {
    reader: Reader<'a>,
    /// How many there are, if that is said.
    promised: Option<u64>,
    read: u64,
}

impl<'a> Elements<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, Damage> {
        let mut reader = Reader::new(bytes);
        let damage = reader.damage("a listpack of another length");
        let len = u32::from_le_bytes(reader.array()?);
        if len as usize != bytes.len() {
            return Err(damage);
        }
        let promised = Some(u16::from_le_bytes(reader.array()?));
        let promised = promised.filter(|&count| count != UNCOUNTED).map(u64::from);
        Ok(Self { reader, promised, read: 0 })
    }

    /// Whether no element is left.
    pub(super) fn at_end(&self) -> bool {
        self.reader.clone().byte() == Ok(END)
    }

    /// The end is here, after as many elements as were promised.
    pub(super) fn finish(mut self) -> Result<(), Damage> {
        let damage = self.damage("a listpack ends elsewhere");
        let counted = self.promised.is_none_or(|promised| promised == self.read);
        if self.reader.byte()? == END && counted { self.reader.finish() } else { Err(damage) }
    }

    pub(super) fn damage(&self, problem: &'static str) -> Damage {
        self.reader.damage(problem)
    }

    pub(super) fn next(&mut self) -> Result<Element<'a>, Damage> {
        let start = self.reader.offset();
        let element = read_element(&mut self.reader)?;
        let damage = self.damage("an element of another length");
        let mut length = [0; MAX_BACK_BYTES];
        let length = back_length(self.reader.offset() - start, &mut length);
        if self.reader.take(length.len())? != length {
            return Err(damage);
        }
        self.read += 1;
        Ok(element)
    }

    pub(super) fn integer(&mut self) -> Result<i64, Damage> {
        let damage = self.damage("a text where an integer should be");
        match self.next()? {
            Element::Integer(value) => Ok(value),
            Element::Text(_) => Err(damage),
        }
    }

    /// A count of elements that follow.
    pub(super) fn count(&mut self) -> Result<usize, Damage> {
        let damage = self.damage("a negative count");
        let count = u64::try_from(self.integer()?).map_err(|_| damage)?;
        self.reader.bounded(count)
    }
}

fn read_element<'a>(reader: &mut Reader<'a>) -> Result<Element<'a>, Damage> {
    let damage = reader.damage("unknown form of an element");
    let head = reader.byte()?;
    let integer = match head {
        0..=0x7f => i64::from(head),
        0x80..=0xbf => return reader.take(usize::from(head & 0x3f)).map(Element::Text),
        0xc0..=0xdf => {
            let bits = u16::from(head & 0x1f) << 8 | u16::from(reader.byte()?);
            i64::from((bits << 3) as i16 >> 3)
        }
        0xe0..=0xef => {
            let len = usize::from(head & 0x0f) << 8 | usize::from(reader.byte()?);
            return reader.take(len).map(Element::Text);
        }
        0xf0 => {
            let len = u32::from_le_bytes(reader.array()?);
            return reader.take(len as usize).map(Element::Text);
        }
        0xf1 => i64::from(i16::from_le_bytes(reader.array()?)),
        0xf2 => {
            let [a, b, c] = reader.array()?;
            i64::from(i32::from_le_bytes([0, a, b, c]) >> 8)
        }
        0xf3 => i64::from(i32::from_le_bytes(reader.array()?)),
        0xf4 => i64::from_le_bytes(reader.array()?),
        _ => return Err(damage),
    };
    Ok(Element::Integer(integer))
}

const MAX_BACK_BYTES: usize = 5;

/// The length of an element, to be read from its end.
fn back_length(length: usize, bytes: &mut [u8; MAX_BACK_BYTES]) -> &[u8] {
    // The format's own bounds: one below what the bits would hold.
    let count = match length {
        0..=127 => 1,
        128..=16382 => 2,
        16383..=2_097_150 => 3,
        2_097_151..=268_435_454 => 4,
        _ => 5,
    };
    for (place, byte) in bytes[..count].iter_mut().rev().enumerate() {
        let more = if place + 1 == count { 0 } else { 0x80 };
        *byte = (length >> (7 * place)) as u8 & 0x7f | more;
    }
    &bytes[..count]
}

/// Writes a listpack.
#[derive(Debug)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    count: u64,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self { bytes: [0; HEADER_BYTES].into(), count: 0 }
    }

    pub(super) fn integer(&mut self, value: i64) {
        let start = self.bytes.len();
        let le = value.to_le_bytes();
        let mut put = |head: u8, len: usize| {
            self.bytes.push(head);
            self.bytes.extend_from_slice(&le[..len]);
        };
        match value {
            0..=127 => put(value as u8, 0),
            -4096..=4095 => {
                self.bytes.extend_from_slice(&[0xc0 | (value >> 8) as u8 & 0x1f, value as u8]);
            }
            -0x8000..=0x7fff => put(0xf1, 2),
            -0x80_0000..=0x7f_ffff => put(0xf2, 3),
            -0x8000_0000..=0x7fff_ffff => put(0xf3, 4),
            _ => put(0xf4, 8),
        }
        self.end_element(start);
    }

    /// A text, as an integer where it is one's canonical form.
    pub(super) fn text(&mut self, text: &[u8]) {
        if let Some(value) = integer::parse(text) {
            return self.integer(value);
        }
        let start = self.bytes.len();
        match text.len() {
            len @ 0..=63 => self.bytes.push(0x80 | len as u8),
            len @ 64..=4095 => {
                self.bytes.extend_from_slice(&[0xe0 | (len >> 8) as u8, len as u8]);
            }
            len => {
                self.bytes.push(0xf0);
                self.bytes.extend_from_slice(&(len as u32).to_le_bytes());
            }
        }
        self.bytes.extend_from_slice(text);
        self.end_element(start);
    }

    fn end_element(&mut self, start: usize) {
        let mut length = [0; MAX_BACK_BYTES];
        let length = back_length(self.bytes.len() - start, &mut length);
        self.bytes.extend_from_slice(length);
        self.count += 1;
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.bytes.push(END);
        let len = self.bytes.len() as u32;
        let count = u16::try_from(self.count).unwrap_or(UNCOUNTED);
        self.bytes[..4].copy_from_slice(&len.to_le_bytes());
        self.bytes[4..HEADER_BYTES].copy_from_slice(&count.to_le_bytes());
        self.bytes
    }
}
