//! Entering a key, and getting at it again. A key is tested before it is kept, is kept by the system's keychain alone, and
//! leaves it only on the way to its provider.

use jiff::Timestamp;

use super::{AccountId, Connection};
use crate::http::{Address, Http, HttpError, Proxy, Timeouts};
use crate::ledger::{Ledger, LedgerError};
use crate::places::Places;
use crate::secrets::{Keychain, Secret, SecretError};
use crate::sources::providers::{Access, FetchError, Home, Organisation, Provider};

/// A key as a person entered it.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it has the key")]
pub struct Entered {
    /// Whose key it is.
    pub provider: &'static Provider,
    /// What the connection is to be called; by default as the provider.
    pub name: Option<String>,
    /// Where the provider is asked, if not where it is for everybody.
    pub base: Option<String>,
    /// The key.
    pub key: Secret,
}

/// Why a key was not taken. Nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It cannot be one.
    #[error("this is no key: it is empty, or has spaces or line breaks in it. Copy it once more")]
    NotAKey,
    /// The name cannot be used.
    #[error("`{0}` is no name for a connection: use small letters, digits and hyphens, such as openai-work")]
    NotAName(String),
    /// Another provider is connected by this name.
    #[error("`{0}` is the connection of another provider; give this one another name with --name")]
    Taken(String),
    /// There is none of this name.
    #[error("there is no connection called `{0}`; `spend key list` names them")]
    Unknown(String),
    /// It is not known where to ask.
    #[error("{provider} runs at your own address: give it, such as {example}")]
    NoAddress {
        /// Who.
        provider: &'static str,
        /// An address as it looks.
        example: &'static str,
    },
    /// The keychain has no such key any more.
    #[error("the keychain has no key for `{0}` any more; enter it again with `spend key add`")]
    Lost(String),
    /// The keychain cannot be used.
    #[error(transparent)]
    Keychain(#[from] SecretError),
    /// The provider does not take it, or cannot be asked.
    #[error(transparent)]
    Provider(#[from] FetchError),
    /// The address or the proxy cannot be used.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl KeyError {
    /// A name for it that programs may branch on.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAKey => "not_a_key",
            Self::NotAName(_) => "not_a_name",
            Self::Taken(_) => "name_taken",
            Self::Unknown(_) => "unknown_connection",
            Self::NoAddress { .. } => "no_address",
            Self::Lost(_) => "key_lost",
            Self::Keychain(SecretError::Locked) => "keychain_locked",
            Self::Keychain(SecretError::NoBackend { .. }) => "no_keychain",
            Self::Keychain(_) => "keychain",
            Self::Provider(error) => error.code(),
            Self::Http(_) => "address",
            Self::Ledger(_) => "ledger",
        }
    }
}

/// Tests a key with its provider, keeps it in the keychain and connects it. One that is connected by this name already is
/// replaced.
///
/// # Errors
/// [`KeyError`]; then nothing was kept.
pub fn connect(
    ledger: &mut Ledger,
    keychain: &Keychain,
    places: &Places,
    entered: Entered,
    now: Timestamp,
) -> Result<AccountId, KeyError> {
    let Entered { provider, name, base, key } = entered;
    let key = Secret::new(key.expose().trim());
    if key.expose().is_empty() || !key.expose().chars().all(|letter| letter.is_ascii_graphic()) {
        return Err(KeyError::NotAKey);
    }
    let name = name.unwrap_or_else(|| provider.id.to_owned());
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err(KeyError::NotAName(name));
    }
    let known = ledger.connection(&name)?;
    if known.as_ref().is_some_and(|known| known.provider.id != provider.id) {
        // Its address is another provider's, who must not get this key.
        return Err(KeyError::Taken(name));
    }
    let base = base
        .or(known.map(|known| known.base))
        .map_or_else(|| home(provider), |base| Ok(base.trim().trim_end_matches('/').to_owned()))?;
    let access = Access { provider, http: http(&base, places)?, base: base.clone(), key: key.clone() };
    let organisation = access.test(now)?;
    refuse_twice(ledger, provider, &organisation, &name)?;
    // Before the ledger says that it is there.
    keychain.save(&name, &key)?;
    let connection = Connection::new(&name, provider, base, &key, now);
    ledger.keep_connection(&connection)?;
    Ok(ledger.identify(&connection, &organisation, now)?)
}

/// Asks the provider whether it still takes the key, and notes it.
///
/// # Errors
/// [`KeyError`] when it does not, or nobody can tell.
pub fn test(
    ledger: &mut Ledger,
    keychain: &Keychain,
    places: &Places,
    name: &str,
    now: Timestamp,
) -> Result<AccountId, KeyError> {
    let connection = ledger.connection(name)?.ok_or_else(|| KeyError::Unknown(name.to_owned()))?;
    let access = access(&connection, keychain, places)?;
    let organisation = access.test(now)?;
    // What was refused before may be read now.
    ledger.keep_connection(&connection)?;
    Ok(ledger.identify(&connection, &organisation, now)?)
}

/// Removes a key from the keychain and forgets its connection. What its account was charged stays known.
///
/// # Errors
/// [`KeyError`] when the keychain still has it.
pub fn disconnect(ledger: &mut Ledger, keychain: &Keychain, name: &str) -> Result<(), KeyError> {
    ledger.connection(name)?.ok_or_else(|| KeyError::Unknown(name.to_owned()))?;
    keychain.remove(name)?;
    Ok(ledger.forget_connection(name)?)
}

/// The way to the account of a connection.
///
/// # Errors
/// [`KeyError`] when the keychain does not give out the key.
pub fn access(connection: &Connection, keychain: &Keychain, places: &Places) -> Result<Access, KeyError> {
    let read = || keychain.read(&connection.name)?.ok_or_else(|| KeyError::Lost(connection.name.clone()));
    let mut key = read()?;
    if key.ends() != connection.key_ends {
        // `spend key add` put another one in its place since this process read it.
        keychain.forget(&connection.name);
        key = read()?;
    }
    let http = http(&connection.base, places)?;
    Ok(Access { provider: connection.provider, base: connection.base.clone(), http, key })
}

fn home(provider: &'static Provider) -> Result<String, KeyError> {
    match provider.home {
        Home::At(address) => Ok(address.to_owned()),
        Home::Own(example) => Err(KeyError::NoAddress { provider: provider.name, example }),
    }
}

/// A client that may ask the host of `base` and no other.
fn http(base: &str, places: &Places) -> Result<Http, HttpError> {
    let host = Address::parse(base)?.host();
    Ok(Http::to([host], Timeouts::default(), Proxy::from_variables(|name| places.variable(name))?))
}

fn refuse_twice(
    ledger: &Ledger,
    provider: &'static Provider,
    organisation: &Organisation,
    name: &str,
) -> Result<(), KeyError> {
    let same = |account: &super::Account| {
        account.provider == provider.id && organisation.id.is_some() && account.organisation == organisation.id
    };
    let account = ledger.accounts()?.into_iter().find(same);
    match account.map(|account| ledger.reads_already(account.id, name)).transpose()?.flatten() {
        Some(other) => Err(FetchError::Twice { provider: provider.name, other }.into()),
        None => Ok(()),
    }
}
