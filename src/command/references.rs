//! What removing an entry does to the pending entries lists that refer to it: KEEPREF, DELREF and
//! ACKED.

use super::args::{self, Args};
use crate::error::{CommandError, Refusal};
use crate::op::Change;
use crate::stream::{EntryId, Missing, Stream};
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

/// What is done about pending entries lists when an entry is removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum References {
    /// They keep their records, which then refer to nothing.
    #[default]
    Keep,
    /// Their records go as well.
    Delete,
    /// An entry that a group has yet to read or to acknowledge is not removed.
    Acked,
}

impl References {
    /// Takes one of the three words if it is in front.
    pub(crate) fn take(args: &mut Args<'_>) -> Option<Self> {
        let words = [("KEEPREF", Self::Keep), ("DELREF", Self::Delete), ("ACKED", Self::Acked)];
        words.into_iter().find_map(|(word, policy)| args.take(word).then_some(policy))
    }
}

impl Stream {
    /// Whether a group has yet to read this entry or to acknowledge it. It need not exist.
    pub(crate) fn is_referenced(&self, id: EntryId) -> Result<bool, Missing> {
        self.is_referenced_except(id, None)
    }

    /// The same, as if one group had acknowledged it.
    pub(crate) fn is_referenced_except(
        &self,
        id: EntryId,
        group: Option<&[u8]>,
    ) -> Result<bool, Missing> {
        if self.groups.iter().any(|(_, other)| id > other.last_delivered) {
            return Ok(true);
        }
        for (name, other) in self.groups.iter() {
            if Some(name) != group && other.pel().get(id)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Drops every record of these entries, in all groups; `None`: there is none.
pub(crate) fn forget<'c>(stream: &Stream, ids: &[EntryId]) -> Result<Option<Change<'c>>, Missing> {
    stream.require_records(ids)?;
    let mut is_pending = vec![false; ids.len()];
    for (_, group) in stream.groups.iter() {
        for (known, record) in is_pending.iter_mut().zip(group.pel().get_each(ids)?) {
            *known |= record.is_some();
        }
    }
    let ids = ids.iter().zip(is_pending).filter(|(_, is_pending)| *is_pending);
    let ids: Vec<EntryId> = ids.map(|(id, _)| *id).collect();
    Ok((!ids.is_empty()).then_some(Change::Forget { ids: Cow::Owned(ids) }))
}

/// IDs counted by the client, with a policy before or behind them: `[policy] IDS n id [id ...]`
#[derive(Clone, Debug)]
pub(crate) struct CountedIds<'a> {
    pub(crate) references: References,
    texts: &'a [&'a [u8]],
}

impl<'a> CountedIds<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (mut references, mut texts) = (None, None);
        while args.left() > 0 {
            if let Some(count) = args.take_with_value("IDS") {
                texts = Some(take_counted(args, count)?);
                continue;
            }
            let policy = References::take(args).ok_or(CommandError::Syntax)?;
            if references.replace(policy).is_some() {
                return Err(CommandError::Syntax.into());
            }
        }
        let texts = texts.ok_or(CommandError::IdsMissing)?;
        Ok(Self { references: references.unwrap_or_default(), texts })
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// The IDs, which nobody looks at where there is no stream.
    pub(crate) fn ids(&self) -> Result<Vec<EntryId>, Refusal> {
        args::ids(self.texts)
    }
}

fn take_counted<'a>(args: &mut Args<'a>, count: &[u8]) -> Result<&'a [&'a [u8]], Refusal> {
    let count = args::integer(count).ok().filter(|&count| count > 0);
    let count = usize::try_from(count.ok_or(CommandError::IdsCount)?);
    let taken = count.ok().and_then(|count| args.take_many(count));
    Ok(taken.ok_or(CommandError::IdsMismatch)?)
}
