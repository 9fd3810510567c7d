//! Uses the keychain as the app does, one word at a time: `keychain NAMESPACE`.
//!
//! Does what the lines of its input say, in one process as long as there are any, and answers each with one line: `read
//! NAME`, `save NAME KEY`, `remove NAME`, `unlock`. It shows keys, so it keeps to the namespace of a test.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::io;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use spendmeter_core::secrets::{Keychain, Namespace, Secret, SecretError, Timeouts};

/// Shorter than the app's, so that tests see them end.
const TIMEOUTS: Timeouts = Timeouts { store: Duration::from_secs(3), person: Duration::from_secs(8) };

fn main() -> Result<()> {
    let namespace = std::env::args().nth(1).context("whose keys? say `keychain NAMESPACE`")?;
    let keychain = Keychain::of_system(&Namespace::Test(namespace), TIMEOUTS);
    for line in io::stdin().lines() {
        println!("{}", answer(&keychain, &line?)?);
    }
    Ok(())
}

fn answer(keychain: &Keychain, line: &str) -> Result<String> {
    let words: Vec<&str> = line.split(' ').collect();
    let done = |()| "done".to_owned();
    let answered = match *words {
        ["read", name] => {
            keychain.read(name).map(|key| key.map_or("none".to_owned(), |key| format!("key {}", key.expose())))
        }
        ["save", name, key] => keychain.save(name, &Secret::new(key)).map(done),
        ["remove", name] => keychain.remove(name).map(done),
        ["unlock"] => keychain.unlock().map(done),
        _ => bail!("`{line}` is nothing that can be done"),
    };
    Ok(answered.unwrap_or_else(|error| format!("{}: {error}", kind(&error))))
}

fn kind(error: &SecretError) -> &'static str {
    match error {
        SecretError::NoBackend { .. } => "NoBackend",
        SecretError::Locked => "Locked",
        SecretError::Denied { .. } => "Denied",
        SecretError::TimedOut { .. } => "TimedOut",
        SecretError::Failed { .. } => "Failed",
    }
}
