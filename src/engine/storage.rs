//! Beginning with what a storage holds, and telling it what has changed. An engine that keeps nothing
//! does without: where a module is cut into parts (`xtask`), this is of the part for storages.

use super::{Engine, Stored};
use crate::blob::BlobKey;
use crate::error::FormatError;
use crate::keyspace::STAGING;
use crate::limits::Limits;
use crate::log::journal::Journal;
use crate::log::snapshot::{self, Checkpoint};
use crate::op::{Change, Key, Op};
use crate::replay::Replay;

impl Engine {
    /// An engine with the state that `stored` holds.
    ///
    /// Replaying the journal may need segments. Then the first turns name them in
    /// [`Turn::need`], as any turn does, and run nothing until they are supplied.
    ///
    /// # Errors
    /// Blobs or batches that are damaged, missing, or do not fit together.
    #[inline(never)]
    pub fn restore(limits: Limits, stored: Stored) -> Result<Self, FormatError> {
        let (keyspace, journal_start) =
            snapshot::restore(&stored.blobs, limits.pending_page_records)?;
        let replay = Replay::new(stored.journal, journal_start)?;
        let mut engine = Self::new(limits);
        engine.store.keyspace = keyspace;
        engine.store.journal = Some(Journal::new(replay.start(), replay.next_number()));
        engine.replay = Some(replay);
        engine.continue_replay()?;
        Ok(engine)
    }

    /// Hands in a segment or a page named by [`Turn::need`].
    ///
    /// # Errors
    /// The bytes are damaged, or are not those that belong there.
    #[inline(never)]
    pub fn supply(&mut self, key: BlobKey, bytes: &[u8]) -> Result<(), FormatError> {
        snapshot::supply(&mut self.store.keyspace, key, bytes)?;
        self.continue_replay()
    }

    /// All that changed since the last checkpoint, to be written in one storage transaction. What
    /// is written may be evicted from then on, so a host whose transaction fails must drop the
    /// engine. While segments are needed to replay the journal, or in the middle of a
    /// transaction, there is nothing to write yet.
    #[inline(never)]
    pub fn checkpoint(&mut self) -> Checkpoint {
        if let Some(replay) = &self.replay {
            return Checkpoint { journal_start: replay.start(), ..Checkpoint::default() };
        }
        if self.transaction.is_some() {
            let journal_start = self.store.journal.as_ref().map_or(0, Journal::start);
            return Checkpoint { journal_start, ..Checkpoint::default() };
        }
        let journal_start = self.store.journal.as_mut().map_or(0, Journal::cut);
        let checkpoint = snapshot::take(&mut self.store.keyspace, journal_start);
        self.store.keyspace.evict_to(self.config.limits.resident_bytes);
        checkpoint
    }

    /// What imports have left that came to no end, nobody can go on with.
    fn clear_staging(&mut self) {
        if !self.store.keyspace.database(STAGING).is_empty() {
            let key = Key { db: STAGING, name: b"" };
            self.store.apply(&[Op { key, change: Change::ClearDatabase }], false);
        }
    }

    fn continue_replay(&mut self) -> Result<(), FormatError> {
        if let Some(replay) = &mut self.replay
            && replay.go_on(&mut self.store.keyspace)?
        {
            self.replay = None;
            self.clear_staging();
        }
        Ok(())
    }
}
