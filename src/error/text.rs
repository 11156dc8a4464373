//! The texts of a client's mistakes, as Redis has them.

use super::CommandError;
use crate::words::Word::{self, Capitals, Char, Number, Text};
use crate::words::before;

impl CommandError {
    /// The text, code word first, with gaps where [`Self::words`] go.
    #[expect(clippy::too_many_lines, reason = "a table")]
    pub(super) fn pattern(&self) -> &'static str {
        match self {
            Self::BusyImport { .. } => "BUSYKEY the key '%' of database % is there already",
            Self::Damaged { .. } => "DAMAGED % at byte % of the export; nothing is imported",
            Self::NoArchive { .. } => "ERR there is no % under way",
            Self::ExpireTime { .. } => "ERR invalid expire time in '%' command",
            Self::InvalidDatabase { .. } => "ERR invalid % DB index",
            Self::ClientInfo { .. } => {
                "ERR % cannot contain spaces, newlines or special characters."
            }
            Self::NoSuchUser { .. } => "ERR No such user '%'",
            Self::UnknownClientType(_) => "ERR Unknown client type '%'",
            Self::UnrecognizedOption(_) => "ERR Unrecognized option '%'",
            Self::Listening { .. } => concat!(
                "ERR Can't execute '%': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / ",
                "RESET are allowed in this context"
            ),
            Self::ParameterRefused { .. } => {
                "ERR CONFIG SET failed (possibly related to argument '%') - %"
            }
            Self::Misconf { .. } => "MISCONF Errors writing to the AOF file: %",
            Self::UnknownParameter { .. } => {
                "ERR Unknown option or number of arguments for CONFIG SET - '%'"
            }
            Self::NotOurs { .. } => "ERR unknown command '%': %",
            Self::UnsupportedOption(_) => "ERR Unsupported option %",
            Self::DumpType { .. } => "ERR Bad data format: a value of type % cannot be kept here",
            Self::DumpTooLarge { .. } => concat!(
                "ERR the stream's DUMP is larger than proto-max-bulk-len (% bytes); ",
                "EDDYLINE EXPORT gives it in pieces"
            ),
            Self::ValueTooLarge { .. } => "ERR a value that is no stream may have % bytes at most",
            Self::HelloSyntax(_) => "ERR Syntax error in HELLO option '%'",
            Self::IdempotenceBound { option: "IDMP-DURATION" } => {
                "ERR IDMP-DURATION must be between 1 and 86400 seconds"
            }
            Self::IdempotenceBound { .. } => "ERR % must be between 1 and 10000 entries",
            Self::OptionTwice { .. } => "ERR % specified multiple times",
            Self::ProducerEmpty { .. } => "ERR syntax error, % requires a non-empty producer ID",
            Self::MinIdleClaim { .. } => "ERR Invalid min-idle-time argument for %",
            Self::NoGroup { .. } => "NOGROUP No such key '%' or consumer group '%'",
            Self::NoGroupForConsumer { .. } => {
                "NOGROUP No such consumer group '%' for key name '%'"
            }
            Self::NoGroupForRead { .. } => {
                "NOGROUP No such key '%' or consumer group '%' in XREADGROUP with GROUP option"
            }
            Self::OnlyForReadGroup { .. } => {
                "ERR The % option is only supported by XREADGROUP. You called XREAD instead."
            }
            Self::ExecRefused(_) => "EXECABORT Transaction discarded because of: %",
            Self::Protocol(_) => "ERR Protocol error: %",
            Self::ReadGroupSpecialId { .. } => concat!(
                "ERR The % ID is meaningless in the context of XREADGROUP: you want to read the ",
                "history of this consumer by specifying a proper ID, or use the > ID to get new ",
                "messages. The % ID would just return an empty result set."
            ),
            Self::UnknownClaimOption(_) => "ERR Unrecognized XCLAIM option '%'",
            Self::UnknownNackOption(_) => "ERR Unrecognized XNACK option '%'",
            Self::UnknownCommand { .. } => "ERR unknown command '%', with args beginning with: %",
            Self::ForbiddenCommand { .. } => {
                "NOPERM User default has no permissions to run the '%' command"
            }
            Self::UnknownRule(_) => "ERR '%' is no rule for permissions",
            Self::UnknownSubcommand { .. } => "ERR unknown subcommand '%'. Try % HELP.",
            Self::UnknownSubcommandOrArity { .. } => {
                "ERR unknown subcommand or wrong number of arguments for '%'. Try % HELP."
            }
            Self::WrongArity { .. } => "ERR wrong number of arguments for '%' command",
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
        }
    }

    /// What goes into the gaps: names of the engine's own, words of the client, numbers.
    pub(super) fn words(&self) -> [Word<'_>; 2] {
        let nothing = Text("");
        match self {
            Self::ExpireTime { command: word }
            | Self::ForbiddenCommand { command: word }
            | Self::IdempotenceBound { option: word }
            | Self::InvalidDatabase { which: word }
            | Self::Listening { command: word }
            | Self::MinIdleClaim { command: word }
            | Self::NoArchive { what: word }
            | Self::OnlyForReadGroup { option: word }
            | Self::OptionTwice { option: word }
            | Self::ProducerEmpty { option: word }
            | Self::WrongArity { command: word } => [Text(word), nothing],
            Self::ClientInfo { option: word }
            | Self::ExecRefused(word)
            | Self::HelloSyntax(word)
            | Self::Misconf { reason: word }
            | Self::NoSuchUser { name: word }
            | Self::Protocol(word)
            | Self::UnknownClaimOption(word)
            | Self::UnknownClientType(word)
            | Self::UnknownNackOption(word)
            | Self::UnknownParameter { name: word }
            | Self::UnknownRule(word)
            | Self::UnrecognizedOption(word)
            | Self::UnsupportedOption(word) => [Text(word), nothing],
            Self::NoGroup { key: one, group: other }
            | Self::NoGroupForRead { key: one, group: other }
            | Self::NoGroupForConsumer { group: one, key: other }
            | Self::UnknownCommand { name: one, args: other } => [Text(one), Text(other)],
            Self::ParameterRefused { name, reason } => [Text(name), Text(reason)],
            Self::NotOurs { name, reason } => [Text(name), Text(reason)],
            Self::UnknownSubcommand { name, command }
            | Self::UnknownSubcommandOrArity { name, command } => {
                [Text(name), Capitals(before(command, b'|'))]
            }
            Self::BusyImport { name, db } => [Text(name), Number(u64::from(*db))],
            Self::Damaged { offset, problem } => [Text(problem), Number(*offset)],
            Self::DumpType { number } => [Number(u64::from(*number)), nothing],
            Self::DumpTooLarge { max_bytes } | Self::ValueTooLarge { max_bytes } => {
                [Number(*max_bytes as u64), nothing]
            }
            Self::ReadGroupSpecialId { id } => [Char(*id), Char(*id)],
            _ => [nothing, nothing],
        }
    }
}
