//! Agents that log one JSON object per line: finding their files, reading only what is new, and handing whole lines to
//! the agent's own reader.
//!
//! What is the same for every such agent is here; what is particular to one is in its file in [`super::agents`].

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use walkdir::WalkDir;

use self::content::Content;
use self::identity::{Known, Stat};
use super::project::Projects;
use super::{Source, SourceError, Survey};
use crate::ledger::files::FileRow;
use crate::ledger::usage::Sighting;
use crate::places::Places;
use crate::sync::{Pass, Skipped};
use crate::usage::UsageRecord;

mod content;
mod identity;

/// Calls held in memory before they are written.
const BATCH: usize = 20_000;

/// The time of a file that was not read to its end: no file has it, so it is looked at again.
const UNFINISHED: i64 = i64::MIN;

/// More tokens of one kind than any call can have. What claims more is damaged, and would drown every sum it enters: a
/// thousand calls of this size at the dearest price are about all that 64 bits of nano-dollars hold.
const ABSURD: u64 = 10_000_000_000;

/// A coding agent that writes logs.
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
    /// Whether a file below the roots is one of its logs.
    pub is_log: fn(&Path) -> bool,
    /// Makes a reader for the file at a path, from what [`LineReader::memory`] gave when the file was last read; empty
    /// the first time.
    pub reader: fn(path: &Path, memory: &str) -> Box<dyn LineReader>,
}

/// Takes in the calls that a reader finds.
pub type Sink<'s> = dyn FnMut(UsageRecord) + 's;

/// Understands the lines of one agent's logs.
pub trait LineReader {
    /// Gives the calls that `line` tells of. [`crate::usage::Attribution::project`] is the folder the agent worked in; it is folded into
    /// its project later.
    ///
    /// # Errors
    /// [`LineError`] when the line should tell of a call but can't be understood. It is skipped and reported.
    fn line(&mut self, line: &[u8], sink: &mut Sink<'_>) -> Result<(), LineError>;

    /// What a later reader of the same file must know to go on after the last line.
    fn memory(&self) -> String;
}

/// Why a line is skipped.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct LineError(String);

impl LineError {
    /// A reason in words.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    /// The line's timestamp is none.
    #[expect(clippy::needless_pass_by_value, reason = "used as a function in map_err")]
    pub fn time(cause: jiff::Error) -> Self {
        Self(format!("no usable timestamp: {cause}"))
    }
}

impl From<serde_json::Error> for LineError {
    fn from(cause: serde_json::Error) -> Self {
        // Neither the line nor serde's words about it: they quote values, and a value may be a conversation.
        let kind = match cause.classify() {
            Category::Data => "a field is of another kind than expected",
            Category::Eof => "the JSON ends in the middle",
            Category::Syntax | Category::Io => "it is no JSON",
        };
        Self(format!("{kind}, at byte {}", cause.column()))
    }
}

/// A count in a log. Agents may write `null`, and have written floats and negative numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure(Option<u64>);

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        Ok(Self(number.as_u64().filter(|count| *count <= ABSURD)))
    }
}

/// The count, or zero if there is none.
///
/// # Errors
/// [`LineError`] for what is no count of tokens: negative, broken, or more than ten billion.
pub fn sane(figure: Option<Figure>) -> Result<u64, LineError> {
    match figure {
        None => Ok(0),
        Some(Figure(Some(count))) => Ok(count),
        Some(Figure(None)) => Err(LineError::new("a token count that is negative, broken or over ten billion")),
    }
}

/// A file with something new in it.
#[derive(Debug)]
pub(crate) struct Changed {
    path: PathBuf,
    stat: Stat,
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

    fn survey(&self, pass: &mut Pass<'_>) -> Result<Survey, SourceError> {
        let known = Known::new(pass.ledger.files(self.id)?);
        let mut survey = Survey::default();
        let mut seen = HashSet::new();
        for root in self.roots(pass.places) {
            for (path, stat) in self.files_below(&root, &mut survey.failure) {
                // A linked folder leads to files that were met already.
                if !seen.insert(stat.identity) {
                    continue;
                }
                pass.report.files_seen += 1;
                let row = known.find(&path, &stat);
                if row.is_some_and(|row| stat.is_unchanged_since(row) && row.path == path.to_string_lossy()) {
                    continue;
                }
                survey.bytes += stat.size.saturating_sub(row.map_or(0, |row| row.read_to));
                survey.changed.push(Changed { path, stat });
            }
        }
        // Oldest first: where a copy does not say that it is one, the file that was there before owns the call.
        survey.changed.sort_by(|a, b| (a.stat.modified, &a.path).cmp(&(b.stat.modified, &b.path)));
        Ok(survey)
    }

    fn read(&self, survey: Survey, pass: &mut Pass<'_>) -> Result<(), SourceError> {
        let mut first_failure = survey.failure;
        if survey.changed.is_empty() {
            return first_failure.map_or(Ok(()), Err);
        }
        let mut known = Known::new(pass.ledger.files(self.id)?);
        let mut projects = Projects::default();
        for file in &survey.changed {
            match self.read_file(file, &mut known, &mut projects, pass) {
                // Gone between being found and being read: agents move and delete files.
                Err(SourceError::Unreadable { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => {}
                Err(failure @ SourceError::Unreadable { .. }) => drop(first_failure.get_or_insert(failure)),
                other => other?,
            }
        }
        first_failure.map_or(Ok(()), Err)
    }
}

impl Agent {
    /// The logs below `root`. What cannot be looked into is left out, and the first such failure noted: the rest of the
    /// source is not held up by it.
    fn files_below(&self, root: &Path, failure: &mut Option<SourceError>) -> Vec<(PathBuf, Stat)> {
        let mut found = Vec::new();
        let mut fail = |path: PathBuf, cause: io::Error| {
            if !leads_nowhere(&path, &cause) {
                failure.get_or_insert(SourceError::Unreadable { path, cause });
            }
        };
        for entry in WalkDir::new(root).follow_links(true) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) if error.loop_ancestor().is_some() => continue,
                Err(error) => {
                    fail(error.path().unwrap_or(root).to_owned(), error.into());
                    continue;
                }
            };
            if entry.file_type().is_file() && (self.is_log)(entry.path()) {
                match Stat::of(entry.path()) {
                    Ok(stat) => found.push((entry.into_path(), stat)),
                    Err(cause) => fail(entry.into_path(), cause),
                }
            }
        }
        found
    }

    fn read_file(
        &self,
        file: &Changed,
        known: &mut Known,
        projects: &mut Projects,
        pass: &mut Pass<'_>,
    ) -> Result<(), SourceError> {
        let Changed { path, stat } = file;
        let unreadable = |cause| SourceError::Unreadable { path: path.clone(), cause };
        let mut content = Content::open(path).map_err(unreadable)?;
        let start = known.place(path, stat, &mut content).map_err(unreadable)?;
        let mut row = FileRow {
            id: start.row,
            source: self.id,
            path: path.to_string_lossy().into_owned(),
            identity: stat.identity,
            size: stat.size,
            modified: UNFINISHED,
            read_to: start.read_to,
            read_lines: start.read_lines,
            head_size: 0,
            head: 0,
            tail: 0,
            memory: start.memory,
        };
        let mut reader = (self.reader)(path, &row.memory);
        let mut batch = Batch::default();
        let from = row.read_to;
        let outcome = loop {
            let line = match content.next_line() {
                Ok(Some(line)) => line,
                Ok(None) => break Ok(()),
                Err(cause) => break Err(unreadable(cause)),
            };
            row.read_lines += 1;
            let offset = row.read_to;
            let understood = reader.line(line, &mut |record| batch.add(record, offset, projects));
            row.read_to += line.len() as u64;
            if let Err(LineError(reason)) = understood {
                pass.report.skip(Skipped { path: row.path.clone(), line: row.read_lines, reason });
            }
            if batch.found.len() >= BATCH {
                seal(&mut row, &content, reader.as_ref());
                row.id = Some(pass.keep(&row, &batch.take())?);
            }
            pass.advance(offset, row.read_to);
        };
        // What was read is kept, however reading ended; only a file that was read to its end counts as known.
        if outcome.is_ok() {
            row.modified = stat.modified;
        }
        seal(&mut row, &content, reader.as_ref());
        pass.report.bytes_read += row.read_to - from;
        pass.report.bytes_verified += content.verified();
        pass.report.files_read += u64::from(row.read_to > from);
        row.id = Some(pass.keep(&row, &batch.take())?);
        known.remember(row);
        outcome
    }
}

/// Notes in `row` where reading stands, so that it can go on from there.
fn seal(row: &mut FileRow, content: &Content, reader: &dyn LineReader) {
    (row.head_size, row.head) = content.head();
    row.tail = content.tail();
    row.memory = reader.memory();
}

/// Missing folders, files that vanish while they are looked at, and links to nothing are all in a day's work.
fn leads_nowhere(path: &Path, cause: &io::Error) -> bool {
    let is_link = || path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
    match cause.kind() {
        io::ErrorKind::NotFound => true,
        // There is something, and it is kept from us: that has to be told.
        io::ErrorKind::PermissionDenied => false,
        _ => is_link(),
    }
}

/// Calls of one file, merged before they are written: agents repeat a call on several lines.
#[derive(Default)]
struct Batch {
    found: Vec<Sighting>,
    by_key: HashMap<String, usize>,
}

impl Batch {
    fn add(&mut self, mut record: UsageRecord, offset: u64, projects: &mut Projects) {
        if let Some(at) = self.by_key.get(&record.key) {
            self.found[*at].record.merge(&record);
            return;
        }
        record.attribution.project = record.attribution.project.map(|folder| projects.root_of(&folder));
        self.by_key.insert(record.key.clone(), self.found.len());
        self.found.push(Sighting { record, offset });
    }

    fn take(&mut self) -> Vec<Sighting> {
        self.by_key.clear();
        std::mem::take(&mut self.found)
    }
}
