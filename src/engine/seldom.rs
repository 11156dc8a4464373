//! What clients seldom do about themselves: the commands of the rest (see `command::rest`) that the
//! engine carries out.

use super::Engine;
use super::clients::Answer;
use super::draft::Draft;
use crate::command::session::SeldomCommand;
use crate::error::{CommandError, Refusal};
use crate::op::Key;
use crate::reply::Reply;
use crate::session::{ClientId, State};
use alloc::vec::Vec;

impl Engine {
    #[inline(never)]
    pub(super) fn run_seldom(
        &mut self,
        client: ClientId,
        command: SeldomCommand<'_>,
        draft: &mut Draft,
    ) -> Answer {
        Ok(match command {
            SeldomCommand::Channels(pattern) => self.subscriptions.active(pattern),
            SeldomCommand::Client(command) => return self.run_client(client, command, draft),
            SeldomCommand::Config(command) => return self.run_config(command),
            SeldomCommand::CountListeners(names) => self.subscriptions.count_listeners(names),
            SeldomCommand::CountPatterns => Reply::count(self.subscriptions.patterns() as u64),
            SeldomCommand::Info(query) => self.info(&query),
            SeldomCommand::Publish { channel, message } => {
                Reply::count(self.publish(client, channel, message, draft))
            }
            SeldomCommand::Shutdown { abort: true } => return Err(CommandError::NoShutdown.into()),
            SeldomCommand::Shutdown { abort: false } => {
                draft.turn.shutdown = true;
                self.session(client).state = State::Closed;
                Reply::Several(Vec::new())
            }
            SeldomCommand::Subscribe { names, to } => self.subscribe(client, names, to),
            SeldomCommand::Unsubscribe { names, from } => self.unsubscribe(client, names, from),
            SeldomCommand::Unwatch => {
                self.store.watches.forget(client);
                Reply::OK
            }
            SeldomCommand::Watch(names) => {
                self.watch(client, names)?;
                Reply::OK
            }
        })
    }

    fn watch(&mut self, client: ClientId, names: &[&[u8]]) -> Result<(), Refusal> {
        let session = self.session(client);
        if session.queue.is_some() {
            return Err(CommandError::WatchInMulti.into());
        }
        let db = session.db;
        for name in names {
            self.store.watches.add(client, Key { db, name });
        }
        Ok(())
    }
}
