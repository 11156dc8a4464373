//! A copy of a stream, made as storage makes one: written as bytes and read back. That is slower
//! than cloning each part, and costs no code of its own.

use crate::stream::bytes::{Damage, Reader};
use crate::stream::{Group, Stream};
use alloc::vec::Vec;

impl Stream {
    /// The same stream as a new one, of which storage has nothing. All of it is in memory.
    pub(crate) fn copied(&self, number: u64) -> Self {
        let head = written(|out| self.encode(out));
        let (mut copy, _groups) = whole(Self::decode(number, &mut Reader::new(&head)));
        for (segment, original) in copy.segments.iter_mut().zip(&self.segments) {
            let nodes = written(|out| original.encode(out));
            whole(segment.fill(&mut Reader::new(&nodes)));
            (segment.dirty, segment.stored) = (true, false);
            copy.resident_bytes += segment.bytes;
        }
        for (name, original) in self.groups.iter() {
            let bytes = written(|out| original.encode(name, out));
            let (name, mut group) = whole(Group::decode(&mut Reader::new(&bytes)));
            (group.dirty, group.stored) = (true, false);
            copy.install_group(name, group);
        }
        (copy.dirty, copy.stored) = (true, false);
        copy
    }
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes);
    bytes
}

fn whole<T>(read: Result<T, Damage>) -> T {
    read.expect("what was written here reads back")
}
