//! A home in a temporary folder, and the real program on it, at noon of 26 November 2026 in UTC for somebody in Berlin.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) struct Home(TempDir);

impl Home {
    /// No agent ever ran there.
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With a transcript of Claude Code: 71 calls of Opus 4.7 for $5.942159, all of them read.
    pub(crate) fn of_opus() -> Self {
        let home = Self::empty();
        home.lay_out("claude-code/fundwise.jsonl", ".claude/projects/fundwise/session.jsonl");
        home.spend(&["scan"]);
        home
    }

    /// With the same and a rollout of Codex, nothing of which was read yet.
    pub(crate) fn of_two_agents() -> Self {
        let home = Self::empty();
        home.lay_out("claude-code/fundwise.jsonl", ".claude/projects/fundwise/session.jsonl");
        home.lay_out("codex/raze-0.114.reemits.jsonl", ".codex/sessions/2026/03/12/rollout-raze.jsonl");
        home
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    pub(crate) fn lay_out(&self, sample: &str, below: &str) {
        let to = self.path(below);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(repository().join("tests/fixtures").join(sample), to).unwrap();
    }

    /// Reads one more call of Claude Code, whose message has this id: it tells who served the call.
    pub(crate) fn call(&self, id: &str, model: &str) {
        let usage = json!({ "input_tokens": 1_000_000, "output_tokens": 0 });
        let message = json!({ "id": id, "model": model, "usage": usage });
        let line = json!({ "type": "assistant", "timestamp": "2026-11-25T10:00:00Z", "message": message });
        fs::write(self.path(&format!(".claude/projects/fundwise/{id}.jsonl")), format!("{line}\n")).unwrap();
        self.spend(&["scan"]);
    }

    /// Runs `spend` with nothing of this machine's environment.
    pub(crate) fn spend(&self, arguments: &[&str]) -> Output {
        self.spend_with_mirror("", arguments)
    }

    /// The same with a mirror of the price lists that the environment names.
    pub(crate) fn spend_with_mirror(&self, mirror: &str, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_spend"))
            .env_clear()
            .env("SPENDMETER_PRICES_FROM", mirror)
            .args(["--home", &self.path("").to_string_lossy(), "--data-dir", &self.path("data").to_string_lossy()])
            .args(["--timezone", "Europe/Berlin", "--now", "2026-11-26T12:00:00Z"])
            .args(arguments)
            .output()
            .unwrap()
    }

    /// What it says to programs.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.text(&[arguments, &["--json"]].concat())).unwrap()
    }

    /// What it says to people.
    pub(crate) fn text(&self, arguments: &[&str]) -> String {
        let output = self.spend(arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Why it did not do it.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        let output = self.spend(arguments);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
        text(&output.stderr)
    }

    /// What all calls cost, by basis.
    pub(crate) fn totals(&self) -> [Value; 2] {
        let totals = &self.json(&["report", "--by", "agent"])["totals"];
        [totals["cost_usd"].clone(), totals["api_equivalent_usd"].clone()]
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
