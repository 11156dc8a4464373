//! MULTI, EXEC, DISCARD: commands that are run as one.
//!
//! A transaction may need segments in the middle. Then everybody else waits, and what has been
//! changed and said so far is held back, until the segments have come and the rest has been run: one
//! journal batch carries the whole transaction.

use super::Engine;
use super::draft::Draft;
use crate::command::{self, Spec};
use crate::error::{CommandError, Refusal};
use crate::reply::Reply;
use crate::session::{ClientId, Queue, Request};
use crate::wire;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// A transaction that is being run.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) client: ClientId,
    requests: VecDeque<Request>,
    /// Messages for the client itself, to follow the transaction's reply.
    messages: Vec<u8>,
}

impl Engine {
    /// From now on the client's commands are queued.
    pub(super) fn begin_queue(&mut self, client: ClientId) -> Result<(), Refusal> {
        let queue = &mut self.session(client).queue;
        if queue.is_some() {
            return Err(CommandError::NestedMulti.into());
        }
        *queue = Some(Queue::default());
        Ok(())
    }

    pub(super) fn discard(&mut self, client: ClientId) -> Result<(), Refusal> {
        let queue = self.session(client).queue.take();
        queue.ok_or(CommandError::DiscardWithoutMulti)?;
        self.store.watches.forget(client);
        Ok(())
    }

    /// Drops what the client has queued, since EXEC was refused; gives the error to tell.
    pub(super) fn abandon_transaction(
        &mut self,
        client: ClientId,
        refusal: &CommandError,
    ) -> Refusal {
        self.session(client).queue = None;
        self.store.watches.forget(client);
        let text = refusal.text();
        CommandError::ExecRefused(text.strip_prefix("ERR ").unwrap_or(&text).into()).into()
    }

    /// Queues a command. The client has said MULTI.
    pub(super) fn enqueue(
        &mut self,
        client: ClientId,
        spec: &'static Spec,
        argv: &[&[u8]],
    ) -> Result<Reply<'static>, Refusal> {
        let max_bytes = self.config.limits.input_bytes;
        let queue = self.session(client).queue.as_mut().expect("the client has said MULTI");
        queue.bytes += argv.iter().map(|argument| argument.len()).sum::<usize>();
        if queue.bytes > max_bytes {
            return Err(CommandError::TransactionTooLarge.into());
        }
        queue.writes |= spec.writes();
        queue.denies_oom |= spec.denies_oom();
        queue.requests.push(argv.iter().map(|argument| (*argument).into()).collect());
        Ok(Reply::Simple("QUEUED"))
    }

    /// Begins to run the client's queue, unless a reply says why not.
    pub(super) fn begin_transaction(
        &mut self,
        client: ClientId,
        draft: &mut Draft,
    ) -> Result<(), Reply<'static>> {
        let queue = self.session(client).queue.take();
        let queue = queue.ok_or(Reply::Error(CommandError::ExecWithoutMulti.into()))?;
        let broken = self.store.watches.are_broken(client);
        self.store.watches.forget(client);
        if queue.aborted {
            return Err(Reply::Error(CommandError::ExecAborted.into()));
        }
        if broken {
            return Err(Reply::NullArray);
        }
        wire::begin_array(queue.requests.len(), draft.output(client));
        self.transaction =
            Some(Transaction { client, requests: queue.requests.into(), messages: Vec::new() });
        Ok(())
    }

    /// Runs what is left of the transaction, whatever has become of its client. Returns whether
    /// that was all; if not, segments are needed first.
    pub(super) fn continue_transaction(&mut self, draft: &mut Draft) -> bool {
        while let Some(transaction) = &mut self.transaction {
            let client = transaction.client;
            let Some(request) = transaction.requests.pop_front() else {
                draft.output(client).extend_from_slice(&transaction.messages);
                self.transaction = None;
                break;
            };
            let argv: Vec<&[u8]> = request.iter().map(|argument| &**argument).collect();
            let found = command::look_up(&argv).expect("what was queued was found");
            let done = self.perform(client, found, &argv, draft);
            let transaction = self.transaction.as_mut().expect("the transaction is not done");
            transaction.messages.append(&mut draft.afterwards);
            if !done {
                transaction.requests.push_front(request);
                return false;
            }
        }
        true
    }
}
