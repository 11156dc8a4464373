//! A stream as a payload holds it, read into a stream of ours.
//!
//! ```text
//! macro nodes        count, per node: string of a raw ID, string of a listpack
//! living entries     length
//! last ID            ID
//! from type 19 on:   ID of the first living entry, greatest deleted ID, length entries added
//! groups             count, per group:
//!   name             string
//!   last delivered   ID
//!   from type 19 on: length entries read; all ones: unknown
//!   pending          count, per record: raw ID, time of delivery, length deliveries
//!   consumers        count, per consumer: string name, time seen, from type 21 on time active,
//!                    count, raw IDs of its pending records
//!   from type 27 on: count, raw IDs of the records that were given back, in that order
//! from type 26 on:   length seconds and length IDs of a producer that are remembered
//!                    count, per producer: string name, count, per ID: string, ID of the entry
//!                    length IDs ever added, length duplicates
//!
//! listpack of a node:
//!   living, deleted entries, count of names, names, 0
//!   per entry: flags (DELETED 1, SAME_FIELDS 2), ms and seq as differences to the node's ID,
//!              values if SAME_FIELDS, else count of pairs, and names and values in turn;
//!              how many elements that were
//! ```
//!
//! What no Redis writes is refused: IDs that do not ascend, counts that disagree, a pending record
//! with two owners or none.

use crate::dump::StreamType;
use crate::dump::listpack::Elements;
use crate::dump::numbers::{read_count, read_id, read_length, read_raw_id, read_time};
use crate::dump::strings::read_string;
use crate::limits::Limits;
use crate::stream::bytes::{Damage, Reader};
use crate::stream::{EntryId, FieldValue, Group, Memory, Node, Stream};
use alloc::borrow::Cow;
use alloc::vec::Vec;

pub(super) const DELETED: i64 = 1;
pub(super) const SAME_FIELDS: i64 = 2;
/// In place of a number or a time that is not known.
pub(super) const NOTHING: u64 = u64::MAX;

/// Reads the value of a payload.
pub(super) fn read(
    kind: StreamType,
    mut reader: Reader<'_>,
    limits: &Limits,
) -> Result<Stream, Damage> {
    let memory = Memory { duration_s: limits.idmp_duration_s, max_ids: limits.idmp_max_ids };
    // Numbers of streams are given when the op is applied.
    let mut stream = Stream::new(0, memory);
    for _ in 0..read_count(&mut reader)? {
        read_node(&mut stream, &mut reader, limits)?;
    }
    read_counters(&mut stream, kind, &mut reader)?;
    for _ in 0..read_count(&mut reader)? {
        read_group(&mut stream, kind, &mut reader)?;
    }
    if kind >= StreamType::Idempotent {
        read_producers(&mut stream, &mut reader)?;
    }
    reader.finish()?;
    Ok(stream)
}

fn read_node(stream: &mut Stream, reader: &mut Reader<'_>, limits: &Limits) -> Result<(), Damage> {
    let damage = reader.damage("a node out of place");
    let key = read_string(reader)?;
    let mut key = Reader::new(&key);
    let first = read_raw_id(&mut key)?;
    key.finish()?;
    let listpack = read_string(reader)?;
    // A node in which nothing lives is passed over.
    let Some(node) = parse_node(first, &listpack)? else { return Ok(()) };
    if stream.append_node(node, limits.segment_bytes) { Ok(()) } else { Err(damage) }
}

/// The node in a listpack; `None` if no entry of it lives.
fn parse_node(first: EntryId, listpack: &[u8]) -> Result<Option<Node>, Damage> {
    let mut elements = Elements::new(listpack)?;
    let (live, deleted) = (elements.count()?, elements.count()?);
    let names = read_texts(&mut elements)?;
    let mut node: Option<Node> = None;
    if elements.integer()? != 0 {
        return Err(elements.damage("the names of a node are not ended"));
    }
    while !elements.at_end() {
        let damage = elements.damage("an entry out of place");
        let RawEntry { id, deleted, fields } = read_entry(first, &names, &mut elements)?;
        let fields: Vec<&[u8]> = fields.iter().map(|text| text.pieces()[0]).collect();
        if node.as_ref().is_some_and(|node| id <= node.last) {
            return Err(damage);
        }
        let node = match &mut node {
            None => {
                let node = node.insert(Node::begin(id, &fields));
                if deleted {
                    node.delete(id);
                }
                continue;
            }
            Some(node) => node,
        };
        if deleted {
            node.append_tombstone(id, &fields);
        } else {
            node.append(id, &fields);
        }
    }
    let damage = elements.damage("a node counts its entries");
    elements.finish()?;
    let node = node.ok_or(damage)?;
    if (node.live as usize, node.deleted as usize) != (live, deleted) {
        return Err(damage);
    }
    Ok((live > 0).then_some(node))
}

/// A count, and as many texts.
fn read_texts<'a>(elements: &mut Elements<'a>) -> Result<Vec<FieldValue<'a>>, Damage> {
    let count = elements.count()?;
    (0..count).map(|_| elements.next().map(|element| element.text())).collect()
}

struct RawEntry<'a> {
    id: EntryId,
    deleted: bool,
    /// Names and values alternate.
    fields: Vec<FieldValue<'a>>,
}

fn read_entry<'a>(
    first: EntryId,
    names: &[FieldValue<'a>],
    elements: &mut Elements<'a>,
) -> Result<RawEntry<'a>, Damage> {
    let damage = elements.damage("an entry of another form");
    let flags = elements.integer()?;
    let (ms, seq) = (elements.integer()? as u64, elements.integer()? as u64);
    let id = EntryId { ms: first.ms.wrapping_add(ms), seq: first.seq.wrapping_add(seq) };
    let same_fields = flags & SAME_FIELDS != 0;
    let mut fields = Vec::new();
    let pairs = if same_fields {
        for name in names {
            fields.extend([*name, elements.next()?.text()]);
        }
        names.len()
    } else {
        let pairs = elements.count()?;
        for _ in 0..2 * pairs {
            fields.push(elements.next()?.text());
        }
        pairs
    };
    let length = if same_fields { pairs + 3 } else { 2 * pairs + 4 };
    if elements.integer()? != length as i64 || pairs == 0 || flags & !(DELETED | SAME_FIELDS) != 0 {
        return Err(damage);
    }
    Ok(RawEntry { id, deleted: flags & DELETED != 0, fields })
}

fn read_counters(
    stream: &mut Stream,
    kind: StreamType,
    reader: &mut Reader<'_>,
) -> Result<(), Damage> {
    let damage = reader.damage("counters disagree with the entries");
    let (length, last_id) = (read_length(reader)?, read_id(reader)?);
    let (mut entries_added, mut max_deleted) = (length, EntryId::MIN);
    if kind >= StreamType::Counted {
        // Our index knows the first living entry.
        read_id(reader)?;
        max_deleted = read_id(reader)?;
        entries_added = read_length(reader)?;
    }
    let fits = length == stream.length && stream.set_counters(last_id, entries_added, max_deleted);
    if fits { Ok(()) } else { Err(damage) }
}

/// A pending entry, before it is known whose it is.
struct Record {
    id: EntryId,
    delivered_ms: u64,
    count: u64,
    /// Position of its consumer in the payload.
    consumer: Option<usize>,
    released: bool,
}

fn read_group(
    stream: &mut Stream,
    kind: StreamType,
    reader: &mut Reader<'_>,
) -> Result<(), Damage> {
    let damage = reader.damage("a group stands there twice");
    let name = read_string(reader)?;
    let last_delivered = read_id(reader)?;
    let entries_read = match kind {
        StreamType::Plain => stream.estimate_entries_read(last_delivered),
        _ => Some(read_length(reader)?).filter(|&read| read != NOTHING),
    };
    if !stream.create_group(&name, last_delivered, entries_read) {
        return Err(damage);
    }
    let page_records = stream.page_records;
    let group = stream.groups.get_mut(&name).ok_or(damage)?;
    let mut records = read_records(reader)?;
    let consumers = read_consumers(group, &mut records, kind, reader)?;
    if kind >= StreamType::Released {
        for _ in 0..read_count(reader)? {
            let record = own(&mut records, reader)?;
            record.released = true;
            group.release(&[(record.id, record.count)], page_records);
        }
    }
    for record in records.iter().filter(|record| !record.released) {
        let damage = reader.damage("a pending record that is nobody's");
        let consumer = record.consumer.and_then(|at| consumers.get(at)).ok_or(damage)?;
        group.deliver(consumer, record.delivered_ms, &[(record.id, record.count)], page_records);
    }
    Ok(())
}

fn read_records(reader: &mut Reader<'_>) -> Result<Vec<Record>, Damage> {
    let count = read_count(reader)?;
    let record = |_| {
        let (id, delivered_ms) = (read_raw_id(reader)?, read_time(reader)?);
        let count = read_length(reader)?;
        Ok(Record { id, delivered_ms, count, consumer: None, released: false })
    };
    (0..count).map(record).collect()
}

/// The record with the ID that is next; nobody had it before. Each record is searched for once, and
/// that finds all of them only where they ascend.
fn own<'r>(records: &'r mut [Record], reader: &mut Reader<'_>) -> Result<&'r mut Record, Damage> {
    let damage = reader.damage("an ID without a pending record of its own");
    let id = read_raw_id(reader)?;
    let at = records.binary_search_by_key(&id, |record| record.id).map_err(|_| damage)?;
    let record = &mut records[at];
    if record.consumer.is_some() || record.released { Err(damage) } else { Ok(record) }
}

/// Creates the consumers and notes which records are theirs. Gives their names.
fn read_consumers<'a>(
    group: &mut Group,
    records: &mut [Record],
    kind: StreamType,
    reader: &mut Reader<'a>,
) -> Result<Vec<Cow<'a, [u8]>>, Damage> {
    let mut names = Vec::new();
    for number in 0..read_count(reader)? {
        let damage = reader.damage("a consumer stands there twice");
        let name = read_string(reader)?;
        let seen_ms = read_time(reader)?;
        let active_ms = if kind >= StreamType::Active { read_time(reader)? } else { seen_ms };
        if !group.create_consumer(&name, seen_ms) {
            return Err(damage);
        }
        if active_ms != NOTHING {
            group.set_active(&name, active_ms);
        }
        for _ in 0..read_count(reader)? {
            own(records, reader)?.consumer = Some(number);
        }
        names.push(name);
    }
    Ok(names)
}

fn read_producers(stream: &mut Stream, reader: &mut Reader<'_>) -> Result<(), Damage> {
    let producers = stream.producers_mut();
    producers.memory = Memory { duration_s: read_length(reader)?, max_ids: read_length(reader)? };
    for _ in 0..read_count(reader)? {
        let damage = reader.damage("producers and their IDs do not fit");
        let name = read_string(reader)?;
        if producers.knows(&name) {
            return Err(damage);
        }
        producers.introduce(&name);
        let count = read_count(reader)?;
        if count as u64 > producers.memory.max_ids {
            return Err(damage);
        }
        for _ in 0..count {
            let iid = read_string(reader)?;
            if !producers.remember(&name, &iid, read_id(reader)?) {
                return Err(damage);
            }
        }
    }
    (producers.added, producers.duplicates) = (read_length(reader)?, read_length(reader)?);
    Ok(())
}
