//! What a damaged storage still has, piece by piece.

use super::assembly::Assembly;
use super::replay::Replay;
use super::{Losses, Salvage};
use crate::blob::BlobKey;
use crate::keyspace::Item;
use crate::log::snapshot::{self, Meta};
use crate::stream::bytes::Damage;
use crate::stream::{EntryId, Group, Page, Segment, Tally};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A key that can be read.
#[derive(Debug)]
pub(super) struct ReadKey {
    pub(super) db: u8,
    pub(super) name: Box<[u8]>,
    pub(super) item: Item,
    /// How many groups its stream has.
    pub(super) groups: u64,
}

/// A group that can be read.
#[derive(Debug)]
pub(super) struct ReadGroup {
    pub(super) stream: u64,
    pub(super) name: Box<[u8]>,
    pub(super) group: Group,
}

/// A segment that can be read: its line in an index, as it says it itself.
#[derive(Debug)]
pub(super) struct ReadSegment {
    pub(super) segment: Segment,
    /// Entries that were deleted and whose node is still there.
    pub(super) deleted: u64,
    pub(super) max_deleted: EntryId,
}

/// A page of a pending entries list that can be read: its line in an index, as it says it itself.
#[derive(Debug)]
pub(super) struct ReadPage {
    pub(super) page: Page,
    pub(super) tally: Tally,
}

/// The pieces of a damaged storage.
#[derive(Debug, Default)]
pub struct Survey {
    /// The first journal batch that is needed, as somebody else than the meta blob has it.
    pub(super) start_hint: Option<u64>,
    pub(super) meta: Option<Meta>,
    pub(super) keys: Vec<ReadKey>,
    pub(super) groups: Vec<ReadGroup>,
    pub(super) segments: Vec<ReadSegment>,
    pub(super) pages: BTreeMap<BlobKey, ReadPage>,
    /// What is there and cannot be read, and why.
    pub(super) unread: Vec<(BlobKey, String)>,
    pub(super) losses: Losses,
}

impl Survey {
    /// Looks at every blob but the segments and pages. `journal_start` is what the host knows of the first
    /// journal batch that is needed, should the meta blob be lost.
    #[must_use]
    pub fn new(blobs: &[(BlobKey, Vec<u8>)], journal_start: Option<u64>) -> Self {
        let mut survey = Self { start_hint: journal_start, ..Self::default() };
        for (at, bytes) in blobs {
            let read = survey.take(*at, bytes);
            if let Err(damage) = read {
                survey.unread.push((*at, said(damage)));
            }
        }
        let meta = survey.unread.iter().find(|(at, _)| *at == BlobKey::Meta);
        let why = meta.map_or("it is missing", |(_, why)| why.as_str());
        if survey.meta.is_none() && !blobs.is_empty() {
            let what = "the keys are counted anew; whether one is missing cannot be told";
            survey.losses.add("meta", format!("{why}; {what}"));
        }
        survey
    }

    fn take(&mut self, at: BlobKey, bytes: &[u8]) -> Result<(), Damage> {
        match at {
            BlobKey::Meta => self.meta = Some(snapshot::read_meta(bytes)?),
            BlobKey::Key { .. } => {
                let (key, item, groups) = snapshot::read_item(bytes)?;
                self.note_address(at, BlobKey::Key { key: item.value.number() });
                self.keys.push(ReadKey { db: key.db, name: key.name.into(), item, groups });
            }
            BlobKey::Group { .. } => {
                let (stream, name, group) = snapshot::read_group(bytes)?;
                self.note_address(at, BlobKey::Group { stream, group: group.number });
                self.groups.push(ReadGroup { stream, name: name.into(), group });
            }
            BlobKey::Segment { stream, segment } => self.take_segment(stream, segment, bytes)?,
            BlobKey::Page { page: number, .. } => {
                let (page, tally) = snapshot::read_page(number, bytes)?;
                self.pages.insert(at, ReadPage { page, tally });
            }
        }
        Ok(())
    }

    fn note_address(&mut self, at: BlobKey, own: BlobKey) {
        if at != own {
            self.losses.put_back(own, at);
        }
    }

    /// Looks at a segment or a page. To be called for every one that the storage has, whatever its
    /// state.
    pub fn cold(&mut self, at: BlobKey, bytes: &[u8]) {
        if let Err(damage) = self.take(at, bytes) {
            self.unread.push((at, said(damage)));
        }
    }

    fn take_segment(&mut self, stream: u64, number: u64, bytes: &[u8]) -> Result<(), Damage> {
        let mut segment = snapshot::read_segment(stream, number, bytes)?;
        let deleted = segment.tombstones().count() as u64;
        let max_deleted = segment.tombstones().last().unwrap_or_default();
        segment.evict();
        self.segments.push(ReadSegment { segment, deleted, max_deleted });
        Ok(())
    }

    /// Puts the pieces together, and replays the journal as far as it goes without segments.
    /// `journal` has the batches that the storage has, in any order and whatever their state, each
    /// with the number under which it lies there.
    pub fn assemble(self, journal: Vec<(u64, Vec<u8>)>) -> Salvage {
        let meta_start = self.meta.as_ref().map(|meta| meta.journal_start);
        let start = meta_start.or(self.start_hint).unwrap_or(0);
        let Assembly { mut keyspace, origins, nameless, mut losses } = Assembly::of(self);
        let mut replay = Replay::new(journal, start, nameless, &mut losses);
        replay.go_on(&mut keyspace, &mut losses);
        Salvage { keyspace, origins, replay, losses }
    }

    /// What was kept for an export that is over, and is to be deleted, is no part of anything.
    pub(super) fn pass_over_garbage(&mut self) {
        let garbage = self.meta.as_ref().map_or(&[][..], |meta| &meta.garbage);
        self.segments.retain(|read| !garbage.contains(&read.segment.at()));
        self.pages.retain(|at, _| !garbage.contains(at));
        self.unread.retain(|(at, _)| !garbage.contains(at));
    }

    /// Why the blob at an address cannot be read.
    pub(super) fn why(&self, at: BlobKey) -> Option<&str> {
        let (_, why) = self.unread.iter().find(|(unread, _)| *unread == at)?;
        Some(why)
    }
}

fn said(Damage { offset, problem }: Damage) -> String {
    format!("{problem} at byte {offset}")
}
