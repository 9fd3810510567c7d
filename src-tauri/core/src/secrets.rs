//! The one way to keys: a [`Keychain`] reads and saves them in the store that the system has for that.
//!
//! It is handed around as a parameter, so that whoever has none cannot read a key. There is no other place for a key: no
//! file, and no memory that stands in for a store that is missing. A store may prompt, hang or be gone for a while, so
//! every call ends in time, only [`Keychain::unlock`] lets the system ask the person, and no failure is remembered.

mod error;
#[cfg(any(test, not(target_os = "linux")))]
mod native;
mod secret;
#[cfg(target_os = "linux")]
mod secret_service;
mod store;
mod turns;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use self::error::SecretError;
#[cfg(not(target_os = "linux"))]
use self::native::Native as System;
pub use self::secret::Secret;
#[cfg(target_os = "linux")]
use self::secret_service::SecretService as System;
pub use self::store::{Namespace, Store};
use self::turns::{Turns, Why};

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the store, which answers in milliseconds when it is well.
    pub store: Duration,
    /// For a person who is asked for a password.
    pub person: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { store: Duration::from_secs(10), person: Duration::from_mins(2) }
    }
}

/// Keys by name, in the system's store. Clones share what was read.
///
/// A name is the provider's id, like `anthropic`. Each is read from the store once; a key that another process saved in
/// its place meanwhile is seen after [`Keychain::forget`]. That there is none is not remembered, since another process may save
/// one.
#[derive(Clone)]
pub struct Keychain {
    kept: Arc<Kept>,
    turns: Arc<Turns>,
    timeouts: Timeouts,
}

struct Kept {
    store: Box<dyn Store>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Keys as the store has them.
    secrets: BTreeMap<String, Secret>,
    /// Names of keys that are wanted, and for which the person would have to be asked.
    locked: BTreeSet<String>,
}

impl fmt::Debug for Keychain {
    // By hand, since a store need not be shown, and what is known has the names of providers at most.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keychain").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}

impl Keychain {
    /// The store of this system and user; on Linux, of the session whose bus the process's environment names. Nothing is
    /// asked of it before the first call, and it may come up after the app, go and come back.
    pub fn of_system(namespace: &Namespace, timeouts: Timeouts) -> Self {
        Self::with(System::new(namespace, timeouts), timeouts)
    }

    /// Keys in `store`.
    pub fn with(store: impl Store + 'static, timeouts: Timeouts) -> Self {
        let kept = Kept { store: Box::new(store), known: Mutex::default() };
        Self { kept: Arc::new(kept), turns: Arc::default(), timeouts }
    }

    /// The key `name`; `None` when the store has no such entry. Never makes the system ask the person.
    ///
    /// # Errors
    /// [`SecretError`] when the store cannot tell. The next call asks it again.
    pub fn read(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        // Before it is anybody's turn: what is known is known even while the store hangs.
        if let Some(secret) = self.kept.known().secrets.get(name) {
            return Ok(Some(secret.clone()));
        }
        let wanted = name.to_owned();
        self.call(format!("reading the key `{name}`"), move |kept| kept.read(&wanted))
    }

    /// Forgets what was read of the key `name`, so that the next read asks the store: another process saved another one.
    pub fn forget(&self, name: &str) {
        self.kept.known().secrets.remove(name);
    }

    /// Saves the key `name` in place of the one that there may be, whose entry stays the same with all that the system
    /// keeps with it, like who may read it. An entry that cannot be read is not written to.
    ///
    /// # Errors
    /// [`SecretError`] when the key could not be saved; after [`SecretError::TimedOut`] it may still come to be.
    pub fn save(&self, name: &str, secret: &Secret) -> Result<(), SecretError> {
        let (wanted, secret) = (name.to_owned(), secret.clone());
        self.call(format!("saving the key `{name}`"), move |kept| kept.save(&wanted, secret))
    }

    /// Removes the key `name`. That there is none is fine.
    ///
    /// # Errors
    /// [`SecretError`] when it may still be there.
    pub fn remove(&self, name: &str) -> Result<(), SecretError> {
        let wanted = name.to_owned();
        self.call(format!("removing the key `{name}`"), move |kept| kept.remove(&wanted))
    }

    /// Has the system ask the person for what keeps the store, or a key that was wanted, from being read. Nobody is asked
    /// when nothing is locked. Waits for the person; meanwhile all other calls answer [`SecretError::Locked`] at once.
    ///
    /// # Errors
    /// [`SecretError::Denied`] when the person declines, [`SecretError::TimedOut`] when they do not answer.
    pub fn unlock(&self) -> Result<(), SecretError> {
        self.run(Why::Unlock, self.timeouts.person, "unlocking".to_owned(), Kept::unlock)
    }

    fn call<T: Send + 'static>(
        &self,
        doing: String,
        work: impl FnOnce(&Kept) -> Result<T, SecretError> + Send + 'static,
    ) -> Result<T, SecretError> {
        self.run(Why::Call, self.timeouts.store, doing, work)
    }

    fn run<T: Send + 'static>(
        &self,
        why: Why,
        patience: Duration,
        doing: String,
        work: impl FnOnce(&Kept) -> Result<T, SecretError> + Send + 'static,
    ) -> Result<T, SecretError> {
        let kept = Arc::clone(&self.kept);
        self.turns.run(why, patience, doing, move || work(&kept))
    }
}

/// What is done on the thread that has its turn. It also notes what came of it, so that an answer that nobody waits for any
/// more is not lost.
impl Kept {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        // Whoever had the turn before may have read it.
        if let Some(secret) = self.known().secrets.get(name) {
            return Ok(Some(secret.clone()));
        }
        let read = self.note_if_locked(name, self.store.read(name))?;
        if let Some(secret) = &read {
            self.known().secrets.insert(name.to_owned(), secret.clone());
        }
        Ok(read)
    }

    fn save(&self, name: &str, secret: Secret) -> Result<(), SecretError> {
        // Asks the store, whatever is known: one that was locked since must not be written to either.
        self.note_if_locked(name, self.store.read(name))?;
        // What a write that fails leaves behind, only the store can tell.
        self.known().secrets.remove(name);
        self.note_if_locked(name, self.store.save(name, &secret))?;
        self.known().secrets.insert(name.to_owned(), secret);
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.known().secrets.remove(name);
        self.note_if_locked(name, self.store.remove(name))
    }

    fn note_if_locked<T>(&self, name: &str, result: Result<T, SecretError>) -> Result<T, SecretError> {
        if matches!(result, Err(SecretError::Locked)) {
            self.known().locked.insert(name.to_owned());
        }
        result
    }

    fn unlock(&self) -> Result<(), SecretError> {
        let wanted: Vec<String> = self.known().locked.iter().cloned().collect();
        self.store.unlock(&wanted)?;
        self.known().locked.clear();
        Ok(())
    }
}
