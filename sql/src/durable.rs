//! An engine on its storage: the loop that each call of the engine wants from a host.

use crate::{Batch, Error, Sql, Storage};
use eddyline::{ClientId, Engine, FormatError, Limits, Permissions, Resumption, Turn};

/// An engine that commits what a call changed, and loads what it needs, before the call returns.
///
/// The turns that it returns have an empty `journal` and `need`: there is nothing left to do for
/// them. A client may have several wakes in one, which follow one another; the calling client may
/// have some too, which follow its `reply`.
///
/// As for [`Storage`], each call is to be one transaction of the host, and after an error the value
/// is worthless: roll back, drop it, open again. Then the failed call has not happened.
#[derive(Debug)]
pub struct DurableEngine<S> {
    engine: Engine,
    storage: Storage<S>,
}

impl<S: Sql> DurableEngine<S> {
    /// Restores the engine from the database.
    ///
    /// # Errors
    /// A failed statement, or damaged storage.
    pub fn open(limits: Limits, sql: S) -> Result<Self, Error<S::Error>> {
        let (storage, stored) = Storage::open(sql)?;
        Ok(Self { engine: Engine::restore(limits, stored)?, storage })
    }

    /// [`Engine::turn`].
    ///
    /// # Errors
    /// A failed statement, or damaged storage.
    pub fn turn(
        &mut self,
        now_ms: u64,
        client: ClientId,
        input: &[u8],
    ) -> Result<Turn, Error<S::Error>> {
        let turn = self.engine.turn(now_ms, client, input);
        self.finish(now_ms, turn)
    }

    /// [`Engine::tick`].
    ///
    /// # Errors
    /// A failed statement, or damaged storage.
    pub fn tick(&mut self, now_ms: u64) -> Result<Turn, Error<S::Error>> {
        let turn = self.engine.tick(now_ms);
        self.finish(now_ms, turn)
    }

    /// [`Engine::cancel`].
    ///
    /// # Errors
    /// A failed statement, or damaged storage.
    pub fn cancel(&mut self, now_ms: u64, client: ClientId) -> Result<Turn, Error<S::Error>> {
        let turn = self.engine.cancel(now_ms, client);
        self.finish(now_ms, turn)
    }

    /// [`Engine::disconnect`].
    ///
    /// # Errors
    /// A failed statement, or damaged storage.
    pub fn disconnect(&mut self, now_ms: u64, client: ClientId) -> Result<Turn, Error<S::Error>> {
        let turn = self.engine.disconnect(now_ms, client);
        self.finish(now_ms, turn)
    }

    /// [`Engine::resume_session`].
    ///
    /// # Errors
    /// A failed statement, or damaged storage.
    pub fn resume_session(
        &mut self,
        now_ms: u64,
        client: ClientId,
        from: &Resumption,
    ) -> Result<Turn, Error<S::Error>> {
        let turn = self.engine.resume_session(now_ms, client, from);
        self.finish(now_ms, turn)
    }

    /// [`Engine::permit`].
    pub fn permit(&mut self, client: ClientId, permissions: Permissions) {
        self.engine.permit(client, permissions);
    }

    /// [`Engine::evict_to`].
    pub fn evict_to(&mut self, bytes: usize) {
        self.engine.evict_to(bytes);
    }

    /// [`Engine::take_key_changes`].
    pub fn take_key_changes(&mut self) -> Vec<(Box<[u8]>, Option<&'static str>)> {
        self.engine.take_key_changes()
    }

    /// The engine, to look at.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Commits, and loads what the engine needs to go on, until nothing is left to be done.
    fn finish(&mut self, now_ms: u64, mut turn: Turn) -> Result<Turn, Error<S::Error>> {
        self.commit(&mut turn)?;
        while !turn.need.is_empty() {
            let blobs = self.storage.read(&turn.need)?;
            for (key, bytes) in turn.need.iter().zip(&blobs) {
                self.engine.supply(*key, bytes)?;
            }
            let mut next = self.engine.tick(now_ms);
            self.commit(&mut next)?;
            turn.wakes.append(&mut next.wakes);
            turn.need = next.need;
            turn.deadline_ms = next.deadline_ms;
        }
        Ok(turn)
    }

    /// Writes the turn's batch, or a checkpoint that covers it when one is due.
    fn commit(&mut self, turn: &mut Turn) -> Result<(), Error<S::Error>> {
        let (number, bytes) = (turn.journal_number, std::mem::take(&mut turn.journal));
        let batch = (!bytes.is_empty()).then_some(Batch { number, bytes: &bytes });
        let is_full = batch.is_some() && self.storage.journal_full(number);
        let is_due = std::mem::take(&mut turn.checkpoint_due) || is_full;
        let checkpoint = is_due.then(|| self.engine.checkpoint());
        self.storage.commit(batch, checkpoint.as_ref())
    }
}

impl<E> From<FormatError> for Error<E> {
    fn from(error: FormatError) -> Self {
        Self::Format(error)
    }
}
