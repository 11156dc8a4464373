//! How a change takes effect on what one key holds.

use super::Misfit;
use crate::op::Change;
use crate::stream::{EntryId, Group, Producers, Stream};

pub(super) fn apply_to_stream(stream: &mut Stream, change: &Change<'_>) -> Result<(), Misfit> {
    match change {
        Change::CreateStream { .. }
        | Change::PutStream { .. }
        | Change::RemoveKey
        | Change::ClearDatabase
        | Change::SwapDatabases { .. }
        | Change::Put { .. }
        | Change::Expire { .. }
        | Change::Move { .. }
        | Change::Copy { .. } => Err("not a change within a stream"),
        Change::Append { id, fields, place } => {
            let fits = !fields.is_empty() && fields.len().is_multiple_of(2);
            let appended = fits && stream.append(*id, fields, *place);
            if appended { Ok(()) } else { Err("an entry that cannot be appended") }
        }
        Change::Trim { through } => {
            stream.trim(*through);
            Ok(())
        }
        Change::TrimEntries { ids } => delete(stream, ids),
        Change::Forget { ids } => {
            stream.groups.iter_mut().for_each(|(_, group)| group.acknowledge(ids));
            Ok(())
        }
        Change::Delete { ids } => {
            let greatest = ids.iter().copied().max().unwrap_or_default();
            stream.max_deleted = stream.max_deleted.max(greatest);
            delete(stream, ids)
        }
        Change::SetCounters { last_id, entries_added, max_deleted } => {
            let set = stream.set_counters(*last_id, *entries_added, *max_deleted);
            if set { Ok(()) } else { Err("a last ID below the last entry") }
        }
        Change::SetMemory { .. }
        | Change::Introduce { .. }
        | Change::Remember { .. }
        | Change::CountDuplicate
        | Change::Sweep { .. } => apply_to_producers(stream.producers_mut(), change),
        Change::CreateGroup { group, last_delivered, entries_read } => {
            let created = stream.create_group(group, *last_delivered, *entries_read);
            if created { Ok(()) } else { Err("the group is there already") }
        }
        Change::DestroyGroup { group } => {
            if stream.destroy_group(group) {
                Ok(())
            } else {
                Err("no such group")
            }
        }
        change => apply_to_group(stream, change),
    }
}

fn delete(stream: &mut Stream, ids: &[EntryId]) -> Result<(), Misfit> {
    let deleted = stream.delete(ids);
    if deleted == ids.len() as u64 { Ok(()) } else { Err("no such entry") }
}

fn apply_to_producers(producers: &mut Producers, change: &Change<'_>) -> Result<(), Misfit> {
    match change {
        Change::SetMemory { memory } => producers.set_memory(*memory),
        Change::Introduce { producer } => producers.introduce(producer),
        Change::CountDuplicate => producers.duplicates += 1,
        Change::Sweep { now_ms } => producers.sweep(*now_ms),
        Change::Remember { producer, iid, id } => {
            if !producers.remember(producer, iid.as_bytes(), *id) {
                return Err("an idempotent ID that is taken");
            }
        }
        _ => return Err("not a change of what is remembered of producers"),
    }
    Ok(())
}

fn group_mut<'s>(stream: &'s mut Stream, name: &[u8]) -> Result<&'s mut Group, Misfit> {
    stream.groups.get_mut(name).ok_or("no such group")
}

fn apply_to_group(stream: &mut Stream, change: &Change<'_>) -> Result<(), Misfit> {
    let known = match change {
        Change::MoveGroup { group: name, last_delivered, entries_read } => {
            let group = group_mut(stream, name)?;
            (group.last_delivered, group.entries_read) = (*last_delivered, *entries_read);
            group.dirty = true;
            true
        }
        Change::CreateConsumer { group: name, consumer, seen_ms } => {
            group_mut(stream, name)?.create_consumer(consumer, *seen_ms)
        }
        Change::DeleteConsumer { group: name, consumer } => {
            group_mut(stream, name)?.delete_consumer(consumer)
        }
        Change::See { group: name, consumer, at_ms } => {
            group_mut(stream, name)?.see(consumer, *at_ms)
        }
        Change::Deliver { group: name, consumer, delivered_ms, active_ms, records } => {
            let group = group_mut(stream, name)?;
            let active = active_ms.is_none_or(|at_ms| group.set_active(consumer, at_ms));
            active && group.deliver(consumer, *delivered_ms, records)
        }
        Change::Release { group: name, records } => {
            group_mut(stream, name)?.release(records);
            true
        }
        Change::Acknowledge { group: name, ids } => {
            group_mut(stream, name)?.acknowledge(ids);
            true
        }
        _ => return Err("not a change within a group"),
    };
    if known { Ok(()) } else { Err("no such consumer") }
}
