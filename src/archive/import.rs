//! An import: the records of a file become changes to keys that nobody sees yet.

use super::reader::{Damage, Record, Records};
use super::{END, GROUP, KEY, PAGE, SEGMENT};
use crate::keyspace::{DATABASES, PLAIN, STAGING, STREAM};
use crate::op::{Change, Key};
use crate::plain::Plain;
use crate::seal;
use crate::stream::bytes::{self, Reader, put_varint};
use crate::stream::group_head;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A key that has come, or is coming, and where it is to go.
#[derive(Debug)]
pub(crate) struct Staged {
    /// Its name in the hidden database.
    name: Vec<u8>,
    db: u8,
    to: Box<[u8]>,
    pub(crate) expires_ms: Option<u64>,
}

impl Staged {
    pub(crate) fn key(&self) -> Key<'_> {
        Key { db: STAGING, name: &self.name }
    }

    pub(crate) fn target(&self) -> Key<'_> {
        Key { db: self.db, name: &self.to }
    }
}

/// What is still to come of the last key.
#[derive(Debug, Default)]
struct Rest {
    groups: u64,
    /// The last group, and how many pages of it.
    group: Vec<u8>,
    pages: u64,
    segments: u64,
}

/// A file that is being imported.
#[derive(Debug)]
pub(crate) struct Import {
    client: u64,
    /// Keys that are there already are replaced.
    pub(crate) replace: bool,
    /// The one key of the file gets this name, in this database.
    rename: Option<(u8, Box<[u8]>)>,
    records: Records,
    staged: Vec<Staged>,
    /// How many of those are of the archives before the present one.
    before: usize,
    rest: Rest,
}

impl Import {
    /// An import by a client. With `rename` the file has to hold one key.
    pub(crate) fn new(client: u64, replace: bool, rename: Option<(u8, Box<[u8]>)>) -> Self {
        let (staged, records, rest) = (Vec::new(), Records::new(), Rest::default());
        Self { client, replace, rename, records, staged, before: 0, rest }
    }

    /// Takes the file's next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.records.push(bytes);
    }

    /// The keys that have come, the last of them perhaps not whole.
    pub(crate) fn staged(&self) -> &[Staged] {
        &self.staged
    }

    /// The next record, if it has come; it stands where it may. With a key's record a key is staged.
    pub(crate) fn next(&mut self) -> Result<Option<Record>, Damage> {
        let Some(record) = self.records.next()? else { return Ok(None) };
        self.admit(&record).map_err(|damage| record.damage(damage))?;
        Ok(Some(record))
    }

    /// Tests that the file may end here.
    pub(crate) fn finish(&self) -> Result<(), Damage> {
        self.records.finish()
    }

    fn admit(&mut self, record: &Record) -> Result<(), bytes::Damage> {
        let mut reader = Reader::new(&record.payload);
        let damage = reader.damage("a record that does not belong here");
        let rest = &mut self.rest;
        let is_in_order = match record.kind {
            KEY | END => rest.groups + rest.pages + rest.segments == 0,
            GROUP => rest.pages == 0 && take(&mut rest.groups),
            PAGE => take(&mut rest.pages),
            SEGMENT => rest.groups + rest.pages == 0 && take(&mut rest.segments),
            _ => false,
        };
        if !is_in_order {
            return Err(damage);
        }
        match record.kind {
            KEY => self.stage(&mut reader)?,
            GROUP => {
                let (name, pages) = group_head(&mut reader)?;
                (rest.group, rest.pages) = (name.to_vec(), pages);
            }
            END => self.end(&mut reader)?,
            _ => {}
        }
        Ok(())
    }

    /// What a record changes of the last of the staged keys.
    pub(crate) fn change<'r>(&'r self, record: &'r Record) -> Result<Option<Change<'r>>, Damage> {
        let bytes = record.payload.as_slice();
        let body = || seal::open(bytes).map(|reader| &bytes[reader.offset()..]);
        let change = match record.kind {
            KEY => read_value(Reader::new(bytes), bytes),
            GROUP => Ok(Change::PutGroup { bytes }),
            PAGE => body().map(|bytes| Change::PutPage { group: &self.rest.group, bytes }),
            SEGMENT => body().map(|bytes| Change::PutSegment { bytes }),
            _ => return Ok(None),
        };
        change.map(Some).map_err(|damage| record.damage(damage))
    }

    fn stage(&mut self, reader: &mut Reader<'_>) -> Result<(), bytes::Damage> {
        let damage = reader.damage("no such database");
        let db = u8::try_from(reader.varint()?).ok().filter(|&db| db < DATABASES).ok_or(damage)?;
        let (name, expires_ms) = (reader.text()?, reader.option()?);
        if reader.byte()? == STREAM {
            self.rest.groups = reader.varint()?;
            self.rest.segments = reader.varint()?;
        }
        let (db, to) = match &self.rename {
            Some(_) if !self.staged.is_empty() => {
                return Err(reader.damage("a second key, where one was asked for"));
            }
            Some((db, to)) => (*db, to.clone()),
            None => (db, name.into()),
        };
        let mut name = Vec::new();
        put_varint(&mut name, self.client);
        name.push(db);
        name.extend_from_slice(&to);
        self.staged.push(Staged { name, db, to, expires_ms });
        Ok(())
    }

    fn end(&mut self, reader: &mut Reader<'_>) -> Result<(), bytes::Damage> {
        let damage = reader.damage("a key is missing");
        let keys = reader.varint()?;
        reader.finish()?;
        let found = self.staged.len() - self.before;
        self.before = self.staged.len();
        if keys == found as u64 { Ok(()) } else { Err(damage) }
    }
}

/// Takes one of what is still to come. Returns whether there was one.
fn take(left: &mut u64) -> bool {
    let rest = left.checked_sub(1);
    *left = rest.unwrap_or(*left);
    rest.is_some()
}

impl Record {
    /// Whether it begins a key.
    pub(crate) fn is_key(&self) -> bool {
        self.kind == KEY
    }

    /// It cannot be what it says.
    pub(crate) fn misfit(&self, problem: &'static str) -> Damage {
        self.damage(bytes::Damage { offset: 0, problem })
    }

    fn damage(&self, damage: bytes::Damage) -> Damage {
        Damage { offset: self.offset + damage.offset as u64, problem: damage.problem }
    }
}

fn read_value<'a>(mut reader: Reader<'a>, bytes: &'a [u8]) -> Result<Change<'a>, bytes::Damage> {
    reader.varint()?;
    reader.text()?;
    reader.option()?;
    let damage = reader.damage("no such type");
    match reader.byte()? {
        STREAM => {
            reader.varint()?;
            reader.varint()?;
            Ok(Change::PutOutline { bytes: &bytes[reader.offset()..] })
        }
        PLAIN => {
            let plain = Plain::decode(&mut reader)?;
            reader.finish()?;
            Ok(Change::Put { plain })
        }
        _ => Err(damage),
    }
}
