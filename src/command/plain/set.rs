//! SADD, SREM, SISMEMBER, SMEMBERS, SCARD: sets.

use super::{put, texts};
use crate::command::args::Args;
use crate::command::{Outcome, View};
use crate::error::Refusal;
use crate::named::Named;
use crate::plain::Kind;
use crate::reply::Reply;
use alloc::vec::Vec;

/// `SADD key member [member ...]`, `SREM key member [member ...]`
#[derive(Debug)]
pub(crate) struct Members<'a> {
    key: &'a [u8],
    members: &'a [&'a [u8]],
}

impl<'a> Members<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()?, members: args.rest() })
    }

    pub(crate) fn add<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        let mut texts = texts(view, self.key, Kind::Set)?;
        let mut known = Named::default();
        for text in &texts {
            known.insert(text, ());
        }
        let before = texts.len();
        texts.extend(self.members.iter().filter(|member| known.insert(member, ())));
        self.put(view, &texts, texts.len() - before)
    }

    pub(crate) fn remove<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        let texts = texts(view, self.key, Kind::Set)?;
        let stays = |text: &&&[u8]| !self.members.contains(*text);
        let left: Vec<&[u8]> = texts.iter().filter(stays).copied().collect();
        self.put(view, &left, texts.len() - left.len())
    }

    fn put<'c: 'k, 'k>(
        &'c self,
        view: View<'k>,
        texts: &[&[u8]],
        changed: usize,
    ) -> Result<Outcome<'c, 'k>, Refusal> {
        if changed == 0 {
            return Ok(Outcome::reply(Reply::Integer(0)));
        }
        put(view, self.key, Kind::Set, texts, Reply::count(changed as u64))
    }
}

/// `SISMEMBER key member`
#[derive(Debug)]
pub(crate) struct IsMember<'a> {
    key: &'a [u8],
    member: &'a [u8],
}

impl<'a> IsMember<'a> {
    pub(crate) fn parse(args: &mut Args<'a>) -> Result<Self, Refusal> {
        Ok(Self { key: args.next()?, member: args.next()? })
    }

    pub(crate) fn decide<'c: 'k, 'k>(&'c self, view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
        let is_member = texts(view, self.key, Kind::Set)?.contains(&self.member);
        Ok(Outcome::reply(Reply::Integer(i64::from(is_member))))
    }
}

/// `SMEMBERS key`
pub(crate) fn members<'c, 'k>(key: &[u8], view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
    let members = texts(view, key, Kind::Set)?.into_iter().map(Reply::text);
    Ok(Outcome::reply(Reply::Set(members.collect())))
}

/// `SCARD key`
pub(crate) fn count<'c, 'k>(key: &[u8], view: View<'k>) -> Result<Outcome<'c, 'k>, Refusal> {
    Ok(Outcome::reply(Reply::count(texts(view, key, Kind::Set)?.len() as u64)))
}
