//! The journal: batches of ops, one batch a turn.
//!
//! ```text
//! batch:  sealed (seal.rs); number varint; op, op, ...
//! op:     u8 kind, with SAME_KEY if the key is that of the op before
//!         [db varint, key text]                  unless SAME_KEY
//!         the parts of the change in the order of `op.rs`
//! parts:  IDs as two varints, texts counted, options as value + 1 with 0 for none,
//!         lists counted; IDs of a list as differences of ms to the one before, and seq
//! ```

use crate::op::{Change, FieldList, Iid, Key, Op};
use crate::plain::Plain;
use crate::seal;
use crate::stream::bytes::{Damage, Reader, put_id, put_option, put_text, put_varint};
use crate::stream::{EntryId, Memory, Place};
use alloc::borrow::Cow;
use alloc::vec::Vec;

const SAME_KEY: u8 = 0x80;

const CREATE_STREAM: u8 = 0;
const REMOVE_KEY: u8 = 1;
const APPEND_TO_LAST_NODE: u8 = 2;
const APPEND_IN_NEW_NODE: u8 = 3;
const APPEND_IN_NEW_SEGMENT: u8 = 4;
const TRIM: u8 = 5;
const DELETE: u8 = 6;
const SET_COUNTERS: u8 = 7;
const CREATE_GROUP: u8 = 8;
const DESTROY_GROUP: u8 = 9;
const MOVE_GROUP: u8 = 10;
const CREATE_CONSUMER: u8 = 11;
const DELETE_CONSUMER: u8 = 12;
const SEE: u8 = 13;
const DELIVER: u8 = 14;
const ACKNOWLEDGE: u8 = 15;
const CLEAR_DATABASE: u8 = 16;
const RELEASE: u8 = 17;
const TRIM_ENTRIES: u8 = 18;
const FORGET: u8 = 19;
const SET_MEMORY: u8 = 20;
const INTRODUCE: u8 = 21;
const REMEMBER: u8 = 22;
const COUNT_DUPLICATE: u8 = 23;
const SWEEP: u8 = 24;
const PUT: u8 = 25;
const EXPIRE: u8 = 26;
const MOVE: u8 = 27;
const COPY: u8 = 28;
const SWAP_DATABASES: u8 = 29;
const PUT_STREAM: u8 = 30;
const PUT_OUTLINE: u8 = 31;
const PUT_SEGMENT: u8 = 32;
const PUT_GROUP: u8 = 33;
const PUT_PAGE: u8 = 34;

/// The batch that is being written, and the count of those that were.
#[derive(Debug)]
pub(crate) struct Journal {
    /// Number of the batch that is being written.
    next_number: u64,
    /// Number of the first batch that no checkpoint holds.
    start: u64,
    ops: Vec<u8>,
    last_key: Option<(u8, Vec<u8>)>,
    /// Whether the batch holds a change that may not be lost.
    urgent: bool,
    /// Batches and bytes since the last checkpoint.
    batches: u64,
    bytes: usize,
}

impl Journal {
    /// A journal that goes on with `next_number`, of which a checkpoint holds what is before `start`.
    pub(crate) fn new(start: u64, next_number: u64) -> Self {
        let (ops, last_key, urgent) = (Vec::new(), None, false);
        Self { next_number, start, ops, last_key, urgent, batches: 0, bytes: 0 }
    }

    /// Number of the first batch that no checkpoint holds.
    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    #[inline(never)]
    pub(crate) fn record(&mut self, op: &Op<'_>) {
        self.urgent |= !op.change.can_wait();
        let same =
            matches!(&self.last_key, Some((db, name)) if *db == op.key.db && name == op.key.name);
        let kind = kind(&op.change);
        if same {
            self.ops.push(kind | SAME_KEY);
        } else {
            self.ops.push(kind);
            put_key(&mut self.ops, op.key);
            self.last_key = Some((op.key.db, op.key.name.to_vec()));
        }
        put_parts(&mut self.ops, &op.change);
    }

    /// Takes the batch, with its number, if something in it may not be lost.
    #[inline(never)]
    pub(crate) fn take(&mut self) -> Option<(u64, Vec<u8>)> {
        if !self.urgent {
            return None;
        }
        let number = self.next_number;
        let batch = seal::sealed(|out| {
            put_varint(out, number);
            out.extend_from_slice(&self.ops);
        });
        self.begin_next();
        self.batches += 1;
        self.bytes += batch.len();
        Some((number, batch))
    }

    /// Everything up to here is in a checkpoint: returns the first number still needed.
    pub(crate) fn cut(&mut self) -> u64 {
        if !self.ops.is_empty() {
            self.begin_next();
        }
        (self.batches, self.bytes) = (0, 0);
        self.start = self.next_number;
        self.start
    }

    fn begin_next(&mut self) {
        self.next_number += 1;
        self.ops.clear();
        self.last_key = None;
        self.urgent = false;
    }

    pub(crate) fn batches(&self) -> u64 {
        self.batches
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The number of a batch from storage, after its checksum is found right.
pub(crate) fn batch_number(bytes: &[u8]) -> Result<u64, Damage> {
    seal::open(bytes)?.varint()
}

/// A reader of the ops of a batch from storage.
pub(crate) fn read_ops(bytes: &[u8]) -> Result<Ops<'_>, Damage> {
    let mut reader = seal::open(bytes)?;
    reader.varint()?;
    Ok(Ops { reader, last_key: None })
}

/// The ops of a batch.
#[derive(Clone, Debug)]
pub(crate) struct Ops<'a> {
    reader: Reader<'a>,
    last_key: Option<Key<'a>>,
}

impl<'a> Ops<'a> {
    /// Where the next op begins.
    pub(crate) fn offset(&self) -> usize {
        self.reader.offset()
    }

    /// The next op; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Op<'a>>, Damage> {
        if self.reader.is_empty() {
            return Ok(None);
        }
        let head = self.reader.byte()?;
        let key = if head & SAME_KEY != 0 {
            self.last_key.ok_or(self.reader.damage("the first op lacks its key"))?
        } else {
            read_key(&mut self.reader)?
        };
        self.last_key = Some(key);
        Ok(Some(Op { key, change: read_change(head & !SAME_KEY, &mut self.reader)? }))
    }
}

fn kind(change: &Change<'_>) -> u8 {
    match change {
        Change::CreateStream { .. } => CREATE_STREAM,
        Change::PutStream { .. } => PUT_STREAM,
        Change::PutOutline { .. } => PUT_OUTLINE,
        Change::PutSegment { .. } => PUT_SEGMENT,
        Change::PutGroup { .. } => PUT_GROUP,
        Change::PutPage { .. } => PUT_PAGE,
        Change::SetMemory { .. } => SET_MEMORY,
        Change::Introduce { .. } => INTRODUCE,
        Change::Remember { .. } => REMEMBER,
        Change::CountDuplicate => COUNT_DUPLICATE,
        Change::Sweep { .. } => SWEEP,
        Change::RemoveKey => REMOVE_KEY,
        Change::ClearDatabase => CLEAR_DATABASE,
        Change::SwapDatabases { .. } => SWAP_DATABASES,
        Change::Put { .. } => PUT,
        Change::Expire { .. } => EXPIRE,
        Change::Move { .. } => MOVE,
        Change::Copy { .. } => COPY,
        Change::Append { place: Place::LastNode, .. } => APPEND_TO_LAST_NODE,
        Change::Append { place: Place::NewNode, .. } => APPEND_IN_NEW_NODE,
        Change::Append { place: Place::NewSegment, .. } => APPEND_IN_NEW_SEGMENT,
        Change::Trim { .. } => TRIM,
        Change::Delete { .. } => DELETE,
        Change::SetCounters { .. } => SET_COUNTERS,
        Change::CreateGroup { .. } => CREATE_GROUP,
        Change::DestroyGroup { .. } => DESTROY_GROUP,
        Change::MoveGroup { .. } => MOVE_GROUP,
        Change::CreateConsumer { .. } => CREATE_CONSUMER,
        Change::DeleteConsumer { .. } => DELETE_CONSUMER,
        Change::See { .. } => SEE,
        Change::Deliver { .. } => DELIVER,
        Change::Release { .. } => RELEASE,
        Change::Acknowledge { .. } => ACKNOWLEDGE,
        Change::TrimEntries { .. } => TRIM_ENTRIES,
        Change::Forget { .. } => FORGET,
    }
}

fn put_parts(out: &mut Vec<u8>, change: &Change<'_>) {
    match change {
        Change::RemoveKey | Change::ClearDatabase | Change::CountDuplicate => {}
        Change::SwapDatabases { with } => put_varint(out, u64::from(*with)),
        Change::Put { plain } => plain.encode(out),
        Change::Expire { at_ms } => put_option(out, *at_ms),
        Change::Move { to } | Change::Copy { to } => put_key(out, *to),
        Change::CreateStream { memory } | Change::SetMemory { memory } => {
            put_varint(out, memory.duration_s);
            put_varint(out, memory.max_ids);
        }
        Change::PutStream { bytes } => put_text(out, bytes),
        Change::PutOutline { bytes }
        | Change::PutSegment { bytes }
        | Change::PutGroup { bytes } => put_text(out, bytes),
        Change::PutPage { group: text, bytes: other }
        | Change::DeleteConsumer { group: text, consumer: other } => {
            put_text(out, text);
            put_text(out, other);
        }
        Change::Introduce { producer } => put_text(out, producer),
        Change::Remember { producer, iid, id } => {
            put_text(out, producer);
            put_text(out, iid.as_bytes());
            put_id(out, *id);
        }
        Change::Sweep { now_ms } => put_varint(out, *now_ms),
        Change::Append { id, fields, .. } => {
            put_id(out, *id);
            put_varint(out, fields.len() as u64);
            fields.iter().for_each(|part| put_text(out, part));
        }
        Change::Trim { through } => put_id(out, *through),
        Change::Delete { ids } | Change::TrimEntries { ids } | Change::Forget { ids } => {
            put_ids(out, ids);
        }
        Change::SetCounters { last_id, entries_added, max_deleted } => {
            put_id(out, *last_id);
            put_varint(out, *entries_added);
            put_id(out, *max_deleted);
        }
        Change::CreateGroup { group, last_delivered, entries_read }
        | Change::MoveGroup { group, last_delivered, entries_read } => {
            put_text(out, group);
            put_id(out, *last_delivered);
            put_option(out, *entries_read);
        }
        Change::DestroyGroup { group } => put_text(out, group),
        Change::CreateConsumer { group, consumer, seen_ms: at_ms }
        | Change::See { group, consumer, at_ms } => {
            put_text(out, group);
            put_text(out, consumer);
            put_varint(out, *at_ms);
        }
        Change::Deliver { group, consumer, delivered_ms, active_ms, records } => {
            put_text(out, group);
            put_text(out, consumer);
            put_varint(out, *delivered_ms);
            put_option(out, *active_ms);
            put_records(out, records);
        }
        Change::Release { group, records } => {
            put_text(out, group);
            put_records(out, records);
        }
        Change::Acknowledge { group, ids } => {
            put_text(out, group);
            put_ids(out, ids);
        }
    }
}

fn put_key(out: &mut Vec<u8>, key: Key<'_>) {
    put_varint(out, u64::from(key.db));
    put_text(out, key.name);
}

fn read_key<'a>(reader: &mut Reader<'a>) -> Result<Key<'a>, Damage> {
    Ok(Key { db: read_db(reader)?, name: reader.text()? })
}

fn read_db(reader: &mut Reader<'_>) -> Result<u8, Damage> {
    let damage = reader.damage("no such database");
    u8::try_from(reader.varint()?).map_err(|_| damage)
}

fn put_ids(out: &mut Vec<u8>, ids: &[EntryId]) {
    put_varint(out, ids.len() as u64);
    let mut before_ms = 0;
    for id in ids {
        put_next_id(out, &mut before_ms, *id);
    }
}

fn put_records(out: &mut Vec<u8>, records: &[(EntryId, u64)]) {
    put_varint(out, records.len() as u64);
    let mut before_ms = 0;
    for (id, count) in records {
        put_next_id(out, &mut before_ms, *id);
        put_varint(out, *count);
    }
}

/// The difference wraps around where the IDs do not ascend.
fn put_next_id(out: &mut Vec<u8>, before_ms: &mut u64, id: EntryId) {
    put_varint(out, id.ms.wrapping_sub(*before_ms));
    put_varint(out, id.seq);
    *before_ms = id.ms;
}

fn read_next_id(reader: &mut Reader<'_>, before_ms: &mut u64) -> Result<EntryId, Damage> {
    *before_ms = before_ms.wrapping_add(reader.varint()?);
    Ok(EntryId { ms: *before_ms, seq: reader.varint()? })
}

fn read_change<'a>(kind: u8, reader: &mut Reader<'a>) -> Result<Change<'a>, Damage> {
    Ok(match kind {
        CREATE_STREAM => Change::CreateStream { memory: read_memory(reader)? },
        PUT_STREAM => Change::PutStream { bytes: Cow::Borrowed(reader.text()?) },
        PUT_OUTLINE => Change::PutOutline { bytes: reader.text()? },
        PUT_SEGMENT => Change::PutSegment { bytes: reader.text()? },
        PUT_GROUP => Change::PutGroup { bytes: reader.text()? },
        PUT_PAGE => Change::PutPage { group: reader.text()?, bytes: reader.text()? },
        SET_MEMORY => Change::SetMemory { memory: read_memory(reader)? },
        INTRODUCE => Change::Introduce { producer: reader.text()? },
        REMEMBER => Change::Remember {
            producer: reader.text()?,
            iid: Iid::Given(reader.text()?),
            id: reader.id()?,
        },
        COUNT_DUPLICATE => Change::CountDuplicate,
        SWEEP => Change::Sweep { now_ms: reader.varint()? },
        REMOVE_KEY => Change::RemoveKey,
        CLEAR_DATABASE => Change::ClearDatabase,
        SWAP_DATABASES => Change::SwapDatabases { with: read_db(reader)? },
        PUT => Change::Put { plain: Plain::decode(reader)? },
        EXPIRE => Change::Expire { at_ms: reader.option()? },
        MOVE => Change::Move { to: read_key(reader)? },
        COPY => Change::Copy { to: read_key(reader)? },
        APPEND_TO_LAST_NODE => read_append(Place::LastNode, reader)?,
        APPEND_IN_NEW_NODE => read_append(Place::NewNode, reader)?,
        APPEND_IN_NEW_SEGMENT => read_append(Place::NewSegment, reader)?,
        TRIM => Change::Trim { through: reader.id()? },
        FORGET => Change::Forget { ids: read_ids(reader)? },
        TRIM_ENTRIES => Change::TrimEntries { ids: read_ids(reader)? },
        RELEASE => Change::Release { group: reader.text()?, records: read_records(reader)? },
        DELETE => Change::Delete { ids: read_ids(reader)? },
        SET_COUNTERS => Change::SetCounters {
            last_id: reader.id()?,
            entries_added: reader.varint()?,
            max_deleted: reader.id()?,
        },
        CREATE_GROUP => Change::CreateGroup {
            group: reader.text()?,
            last_delivered: reader.id()?,
            entries_read: reader.option()?,
        },
        DESTROY_GROUP => Change::DestroyGroup { group: reader.text()? },
        MOVE_GROUP => Change::MoveGroup {
            group: reader.text()?,
            last_delivered: reader.id()?,
            entries_read: reader.option()?,
        },
        CREATE_CONSUMER => Change::CreateConsumer {
            group: reader.text()?,
            consumer: reader.text()?,
            seen_ms: reader.varint()?,
        },
        DELETE_CONSUMER => {
            Change::DeleteConsumer { group: reader.text()?, consumer: reader.text()? }
        }
        SEE => {
            Change::See { group: reader.text()?, consumer: reader.text()?, at_ms: reader.varint()? }
        }
        DELIVER => Change::Deliver {
            group: reader.text()?,
            consumer: reader.text()?,
            delivered_ms: reader.varint()?,
            active_ms: reader.option()?,
            records: read_records(reader)?,
        },
        ACKNOWLEDGE => Change::Acknowledge { group: reader.text()?, ids: read_ids(reader)? },
        _ => return Err(reader.damage("unknown op")),
    })
}

fn read_memory(reader: &mut Reader<'_>) -> Result<Memory, Damage> {
    Ok(Memory { duration_s: reader.varint()?, max_ids: reader.varint()? })
}

fn read_append<'a>(place: Place, reader: &mut Reader<'a>) -> Result<Change<'a>, Damage> {
    let id = reader.id()?;
    let count = reader.count()?;
    let fields = (0..count).map(|_| reader.text()).collect::<Result<_, _>>()?;
    Ok(Change::Append { id, fields: FieldList::Owned(fields), place })
}

fn read_ids<'a>(reader: &mut Reader<'_>) -> Result<Cow<'a, [EntryId]>, Damage> {
    let mut before_ms = 0;
    let count = reader.count()?;
    (0..count).map(|_| read_next_id(reader, &mut before_ms)).collect()
}

fn read_records<'a>(reader: &mut Reader<'_>) -> Result<Cow<'a, [(EntryId, u64)]>, Damage> {
    let mut before_ms = 0;
    let count = reader.count()?;
    let record = |_| Ok((read_next_id(reader, &mut before_ms)?, reader.varint()?));
    (0..count).map(record).collect()
}
