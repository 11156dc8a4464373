//! CLIENT: who is connected, and what is known of them.

use crate::command::args::{self, Args};
use crate::error::{CommandError, Refusal};
use alloc::vec::Vec;

/// A subcommand of CLIENT.
#[derive(Debug)]
pub(crate) enum ClientCommand<'a> {
    GetName,
    Id,
    Info,
    /// `KILL [ID id] [TYPE …] [ADDR …] [LADDR …] [USER …] [MAXAGE s] [SKIPME yes|no]`
    Kill(ClientFilter<'a>),
    /// `KILL address`
    KillAddress(ClientFilter<'a>),
    /// `LIST [TYPE normal|pubsub|master|replica | ID id …]`
    List(ClientFilter<'a>),
    /// `NO-EVICT on|off`
    NoEvict(bool),
    /// `NO-TOUCH on|off`
    NoTouch(bool),
    /// `SETINFO lib-name|lib-ver text`
    SetInfo {
        version: bool,
        text: &'a [u8],
    },
    SetName(&'a [u8]),
    /// `UNBLOCK id [TIMEOUT|ERROR]`
    Unblock {
        client: u64,
        with_error: bool,
    },
}

/// Which clients are meant.
#[derive(Debug, Default)]
pub(crate) struct ClientFilter<'a> {
    /// `None`: any.
    pub(crate) ids: Option<Vec<u64>>,
    /// Only those that subscribe (`true`), or that do not.
    pub(crate) subscribers: Option<bool>,
    /// None at all: the filter names a kind of client that there is not.
    pub(crate) nobody: bool,
    /// Where they come from, and by which address of the host's, as CLIENT LIST has it.
    pub(crate) address: Option<&'a [u8]>,
    pub(crate) local_address: Option<&'a [u8]>,
    /// For how long they have been connected, at least.
    pub(crate) min_age_s: u64,
    /// Not the one that asks.
    pub(crate) skip_me: bool,
}

impl<'a> ClientFilter<'a> {
    fn take_type(&mut self, name: &[u8]) -> Result<(), Refusal> {
        match () {
            () if args::is(name, "normal") => self.subscribers = Some(false),
            () if args::is(name, "pubsub") => self.subscribers = Some(true),
            () if ["master", "replica", "slave"].iter().any(|kind| args::is(name, kind)) => {
                self.nobody = true;
            }
            () => return Err(CommandError::UnknownClientType(args::quoted(name)).into()),
        }
        Ok(())
    }

    fn parse_list(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let mut filter = Self::default();
        if args.left() >= 2 && args.take("ID") {
            let ids = args.rest().iter().map(|text| client_id(text));
            filter.ids = Some(ids.collect::<Result<_, _>>()?);
        } else if let Some(name) = args.take_with_value("TYPE").filter(|_| args.left() == 0) {
            filter.take_type(name)?;
        } else if args.left() > 0 {
            return Err(CommandError::Syntax.into());
        }
        Ok(filter)
    }

    fn parse_kill(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let mut filter = Self { skip_me: true, ..Self::default() };
        while args.left() > 0 {
            if let Some(text) = args.take_with_value("ID") {
                let id = client_id(text).ok().filter(|&id| id > 0 && id < u64::MAX);
                filter.ids = Some([id.ok_or(CommandError::KillId)?].into());
            } else if let Some(name) = args.take_with_value("TYPE") {
                filter.take_type(name)?;
            } else if let Some(address) = args.take_with_value("ADDR") {
                filter.address = Some(address);
            } else if let Some(address) = args.take_with_value("LADDR") {
                filter.local_address = Some(address);
            } else if let Some(name) = args.take_with_value("USER") {
                if name != b"default" {
                    return Err(CommandError::NoSuchUser { name: args::quoted(name) }.into());
                }
            } else if let Some(text) = args.take_with_value("MAXAGE") {
                let age = args::integer(text).map_err(|_| CommandError::KillAgeNotInteger)?;
                let age = u64::try_from(age).ok().filter(|&age| age > 0);
                filter.min_age_s = age.ok_or(CommandError::KillAge)?;
            } else if let Some(word) = args.take_with_value("SKIPME") {
                filter.skip_me = match () {
                    () if args::is(word, "yes") => true,
                    () if args::is(word, "no") => false,
                    () => return Err(CommandError::Syntax.into()),
                };
            } else {
                return Err(CommandError::Syntax.into());
            }
        }
        Ok(filter)
    }
}

/// A number that may be a client's; one that cannot be is that of nobody.
fn client_id(text: &[u8]) -> Result<u64, Refusal> {
    let id = args::integer(text).map_err(|_| CommandError::InvalidClientId)?;
    Ok(u64::try_from(id).unwrap_or(u64::MAX))
}

fn switch(args: &mut Args<'_>) -> Result<bool, Refusal> {
    match () {
        () if args.take("on") => Ok(true),
        () if args.take("off") => Ok(false),
        () => Err(CommandError::Syntax.into()),
    }
}

/// Names and versions appear in CLIENT LIST, where a space would begin the next field.
fn plain_word(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_graphic)
}

/// A client's name.
pub(crate) fn name(text: &[u8]) -> Result<&[u8], Refusal> {
    if plain_word(text) { Ok(text) } else { Err(CommandError::ClientName.into()) }
}

impl<'a> ClientCommand<'a> {
    pub(crate) fn parse_kill(args: &mut Args<'a>) -> Result<Self, Refusal> {
        if let [address] = *args.rest() {
            let filter = ClientFilter { address: Some(address), ..ClientFilter::default() };
            return Ok(Self::KillAddress(filter));
        }
        ClientFilter::parse_kill(args).map(Self::Kill)
    }

    pub(crate) fn parse_list(args: &mut Args<'a>) -> Result<Self, Refusal> {
        ClientFilter::parse_list(args).map(Self::List)
    }

    pub(crate) fn parse_no_evict(args: &mut Args<'a>) -> Result<Self, Refusal> {
        switch(args).map(Self::NoEvict)
    }

    pub(crate) fn parse_no_touch(args: &mut Args<'a>) -> Result<Self, Refusal> {
        switch(args).map(Self::NoTouch)
    }

    pub(crate) fn parse_set_info(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let (option, text) = (args.next()?, args.next()?);
        let version = match () {
            () if args::is(option, "lib-name") => false,
            () if args::is(option, "lib-ver") => true,
            () => return Err(CommandError::UnrecognizedOption(args::quoted(option)).into()),
        };
        if plain_word(text) {
            Ok(Self::SetInfo { version, text })
        } else {
            Err(CommandError::ClientInfo { option: args::quoted(option) }.into())
        }
    }

    pub(crate) fn parse_set_name(args: &mut Args<'a>) -> Result<Self, Refusal> {
        name(args.next()?).map(Self::SetName)
    }

    pub(crate) fn parse_unblock(args: &mut Args<'a>) -> Result<Self, Refusal> {
        let id = args.next()?;
        if args.left() > 1 {
            return Err(args.wrong_tail());
        }
        let with_error = match () {
            () if args.left() == 0 || args.take("TIMEOUT") => false,
            () if args.take("ERROR") => true,
            () => return Err(CommandError::UnblockReason.into()),
        };
        let client = args::integer(id)?;
        Ok(Self::Unblock { client: u64::try_from(client).unwrap_or(u64::MAX), with_error })
    }
}

pub(crate) const CLIENT_HELP: &[&str] = &[
    "CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "GETNAME",
    "    Return the name of the current connection.",
    "ID",
    "    Return the ID of the current connection.",
    "INFO",
    "    Return information about the current client connection.",
    "KILL <ip:port>",
    "    Kill the connection made from <ip:port>.",
    "KILL <option> <value> [<option> <value> [...]]",
    "    Kill connections. Options are ADDR, ID, LADDR, MAXAGE, SKIPME, TYPE and USER.",
    "LIST [TYPE (NORMAL|PUBSUB) | ID <client-id> ...]",
    "    Return information about client connections.",
    "NO-EVICT (ON|OFF)",
    "    Protect current client connection from eviction.",
    "NO-TOUCH (ON|OFF)",
    "    Will not touch LRU/LFU stats when this mode is on.",
    "SETINFO <option> <value>",
    "    Set client meta attr. Options are LIB-NAME and LIB-VER.",
    "SETNAME <name>",
    "    Assign the name <name> to the current connection.",
    "UNBLOCK <clientid> [TIMEOUT|ERROR]",
    "    Unblock the specified blocked client.",
    "HELP",
    "    Print this help.",
];
