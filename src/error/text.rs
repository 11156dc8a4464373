//! The texts of a client's mistakes, as Redis has them.

use super::CommandError;
use alloc::string::String;
use core::fmt;

impl CommandError {
    /// The text after the code word of the errors that carry no words of the client.
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn fixed_text(&self) -> &'static str {
        match self {
            Self::AtLeastOneParameter => "At least one parameter must be specified",
            Self::BusyGroup => "Consumer Group name already exists",
            Self::DecrementOverflow => "decrement would overflow",
            Self::DiscardWithoutMulti => "DISCARD without MULTI",
            Self::ExecAborted => "Transaction discarded because of previous errors.",
            Self::ExecWithoutMulti => "EXEC without MULTI",
            Self::ForbiddenChannel => "No permissions to access a channel",
            Self::ForbiddenKey => "No permissions to access a key",
            Self::HelloNotAuthenticated => concat!(
                "HELLO must be called with the client already authenticated, otherwise the HELLO ",
                "<proto> AUTH <user> <pass> option can be used to authenticate the client and ",
                "select the RESP protocol version at the same time"
            ),
            Self::NestedMulti => "MULTI calls can not be nested",
            Self::NoCluster => "This instance has cluster support disabled",
            Self::NoAuth => "Authentication required.",
            Self::NoPasswordSet => concat!(
                "AUTH <password> called without any password configured for the default user. ",
                "Are you sure your configuration is correct?"
            ),
            Self::OutOfMemory => "command not allowed when used memory > 'maxmemory'.",
            Self::TooManyClients => "max number of clients reached",
            Self::TransactionTooLarge => "the transaction is too large",
            Self::Unblocked => "client unblocked via CLIENT UNBLOCK",
            Self::WatchInMulti => "WATCH inside MULTI is not allowed",
            Self::WrongPassword => "invalid username-password pair or user is disabled.",
            Self::BusyKey => "Target key name already exists.",
            Self::ClaimCountTooSmall => "COUNT must be > 0",
            Self::ClaimIdle => "Invalid IDLE option argument for XCLAIM",
            Self::ClaimRetryCount => "Invalid RETRYCOUNT option argument for XCLAIM",
            Self::ClaimTime => "Invalid TIME option argument for XCLAIM",
            Self::CrossSlot => "Keys in request don't hash to the same slot",
            Self::DumpChecksum => "DUMP payload version or checksum are wrong",
            Self::DumpFormat => "Bad data format",
            Self::EntriesAddedNegative => "entries_added must be positive",
            Self::EntriesAddedTooSmall => {
                "The entries_added specified in XSETID is smaller than the target stream length"
            }
            Self::EntriesRead => "value for ENTRIESREAD must be positive or -1",
            Self::EntryTooLarge => "Elements are too large to be stored",
            Self::ExpireGtWithLt => "GT and LT options at the same time are not compatible",
            Self::ExpireNxWithOther => {
                "NX and XX, GT or LT options at the same time are not compatible"
            }
            Self::ClientName => {
                "Client names cannot contain spaces, newlines or special characters."
            }
            Self::InvalidClientId => "Invalid client ID",
            Self::KillAge => "maxage should be greater than 0",
            Self::KillAgeNotInteger => "maxage is not an integer or out of range",
            Self::KillId => "client-id should be greater than 0",
            Self::UnblockReason => "CLIENT UNBLOCK reason should be TIMEOUT or ERROR",
            Self::HashNotInteger => "hash value is not an integer",
            Self::IncrementOverflow => "increment or decrement would overflow",
            Self::InvalidCursor => "invalid cursor",
            Self::NoShutdown => "No shutdown in progress.",
            Self::NoSuchClient => "No such client",
            Self::NoSuchDatabase => "DB index is out of range",
            Self::NotPositive => "value is out of range, must be positive",
            Self::ScanWithoutValues => "NOVALUES option can only be used in HSCAN",
            Self::SamePlace => "source and destination objects are the same",
            Self::TimeoutNotFloat => "timeout is not a float or out of range",
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
            Self::KeysArity => "Invalid number of arguments specified for command",
            Self::KeysNone => "The command has no key arguments",
            Self::KeysUnclear => "Invalid arguments specified for command",
            Self::KeysOfUnknown => "Invalid command specified",
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
            Self::OutsideInt32 => {
                "value is out of range, value must between -2147483648 and 2147483647"
            }
            Self::NotInteger => "value is not an integer or out of range",
            Self::OnlyForReadGroupId => concat!(
                "The > ID can be specified only when calling XREADGROUP using the GROUP ",
                "<group> <consumer> option."
            ),
            Self::MissingGroup => "Missing GROUP option for XREADGROUP",
            Self::ReplyTooLarge => "the reply would exceed the engine's bound; ask for fewer",
            Self::PartMissing => "a part of the engine could not be loaded",
            Self::RestoreFrequency => "Invalid FREQ value, must be >= 0 and <= 255",
            Self::RestoreIdleTime => "Invalid IDLETIME value, must be >= 0",
            Self::RestoreTtl => "Invalid TTL value, must be >= 0",
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
            Self::NotInMulti => "Command not allowed inside a transaction",
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
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.code())?;
        match self {
            Self::BusyImport { name, db } => {
                write!(f, "the key '{name}' of database {db} is there already")
            }
            Self::Damaged { offset, problem } => {
                write!(f, "{problem} at byte {offset} of the export; nothing is imported")
            }
            Self::NoArchive { what } => write!(f, "there is no {what} under way"),
            Self::ExpireTime { command } => write!(f, "invalid expire time in '{command}' command"),
            Self::InvalidDatabase { which } => write!(f, "invalid {which} DB index"),
            Self::ClientInfo { option } => {
                write!(f, "{option} cannot contain spaces, newlines or special characters.")
            }
            Self::NoSuchUser { name } => write!(f, "No such user '{name}'"),
            Self::UnknownClientType(name) => write!(f, "Unknown client type '{name}'"),
            Self::UnrecognizedOption(option) => write!(f, "Unrecognized option '{option}'"),
            Self::Listening { command } => write!(
                f,
                "Can't execute '{command}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / \
                 RESET are allowed in this context"
            ),
            Self::ParameterRefused { name, reason } => {
                write!(f, "CONFIG SET failed (possibly related to argument '{name}') - {reason}")
            }
            Self::Misconf { reason } => {
                write!(f, "Errors writing to the AOF file: {reason}")
            }
            Self::UnknownParameter { name } => {
                write!(f, "Unknown option or number of arguments for CONFIG SET - '{name}'")
            }
            Self::NotOurs { name, reason } => write!(f, "unknown command '{name}': {reason}"),
            Self::UnsupportedOption(option) => write!(f, "Unsupported option {option}"),
            Self::DumpType { number } => {
                write!(f, "Bad data format: a value of type {number} cannot be kept here")
            }
            Self::DumpTooLarge { max_bytes } => {
                write!(
                    f,
                    "the stream's DUMP is larger than proto-max-bulk-len ({max_bytes} bytes); EDDYLINE EXPORT gives it in pieces"
                )
            }
            Self::ValueTooLarge { max_bytes } => {
                write!(f, "a value that is no stream may have {max_bytes} bytes at most")
            }
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
            Self::ExecRefused(problem) => {
                write!(f, "Transaction discarded because of: {problem}")
            }
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
            Self::ForbiddenCommand { command } => {
                write!(f, "User default has no permissions to run the '{command}' command")
            }
            Self::UnknownRule(rule) => write!(f, "'{rule}' is no rule for permissions"),
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
