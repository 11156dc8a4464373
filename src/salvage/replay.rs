//! Replay of a journal on a keyspace that has lost a part.
//!
//! It ends before the first batch that is missing or damaged: what the batches behind it were
//! decided on is not known, so none of them is applied.

use super::assembly::{Nameless, NamelessStreams, default_memory, item_of};
use super::{Losses, counted, name_of};
use crate::blob::BlobKey;
use crate::keyspace::{Keyspace, Misfit};
use crate::log::journal;
use crate::op::{Change, FieldList, Key, Op};
use crate::stream::Place;
use crate::stream::bytes::Damage;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The batches that are to be replayed.
#[derive(Debug)]
pub(super) struct Replay {
    /// Ascending by number, without gaps.
    batches: Vec<(u64, Vec<u8>)>,
    next_number: u64,
    /// How many batches, and how many ops of the batch after those, are done.
    batches_done: usize,
    ops_done: usize,
    /// Segments and pages to load before it can go on.
    pub(super) need: Vec<BlobKey>,
    nameless: NamelessStreams,
    /// How many changes did not fit, by what they concern and why.
    misfits: BTreeMap<(String, Misfit), u64>,
}

impl Replay {
    /// Takes the batches from `start` on, as far as none is missing.
    pub(super) fn new(
        journal: Vec<(u64, Vec<u8>)>,
        start: u64,
        nameless: NamelessStreams,
        losses: &mut Losses,
    ) -> Self {
        let (mut whole, mut damaged) = (BTreeMap::new(), BTreeMap::new());
        for (number, bytes) in journal {
            match read_whole(&bytes) {
                Ok(number) => drop(whole.insert(number, bytes)),
                Err(damage) => drop(damaged.insert(number, damage)),
            }
        }
        let mut next_number = start;
        let mut batches = Vec::new();
        while let Some(bytes) = whole.remove(&next_number) {
            batches.push((next_number, bytes));
            next_number = next_number.saturating_add(1);
        }
        let numbers = whole.keys().chain(damaged.keys()).copied();
        let after: BTreeSet<u64> = numbers.filter(|number| *number > next_number).collect();
        let why = damaged.get(&next_number).map(|d| format!("{} at byte {}", d.problem, d.offset));
        if why.is_some() || !after.is_empty() {
            let why = why.unwrap_or("it is missing".into());
            let behind = counted(after.len() as u64, "batch", "batches");
            let what = format!("{why}; it and {behind} behind it are lost");
            losses.add(format!("journal batch {next_number}"), what);
        }
        let (need, misfits) = (Vec::new(), BTreeMap::new());
        Self { batches, next_number, batches_done: 0, ops_done: 0, need, nameless, misfits }
    }

    /// Gives up in the middle: the batch that was being applied, and those behind it, are lost.
    pub(super) fn end(&mut self, losses: &mut Losses) {
        self.need.clear();
        let behind = self.batches.drain(self.batches_done..);
        if let Some((number, _)) = behind.into_iter().next() {
            losses.add(format!("journal batch {number}"), "it ends here; the rest is lost");
        }
        self.ops_done = 0;
    }

    /// Applies what can be applied, until the end or until segments are needed.
    pub(super) fn go_on(&mut self, keyspace: &mut Keyspace, losses: &mut Losses) {
        while self.need.is_empty() && self.batches_done < self.batches.len() {
            let (number, batch) = core::mem::take(&mut self.batches[self.batches_done]);
            self.replay_batch(number, &batch, keyspace, losses);
            self.batches[self.batches_done] = (number, batch);
            if self.need.is_empty() {
                self.batches_done += 1;
                self.ops_done = 0;
            }
        }
    }

    fn replay_batch(
        &mut self,
        number: u64,
        batch: &[u8],
        keyspace: &mut Keyspace,
        losses: &mut Losses,
    ) {
        let Ok(mut ops) = journal::read_ops(batch) else { return };
        let mut position = 0;
        while let Ok(Some(op)) = ops.next() {
            position += 1;
            if position <= self.ops_done {
                continue;
            }
            if !keyspace.holds(op.key) {
                self.bring_key(number, &op, keyspace, losses);
            }
            if let Err(missing) = keyspace.require(&op) {
                self.need = missing.0;
                return;
            }
            if let Err(problem) = apply(&op, keyspace)
                && !is_of_no_use_without(&op.change)
            {
                *self.misfits.entry((name_of(op.key), problem)).or_default() += 1;
            }
            self.ops_done += 1;
        }
    }

    /// The op concerns a key that is not there. Whatever holds entries or groups is brought back:
    /// as the one stream whose name is lost, if there is only one, else as an empty one.
    fn bring_key(&mut self, batch: u64, op: &Op<'_>, keyspace: &mut Keyspace, losses: &mut Losses) {
        if !needs_key(&op.change) {
            return;
        }
        let place = name_of(op.key);
        if self.nameless.is_the_only_one
            && let Some(Nameless { stream, number, why }) = self.nameless.streams.pop()
        {
            let place = format!("{} ({place})", BlobKey::Key { key: number }.place());
            let what = "the journal has the name, as no other key is missing";
            losses.add(place, format!("{why}; {what}"));
            if let Err(problem) = keyspace.install(op.key, item_of(stream)) {
                losses.add(name_of(op.key), problem);
            }
            return;
        }
        if matches!(op.change, Change::Append { .. } | Change::CreateGroup { .. }) {
            losses.add(place, format!("what it held before journal batch {batch} is lost"));
            let change = Change::CreateStream { memory: default_memory() };
            // The key is free, and its database was read from the journal: one that is none shows.
            if let Err(problem) = keyspace.apply(&Op { key: op.key, change }) {
                losses.add(name_of(op.key), problem);
            }
        }
    }

    /// Gives names to streams that have none. Returns the number of the batch behind the last one.
    pub(super) fn finish(&mut self, keyspace: &mut Keyspace, losses: &mut Losses) -> u64 {
        for Nameless { stream, number, why } in core::mem::take(&mut self.nameless.streams) {
            let mut name = format!("recovered:{number}");
            while keyspace.holds(Key { db: 0, name: name.as_bytes() }) {
                name.push('\'');
            }
            let key = Key { db: 0, name: name.as_bytes() };
            let entries = counted(stream.length, "entry", "entries");
            let groups = counted(stream.groups.len() as u64, "group", "groups");
            let what = format!("{why}; {entries} and {groups} are kept as {}", name_of(key));
            losses.add(BlobKey::Key { key: number }.place(), what);
            if let Err(problem) = keyspace.install(key, item_of(stream)) {
                losses.add(name_of(key), problem);
            }
        }
        for ((place, problem), count) in core::mem::take(&mut self.misfits) {
            let changes = counted(count, "change", "changes");
            let what = format!("{changes} in the journal to something that is lost: {problem}");
            losses.add(place, what);
        }
        self.next_number
    }
}

/// The number of a batch all of whose ops can be read.
fn read_whole(bytes: &[u8]) -> Result<u64, Damage> {
    let number = journal::batch_number(bytes)?;
    let mut ops = journal::read_ops(bytes)?;
    while ops.next()?.is_some() {}
    Ok(number)
}

/// Applies an op; an entry whose place is lost begins a new one.
fn apply(op: &Op<'_>, keyspace: &mut Keyspace) -> Result<(), Misfit> {
    let problem = match keyspace.apply(op) {
        Ok(()) => return Ok(()),
        Err(problem) => problem,
    };
    let Change::Append { id, fields, .. } = &op.change else { return Err(problem) };
    let change =
        Change::Append { id: *id, fields: FieldList::Borrowed(fields), place: Place::NewSegment };
    keyspace.apply(&Op { key: op.key, change })
}

/// Whether the change is to something that a key holds already.
fn needs_key(change: &Change<'_>) -> bool {
    !matches!(
        change,
        Change::CreateStream { .. }
            | Change::PutStream { .. }
            | Change::PutOutline { .. }
            | Change::Put { .. }
            | Change::ClearDatabase
            | Change::SwapDatabases { .. }
    )
}

/// Whether nothing is lost when what the change is made to is: it takes something away.
fn is_of_no_use_without(change: &Change<'_>) -> bool {
    matches!(
        change,
        Change::RemoveKey
            | Change::Trim { .. }
            | Change::TrimEntries { .. }
            | Change::Delete { .. }
            | Change::Forget { .. }
            | Change::Acknowledge { .. }
            | Change::DestroyGroup { .. }
            | Change::DeleteConsumer { .. }
            | Change::See { .. }
            | Change::Sweep { .. }
            | Change::CountDuplicate
    )
}
