//! OpenAI Codex: rollouts below `sessions/` and `archived_sessions/` of each `$CODEX_HOME`.
//!
//! One record per upstream response. From 0.16x on a rollout carries `token_usage_record` with a response id, which is
//! the key. Before, `token_count` events repeat themselves whenever the screen refreshes: an event whose running total
//! did not move is not a call (it made one real log 1.91 times too expensive). A fork starts at its parent's total, so a
//! first total is never usage.
//!
//! Older forks and subagents copy their parent's rows with new timestamps. A copy is recognised by content: the key of
//! an event is a hash over all events of its turn so far, beginning with the turn's id, which is copied along; in logs
//! without turn ids, over all events so far, beginning with the thread at the root of the family. So parent and child
//! arrive at the same key for the same call, in whichever order they are read, and whether or not the parent still
//! exists.
//!
//! The rows themselves are in `codex_rows`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use super::caller::Caller;
use super::codex_rows::{Counts, Head, Info, Payload, Row, Source, Usage};
use super::row::row_with_head;
use crate::places::Places;
use crate::sources::logs::{Agent, Format, LineError, LineReader, Lines, Sink};
use crate::usage::{Attribution, Basis, CacheWrites, Tokens, UsageRecord, Witness};

/// The source.
pub const CODEX: Agent = Agent {
    id: "codex",
    name: "Codex",
    docs: "docs/sources/codex.md",
    roots,
    format: |path| is_rollout(path).then_some(Format::Lines(ROLLOUT)),
};

const ROLLOUT: Lines = Lines {
    worth_reading: &["\"session_meta\"", "\"turn_context\"", "\"token_usage_record\"", "\"token_count\""],
    reader: |path, memory| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Box::new(Rollout { name, memory: serde_json::from_str(memory).unwrap_or_default(), last: Arc::default() })
    },
};

fn roots(places: &Places) -> Vec<PathBuf> {
    let mut homes = places.folders("CODEX_HOME");
    if homes.is_empty() {
        homes.push(places.home().join(".codex"));
    }
    homes.iter().flat_map(|home| [home.join("sessions"), home.join("archived_sessions")]).collect()
}

fn is_rollout(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.ends_with(".jsonl") || name.ends_with(".jsonl.zst")
}

/// Reads rollouts.
struct Rollout {
    /// Name of the file: all there is to tell threads apart where their first rows are missing.
    name: String,
    memory: Memory,
    /// Who made the last call.
    last: Arc<Attribution>,
}

/// What has to be known to read on in the middle of a rollout.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    thread: Option<String>,
    session: Option<String>,
    /// The thread whose history the family shares.
    root: Option<String>,
    subagent: Option<String>,
    /// The thread took over another's history, so its rows may be copies.
    inherits: bool,
    cwd: Option<String>,
    branch: Option<String>,
    client: Option<String>,
    provider: Option<String>,
    turn: Option<String>,
    model: Option<String>,
    tier: Option<String>,
    /// The rollout states its calls; `token_count` is only for the screen.
    states_calls: bool,
    total: Option<Counts>,
    /// Hash over the events of the turn so far.
    chain: String,
}

impl LineReader for Rollout {
    fn line(&mut self, line: &str, sink: &mut dyn Sink) -> Result<(), LineError> {
        let row = row_with_head(line, Head::tells_of_calls)?;
        let Some(Row { timestamp, kind, payload: Some(payload) }) = row else { return Ok(()) };
        match kind.as_deref() {
            Some("session_meta") => self.meta(&payload),
            Some("turn_context") => self.turn(&payload),
            Some("token_usage_record") => return self.stated(timestamp.as_deref(), &payload, sink),
            _ if payload.kind.as_deref() == Some("token_count") => {
                return self.counted(timestamp.as_deref(), payload.info.as_ref(), sink);
            }
            _ => {}
        }
        Ok(())
    }

    fn memory(&self) -> String {
        serde_json::to_string(&self.memory).unwrap_or_default()
    }
}

impl Rollout {
    fn meta(&mut self, payload: &Payload<'_>) {
        let memory = &mut self.memory;
        let spawned_by = payload.source.as_ref().and_then(Source::parent_thread);
        let parent = payload.forked_from_id.as_deref().or(spawned_by).map(str::to_owned);
        let id = payload.id.as_deref().map(str::to_owned);
        if memory.thread.is_some() && memory.thread != id {
            // Copied history may begin with the ancestors' own first rows: the last of them is the eldest.
            memory.root = parent.or(id);
            memory.chain.clear();
            return;
        }
        memory.session = payload.session_id.as_deref().or(spawned_by).map(str::to_owned).or_else(|| id.clone());
        memory.inherits = parent.is_some();
        memory.subagent = payload.source.as_ref().and_then(Source::subagent);
        memory.root = parent.or_else(|| id.clone());
        memory.thread = id;
        memory.cwd = payload.cwd.as_deref().map(str::to_owned);
        memory.branch = payload.git.as_ref().and_then(|git| git.branch.as_deref()).map(str::to_owned);
        memory.client = payload.originator.as_deref().map(str::to_owned);
        memory.provider = payload.model_provider.as_deref().map(str::to_owned);
    }

    fn turn(&mut self, payload: &Payload<'_>) {
        let memory = &mut self.memory;
        if let Some(turn) = payload.turn_id.as_deref()
            && memory.turn.as_deref() != Some(turn)
        {
            memory.turn = Some(turn.to_owned());
            memory.chain.clear();
        }
        if let Some(model) = payload.model.as_deref() {
            memory.model = Some(model.to_owned());
        }
        if let Some(cwd) = payload.cwd.as_deref() {
            memory.cwd = Some(cwd.to_owned());
        }
        memory.tier = payload.service_tier.as_deref().map(str::to_owned);
    }

    /// A call as the agent states it.
    fn stated(&mut self, at: Option<&str>, payload: &Payload<'_>, sink: &mut dyn Sink) -> Result<(), LineError> {
        self.memory.states_calls = true;
        let Some(usage) = &payload.usage else { return Ok(()) };
        let Some(response) = payload.response_id.as_deref() else {
            return Err(LineError::new("a token_usage_record without response_id cannot be told from its copies"));
        };
        let record = self.record(at, response.to_owned(), usage.counts()?.tokens(), payload.turn_id.as_deref())?;
        sink.call(record);
        Ok(())
    }

    /// A call as far as running totals tell.
    fn counted(&mut self, at: Option<&str>, info: Option<&Info>, sink: &mut dyn Sink) -> Result<(), LineError> {
        let Some(Info { total_token_usage: Some(total), last_token_usage }) = info else { return Ok(()) };
        if self.memory.states_calls {
            return Ok(());
        }
        let total = total.counts()?;
        let last = last_token_usage.as_ref().map(Usage::counts).transpose()?;
        let before = self.memory.total.replace(total);
        if before == Some(total) {
            return Ok(());
        }
        let used = match (last, before) {
            (Some(last), _) => last,
            (None, Some(before)) => total.since(before),
            (None, None) => {
                return Err(LineError::new(
                    "a first running total without its last step may be the parent's: not counted",
                ));
            }
        };
        let key = self.next_key(&total, &used);
        let mut record = self.record(at, key, used.tokens(), None)?;
        if self.memory.inherits {
            record.witness = Witness::Secondary;
        }
        sink.call(record);
        Ok(())
    }

    /// Hashes the event onto those before it.
    fn next_key(&mut self, total: &Counts, used: &Counts) -> String {
        let memory = &mut self.memory;
        let before = match (memory.chain.as_str(), &memory.turn, &memory.root) {
            ("", Some(turn), _) => turn,
            ("", None, Some(root)) => root,
            ("", None, None) => &self.name,
            (chain, _, _) => chain,
        };
        memory.chain = format!("{:032x}", xxh3_128(format!("{before} {total:?} {used:?}").as_bytes()));
        memory.chain.clone()
    }

    /// A call made in `turn`, or in the one under way.
    fn record(
        &mut self,
        at: Option<&str>,
        key: String,
        tokens: Tokens,
        turn: Option<&str>,
    ) -> Result<UsageRecord, LineError> {
        let memory = &self.memory;
        let caller = Caller {
            provider: memory.provider.as_deref(),
            model: memory.model.as_deref(),
            project: memory.cwd.as_deref(),
            branch: memory.branch.as_deref(),
            session: memory.session.as_deref(),
            task: turn.or(memory.turn.as_deref()),
            subagent: memory.subagent.as_deref(),
            client: memory.client.as_deref(),
            tier: memory.tier.as_deref(),
            ..Caller::default()
        };
        Ok(UsageRecord {
            source: CODEX.id,
            key,
            occurred_at: at.unwrap_or_default().parse::<Timestamp>().map_err(LineError::time)?,
            tokens,
            // There is a field for them, which was never seen with anything but zero, also where they are charged for (an
            // audit of 73,386 records).
            cache_writes: if tokens.cache_write_short > 0 { CacheWrites::WithoutLifetime } else { CacheWrites::Untold },
            is_sum: false,
            web_searches: 0,
            basis: Basis::Estimated,
            reported: None,
            attribution: caller.attribution(CODEX.id, &mut self.last),
            witness: Witness::Primary,
        })
    }
}

#[cfg(test)]
#[path = "codex_tests.rs"]
mod tests;
