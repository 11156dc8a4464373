//! SADD, SREM, SISMEMBER, SMEMBERS, SCARD: sets.

use super::{put, texts};
use crate::command::args::Args;
use crate::command::{Outcome, View};
use crate::error::CommandError;
use crate::named::Named;
use crate::plain::Kind;
use crate::reply::Reply;
use alloc::vec::Vec;

/// `SADD key member [member ...]`
#[derive(Debug)]
pub(crate) struct AddMembers<'a> {
    key: &'a [u8],
    members: &'a [&'a [u8]],
}

impl<'a> AddMembers<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        Ok(Self { key: args.next()?, members: args.rest() })
    }

    pub(crate) fn decide<'c: 'k, 'k>(
        &'c self,
        view: View<'k>,
    ) -> Result<Outcome<'c, 'k>, CommandError> {
        let mut texts = texts(view, self.key, Kind::Set)?;
        let mut known = Named::default();
        for text in &texts {
            known.insert(text, ());
        }
        let before = texts.len();
        texts.extend(self.members.iter().filter(|member| known.insert(member, ())));
        let added = texts.len() - before;
        if added == 0 {
            return Ok(Outcome::reply(Reply::Integer(0)));
        }
        put(view, self.key, Kind::Set, &texts, Reply::count(added as u64))
    }
}

/// `SREM key member [member ...]`
#[derive(Debug)]
pub(crate) struct RemoveMembers<'a> {
    key: &'a [u8],
    members: &'a [&'a [u8]],
}

impl<'a> RemoveMembers<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        Ok(Self { key: args.next()?, members: args.rest() })
    }

    pub(crate) fn decide<'c: 'k, 'k>(
        &'c self,
        view: View<'k>,
    ) -> Result<Outcome<'c, 'k>, CommandError> {
        let texts = texts(view, self.key, Kind::Set)?;
        let stays = |text: &&&[u8]| !self.members.contains(*text);
        let left: Vec<&[u8]> = texts.iter().filter(stays).copied().collect();
        let removed = texts.len() - left.len();
        if removed == 0 {
            return Ok(Outcome::reply(Reply::Integer(0)));
        }
        put(view, self.key, Kind::Set, &left, Reply::count(removed as u64))
    }
}

/// `SISMEMBER key member`
#[derive(Debug)]
pub(crate) struct IsMember<'a> {
    key: &'a [u8],
    member: &'a [u8],
}

impl<'a> IsMember<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        Ok(Self { key: args.next()?, member: args.next()? })
    }

    pub(crate) fn decide<'c: 'k, 'k>(
        &'c self,
        view: View<'k>,
    ) -> Result<Outcome<'c, 'k>, CommandError> {
        let is_member = texts(view, self.key, Kind::Set)?.contains(&self.member);
        Ok(Outcome::reply(Reply::Integer(i64::from(is_member))))
    }
}

/// `SMEMBERS key`
pub(crate) fn members<'c, 'k>(key: &[u8], view: View<'k>) -> Result<Outcome<'c, 'k>, CommandError> {
    let members = texts(view, key, Kind::Set)?.into_iter().map(Reply::text);
    Ok(Outcome::reply(Reply::Set(members.collect())))
}

/// `SCARD key`
pub(crate) fn count<'c, 'k>(key: &[u8], view: View<'k>) -> Result<Outcome<'c, 'k>, CommandError> {
    Ok(Outcome::reply(Reply::count(texts(view, key, Kind::Set)?.len() as u64)))
}
