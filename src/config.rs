//! The parameters that CONFIG reads and sets.

use crate::error::{CommandError, Refusal};
use crate::glob;
use crate::integer;
use crate::limits::{DumpVersion, Limits};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// When a host makes a journal batch durable, Redis' `appendfsync`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AppendFsync {
    /// Before the replies of its turn are released.
    #[default]
    Always,
    /// Within a second.
    EverySecond,
    /// When the operating system likes.
    No,
}

const FSYNC_WORDS: [(AppendFsync, &str); 3] = [
    (AppendFsync::Always, "always"),
    (AppendFsync::EverySecond, "everysec"),
    (AppendFsync::No, "no"),
];

const DUMP_VERSION_WORDS: [(DumpVersion, &str); 4] = [
    (DumpVersion::Redis7_0, "7.0"),
    (DumpVersion::Redis7_2, "7.2"),
    (DumpVersion::Redis7_4, "7.4"),
    (DumpVersion::Redis8_8, "8.8"),
];

/// The parameters.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) limits: Limits,
    /// What a client has to say before it may do anything; empty: nothing.
    pub(crate) password: Vec<u8>,
    pub(crate) append_fsync: AppendFsync,
    /// Bytes of memory beyond which commands that take more are refused; 0: no bound.
    pub(crate) max_memory_bytes: u64,
    pub(crate) max_clients: u64,
    /// Why commands that write are refused, if they are: what is written could not be kept.
    pub(crate) write_refusal: Option<String>,
}

impl Config {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            password: Vec::new(),
            append_fsync: AppendFsync::default(),
            max_memory_bytes: 0,
            max_clients: 10_000,
            write_refusal: None,
        }
    }
}

/// What a parameter takes.
#[derive(Clone, Copy)]
enum Parameter {
    /// An integer from the first to the second.
    Integer(u64, u64, fn(&mut Config) -> Number<'_>),
    /// Bytes, with a unit if need be, from the first to the second.
    Bytes(u64, u64, fn(&mut Config) -> Number<'_>),
    AppendFsync,
    AppendOnly,
    DumpVersion,
    Password,
    /// One word, which stays.
    Fixed(&'static str),
    /// One word that may be set to itself.
    Only(&'static str),
}

/// A number of the configuration, in the type that its owner uses.
enum Number<'c> {
    Long(&'c mut u64),
    Size(&'c mut usize),
}

impl Number<'_> {
    fn get(&self) -> u64 {
        match self {
            Self::Long(number) => **number,
            Self::Size(number) => **number as u64,
        }
    }

    fn set(self, value: u64) {
        match self {
            Self::Long(number) => *number = value,
            Self::Size(number) => *number = value as usize,
        }
    }
}

/// The greatest number of Redis' own parameters.
const LONG_MAX: u64 = i64::MAX as u64;

/// Every parameter, ordered by name.
static PARAMETERS: [(&str, Parameter); 17] = [
    ("appendfsync", Parameter::AppendFsync),
    ("appendonly", Parameter::AppendOnly),
    ("databases", Parameter::Fixed("16")),
    ("dump-redis-version", Parameter::DumpVersion),
    (
        "maxclients",
        Parameter::Integer(1, u32::MAX as u64, |config| Number::Long(&mut config.max_clients)),
    ),
    (
        "maxmemory",
        Parameter::Bytes(0, 1 << 60, |config| Number::Long(&mut config.max_memory_bytes)),
    ),
    ("maxmemory-policy", Parameter::Only("noeviction")),
    ("notify-keyspace-events", Parameter::Only("")),
    (
        "proto-max-bulk-len",
        Parameter::Bytes(1 << 20, 1 << 31, |config| {
            Number::Size(&mut config.limits.argument_bytes)
        }),
    ),
    ("requirepass", Parameter::Password),
    ("save", Parameter::Only("")),
    (
        "stream-idmp-duration",
        Parameter::Integer(1, 86_400, |config| Number::Long(&mut config.limits.idmp_duration_s)),
    ),
    (
        "stream-idmp-maxsize",
        Parameter::Integer(1, 10_000, |config| Number::Long(&mut config.limits.idmp_max_ids)),
    ),
    (
        "stream-node-max-bytes",
        Parameter::Bytes(0, LONG_MAX, |config| Number::Long(&mut config.limits.node_max_bytes)),
    ),
    (
        "stream-node-max-entries",
        Parameter::Integer(0, LONG_MAX, |config| Number::Long(&mut config.limits.node_max_entries)),
    ),
    ("tcp-keepalive", Parameter::Only("300")),
    ("timeout", Parameter::Only("0")),
];

impl Config {
    /// Names and values of the parameters that are like one of the patterns.
    pub(crate) fn like(&self, patterns: &[&[u8]]) -> Vec<(&'static str, String)> {
        let lower = patterns.iter().map(|pattern| pattern.to_ascii_lowercase());
        let lower: Vec<Vec<u8>> = lower.collect();
        let wanted = |name: &str| lower.iter().any(|like| glob::matches(like, name.as_bytes()));
        let parameters = PARAMETERS.iter().filter(|(name, _)| wanted(name));
        parameters.map(|(name, parameter)| (*name, self.text(*parameter))).collect()
    }

    fn text(&self, parameter: Parameter) -> String {
        match parameter {
            Parameter::Integer(_, _, number) | Parameter::Bytes(_, _, number) => {
                number(&mut self.clone()).get().to_string()
            }
            Parameter::AppendFsync => word_of(&FSYNC_WORDS, self.append_fsync),
            Parameter::DumpVersion => word_of(&DUMP_VERSION_WORDS, self.limits.dump_version),
            Parameter::AppendOnly => (if self.limits.journaled { "yes" } else { "no" }).to_string(),
            Parameter::Password => String::from_utf8_lossy(&self.password).into_owned(),
            Parameter::Fixed(word) | Parameter::Only(word) => word.to_string(),
        }
    }

    /// The configuration with these parameters set, names and values in turn: all of them, or the
    /// error of the first that cannot be.
    pub(crate) fn with(&self, pairs: &[&[u8]]) -> Result<Self, Refusal> {
        let mut config = self.clone();
        let mut seen: Vec<&str> = Vec::new();
        for pair in pairs.chunks_exact(2) {
            let known = |name: &str| pair[0].eq_ignore_ascii_case(name.as_bytes());
            let Some((name, parameter)) = PARAMETERS.iter().find(|(name, _)| known(name)) else {
                let name = String::from_utf8_lossy(pair[0]).into_owned();
                return Err(CommandError::UnknownParameter { name }.into());
            };
            let refused = |reason| CommandError::ParameterRefused { name, reason };
            if seen.contains(name) {
                return Err(refused("duplicate parameter".into()).into());
            }
            seen.push(name);
            config.set(*parameter, pair[1]).map_err(refused)?;
        }
        Ok(config)
    }

    fn set(&mut self, parameter: Parameter, text: &[u8]) -> Result<(), String> {
        match parameter {
            Parameter::Integer(least, greatest, number) => {
                let value =
                    integer::parse(text).ok_or("argument couldn't be parsed into an integer")?;
                number(self).set(within(value as u64, value >= 0, least, greatest)?);
            }
            Parameter::Bytes(least, greatest, number) => {
                let value = bytes(text).ok_or("argument must be a memory value")?;
                number(self).set(within(value, true, least, greatest)?);
            }
            Parameter::AppendFsync => {
                let wrong = "argument(s) must be one of the following: everysec, always, no";
                self.append_fsync = value_of(&FSYNC_WORDS, text).ok_or(wrong)?;
            }
            Parameter::DumpVersion => {
                let wrong = "argument(s) must be one of the following: 7.0, 7.2, 7.4, 8.8";
                self.limits.dump_version = value_of(&DUMP_VERSION_WORDS, text).ok_or(wrong)?;
            }
            Parameter::AppendOnly => {
                let same = text.eq_ignore_ascii_case(self.text(parameter).as_bytes());
                return if same {
                    Ok(())
                } else {
                    Err("it is the host that has storage or not".into())
                };
            }
            Parameter::Password => self.password = text.to_vec(),
            Parameter::Fixed(_) => return Err("can't set immutable config".into()),
            Parameter::Only(word) if text == word.as_bytes() => {}
            Parameter::Only(word) => return Err(String::from("the only value is '") + word + "'"),
        }
        Ok(())
    }
}

/// The word for a value.
fn word_of<T: PartialEq>(words: &[(T, &str)], value: T) -> String {
    let word = words.iter().find(|(it, _)| *it == value);
    word.map_or("", |(_, word)| word).to_string()
}

/// The value of a word, in any case.
fn value_of<T: Copy>(words: &[(T, &str)], text: &[u8]) -> Option<T> {
    let word = words.iter().find(|(_, word)| text.eq_ignore_ascii_case(word.as_bytes()));
    word.map(|(value, _)| *value)
}

fn within(value: u64, positive: bool, least: u64, greatest: u64) -> Result<u64, String> {
    if positive && (least..=greatest).contains(&value) {
        return Ok(value);
    }
    let (least, greatest) = (least.to_string(), greatest.to_string());
    Err(String::from("argument must be between ") + &least + " and " + &greatest + " inclusive")
}

/// A number of bytes, as `100`, `100k` (1000), `100kb` (1024), `2mb`, `1gb`.
fn bytes(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = u64::try_from(integer::parse(&text[..digits])?).ok()?;
    const UNITS: [(&str, u64); 8] = [
        ("", 1),
        ("b", 1),
        ("k", 1000),
        ("kb", 1 << 10),
        ("m", 1_000_000),
        ("mb", 1 << 20),
        ("g", 1_000_000_000),
        ("gb", 1 << 30),
    ];
    let unit =
        UNITS.iter().find(|(unit, _)| text[digits..].eq_ignore_ascii_case(unit.as_bytes()))?;
    number.checked_mul(unit.1)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn a_number_of_bytes_may_have_a_unit() {
        for (text, number) in [
            ("0", 0),
            ("7b", 7),
            ("2k", 2000),
            ("2KB", 2048),
            ("1m", 1_000_000),
            ("1mb", 1 << 20),
            ("3g", 3_000_000_000),
            ("3Gb", 3 << 30),
        ] {
            assert_eq!(bytes(text.as_bytes()), Some(number), "{text}");
        }
        for text in ["", "kb", "-1", "1 kb", "1kib", "1.5m", "1t", "9223372036854775807gb"] {
            assert_eq!(bytes(text.as_bytes()), None, "{text}");
        }
    }
}
