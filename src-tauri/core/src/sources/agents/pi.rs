//! pi: sessions below `~/.pi/agent/sessions/`, a file each, in a folder per project.
//!
//! A session is a tree of entries in one file; what was said on a branch that was left is spent all the same. One record
//! per answer, keyed by the provider's response id. Compacting the context and summing up a branch are calls, too, which
//! newer versions state in an entry of their own.
//!
//! A fork is a new file that names its parent's and repeats entries with their ids and times, so what is older than the
//! file is the parent's.
//!
//! Input excludes cached tokens, cache writes include those for an hour, output includes reasoning.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::caller::Caller;
use super::row::row;
use crate::places::Places;
use crate::sources::logs::{Agent, Figure, Format, LineError, LineReader, Lines, Sink, Text, known, sane};
use crate::usage::{Attribution, Basis, CacheWrites, Tokens, UsageRecord, Witness};

/// The source.
pub const PI: Agent = Agent {
    id: "pi",
    name: "pi",
    docs: "docs/sources/pi.md",
    roots,
    format: |path| path.extension().is_some_and(|extension| extension == "jsonl").then_some(Format::Lines(SESSION)),
};

const SESSION: Lines = Lines {
    worth_reading: &["\"session\"", "\"model_change\"", "\"usage\""],
    reader: |_path, memory| {
        Box::new(Session { memory: serde_json::from_str(memory).unwrap_or_default(), last: Arc::default() })
    },
};

/// `$PI_CODING_AGENT_SESSION_DIR`, else `sessions` in `$PI_CODING_AGENT_DIR` or `~/.pi/agent`.
fn roots(places: &Places) -> Vec<PathBuf> {
    let sessions = places.folders("PI_CODING_AGENT_SESSION_DIR");
    if !sessions.is_empty() {
        return sessions;
    }
    let mut homes = places.folders("PI_CODING_AGENT_DIR");
    if homes.is_empty() {
        homes.push(places.home().join(".pi/agent"));
    }
    homes.into_iter().map(|home| home.join("sessions")).collect()
}

/// Reads sessions.
struct Session {
    memory: Memory,
    /// Who made the last call.
    last: Arc<Attribution>,
}

/// What the entries behind the first rely on.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    session: Option<String>,
    /// The session that this one was forked from.
    parent: Option<String>,
    began: Option<Timestamp>,
    cwd: Option<String>,
    provider: Option<String>,
    model: Option<String>,
}

impl LineReader for Session {
    fn line(&mut self, line: &str, sink: &mut dyn Sink) -> Result<(), LineError> {
        let tells_of_calls = |kind: Option<&str>| matches!(kind, Some("message" | "compaction" | "branch_summary"));
        let Some(entry): Option<Entry<'_>> = row(line, tells_of_calls)? else { return Ok(()) };
        match entry.kind.as_deref() {
            Some("session") => self.memory.begin(&entry),
            Some("model_change") => {
                self.memory.provider = known(entry.provider.as_ref()).map(str::to_owned);
                self.memory.model = known(entry.model_id.as_ref()).map(str::to_owned);
            }
            Some("message") => {
                let answer = entry.message.as_ref().filter(|message| message.role.as_deref() == Some("assistant"));
                if let Some((message, usage)) = answer.and_then(|answer| Some((answer, answer.usage.as_ref()?))) {
                    return self.call(&entry, usage, message, sink);
                }
            }
            Some("compaction" | "branch_summary") => {
                if let Some(usage) = &entry.usage {
                    return self.call(&entry, usage, &Message::default(), sink);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn memory(&self) -> String {
        serde_json::to_string(&self.memory).unwrap_or_default()
    }
}

impl Session {
    fn call(
        &mut self,
        entry: &Entry<'_>,
        usage: &Usage,
        message: &Message<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), LineError> {
        let tokens = usage.tokens()?;
        if tokens.total() == 0 {
            // It failed or was broken off before there was an answer.
            return Ok(());
        }
        let at = entry.timestamp.as_deref().unwrap_or_default();
        let occurred_at: Timestamp = at.parse().map_err(LineError::time)?;
        let key = match known(message.response_id.as_ref()) {
            Some(id) => id.to_owned(),
            // Copies keep the time. Entries of old versions get their ids only when they are opened again.
            None => format!("{at}/{}", tokens.total()),
        };
        let memory = &self.memory;
        let is_copied = memory.parent.is_some() && memory.began.is_some_and(|began| occurred_at < began);
        let caller = Caller {
            provider: known(message.provider.as_ref()).or(memory.provider.as_deref()).map(provider),
            model: known(message.model.as_ref()).or(memory.model.as_deref()),
            project: memory.cwd.as_deref(),
            session: if is_copied { memory.parent.as_deref() } else { memory.session.as_deref() },
            ..Caller::default()
        };
        sink.call(UsageRecord {
            source: PI.id,
            key,
            occurred_at,
            tokens,
            // Versions that knew of no hour wrote none.
            cache_writes: CacheWrites::Told,
            is_sum: false,
            web_searches: 0,
            basis: Basis::Estimated,
            reported: None,
            attribution: caller.attribution(PI.id, &mut self.last),
            witness: if is_copied { Witness::Secondary } else { Witness::Primary },
        });
        Ok(())
    }
}

impl Memory {
    fn begin(&mut self, entry: &Entry<'_>) {
        *self = Self {
            session: known(entry.id.as_ref()).map(str::to_owned),
            parent: known(entry.parent_session.as_ref()).map(session_of),
            began: entry.timestamp.as_deref().and_then(|at| at.parse().ok()),
            cwd: known(entry.cwd.as_ref()).map(str::to_owned),
            // The first version named the model here.
            provider: known(entry.provider.as_ref()).map(str::to_owned),
            model: known(entry.model_id.as_ref()).map(str::to_owned),
        };
    }
}

/// The session whose file this is: its name is the time of its beginning, `_` and the id.
fn session_of(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name.strip_suffix(".jsonl").unwrap_or(name);
    name.split_once('_').map_or(name, |(_, id)| id).to_owned()
}

/// The name by which others know a provider that pi has one of its own for.
fn provider(name: &str) -> &str {
    match name {
        "openai-codex" => "openai",
        "azure-openai-responses" => "azure",
        "google-gemini-cli" | "google-antigravity" => "google",
        other => other,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    cwd: Option<Text<'a>>,
    #[serde(borrow)]
    parent_session: Option<Text<'a>>,
    #[serde(borrow)]
    provider: Option<Text<'a>>,
    #[serde(borrow)]
    model_id: Option<Text<'a>>,
    #[serde(borrow)]
    message: Option<Message<'a>>,
    usage: Option<Usage>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    #[serde(borrow)]
    role: Option<Text<'a>>,
    #[serde(borrow)]
    provider: Option<Text<'a>>,
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    response_id: Option<Text<'a>>,
    usage: Option<Usage>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    input: Option<Figure>,
    output: Option<Figure>,
    reasoning: Option<Figure>,
    cache_read: Option<Figure>,
    cache_write: Option<Figure>,
    /// The part of `cache_write` that is kept for an hour.
    #[serde(rename = "cacheWrite1h")]
    cache_write_hour: Option<Figure>,
}

impl Usage {
    fn tokens(&self) -> Result<Tokens, LineError> {
        let written = sane(self.cache_write)?;
        let long = sane(self.cache_write_hour)?.min(written);
        let output = sane(self.output)?;
        Ok(Tokens {
            input: sane(self.input)?,
            cache_read: sane(self.cache_read)?,
            cache_write_short: written - long,
            cache_write_long: long,
            output,
            reasoning: sane(self.reasoning)?.min(output),
        })
    }
}

#[cfg(test)]
#[path = "pi_tests.rs"]
mod tests;
