//! Every bound of the engine, in one struct.

/// Every bound of the engine. A host sets what it must and takes the rest from `default()`.
///
/// ```
/// use eddyline::Limits;
/// let limits = Limits { resident_bytes: 64 << 20, ..Limits::default() };
/// assert_eq!(limits.node_max_entries, 100);
/// ```
#[derive(Clone, Debug)]
pub struct Limits {
    /// Whether turns carry a journal. A host without storage saves the work.
    pub journaled: bool,
    /// Whether it is noted which keys come and go, for a host that asks.
    pub key_changes: bool,
    /// Bytes of entries and pending records kept in memory before cold ones are evicted. Only what
    /// storage has can
    /// be evicted, so an engine that is not journaled keeps everything.
    pub resident_bytes: usize,
    /// Bytes after which a segment is sealed.
    pub segment_bytes: usize,
    /// Records after which a page of a pending entries list is full.
    pub pending_page_records: usize,
    /// Redis' `stream-node-max-entries`: entries in a macro node; 0 is no limit.
    pub node_max_entries: u64,
    /// Redis' `stream-node-max-bytes`: bytes of a macro node; 0 is no limit.
    pub node_max_bytes: u64,
    /// Redis' `stream-idmp-duration`: for how many seconds a new stream remembers idempotent IDs.
    pub idmp_duration_s: u64,
    /// Redis' `stream-idmp-maxsize`: how many idempotent IDs of each producer.
    pub idmp_max_ids: u64,
    /// Which release of Redis is to read what DUMP writes.
    pub dump_version: DumpVersion,
    /// Bytes of all names and values of one entry.
    pub entry_bytes: usize,
    /// Bytes of a value that is no stream.
    pub plain_bytes: usize,
    /// Journal bytes after which a checkpoint is due.
    pub journal_bytes: usize,
    /// Journal batches after which a checkpoint is due. A host that keeps batches in a ring of
    /// slots needs twice as many slots.
    pub journal_batches: u64,
    /// Arguments of one request.
    pub request_arguments: usize,
    /// Bytes of one argument, Redis' `proto-max-bulk-len`.
    pub argument_bytes: usize,
    /// Bytes of one request sent as a line of text.
    pub inline_bytes: usize,
    /// Bytes that a client may have sent without having been answered.
    pub input_bytes: usize,
    /// Clients waiting in blocking reads.
    pub waiters: usize,
    /// Bytes of replies to one client after which a turn leaves the rest of its requests for a turn
    /// that the host asks for (see [`Turn::unfinished`](crate::Turn::unfinished)). No bound by
    /// default.
    pub turn_reply_bytes: usize,
    /// Bytes of replies to one client in one turn, about: a command that would tell more, or that
    /// comes when more is told, is refused. For a host with little memory; no bound by default.
    pub reply_bytes: usize,
}

/// The oldest release of Redis that can read what DUMP writes. Newer ones can too, but find only
/// what the older one knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DumpVersion {
    /// 7.0: without the times at which consumers were last active.
    Redis7_0,
    /// 7.2, and Valkey: without what producers sent, and without records that belong to nobody.
    Redis7_2,
    /// 7.4 to 8.4: the same.
    Redis7_4,
    /// 8.8: everything.
    Redis8_8,
}

impl Limits {
    /// [`Limits::pending_page_records`] by default: 40 KiB in memory, about 6 KiB in storage.
    pub(crate) const PENDING_PAGE_RECORDS: usize = 1024;

    /// What a client may send before it has said who it is: enough for AUTH and HELLO, and too little
    /// to fill the memory with. Redis has the same.
    pub(crate) const STRANGER_ARGUMENTS: i64 = 10;
    pub(crate) const STRANGER_ARGUMENT_BYTES: usize = 16 << 10;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            journaled: true,
            key_changes: false,
            resident_bytes: 256 << 20,
            segment_bytes: 128 << 10,
            pending_page_records: Self::PENDING_PAGE_RECORDS,
            node_max_entries: 100,
            node_max_bytes: 4096,
            idmp_duration_s: 100,
            idmp_max_ids: 100,
            dump_version: DumpVersion::Redis8_8,
            entry_bytes: 1 << 30,
            plain_bytes: 1 << 20,
            journal_bytes: 256 << 10,
            journal_batches: 256,
            request_arguments: 1 << 20,
            argument_bytes: 512 << 20,
            inline_bytes: 64 << 10,
            input_bytes: 1 << 30,
            waiters: 100_000,
            turn_reply_bytes: usize::MAX,
            reply_bytes: usize::MAX,
        }
    }
}
