//! Encoding of replies in RESP2 and RESP3.

use crate::integer::{MAX_TEXT_BYTES, Text, put_digits};
use crate::reply::Reply;
use crate::stream::{Entry, EntryId};
use alloc::vec::Vec;

/// The version of RESP that a client has asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Protocol {
    #[default]
    Resp2,
    Resp3,
}

/// A verbatim text says what it is; ours are plain text.
const VERBATIM_KIND: &[u8] = b"txt:";

/// Appends a reply to `out`.
pub(crate) fn encode(reply: &Reply<'_>, protocol: Protocol, out: &mut Vec<u8>) {
    match reply {
        Reply::Simple(text) => {
            out.push(b'+');
            out.extend_from_slice(text.as_bytes());
            end_line(out);
        }
        Reply::Error(error) => put_error(out, &error.text()),
        Reply::Integer(value) => put_integer(out, *value),
        Reply::Text(text) => put_bulk(out, text),
        Reply::Id(id) => put_id(out, *id),
        Reply::NullText => put_null(out, protocol, b"$-1\r\n"),
        Reply::NullArray => put_null(out, protocol, b"*-1\r\n"),
        Reply::Array(items) => {
            put_header(out, b'*', items.len());
            items.iter().for_each(|item| encode(item, protocol, out));
        }
        Reply::Set(items) | Reply::Push(items) => {
            let mark = match (protocol, reply) {
                (Protocol::Resp2, _) => b'*',
                (Protocol::Resp3, Reply::Set(_)) => b'~',
                (Protocol::Resp3, _) => b'>',
            };
            put_header(out, mark, items.len());
            items.iter().for_each(|item| encode(item, protocol, out));
        }
        Reply::Verbatim(text) => match protocol {
            Protocol::Resp2 => put_bulk(out, text),
            Protocol::Resp3 => {
                put_header(out, b'=', VERBATIM_KIND.len() + text.len());
                out.extend_from_slice(VERBATIM_KIND);
                out.extend_from_slice(text);
                end_line(out);
            }
        },
        Reply::Several(replies) => replies.iter().for_each(|reply| encode(reply, protocol, out)),
        Reply::Map(pairs) => {
            match protocol {
                Protocol::Resp2 => put_header(out, b'*', pairs.len() * 2),
                Protocol::Resp3 => put_header(out, b'%', pairs.len()),
            }
            put_pairs(out, pairs, protocol, false);
        }
        Reply::ByKey(pairs) => {
            let nested = protocol == Protocol::Resp2;
            put_header(out, if nested { b'*' } else { b'%' }, pairs.len());
            put_pairs(out, pairs, protocol, nested);
        }
        Reply::Entry(entry) => put_whole_entry(out, entry),
        Reply::Entries(entries) => {
            put_header(out, b'*', entries.len());
            entries.iter().for_each(|entry| put_whole_entry(out, entry));
        }
        Reply::ClaimedEntry { entry, idle_ms, deliveries } => {
            put_header(out, b'*', 4);
            put_entry(out, entry);
            put_integer(out, *idle_ms as i64);
            put_integer(out, *deliveries as i64);
        }
    }
}

/// Begins an array whose elements follow.
pub(crate) fn begin_array(len: usize, out: &mut Vec<u8>) {
    put_header(out, b'*', len);
}

/// How many bytes an entry takes in a reply.
pub(crate) fn entry_bytes(entry: &Entry<'_>) -> usize {
    let mut out = Vec::new();
    put_whole_entry(&mut out, entry);
    out.len()
}

fn put_pairs(
    out: &mut Vec<u8>,
    pairs: &[(Reply<'_>, Reply<'_>)],
    protocol: Protocol,
    nested: bool,
) {
    for (key, value) in pairs {
        if nested {
            put_header(out, b'*', 2);
        }
        encode(key, protocol, out);
        encode(value, protocol, out);
    }
}

fn put_whole_entry(out: &mut Vec<u8>, entry: &Entry<'_>) {
    put_header(out, b'*', 2);
    put_entry(out, entry);
}

fn put_entry(out: &mut Vec<u8>, entry: &Entry<'_>) {
    put_id(out, entry.id);
    put_header(out, b'*', entry.fields.len() * 2);
    for (name, value) in entry.fields {
        put_bulk(out, name);
        match value.pieces() {
            [text, []] => put_bulk(out, text),
            [head, tail] => {
                put_header(out, b'$', head.len() + tail.len());
                out.extend_from_slice(head);
                out.extend_from_slice(tail);
                end_line(out);
            }
        }
    }
}

/// From its end to its beginning, so that it is copied once.
fn put_id(out: &mut Vec<u8>, id: EntryId) {
    const CR_LF: usize = 2;
    let mut bytes = [0; 4 + CR_LF + 2 * MAX_TEXT_BYTES + CR_LF];
    let text_end = bytes.len() - CR_LF;
    bytes[text_end..].copy_from_slice(b"\r\n");
    let mut at = put_digits(&mut bytes, text_end, id.seq) - 1;
    bytes[at] = b'-';
    at = put_digits(&mut bytes, at, id.ms);
    let len = text_end - at;
    at -= CR_LF;
    bytes[at..at + CR_LF].copy_from_slice(b"\r\n");
    at = put_digits(&mut bytes, at, len as u64) - 1;
    bytes[at] = b'$';
    out.extend_from_slice(&bytes[at..]);
}

pub(super) fn put_bulk(out: &mut Vec<u8>, text: &[u8]) {
    put_header(out, b'$', text.len());
    out.extend_from_slice(text);
    end_line(out);
}

fn put_integer(out: &mut Vec<u8>, value: i64) {
    out.push(b':');
    out.extend_from_slice(Text::signed(value).as_bytes());
    end_line(out);
}

fn put_header(out: &mut Vec<u8>, mark: u8, len: usize) {
    // Nearly all lengths have one digit or two.
    match u8::try_from(len) {
        Ok(len @ 0..=9) => out.extend_from_slice(&[mark, b'0' + len, b'\r', b'\n']),
        Ok(len @ 10..=99) => {
            out.extend_from_slice(&[mark, b'0' + len / 10, b'0' + len % 10, b'\r', b'\n']);
        }
        _ => {
            out.push(mark);
            out.extend_from_slice(Text::unsigned(len as u64).as_bytes());
            end_line(out);
        }
    }
}

/// An error is one line, whatever a client's words in it are.
fn put_error(out: &mut Vec<u8>, text: &str) {
    out.push(b'-');
    let one_line = |byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { byte };
    out.extend(text.trim_end_matches(['\r', '\n']).bytes().map(one_line));
    end_line(out);
}

fn put_null(out: &mut Vec<u8>, protocol: Protocol, resp2: &[u8]) {
    out.extend_from_slice(match protocol {
        Protocol::Resp2 => resp2,
        Protocol::Resp3 => b"_\r\n",
    });
}

fn end_line(out: &mut Vec<u8>) {
    out.extend_from_slice(b"\r\n");
}
