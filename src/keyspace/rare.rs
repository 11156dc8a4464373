//! Changes that only seldom used commands, imports and the journal bring. Where a module is cut into
//! parts (`xtask`), those that have these commands and the one for storages have this.

use super::{Item, Keyspace, Misfit, Value};
use crate::op::{Change, Key, Op};
use crate::plain::Plain;
use crate::stream::Stream;
use crate::stream::bytes::{Damage, Reader};
use alloc::boxed::Box;

impl Keyspace {
    /// Makes a change that is rare ([`Change::is_rare`]).
    #[inline(never)]
    pub(super) fn apply_rare(&mut self, op: &Op<'_>) -> Result<(), Misfit> {
        match &op.change {
            Change::PutStream { bytes } => self.put_stream(op.key, bytes),
            Change::PutOutline { bytes } => self.put_outline(op.key, bytes),
            Change::ClearDatabase => self.clear_database(op.key.db),
            Change::SwapDatabases { with } => self.swap_databases(op.key.db, *with),
            Change::Put { plain } => self.put(op.key, plain),
            Change::Expire { at_ms } => self.expire(op.key, *at_ms),
            Change::Move { to } => self.move_key(op.key, *to),
            Change::Copy { to } => self.copy_key(op.key, *to),
            change => self.change_stream(op.key, |stream| apply_to_stream(stream, change)),
        }
    }

    fn put_stream(&mut self, key: Key<'_>, bytes: &[u8]) -> Result<(), Misfit> {
        let stream = Stream::decode_whole(self.next_number, bytes);
        let stream = stream.map_err(|damage| damage.problem)?;
        self.place(key, Item { value: Value::Stream(Box::new(stream)), expires_ms: None })?;
        self.next_number += 1;
        Ok(())
    }

    fn put_outline(&mut self, key: Key<'_>, bytes: &[u8]) -> Result<(), Misfit> {
        let mut reader = Reader::new(bytes);
        let stream = Stream::decode_outline(self.next_number, &mut reader);
        let stream = stream.and_then(|stream| reader.finish().map(|()| stream));
        let stream = stream.map_err(|damage| damage.problem)?;
        self.place(key, Item { value: Value::Stream(Box::new(stream)), expires_ms: None })?;
        self.next_number += 1;
        Ok(())
    }

    /// Sets what a key holds to a value that is no stream. The key keeps its expiry.
    fn put(&mut self, key: Key<'_>, plain: &Plain) -> Result<(), Misfit> {
        let number = self.next_number;
        let Some(item) = self.database_mut(key.db)?.get_mut(key.name) else {
            let plain = plain.clone().numbered(number);
            self.next_number += 1;
            return self.place(key, Item { value: Value::Plain(plain), expires_ms: None });
        };
        let Value::Plain(held) = &mut item.value else { return Err("a stream is in the way") };
        let before = held.bytes();
        held.replace(plain);
        self.plain_bytes = self.plain_bytes - before + plain.bytes();
        Ok(())
    }

    fn expire(&mut self, key: Key<'_>, at_ms: Option<u64>) -> Result<(), Misfit> {
        let database = self.database_mut(key.db)?;
        let number = database.number(key.name).ok_or("no such key")?;
        let item = database.at_mut(number).ok_or("no such key")?;
        let before_ms = core::mem::replace(&mut item.expires_ms, at_ms);
        item.value.mark_dirty();
        self.expiries.set(key.db, number, before_ms, at_ms);
        Ok(())
    }

    fn move_key(&mut self, from: Key<'_>, to: Key<'_>) -> Result<(), Misfit> {
        if self.database_mut(to.db)?.contains(to.name) {
            return Err("the key is taken");
        }
        let mut item = self.take(from)?;
        item.value.mark_dirty();
        self.place(to, item)
    }

    fn copy_key(&mut self, from: Key<'_>, to: Key<'_>) -> Result<(), Misfit> {
        let number = self.next_number;
        let item = self.database_mut(from.db)?.get(from.name).ok_or("no such key")?;
        let copy = Item { value: item.value.copied(number), expires_ms: item.expires_ms };
        self.place(to, copy)?;
        self.next_number += 1;
        Ok(())
    }

    fn clear_database(&mut self, db: u8) -> Result<(), Misfit> {
        let items = core::mem::take(self.database_mut(db)?);
        self.expiries.clear(db);
        for item in items.into_things() {
            self.count_out(&item.value);
            self.bury(item.value);
        }
        Ok(())
    }

    fn swap_databases(&mut self, one: u8, other: u8) -> Result<(), Misfit> {
        let (one, other) = (usize::from(one), usize::from(other));
        if one.max(other) >= self.databases.len() {
            return Err("no such database");
        }
        self.databases.swap(one, other);
        self.expiries.swap(one as u8, other as u8);
        self.places.swap(one as u8, other as u8);
        for db in [one, other] {
            self.databases[db].iter_mut().for_each(|(_, item)| item.value.mark_dirty());
        }
        Ok(())
    }
}

fn apply_to_stream(stream: &mut Stream, change: &Change<'_>) -> Result<(), Misfit> {
    match change {
        Change::PutSegment { bytes } => fits(stream.push_segment(&mut Reader::new(bytes))),
        Change::PutGroup { bytes } => fits(stream.put_group(&mut Reader::new(bytes))),
        Change::PutPage { group, bytes } => fits(stream.push_page(group, &mut Reader::new(bytes))),
        Change::SetCounters { last_id, entries_added, max_deleted } => {
            let set = stream.set_counters(*last_id, *entries_added, *max_deleted);
            if set { Ok(()) } else { Err("a last ID below the last entry") }
        }
        Change::SetMemory { memory } => {
            stream.producers_mut().set_memory(*memory);
            Ok(())
        }
        _ => unreachable!("a change that is not rare is made elsewhere"),
    }
}

fn fits(put: Result<(), Damage>) -> Result<(), Misfit> {
    put.map_err(|damage| damage.problem)
}
