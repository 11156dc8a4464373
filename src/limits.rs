//! Every bound of the engine, in one struct.

/// Every bound of the engine.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Whether turns carry a journal; a host without storage saves the work.
    pub journaled: bool,
    /// Bytes of segments kept in memory before cold ones are evicted.
    pub resident_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { journaled: true, resident_bytes: 256 << 20 }
    }
}
