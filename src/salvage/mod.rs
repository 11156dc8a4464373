//! Opening a storage that is damaged: everything that can still be read becomes a keyspace, and
//! everything that cannot is named.
//!
//! What [`Engine::restore`](crate::Engine::restore) refuses as a whole is taken here piece by piece.
//! Nothing is guessed: a piece counts if its checksum is right and it fits those around it.
//!
//! 1. [`Survey`]: the blobs, and one after the other every segment and page.
//! 2. [`Survey::assemble`]: keys, groups and segments are put together, first as the index has it;
//!    what no index describes any more becomes a stream of its own.
//! 3. [`Salvage`]: the journal is replayed up to the first batch that is missing or damaged. A change
//!    to something that is lost is passed over, and counted.
//! 4. [`Salvaged`]: what a new storage has to be given, and what was lost.

mod assembly;
mod lists;
mod replay;
mod survey;

pub use survey::Survey;

use crate::blob::BlobKey;
use crate::keyspace::{Keyspace, STAGING};
use crate::log::snapshot::{self, Checkpoint};
use crate::op::Key;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use assembly::Origins;
use core::fmt;
use replay::Replay;

/// Something that a storage held and that cannot be read any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Where it was, for example `segment 3 of stream 7`.
    pub place: String,
    /// Why it cannot be read, and what that costs.
    pub what: String,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// What was lost, as far as it is known.
#[derive(Debug, Default)]
struct Losses(Vec<Loss>);

impl Losses {
    fn add(&mut self, place: impl Into<String>, what: impl Into<String>) {
        self.0.push(Loss { place: place.into(), what: what.into() });
    }

    /// Something lay at the address of another thing.
    fn put_back(&mut self, own: BlobKey, at: BlobKey) {
        let what = format!("it lay at the address of {}; nothing of it is lost", at.place());
        self.add(own.place(), what);
    }
}

/// A keyspace of all that can be read, while the journal is replayed.
#[derive(Debug)]
pub struct Salvage {
    keyspace: Keyspace,
    origins: Origins,
    replay: Replay,
    losses: Losses,
}

/// What is left of a damaged storage.
#[must_use]
#[derive(Debug)]
pub struct Salvaged {
    /// What to write to a new, empty storage besides what is copied. Batches go on behind its
    /// `journal_start`.
    pub checkpoint: Checkpoint,
    /// Segments and pages to copy byte by byte: where the damaged storage has them, where the new one
    /// is to.
    pub copied: Vec<(BlobKey, BlobKey)>,
    /// What cannot be read. Empty: the storage is sound.
    pub losses: Vec<Loss>,
    /// How many keys there are.
    pub keys: u64,
    /// How many entries all streams have together.
    pub entries: u64,
}

impl Salvage {
    /// The segments and pages, by where the damaged storage has them, without which the journal
    /// cannot be replayed further; none: it is done.
    #[must_use]
    pub fn need(&self) -> Vec<BlobKey> {
        self.replay.need.iter().map(|at| self.origins.of(*at)).collect()
    }

    /// Hands in what is needed, and goes on. It was looked at before: when it cannot be read any
    /// more, the journal ends here.
    pub fn supply(&mut self, from: BlobKey, bytes: Option<&[u8]>) {
        let wanted = self.replay.need.iter().position(|at| self.origins.of(*at) == from);
        let Some(wanted) = wanted else { return };
        let at = self.replay.need.swap_remove(wanted);
        let supplied = bytes.map(|bytes| snapshot::supply(&mut self.keyspace, at, bytes));
        if !matches!(supplied, Some(Ok(()))) {
            self.losses.add(from.place(), "it could be read once, and not a second time");
            self.replay.end(&mut self.losses);
        }
        if self.replay.need.is_empty() {
            self.replay.go_on(&mut self.keyspace, &mut self.losses);
        }
    }

    /// What is left. What is still needed is lost.
    pub fn finish(mut self) -> Salvaged {
        while let Some(from) = self.need().first().copied() {
            self.supply(from, None);
        }
        let next_batch = self.replay.finish(&mut self.keyspace, &mut self.losses);
        let kept = self.keyspace.mark_rewritten();
        let copied = kept.into_iter().map(|at| (self.origins.of(at), at)).collect();
        // What was being imported is of no use any more.
        let items = || self.keyspace.items().filter(|(key, _)| key.db < STAGING);
        let streams = items().filter_map(|(_, item)| item.stream());
        let entries = streams.map(|stream| stream.length).sum();
        let keys = items().count() as u64;
        let checkpoint = snapshot::take(&mut self.keyspace, next_batch);
        Salvaged { checkpoint, copied, losses: self.losses.0, keys, entries }
    }
}

/// How a loss names a key.
fn name_of(key: Key<'_>) -> String {
    format!("key {:?} of database {}", String::from_utf8_lossy(key.name), key.db)
}

/// `1 entry`, `2 entries`.
fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
