//! Agents that leave files: what one has to say of itself, and the kinds of file there are.
//!
//! What is the same for every such agent is below: finding its files (`survey`), recognising them (`identity`),
//! reading what is new in them, in parallel (`read`). What is particular to one is in its file in [`super::agents`].

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::{Source, Survey};
use crate::ledger::LedgerError;
use crate::places::Places;
use crate::sync::Pass;
use crate::usage::UsageRecord;

mod batch;
mod content;
mod database;
mod document;
mod fields;
mod file;
#[cfg(test)]
pub(crate) mod found;
mod identity;
mod json;
mod lines;
mod read;
mod search;
mod survey;

pub use fields::{Figure, Text, cost, known, sane};
pub(crate) use identity::Known;
pub use json::json;
pub(crate) use read::read;
pub(crate) use survey::Changed;

/// Bytes from which on a line or a document is a large one. Each is in memory as a whole, so one is read at a time.
const LARGE: usize = 4 * 1024 * 1024;

/// A coding agent that leaves files.
#[derive(Clone, Copy, Debug)]
pub struct Agent {
    /// See [`Source::id`].
    pub id: &'static str,
    /// See [`Source::name`].
    pub name: &'static str,
    /// See [`Source::docs`].
    pub docs: &'static str,
    /// See [`Source::roots`].
    pub roots: fn(&Places) -> Vec<PathBuf>,
    /// How a file below the roots is read; `None` for one that tells of no calls.
    pub format: fn(&Path) -> Option<Format>,
}

/// How a file is read.
#[derive(Clone, Copy, Debug)]
pub enum Format {
    /// One JSON object per line; lines are added at the end.
    Lines(Lines),
    /// One JSON document, written anew as a whole when something changes.
    Document(DocumentReader),
    /// An SQLite database that its agent may be writing at this moment.
    Database(DatabaseReader),
}

/// Logs of one JSON object per line.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    /// Texts of which a line has at least one, as it stands in the file, if it can matter. All other lines are passed
    /// over without being looked at.
    pub worth_reading: &'static [&'static str],
    /// Makes a reader for the file at a path, from what [`LineReader::memory`] gave when the file was last read; empty
    /// the first time.
    pub reader: fn(path: &Path, memory: &str) -> Box<dyn LineReader>,
}

/// Gives the calls that a whole document tells of, each time it is read. An error says that the document as a whole
/// makes no sense; what is wrong with one entry goes to [`Sink::skip`].
pub type DocumentReader = fn(path: &Path, document: &str, sink: &mut dyn Sink) -> Result<(), LineError>;

/// Gives the calls that a database tells of and that are new since it gave `memory`, which is empty the first time;
/// returns what to remember for the next.
pub type DatabaseReader =
    fn(path: &Path, database: &Connection, memory: &str, sink: &mut dyn Sink) -> rusqlite::Result<String>;

/// Takes in what a reader finds. A record's [`crate::usage::Attribution::project`] is the folder the agent worked in; it
/// is folded into its project behind this.
pub trait Sink {
    /// A call. The same call may be given any number of times.
    fn call(&mut self, record: UsageRecord);

    /// An entry of a document or a database, counted from 1, that should tell of a call and can't be understood.
    fn skip(&mut self, entry: u64, error: LineError);
}

/// Understands the lines of one agent's logs.
pub trait LineReader {
    /// Gives the calls that `line` tells of.
    ///
    /// # Errors
    /// [`LineError`] when the line should tell of a call but can't be understood. It is skipped and reported.
    fn line(&mut self, line: &str, sink: &mut dyn Sink) -> Result<(), LineError>;

    /// What a later reader of the same file must know to go on after the last line.
    fn memory(&self) -> String {
        String::new()
    }
}

/// Why a line, or an entry of a document, is skipped.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct LineError(String);

impl LineError {
    /// A reason in words. Never what the line says: it may be a conversation.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    /// The line's timestamp is none. Why is not told: the parser's words quote what stands there.
    pub fn time(_: jiff::Error) -> Self {
        Self::new("no usable timestamp")
    }
}

impl From<sonic_rs::Error> for LineError {
    fn from(cause: sonic_rs::Error) -> Self {
        use sonic_rs::error::Category;
        // Neither the line nor the parser's words about it: they quote what stands there.
        let kind = match cause.classify() {
            Category::TypeUnmatched | Category::NotFound => "a field is of another kind than expected",
            Category::Eof => "the JSON ends in the middle",
            _ => "it is no JSON",
        };
        Self(format!("{kind}, at byte {}", cause.offset()))
    }
}

impl Source for Agent {
    fn id(&self) -> &'static str {
        self.id
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn docs(&self) -> &'static str {
        self.docs
    }

    fn roots(&self, places: &Places) -> Vec<PathBuf> {
        (self.roots)(places)
    }

    fn survey(&self, pass: &mut Pass<'_>) -> Result<Survey, LedgerError> {
        survey::survey(self, pass)
    }
}
