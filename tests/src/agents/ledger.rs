//! What the product makes of an agent's logs: the real `spend` on the agent's home.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OpenFlags};
use serde::Deserialize;
use serde_json::Value;

use super::agent::Agent;
use super::served::{Sum, Tokens};
use crate::machine::built_binary;

/// A ledger of one agent's home.
#[derive(Debug)]
pub struct Ledger<'a> {
    agent: &'a Agent,
    folder: PathBuf,
}

/// What a pass over the logs did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Pass {
    /// Bytes of new lines.
    pub bytes_read: u64,
    /// Calls not known before.
    pub records_added: u64,
    /// Calls of which more is known now.
    pub records_updated: u64,
    /// Rows of every table.
    pub rows_written: u64,
    /// Lines that could not be understood.
    pub lines_skipped: u64,
}

impl<'a> Ledger<'a> {
    /// The one of this name, which begins empty.
    pub fn of(agent: &'a Agent, name: &str) -> Self {
        Self { agent, folder: agent.beside_home(name) }
    }

    /// `spend scan`.
    ///
    /// # Errors
    /// When it fails, or could not read everything.
    pub fn scan(&self) -> Result<Pass> {
        Ok(serde_json::from_value(self.spend(&["scan"])?)?)
    }

    /// `spend report`, cut by one dimension: the calls of each of its values.
    ///
    /// # Errors
    /// When it fails.
    pub fn sums(&self, dimension: &str) -> Result<BTreeMap<String, Sum>> {
        let report = self.spend(&["report", "--by", dimension])?;
        // In JSON a project is what it is called; its folder is beside it.
        let key = if dimension == "project" { "project_folder" } else { dimension };
        let rows = report["rows"].as_array().context("a report has rows")?;
        rows.iter()
            .map(|row| {
                let tokens: Tokens = serde_json::from_value(row["tokens"].clone())?;
                let requests = row["requests"].as_u64().context("a row has requests")?;
                Ok((row[key].as_str().unwrap_or_default().to_owned(), Sum { requests, tokens }))
            })
            .collect()
    }

    /// The calls of subagents. No report is cut by subagent, so this one question is asked of the file.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn of_subagents(&self) -> Result<Sum> {
        let ledger = Connection::open_with_flags(self.folder.join("ledger.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut calls = ledger.prepare(
            "SELECT json_object('input', input, 'cache_read', cache_read, 'cache_write_short', cache_write_short,
                                'cache_write_long', cache_write_long, 'output', output, 'reasoning', reasoning)
             FROM usage JOIN attribution ON attribution.id = usage.attribution
             WHERE subagent <> 0",
        )?;
        let mut sum = Sum::default();
        for call in calls.query_map([], |row| row.get::<_, String>(0))? {
            sum.add(serde_json::from_str(&call?)?);
        }
        Ok(sum)
    }

    fn spend(&self, arguments: &[&str]) -> Result<Value> {
        let output = Command::new(built_binary("spend")?)
            .env_clear()
            .arg("--home")
            .arg(self.agent.home())
            .arg("--data-dir")
            .arg(&self.folder)
            .args(["--timezone", "UTC", "--json"])
            .args(arguments)
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "spend {arguments:?}: {}: {said}", output.status);
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}
