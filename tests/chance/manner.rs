//! For whom commands are made: what their receiver knows, and how its clock goes.

/// For whom commands are made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// The Redis release whose commands and options are known.
    pub(crate) release: (u32, u32),
    pub(crate) clock: Clock,
    /// How many commands in a hundred are not about streams.
    pub(crate) company: u64,
    /// How many commands in a hundred are about waiting.
    pub(crate) waits: u64,
}

/// How the receiver's clock goes, and so which times and IDs mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// It shows `now_ms`, and moves when it is told to.
    Driven { now_ms: u64 },
    /// It goes by itself, and next to nothing of it goes by. Explicit IDs are about `early_ms`,
    /// long past. With `stars` entries mostly get their IDs from it.
    Real { early_ms: u64, stars: bool },
}

impl Manner {
    /// For an engine with a driven clock.
    pub(crate) fn driven(now_ms: u64) -> Self {
        Self { release: (8, 8), clock: Clock::Driven { now_ms }, company: 0, waits: 0 }
    }

    /// About where explicit IDs are.
    pub(super) fn now_ms(&self) -> u64 {
        match self.clock {
            Clock::Driven { now_ms } => now_ms,
            Clock::Real { early_ms, .. } => early_ms,
        }
    }

    pub(super) fn is_driven(&self) -> bool {
        matches!(self.clock, Clock::Driven { .. })
    }

    pub(super) fn has_stars(&self) -> bool {
        match self.clock {
            Clock::Driven { .. } => true,
            Clock::Real { stars, .. } => stars,
        }
    }
}

/// Part of a word that is known only when the command is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// The time so many milliseconds ago.
    Ago { ms: u64 },
    /// The ID that was given to a new entry so many such entries ago.
    Given { back: usize },
    /// The number by which the server knows a client.
    Client { number: u64 },
}

/// No other word has these bytes.
const AGO: char = '\x01';
const GIVEN: char = '\x02';
const CLIENT: char = '\x03';

impl Stamp {
    /// How it stands in a word: at the end.
    pub(super) fn text(self) -> String {
        match self {
            Self::Ago { ms } => format!("{AGO}{ms}"),
            Self::Given { back } => format!("{GIVEN}{back}"),
            Self::Client { number } => format!("{CLIENT}{number}"),
        }
    }

    /// The part of a word before its stamp, and the stamp.
    pub(crate) fn find(word: &[u8]) -> Option<(&[u8], Self)> {
        let signs = [AGO, GIVEN, CLIENT].map(|sign| sign as u8);
        let at = word.iter().position(|byte| signs.contains(byte))?;
        let number = core::str::from_utf8(&word[at + 1..]).ok()?.parse().ok()?;
        let stamp = match char::from(word[at]) {
            AGO => Self::Ago { ms: number },
            GIVEN => Self::Given { back: number as usize },
            _ => Self::Client { number },
        };
        Some((&word[..at], stamp))
    }
}
