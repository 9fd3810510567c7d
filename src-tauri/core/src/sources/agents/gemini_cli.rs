//! Gemini CLI: chats below `tmp/<project>/chats/` of `~/.gemini`, one file per session.
//!
//! A chat is written line by line, older ones as one document that a newer version copies line by line on resuming. One
//! record per message of the model, keyed by the message's id, which is the same wherever the message stands: it is
//! written anew as its tools finish, listed again in a checkpoint (`$set`), copied into the new format and into sessions
//! that begin with another's chat. Such listings may lack the tokens and carry another time; only what has tokens counts,
//! and the first time stays. What the user takes back (`$rewindTo`) was spent all the same.
//!
//! A chat that begins with another's has a later beginning than the messages it took over. A subagent's chat lies in a
//! folder named after the session that it works for.
//!
//! Input includes cached tokens; thoughts stand beside output.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sonic_rs::LazyValue;

use super::beside;
use super::caller::Caller;
use super::gemini_counts::GeminiCounts;
use super::row::row;
use crate::places::Places;
use crate::sources::logs::{Agent, Figure, Format, LineError, LineReader, Lines, Sink, Text, known, sane};
use crate::usage::{Attribution, Basis, CacheWrites, Tokens, UsageRecord, Witness};

/// The source.
pub const GEMINI_CLI: Agent =
    Agent { id: "gemini-cli", name: "Gemini CLI", docs: "docs/sources/gemini-cli.md", roots, format };

const CHAT: Lines = Lines {
    worth_reading: &["\"startTime\"", "\"tokens\""],
    reader: |path, memory| Box::new(Chat::at(path, serde_json::from_str(memory).unwrap_or_default())),
};

/// `tmp` in the `.gemini` of `$GEMINI_CLI_HOME` or of the home folder.
fn roots(places: &Places) -> Vec<PathBuf> {
    let mut homes = places.folders("GEMINI_CLI_HOME");
    if homes.is_empty() {
        homes.push(places.home().to_owned());
    }
    homes.into_iter().map(|home| home.join(".gemini/tmp")).collect()
}

fn format(path: &Path) -> Option<Format> {
    chats_folder(path)?;
    match path.extension()?.to_str()? {
        "jsonl" => Some(Format::Lines(CHAT)),
        "json" => Some(Format::Document(document)),
        _ => None,
    }
}

/// The folder of a project's chats in which a chat lies.
fn chats_folder(path: &Path) -> Option<&Path> {
    path.ancestors().skip(1).find(|folder| folder.file_name().is_some_and(|name| name == "chats"))
}

/// The project whose chats lie in this folder: named in a file beside it, or in the list of all projects.
fn project_of(chats: &Path) -> Option<String> {
    let of_project = chats.parent()?;
    let named = beside::beginning(&of_project.join(".project_root")).trim().to_owned();
    if !named.is_empty() {
        return Some(named);
    }
    let list = beside::beginning(&of_project.parent()?.parent()?.join("projects.json"));
    let list: Projects = sonic_rs::from_str(&list).ok()?;
    let name = of_project.file_name()?.to_str()?;
    list.projects.into_iter().find(|(_, slug)| slug == name).map(|(root, _)| root)
}

/// `projects.json`.
#[derive(Deserialize)]
struct Projects {
    /// Folder names by root.
    projects: BTreeMap<String, String>,
}

/// Reads a chat that is one document.
fn document(path: &Path, document: &str, sink: &mut dyn Sink) -> Result<(), LineError> {
    let whole: Row<'_> = sonic_rs::from_str(document)?;
    let mut chat = Chat::at(path, Memory::default());
    chat.begin(&whole);
    for (number, message) in (1..).zip(whole.messages.iter().flatten()) {
        if let Err(error) = chat.listed(message, sink) {
            sink.skip(number, error);
        }
    }
    Ok(())
}

/// Reads chats.
struct Chat {
    project: Option<String>,
    /// The session that a subagent works for.
    parent: Option<String>,
    memory: Memory,
    /// Who made the last call.
    last: Arc<Attribution>,
}

/// What the first line says.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    session: Option<String>,
    began: Option<Timestamp>,
}

impl Chat {
    fn at(path: &Path, memory: Memory) -> Self {
        let chats = chats_folder(path);
        let folder = path.parent().filter(|folder| Some(*folder) != chats);
        let parent = folder.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        Self { project: chats.and_then(project_of), parent, memory, last: Arc::default() }
    }

    /// Takes in a first line. Resuming writes another, which changes nothing.
    fn begin(&mut self, row: &Row<'_>) {
        if self.memory.session.is_none()
            && let Some(session) = known(row.session_id.as_ref())
        {
            self.memory.session = Some(session.to_owned());
            self.memory.began = row.start_time.as_deref().and_then(|at| at.parse().ok());
        }
    }

    /// A message in a list.
    fn listed(&mut self, message: &LazyValue<'_>, sink: &mut dyn Sink) -> Result<(), LineError> {
        let message: Option<Row<'_>> = row(message.as_raw_str(), tells_of_calls)?;
        message.map_or(Ok(()), |message| self.message(&message, sink))
    }

    fn message(&mut self, message: &Row<'_>, sink: &mut dyn Sink) -> Result<(), LineError> {
        let (Some("gemini"), Some(counts)) = (message.kind.as_deref(), &message.tokens) else { return Ok(()) };
        let tokens = counts.tokens()?;
        if tokens.total() == 0 {
            return Ok(());
        }
        let Some(key) = known(message.id.as_ref()) else {
            return Err(LineError::new("a message without id cannot be told from its copies"));
        };
        let occurred_at: Timestamp =
            message.timestamp.as_deref().unwrap_or_default().parse().map_err(LineError::time)?;
        let session = self.memory.session.as_deref();
        let caller = Caller {
            provider: Some("google"),
            model: known(message.model.as_ref()),
            project: self.project.as_deref(),
            session: self.parent.as_deref().or(session),
            // Its name is in the parent's chat alone.
            subagent: self.parent.as_ref().and(session),
            ..Caller::default()
        };
        let is_taken_over = self.memory.began.is_some_and(|began| occurred_at < began);
        sink.call(UsageRecord {
            source: GEMINI_CLI.id,
            key: key.to_owned(),
            occurred_at,
            tokens,
            cache_writes: CacheWrites::Told,
            is_sum: false,
            web_searches: 0,
            basis: Basis::Estimated,
            reported: None,
            attribution: caller.attribution(GEMINI_CLI.id, &mut self.last),
            witness: if is_taken_over { Witness::Secondary } else { Witness::Primary },
        });
        Ok(())
    }
}

impl LineReader for Chat {
    fn line(&mut self, line: &str, sink: &mut dyn Sink) -> Result<(), LineError> {
        let Some(row): Option<Row<'_>> = row(line, tells_of_calls)? else { return Ok(()) };
        if let Some(checkpoint) = &row.set {
            let mut outcome = Ok(());
            for message in checkpoint.messages.iter().flatten() {
                // One that makes no sense does not hold up the others.
                outcome = outcome.and(self.listed(message, sink));
            }
            return outcome;
        }
        if row.kind.is_none() {
            self.begin(&row);
        }
        self.message(&row, sink)
    }

    fn memory(&self) -> String {
        serde_json::to_string(&self.memory).unwrap_or_default()
    }
}

/// First lines and checkpoints have no kind.
fn tells_of_calls(kind: Option<&str>) -> bool {
    matches!(kind, None | Some("gemini"))
}

/// A line: the first, a message or a checkpoint. Or a whole document.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    #[serde(borrow)]
    session_id: Option<Text<'a>>,
    #[serde(borrow)]
    start_time: Option<Text<'a>>,
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    timestamp: Option<Text<'a>>,
    #[serde(rename = "type", borrow)]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    model: Option<Text<'a>>,
    tokens: Option<Counts>,
    #[serde(rename = "$set", borrow)]
    set: Option<Checkpoint<'a>>,
    #[serde(borrow)]
    messages: Option<Vec<LazyValue<'a>>>,
}

#[derive(Deserialize)]
struct Checkpoint<'a> {
    #[serde(borrow)]
    messages: Option<Vec<LazyValue<'a>>>,
}

#[derive(Clone, Copy, Deserialize)]
struct Counts {
    input: Option<Figure>,
    output: Option<Figure>,
    cached: Option<Figure>,
    thoughts: Option<Figure>,
    tool: Option<Figure>,
    total: Option<Figure>,
}

impl Counts {
    fn tokens(&self) -> Result<Tokens, LineError> {
        let counts = GeminiCounts {
            prompt: sane(self.input)?,
            cached: sane(self.cached)?,
            answer: sane(self.output)?,
            thoughts: sane(self.thoughts)?,
            tools: sane(self.tool)?,
            // Zero is written for what the API did not state.
            total: Some(sane(self.total)?).filter(|total| *total > 0),
        };
        Ok(counts.tokens())
    }
}

#[cfg(test)]
#[path = "gemini_cli_tests.rs"]
mod tests;
