//! What a [`Keychain`](super::Keychain) asks of the system, and the name under which the app's entries are there.

use std::fmt;

use super::{Secret, SecretError};

/// A place of the system in which keys lie. Asked by one thread at a time, and may take as long as it likes.
///
/// Only [`Store::unlock`] may make the system ask the person. What is kept between two calls, like a connection, has to be
/// looked at anew in each: the system's part may have ended, or come up.
pub trait Store: Send + Sync {
    /// The entry `name`; `None` only if it is certain that there is none.
    ///
    /// # Errors
    /// [`SecretError`] when it cannot be told; [`SecretError::Locked`] when the person would have to be asked.
    fn read(&self, name: &str) -> Result<Option<Secret>, SecretError>;

    /// Sets the entry `name`, in place if there is one.
    ///
    /// # Errors
    /// [`SecretError`] when it was not set.
    fn save(&self, name: &str, secret: &Secret) -> Result<(), SecretError>;

    /// Removes the entry `name`, if there is one.
    ///
    /// # Errors
    /// [`SecretError`] when it may still be there.
    fn remove(&self, name: &str) -> Result<(), SecretError>;

    /// Has the system ask the person for whatever keeps the store as a whole, or the entries `wanted`, from being read.
    ///
    /// # Errors
    /// [`SecretError`] when they still cannot be read.
    fn unlock(&self, wanted: &[String]) -> Result<(), SecretError>;
}

/// Whose entries these are. Those of one are out of reach of the others, so that neither a test nor a build of a developer
/// touches a real key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Namespace {
    /// What people run.
    Release,
    /// A developer's build.
    Development,
    /// One test, by its name.
    Test(String),
}

impl Namespace {
    /// That of this very build: of a developer where it was built with debug assertions.
    pub fn of_this_build() -> Self {
        if cfg!(debug_assertions) { Self::Development } else { Self::Release }
    }
}

impl fmt::Display for Namespace {
    /// As the system's own program for passwords shows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Release => f.write_str("Spendmeter"),
            Self::Development => f.write_str("Spendmeter (development)"),
            Self::Test(name) => write!(f, "Spendmeter (test {name})"),
        }
    }
}
