//! An agent as people install it, in a home of its own: nothing of this machine's environment reaches it, and nothing that
//! it is told to call is beyond loopback.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;

use super::mock::Mock;
use crate::desktop::Part;
use crate::machine::{program, variable};
use crate::wait::wait_for;

/// Long enough for the slowest of them on a busy machine: some load a hundred megabytes of script first.
const PATIENCE: Duration = Duration::from_mins(2);

/// Set it, to any value, to find what the agents wrote when the tests are over.
const KEEP: &str = "KEEP";

/// One of them, at home.
#[derive(Debug)]
pub struct Agent {
    program: PathBuf,
    folder: TempDir,
    environment: Vec<(String, String)>,
    /// The API that it is told to call.
    pub mock: Mock,
}

impl Agent {
    /// The agent whose command is `name`, in an empty home with a project in it.
    ///
    /// # Errors
    /// When it is not installed, or its home cannot be made.
    pub fn install(name: &str, mock: Mock) -> Result<Self> {
        let program = installed().join(name);
        ensure!(program.exists(), "{} does not exist; `scripts/setup.sh agents` brings it", program.display());
        let folder =
            tempfile::Builder::new().prefix(&format!("{name}-")).disable_cleanup(variable(KEEP).is_some()).tempdir()?;
        let agent = Self { program, folder, environment: Vec::new(), mock };
        fs::create_dir(agent.beside_home("tmp"))?;
        fs::create_dir_all(agent.project())?;
        fs::write(agent.project().join("empty.txt"), "")?;
        agent.git(&["init", "--quiet", "--initial-branch", "main"])?;
        agent.git(&["add", "."])?;
        agent.git(&["-c", "user.name=nobody", "-c", "user.email=nobody", "commit", "--quiet", "--message", "begin"])?;
        Ok(agent)
    }

    /// Adds a variable to its otherwise empty environment.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.push((name.to_owned(), value.into()));
    }

    /// Writes a file below its home.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, below: &str, content: &str) -> Result<()> {
        let file = self.home().join(below);
        fs::create_dir_all(file.parent().context("a file is in a folder")?)?;
        fs::write(&file, content).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Runs it in its project until it ends, and gives what it printed. `name` is what the run is called in what is served
    /// meanwhile. Whatever else it has started ends with it.
    ///
    /// # Errors
    /// When it does not end well, or not at all.
    pub fn run<A: AsRef<OsStr>>(&self, name: &str, arguments: impl IntoIterator<Item = A>) -> Result<String> {
        self.mock.begin(name);
        let (output, log) = (self.beside_home(&format!("{name}.out")), self.beside_home(&format!("{name}.err")));
        let mut command = self.command(&self.program)?;
        command.args(arguments);
        let process = Part::start_piped(name, &command, log, Stdio::null(), File::create(&output)?.into())?;
        let ended = wait_for("the agent to end", PATIENCE, || process.succeeded());
        self.keep()?;
        let output = fs::read_to_string(output)?;
        if !matches!(ended, Ok(true)) {
            bail!("{name}: {ended:?}: {output}{}", process.log_tail());
        }
        Ok(output)
    }

    /// Its home folder.
    pub fn home(&self) -> PathBuf {
        self.beside_home("home")
    }

    /// The folder of the project that it works on.
    pub fn project(&self) -> PathBuf {
        self.home().join("code/proj")
    }

    /// A place beside its home, which goes away with it.
    pub fn beside_home(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Gives all files of its home one time, as a copy of it may have, so that nothing tells which was written first.
    ///
    /// # Errors
    /// When a file cannot be changed.
    pub fn forget_times(&self) -> Result<()> {
        let mut folders = vec![self.home()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    folders.push(entry.path());
                } else if entry.file_type()?.is_file() {
                    File::open(entry.path())?.set_modified(SystemTime::UNIX_EPOCH)?;
                }
            }
        }
        Ok(())
    }

    /// Leaves what was asked and served beside the home, for whoever wants to know what an agent really does.
    fn keep(&self) -> Result<()> {
        let lines: Vec<String> = self.mock.received().iter().map(Value::to_string).collect();
        fs::write(self.beside_home("received.jsonl"), lines.join("\n"))?;
        let served = serde_json::to_string_pretty(&self.mock.served())?;
        Ok(fs::write(self.beside_home("served.json"), served)?)
    }

    fn git(&self, arguments: &[&str]) -> Result<()> {
        let status = self.command(&program("git")?)?.args(arguments).status()?;
        if !status.success() {
            bail!("git {arguments:?}: {status}");
        }
        Ok(())
    }

    fn command(&self, program: &Path) -> Result<Command> {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", path()?)
            .env("HOME", self.home())
            .env("TMPDIR", self.beside_home("tmp"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.project())
            .stdin(Stdio::null());
        Ok(command)
    }
}

/// Where npm puts the commands.
fn installed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("agents/node_modules/.bin")
}

/// The agents, which bring a Node that all of them can work with; this machine's where there is none for it; the system.
fn path() -> Result<std::ffi::OsString> {
    let node = program("node")?;
    let node = node.parent().context("a program is in a folder")?;
    Ok(std::env::join_paths([installed().as_path(), node, Path::new("/usr/bin"), Path::new("/bin")])?)
}
