//! What a client may do, in the words of Redis' ACL rules.
//!
//! A host that knows its clients by tokens says with them what each may do. There are no users: the
//! rules are a client's own, for as long as it lasts.

use super::args::quoted;
use super::specs::flags::{ADMIN, BLOCKING, PUBSUB, READONLY, WRITE};
use super::specs::{Spec, by_name, look_up, positions_of_keys};
use crate::error::{CommandError, Refusal};
use crate::glob;
use crate::limits::Limits;
use crate::wire::{self, Request};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Which commands, keys and channels a client may use.
///
/// The rules are those of Redis' `ACL SETUSER`, read from left to right on nothing allowed:
///
/// | rule | |
/// |---|---|
/// | `+name` `-name` | a command, or a subcommand as in `xgroup\|create` |
/// | `+@category` `-@category` | `all` `read` `write` `pubsub` `admin` `blocking` `connection` `transaction` |
/// | `~pattern`, `allkeys` | keys |
/// | `&pattern`, `allchannels` | channels; a pattern of PSUBSCRIBE must be one of these itself |
///
/// Stricter than Redis: what concerns all keys or channels (KEYS, SCAN, FLUSHALL, PUBSUB CHANNELS
/// and the like) needs all of them.
///
/// ```
/// use eddyline::Permissions;
/// let rules: [&[u8]; 4] = [b"+@read", b"+xadd", b"~orders:*", b"-xinfo"];
/// let permissions = Permissions::parse(&rules).unwrap();
/// assert!(permissions.test(&[b"XADD", b"orders:eu", b"*", b"item", b"tea"]).is_ok());
/// assert!(permissions.test(&[b"XADD", b"users", b"*", b"name", b"Ada"]).is_err());
/// assert!(permissions.test(&[b"XACK", b"orders:eu", b"billing", b"1-1"]).is_err());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    /// In the order in which they were said: the last one that fits a command holds for it.
    commands: Vec<(Which, bool)>,
    keys: Vec<Box<[u8]>>,
    channels: Vec<Box<[u8]>>,
}

/// Whom a rule about commands means.
#[derive(Clone, Copy, Debug)]
enum Which {
    All,
    Flag(u16),
    /// Any of these, subcommands included.
    Named(&'static [&'static str]),
    /// This one, its subcommands included.
    One(&'static str),
}

/// Redis' categories of commands that do not follow from a flag.
const CONNECTION: &[&str] =
    &["auth", "client", "command", "echo", "hello", "ping", "quit", "reset", "select", "time"];
const TRANSACTION: &[&str] = &["discard", "exec", "multi", "unwatch", "watch"];

/// What concerns all keys, or all channels, and names none.
const OF_ALL_KEYS: &[&str] = &["dbsize", "flushall", "flushdb", "keys", "scan", "swapdb"];
/// What concerns all keys unless it names some.
const OF_NAMED: &[&str] = &["eddyline"];
const OF_ALL_CHANNELS: &[&str] = &["pubsub"];

impl Permissions {
    /// Reads rules.
    ///
    /// # Errors
    /// A word that is no rule, or names no command or category.
    pub fn parse(rules: &[&[u8]]) -> Result<Self, Refusal> {
        let mut permissions = Self::default();
        for rule in rules {
            permissions.add(rule).ok_or_else(|| CommandError::UnknownRule(quoted(rule)))?;
        }
        Ok(permissions)
    }

    /// Reads rules that are the words of one request in RESP.
    ///
    /// # Errors
    /// As [`Permissions::parse`], and for bytes that are no request.
    #[inline(never)]
    pub fn parse_request(bytes: &[u8]) -> Result<Self, Refusal> {
        match wire::decode(bytes, &Limits::default(), true, Vec::new()) {
            Ok(Request::Array { arguments, used_bytes }) if used_bytes == bytes.len() => {
                Self::parse(&arguments)
            }
            _ => Err(CommandError::Syntax.into()),
        }
    }

    fn add(&mut self, rule: &[u8]) -> Option<()> {
        match rule.split_first()? {
            (b'+', which) => self.commands.push((Which::parse(which)?, true)),
            (b'-', which) => self.commands.push((Which::parse(which)?, false)),
            (b'~', pattern) => self.keys.push(pattern.into()),
            (b'&', pattern) => self.channels.push(pattern.into()),
            _ if rule.eq_ignore_ascii_case(b"allkeys") => self.keys.push(b"*".as_slice().into()),
            _ if rule.eq_ignore_ascii_case(b"allchannels") => {
                self.channels.push(b"*".as_slice().into());
            }
            _ => return None,
        }
        Some(())
    }

    /// Whether a request may be run. A request that cannot be understood may: it will be refused for
    /// what it is.
    ///
    /// # Errors
    /// `NOPERM`, with what it may not.
    pub fn test(&self, argv: &[&[u8]]) -> Result<(), Refusal> {
        let Some(found) = look_up(argv) else { return Ok(()) };
        self.admit(found.spec, argv)
    }

    #[inline(never)]
    pub(crate) fn admit(&self, spec: &'static Spec, argv: &[&[u8]]) -> Result<(), Refusal> {
        let rule = self.commands.iter().rev().find(|(which, _)| which.fits(spec));
        if !rule.is_some_and(|(_, allowed)| *allowed) {
            return Err(CommandError::ForbiddenCommand { command: spec.name }.into());
        }
        let keys = positions_of_keys(argv).unwrap_or_default();
        let means_all =
            is_among(OF_ALL_KEYS, spec) || (is_among(OF_NAMED, spec) && keys.is_empty());
        let may_have_keys = match means_all {
            true => is_all(&self.keys),
            false => keys.iter().all(|at| argv.get(*at).is_none_or(|key| is_like(&self.keys, key))),
        };
        if !may_have_keys {
            return Err(CommandError::ForbiddenKey.into());
        }
        if self.may_use_channels(spec, argv) {
            Ok(())
        } else {
            Err(CommandError::ForbiddenChannel.into())
        }
    }

    fn may_use_channels(&self, spec: &Spec, argv: &[&[u8]]) -> bool {
        let names = argv.get(1..).unwrap_or_default();
        match spec.name {
            "publish" => names.first().is_none_or(|channel| is_like(&self.channels, channel)),
            "subscribe" => names.iter().all(|channel| is_like(&self.channels, channel)),
            "psubscribe" => names.iter().all(|pattern| {
                is_all(&self.channels) || self.channels.iter().any(|known| **known == **pattern)
            }),
            _ => !is_among(OF_ALL_CHANNELS, spec) || is_all(&self.channels),
        }
    }
}

impl Which {
    fn parse(word: &[u8]) -> Option<Self> {
        let Some((b'@', category)) = word.split_first() else {
            return by_name(word).map(|spec| Self::One(spec.name));
        };
        Some(match category.to_ascii_lowercase().as_slice() {
            b"all" => Self::All,
            b"read" => Self::Flag(READONLY),
            b"write" => Self::Flag(WRITE),
            b"pubsub" => Self::Flag(PUBSUB),
            b"admin" => Self::Flag(ADMIN),
            b"blocking" => Self::Flag(BLOCKING),
            b"connection" => Self::Named(CONNECTION),
            b"transaction" => Self::Named(TRANSACTION),
            _ => return None,
        })
    }

    fn fits(self, spec: &Spec) -> bool {
        match self {
            Self::All => true,
            Self::Flag(flag) => spec.has(flag),
            Self::Named(names) => is_among(names, spec) && !spec.has(ADMIN),
            Self::One(name) => spec.name == name || container_of(spec) == name,
        }
    }
}

/// Whether a command, or the container it belongs to, is among these.
fn is_among(names: &[&str], spec: &Spec) -> bool {
    names.contains(&container_of(spec))
}

/// A subcommand's container; another command's own name.
fn container_of(spec: &Spec) -> &'static str {
    spec.name.split('|').next().unwrap_or(spec.name)
}

fn is_all(patterns: &[Box<[u8]>]) -> bool {
    patterns.iter().any(|pattern| **pattern == *b"*")
}

fn is_like(patterns: &[Box<[u8]>], name: &[u8]) -> bool {
    patterns.iter().any(|pattern| glob::matches(pattern, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

    fn words(line: &str) -> Vec<&[u8]> {
        line.split(' ').map(str::as_bytes).collect()
    }

    /// What a client with these rules is told of a request; nothing when it may run.
    fn told(rules: &str, line: &str) -> String {
        let permissions = Permissions::parse(&words(rules)).expect("these are rules");
        permissions.test(&words(line)).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn the_last_rule_that_fits_holds() {
        let no_xadd = "NOPERM User default has no permissions to run the 'xadd' command";
        assert_eq!(told("~* -@all", "XADD s * f v"), no_xadd);
        assert_eq!(told("~*", "XADD s * f v"), no_xadd);
        assert_eq!(told("~* +@all -xadd", "XADD s * f v"), no_xadd);
        assert_eq!(told("~* +@read", "XADD s * f v"), no_xadd);
        assert_eq!(told("~* -xadd +@write", "XADD s * f v"), "");
        assert_eq!(told("~* +@all -xgroup +xgroup|create", "XGROUP CREATE s g 0"), "");
        assert_ne!(told("~* +@all -xgroup +xgroup|create", "XGROUP DESTROY s g"), "");
        assert_ne!(told("~* +@connection", "CLIENT KILL ID 1"), "");
        assert_eq!(told("~* +@connection", "CLIENT SETNAME me"), "");
    }

    #[test]
    fn every_key_must_be_allowed() {
        let refused = "NOPERM No permissions to access a key";
        assert_eq!(told("+@all ~a:* ~b", "XREAD STREAMS a:1 b 0 0"), "");
        assert_eq!(told("+@all ~a:* ~b", "XREAD STREAMS a:1 c 0 0"), refused);
        assert_eq!(told("+@all ~a:*", "XREADGROUP GROUP g c STREAMS b >"), refused);
        assert_eq!(told("+@all ~a:*", "RENAME a:1 b"), refused);
        assert_eq!(told("+@all ~a:*", "WATCH b"), refused);
        for line in
            ["KEYS a:*", "EDDYLINE READ", "SCAN 0", "DBSIZE", "FLUSHALL", "FLUSHDB", "SWAPDB 0 1"]
        {
            assert_eq!(told("+@all ~a:*", line), refused, "{line}");
            assert_eq!(told("+@all allkeys", line), "", "{line}");
        }
        for line in ["EDDYLINE EXPORT", "EDDYLINE IMPORT REPLACE", "EDDYLINE EXPORT a:1 b"] {
            assert_eq!(told("+@all ~a:*", line), refused, "{line}");
        }
        assert_eq!(told("+@all ~a:*", "EDDYLINE RECEIVE a:1 REPLACE"), "");
        assert_eq!(told("+@all", "PING"), "");
    }

    #[test]
    fn every_channel_must_be_allowed() {
        let refused = "NOPERM No permissions to access a channel";
        assert_eq!(told("+@all &news:*", "PUBLISH news:1 x"), "");
        assert_eq!(told("+@all &news:*", "SUBSCRIBE news:1 other"), refused);
        assert_eq!(told("+@all &news:*", "PSUBSCRIBE news:*"), "");
        assert_eq!(told("+@all &news:*", "PSUBSCRIBE news:1*"), refused);
        assert_eq!(told("+@all &news:*", "PUBSUB CHANNELS"), refused);
        assert_eq!(told("+@all allchannels", "PSUBSCRIBE x*"), "");
    }

    #[test]
    fn rules_that_mean_nothing_are_refused() {
        for rule in ["", "+nope", "+@nope", "orders", "-"] {
            assert!(Permissions::parse(&[rule.as_bytes()]).is_err(), "{rule}");
        }
    }
}
