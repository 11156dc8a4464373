//! The pending entries lists of the groups that can be read, from the pages that can be read.

use super::assembly::Assembly;
use super::counted;
use super::survey::{ReadGroup, ReadPage, Survey};
use crate::blob::BlobKey;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

impl Assembly {
    /// First what lies where the index of a group says, then what lies elsewhere; what is left of an
    /// index is lost, and what is left of the pages belongs to groups that are lost.
    pub(super) fn place_pages(&mut self, survey: &mut Survey) {
        let mut found = core::mem::take(&mut survey.pages);
        let mut groups = core::mem::take(&mut survey.groups);
        let mut kept: Vec<BTreeMap<BlobKey, ReadPage>> = Vec::new();
        for read in &groups {
            let own = read.group.stored_pages().filter(|(at, line)| {
                let found = found.get(at);
                found.is_some_and(|page| line.describes(&page.page) && fits(read, page))
            });
            let own: Vec<BlobKey> = own.map(|(at, _)| at).collect();
            kept.push(own.iter().filter_map(|at| found.remove_entry(at)).collect());
        }
        for (read, kept) in groups.iter_mut().zip(&mut kept) {
            let is_whole = self.find_pages(read, kept, &mut found, survey);
            let was_right = read.group.count_records(kept.values().map(|page| &page.tally));
            if !was_right && is_whole {
                let at = BlobKey::Group { stream: read.stream, group: read.group.number };
                self.losses.add(at.place(), "what its consumers have was counted wrong");
            }
        }
        for at in found.into_keys() {
            self.losses.add(at.place(), "no group that can be read has it; it is lost");
        }
        survey.groups = groups;
    }

    /// Looks elsewhere for the pages of a group that are not in their place. Returns whether there
    /// are all.
    fn find_pages(
        &mut self,
        read: &mut ReadGroup,
        kept: &mut BTreeMap<BlobKey, ReadPage>,
        found: &mut BTreeMap<BlobKey, ReadPage>,
        survey: &Survey,
    ) -> bool {
        let mut is_whole = true;
        let missing =
            read.group.stored_pages().map(|(at, _)| at).filter(|at| !kept.contains_key(at));
        for at in missing.collect::<Vec<_>>() {
            let line = read.group.stored_pages().find(|(own, _)| *own == at);
            let elsewhere = line.and_then(|(_, line)| {
                let mut found = found.iter();
                found.find(|(_, page)| line.describes(&page.page) && fits(read, page))
            });
            if let Some(from) = elsewhere.map(|(from, _)| *from) {
                kept.extend(found.remove(&from).map(|page| (at, page)));
                self.origins.0.insert(at, from);
                self.losses.put_back(at, from);
                continue;
            }
            let Some(lost) = read.group.lose_page(at) else { continue };
            let other = found.contains_key(&at);
            let other = other.then_some("it is not the one that its index describes");
            let why = survey.why(at).or(other).unwrap_or("it is missing");
            let (first, last, count) = lost.range();
            let records = counted(count, "pending entry", "pending entries");
            let place = format!("{} (group {})", at.place(), named(read));
            self.losses.add(place, format!("{why}; {records} from {first} to {last} lost"));
            is_whole = false;
        }
        is_whole
    }
}

fn fits(read: &ReadGroup, page: &ReadPage) -> bool {
    read.group.can_have(&page.tally)
}

fn named(read: &ReadGroup) -> String {
    format!("{:?}", String::from_utf8_lossy(&read.name))
}
