//! A home in which agents have worked: writes logs as Claude Code and Codex do, a call at a time or a plausible month.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::json;

/// A home folder.
#[derive(Debug)]
pub struct Home {
    folder: PathBuf,
}

/// A call of Claude Code.
#[derive(Clone, Debug)]
pub struct Call<'c> {
    /// Name of the project's folder below `/src`, and of its session.
    pub project: &'c str,
    /// Distinguishes the call from all others.
    pub id: String,
    /// When it was made.
    pub at: Timestamp,
    /// Model.
    pub model: &'c str,
    /// Tokens read from the cache.
    pub cache_read: u64,
    /// Tokens written to the cache for five minutes.
    pub cache_write: u64,
    /// Tokens of the answer.
    pub output: u64,
}

/// A call that costs two dollars: 100,000 tokens of Opus 5.5's output at $20 per million.
pub fn two_dollars(project: &str, id: impl Into<String>, at: Timestamp) -> Call<'_> {
    Call { project, id: id.into(), at, model: "claude-opus-5-5", cache_read: 0, cache_write: 0, output: 100_000 }
}

impl Home {
    /// An empty home.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn new(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Appends a call to the transcript of its project's session.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn call(&self, call: &Call<'_>) -> Result<()> {
        let Call { project, id, at, model, cache_read, cache_write, output } = call;
        let usage = json!({
            "input_tokens": 12,
            "cache_read_input_tokens": cache_read,
            "cache_creation_input_tokens": cache_write,
            "cache_creation": { "ephemeral_5m_input_tokens": cache_write, "ephemeral_1h_input_tokens": 0 },
            "output_tokens": output,
            "service_tier": "standard",
        });
        let row = json!({
            "type": "assistant",
            "timestamp": at.to_string(),
            "cwd": format!("/src/{project}"),
            "gitBranch": "main",
            "sessionId": format!("{project}-{}", day_of(*at)),
            "requestId": format!("req_{id}"),
            "message": { "id": format!("msg_{id}"), "model": model, "role": "assistant", "usage": usage },
        });
        self.append(&format!(".claude/projects/-src-{project}/{}.jsonl", day_of(*at)), &[row])
    }

    /// Appends a call of Codex to the rollout of its project's thread: 9,000 of 12,000 tokens from the cache.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn codex_call(&self, project: &str, id: &str, at: Timestamp, output: u64) -> Result<()> {
        let thread = format!("{project}-{}", day_of(at));
        let log = format!(".codex/sessions/rollout-{thread}.jsonl");
        let row = |kind: &str, payload| json!({ "timestamp": at.to_string(), "type": kind, "payload": payload });
        if !self.folder.join(&log).exists() {
            let meta = json!({ "id": thread, "cwd": format!("/src/{project}"), "model_provider": "openai" });
            let turn =
                json!({ "turn_id": format!("{thread}-1"), "model": "gpt-5.5", "cwd": format!("/src/{project}") });
            self.append(&log, &[row("session_meta", meta), row("turn_context", turn)])?;
        }
        let usage = json!({ "input_tokens": 12_000, "cached_input_tokens": 9_000, "output_tokens": output });
        self.append(&log, &[row("token_usage_record", json!({ "response_id": format!("resp_{id}"), "usage": usage }))])
    }

    /// A month of a developer's work up to `now`: more on working days, most on one project, heavy days now and then.
    ///
    /// # Errors
    /// When the logs cannot be written.
    pub fn a_month(&self, now: Timestamp) -> Result<()> {
        // Any fixed sequence will do that looks like none.
        let mut seed = 11_u64;
        let mut next = move |below: u64| {
            seed = seed * 16_807 % 2_147_483_647;
            seed % below
        };
        let projects = [("web-api", 9), ("nightly-eval", 4), ("infra", 3), ("docs", 2), ("playground", 1)];
        for day in (0..30_i64).rev() {
            let weekend = is_weekend(now - (day * 24).hours());
            for (project, weight) in projects {
                let calls = if weekend { next(weight + 1) / 3 } else { weight + next(weight * 2) };
                for call in 0..calls {
                    let minutes = day * 24 * 60 + i64::try_from(next(8 * 60))?;
                    let at = now - minutes.minutes();
                    let id = format!("{project}{day}n{call}");
                    let (cache_read, cache_write) = (60_000 + next(120_000), 2_000 + next(20_000));
                    let model = if next(4) == 0 { "claude-sonnet-5-5" } else { "claude-opus-5-5" };
                    if next(5) == 0 {
                        self.codex_call(project, &id, at, 2_000 + next(9_000))?;
                    } else {
                        let output = 4_000 + next(14_000);
                        self.call(&Call { project, id, at, model, cache_read, cache_write, output })?;
                    }
                }
            }
        }
        // However young the day is, something was spent in it.
        let (project, id, model) = ("web-api", "last".to_owned(), "claude-opus-5-5");
        self.call(&Call { project, id, at: now, model, cache_read: 60_000, cache_write: 2_000, output: 4_000 })
    }

    fn append(&self, below: &str, rows: &[serde_json::Value]) -> Result<()> {
        let path = self.folder.join(below);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut lines = Vec::new();
        for row in rows {
            writeln!(lines, "{row}")?;
        }
        fs::OpenOptions::new().create(true).append(true).open(path)?.write_all(&lines)?;
        Ok(())
    }
}

fn is_weekend(at: Timestamp) -> bool {
    matches!(at.to_zoned_datetime(TimeZone::UTC).weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn day_of(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
