//! The Secret Service of Linux desktops, over the session bus: GNOME Keyring, KWallet, KeePassXC.
//!
//! Keys lie in the default collection, one item each, under the attributes `service` and `username` that other programs
//! use, too: `secret-tool lookup service Spendmeter username anthropic`. On the bus they are encrypted.
//!
//! Spoken with directly and not through the `keyring` project's store, which unlocks whatever it finds locked and so makes
//! the desktop prompt in the middle of a background read. Reading an item never prompts by itself. Each call has a
//! connection and a session of its own: a daemon that is restarted forgets its sessions, and one that comes up late has
//! none.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use secret_service::blocking::{Collection, Item, SecretService as Service};
use secret_service::{EncryptionType, Error};
use zbus::blocking::{Connection, connection};
use zbus::fdo;

use super::{Namespace, Secret, SecretError, Store, Timeouts};

const TEXT: &str = "text/plain";

/// What the bus says when the service did not answer, be it by its own patience or by ours.
const NO_REPLY: &str = "org.freedesktop.DBus.Error.NoReply";

/// What the default collection is called when there is none and it has to be made; libsecret calls it the same.
const DEFAULT_LABEL: &str = "Default keyring";

/// The store of this session.
pub(super) struct SecretService {
    namespace: String,
    timeouts: Timeouts,
}

impl SecretService {
    pub(super) fn new(namespace: &Namespace, timeouts: Timeouts) -> Self {
        Self { namespace: namespace.to_string(), timeouts }
    }

    /// Does `work` in a session of its own, and tells what its errors mean.
    fn session<T>(
        &self,
        doing: &str,
        work: impl FnOnce(&Service<'_>, &Connection) -> Result<T, Error>,
    ) -> Result<T, SecretError> {
        let bus = connection::Builder::session()
            .and_then(|bus| bus.method_timeout(self.timeouts.store).build())
            .map_err(|error| SecretError::NoBackend { reason: format!("no session bus: {error}") })?;
        Service::connect_with_existing(EncryptionType::Dh, bus.clone())
            .and_then(|service| work(&service, &bus))
            .map_err(|error| self.understood(doing, &error))
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
            "DBus.Error.NoReply" => SecretError::TimedOut { doing, after: self.timeouts.store },
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
            let _limit = limit(bus.clone(), self.timeouts.person);
            match default_collection(service)? {
                Some(default) if default.is_locked()? => default.unlock()?,
                Some(_) => {}
                None => drop(service.create_collection(DEFAULT_LABEL, "default")?),
            }
            for name in wanted {
                let locked = service.search_items(self.attributes(name))?.locked;
                if !locked.is_empty() {
                    service.unlock_all(&locked.iter().collect::<Vec<_>>())?;
                }
            }
            Ok(())
        })
    }
}

fn default_collection<'a>(service: &'a Service<'a>) -> Result<Option<Collection<'a>>, Error> {
    match service.get_default_collection() {
        Ok(collection) => Ok(Some(collection)),
        Err(Error::NoResult) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Closes the connection after `span`, unless what this gives is dropped before. Waiting for a prompt has no other end: the
/// prompter may be gone, or the person. The service takes back the prompt of a connection that is closed.
fn limit(bus: Connection, span: Duration) -> Sender<()> {
    let (done, waiting) = channel();
    thread::spawn(move || {
        if waiting.recv_timeout(span) == Err(RecvTimeoutError::Timeout) {
            // That it is closed already is fine.
            let _ = bus.close();
        }
    });
    done
}

/// The error's name on the bus, whoever gave it.
fn name_of(error: &Error) -> Option<String> {
    match error {
        Error::Zbus(zbus::Error::FDO(error)) => Some(name_of_fdo(error)),
        Error::Zbus(error) | Error::ZbusFdo(fdo::Error::ZBus(error)) => match error {
            zbus::Error::MethodError(name, _, _) => Some(name.to_string()),
            zbus::Error::InputOutput(error) if error.kind() == ErrorKind::TimedOut => Some(NO_REPLY.to_owned()),
            _ => None,
        },
        Error::ZbusFdo(error) => Some(name_of_fdo(error)),
        _ => None,
    }
}

fn name_of_fdo(error: &fdo::Error) -> String {
    zbus::DBusError::name(error).to_string()
}
