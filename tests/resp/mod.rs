//! Replies as the tests see them: decoded from the wire, and as an expectation that holds for both
//! protocols.
#![allow(dead_code, unused_imports, reason = "every test binary uses a part of it")]

mod reply;
mod value;

pub(crate) use reply::Reply;
pub(crate) use value::{Value, decode};

/// The protocol a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Resp2,
    Resp3,
}

impl core::fmt::Display for Protocol {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Resp2 => "RESP2",
            Self::Resp3 => "RESP3",
        })
    }
}

/// A request as an array of bulk strings.
pub(crate) fn request<W: AsRef<[u8]>>(argv: &[W]) -> Vec<u8> {
    let mut out = format!("*{}\r\n", argv.len()).into_bytes();
    for word in argv {
        let word = word.as_ref();
        out.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        out.extend_from_slice(word);
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// Bytes in the quotes and escapes of scenarios.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    let mut out = String::from('"');
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if c.is_ascii_control() => out.push_str(&format!("\\x{:02x}", c as u32)),
                c => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out.push('"');
    out
}

/// Items in the notation of scenarios, with commas between.
struct Items<'a, T>(&'a [T]);

impl<T: core::fmt::Display> core::fmt::Display for Items<'_, T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (i, item) in self.0.iter().enumerate() {
            write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// Keys with their values in the notation of scenarios, with commas between.
struct Pairs<'a, T>(&'a [(T, T)]);

impl<T: core::fmt::Display> core::fmt::Display for Pairs<'_, T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (i, (key, value)) in self.0.iter().enumerate() {
            write!(f, "{}{key}: {value}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
