//! The texts of a client's mistakes, as Redis has them.

use super::CommandError;
use crate::words::Word::{self, Capitals, Char, Number, Text};

/// Of an error that carries no words of the client.
const NOTHING: [Word<'static>; 2] = [Text(""), Text("")];

impl CommandError {
    /// The pattern of the text, code word first, and what goes into its gaps.
    #[expect(clippy::too_many_lines, reason = "a table")]
    pub(super) fn pattern(&self) -> (&'static str, [Word<'_>; 2]) {
        let none = Text("");
        match self {
            Self::BusyImport { name, db } => (
                "BUSYKEY the key '%' of database % is there already",
                [Text(name), Number(u64::from(*db))],
            ),
            Self::Damaged { offset, problem } => (
                "DAMAGED % at byte % of the export; nothing is imported",
                [Text(problem), Number(*offset)],
            ),
            Self::NoArchive { what } => ("ERR there is no % under way", [Text(what), none]),
            Self::ExpireTime { command } => {
                ("ERR invalid expire time in '%' command", [Text(command), none])
            }
            Self::InvalidDatabase { which } => ("ERR invalid % DB index", [Text(which), none]),
            Self::ClientInfo { option } => (
                "ERR % cannot contain spaces, newlines or special characters.",
                [Text(option), none],
            ),
            Self::NoSuchUser { name } => ("ERR No such user '%'", [Text(name), none]),
            Self::UnknownClientType(name) => ("ERR Unknown client type '%'", [Text(name), none]),
            Self::UnrecognizedOption(option) => {
                ("ERR Unrecognized option '%'", [Text(option), none])
            }
            Self::Listening { command } => (
                concat!(
                    "ERR Can't execute '%': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / ",
                    "RESET are allowed in this context"
                ),
                [Text(command), none],
            ),
            Self::ParameterRefused { name, reason } => (
                "ERR CONFIG SET failed (possibly related to argument '%') - %",
                [Text(name), Text(reason)],
            ),
            Self::Misconf { reason } => {
                ("MISCONF Errors writing to the AOF file: %", [Text(reason), none])
            }
            Self::UnknownParameter { name } => (
                "ERR Unknown option or number of arguments for CONFIG SET - '%'",
                [Text(name), none],
            ),
            Self::NotOurs { name, reason } => {
                ("ERR unknown command '%': %", [Text(name), Text(reason)])
            }
            Self::UnsupportedOption(option) => ("ERR Unsupported option %", [Text(option), none]),
            Self::DumpType { number } => (
                "ERR Bad data format: a value of type % cannot be kept here",
                [Number(u64::from(*number)), none],
            ),
            Self::DumpTooLarge { max_bytes } => (
                concat!(
                    "ERR the stream's DUMP is larger than proto-max-bulk-len (% bytes); ",
                    "EDDYLINE EXPORT gives it in pieces"
                ),
                [Number(*max_bytes as u64), none],
            ),
            Self::ValueTooLarge { max_bytes } => (
                "ERR a value that is no stream may have % bytes at most",
                [Number(*max_bytes as u64), none],
            ),
            Self::HelloSyntax(option) => {
                ("ERR Syntax error in HELLO option '%'", [Text(option), none])
            }
            Self::IdempotenceBound { option: "IDMP-DURATION" } => {
                ("ERR IDMP-DURATION must be between 1 and 86400 seconds", NOTHING)
            }
            Self::IdempotenceBound { option } => {
                ("ERR % must be between 1 and 10000 entries", [Text(option), none])
            }
            Self::OptionTwice { option } => {
                ("ERR % specified multiple times", [Text(option), none])
            }
            Self::ProducerEmpty { option } => {
                ("ERR syntax error, % requires a non-empty producer ID", [Text(option), none])
            }
            Self::MinIdleClaim { command } => {
                ("ERR Invalid min-idle-time argument for %", [Text(command), none])
            }
            Self::NoGroup { key, group } => {
                ("NOGROUP No such key '%' or consumer group '%'", [Text(key), Text(group)])
            }
            Self::NoGroupForConsumer { key, group } => {
                ("NOGROUP No such consumer group '%' for key name '%'", [Text(group), Text(key)])
            }
            Self::NoGroupForRead { key, group } => (
                "NOGROUP No such key '%' or consumer group '%' in XREADGROUP with GROUP option",
                [Text(key), Text(group)],
            ),
            Self::OnlyForReadGroup { option } => (
                "ERR The % option is only supported by XREADGROUP. You called XREAD instead.",
                [Text(option), none],
            ),
            Self::ExecRefused(problem) => {
                ("EXECABORT Transaction discarded because of: %", [Text(problem), none])
            }
            Self::Protocol(problem) => ("ERR Protocol error: %", [Text(problem), none]),
            Self::ReadGroupSpecialId { id } => (
                concat!(
                    "ERR The % ID is meaningless in the context of XREADGROUP: you want to read the ",
                    "history of this consumer by specifying a proper ID, or use the > ID to get new ",
                    "messages. The % ID would just return an empty result set."
                ),
                [Char(*id), Char(*id)],
            ),
            Self::UnknownClaimOption(option) => {
                ("ERR Unrecognized XCLAIM option '%'", [Text(option), none])
            }
            Self::UnknownNackOption(option) => {
                ("ERR Unrecognized XNACK option '%'", [Text(option), none])
            }
            Self::UnknownCommand { name, args } => {
                ("ERR unknown command '%', with args beginning with: %", [Text(name), Text(args)])
            }
            Self::ForbiddenCommand { command } => (
                "NOPERM User default has no permissions to run the '%' command",
                [Text(command), none],
            ),
            Self::UnknownRule(rule) => ("ERR '%' is no rule for permissions", [Text(rule), none]),
            Self::UnknownSubcommand { name, command } => (
                "ERR unknown subcommand '%'. Try % HELP.",
                [Text(name), Capitals(container(command))],
            ),
            Self::UnknownSubcommandOrArity { name, command } => (
                "ERR unknown subcommand or wrong number of arguments for '%'. Try % HELP.",
                [Text(name), Capitals(container(command))],
            ),
            Self::WrongArity { command } => {
                ("ERR wrong number of arguments for '%' command", [Text(command), none])
            }
            fixed => (fixed.fixed_text(), NOTHING),
        }
    }

    /// The text of an error that carries no words of the client.
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn fixed_text(&self) -> &'static str {
        match self {
            Self::AtLeastOneParameter => "ERR At least one parameter must be specified",
            Self::BusyGroup => "BUSYGROUP Consumer Group name already exists",
            Self::DecrementOverflow => "ERR decrement would overflow",
            Self::DiscardWithoutMulti => "ERR DISCARD without MULTI",
            Self::ExecAborted => "EXECABORT Transaction discarded because of previous errors.",
            Self::ExecWithoutMulti => "ERR EXEC without MULTI",
            Self::ForbiddenChannel => "NOPERM No permissions to access a channel",
            Self::ForbiddenKey => "NOPERM No permissions to access a key",
            Self::HelloNotAuthenticated => concat!(
                "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO ",
                "<proto> AUTH <user> <pass> option can be used to authenticate the client and ",
                "select the RESP protocol version at the same time"
            ),
            Self::NestedMulti => "ERR MULTI calls can not be nested",
            Self::NoCluster => "ERR This instance has cluster support disabled",
            Self::NoAuth => "NOAUTH Authentication required.",
            Self::NoPasswordSet => concat!(
                "ERR AUTH <password> called without any password configured for the default user. ",
                "Are you sure your configuration is correct?"
            ),
            Self::OutOfMemory => "OOM command not allowed when used memory > 'maxmemory'.",
            Self::TooManyClients => "ERR max number of clients reached",
            Self::TransactionTooLarge => "ERR the transaction is too large",
            Self::Unblocked => "UNBLOCKED client unblocked via CLIENT UNBLOCK",
            Self::WatchInMulti => "ERR WATCH inside MULTI is not allowed",
            Self::WrongPassword => "WRONGPASS invalid username-password pair or user is disabled.",
            Self::BusyKey => "BUSYKEY Target key name already exists.",
            Self::ClaimCountTooSmall => "ERR COUNT must be > 0",
            Self::ClaimIdle => "ERR Invalid IDLE option argument for XCLAIM",
            Self::ClaimRetryCount => "ERR Invalid RETRYCOUNT option argument for XCLAIM",
            Self::ClaimTime => "ERR Invalid TIME option argument for XCLAIM",
            Self::CrossSlot => "CROSSSLOT Keys in request don't hash to the same slot",
            Self::DumpChecksum => "ERR DUMP payload version or checksum are wrong",
            Self::DumpFormat => "ERR Bad data format",
            Self::EntriesAddedNegative => "ERR entries_added must be positive",
            Self::EntriesAddedTooSmall => {
                "ERR The entries_added specified in XSETID is smaller than the target stream length"
            }
            Self::EntriesRead => "ERR value for ENTRIESREAD must be positive or -1",
            Self::EntryTooLarge => "ERR Elements are too large to be stored",
            Self::ExpireGtWithLt => "ERR GT and LT options at the same time are not compatible",
            Self::ExpireNxWithOther => {
                "ERR NX and XX, GT or LT options at the same time are not compatible"
            }
            Self::ClientName => {
                "ERR Client names cannot contain spaces, newlines or special characters."
            }
            Self::InvalidClientId => "ERR Invalid client ID",
            Self::KillAge => "ERR maxage should be greater than 0",
            Self::KillAgeNotInteger => "ERR maxage is not an integer or out of range",
            Self::KillId => "ERR client-id should be greater than 0",
            Self::UnblockReason => "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR",
            Self::HashNotInteger => "ERR hash value is not an integer",
            Self::IncrementOverflow => "ERR increment or decrement would overflow",
            Self::InvalidCursor => "ERR invalid cursor",
            Self::NoShutdown => "ERR No shutdown in progress.",
            Self::NoSuchClient => "ERR No such client",
            Self::NoSuchDatabase => "ERR DB index is out of range",
            Self::NotPositive => "ERR value is out of range, must be positive",
            Self::ScanWithoutValues => "ERR NOVALUES option can only be used in HSCAN",
            Self::SamePlace => "ERR source and destination objects are the same",
            Self::TimeoutNotFloat => "ERR timeout is not a float or out of range",
            Self::HelloVersion => "ERR Protocol version is not an integer or out of range",
            Self::IdNotGreater => {
                "ERR The ID specified in XADD is equal or smaller than the target stream top item"
            }
            Self::IdempotenceId => {
                "ERR syntax error, IDMP/IDMPAUTO can be used only with auto-generated IDs"
            }
            Self::IdempotenceTwice => "ERR syntax error, IDMP/IDMPAUTO specified multiple times",
            Self::IidEmpty => "ERR syntax error, IDMP requires a non-empty idempotent ID",
            Self::IidTaken => "ERR IID already exists for this producer with a different stream ID",
            Self::NoSuchMessage => "ERR No such message in stream",
            Self::RecordIidEmpty => "ERR idempotent ID must be non-empty",
            Self::RecordProducerEmpty => "ERR producer ID must be non-empty",
            Self::IdZero => "ERR The ID specified in XADD must be greater than 0-0",
            Self::IdsCount => "ERR Number of IDs must be a positive integer",
            Self::IdsMismatch => "ERR The `numids` parameter must match the number of arguments",
            Self::IdsMissing => "ERR IDS option is required",
            Self::InvalidEndId => "ERR invalid end ID for the interval",
            Self::InvalidId => "ERR Invalid stream ID specified as stream command argument",
            Self::InvalidStartId => "ERR invalid start ID for the interval",
            Self::KeyMissingForGroup => concat!(
                "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may ",
                "want to use the MKSTREAM option to create an empty stream automatically."
            ),
            Self::KeysArity => "ERR Invalid number of arguments specified for command",
            Self::KeysNone => "ERR The command has no key arguments",
            Self::KeysUnclear => "ERR Invalid arguments specified for command",
            Self::KeysOfUnknown => "ERR Invalid command specified",
            Self::LimitNegative => "ERR The LIMIT argument must be >= 0.",
            Self::LimitWithoutApproximate => {
                "ERR syntax error, LIMIT cannot be used without the special ~ option"
            }
            Self::LimitWithoutStrategy => {
                "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy"
            }
            Self::MaxCountBelowCount => "ERR MAXCOUNT must be greater than or equal to COUNT",
            Self::MaxCountNotPositive => "ERR MAXCOUNT must be a positive integer",
            Self::MaxSizeNotPositive => "ERR MAXSIZE must be a positive integer",
            Self::MaxLenAndMinId => {
                "ERR syntax error, MAXLEN and MINID options at the same time are not compatible"
            }
            Self::MaxLenNegative => "ERR The MAXLEN argument must be >= 0.",
            Self::MinIdleNegative => "ERR min-idle-time must be a positive integer",
            Self::MinIdleNotInteger => "ERR min-idle-time is not an integer or out of range",
            Self::NackIdsCount => "ERR numids must be a positive integer",
            Self::NackIdsMismatch => "ERR number of IDs doesn't match numids",
            Self::NackIdsMissing => "ERR syntax error, expected IDS keyword",
            Self::NackMode => "ERR mode must be SILENT, FAIL, or FATAL",
            Self::NackRetryCount => "ERR Invalid RETRYCOUNT value, must be >= 0",
            Self::NoKey => "ERR no such key",
            Self::NoProto => "NOPROTO unsupported protocol version",
            Self::OutsideInt32 => {
                "ERR value is out of range, value must between -2147483648 and 2147483647"
            }
            Self::NotInteger => "ERR value is not an integer or out of range",
            Self::OnlyForReadGroupId => concat!(
                "ERR The > ID can be specified only when calling XREADGROUP using the GROUP ",
                "<group> <consumer> option."
            ),
            Self::MissingGroup => "ERR Missing GROUP option for XREADGROUP",
            Self::ReplyTooLarge => "ERR the reply would exceed the engine's bound; ask for fewer",
            Self::PartMissing => "ERR a part of the engine could not be loaded",
            Self::RestoreFrequency => "ERR Invalid FREQ value, must be >= 0 and <= 255",
            Self::RestoreIdleTime => "ERR Invalid IDLETIME value, must be >= 0",
            Self::RestoreTtl => "ERR Invalid TTL value, must be >= 0",
            Self::SetIdBelowDeleted => {
                "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id"
            }
            Self::SetIdBelowMaxDeleted => {
                "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id"
            }
            Self::SetIdBelowTop => {
                "ERR The ID specified in XSETID is smaller than the target stream top item"
            }
            Self::StreamExhausted => {
                "ERR The stream has exhausted the last possible ID, unable to add more items"
            }
            Self::NotInMulti => "ERR Command not allowed inside a transaction",
            Self::Syntax => "ERR syntax error",
            Self::TimeoutNegative => "ERR timeout is negative",
            Self::TimeoutNotInteger => "ERR timeout is not an integer or out of range",
            Self::TimeoutOutOfRange => "ERR timeout is out of range",
            Self::TooManyWaiters => "ERR too many blocked clients",
            Self::TrimWithoutStrategy => {
                "ERR syntax error, XTRIM must be called with a trimming strategy"
            }
            Self::UnbalancedRead => concat!(
                "ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' ",
                "must be specified."
            ),
            Self::UnbalancedReadGroup => concat!(
                "ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' ",
                "must be specified."
            ),
            Self::WrongType => "WRONGTYPE Operation against a key holding the wrong kind of value",
            _ => unreachable!("an error that carries the client's words has a pattern"),
        }
    }
}

/// `xgroup` of `xgroup|create`.
fn container(command: &str) -> &str {
    command.split_once('|').map_or(command, |(container, _)| container)
}
