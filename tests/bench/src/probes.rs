//! Why programs differ, found out rather than guessed: homes of a few lines, each with one thing that logs do, and what
//! every program makes of it.

mod claude_code;
mod codex;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::corpus::truth::{Construct, total};
use crate::measure;
use crate::programs::{Program, Stage};

/// One thing that logs do.
struct Probe {
    /// What it is called in the table.
    what: &'static str,
    /// What the corpus has of it.
    construct: Option<Construct>,
    logs: Vec<(String, Vec<Value>)>,
    /// Tokens that were really used.
    tokens: u64,
}

/// What the programs made of a probe.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub(crate) what: String,
    pub(crate) construct: Option<Construct>,
    pub(crate) tokens: u64,
    pub(crate) counted: Vec<(Program, u64)>,
}

impl Finding {
    pub(crate) fn counted_by(&self, program: Program) -> Option<u64> {
        self.counted.iter().find(|(who, _)| *who == program).map(|(_, tokens)| *tokens)
    }
}

/// Runs every probe, below `folder`.
pub(crate) fn run(folder: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (number, probe) in claude_code::probes().into_iter().chain(codex::probes()).enumerate() {
        let folder = folder.join(number.to_string());
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let stage = Stage::new(&folder.join("home"), &folder.join("kept"))?;
        for (log, rows) in &probe.logs {
            let path = stage.home.join(log);
            fs::create_dir_all(path.parent().context("a log is in a folder")?)?;
            let lines: Vec<String> = rows.iter().map(|row| format!("{row}\n")).collect();
            fs::write(path, lines.concat())?;
        }
        let mut counted = Vec::new();
        for program in Program::ALL {
            let (_, printed) = measure::run(&mut stage.reading(program)?, &stage.output(program))?;
            let totals = total(&stage.totals(program, &printed)?);
            counted.push((program, totals.tokens()));
        }
        findings.push(Finding {
            what: probe.what.to_owned(),
            construct: probe.construct,
            tokens: probe.tokens,
            counted,
        });
    }
    Ok(findings)
}
