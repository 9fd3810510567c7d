//! The keychain of macOS and the credential manager of Windows, through the stores of the `keyring` project.
//!
//! An entry's service is our namespace, its user the key's name. Opening a store asks nothing of the system, so each call
//! opens it anew. The project's front end, `keyring`, is not used: a store that failed to open stays so for the process.

#[cfg_attr(target_os = "macos", path = "native/macos.rs")]
#[cfg_attr(not(target_os = "macos"), path = "native/elsewhere.rs")]
mod asking;

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};
use zeroize::Zeroizing;

use self::asking::{ask_for_keychain, quietly, status_of};
#[cfg(not(target_os = "linux"))]
use super::{Namespace, Timeouts};
use super::{Secret, SecretError, Store};

type Open = fn() -> Result<Arc<CredentialStore>, Error>;

/// The store of this system.
pub(super) struct Native {
    service: String,
    open: Open,
}

impl Native {
    /// Its calls cannot be ended, so what they may take is not its own concern.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn new(namespace: &Namespace, _timeouts: Timeouts) -> Self {
        #[cfg(target_os = "macos")]
        let open: Open = || Ok(apple_native_keyring_store::keychain::Store::new()?);
        #[cfg(windows)]
        let open: Open = || Ok(windows_native_keyring_store::Store::new()?);
        Self { service: namespace.to_string(), open }
    }

    fn entry(&self, name: &str) -> Result<Entry, Error> {
        (self.open)()?.build(&self.service, name, None)
    }
}

impl Store for Native {
    fn read(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        let doing = || format!("reading the key `{name}`");
        match quietly(|| self.entry(name)?.get_secret()) {
            Ok(bytes) => match Secret::of_bytes(bytes) {
                Some(secret) => Ok(Some(secret)),
                None => Err(SecretError::Failed { doing: doing(), reason: "it is no text".to_owned() }),
            },
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(understood(doing(), &error)),
        }
    }

    fn save(&self, name: &str, secret: &Secret) -> Result<(), SecretError> {
        quietly(|| self.entry(name)?.set_secret(secret.expose().as_bytes()))
            .map_err(|error| understood(format!("saving the key `{name}`"), &error))
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        match quietly(|| self.entry(name)?.delete_credential()) {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(understood(format!("removing the key `{name}`"), &error)),
        }
    }

    fn unlock(&self, wanted: &[String]) -> Result<(), SecretError> {
        ask_for_keychain().map_err(|error| understood("unlocking".to_owned(), &error))?;
        for name in wanted {
            // An entry has a list of programs that may read it; for others, like a newer build, reading asks the person.
            match self.entry(name).and_then(|entry| entry.get_secret()) {
                Ok(bytes) => drop(Zeroizing::new(bytes)),
                Err(Error::NoEntry) => {}
                Err(error) => return Err(understood(format!("unlocking the key `{name}`"), &error)),
            }
        }
        Ok(())
    }
}

/// What the system's error means. Only what it displays is used: its details may have the key itself.
fn understood(doing: String, error: &Error) -> SecretError {
    let reason = error.to_string();
    let status = match error {
        Error::PlatformFailure(error) | Error::NoStorageAccess(error) => status_of(&**error),
        _ => None,
    };
    match (status, error) {
        // errSecInteractionNotAllowed: the keychain is locked, or another build of the app saved the key.
        (Some(-25308), _) => SecretError::Locked,
        // errSecUserCanceled, errSecAuthFailed
        (Some(-128 | -25293), _) => SecretError::Denied { doing, reason },
        // errSecNotAvailable, errSecNoDefaultKeychain
        (Some(-25291 | -25307), _) => SecretError::NoBackend { reason },
        // On Windows: this process has no session of a person, whose store it would be.
        (_, Error::NoStorageAccess(_)) if cfg!(windows) => SecretError::NoBackend { reason },
        (_, Error::NoStorageAccess(_)) => SecretError::Denied { doing, reason },
        _ => SecretError::Failed { doing, reason },
    }
}

#[cfg(test)]
mod tests {
    use keyring_core::mock;

    use super::*;

    thread_local! {
        static STORE: Arc<mock::Store> = mock::Store::new().unwrap();
    }

    fn native() -> Native {
        Native { service: "Spendmeter (test native)".to_owned(), open: || Ok(STORE.with(Arc::clone)) }
    }

    /// Has the next call fail.
    fn fail(native: &Native, error: Error) {
        native.entry("openai").unwrap().as_any().downcast_ref::<mock::Cred>().unwrap().set_error(error);
    }

    #[test]
    fn an_entry_of_the_system_is_set_read_and_removed() {
        let native = native();
        assert_eq!(native.read("openai"), Ok(None));
        assert_eq!(native.remove("openai"), Ok(()), "absent is fine");
        native.save("openai", &Secret::new("sk-one")).unwrap();
        native.save("openai", &Secret::new("sk-two")).unwrap();
        assert_eq!(native.read("openai"), Ok(Some(Secret::new("sk-two"))));
        assert_eq!(native.unlock(&["openai".to_owned(), "anthropic".to_owned()]), Ok(()));
        native.remove("openai").unwrap();
        assert_eq!(native.read("openai"), Ok(None));
    }

    #[test]
    fn what_is_no_text_is_an_error_that_does_not_show_it() {
        let native = native();
        native.entry("openai").unwrap().set_secret(b"sk-\xff").unwrap();
        let reason = "it is no text".to_owned();
        assert_eq!(
            native.read("openai"),
            Err(SecretError::Failed { doing: "reading the key `openai`".to_owned(), reason })
        );
        fail(&native, Error::BadEncoding(b"sk-secret".to_vec()));
        let shown = format!("{:?}", native.read("openai").unwrap_err());
        assert!(!shown.contains("sk-") && !shown.contains("115"), "{shown}");
    }

    #[test]
    fn a_store_that_does_not_let_us_in_is_told_from_an_entry_that_is_not_there() {
        let native = native();
        native.save("openai", &Secret::new("sk-one")).unwrap();
        fail(&native, Error::NoStorageAccess("not yours".into()));
        assert!(matches!(native.read("openai"), Err(SecretError::Denied { .. })));
        fail(&native, Error::PlatformFailure("it broke".into()));
        assert!(matches!(native.read("openai"), Err(SecretError::Failed { .. })));
        assert_eq!(native.read("openai"), Ok(Some(Secret::new("sk-one"))));
    }
}
