//! A stream in one piece: how it is put into the journal when it appears whole, and how it is copied.

use crate::stream::bytes::{Damage, Reader, put_text};
use crate::stream::{Group, Stream};
use alloc::vec::Vec;

impl Stream {
    /// ```text
    /// as Stream::encode
    /// each group:     text, as Group::encode; then each of its pages: text
    /// each segment:   text, as Segment::encode
    /// ```
    /// All segments and pages are in memory. The checksums in the index lines say nothing here.
    pub(crate) fn encode_whole(&self) -> Vec<u8> {
        let (mut out, mut part) = (Vec::new(), Vec::new());
        self.encode(&mut out);
        for (name, group) in self.groups.iter() {
            part.clear();
            group.encode(name, &mut part);
            put_text(&mut out, &part);
            for page in &group.pel().pages {
                part.clear();
                page.encode(&mut part);
                put_text(&mut out, &part);
            }
        }
        for segment in &self.segments {
            part.clear();
            segment.encode(&mut part);
            put_text(&mut out, &part);
        }
        out
    }

    /// The inverse of [`Stream::encode_whole`], as a new stream, of which storage has nothing.
    pub(crate) fn decode_whole(number: u64, bytes: &[u8]) -> Result<Self, Damage> {
        let mut reader = Reader::new(bytes);
        let (mut stream, groups) = Self::decode(number, &mut reader)?;
        for number in 0..groups {
            let damage = reader.damage("a group that does not belong here");
            let (name, mut group) = Group::decode(stream.number, &mut Reader::new(reader.text()?))?;
            group.number = number;
            for at in 0..group.pel().pages.len() {
                let checksum = group.pel().pages[at].checksum.get();
                group.fill(at, checksum, &mut Reader::new(reader.text()?))?;
            }
            group.become_new();
            if !stream.install_group(name, group) {
                return Err(damage);
            }
        }
        for segment in &mut stream.segments {
            segment.fill(segment.checksum, &mut Reader::new(reader.text()?))?;
            (segment.dirty, segment.stored) = (true, false);
            stream.resident_bytes += segment.bytes;
        }
        reader.finish()?;
        (stream.dirty, stream.stored) = (true, false);
        Ok(stream)
    }

    /// The same stream as a new one. All segments and pages are in memory.
    pub(crate) fn copied(&self, number: u64) -> Self {
        let copy = Self::decode_whole(number, &self.encode_whole());
        copy.expect("what was written here reads back")
    }
}
