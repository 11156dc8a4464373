//! Which parts of a stream are in memory: segments and pages come from storage and go again.

use crate::stream::Stream;
use crate::stream::bytes::{Damage, Reader};

impl Stream {
    /// Puts the nodes of a segment in place, if it is there and not in memory. Returns its bytes.
    pub(crate) fn fill_segment(
        &mut self,
        number: u64,
        checksum: u32,
        body: &mut Reader<'_>,
    ) -> Result<usize, Damage> {
        let clock = self.clock.get();
        let Some(segment) = self.segment_mut(number) else { return Ok(0) };
        if segment.is_resident() {
            return Ok(0);
        }
        segment.fill(checksum, body)?;
        segment.touched.set(clock);
        let bytes = segment.bytes;
        self.resident_bytes += bytes;
        Ok(bytes)
    }

    /// Puts the records of a page in place, if it is there and not in memory. Returns its bytes.
    pub(crate) fn fill_page(
        &mut self,
        number: u64,
        checksum: u32,
        body: &mut Reader<'_>,
    ) -> Result<usize, Damage> {
        for (_, group) in self.groups.iter_mut() {
            let Some(at) = group.pel().page_numbered(number) else { continue };
            if group.pel().pages[at].is_resident() {
                return Ok(0);
            }
            let bytes = group.fill(at, checksum, body)?;
            group.join_page(at, self.page_records);
            self.resident_bytes += bytes;
            return Ok(bytes);
        }
        Ok(0)
    }

    /// Bytes of its segments and pages, in memory or not.
    pub(crate) fn bytes(&self) -> usize {
        let pages = self.groups.iter().flat_map(|(_, group)| &group.pel().pages);
        let segments = self.segments.iter().map(|segment| segment.bytes);
        segments.chain(pages.map(|page| page.bytes())).sum()
    }

    /// Gives the pages that are about to be written their numbers.
    pub(crate) fn number_pages(&mut self) {
        for (_, group) in self.groups.iter_mut().filter(|(_, group)| group.dirty) {
            self.dirty |= group.number_pages(&mut self.next_page);
        }
    }

    /// Tells of each segment and page that could leave memory when it was last touched, and its
    /// bytes.
    pub(crate) fn for_each_evictable(&self, now: u64, mut tell: impl FnMut(u64, usize)) {
        if self.resident_bytes == 0 {
            return;
        }
        for segment in &self.segments {
            if segment.is_resident() && !segment.dirty && segment.touched.get() < now {
                tell(segment.touched.get(), segment.bytes);
            }
        }
        for page in self.groups.iter().flat_map(|(_, group)| &group.pel().pages) {
            if page.is_resident() && !page.dirty && page.last_touched(now) < now {
                tell(page.touched.get(), page.bytes());
            }
        }
    }

    /// Evicts what was last touched at `until` or before, to about so many bytes. Returns how many
    /// there were.
    pub(crate) fn evict(&mut self, until: u64, bytes: usize) -> usize {
        let before = self.resident_bytes;
        let mut freed = 0;
        if before == 0 {
            return 0;
        }
        for segment in &mut self.segments {
            let idle = segment.is_resident() && !segment.dirty && segment.touched.get() <= until;
            if idle && freed < bytes {
                segment.evict();
                freed += segment.bytes;
            }
        }
        for (_, group) in self.groups.iter_mut() {
            for at in 0..group.pel().pages.len() {
                let page = &group.pel().pages[at];
                let idle = page.is_resident() && !page.dirty && page.touched.get() <= until;
                if idle && freed < bytes {
                    freed += group.evict(at);
                }
            }
        }
        self.resident_bytes = before - freed;
        freed
    }
}
