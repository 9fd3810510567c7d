//! The Secret Service of Linux desktops, over the session bus: GNOME Keyring, KWallet, KeePassXC.
//!
//! Keys lie in the default collection, one item each, under the attributes `service` and `username` that other programs
//! use, too: `secret-tool lookup service Spendmeter username anthropic`. On the bus they are encrypted.
//!
//! Spoken with directly and not through the `keyring` project's store, which unlocks whatever it finds locked and so makes
//! the desktop prompt in the middle of a background read. Reading an item of an unlocked collection asks nobody.
//!
//! One connection is kept, and one session for as long as the same service answers. A connection per call would be simpler,
//! but GNOME Keyring, seen up to 50, can abort and come back locked when clients come and go. It will do once no release in
//! use does that: <https://gitlab.gnome.org/GNOME/gnome-keyring/-/issues/195>

mod prompt;

use std::collections::HashMap;
use std::io::ErrorKind;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use secret_service::blocking::{Collection, Item, SecretService as Service};
use secret_service::{EncryptionType, Error};
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, connection};
use zbus::fdo;
use zbus::names::{BusName, OwnedUniqueName};
use zbus::zvariant::OwnedObjectPath;

use self::prompt::Person;
use super::{Namespace, Secret, SecretError, Store, Timeouts};

const NAME: &str = "org.freedesktop.secrets";

const TEXT: &str = "text/plain";

/// As the bus calls it when its patience is over; it is also what our own is called here. Its `NoReply` is something else:
/// the service ended before it answered.
const TIMED_OUT: &str = "org.freedesktop.DBus.Error.TimedOut";

/// What the default collection is called when there is none and it has to be made; libsecret calls it the same.
const DEFAULT_LABEL: &str = "Default keyring";

/// The store of this session.
pub(super) struct SecretService {
    namespace: String,
    timeouts: Timeouts,
    link: Mutex<Option<Link>>,
}

struct Link {
    bus: Connection,
    session: Option<Session>,
}

/// What was agreed on with one service. Another one, like the same after a restart, knows nothing of it.
struct Session {
    service: Service<'static>,
    owner: OwnedUniqueName,
}

impl SecretService {
    pub(super) fn new(namespace: &Namespace, timeouts: Timeouts) -> Self {
        Self { namespace: namespace.to_string(), timeouts, link: Mutex::default() }
    }

    /// Does `work` in a session, and tells what its errors mean.
    fn session<T>(
        &self,
        doing: &str,
        work: impl FnOnce(&Service<'_>, &Connection) -> Result<T, Error>,
    ) -> Result<T, SecretError> {
        // Held all the time: there is one call at a time.
        let mut kept = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        let link = match kept.take().and_then(Link::present) {
            Some(link) => link,
            None => Link { bus: self.connect()?, session: None },
        };
        let link = kept.insert(link);
        link.session().and_then(|(service, bus)| work(service, bus)).map_err(|error| self.understood(doing, &error))
    }

    fn connect(&self) -> Result<Connection, SecretError> {
        connection::Builder::session()
            .and_then(|bus| bus.method_timeout(self.timeouts.store).build())
            .map_err(|error| SecretError::NoBackend { reason: format!("no session bus: {error}") })
    }

    fn attributes<'a>(&'a self, name: &'a str) -> HashMap<&'a str, &'a str> {
        HashMap::from([("service", self.namespace.as_str()), ("username", name)])
    }

    /// The items of the key `name`, those of the default collection first: where there are several, these are ours.
    fn items<'a>(&self, service: &'a Service<'a>, name: &str) -> Result<Vec<Item<'a>>, Error> {
        let found = service.search_items(self.attributes(name))?;
        let default = default_collection(service)?;
        if found.unlocked.is_empty() {
            // Not every service tells what a locked collection has: what is not found there may still be there.
            let is_locked = default.as_ref().map(Collection::is_locked).transpose()?.unwrap_or(false);
            if is_locked || !found.locked.is_empty() {
                return Err(Error::Locked);
            }
        }
        let mut items = found.unlocked;
        let folder = default.map(|default| format!("{}/", default.collection_path.as_str())).unwrap_or_default();
        items.sort_by_key(|item| !item.item_path.starts_with(&folder));
        Ok(items)
    }

    /// What keeps the default collection, or the keys `wanted`, from being read.
    fn locked(&self, service: &Service<'_>, wanted: &[String]) -> Result<Vec<OwnedObjectPath>, Error> {
        let mut locked = Vec::new();
        if let Some(default) = default_collection(service)?
            && default.is_locked()?
        {
            locked.push(default.collection_path);
        }
        for name in wanted {
            locked.extend(service.search_items(self.attributes(name))?.locked.into_iter().map(|item| item.item_path));
        }
        Ok(locked)
    }

    fn understood(&self, doing: &str, error: &Error) -> SecretError {
        let (doing, reason) = (doing.to_owned(), error.to_string());
        match error {
            Error::Locked => return SecretError::Locked,
            Error::Prompt => return SecretError::Denied { doing, reason },
            Error::Unavailable => return SecretError::NoBackend { reason },
            Error::PromptDisconnected => return SecretError::TimedOut { doing, after: self.timeouts.person },
            _ => {}
        }
        let name = name_of(error).unwrap_or_default();
        match name.strip_prefix("org.freedesktop.").unwrap_or(&name) {
            "Secret.Error.IsLocked" => SecretError::Locked,
            "DBus.Error.TimedOut" | "DBus.Error.Timeout" => SecretError::TimedOut { doing, after: self.timeouts.store },
            "DBus.Error.ServiceUnknown" | "DBus.Error.NameHasNoOwner" => SecretError::NoBackend { reason },
            // The bus knows of a service, and could not start it.
            name if name.starts_with("DBus.Error.Spawn.") => SecretError::NoBackend { reason },
            "DBus.Error.AccessDenied" => SecretError::Denied { doing, reason },
            _ => SecretError::Failed { doing, reason },
        }
    }
}

impl Store for SecretService {
    fn read(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        let doing = format!("reading the key `{name}`");
        let bytes =
            self.session(&doing, |service, _| self.items(service, name)?.first().map(Item::get_secret).transpose())?;
        match bytes.map(Secret::of_bytes) {
            None => Ok(None),
            Some(Some(secret)) => Ok(Some(secret)),
            Some(None) => Err(SecretError::Failed { doing, reason: "it is no text".to_owned() }),
        }
    }

    fn save(&self, name: &str, secret: &Secret) -> Result<(), SecretError> {
        self.session(&format!("saving the key `{name}`"), |service, _| {
            let bytes = secret.expose().as_bytes();
            if let Some(item) = self.items(service, name)?.first() {
                return item.set_secret(bytes, TEXT);
            }
            // To make a collection, the system asks for its password: that is for `unlock`.
            let default = default_collection(service)?.ok_or(Error::Locked)?;
            let label = format!("{}: {name}", self.namespace);
            default.create_item(&label, self.attributes(name), bytes, true, TEXT).map(drop)
        })
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.session(&format!("removing the key `{name}`"), |service, _| {
            self.items(service, name)?.iter().try_for_each(Item::delete)
        })
    }

    fn unlock(&self, wanted: &[String]) -> Result<(), SecretError> {
        self.session("unlocking", |service, bus| {
            let person = Person { bus, until: Instant::now() + self.timeouts.person };
            let has_default = || Ok(default_collection(service)?.is_some());
            if !has_default()? {
                person.make_default_collection(DEFAULT_LABEL, has_default)?;
            }
            let locked = self.locked(service, wanted)?;
            if locked.is_empty() {
                return Ok(());
            }
            person.unlock(locked, || Ok(self.locked(service, wanted)?.is_empty()))
        })
    }
}

impl Link {
    /// This link, if the bus still answers, without a session that its service does not know any more.
    fn present(mut self) -> Option<Self> {
        let owner = owner(&self.bus).ok()?;
        self.session = self.session.filter(|session| Some(&session.owner) == owner.as_ref());
        Some(self)
    }

    fn session(&mut self) -> Result<(&Service<'static>, &Connection), Error> {
        let session = match self.session.take() {
            Some(session) => session,
            None => Session::open(&self.bus)?,
        };
        Ok((&self.session.insert(session).service, &self.bus))
    }
}

impl Session {
    /// Has the bus start a service, if none runs and it knows one.
    fn open(bus: &Connection) -> Result<Self, Error> {
        let service = Service::connect_with_existing(EncryptionType::Dh, bus.clone())?;
        Ok(Self { service, owner: owner(bus)?.ok_or(Error::Unavailable)? })
    }
}

/// Who answers for the Secret Service at present.
fn owner(bus: &Connection) -> Result<Option<OwnedUniqueName>, fdo::Error> {
    match DBusProxy::new(bus)?.get_name_owner(BusName::from_static_str(NAME).map_err(zbus::Error::from)?) {
        Ok(owner) => Ok(Some(owner)),
        Err(fdo::Error::NameHasNoOwner(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn default_collection<'a>(service: &'a Service<'a>) -> Result<Option<Collection<'a>>, Error> {
    match service.get_default_collection() {
        Ok(collection) => Ok(Some(collection)),
        Err(Error::NoResult) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The error's name on the bus, whoever gave it.
fn name_of(error: &Error) -> Option<String> {
    match error {
        Error::Zbus(zbus::Error::FDO(error)) => Some(name_of_fdo(error)),
        Error::Zbus(error) | Error::ZbusFdo(fdo::Error::ZBus(error)) => match error {
            zbus::Error::MethodError(name, _, _) => Some(name.to_string()),
            zbus::Error::InputOutput(error) if error.kind() == ErrorKind::TimedOut => Some(TIMED_OUT.to_owned()),
            _ => None,
        },
        Error::ZbusFdo(error) => Some(name_of_fdo(error)),
        _ => None,
    }
}

fn name_of_fdo(error: &fdo::Error) -> String {
    zbus::DBusError::name(error).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_bus_says_is_understood() {
        let store = SecretService::new(&Namespace::Test("words".to_owned()), Timeouts::default());
        let doing = "reading the key `openai`";
        let after = Timeouts::default().store;
        let understood = |error: fdo::Error| store.understood(doing, &Error::ZbusFdo(error));
        let late = std::io::Error::from(ErrorKind::TimedOut);
        for error in [fdo::Error::ZBus(late.into()), fdo::Error::TimedOut("so long".to_owned())] {
            assert_eq!(understood(error), SecretError::TimedOut { doing: doing.to_owned(), after });
        }
        for error in [
            fdo::Error::ServiceUnknown("nobody".to_owned()),
            fdo::Error::SpawnChildExited("it ended".to_owned()),
            fdo::Error::SpawnExecFailed("it is gone".to_owned()),
        ] {
            assert!(matches!(understood(error), SecretError::NoBackend { .. }));
        }
        assert!(matches!(understood(fdo::Error::AccessDenied("no".to_owned())), SecretError::Denied { .. }));
        // The service ended in the middle: nothing to wait for, and the next call finds out what there is now.
        assert!(matches!(understood(fdo::Error::NoReply("gone".to_owned())), SecretError::Failed { .. }));
    }
}
