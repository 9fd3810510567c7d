//! Claude Code: transcripts below `projects/` of each configuration folder, and of the desktop app's.
//!
//! A response is written as one line per content block, all with the same `message.id` and, depending on the version,
//! with usage that grows until the last line or is final on all of them (`claude_code_usage`). The id is unique across
//! files: subagents have transcripts of their own, forks (`--fork-session`) and side questions (`/btw`) repeat their
//! parent's lines, and old versions repeat subagents' messages in `progress` rows. So the id is the key, and everything
//! else falls out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use memchr::memmem;
use serde::Deserialize;
use sonic_rs::{JsonValueTrait, LazyValue};

use super::caller::Caller;
use super::claude_code_usage::Usage;
use super::row::row;
use crate::places::Places;
use crate::sources::logs::{Agent, Format, LineError, LineReader, Lines, Sink, Text, known};
use crate::usage::{Attribution, Basis, UsageRecord, Witness};

/// The source.
pub const CLAUDE_CODE: Agent = Agent {
    id: "claude-code",
    name: "Claude Code",
    docs: "docs/sources/claude-code.md",
    roots,
    format: |path| is_transcript(path).then_some(Format::Lines(TRANSCRIPT)),
};

/// What stands for a model where Claude Code words an answer itself, such as an error: no model was called.
pub const SYNTHETIC_MODEL: &str = "<synthetic>";

const USAGE_KEY: &str = "\"usage\"";
const USAGE: &[u8] = USAGE_KEY.as_bytes();

const TRANSCRIPT: Lines =
    Lines { worth_reading: &["\"usage\""], reader: |path, _memory| Box::new(Transcript::at(path)) };

/// `$CLAUDE_CONFIG_DIR` (several, separated by commas) or `~/.claude` and its XDG twin; and the desktop app's folders,
/// in which it keeps a `projects` folder per session.
fn roots(places: &Places) -> Vec<PathBuf> {
    let mut configured = places.folders("CLAUDE_CONFIG_DIR");
    if configured.is_empty() {
        configured = vec![places.home().join(".claude"), places.config_home().join("claude")];
    }
    let mut roots: Vec<PathBuf> = configured.into_iter().map(|folder| folder.join("projects")).collect();
    roots.extend(desktop_app(places).into_iter().map(|folder| folder.join("local-agent-mode-sessions")));
    roots
}

fn desktop_app(places: &Places) -> Vec<PathBuf> {
    if cfg!(target_os = "macos") {
        return vec![places.home().join("Library/Application Support/Claude")];
    }
    if !cfg!(windows) {
        return vec![places.config_home().join("Claude")];
    }
    let roaming = places.folder("APPDATA").unwrap_or_else(|| places.home().join("AppData/Roaming"));
    let packages =
        places.folder("LOCALAPPDATA").unwrap_or_else(|| places.home().join("AppData/Local")).join("Packages");
    // Installed from the store, it lives in a package folder with a publisher's hash in its name.
    let stored = std::fs::read_dir(packages).into_iter().flatten().flatten();
    let stored = stored
        .filter(|entry| entry.file_name().to_string_lossy().contains("Claude_"))
        .map(|entry| entry.path().join("LocalCache/Roaming/Claude"));
    std::iter::once(roaming.join("Claude")).chain(stored).collect()
}

fn is_transcript(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "jsonl")
        && path.components().any(|part| part.as_os_str() == "projects")
}

/// The folder below `projects` in which a transcript lies: the folder in which the session began, with every unusual
/// character as a dash.
fn folder_of(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    let at = parts.iter().rposition(|part| part == "projects");
    at.and_then(|at| parts.get(at + 1)).map(ToString::to_string).unwrap_or_default()
}

/// Reads transcripts. Every line stands alone, so there is nothing to remember.
struct Transcript {
    /// See [`folder_of`].
    folder: String,
    /// Where the agent worked on the last line, and the end of the project in it: see [`Transcript::project`].
    cwd: (String, usize),
    /// Who made the last call: most often the next one, too.
    last: Arc<Attribution>,
    /// What a line contains that only repeats the last call; empty if the next line has to be looked at.
    repetition: Repetition,
}

/// How a response's further lines are told without parsing them: the same id stands at the same place, and the usage is
/// the same to the byte.
#[derive(Debug, Default)]
struct Repetition {
    id: Vec<u8>,
    id_at: usize,
    usage: Vec<u8>,
}

impl Repetition {
    /// Whether `line` tells of the call again, with the same figures.
    fn is_in(&self, line: &[u8]) -> bool {
        let starts_with = |at: usize, text: &[u8]| line.get(at..).is_some_and(|rest| rest.starts_with(text));
        !self.id.is_empty()
            && starts_with(self.id_at, &self.id)
            && memmem::find(line, USAGE).is_some_and(|at| starts_with(at, &self.usage))
    }

    /// Notes a call by what stands in its `line`. The quotes around the id belong to it.
    fn set(&mut self, line: &[u8], id: &str, usage: &str) {
        self.id.clear();
        let place = |text: &str| (text.as_ptr() as usize).checked_sub(line.as_ptr() as usize);
        let (Some(id_at), Some(usage_at), Some(key_at)) = (place(id), place(usage), memmem::find(line, USAGE)) else {
            return;
        };
        let id = id_at.checked_sub(1).and_then(|at| line.get(at..=id_at + id.len()));
        let usage = line.get(key_at..usage_at + usage.len());
        if let (Some(id), Some(usage)) = (id, usage) {
            self.id_at = id_at - 1;
            self.id.extend_from_slice(id);
            self.usage.clear();
            self.usage.extend_from_slice(usage);
        }
    }

    fn clear(&mut self) {
        self.id.clear();
    }
}

impl Transcript {
    fn at(path: &Path) -> Self {
        Self {
            folder: folder_of(path),
            cwd: (String::new(), 0),
            last: Arc::default(),
            repetition: Repetition::default(),
        }
    }

    /// Where the session began, if the agent has moved below it since: the part of `cwd` that the transcript's folder is
    /// named after. The name itself is never taken apart, since many folders have the same one.
    fn project<'c>(&mut self, cwd: &'c str) -> &'c str {
        // Few transcripts have many folders.
        if self.cwd.0 != cwd {
            let mut ends = std::iter::once(cwd.len()).chain(cwd.rmatch_indices(['/', '\\']).map(|(at, _)| at));
            let end = ends.find(|end| is_named_after(&self.folder, &cwd[..*end])).unwrap_or(cwd.len());
            self.cwd = (cwd.to_owned(), end);
        }
        &cwd[..self.cwd.1]
    }
}

/// Whether Claude Code calls a log folder so for sessions that begin in `path`.
fn is_named_after(folder: &str, path: &str) -> bool {
    /// Longer names are cut here and end in a hash.
    const CUT: usize = 200;
    // It counts in UTF-16, where some characters are two.
    let is_kept = |unit: u16| u8::try_from(unit).is_ok_and(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let dashed = path.encode_utf16().map(|unit| if is_kept(unit) { unit } else { u16::from(b'-') });
    let dashed: String = char::decode_utf16(dashed).flatten().collect();
    match (dashed.get(..CUT), folder.get(..CUT)) {
        (Some(dashed), Some(folder)) => dashed == folder,
        _ => dashed == folder,
    }
}

impl LineReader for Transcript {
    fn line(&mut self, line: &str, sink: &mut dyn Sink) -> Result<(), LineError> {
        // The blocks of a response repeat its usage, and come one after the other.
        if self.repetition.is_in(line.as_bytes()) {
            return Ok(());
        }
        let Some(row): Option<Row<'_>> = row(line, |kind| matches!(kind, Some("assistant" | "progress")))? else {
            return Ok(());
        };
        let (message, is_repeated) = match row.kind.as_deref() {
            Some("assistant") => (row.message.as_ref(), row.is_sidechain == Some(true)),
            // Before subagents had files of their own, the parent's transcript carried their messages in here.
            Some("progress") => {
                let inner = row.data.as_ref().and_then(|data| data.message.as_ref());
                (inner.and_then(|inner| inner.message.as_ref()), true)
            }
            _ => (None, false),
        };
        let Some(message) = message else { return Ok(()) };
        let witness = self.response(&row, message, is_repeated, sink)?;
        // Nothing says it better than a primary witness.
        match (message.id.as_ref().and_then(Text::in_line).filter(|id| !id.is_empty()), &message.usage, witness) {
            (Some(id), Some(usage), Some(Witness::Primary)) => {
                self.repetition.set(line.as_bytes(), id, usage.as_raw_str());
            }
            _ => self.repetition.clear(),
        }
        Ok(())
    }
}

impl Transcript {
    /// Gives the call that a message tells of, and says how good a witness of it the message is; nothing if there is
    /// none.
    fn response(
        &mut self,
        row: &Row<'_>,
        message: &Message<'_>,
        repeated: bool,
        sink: &mut dyn Sink,
    ) -> Result<Option<Witness>, LineError> {
        let Some(raw_usage) = message.usage.as_ref().filter(|usage| !usage.is_null()) else { return Ok(None) };
        if message.model.as_deref() == Some(SYNTHETIC_MODEL) {
            return Ok(None);
        }
        let Some(key) = [&message.id, &row.request_id, &row.uuid].into_iter().flatten().find(|id| !id.is_empty())
        else {
            return Err(LineError::new(
                "a response without message id, request id and uuid cannot be told from its copies",
            ));
        };
        let usage: Usage<'_> = sonic_rs::from_str(raw_usage.as_raw_str())?;
        let occurred_at: Timestamp = row.timestamp.as_deref().unwrap_or_default().parse().map_err(LineError::time)?;
        let (tokens, cache_writes) = usage.consumed()?;
        let record = UsageRecord {
            source: CLAUDE_CODE.id,
            key: key.to_string(),
            occurred_at,
            tokens,
            cache_writes,
            is_sum: false,
            web_searches: usage.web_searches()?,
            basis: Basis::Estimated,
            reported: None,
            attribution: self.attribution(row, message, &usage),
            witness: if repeated || row.is_repeated_by_fork() { Witness::Secondary } else { Witness::Primary },
        };
        // An adviser answers with a model of its own inside the response, and is charged beside it.
        for (number, advice) in usage.advice()?.iter().enumerate() {
            let mut advised = record.clone();
            advised.key = format!("{key}/advisor/{number}");
            (advised.tokens, advised.cache_writes) = advice.consumed()?;
            advised.web_searches = 0;
            Arc::make_mut(&mut advised.attribution).model = advice.model().map(str::to_owned);
            sink.call(advised);
        }
        let witness = record.witness;
        sink.call(record);
        Ok(Some(witness))
    }

    /// Who made the call.
    fn attribution(&mut self, row: &Row<'_>, message: &Message<'_>, usage: &Usage<'_>) -> Arc<Attribution> {
        let caller = Caller {
            provider: message.id.as_deref().and_then(provider_of),
            model: known(message.model.as_ref()),
            project: known(row.cwd.as_ref()).map(|cwd| self.project(cwd)),
            branch: known(row.git_branch.as_ref()),
            // A fork that repeats a call says in which session it was made.
            session: known(row.request_session_id.as_ref()).or_else(|| known(row.session_id.as_ref())),
            subagent: known(row.attribution_agent.as_ref()).or_else(|| known(row.agent_id.as_ref())),
            client: known(row.entrypoint.as_ref()),
            tier: usage.tier(),
            region: known(usage.inference_geo.as_ref()),
            ..Caller::default()
        };
        caller.attribution(CLAUDE_CODE.id, &mut self.last)
    }
}

/// Who served a response, by the form of its id.
fn provider_of(id: &str) -> Option<&'static str> {
    let forms = [("msg_bdrk_", "aws"), ("msg_vrtx_", "google"), ("msg_", "anthropic"), ("gen-", "openrouter")];
    forms.into_iter().find(|(form, _)| id.starts_with(form)).map(|(_, provider)| provider)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    message: Option<Message<'a>>,
    #[serde(borrow)]
    data: Option<Progress<'a>>,
    #[serde(borrow)]
    uuid: Option<Text<'a>>,
    #[serde(borrow)]
    request_id: Option<Text<'a>>,
    #[serde(borrow)]
    timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    session_id: Option<Text<'a>>,
    #[serde(borrow)]
    request_session_id: Option<Text<'a>>,
    is_sidechain: Option<bool>,
    #[serde(borrow)]
    agent_id: Option<Text<'a>>,
    #[serde(borrow)]
    attribution_agent: Option<Text<'a>>,
    #[serde(borrow)]
    cwd: Option<Text<'a>>,
    #[serde(borrow)]
    git_branch: Option<Text<'a>>,
    #[serde(borrow)]
    entrypoint: Option<Text<'a>>,
}

impl Row<'_> {
    fn is_repeated_by_fork(&self) -> bool {
        self.request_session_id.is_some() && self.request_session_id != self.session_id
    }
}

#[derive(Deserialize)]
struct Progress<'a> {
    #[serde(borrow)]
    message: Option<Inner<'a>>,
}

#[derive(Deserialize)]
struct Inner<'a> {
    #[serde(borrow)]
    message: Option<Message<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    model: Option<Text<'a>>,
    /// See [`Usage`].
    #[serde(borrow)]
    usage: Option<LazyValue<'a>>,
}

#[cfg(test)]
#[path = "claude_code_tests.rs"]
mod tests;
