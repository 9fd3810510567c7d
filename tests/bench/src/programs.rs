//! The programs that are compared: how each is run without a network, made to forget, and understood.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use acceptance::machine;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::corpus::truth::{ByModel, Counts};

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Program {
    Spendmeter,
    Ccusage,
    Tokscale,
}

impl Program {
    pub(crate) const ALL: [Self; 3] = [Self::Spendmeter, Self::Ccusage, Self::Tokscale];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Spendmeter => "Spendmeter",
            Self::Ccusage => "ccusage",
            Self::Tokscale => "tokscale",
        }
    }

    /// Whether it keeps something from run to run.
    pub(crate) fn remembers(self) -> bool {
        self != Self::Ccusage
    }

    fn binary(self) -> Result<PathBuf> {
        match self {
            Self::Spendmeter => machine::built_binary("spend"),
            Self::Ccusage => rival("@ccusage/ccusage-linux-x64/bin/ccusage"),
            Self::Tokscale => rival("@tokscale/cli-linux-x64-gnu/bin/tokscale"),
        }
    }

    /// What it calls itself.
    pub(crate) fn version(self) -> Result<String> {
        let said = Command::new(self.binary()?).arg("--version").output()?.stdout;
        let said = String::from_utf8_lossy(&said);
        Ok(said.split_whitespace().last().unwrap_or("unknown").to_owned())
    }
}

fn rival(below: &str) -> Result<PathBuf> {
    let binary = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules").join(below);
    if !binary.is_file() {
        anyhow::bail!("{} is missing; `scripts/setup.sh bench` brings it", binary.display());
    }
    Ok(binary)
}

/// Where programs look for logs, and where they keep what they keep.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) home: PathBuf,
    pub(crate) scratch: PathBuf,
}

impl Stage {
    pub(crate) fn new(home: &Path, scratch: &Path) -> Result<Self> {
        fs::create_dir_all(scratch)?;
        Ok(Self { home: home.to_owned(), scratch: scratch.to_owned() })
    }

    /// The run that is measured: reads all logs; the rivals also print totals by model.
    pub(crate) fn reading(&self, program: Program) -> Result<Command> {
        let mut command = self.command(program)?;
        match program {
            Program::Spendmeter => command.args(["scan", "--json"]),
            Program::Ccusage => command.args(["monthly", "--offline", "--json"]),
            Program::Tokscale => command.args(["models", "--json", "--no-spinner"]),
        };
        Ok(command)
    }

    /// Totals by model, given what [`Stage::reading`] printed.
    pub(crate) fn totals(&self, program: Program, printed: &str) -> Result<ByModel> {
        if program == Program::Spendmeter {
            let report = self.command(program)?.args(["report", "--by", "model", "--json"]).output()?.stdout;
            return totals(program, &String::from_utf8_lossy(&report));
        }
        totals(program, printed)
    }

    /// Removes what the program kept.
    pub(crate) fn forget(&self, program: Program) -> Result<()> {
        let kept = self.kept(program);
        if kept.exists() {
            fs::remove_dir_all(&kept).with_context(|| format!("cannot remove {}", kept.display()))?;
        }
        Ok(())
    }

    pub(crate) fn kept(&self, program: Program) -> PathBuf {
        self.scratch.join(program.name())
    }

    pub(crate) fn output(&self, program: Program) -> PathBuf {
        self.scratch.join(format!("{}.json", program.name()))
    }

    /// With nothing of this program's environment.
    fn command(&self, program: Program) -> Result<Command> {
        let mut command = Command::new(program.binary()?);
        command.env_clear().env("HOME", &self.home).env("TZ", "UTC");
        match program {
            Program::Spendmeter => {
                command.arg("--data-dir").arg(self.kept(program)).arg("--home").arg(&self.home);
                command.args(["--timezone", "UTC"]);
            }
            Program::Ccusage => {}
            Program::Tokscale => {
                command.env("TOKSCALE_CONFIG_DIR", self.kept(program)).env("TOKSCALE_PRICING_CACHE_ONLY", "1");
            }
        }
        Ok(command)
    }
}

/// Totals in what a program printed. Models' names go without the date that some have at the end, since programs differ
/// in whether they keep it.
fn totals(program: Program, printed: &str) -> Result<ByModel> {
    let printed: Value =
        serde_json::from_str(printed).with_context(|| format!("{} printed no JSON", program.name()))?;
    let mut by_model = ByModel::new();
    let mut add = |model: &Value, counts: Counts| {
        *by_model.entry(undated(model.as_str().unwrap_or_default()).to_owned()).or_default() += counts;
    };
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    match program {
        Program::Spendmeter => {
            for row in list(&printed["rows"]) {
                let count = |name: &str| row["tokens"][name].as_u64().unwrap_or_default();
                let counts = Counts {
                    requests: row["requests"].as_u64().unwrap_or_default(),
                    input: count("input"),
                    cache_read: count("cache_read"),
                    cache_write_5m: count("cache_write_short"),
                    cache_write_1h: count("cache_write_long"),
                    output: count("output"),
                    reasoning: count("reasoning"),
                };
                add(&row["model"], counts);
            }
        }
        Program::Ccusage => {
            for row in list(&printed["monthly"]).iter().flat_map(|month| list(&month["modelBreakdowns"])) {
                let count = |name: &str| row[name].as_u64().unwrap_or_default();
                let counts = Counts {
                    input: count("inputTokens"),
                    cache_read: count("cacheReadTokens"),
                    cache_write_5m: count("cacheCreationTokens"),
                    output: count("outputTokens"),
                    ..Counts::default()
                };
                add(&row["modelName"], counts);
            }
        }
        Program::Tokscale => {
            for row in list(&printed["entries"]) {
                let count = |name: &str| row[name].as_u64().unwrap_or_default();
                let counts = Counts {
                    requests: count("messageCount"),
                    input: count("input"),
                    cache_read: count("cacheRead"),
                    cache_write_5m: count("cacheWrite"),
                    // It shows reasoning beside output, not in it.
                    output: count("output") + count("reasoning"),
                    reasoning: count("reasoning"),
                    ..Counts::default()
                };
                add(&row["model"], counts);
            }
        }
    }
    Ok(by_model)
}

/// `claude-haiku-4-5` for `claude-haiku-4-5-20251001`.
pub(crate) fn undated(model: &str) -> &str {
    match model.rsplit_once('-') {
        Some((name, date)) if date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => model,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_read_from_what_each_program_prints() {
        let ours = r#"{"rows":[{"model":"m-20251001","requests":2,"tokens":{"input":1,"cache_read":2,"cache_write_short":3,"cache_write_long":4,"output":5,"reasoning":1}}]}"#;
        let ccusage = r#"{"monthly":[{"modelBreakdowns":[{"modelName":"m-20251001","inputTokens":1,"cacheReadTokens":2,"cacheCreationTokens":7,"outputTokens":2}]},{"modelBreakdowns":[{"modelName":"m","outputTokens":3}]}]}"#;
        let tokscale = r#"{"entries":[{"client":"codex","model":"m","input":1,"output":4,"reasoning":1,"cacheRead":2,"cacheWrite":7,"messageCount":2}]}"#;
        let counts = [(Program::Spendmeter, ours), (Program::Ccusage, ccusage), (Program::Tokscale, tokscale)]
            .map(|(program, printed)| totals(program, printed).unwrap()["m"]);
        let seen = counts
            .map(|counts| (counts.requests, counts.input, counts.cache_read, counts.cache_write(), counts.output));
        assert_eq!(seen, [(2, 1, 2, 7, 5), (0, 1, 2, 7, 5), (2, 1, 2, 7, 5)]);
    }
}
