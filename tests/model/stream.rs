//! A stream as a plain list of entries. Macro nodes are only a number on each entry and a tally per
//! node, because `~` goes by them (§5, §14).

use super::args::{Answer, Id, MIN_ID, Refs, Threshold, Trimming, id_text};
use super::group::Group;
use crate::resp::Reply;
use std::collections::BTreeMap;

#[derive(Clone)]
pub(super) struct Entry {
    pub(super) id: Id,
    /// Field, value, field, value.
    pub(super) fields: Vec<Vec<u8>>,
    node: u64,
}

/// What a macro node amounts to; the entries name it by its number.
#[derive(Clone)]
struct Node {
    number: u64,
    first: Id,
    last: Id,
    names: Vec<Vec<u8>>,
    live: u64,
    deleted: u64,
    /// Listpack bytes of its entries, live and deleted, without the head.
    entry_bytes: u64,
}

/// When a macro node is full.
#[derive(Clone, Copy)]
pub(super) struct NodeLimits {
    pub(super) entries: u64,
    pub(super) bytes: u64,
}

#[derive(Clone, Default)]
pub(super) struct Stream {
    pub(super) entries: Vec<Entry>,
    nodes: Vec<Node>,
    next_node: u64,
    pub(super) last: Id,
    pub(super) added: u64,
    pub(super) max_deleted: Id,
    pub(super) groups: BTreeMap<Vec<u8>, Group>,
    pub(super) production: super::produce::Production,
}

impl Stream {
    pub(super) fn len(&self) -> u64 {
        self.entries.len() as u64
    }

    pub(super) fn first(&self) -> Id {
        self.entries.first().map_or(MIN_ID, |e| e.id)
    }

    pub(super) fn get(&self, id: Id) -> Option<&Entry> {
        self.entries.iter().find(|e| e.id == id)
    }

    pub(super) fn after(&self, id: Id) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |e| e.id > id)
    }

    pub(super) fn node_count(&self) -> i64 {
        self.nodes.len() as i64
    }

    pub(super) fn append(&mut self, id: Id, fields: &[Vec<u8>], limits: NodeLimits) {
        let names: Vec<Vec<u8>> = fields.iter().step_by(2).cloned().collect();
        let raw: u64 = fields.iter().map(|f| f.len() as u64).sum();
        let full = self.nodes.last().is_none_or(|node| {
            limits.bytes != 0 && node.bytes() + raw >= limits.bytes
                || limits.entries != 0 && node.live + node.deleted >= limits.entries
        });
        if full {
            let number = self.next_node;
            self.next_node += 1;
            let (first, last) = (id, id);
            self.nodes.push(Node {
                number,
                first,
                last,
                names: names.clone(),
                live: 0,
                deleted: 0,
                entry_bytes: 0,
            });
        }
        let node = self.nodes.last_mut().expect("one was pushed if there was none");
        node.entry_bytes += entry_bytes(node.first, &node.names, id, &names, fields);
        node.live += 1;
        node.last = id;
        self.entries.push(Entry { id, fields: fields.to_vec(), node: node.number });
        self.added += 1;
        self.last = id;
    }

    /// Removes an entry; `true` if it was there. Leaves every counter but the length alone.
    pub(super) fn remove(&mut self, id: Id) -> bool {
        let Some(at) = self.entries.iter().position(|e| e.id == id) else {
            return false;
        };
        let entry = self.entries.remove(at);
        let node = self
            .nodes
            .iter()
            .position(|n| n.number == entry.node)
            .expect("an entry's node is there while the entry is");
        self.nodes[node].live -= 1;
        self.nodes[node].deleted += 1;
        if self.nodes[node].live == 0 {
            self.nodes.remove(node);
        }
        true
    }

    /// Removes an entry as XDEL does.
    pub(super) fn delete(&mut self, id: Id) -> bool {
        let there = self.remove(id);
        if there {
            self.max_deleted = self.max_deleted.max(id);
        }
        there
    }

    /// Strips every reference to an ID from all groups.
    pub(super) fn strip(&mut self, id: Id) {
        for group in self.groups.values_mut() {
            group.pending.remove(&id);
        }
    }

    /// Whether a consumer may still have to do with the ID (§9).
    pub(super) fn referenced(&self, id: Id) -> bool {
        let smallest = self.groups.values().map(|g| g.last).min();
        smallest.is_some_and(|last| id > last)
            || self.groups.values().any(|g| g.pending.contains_key(&id))
    }

    /// Trims; gives how many entries went (§5).
    pub(super) fn trim(&mut self, trimming: &Trimming, limits: NodeLimits) -> u64 {
        let Some(threshold) = trimming.threshold else {
            return 0;
        };
        let refs = trimming.refs.unwrap_or(Refs::Keep);
        if trimming.approximate {
            let limit = match trimming.limit {
                Some(n) => n as u64,
                None if limits.entries == 0 => 10_000,
                None => (100 * limits.entries).min(1_000_000),
            };
            self.trim_nodes(threshold, refs, limit)
        } else {
            self.trim_nodes_exactly(threshold, refs)
        }
    }

    fn satisfied(&self, threshold: Threshold, candidate: Id) -> bool {
        match threshold {
            Threshold::MaxLen(n) => self.len() <= n,
            Threshold::MinId(id) => candidate >= id,
        }
    }

    fn trim_entries(
        &mut self,
        threshold: Threshold,
        refs: Refs,
        within: impl Fn(&Entry) -> bool,
    ) -> u64 {
        let candidates: Vec<Id> = self.entries.iter().filter(|e| within(e)).map(|e| e.id).collect();
        let mut removed = 0;
        for id in candidates {
            if self.satisfied(threshold, id) {
                break;
            }
            if refs == Refs::OnlyAcked && self.referenced(id) {
                continue;
            }
            if refs == Refs::Delete {
                self.strip(id);
            }
            self.remove(id);
            removed += 1;
        }
        removed
    }

    /// The first node that is not to go whole is the last one that is looked at.
    fn trim_nodes_exactly(&mut self, threshold: Threshold, refs: Refs) -> u64 {
        let mut removed = 0;
        for node in self.nodes.clone() {
            let whole = self.goes_whole(threshold, &node);
            removed += self.trim_entries(threshold, refs, |e| e.node == node.number);
            if !whole {
                break;
            }
        }
        removed
    }

    fn goes_whole(&self, threshold: Threshold, node: &Node) -> bool {
        match threshold {
            Threshold::MaxLen(n) => self.len() >= n.saturating_add(node.live),
            Threshold::MinId(id) => node.last < id,
        }
    }

    fn trim_nodes(&mut self, threshold: Threshold, refs: Refs, limit: u64) -> u64 {
        let mut removed = 0;
        for node in self.nodes.clone() {
            if matches!(threshold, Threshold::MaxLen(n) if self.len() <= n) {
                break;
            }
            if limit != 0 && removed + node.live > limit {
                break;
            }
            let whole = self.goes_whole(threshold, &node);
            if !whole && refs == Refs::Keep {
                break;
            }
            removed += self.trim_entries(threshold, refs, |e| e.node == node.number);
            if !whole {
                break;
            }
        }
        removed
    }
}

impl Node {
    fn bytes(&self) -> u64 {
        let head = [self.live, self.deleted, self.names.len() as u64];
        6 + head.iter().map(|n| element_int(*n as i64)).sum::<u64>()
            + self.names.iter().map(|n| element(n)).sum::<u64>()
            + element_int(0)
            + self.entry_bytes
            + 1
    }
}

/// Listpack bytes of one entry in a node whose first ID and field names are given (§14).
fn entry_bytes(
    first: Id,
    node_names: &[Vec<u8>],
    id: Id,
    names: &[Vec<u8>],
    fields: &[Vec<u8>],
) -> u64 {
    let deltas = element_int(id.0.wrapping_sub(first.0) as i64)
        + element_int(id.1.wrapping_sub(first.1) as i64);
    let count = names.len() as i64;
    let flags = element_int(0);
    if names == node_names {
        let values: u64 = fields.iter().skip(1).step_by(2).map(|v| element(v)).sum();
        flags + deltas + values + element_int(count + 3)
    } else {
        let words: u64 = fields.iter().map(|w| element(w)).sum();
        flags + deltas + element_int(count) + words + element_int(2 * count + 4)
    }
}

/// Bytes of a string in a listpack; one that is written like a number is stored as one.
fn element(text: &[u8]) -> u64 {
    if let Some(n) = super::args::parse_int(text) {
        return element_int(n);
    }
    let len = text.len() as u64;
    with_back_length(match len {
        0..64 => 1 + len,
        64..4096 => 2 + len,
        _ => 5 + len,
    })
}

fn element_int(n: i64) -> u64 {
    with_back_length(match n {
        0..=127 => 1,
        -4096..=4095 => 2,
        -32768..=32767 => 3,
        -8_388_608..=8_388_607 => 4,
        -2_147_483_648..=2_147_483_647 => 5,
        _ => 9,
    })
}

fn with_back_length(len: u64) -> u64 {
    len + match len {
        0..=127 => 1,
        128..=16_382 => 2,
        16_383..=2_097_150 => 3,
        2_097_151..=268_435_454 => 4,
        _ => 5,
    }
}

pub(super) fn fields_reply(entry: &Entry) -> Reply {
    Reply::Array(entry.fields.iter().map(Reply::bulk).collect())
}

pub(super) fn entry_reply(entry: &Entry) -> Reply {
    Reply::Array(vec![id_text(entry.id), fields_reply(entry)])
}

/// XRANGE and XREVRANGE after parsing.
pub(super) fn range(stream: &Stream, start: Id, end: Id, count: i64, reverse: bool) -> Answer {
    let mut found: Vec<Reply> =
        stream.entries.iter().filter(|e| e.id >= start && e.id <= end).map(entry_reply).collect();
    if reverse {
        found.reverse();
    }
    found.truncate(usize::try_from(count).unwrap_or(0));
    Ok(Reply::Array(found))
}
