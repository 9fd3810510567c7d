//! opencode: the database `opencode.db` below `$XDG_DATA_HOME/opencode`, one per release channel, or `$OPENCODE_DB`; and
//! the documents below `storage/message` that versions up to 1.1 wrote in its place.
//!
//! A message of an assistant is one response. Its row is written when the response begins, without tokens, and updated
//! until it is over; only then is it a call. The documents were taken over into the database and left in place, so both
//! tell of the same calls.
//!
//! A fork copies messages under new ids, with all that is in them: it made an eightfold bill of one in another tracker.
//! So a call is known by its content: the moment to the millisecond, the model and the tokens. A message that is older
//! than its session is such a copy, and gives way to the original.
//!
//! Input excludes cached tokens and output excludes reasoning, which is charged as output.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::beside;
use super::opencode_store::{self, Session};
use super::row::row_with_head;
use crate::sources::logs::{Agent, Figure, Format, LineError, Sink, Text, sane};
use crate::usage::Tokens;

/// The source.
pub const OPENCODE: Agent = Agent {
    id: "opencode",
    name: "opencode",
    docs: "docs/sources/opencode.md",
    roots: |places| {
        let folder = places.data_home().join("opencode");
        let mut roots = databases(&folder, "opencode", places.folder("OPENCODE_DB"));
        roots.push(folder.join("storage/message"));
        roots
    },
    format: |path| match is_document(path) {
        Some(true) => Some(Format::Document(document)),
        Some(false) => None,
        None => Some(Format::Database(|_, database, memory, sink| {
            opencode_store::calls("opencode", database, memory, sink)
        })),
    },
};

/// The databases in `folder`: that of the usual channel, whether or not it exists, those of the others, and the one that
/// a variable names. They are roots by themselves, since a folder beside them holds a file for every change that the
/// agent ever made.
pub(super) fn databases(folder: &Path, name: &str, named: Option<PathBuf>) -> Vec<PathBuf> {
    let mut databases = vec![folder.join(format!("{name}.db"))];
    // Joined, so that an absolute path is itself. The agent may also keep nothing at all.
    databases.extend(named.filter(|path| path.as_os_str() != ":memory:").map(|path| folder.join(path)));
    let channel = format!("{name}-");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    databases.extend(entries.map(|entry| entry.path()).filter(|path| {
        let file = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        file.starts_with(&channel) && file.ends_with(".db")
    }));
    databases.sort();
    databases.dedup();
    databases
}

/// Whether a file in the folder of documents is one; `None` for a file elsewhere.
fn is_document(path: &Path) -> Option<bool> {
    let folder = path.ancestors().any(|folder| folder.ends_with("storage/message"));
    folder.then(|| path.extension().is_some_and(|extension| extension == "json"))
}

/// Reads a document: one message.
fn document(path: &Path, document: &str, sink: &mut dyn Sink) -> Result<(), LineError> {
    let Some(message) = Message::parse(document)? else { return Ok(()) };
    let session = message.session_id.as_deref().unwrap_or_default();
    let mut sessions = |id: &str| session_document(path, id);
    let session = Session::root_of(session, &mut sessions);
    let mut attributed = opencode_store::Attributed::of("opencode");
    if let Some(record) = attributed.record(&message, &session)? {
        sink.call(record);
    }
    Ok(())
}

/// What the document about a session says: `storage/session/<project>/<id>.json`, seen from a message of its.
fn session_document(message: &Path, id: &str) -> Option<Session> {
    #[derive(Deserialize)]
    struct Document {
        #[serde(rename = "parentID")]
        parent: Option<String>,
        directory: Option<String>,
        time: Option<Time>,
    }
    // An id is a name in a folder and nothing else.
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let storage = message.ancestors().find(|folder| folder.ends_with("storage"))?;
    let projects = fs::read_dir(storage.join("session")).ok()?.flatten();
    let document = projects.map(|project| project.path().join(format!("{id}.json"))).find(|path| path.is_file())?;
    let Document { parent, directory, time } = sonic_rs::from_str(&beside::beginning(&document)).ok()?;
    Some(Session { parent, directory, created: time.and_then(|time| time.created) })
}

/// A message as it stands in a document, in a row of `message`, and, with other names, of `session_message`.
#[derive(Debug, Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    role: Option<Text<'a>>,
    /// In documents only; rows have a column.
    #[serde(rename = "sessionID", borrow)]
    session_id: Option<Text<'a>>,
    #[serde(rename = "modelID", borrow)]
    model_id: Option<Text<'a>>,
    #[serde(rename = "providerID", borrow)]
    provider_id: Option<Text<'a>>,
    /// In `session_message`, in place of the two.
    #[serde(borrow)]
    model: Option<Model<'a>>,
    #[serde(borrow)]
    agent: Option<Text<'a>>,
    /// What [`Self::agent`] was called before.
    #[serde(borrow)]
    mode: Option<Text<'a>>,
    #[serde(borrow)]
    path: Option<Folder<'a>>,
    tokens: Option<Counts>,
    time: Option<Time>,
    finish: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct Model<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(rename = "providerID", borrow)]
    provider_id: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
struct Folder<'a> {
    #[serde(borrow)]
    cwd: Option<Text<'a>>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Time {
    created: Option<i64>,
    completed: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Counts {
    total: Option<Figure>,
    input: Option<Figure>,
    output: Option<Figure>,
    reasoning: Option<Figure>,
    cache: Option<Cache>,
}

#[derive(Debug, Deserialize)]
struct Cache {
    read: Option<Figure>,
    write: Option<Figure>,
}

impl<'a> Message<'a> {
    /// The message; `None` for one of a person.
    pub(super) fn parse(text: &'a str) -> Result<Option<Self>, LineError> {
        #[derive(Deserialize)]
        struct Head<'a> {
            #[serde(borrow)]
            role: Option<Text<'a>>,
        }
        let is_answer = |role: Option<&Text<'_>>| role.is_none_or(|role| &**role == "assistant");
        // Other messages may use the same names for something else.
        let message: Option<Self> = row_with_head(text, |head: &Head<'a>| is_answer(head.role.as_ref()))?;
        Ok(message.filter(|message| is_answer(message.role.as_ref())))
    }

    pub(super) fn model(&self) -> Option<&str> {
        self.model_id.as_deref().or_else(|| self.model.as_ref()?.id.as_deref()).filter(|name| !name.is_empty())
    }

    pub(super) fn provider(&self) -> Option<&str> {
        let provider = self.provider_id.as_deref().or_else(|| self.model.as_ref()?.provider_id.as_deref());
        provider.filter(|name| !name.is_empty())
    }

    /// The agent's name: `build`, `plan`, or that of a subagent.
    pub(super) fn agent(&self) -> Option<&str> {
        self.agent.as_deref().or(self.mode.as_deref()).filter(|name| !name.is_empty())
    }

    pub(super) fn cwd(&self) -> Option<&str> {
        self.path.as_ref()?.cwd.as_deref().filter(|folder| !folder.is_empty())
    }

    /// Milliseconds since 1970.
    pub(super) fn created(&self) -> Option<i64> {
        self.time?.created
    }

    /// When the answer began. A message is complete only when the tools that it asked for have run, which may take hours.
    pub(super) fn occurred_at(&self) -> Result<Timestamp, LineError> {
        let created = self.created().ok_or_else(|| LineError::new("a call without a time"))?;
        Timestamp::from_millisecond(created).map_err(LineError::time)
    }

    /// Whether the figures are final.
    fn is_over(&self) -> bool {
        self.finish.is_some() || self.error.is_some() || self.time.is_some_and(|time| time.completed.is_some())
    }

    /// What the call consumed; `None` as long as it lasts, or if it consumed nothing.
    pub(super) fn tokens(&self) -> Result<Option<Tokens>, LineError> {
        let Some(counts) = self.tokens.as_ref().filter(|_| self.is_over()) else { return Ok(None) };
        let (input, answer, reasoning) = (sane(counts.input)?, sane(counts.output)?, sane(counts.reasoning)?);
        let cache = counts.cache.as_ref();
        let cache_read = cache.map_or(Ok(0), |cache| sane(cache.read))?;
        let cache_write_short = cache.map_or(Ok(0), |cache| sane(cache.write))?;
        // Some versions left the reasoning in the output, as their provider had it. Where there is a total, it tells.
        let has_reasoning = counts.total.is_some()
            && sane(counts.total)? == input + cache_read + cache_write_short + answer
            && answer >= reasoning;
        let output = if has_reasoning { answer } else { answer + reasoning };
        let tokens = Tokens { input, cache_read, cache_write_short, cache_write_long: 0, output, reasoning };
        Ok(Some(tokens).filter(|tokens| tokens.total() > 0))
    }
}

#[cfg(test)]
#[path = "opencode_tests.rs"]
mod tests;
