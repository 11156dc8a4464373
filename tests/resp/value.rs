//! A reply on the wire, and its decoder. It shares nothing with the engine's encoder.

use super::{Items, Pairs, quoted};

/// One reply as it came, the protocols' own types kept apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Bulk(Vec<u8>),
    Int(i64),
    Simple(Vec<u8>),
    Error(Vec<u8>),
    /// `$-1`
    NilBulk,
    /// `*-1`
    NilArray,
    /// `_` of RESP3
    Null,
    Array(Vec<Value>),
    Map(Vec<(Value, Value)>),
    /// `~` of RESP3
    Set(Vec<Value>),
    /// `>` of RESP3
    Push(Vec<Value>),
    /// `=` of RESP3, its three letters and the colon included
    Verbatim(Vec<u8>),
    /// `#` of RESP3
    Bool(bool),
    /// `,` of RESP3, as it is written
    Double(Vec<u8>),
}

/// The first reply in `bytes` and how many bytes it took; `None` when it is not complete yet.
///
/// # Panics
/// When the bytes are no RESP: no server may send that.
pub(crate) fn decode(bytes: &[u8]) -> Option<(Value, usize)> {
    let mut reader = Reader { bytes, at: 0 };
    let value = reader.value()?;
    Some((value, reader.at))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self) -> Option<Value> {
        let line = self.line()?;
        let (kind, rest) = line.split_first().expect("a reply line has a type byte");
        Some(match kind {
            b'+' => Value::Simple(rest.to_vec()),
            b'-' => Value::Error(rest.to_vec()),
            b':' => Value::Int(number(rest)),
            b'_' => Value::Null,
            b'$' if rest == b"-1" => Value::NilBulk,
            b'*' if rest == b"-1" => Value::NilArray,
            b'#' => Value::Bool(rest == b"t"),
            b',' => Value::Double(rest.to_vec()),
            b'$' => Value::Bulk(self.bulk(number(rest))?),
            b'=' => Value::Verbatim(self.bulk(number(rest))?),
            b'*' => Value::Array(self.values(number(rest))?),
            b'~' => Value::Set(self.values(number(rest))?),
            b'>' => Value::Push(self.values(number(rest))?),
            b'%' => Value::Map(
                (0..number(rest))
                    .map(|_| Some((self.value()?, self.value()?)))
                    .collect::<Option<_>>()?,
            ),
            _ => panic!("unknown reply type in line {}", quoted(line)),
        })
    }

    fn values(&mut self, len: i64) -> Option<Vec<Value>> {
        (0..len).map(|_| self.value()).collect()
    }

    fn line(&mut self) -> Option<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        self.at += end + 2;
        Some(&rest[..end])
    }

    fn bulk(&mut self, len: i64) -> Option<Vec<u8>> {
        let len = usize::try_from(len).expect("a bulk string has a length");
        let framed = self.bytes.get(self.at..self.at + len + 2)?;
        assert!(framed.ends_with(b"\r\n"), "a bulk string ends its line: {}", quoted(framed));
        self.at += len + 2;
        Some(framed[..len].to_vec())
    }
}

fn number(text: &[u8]) -> i64 {
    core::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| panic!("not a number in a reply: {}", quoted(text)))
}

/// The value in the notation of scenarios; what RESP3 alone has, and no scenario, is written as it
/// begins on the wire.
impl core::fmt::Display for Value {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Bulk(bytes) => f.write_str(&quoted(bytes)),
            Self::Int(n) => write!(f, "{n}"),
            Self::Simple(text) => write!(f, "+{}", quoted(text)),
            Self::Error(text) => write!(f, "-{}", quoted(text)),
            Self::NilBulk => f.write_str("nil$"),
            Self::NilArray => f.write_str("nil*"),
            Self::Null => f.write_str("_"),
            Self::Array(items) => write!(f, "[{}]", Items(items)),
            Self::Map(pairs) => write!(f, "{{{}}}", Pairs(pairs)),
            Self::Set(items) => write!(f, "~[{}]", Items(items)),
            Self::Push(items) => write!(f, ">[{}]", Items(items)),
            Self::Verbatim(bytes) => write!(f, "={}", quoted(bytes)),
            Self::Bool(truth) => write!(f, "#{truth}"),
            Self::Double(text) => write!(f, ",{}", String::from_utf8_lossy(text)),
        }
    }
}
