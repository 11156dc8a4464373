//! Parts of the engine's code that a module may be without at first.

/// A part of the engine's code that only some commands need. A module that was cut (`xtask`) begins
/// without any; each is loaded when a command first asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What a page seldom uses: values that are no streams, DUMP, exports, what operators ask for.
    Rest,
    /// What is asked by those who look at streams: XINFO, SCAN and the like.
    Inspection,
}

impl Part {
    /// All of them, by their numbers.
    pub const ALL: [Self; 2] = [Self::Rest, Self::Inspection];

    /// The part with this number.
    #[must_use]
    pub fn from_number(number: usize) -> Option<Self> {
        Self::ALL.get(number).copied()
    }

    /// Its number, for hosts beyond a wasm boundary.
    #[must_use]
    pub fn number(self) -> usize {
        self as usize
    }
}
