//! The two kinds of error: a client's mistake and damaged storage.

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
    ClaimCountTooSmall,
    ClaimIdle,
    ClaimRetryCount,
    ClaimTime,
    CrossSlot,
    EntriesAddedNegative,
    EntriesAddedTooSmall,
    EntriesRead,
    EntryTooLarge,
    HelloSyntax(String),
    HelloVersion,
    IdNotGreater,
    IdempotenceBound { option: &'static str },
    IdempotenceId,
    IdempotenceTwice,
    IdZero,
    IdsCount,
    IdsMismatch,
    IdsMissing,
    IidEmpty,
    IidTaken,
    InvalidEndId,
    InvalidId,
    InvalidStartId,
    KeyMissingForGroup,
    LimitNegative,
    MaxCountBelowCount,
    MaxCountNotPositive,
    MaxSizeNotPositive,
    LimitWithoutApproximate,
    LimitWithoutStrategy,
    MaxLenAndMinId,
    MaxLenNegative,
    MinIdleClaim { command: &'static str },
    MinIdleNegative,
    MinIdleNotInteger,
    NackIdsCount,
    NackIdsMismatch,
    NackIdsMissing,
    NackMode,
    NackRetryCount,
    NoGroup { key: String, group: String },
    NoGroupForConsumer { key: String, group: String },
    NoGroupForRead { key: String, group: String },
    NoKey,
    NoProto,
    NoSuchMessage,
    NotInteger,
    OnlyForReadGroup { option: &'static str },
    OnlyForReadGroupId,
    MissingGroup,
    OptionTwice { option: &'static str },
    ProducerEmpty { option: &'static str },
    RecordIidEmpty,
    RecordProducerEmpty,
    Protocol(String),
    ReadGroupSpecialId { id: char },
    ReplyTooLarge,
    SetIdBelowDeleted,
    SetIdBelowMaxDeleted,
    SetIdBelowTop,
    StreamExhausted,
    Syntax,
    TimeoutNegative,
    TimeoutNotInteger,
    TimeoutOutOfRange,
    TooManyWaiters,
    TrimWithoutStrategy,
    UnbalancedRead,
    UnbalancedReadGroup,
    UnknownClaimOption(String),
    UnknownNackOption(String),
    UnknownCommand { name: String, args: String },
    UnknownSubcommand { name: String, command: &'static str },
    UnknownSubcommandOrArity { name: String, command: &'static str },
    WrongArity { command: &'static str },
    WrongType,
}

impl CommandError {
    /// The first word of the text: `ERR`, `WRONGTYPE`, `NOGROUP`, `BUSYGROUP` …
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BusyGroup => "BUSYGROUP",
            Self::CrossSlot => "CROSSSLOT",
            Self::NoGroup { .. }
            | Self::NoGroupForConsumer { .. }
            | Self::NoGroupForRead { .. } => "NOGROUP",
            Self::NoProto => "NOPROTO",
            Self::WrongType => "WRONGTYPE",
            _ => "ERR",
        }
    }

    /// The text after the code word of the errors that carry no words of the client.
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn fixed_text(&self) -> &'static str {
        match self {
            Self::AtLeastOneParameter => "At least one parameter must be specified",
            Self::BusyGroup => "Consumer Group name already exists",
            Self::ClaimCountTooSmall => "COUNT must be > 0",
            Self::ClaimIdle => "Invalid IDLE option argument for XCLAIM",
            Self::ClaimRetryCount => "Invalid RETRYCOUNT option argument for XCLAIM",
            Self::ClaimTime => "Invalid TIME option argument for XCLAIM",
            Self::CrossSlot => "Keys in request don't hash to the same slot",
            Self::EntriesAddedNegative => "entries_added must be positive",
            Self::EntriesAddedTooSmall => {
                "The entries_added specified in XSETID is smaller than the target stream length"
            }
            Self::EntriesRead => "value for ENTRIESREAD must be positive or -1",
            Self::EntryTooLarge => "Elements are too large to be stored",
            Self::HelloVersion => "Protocol version is not an integer or out of range",
            Self::IdNotGreater => {
                "The ID specified in XADD is equal or smaller than the target stream top item"
            }
            Self::IdempotenceId => {
                "syntax error, IDMP/IDMPAUTO can be used only with auto-generated IDs"
            }
            Self::IdempotenceTwice => "syntax error, IDMP/IDMPAUTO specified multiple times",
            Self::IidEmpty => "syntax error, IDMP requires a non-empty idempotent ID",
            Self::IidTaken => "IID already exists for this producer with a different stream ID",
            Self::NoSuchMessage => "No such message in stream",
            Self::RecordIidEmpty => "idempotent ID must be non-empty",
            Self::RecordProducerEmpty => "producer ID must be non-empty",
            Self::IdZero => "The ID specified in XADD must be greater than 0-0",
            Self::IdsCount => "Number of IDs must be a positive integer",
            Self::IdsMismatch => "The `numids` parameter must match the number of arguments",
            Self::IdsMissing => "IDS option is required",
            Self::InvalidEndId => "invalid end ID for the interval",
            Self::InvalidId => "Invalid stream ID specified as stream command argument",
            Self::InvalidStartId => "invalid start ID for the interval",
            Self::KeyMissingForGroup => concat!(
                "The XGROUP subcommand requires the key to exist. Note that for CREATE you may ",
                "want to use the MKSTREAM option to create an empty stream automatically."
            ),
            Self::LimitNegative => "The LIMIT argument must be >= 0.",
            Self::LimitWithoutApproximate => {
                "syntax error, LIMIT cannot be used without the special ~ option"
            }
            Self::LimitWithoutStrategy => {
                "syntax error, LIMIT cannot be used without specifying a trimming strategy"
            }
            Self::MaxCountBelowCount => "MAXCOUNT must be greater than or equal to COUNT",
            Self::MaxCountNotPositive => "MAXCOUNT must be a positive integer",
            Self::MaxSizeNotPositive => "MAXSIZE must be a positive integer",
            Self::MaxLenAndMinId => {
                "syntax error, MAXLEN and MINID options at the same time are not compatible"
            }
            Self::MaxLenNegative => "The MAXLEN argument must be >= 0.",
            Self::MinIdleNegative => "min-idle-time must be a positive integer",
            Self::MinIdleNotInteger => "min-idle-time is not an integer or out of range",
            Self::NackIdsCount => "numids must be a positive integer",
            Self::NackIdsMismatch => "number of IDs doesn't match numids",
            Self::NackIdsMissing => "syntax error, expected IDS keyword",
            Self::NackMode => "mode must be SILENT, FAIL, or FATAL",
            Self::NackRetryCount => "Invalid RETRYCOUNT value, must be >= 0",
            Self::NoKey => "no such key",
            Self::NoProto => "unsupported protocol version",
            Self::NotInteger => "value is not an integer or out of range",
            Self::OnlyForReadGroupId => concat!(
                "The > ID can be specified only when calling XREADGROUP using the GROUP ",
                "<group> <consumer> option."
            ),
            Self::MissingGroup => "Missing GROUP option for XREADGROUP",
            Self::ReplyTooLarge => "the reply would exceed the engine's bound; ask for fewer",
            Self::SetIdBelowDeleted => {
                "The ID specified in XSETID is smaller than current max_deleted_entry_id"
            }
            Self::SetIdBelowMaxDeleted => {
                "The ID specified in XSETID is smaller than the provided max_deleted_entry_id"
            }
            Self::SetIdBelowTop => {
                "The ID specified in XSETID is smaller than the target stream top item"
            }
            Self::StreamExhausted => {
                "The stream has exhausted the last possible ID, unable to add more items"
            }
            Self::Syntax => "syntax error",
            Self::TimeoutNegative => "timeout is negative",
            Self::TimeoutNotInteger => "timeout is not an integer or out of range",
            Self::TimeoutOutOfRange => "timeout is out of range",
            Self::TooManyWaiters => "too many blocked clients",
            Self::TrimWithoutStrategy => {
                "syntax error, XTRIM must be called with a trimming strategy"
            }
            Self::UnbalancedRead => concat!(
                "Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' ",
                "must be specified."
            ),
            Self::UnbalancedReadGroup => concat!(
                "Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' ",
                "must be specified."
            ),
            Self::WrongType => "Operation against a key holding the wrong kind of value",
            _ => unreachable!("an error that carries the client's words has its own text"),
        }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.code())?;
        match self {
            Self::HelloSyntax(option) => {
                write!(f, "Syntax error in HELLO option '{option}'")
            }
            Self::IdempotenceBound { option: "IDMP-DURATION" } => {
                write!(f, "IDMP-DURATION must be between 1 and 86400 seconds")
            }
            Self::IdempotenceBound { option } => {
                write!(f, "{option} must be between 1 and 10000 entries")
            }
            Self::OptionTwice { option } => write!(f, "{option} specified multiple times"),
            Self::ProducerEmpty { option } => {
                write!(f, "syntax error, {option} requires a non-empty producer ID")
            }
            Self::MinIdleClaim { command } => {
                write!(f, "Invalid min-idle-time argument for {command}")
            }
            Self::NoGroup { key, group } => {
                write!(f, "No such key '{key}' or consumer group '{group}'")
            }
            Self::NoGroupForConsumer { key, group } => {
                write!(f, "No such consumer group '{group}' for key name '{key}'")
            }
            Self::NoGroupForRead { key, group } => write!(
                f,
                "No such key '{key}' or consumer group '{group}' in XREADGROUP with GROUP option"
            ),
            Self::OnlyForReadGroup { option } => write!(
                f,
                "The {option} option is only supported by XREADGROUP. You called XREAD instead."
            ),
            Self::Protocol(problem) => write!(f, "Protocol error: {problem}"),
            Self::ReadGroupSpecialId { id } => write!(
                f,
                "The {id} ID is meaningless in the context of XREADGROUP: you want to read the \
                 history of this consumer by specifying a proper ID, or use the > ID to get new \
                 messages. The {id} ID would just return an empty result set."
            ),
            Self::UnknownClaimOption(option) => {
                write!(f, "Unrecognized XCLAIM option '{option}'")
            }
            Self::UnknownNackOption(option) => write!(f, "Unrecognized XNACK option '{option}'"),
            Self::UnknownCommand { name, args } => {
                write!(f, "unknown command '{name}', with args beginning with: {args}")
            }
            Self::UnknownSubcommand { name, command } => {
                write!(f, "unknown subcommand '{name}'. Try {} HELP.", container(command))
            }
            Self::UnknownSubcommandOrArity { name, command } => write!(
                f,
                "unknown subcommand or wrong number of arguments for '{name}'. Try {} HELP.",
                container(command)
            ),
            Self::WrongArity { command } => {
                write!(f, "wrong number of arguments for '{command}' command")
            }
            fixed => f.write_str(fixed.fixed_text()),
        }
    }
}

/// `XGROUP` of `xgroup|create`.
fn container(command: &str) -> String {
    command.split('|').next().unwrap_or_default().to_ascii_uppercase()
}

impl core::error::Error for CommandError {}

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

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {} of {}", self.problem, self.offset, self.place)
    }
}

impl core::error::Error for FormatError {}
