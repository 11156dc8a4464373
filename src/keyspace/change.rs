//! How a change takes effect on what one key holds.

use super::Misfit;
use crate::op::Change;
use crate::stream::{EntryId, Producers, Stream};

pub(super) fn apply_to_stream(stream: &mut Stream, change: &Change<'_>) -> Result<(), Misfit> {
    match change {
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
            stream.forget(ids);
            Ok(())
        }
        Change::Delete { ids } => {
            let greatest = ids.iter().copied().max().unwrap_or_default();
            stream.max_deleted = stream.max_deleted.max(greatest);
            delete(stream, ids)
        }
        Change::Introduce { .. }
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

fn apply_to_group(stream: &mut Stream, change: &Change<'_>) -> Result<(), Misfit> {
    let known = match change {
        Change::MoveGroup { group, last_delivered, entries_read } => {
            stream.change_group(group, |group, _| {
                (group.last_delivered, group.entries_read) = (*last_delivered, *entries_read);
                group.dirty = true;
                true
            })
        }
        Change::CreateConsumer { group, consumer, seen_ms } => {
            stream.change_group(group, |group, _| group.create_consumer(consumer, *seen_ms))
        }
        Change::DeleteConsumer { group, consumer } => stream
            .change_group(group, |group, page_records| {
                group.delete_consumer(consumer, page_records)
            }),
        Change::See { group, consumer, at_ms } => {
            stream.change_group(group, |group, _| group.see(consumer, *at_ms))
        }
        Change::Deliver { group, consumer, delivered_ms, active_ms, records } => stream
            .change_group(group, |group, page_records| {
                let active = active_ms.is_none_or(|at_ms| group.set_active(consumer, at_ms));
                active && group.deliver(consumer, *delivered_ms, records, page_records)
            }),
        Change::Release { group, records } => stream.change_group(group, |group, page_records| {
            group.release(records, page_records);
            true
        }),
        Change::Acknowledge { group, ids } => stream.change_group(group, |group, page_records| {
            group.acknowledge(ids, page_records);
            true
        }),
        _ => return Err("not a change within a stream"),
    };
    match known {
        Some(true) => Ok(()),
        Some(false) => Err("no such consumer"),
        None => Err("no such group"),
    }
}
