//! Exports and imports, which belong to a client.

use super::Engine;
use super::draft::Draft;
use crate::archive::{Export, Import};
use crate::command::{ArchiveCommand, Found, Halt};
use crate::error::{CommandError, Refusal};
use crate::op::{Change, Key, Op};
use crate::reply::Reply;
use crate::session::{ClientId, Moving};
use crate::stream::Missing;
use alloc::boxed::Box;
use alloc::vec::Vec;

impl Engine {
    /// Carries out what concerns exports and imports. Returns whether it is done with; if not, it
    /// needs segments first.
    #[inline(never)]
    pub(super) fn run_archive(
        &mut self,
        client: ClientId,
        found: Found,
        command: &ArchiveCommand<'_>,
        draft: &mut Draft,
    ) -> bool {
        let answer = match command {
            ArchiveCommand::Abort => Ok(self.abort(client)),
            ArchiveCommand::Commit => self.commit_import(client).map_err(Halt::Error),
            ArchiveCommand::Export(names) => Ok(self.begin_export(client, names)),
            ArchiveCommand::Import { replace, to } => Ok(self.begin_import(client, *replace, *to)),
            ArchiveCommand::Read => self.read_export(client),
            ArchiveCommand::Write(bytes) => self.write_import(client, bytes).map_err(Halt::Error),
        };
        let answer = match answer {
            Ok(reply) => Ok(reply),
            Err(Halt::Error(error)) => Err(error),
            Err(Halt::Need(Missing(segments))) => {
                draft.need(segments);
                self.stall(client);
                return false;
            }
        };
        self.count(client, found, answer.as_ref().err().map(|error| error.code()));
        self.answer(client, &answer.unwrap_or_else(Reply::Error), draft);
        true
    }

    /// Ends a client's export or import, and leaves nothing of it.
    #[inline(never)]
    pub(super) fn abort(&mut self, client: ClientId) -> Reply<'static> {
        self.store.keyspace.thaw(client.0);
        let moving = self.sessions.get_mut(client.0).and_then(|session| session.moving.take());
        if let Some(Moving::Import(import)) = moving.map(|moving| *moving) {
            self.discard_import(&import);
        }
        Reply::OK
    }

    fn begin_export(&mut self, client: ClientId, names: &[&[u8]]) -> Reply<'static> {
        self.abort(client);
        let db = self.session(client).db;
        let keys: Vec<Key<'_>> = names.iter().map(|name| Key { db, name }).collect();
        let keys = (!keys.is_empty()).then_some(keys.as_slice());
        let count = self.store.keyspace.freeze(client.0, keys);
        self.session(client).moving = Some(Box::new(Moving::Export(Export::new())));
        Reply::count(count as u64)
    }

    fn read_export(&mut self, client: ClientId) -> Result<Reply<'static>, Halt> {
        let session = self.sessions.get_mut(client.0).expect("a client that asks has a session");
        let Some(Moving::Export(export)) = session.moving.as_deref_mut() else {
            return Err(CommandError::NoArchive { what: "export" }.into());
        };
        let piece = self.store.keyspace.next_piece(client.0)?;
        let bytes = export.write(piece);
        if bytes.is_none() {
            self.abort(client);
        }
        Ok(bytes.map_or(Reply::NullText, Reply::owned))
    }

    fn begin_import(
        &mut self,
        client: ClientId,
        replace: bool,
        to: Option<&[u8]>,
    ) -> Reply<'static> {
        self.abort(client);
        let db = self.session(client).db;
        let import = Import::new(client.0, replace, to.map(|to| (db, to.into())));
        self.session(client).moving = Some(Box::new(Moving::Import(import)));
        Reply::OK
    }

    /// After an error there is no import any more.
    fn write_import(&mut self, client: ClientId, bytes: &[u8]) -> Result<Reply<'static>, Refusal> {
        let mut import = self.take_import(client)?;
        import.push(bytes);
        let mut stage = || -> Result<(), Refusal> {
            while let Some(record) = import.next()? {
                let (Some(change), Some(staged)) =
                    (import.change(&record)?, import.staged().last())
                else {
                    continue;
                };
                if record.is_key() {
                    self.test_target(staged.target(), import.replace)?;
                }
                let op = Op { key: staged.key(), change };
                self.store.offer(&op).map_err(|problem| record.misfit(problem))?;
            }
            Ok(())
        };
        if let Err(error) = stage() {
            self.discard_import(&import);
            return Err(error);
        }
        let keys = import.staged().len();
        self.session(client).moving = Some(Box::new(Moving::Import(import)));
        Ok(Reply::count(keys as u64))
    }

    fn commit_import(&mut self, client: ClientId) -> Result<Reply<'static>, Refusal> {
        let import = self.take_import(client)?;
        let free = |staged| self.test_target(staged, import.replace);
        let mut targets = import.staged().iter().map(|staged| staged.target());
        let sound = import.finish().map_err(Refusal::from);
        if let Err(error) = sound.and_then(|()| targets.try_for_each(free)) {
            self.discard_import(&import);
            return Err(error);
        }
        let heard = self.waiters.len() > 0;
        for staged in import.staged() {
            let key = staged.target();
            if self.store.keyspace.item(key).is_some() {
                self.store.apply(&[Op { key, change: Change::RemoveKey }], heard);
            }
            self.store.apply(&[Op { key: staged.key(), change: Change::Move { to: key } }], heard);
            if let Some(at_ms) = staged.expires_ms {
                let change = Change::Expire { at_ms: Some(at_ms) };
                self.store.apply(&[Op { key, change }], heard);
            }
        }
        Ok(Reply::count(import.staged().len() as u64))
    }

    fn take_import(&mut self, client: ClientId) -> Result<Import, Refusal> {
        match self.session(client).moving.take().map(|moving| *moving) {
            Some(Moving::Import(import)) => Ok(import),
            other => {
                self.session(client).moving = other.map(Box::new);
                Err(CommandError::NoArchive { what: "import" }.into())
            }
        }
    }

    fn test_target(&self, key: Key<'_>, replace: bool) -> Result<(), Refusal> {
        if replace || self.store.keyspace.item(key).is_none() {
            return Ok(());
        }
        let name = alloc::string::String::from_utf8_lossy(key.name).into_owned();
        Err(CommandError::BusyImport { name, db: key.db }.into())
    }

    fn discard_import(&mut self, import: &Import) {
        for staged in import.staged() {
            if self.store.keyspace.item(staged.key()).is_some() {
                self.store.apply(&[Op { key: staged.key(), change: Change::RemoveKey }], false);
            }
        }
    }
}
