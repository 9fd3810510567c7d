//! Stoplight Prism between a client and a server: it holds every request and every answer against what a provider says of
//! its endpoints in `tests/fixtures/providers`. What it lets through comes as the server sent it; a bad request it answers
//! with 422, a bad answer with 500, and in both it says what is wrong.
//!
//! It keeps no state and takes parameters that the file does not have; limits that depend on each other are the server's. A
//! refusal whose status the file does not have passes, whatever it says. Numbers are written anew: `0.10` comes as `0.1`.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::desktop::Part;
use crate::machine;

/// A file with a hundred schemas takes some seconds on a quiet machine.
const START: Duration = Duration::from_mins(1);

/// A running Prism. Dropping it ends it.
#[derive(Debug)]
pub struct Prism {
    url: String,
    part: Part,
    _folder: TempDir,
}

impl Prism {
    /// Starts it in front of the server at `upstream`, with the file `spec` of `tests/fixtures/providers`.
    ///
    /// # Errors
    /// When it is not installed, or does not come up with this file.
    pub fn in_front_of(spec: &str, upstream: &str) -> Result<Self> {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let program = tests.join("prism/prism.js");
        ensure!(
            tests.join("prism/node_modules/@stoplight/prism-cli").is_dir(),
            "Prism is not installed; `make setup-test` brings everything the tests need"
        );
        let folder = tempfile::tempdir().context("cannot make a folder for the log of Prism")?;
        let port = machine::free_port()?.to_string();
        let mut command = Command::new(machine::program("node")?);
        command.arg(program).args(["proxy", "--errors"]).arg(tests.join("fixtures/providers").join(spec)).arg(upstream);
        command.args(["--host", "127.0.0.1", "--port", &port]).env("HOME", folder.path());
        let running = Part::start("Prism", &command, folder.path().join("prism.log"))?;
        // Its own word, since on a port that somebody else was quicker to take somebody else would answer.
        running.await_ready("it listens", Instant::now() + START, || {
            running.log_tail().contains("Prism is listening").then_some(())
        })?;
        Ok(Self { url: format!("http://127.0.0.1:{port}"), part: running, _folder: folder })
    }

    /// Its address, to be used as the provider's.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The end of its log, for a test that fails.
    pub fn log(&self) -> String {
        self.part.log_tail()
    }
}
