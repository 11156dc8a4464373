//! A stream's head in storage: counters and the index of its segments.

use crate::stream::bytes::{Damage, Reader, put_id, put_varint};
use crate::stream::{Memory, Producers, Segment, Stream};
use alloc::boxed::Box;
use alloc::vec::Vec;

impl Stream {
    /// ```text
    /// next segment, next group, next page, last ID, entries added, max deleted    varints
    /// producers, as `Producers::encode`
    /// group count
    /// segments: count, index lines
    /// ```
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.next_segment);
        put_varint(out, self.next_group);
        put_varint(out, self.next_page);
        put_id(out, self.last_id);
        put_varint(out, self.entries_added);
        put_id(out, self.max_deleted);
        self.producers.encode(out);
        put_varint(out, self.groups.len() as u64);
        put_varint(out, self.segments.len() as u64);
        for segment in &self.segments {
            segment.encode_index(out);
        }
    }

    /// The inverse of [`Stream::encode`]; also gives the number of groups that are to follow.
    pub(crate) fn decode(number: u64, reader: &mut Reader<'_>) -> Result<(Self, u64), Damage> {
        let mut stream = Self::new(number, Memory { duration_s: 0, max_ids: 0 });
        (stream.dirty, stream.stored) = (false, true);
        stream.next_segment = reader.varint()?;
        stream.next_group = reader.varint()?;
        stream.next_page = reader.varint()?;
        stream.last_id = reader.id()?;
        stream.entries_added = reader.varint()?;
        stream.max_deleted = reader.id()?;
        stream.producers = Producers::decode(reader)?;
        let groups = reader.varint()?;
        for _ in 0..reader.count()? {
            let damage = reader.damage("impossible segment index");
            let segment = Segment::decode_index(number, reader)?;
            let ordered = stream
                .segments
                .last()
                .is_none_or(|before| before.last < segment.first && before.number < segment.number);
            if !ordered || segment.number >= stream.next_segment {
                return Err(damage);
            }
            stream.length = stream.length.checked_add(segment.live).ok_or(damage)?;
            stream.segments.push(Box::new(segment));
        }
        if stream.segments.last().is_some_and(|tail| tail.last > stream.last_id) {
            return Err(reader.damage("an entry above the last ID"));
        }
        Ok((stream, groups))
    }
}
