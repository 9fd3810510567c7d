//! Keys on the command line, with a real keyring and a provider that answers as the real one would: entered, tested, used,
//! removed, and found nowhere but in the keyring.

use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use acceptance::app::{App, Arguments, spend};
use acceptance::desktop::Desktop;
use acceptance::stage::PATIENCE;
use acceptance::wait::wait_for;
use anyhow::{Context, Result, ensure};
use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;
use stub::providers::Peer;
use stub::providers::openai::{self, Cost, Organisation, Project};

/// Made when it runs, so that nothing that looks like a key stands anywhere.
fn key() -> String {
    ["sk", "admin", &"7".repeat(40), "x3Qf"].join("-")
}

struct Terminal {
    desktop: Desktop,
    arguments: Arguments,
    peer: Peer<Organisation>,
}

impl Terminal {
    fn new(desktop: Desktop) -> Self {
        let now: Timestamp = acceptance::machine::now();
        let cost = |days: i64| Cost {
            at: now - (24 * days).hours(),
            line_item: Some("gpt-6-astra, input_tokens".into()),
            nanos: 2_000_000_000,
            ..Cost::default()
        };
        let project =
            Project { id: "proj_1".into(), name: "Chat app".into(), created: now, archived: None, keys: Vec::new() };
        let organisation = Organisation {
            keys: [(key(), vec![openai::USAGE, openai::NAMES])].into(),
            costs: (2..=3).map(cost).collect(),
            projects: vec![project],
            ..Organisation::default()
        };
        let home = desktop.home();
        let arguments = Arguments::new(home.join("data"), home);
        Self { desktop, arguments, peer: Peer::start(organisation, now) }
    }

    /// Runs `spend` with something on its standard input.
    fn spend_with(&self, input: &str, arguments: &[&str]) -> Result<Output> {
        let mut command = spend(&self.desktop, &self.arguments)?;
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn()?;
        process.stdin.take().context("no input")?.write_all(input.as_bytes())?;
        Ok(process.wait_with_output()?)
    }

    fn spend(&self, arguments: &[&str]) -> Result<Output> {
        self.spend_with("", arguments)
    }

    fn json(&self, arguments: &[&str]) -> Result<Value> {
        let output = self.spend(&[arguments, &["--json"]].concat())?;
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    fn add(&self, key: &str) -> Result<Output> {
        let base = self.peer.url("/v1");
        self.spend_with(&format!("{key}\n"), &["key", "add", "openai", "--base-url", &base])
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

#[test]
fn a_key_is_entered_tested_used_and_removed_and_is_nowhere_but_in_the_keyring() -> Result<()> {
    let terminal = Terminal::new(Desktop::start()?);
    let added = terminal.add(&key())?;
    ensure!(added.status.success(), "{}", said(&added));
    assert!(said(&added).contains("ends …x3Qf"), "{}", said(&added));

    let synced = terminal.spend(&["sync"])?;
    ensure!(synced.status.success(), "{}", said(&synced));
    let report = terminal.json(&["report", "--by", "provider"])?;
    assert_eq!(report["rows"][0]["cost_usd"], "4", "{report}");
    assert_eq!(report["rows"][0]["basis"], "billed");
    let listed = terminal.json(&["key", "list"])?;
    assert_eq!(listed["connections"][0]["key_ends"], "x3Qf", "{listed}");
    assert_eq!(listed["connections"][0]["state"], "fresh", "{listed}");
    let reconciled = terminal.json(&["reconcile"])?;
    assert_eq!(reconciled["rows"].as_array().map(Vec::len), Some(2), "{reconciled}");
    let doctor = terminal.spend(&["doctor"])?;
    assert!(said(&doctor).contains("…x3Qf"), "{}", said(&doctor));

    let everything = [&added, &synced, &doctor].map(said).concat() + &listed.to_string() + &reconciled.to_string();
    assert!(!everything.contains(&key()[9..40]), "nothing prints it");
    assert_eq!(holding(&terminal.desktop.home().join("data"), &key()[9..40])?, Vec::<String>::new());

    let asked = terminal.peer.asked().len();
    let taken = terminal.spend_with(&key(), &["key", "add", "anthropic", "--name", "openai"])?;
    assert!(said(&taken).contains("another provider"), "{}", said(&taken));
    assert_eq!(terminal.peer.asked().len(), asked, "a key goes to its own provider alone");

    let removed = terminal.spend(&["key", "remove", "openai"])?;
    ensure!(removed.status.success(), "{}", said(&removed));
    assert_eq!(terminal.json(&["key", "list"])?["connections"].as_array().map(Vec::len), Some(0));
    assert_eq!(terminal.json(&["report", "--by", "provider"])?["rows"][0]["cost_usd"], "4", "what was charged stays");
    let after = terminal.spend(&["sync"])?;
    assert_eq!(after.status.code(), Some(1), "{}", said(&after));
    Ok(())
}

#[test]
fn a_key_that_the_provider_does_not_take_is_not_kept() -> Result<()> {
    let terminal = Terminal::new(Desktop::start()?);
    for (key, why) in [("sk-admin-of-nobody-at-all", "refused this key"), ("", "no key"), ("two words", "no key")] {
        let output = terminal.add(key)?;
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains(why), "{key}: {}", said(&output));
        assert_eq!(terminal.json(&["key", "list"])?["connections"].as_array().map(Vec::len), Some(0), "{key}");
    }
    Ok(())
}

#[test]
fn t16_without_a_keyring_a_key_is_not_kept_anywhere_and_it_is_said_why() -> Result<()> {
    let terminal = Terminal::new(Desktop::start_without_keyring()?);
    let output = terminal.add(&key())?;
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("keychain"), "{}", said(&output));
    assert_eq!(terminal.json(&["key", "list"])?["connections"].as_array().map(Vec::len), Some(0));
    assert_eq!(holding(&terminal.desktop.home(), &key()[9..40])?, Vec::<String>::new());
    Ok(())
}

#[test]
fn a_locked_keyring_is_told_with_the_figures_as_they_were() -> Result<()> {
    let terminal = Terminal::new(Desktop::start()?);
    terminal.add(&key())?;
    terminal.spend(&["sync"])?;
    terminal.desktop.keyring_lock()?;
    let locked = terminal.spend(&["sync"])?;
    assert_eq!(locked.status.code(), Some(3), "{}", said(&locked));
    assert!(said(&locked).contains("the keychain is locked"), "{}", said(&locked));
    assert_eq!(terminal.json(&["report", "--by", "provider"])?["rows"][0]["cost_usd"], "4");
    terminal.desktop.keyring_unlock()?;
    ensure!(terminal.spend(&["sync"])?.status.success());
    Ok(())
}

#[test]
fn the_app_asks_by_itself_and_a_keyring_that_is_locked_when_it_starts_is_used_once_it_is_open() -> Result<()> {
    let terminal = Terminal::new(Desktop::start()?);
    ensure!(terminal.add(&key())?.status.success());
    terminal.desktop.keyring_lock()?;
    let app = App::start(&terminal.desktop, &terminal.arguments)?;
    let of_connection =
        |what: &str| -> Result<Value> { Ok(terminal.json(&["key", "list"])?["connections"][0][what].clone()) };
    wait_for("the app to say that the keychain is locked", PATIENCE, || {
        of_connection("code").ok().filter(|code: &Value| code == "keychain_locked")
    })?;
    assert_eq!(of_connection("state")?, "stale");
    terminal.desktop.keyring_unlock()?;
    // It tries again every minute, since a prompt must not come by itself.
    wait_for("the app to have read the bill", Duration::from_mins(3), || {
        let report = terminal.json(&["report", "--by", "project"]).ok()?;
        (report["rows"][0]["cost_usd"] == "4").then_some(())
    })?;
    assert_eq!(of_connection("code")?, Value::Null);
    terminal.desktop.settled_screenshot("bill", PATIENCE)?;
    // Another key in its place, by another process: the old one is gone at the provider.
    let other = key().replace("x3Qf", "9zKd");
    terminal.peer.change(|organisation| {
        organisation.keys = [(other.clone(), vec![openai::USAGE, openai::NAMES])].into();
        organisation.costs.iter_mut().for_each(|cost| cost.nanos = 3_000_000_000);
    });
    ensure!(terminal.add(&other)?.status.success());
    wait_for("the app to ask with the other key", Duration::from_mins(2), || {
        let keys = terminal.peer.asked();
        keys.last().and_then(stub::Request::bearer).filter(|asked| *asked == other).map(drop)
    })?;
    assert_eq!(of_connection("code")?, Value::Null, "the old one was not tried");
    let arguments = std::fs::read(format!("/proc/{}/cmdline", app.id()))?;
    assert!(!String::from_utf8_lossy(&arguments).contains(&key()[9..40]));
    Ok(())
}

/// Files below a folder that have these bytes in them.
fn holding(folder: &Path, bytes: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            // The keyring has it, encrypted or not.
            if !path.ends_with("keyrings") {
                found.extend(holding(&path, bytes)?);
            }
        } else if path.is_file() && std::fs::read(&path)?.windows(bytes.len()).any(|part| part == bytes.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    Ok(found)
}
