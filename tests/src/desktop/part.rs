//! One program of a desktop session: started with a log of its own, ended with everything that it started.
//!
//! Each part leads a process group, so that what it started ends with it. `setpriv` has the kernel end the part when the
//! thread that started it is gone, so that a test that is killed, and can drop nothing, leaves nothing behind either.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::wait::{try_for, wait_for};

/// How long a part may take to end by itself once it was asked to.
const FAREWELL: Duration = Duration::from_secs(2);

/// Lines of a log that an error quotes.
const QUOTED_LINES: usize = 15;

/// A running program and its log. Dropping it ends it.
#[derive(Debug)]
pub struct Part {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Part {
    /// Starts `command`, its errors (and its output, unless the command sends it elsewhere) written to `log`.
    ///
    /// # Errors
    /// When the program does not start.
    pub fn start(name: &str, command: &Command, log: PathBuf) -> Result<Self> {
        let file = append_to(&log)?;
        let output = file.try_clone()?;
        Self::start_with(name, command, log, Stdio::null(), output.into(), file.into())
    }

    /// [`Part::start`] with `input` and `output` of the caller's choice; the errors go to `log`.
    pub(crate) fn start_piped(
        name: &str,
        command: &Command,
        log: PathBuf,
        input: Stdio,
        output: Stdio,
    ) -> Result<Self> {
        let file = append_to(&log)?;
        Self::start_with(name, command, log, input, output, file.into())
    }

    fn start_with(
        name: &str,
        command: &Command,
        log: PathBuf,
        input: Stdio,
        output: Stdio,
        errors: Stdio,
    ) -> Result<Self> {
        let mut guarded = Command::new("setpriv");
        guarded.args(["--pdeathsig", "KILL", "--"]).arg(command.get_program()).args(command.get_args()).env_clear();
        guarded.envs(command.get_envs().filter_map(|(key, value)| Some((key, value?))));
        if let Some(folder) = command.get_current_dir() {
            guarded.current_dir(folder);
        }
        let child = guarded
            .process_group(0)
            .stdin(input)
            .stdout(output)
            .stderr(errors)
            .spawn()
            .with_context(|| format!("cannot start {name}: `setpriv` of util-linux did not start"))?;
        Ok(Self { name: name.to_owned(), child, log })
    }

    /// Waits until `ready` has an answer; `what` says what that is.
    ///
    /// # Errors
    /// When the part ends before, or `until` passes. Both name the part and quote the end of its log.
    pub fn await_ready<T>(&self, what: &str, until: Instant, mut ready: impl FnMut() -> Option<T>) -> Result<T> {
        let patience = until.saturating_duration_since(Instant::now());
        try_for(what, patience, || {
            let found = ready();
            if found.is_none() && self.ended() {
                bail!("it ended before {what}");
            }
            Ok(found)
        })
        .with_context(|| format!("{} did not come up; the end of its log:\n{}", self.name, self.log_tail()))
    }

    /// Whether the program has ended.
    pub fn ended(&self) -> bool {
        self.succeeded().is_some()
    }

    /// Whether the program ended as it should; `None` while it runs.
    pub(crate) fn succeeded(&self) -> Option<bool> {
        // Only looks: the process stays a zombie until it is dropped, so that its group's number cannot become another's.
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        match waitid(WaitId::Pid(self.group()), look) {
            Ok(None) => None,
            Ok(Some(end)) => Some(end.exit_status() == Some(0)),
            Err(_) => Some(false),
        }
    }

    /// The last lines that it wrote.
    pub fn log_tail(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        if lines.is_empty() {
            "(empty)".to_owned()
        } else {
            lines[lines.len().saturating_sub(QUOTED_LINES)..].join("\n")
        }
    }

    /// Its process id, which is also that of its process group.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it and everything that it started has ended.
    fn all_ended(&self) -> bool {
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let mut states = processes.filter_map(|process| fs::read_to_string(process.path().join("stat")).ok());
        states.all(|state| !is_alive_in(self.child.id(), &state).unwrap_or(false))
    }

    fn group(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Asked first: an X server removes its lock, a ledger its journal. That nobody is left is no error.
        for signal in [Signal::TERM, Signal::KILL] {
            let _ = kill_process_group(self.group(), signal);
            let _ = wait_for("a farewell", FAREWELL, || self.all_ended().then_some(()));
        }
        let _ = self.child.wait();
    }
}

/// Whether the process with this `/proc/…/stat` is of the group and still holds something, like its name on the bus.
fn is_alive_in(group: u32, stat: &str) -> Option<bool> {
    // The name comes first, in brackets, and may itself contain some. Then: state, parent, group, … and, 18th, threads.
    let (_name, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    // A zombie has let go of everything once its other threads have ended too.
    let ended = matches!(*fields.first()?, "Z" | "X") && fields.get(17)?.parse::<u32>().ok()? <= 1;
    Some(!ended && fields.get(2)?.parse() == Ok(group))
}

/// Appends, since a second part of the same name may write there too.
fn append_to(log: &Path) -> Result<File> {
    File::options().append(true).create(true).open(log).with_context(|| format!("cannot write {}", log.display()))
}

/// Parts in the order in which they were started; they end in the reverse order.
#[derive(Debug, Default)]
pub(super) struct Parts(pub(super) Vec<Part>);

impl Drop for Parts {
    fn drop(&mut self) {
        while let Some(last) = self.0.pop() {
            drop(last);
        }
    }
}
