//! Deciding which entries a trim removes.

use crate::stream::{EntryId, Missing, Place, Segment, Stream};
use alloc::vec::Vec;

/// What a trim keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Threshold {
    /// At most this many entries.
    MaxLen(u64),
    /// Entries with at least this ID.
    MinId(EntryId),
}

/// How exactly a trim keeps to its threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrimBound {
    /// To the entry.
    Exact,
    /// By whole nodes, never past the threshold; at most `limit` entries if there is one.
    Approximate { limit: Option<u64> },
}

impl TrimBound {
    fn limit(self) -> Option<u64> {
        match self {
            Self::Exact => None,
            Self::Approximate { limit } => limit,
        }
    }
}

/// What a trim removes: every entry up to and including `through`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) through: EntryId,
    pub(crate) removed: u64,
}

/// An entry that is about to be appended when the trim is decided: XADD trims after it appends.
#[derive(Clone, Copy)]
pub(crate) struct Incoming {
    pub(crate) id: EntryId,
    pub(crate) place: Place,
}

/// A node, or a whole segment where all its nodes go together.
struct Run {
    live: u64,
    last: EntryId,
}

/// How far a walk from the oldest entry has come.
struct Walk {
    threshold: Threshold,
    limit: Option<u64>,
    length: u64,
    cut: Option<Cut>,
}

impl Walk {
    fn removed(&self) -> u64 {
        self.cut.map_or(0, |cut| cut.removed)
    }

    /// Whether the run goes whole.
    fn may_take(&self, run: &Run) -> bool {
        let removed = self.removed();
        if self.limit.is_some_and(|limit| removed + run.live > limit) {
            return false;
        }
        match self.threshold {
            Threshold::MaxLen(max) => {
                self.length - removed > max && self.length - removed - run.live >= max
            }
            Threshold::MinId(min) => run.last < min,
        }
    }

    /// Takes the run if it may go. Returns whether it went.
    fn take_if_allowed(&mut self, run: &Run) -> bool {
        let allowed = self.may_take(run);
        if allowed {
            let removed = self.removed() + run.live;
            self.cut = Some(Cut { through: run.last, removed });
        }
        allowed
    }
}

impl Stream {
    /// Decides a trim. With `incoming`, as if that entry had been appended already. `None`: nothing
    /// is to be removed.
    pub(crate) fn decide_trim(
        &self,
        threshold: Threshold,
        bound: TrimBound,
        incoming: Option<Incoming>,
    ) -> Result<Option<Cut>, Missing> {
        let length = self.length + u64::from(incoming.is_some());
        let limit = bound.limit();
        let mut walk = Walk { threshold, limit, length, cut: None };
        for (number, segment) in self.segments.iter().enumerate() {
            let is_tail = number + 1 == self.segments.len();
            let run = Run { live: segment.live, last: segment.last };
            if !(is_tail && incoming.is_some()) && walk.take_if_allowed(&run) {
                continue;
            }
            if !could_take_some(&walk, segment) {
                return Ok(walk.cut);
            }
            self.touch(segment);
            let incoming = incoming.filter(|_| is_tail);
            let done = match bound {
                TrimBound::Exact => take_entries(&mut walk, segment)?,
                TrimBound::Approximate { .. } => take_nodes(&mut walk, segment, incoming)?,
            };
            if done {
                return Ok(walk.cut);
            }
        }
        if let Some(incoming) = incoming {
            // It stands alone behind everything that is gone, or the walk would have ended.
            walk.take_if_allowed(&Run { live: 1, last: incoming.id });
        }
        Ok(walk.cut)
    }

    /// Decides a trim entry by entry, passing over those that `is_kept` holds back; the first node
    /// that is not to go whole is the last. Approximation shows only in the limit, which is tested
    /// node by node. Gives the IDs of what is to be removed.
    pub(crate) fn decide_trim_by_entry(
        &self,
        threshold: Threshold,
        bound: TrimBound,
        incoming: Option<Incoming>,
        is_kept: impl Fn(EntryId) -> Result<bool, Missing>,
    ) -> Result<Vec<EntryId>, Missing> {
        let length = self.length + u64::from(incoming.is_some());
        let limit = bound.limit();
        let is_enough = |removed: usize, id: EntryId| match threshold {
            Threshold::MaxLen(max) => length - removed as u64 <= max,
            Threshold::MinId(min) => id >= min,
        };
        let goes_whole = |removed: usize, live: u64| match threshold {
            Threshold::MaxLen(max) => length - removed as u64 >= max.saturating_add(live),
            // What follows the first that does not is not to go at all.
            Threshold::MinId(_) => true,
        };
        let joins_last_node = incoming.is_some_and(|it| it.place == Place::LastNode);
        let mut removed = Vec::new();
        for (number, segment) in self.segments.iter().enumerate() {
            let is_tail = number + 1 == self.segments.len();
            if is_enough(removed.len(), segment.first_live) {
                return Ok(removed);
            }
            self.touch(segment);
            let nodes = segment.nodes()?;
            for (number, node) in nodes.iter().enumerate() {
                let joined = is_tail && number + 1 == nodes.len() && joins_last_node;
                let live = u64::from(node.live) + u64::from(joined);
                if limit.is_some_and(|limit| removed.len() as u64 + live > limit) {
                    return Ok(removed);
                }
                let is_last = !goes_whole(removed.len(), live) && !joined;
                for entry in node.entries() {
                    if is_enough(removed.len(), entry.id) {
                        return Ok(removed);
                    }
                    removed.extend((!is_kept(entry.id)?).then_some(entry.id));
                }
                if is_last {
                    return Ok(removed);
                }
            }
        }
        let stands_alone = incoming.is_some() && !joins_last_node;
        if stands_alone && limit.is_some_and(|limit| removed.len() as u64 + 1 > limit) {
            return Ok(removed);
        }
        let last = incoming.map(|incoming| incoming.id);
        if let Some(id) = last.filter(|&id| !is_enough(removed.len(), id)) {
            removed.extend((!is_kept(id)?).then_some(id));
        }
        Ok(removed)
    }
}

/// Whether it is worth loading a segment that does not go whole.
fn could_take_some(walk: &Walk, segment: &Segment) -> bool {
    let limit_left = walk.limit.is_none_or(|limit| walk.removed() < limit);
    limit_left
        && match walk.threshold {
            Threshold::MaxLen(max) => walk.length - walk.removed() > max,
            Threshold::MinId(min) => segment.first_live < min,
        }
}

/// Takes entries one by one. Returns whether the walk is over.
fn take_entries(walk: &mut Walk, segment: &Segment) -> Result<bool, Missing> {
    for entry in segment.nodes()?.iter().flat_map(|node| node.entries()) {
        if !walk.take_if_allowed(&Run { live: 1, last: entry.id }) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes whole nodes; the incoming entry may stand in the last one. Returns whether the walk is
/// over.
fn take_nodes(
    walk: &mut Walk,
    segment: &Segment,
    incoming: Option<Incoming>,
) -> Result<bool, Missing> {
    let nodes = segment.nodes()?;
    for (number, node) in nodes.iter().enumerate() {
        let mut run = Run { live: u64::from(node.live), last: node.last };
        let joining = incoming
            .filter(|incoming| number + 1 == nodes.len() && incoming.place == Place::LastNode);
        if let Some(incoming) = joining {
            run = Run { live: run.live + 1, last: incoming.id };
        }
        if !walk.take_if_allowed(&run) || joining.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
