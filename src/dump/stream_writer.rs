//! A stream of ours, written as a payload holds it; the layout is in `stream_reader.rs`.

use crate::dump::StreamType;
use crate::dump::listpack;
use crate::dump::numbers::{put_id, put_length, put_raw_id, put_time};
use crate::dump::stream_reader::{DELETED, NOTHING, SAME_FIELDS};
use crate::dump::strings::put_string;
use crate::stream::{Consumer, EntryId, Group, Node, Stream};
use alloc::vec;
use alloc::vec::Vec;

/// Writes the value of a payload. All of the stream is in memory.
pub(super) fn write(stream: &Stream, kind: StreamType, out: &mut Vec<u8>) {
    put_length(out, stream.node_count());
    for segment in &stream.segments {
        for node in segment.nodes().expect("the whole stream is loaded before it is written") {
            let mut key = Vec::with_capacity(16);
            put_raw_id(&mut key, node.first);
            put_string(out, &key);
            put_string(out, &listpack_of(node));
        }
    }
    put_length(out, stream.length);
    put_id(out, stream.last_id);
    if kind >= StreamType::Counted {
        put_id(out, stream.first_id());
        put_id(out, stream.max_deleted);
        put_length(out, stream.entries_added);
    }
    put_length(out, stream.groups.len() as u64);
    for (name, group) in stream.groups.iter() {
        put_group(name, group, kind, out);
    }
    if kind >= StreamType::Idempotent {
        put_producers(stream, out);
    }
}

fn listpack_of(node: &Node) -> Vec<u8> {
    let mut listpack = listpack::Writer::new();
    listpack.integer(i64::from(node.live));
    listpack.integer(i64::from(node.deleted));
    listpack.integer(node.names().len() as i64);
    node.names().for_each(|name| listpack.text(name));
    listpack.integer(0);
    for entry in node.raw_entries() {
        let same_fields = entry.fields.are_shared();
        let flag = |set: bool, flag: i64| if set { flag } else { 0 };
        listpack.integer(flag(entry.deleted, DELETED) | flag(same_fields, SAME_FIELDS));
        listpack.integer(entry.id.ms.wrapping_sub(node.first.ms) as i64);
        listpack.integer(entry.id.seq.wrapping_sub(node.first.seq) as i64);
        let pairs = entry.fields.len() as i64;
        if !same_fields {
            listpack.integer(pairs);
        }
        for (name, value) in entry.fields {
            if !same_fields {
                listpack.text(name);
            }
            listpack.text(&value.pieces().concat());
        }
        listpack.integer(if same_fields { pairs + 3 } else { 2 * pairs + 4 });
    }
    listpack.finish()
}

fn put_group(name: &[u8], group: &Group, kind: StreamType, out: &mut Vec<u8>) {
    put_string(out, name);
    put_id(out, group.last_delivered);
    if kind >= StreamType::Counted {
        put_length(out, group.entries_read.unwrap_or(NOTHING));
    }
    put_length(out, group.pel().len() as u64);
    for record in group.pel().all() {
        put_raw_id(out, record.id);
        put_time(out, record.delivered_ms());
        put_length(out, record.count);
    }
    put_consumers(group, kind, out);
    if kind >= StreamType::Released {
        put_raw_ids(out, &group.released_ids());
    }
}

/// Writes the consumers. A release of Redis that knows no records without an owner finds them with
/// the consumer whose name is empty, where XINFO shows them anyway; as they were delivered at time
/// 0, every claim takes them.
fn put_consumers(group: &Group, kind: StreamType, out: &mut Vec<u8>) {
    const STAND_IN: Consumer = Consumer::new(0, None);
    let consumers = group.consumers();
    let keeps_released = kind >= StreamType::Released || group.pel().released() == 0;
    let stands_in = !keeps_released && !consumers.contains(b"");
    let nobody = consumers.number(b"").unwrap_or(consumers.numbers());
    let mut owned = vec![Vec::new(); consumers.numbers() as usize + 1];
    for record in group.pel().all() {
        if !keeps_released || record.consumer().is_some() {
            owned[record.consumer().unwrap_or(nobody) as usize].push(record.id);
        }
    }
    put_length(out, (consumers.len() + usize::from(stands_in)) as u64);
    // The empty name is the first in order.
    let first = stands_in.then_some((&b""[..], &STAND_IN));
    for (name, consumer) in first.into_iter().chain(consumers.iter()) {
        put_string(out, name);
        put_time(out, consumer.seen_ms);
        if kind >= StreamType::Active {
            put_time(out, consumer.active_ms.unwrap_or(NOTHING));
        }
        put_raw_ids(out, &owned[consumers.number(name).unwrap_or(nobody) as usize]);
    }
}

fn put_raw_ids(out: &mut Vec<u8>, ids: &[EntryId]) {
    put_length(out, ids.len() as u64);
    ids.iter().for_each(|&id| put_raw_id(out, id));
}

fn put_producers(stream: &Stream, out: &mut Vec<u8>) {
    let producers = &stream.producers;
    put_length(out, producers.memory.duration_s);
    put_length(out, producers.memory.max_ids);
    put_length(out, producers.count() as u64);
    for (name, ids) in producers.iter() {
        put_string(out, name);
        put_length(out, ids.len() as u64);
        for (iid, id) in ids {
            put_string(out, iid);
            put_id(out, id);
        }
    }
    put_length(out, producers.added);
    put_length(out, producers.duplicates);
}
