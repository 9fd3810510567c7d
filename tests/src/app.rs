//! Starts the product's two binaries in a desktop session, with a ledger and a home of the test's choice.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::desktop::{Desktop, Part};
use crate::machine;
use crate::tray::TrayItem;
use crate::wait::wait_for;

/// Where a test's app keeps its ledger, where it looks for agents' logs, and what else it is told.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// The folder of the ledger (`--data-dir`).
    pub data_dir: PathBuf,
    /// The home in which agents' logs are looked for (`--home`).
    pub home: PathBuf,
    /// Further arguments.
    pub more: Vec<String>,
}

impl Arguments {
    /// A ledger in `data_dir`, logs below `home`, nothing more.
    pub fn new(data_dir: impl Into<PathBuf>, home: impl Into<PathBuf>) -> Self {
        Self { data_dir: data_dir.into(), home: home.into(), more: Vec::new() }
    }

    /// As they stand on the command line of both binaries.
    pub fn to_vec(&self) -> Vec<String> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let mut all = vec!["--data-dir".to_owned(), text(&self.data_dir), "--home".to_owned(), text(&self.home)];
        all.extend(self.more.iter().cloned());
        all
    }
}

/// The tray app's binary: of this build, or the one that `SPENDMETER_BIN` names.
///
/// # Errors
/// When it was not built.
pub fn spendmeter() -> Result<PathBuf> {
    machine::variable("SPENDMETER_BIN").map_or_else(|| machine::built_binary("spendmeter"), |path| Ok(path.into()))
}

/// A call of the command line on the same ledger and home, inside the session.
///
/// # Errors
/// When it was not built.
pub fn spend(desktop: &Desktop, arguments: &Arguments) -> Result<Command> {
    let mut command = desktop.command(machine::built_binary("spend")?);
    command.args(arguments.to_vec());
    Ok(command)
}

/// The running tray app. Dropping it ends it, webview processes included.
#[derive(Debug)]
pub struct App {
    process: Part,
}

impl App {
    /// Starts the app in the session. It is only started: [`App::tray`] waits until it is there.
    ///
    /// # Errors
    /// When it was not built or does not start.
    pub fn start(desktop: &Desktop, arguments: &Arguments) -> Result<Self> {
        let mut command = desktop.command(spendmeter()?);
        command.args(arguments.to_vec());
        Self::start_command(desktop, &command)
    }

    /// Starts the app with a command of the caller's.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_command(desktop: &Desktop, command: &Command) -> Result<Self> {
        Ok(Self { process: desktop.run("spendmeter", command)? })
    }

    /// Waits for its item in the tray.
    ///
    /// # Errors
    /// When none appears within `patience`, or the app ends: quotes what the app wrote.
    pub fn tray(&self, desktop: &Desktop, patience: Duration) -> Result<TrayItem> {
        self.process.await_ready("its item in the tray", Instant::now() + patience, || {
            TrayItem::all(desktop).ok()?.into_iter().find(|item| item.process_id().is_ok_and(|id| id == self.id()))
        })
    }

    /// Waits until the app has ended by itself, as after Quit.
    ///
    /// # Errors
    /// When it still runs after `patience`.
    pub fn await_end(&self, patience: Duration) -> Result<()> {
        wait_for("the app to end", patience, || self.ended().then_some(()))
            .with_context(|| format!("the end of the app's log:\n{}", self.process.log_tail()))
    }

    /// Whether the app has ended.
    pub fn ended(&self) -> bool {
        self.process.ended()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Ends it and waits until it is gone.
    pub fn stop(self) {
        drop(self);
    }
}
