//! Replay of the journal at opening, which may pause for segments.

use crate::blob::BlobKey;
use crate::error::FormatError;
use crate::keyspace::Keyspace;
use crate::log::journal;
use crate::named::{self, Rank};
use crate::stream::bytes::Damage;
use crate::words::{Word::Number, fill};
use alloc::vec::Vec;

/// The batches that are still to be replayed.
#[derive(Debug)]
pub(crate) struct Replay {
    /// Ascending by number, without gaps.
    batches: Vec<(u64, Vec<u8>)>,
    next_number: u64,
    /// How many batches, and how many ops of the batch after those, have been applied.
    batches_done: usize,
    ops_done: usize,
    /// Segments to load before replay can go on.
    pub(crate) need: Vec<BlobKey>,
}

impl Replay {
    /// Puts the batches in order and passes over those before `start`, which the checkpoint holds.
    pub(crate) fn new(batches: Vec<Vec<u8>>, start: u64) -> Result<Self, FormatError> {
        let number = |(position, bytes): (usize, Vec<u8>)| {
            let number = journal::batch_number(&bytes).map_err(|damage| FormatError {
                place: fill("the journal batch at position %", &[Number(position as u64)]),
                offset: damage.offset,
                problem: damage.problem,
            })?;
            Ok((number, bytes))
        };
        let batches: Result<Vec<_>, FormatError> =
            batches.into_iter().enumerate().map(number).collect();
        let mut batches = batches?;
        batches.retain(|(number, _)| *number >= start);
        let rank = |(position, (number, _)): (usize, &(u64, _))| [*number, position as u64, 0, 0];
        let mut ranks: Vec<Rank> = batches.iter().enumerate().map(rank).collect();
        named::sort(&mut ranks);
        let mut taken = |[number, position, ..]: Rank| {
            (number, core::mem::take(&mut batches[position as usize].1))
        };
        let batches: Vec<(u64, Vec<u8>)> = ranks.into_iter().map(&mut taken).collect();
        for ((number, _), expected) in batches.iter().zip(start..) {
            if *number != expected {
                let problem = "a batch is missing";
                return Err(in_batch(expected, Damage { offset: 0, problem }));
            }
        }
        let next_number = start + batches.len() as u64;
        Ok(Self { batches, next_number, batches_done: 0, ops_done: 0, need: Vec::new() })
    }

    /// The number of the first batch that the checkpoint does not hold.
    pub(crate) fn start(&self) -> u64 {
        self.next_number - self.batches.len() as u64
    }

    /// The number of the batch after the last one.
    pub(crate) fn next_number(&self) -> u64 {
        self.next_number
    }

    /// Applies ops until the end, or until one needs segments that are not in memory. Returns
    /// whether the end was reached.
    pub(crate) fn go_on(&mut self, keyspace: &mut Keyspace) -> Result<bool, FormatError> {
        self.need.clear();
        while let Some((number, batch)) = self.batches.get(self.batches_done) {
            let done = &mut self.ops_done;
            let need = replay_batch(batch, done, keyspace).map_err(|d| in_batch(*number, d))?;
            if !need.is_empty() {
                self.need = need;
                return Ok(false);
            }
            self.batches_done += 1;
            self.ops_done = 0;
        }
        Ok(true)
    }
}

/// Applies the ops of a batch from the `done`-th on. Returns the segments that the next one needs.
fn replay_batch(
    batch: &[u8],
    done: &mut usize,
    keyspace: &mut Keyspace,
) -> Result<Vec<BlobKey>, Damage> {
    let mut ops = journal::read_ops(batch)?;
    let mut position = 0;
    loop {
        let offset = ops.offset();
        let Some(op) = ops.next()? else { return Ok(Vec::new()) };
        if position >= *done {
            if let Err(missing) = keyspace.require(&op) {
                return Ok(missing.0);
            }
            keyspace.apply(&op).map_err(|problem| Damage { offset, problem })?;
            *done += 1;
        }
        position += 1;
    }
}

fn in_batch(number: u64, damage: Damage) -> FormatError {
    FormatError {
        place: fill("journal batch %", &[Number(number)]),
        offset: damage.offset,
        problem: damage.problem,
    }
}
