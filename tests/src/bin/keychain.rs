//! Uses the keychain as the app does, one word at a time: `keychain NAMESPACE PATIENCE`, the patience being that for a person
//! who is asked, in seconds.
//!
//! Does what the lines of its input say, in one process as long as there are any, and answers each with one line: `read
//! NAME`, `save NAME KEY`, `remove NAME`, `unlock`. It shows keys, so it keeps to the namespace of a test.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::io;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use spendmeter_core::secrets::{Keychain, Namespace, Secret, SecretError, Timeouts};

/// Shorter than the app's, so that tests see it end.
const STORE: Duration = Duration::from_secs(3);

fn main() -> Result<()> {
    let [namespace, patience] =
        std::env::args().skip(1).collect::<Vec<_>>().try_into().ok().context("say `keychain NAMESPACE PATIENCE`")?;
    let timeouts = Timeouts { store: STORE, person: Duration::from_secs(patience.parse()?) };
    let keychain = Keychain::of_system(&Namespace::Test(namespace), timeouts);
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
