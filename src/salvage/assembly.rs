//! Keys, groups and segments that can be read are put together.

use super::survey::{ReadGroup, ReadKey, ReadSegment, Survey};
use super::{Losses, counted, name_of};
use crate::blob::BlobKey;
use crate::keyspace::{Item, Keyspace, Value};
use crate::limits::Limits;
use crate::op::Key;
use crate::stream::{EntryId, Memory, Stream};
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Where the damaged storage has a segment or page that is somewhere else now.
#[derive(Debug, Default)]
pub(super) struct Origins(pub(super) BTreeMap<BlobKey, BlobKey>);

impl Origins {
    pub(super) fn of(&self, at: BlobKey) -> BlobKey {
        self.0.get(&at).copied().unwrap_or(at)
    }
}

/// A stream whose name is lost.
#[derive(Debug)]
pub(super) struct Nameless {
    pub(super) stream: Stream,
    /// Of which stream of the damaged storage it is a part, or all that is left.
    pub(super) number: u64,
    /// What is lost of it, and why.
    pub(super) why: String,
}

/// The streams whose names are lost, and whether it is certain which key it was.
#[derive(Debug, Default)]
pub(super) struct NamelessStreams {
    pub(super) streams: Vec<Nameless>,
    /// One key is missing and one stream has no name: whatever the journal says of a key that is not
    /// there, it says of this one.
    pub(super) is_the_only_one: bool,
}

/// A keyspace, and what has no place in it yet.
pub(super) struct Assembly {
    pub(super) keyspace: Keyspace,
    pub(super) origins: Origins,
    pub(super) nameless: NamelessStreams,
    pub(super) losses: Losses,
}

/// What belongs to a stream and has no place in one yet.
#[derive(Default)]
struct Leftovers {
    segments: Vec<ReadSegment>,
    groups: Vec<ReadGroup>,
}

impl Assembly {
    pub(super) fn of(mut survey: Survey) -> Self {
        let mut assembly = Self {
            keyspace: Keyspace::new(Limits::PENDING_PAGE_RECORDS),
            origins: Origins::default(),
            nameless: NamelessStreams::default(),
            losses: core::mem::take(&mut survey.losses),
        };
        let mut keys = core::mem::take(&mut survey.keys);
        assembly.losses_of_twins(&mut keys);
        survey.pass_over_garbage();
        let mut leftovers: BTreeMap<u64, Leftovers> = BTreeMap::new();
        assembly.place_segments(&mut keys, &mut survey, &mut leftovers);
        assembly.place_pages(&mut survey);
        assembly.place_groups(&mut keys, &mut survey, &mut leftovers);
        assembly.count_keys(&keys, &survey, &leftovers);
        assembly.give_numbers(&keys, &survey, &leftovers);
        let taken: BTreeSet<u64> = keys.iter().map(|key| key.item.value.number()).collect();
        for (number, leftovers) in leftovers {
            assembly.keep_leftovers(number, leftovers, &taken, &survey);
        }
        for ReadKey { db, name, item, .. } in keys {
            let key = Key { db, name: &name };
            if let Err(problem) = assembly.keyspace.install(key, item) {
                assembly.losses.add(name_of(key), problem);
            }
        }
        assembly
    }

    /// Of two keys with one number or one name the first is kept.
    fn losses_of_twins(&mut self, keys: &mut Vec<ReadKey>) {
        let (mut numbers, mut names) = (BTreeSet::new(), BTreeSet::new());
        keys.retain(|ReadKey { db, name, item, .. }| {
            let is_first = numbers.insert(item.value.number()) && names.insert((*db, name.clone()));
            if !is_first {
                self.losses.add(name_of(Key { db: *db, name }), "it is there twice; one is lost");
            }
            is_first
        });
    }

    /// First what lies where its index says, then what lies elsewhere; what is left of an index is
    /// lost, and what is left of the segments has no index.
    fn place_segments(
        &mut self,
        keys: &mut [ReadKey],
        survey: &mut Survey,
        leftovers: &mut BTreeMap<u64, Leftovers>,
    ) {
        let found = core::mem::take(&mut survey.segments);
        let mut found: BTreeMap<BlobKey, ReadSegment> =
            found.into_iter().map(|read| (read.segment.at(), read)).collect();
        let mut lines = Vec::new();
        for (key, stream) in streams_of(keys) {
            for line in &stream.segments {
                match found.get(&line.at()) {
                    Some(read) if line.describes(&read.segment) => drop(found.remove(&line.at())),
                    _ => lines.push((key, line.at(), line.number)),
                }
            }
        }
        for (key, at, number) in lines {
            let Some(stream) = keys[key].stream_mut() else { continue };
            let line = stream.segment_mut(number);
            let elsewhere = line.and_then(|line| {
                let read = found.values().find(|read| line.describes(&read.segment));
                read.map(|read| read.segment.at())
            });
            if let Some(from) = elsewhere {
                found.remove(&from);
                self.origins.0.insert(at, from);
                self.losses.put_back(at, from);
                continue;
            }
            let Some(lost) = stream.lose_segment(number) else { continue };
            let is_other = found.contains_key(&at);
            let other = is_other.then_some("it is not the one that its index describes");
            let why = survey.why(at).or(other).unwrap_or("it is missing");
            let entries = counted(lost.live, "entry", "entries");
            let place = format!("{} ({})", at.place(), keys[key].name());
            let range = format!("from {} to {}", lost.first_live, lost.last);
            self.losses.add(place, format!("{why}; {entries} {range} lost"));
        }
        for (at, read) in found {
            leftovers.entry(at.to_numbers().1).or_default().segments.push(read);
        }
    }

    fn place_groups(
        &mut self,
        keys: &mut [ReadKey],
        survey: &mut Survey,
        leftovers: &mut BTreeMap<u64, Leftovers>,
    ) {
        let streams: Vec<(usize, u64)> =
            streams_of(keys).map(|(key, stream)| (key, stream.number)).collect();
        for read in core::mem::take(&mut survey.groups) {
            let key = streams.iter().find(|(_, number)| *number == read.stream);
            let Some((key, stream)) = key.and_then(|(at, _)| {
                let name = keys[*at].name();
                keys[*at].stream_mut().map(|stream| (name, stream))
            }) else {
                leftovers.entry(read.stream).or_default().groups.push(read);
                continue;
            };
            let at = BlobKey::Group { stream: read.stream, group: read.group.number };
            if !stream.adopt_group(&read.name, read.group) {
                self.losses.add(format!("{} ({key})", at.place()), "it is there twice");
            }
        }
        for (key, number) in streams {
            let is_of_it = |(at, _): &&(BlobKey, String)| matches!(at, BlobKey::Group { stream, .. } if *stream == number);
            let unread = survey.unread.iter().filter(is_of_it).count() as u64;
            let there = keys[key].stream_mut().map_or(0, |stream| stream.groups.len() as u64);
            let missing = keys[key].groups.saturating_sub(there + unread);
            if missing > 0 {
                let what = counted(missing, "group is missing", "groups are missing");
                self.losses.add(keys[key].name(), what);
            }
        }
        self.name_unread(keys, survey);
    }

    /// Groups that cannot be read, and segments that no index describes.
    fn name_unread(&mut self, keys: &[ReadKey], survey: &Survey) {
        for (at, why) in &survey.unread {
            let (_, stream, _) = at.to_numbers();
            let key = keys.iter().find(|key| key.item.value.number() == stream);
            let of = key.map_or(String::new(), |key| format!(" ({})", key.name()));
            let place = format!("{}{of}", at.place());
            match at {
                BlobKey::Group { .. } => {
                    let what = "the group with its consumers and pending entries is lost";
                    self.losses.add(place, format!("{why}; {what}"));
                }
                BlobKey::Segment { .. } if key.is_none() => {
                    let what = "its entries are lost, and how many they were";
                    self.losses.add(place, format!("{why}; {what}"));
                }
                _ => {}
            }
        }
    }

    /// Finds out which keys are lost.
    fn count_keys(
        &mut self,
        keys: &[ReadKey],
        survey: &Survey,
        leftovers: &BTreeMap<u64, Leftovers>,
    ) {
        let is_there = |number: u64| keys.iter().any(|key| key.item.value.number() == number);
        let mut lost: BTreeSet<u64> = leftovers.keys().copied().collect();
        for (at, why) in &survey.unread {
            let (_, number, _) = at.to_numbers();
            let is_key = matches!(at, BlobKey::Key { .. });
            if *at == BlobKey::Meta || is_there(number) {
                continue;
            }
            if is_key && !lost.contains(&number) {
                self.losses.add(at.place(), format!("{why}; it is lost with what it held"));
            }
            lost.insert(number);
        }
        lost.retain(|number| !is_there(*number));
        let Some(meta) = &survey.meta else { return };
        let missing = meta.keys.saturating_sub(keys.len() as u64);
        self.nameless.is_the_only_one = missing == 1 && lost.len() == 1;
        let unknown = missing.saturating_sub(lost.len() as u64);
        if unknown > 0 {
            let what = counted(unknown, "key is missing", "keys are missing");
            self.losses.add("meta", format!("{what}, and nothing else is left of it"));
        }
    }

    /// No number is given twice, not even one whose key is lost.
    fn give_numbers(
        &mut self,
        keys: &[ReadKey],
        survey: &Survey,
        leftovers: &BTreeMap<u64, Leftovers>,
    ) {
        let next = survey.meta.as_ref().map_or(0, |meta| meta.next_number);
        let numbers = keys.iter().map(|key| key.item.value.number());
        let numbers = numbers.chain(leftovers.keys().copied());
        let numbers = numbers.chain(survey.unread.iter().map(|(at, _)| at.to_numbers().1));
        let next = numbers.map(|number| number.saturating_add(1)).fold(next, u64::max);
        self.keyspace.set_next_number(next);
    }

    /// Makes a stream of segments and groups that have none.
    fn keep_leftovers(
        &mut self,
        number: u64,
        leftovers: Leftovers,
        taken: &BTreeSet<u64>,
        survey: &Survey,
    ) {
        let at = BlobKey::Key { key: number };
        let mut own = number;
        let mut why = "no index names them".to_string();
        if taken.contains(&number) {
            own = self.keyspace.next_number();
            self.keyspace.set_next_number(own.saturating_add(1));
        } else {
            let key = survey.why(at).unwrap_or("it is missing");
            why = format!(
                "{key}; its name, its counters, what its producers sent (idempotent IDs) and when it expires are lost"
            );
        }
        let Leftovers { mut segments, groups } = leftovers;
        segments.sort_unstable_by_key(|read| read.segment.first);
        let mut kept: Vec<ReadSegment> = Vec::new();
        for read in segments {
            if kept.last().is_some_and(|before| before.segment.last >= read.segment.first) {
                let entries = counted(read.segment.live, "entry", "entries");
                let what = format!("its IDs are those of another segment; {entries} lost");
                self.losses.add(read.segment.at().place(), what);
            } else {
                kept.push(read);
            }
        }
        let deleted = kept.iter().map(|read| read.deleted).sum();
        let max_deleted = kept.iter().map(|read| read.max_deleted).fold(EntryId::MIN, EntryId::max);
        for (read, segment) in kept.iter().zip(0..) {
            self.origins.0.insert(BlobKey::Segment { stream: own, segment }, read.segment.at());
        }
        let segments = kept.into_iter().map(|read| read.segment).collect();
        let mut stream = Stream::of_segments(own, default_memory(), segments);
        for read in groups {
            if !stream.adopt_group(&read.name, read.group) {
                self.losses.add(at.place(), "one of its groups is there twice");
            }
        }
        stream.count_anew(deleted, max_deleted);
        self.nameless.streams.push(Nameless { stream, number, why });
    }
}

impl ReadKey {
    fn name(&self) -> String {
        name_of(Key { db: self.db, name: &self.name })
    }

    fn stream_mut(&mut self) -> Option<&mut Stream> {
        match &mut self.item.value {
            Value::Stream(stream) => Some(stream),
            Value::Plain(_) => None,
        }
    }
}

/// The streams among the keys, and which of them they are.
fn streams_of(keys: &[ReadKey]) -> impl Iterator<Item = (usize, &Stream)> {
    keys.iter().enumerate().filter_map(|(at, key)| Some((at, key.item.stream()?)))
}

/// What a stream remembers of its producers if nobody says otherwise.
pub(super) fn default_memory() -> Memory {
    let Limits { idmp_duration_s, idmp_max_ids, .. } = Limits::default();
    Memory { duration_s: idmp_duration_s, max_ids: idmp_max_ids }
}

/// A stream as a key holds it.
pub(super) fn item_of(stream: Stream) -> Item {
    Item { value: Value::Stream(Box::new(stream)), expires_ms: None }
}
