//! The two kinds of error: a client's mistake and damaged storage.

mod text;

use crate::words::{self, Word::Number, Word::Text};
use alloc::rc::Rc;
use alloc::string::String;
use core::fmt;

/// A client's mistake. [`Display`](fmt::Display) gives the exact text of Redis, code word first.
///
/// ```
/// use eddyline::CommandError;
/// assert_eq!(CommandError::Syntax.to_string(), "ERR syntax error");
/// assert_eq!(CommandError::WrongType.code(), "WRONGTYPE");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each variant's meaning is its text, in the table below")]
pub enum CommandError {
    AtLeastOneParameter,
    BusyGroup,
    BusyKey,
    DecrementOverflow,
    DiscardWithoutMulti,
    ExecAborted,
    /// EXEC itself was refused, with this text.
    ExecRefused(String),
    ExecWithoutMulti,
    ForbiddenChannel,
    ForbiddenCommand {
        command: &'static str,
    },
    ForbiddenKey,
    HelloNotAuthenticated,
    Listening {
        command: &'static str,
    },
    /// What is written could not be kept, for this reason.
    Misconf {
        reason: String,
    },
    NestedMulti,
    NoAuth,
    BusyImport {
        name: String,
        db: u8,
    },
    Damaged {
        offset: u64,
        problem: &'static str,
    },
    NoArchive {
        what: &'static str,
    },
    NoCluster,
    NoPasswordSet,
    OutOfMemory,
    ParameterRefused {
        name: &'static str,
        reason: String,
    },
    TooManyClients,
    TransactionTooLarge,
    Unblocked,
    UnknownParameter {
        name: String,
    },
    WatchInMulti,
    WrongPassword,
    ClaimCountTooSmall,
    ClaimIdle,
    ClaimRetryCount,
    ClaimTime,
    ClientInfo {
        option: String,
    },
    ClientName,
    CrossSlot,
    DumpChecksum,
    DumpFormat,
    /// DUMP gives all of a stream at once.
    DumpTooLarge {
        max_bytes: usize,
    },
    DumpType {
        number: u8,
    },
    EntriesAddedNegative,
    EntriesAddedTooSmall,
    EntriesRead,
    EntryTooLarge,
    ExpireGtWithLt,
    ExpireNxWithOther,
    ExpireTime {
        command: &'static str,
    },
    HashNotInteger,
    HelloSyntax(String),
    HelloVersion,
    IdNotGreater,
    IdempotenceBound {
        option: &'static str,
    },
    IdempotenceId,
    IdempotenceTwice,
    IdZero,
    IdsCount,
    IdsMismatch,
    IdsMissing,
    IncrementOverflow,
    InvalidClientId,
    KillAge,
    KillAgeNotInteger,
    KillId,
    InvalidCursor,
    InvalidDatabase {
        which: &'static str,
    },
    IidEmpty,
    IidTaken,
    InvalidEndId,
    InvalidId,
    InvalidStartId,
    KeyMissingForGroup,
    KeysArity,
    KeysNone,
    KeysUnclear,
    KeysOfUnknown,
    LimitNegative,
    MaxCountBelowCount,
    MaxCountNotPositive,
    MaxSizeNotPositive,
    LimitWithoutApproximate,
    LimitWithoutStrategy,
    MaxLenAndMinId,
    MaxLenNegative,
    MinIdleClaim {
        command: &'static str,
    },
    MinIdleNegative,
    MinIdleNotInteger,
    NackIdsCount,
    NackIdsMismatch,
    NackIdsMissing,
    NackMode,
    NackRetryCount,
    NoGroup {
        key: String,
        group: String,
    },
    NoGroupForConsumer {
        key: String,
        group: String,
    },
    NoGroupForRead {
        key: String,
        group: String,
    },
    NoKey,
    NoProto,
    NoShutdown,
    NoSuchClient,
    NoSuchDatabase,
    NoSuchMessage,
    NoSuchUser {
        name: String,
    },
    NotInMulti,
    OutsideInt32,
    NotInteger,
    NotOurs {
        name: String,
        reason: &'static str,
    },
    NotPositive,
    OnlyForReadGroup {
        option: &'static str,
    },
    OnlyForReadGroupId,
    MissingGroup,
    OptionTwice {
        option: &'static str,
    },
    ProducerEmpty {
        option: &'static str,
    },
    RecordIidEmpty,
    RecordProducerEmpty,
    Protocol(String),
    ReadGroupSpecialId {
        id: char,
    },
    ReplyTooLarge,
    /// The code of a seldom used command could not be loaded.
    PartMissing,
    RestoreFrequency,
    RestoreIdleTime,
    RestoreTtl,
    SamePlace,
    ScanWithoutValues,
    SetIdBelowDeleted,
    SetIdBelowMaxDeleted,
    SetIdBelowTop,
    StreamExhausted,
    Syntax,
    TimeoutNegative,
    TimeoutNotFloat,
    TimeoutNotInteger,
    TimeoutOutOfRange,
    TooManyWaiters,
    TrimWithoutStrategy,
    UnbalancedRead,
    UnbalancedReadGroup,
    UnblockReason,
    UnknownClientType(String),
    UnrecognizedOption(String),
    UnknownClaimOption(String),
    UnknownNackOption(String),
    UnknownCommand {
        name: String,
        args: String,
    },
    UnknownRule(String),
    UnknownSubcommand {
        name: String,
        command: &'static str,
    },
    UnknownSubcommandOrArity {
        name: String,
        command: &'static str,
    },
    UnsupportedOption(String),
    ValueTooLarge {
        max_bytes: usize,
    },
    WrongArity {
        command: &'static str,
    },
    WrongType,
}

impl CommandError {
    /// The first word of the text: `ERR`, `WRONGTYPE`, `NOGROUP`, `BUSYGROUP` …
    #[must_use]
    pub fn code(&self) -> &'static str {
        words::before(self.pattern(), b' ')
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> String {
        words::fill(self.pattern(), &self.words())
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl core::error::Error for CommandError {}

/// A mistake on its way up, as thin as a pointer: every `?` on the way would else move all of it, which
/// is an eighth of the module's code. Shared, as one that was found when the command was read may be
/// told several times.
pub(crate) type Refusal = Rc<CommandError>;

/// Damaged storage: what is wrong and where. Nothing is guessed and nothing is left out silently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    /// What was being read, for example `segment 3 of stream 7`.
    pub place: String,
    /// Byte offset within it.
    pub offset: usize,
    /// What is wrong there.
    pub problem: &'static str,
}

impl FormatError {
    /// The whole text.
    #[must_use]
    pub fn text(&self) -> String {
        let words = [Text(self.problem), Number(self.offset as u64), Text(&self.place)];
        words::fill("% at byte % of %", &words)
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl core::error::Error for FormatError {}
