//! Reading one file: from where it is new, by the reader of its kind, in parts of bounded size.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use xxhash_rust::xxh3::xxh3_64;

use super::content::Head;
use super::identity::{Known, Start};
use super::json::json;
use super::lines::{Buffer, LogLines, numbers_of_lines};
use super::search::Search;
use super::survey::Changed;
use super::{DatabaseReader, DocumentReader, Format, LineError, LineReader, Lines, Sink, database, document};
use crate::ledger::files::FileRow;
use crate::ledger::recorder::Sighting;
use crate::ledger::skipped::SkippedLines;
use crate::places::Side;
use crate::sources::SourceError;
use crate::sources::project::Projects;
use crate::sync::Skipped;
use crate::usage::{Attribution, UsageRecord, Written};

/// Calls that are collected before they are handed on.
const BATCH: usize = 512;

/// The time of a file that was not read to its end: no file has it, so it is looked at again.
const UNFINISHED: i64 = i64::MIN;

/// Skipped lines of a file that are told one by one; of the others only the number is.
const SKIPPED_KEPT: usize = 100;

/// What was found in a part of a file, and the file as far as it is read with this.
pub(super) struct Part {
    pub(super) row: FileRow,
    pub(super) found: Vec<Sighting>,
}

/// How reading a file ended.
#[derive(Default)]
pub(super) struct End {
    /// There was something new in it.
    pub(super) was_read: bool,
    pub(super) bytes_read: u64,
    pub(super) bytes_verified: u64,
    pub(super) skipped: SkippedLines,
    pub(super) failure: Option<SourceError>,
}

/// Nobody takes what is found any more.
pub(super) struct Closed;

/// Takes a part, and with the last one how reading ended.
type HandOn<'h> = dyn FnMut(Option<Part>, Option<End>) -> Result<(), Closed> + 'h;

/// What the reading threads share.
pub(super) struct Reading<'r> {
    source: &'static str,
    known: &'r Known,
    /// By the texts that they search for.
    searches: HashMap<&'static [&'static str], Search>,
    done: AtomicU64,
}

/// What a reading thread keeps from file to file.
pub(super) struct Tools {
    buffer: Buffer,
    projects: Projects,
}

impl Tools {
    pub(super) fn new(side: Side) -> Self {
        Self { buffer: Buffer::default(), projects: Projects::new(side) }
    }
}

impl<'r> Reading<'r> {
    /// What it takes to read `changed`.
    pub(super) fn new(source: &'static str, known: &'r Known, changed: &[Changed]) -> Self {
        let mut searches = HashMap::new();
        for file in changed {
            if let Format::Lines(Lines { worth_reading, .. }) = file.format {
                searches.entry(worth_reading).or_insert_with(|| Search::new(worth_reading));
            }
        }
        Self { source, known, searches, done: AtomicU64::new(0) }
    }

    /// Bytes read so far.
    pub(super) fn bytes_done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Reads what is new in `file`.
    pub(super) fn file(&self, file: &Changed, tools: &mut Tools, hand_on: &mut HandOn<'_>) -> Result<(), Closed> {
        let batch = Batch::new(&mut tools.projects);
        if let Format::Lines(lines) = file.format {
            return self.lines(file, lines, &mut tools.buffer, batch, hand_on);
        }
        let row = self.row(file, self.known.place_of_whole(&file.path, &file.stat));
        // Of a database, only what is new since the last time is asked for.
        let afresh = row.memory.is_empty();
        let mut whole = Whole { row, batch, hand_on, outcome: Ok(()) };
        let read = match file.format {
            Format::Database(reader) => read_database(&file.path, reader, &mut whole),
            Format::Document(reader) => read_document(&file.path, reader, &mut whole),
            Format::Lines(_) => Ok(0),
        };
        self.done.fetch_add(file.stat.size, Ordering::Relaxed);
        let Whole { mut row, mut batch, hand_on, outcome } = whole;
        outcome?;
        let (bytes_read, failure) = match read {
            Ok(bytes) => {
                (row.modified, row.read_to) = (file.stat.modified, file.stat.size);
                (bytes, None)
            }
            Err(failure) => (0, Some(failure)),
        };
        let named = |(line, reason)| Skipped { path: row.path.clone(), line, reason };
        let first = std::mem::take(&mut batch.skipped).into_iter().map(named).collect();
        let skipped = SkippedLines { afresh, first, count: batch.entries_skipped };
        let end = End { was_read: failure.is_none(), bytes_read, skipped, failure, ..End::default() };
        let part = end.failure.is_none().then(|| batch.take(&row));
        hand_on(part, Some(end))
    }

    fn lines(
        &self,
        file: &Changed,
        lines: Lines,
        buffer: &mut Buffer,
        mut batch: Batch<'_>,
        hand_on: &mut HandOn<'_>,
    ) -> Result<(), Closed> {
        let unreadable = |cause| SourceError::Unreadable { path: file.path.clone(), cause };
        let mut head = Head::default();
        let opened = self.known.place(&file.path, &file.stat, &mut head).and_then(|start| {
            let search = &self.searches[lines.worth_reading];
            Ok((LogLines::open(&file.path, start.read_to, head, search, buffer)?, start))
        });
        let (mut log, start) = match opened {
            Ok(opened) => opened,
            Err(cause) => return hand_on(None, Some(End { failure: Some(unreadable(cause)), ..End::default() })),
        };
        let from = start.read_to;
        let mut row = self.row(file, start);
        let mut reader = (lines.reader)(&file.path, &row.memory);
        let failure = loop {
            let line = match log.next() {
                Ok(Some(line)) => line,
                Ok(None) => break None,
                Err(cause) => break Some(unreadable(cause)),
            };
            batch.offset = line.offset;
            match line.text.map(|text| json(text).and_then(|text| reader.line(text, &mut batch))) {
                Some(Ok(())) => {}
                Some(Err(error)) => batch.skip(line.offset, error),
                None => batch.skip(line.offset, LineError::new("longer than 16 MiB")),
            }
            let read_to = log.read_to();
            self.done.fetch_add(read_to - row.read_to, Ordering::Relaxed);
            row.read_to = read_to;
            if batch.found.len() >= BATCH {
                seal(&mut row, &log, reader.as_ref());
                hand_on(Some(batch.take(&row)), None)?;
            }
        };
        self.done.fetch_add(log.read_to() - row.read_to, Ordering::Relaxed);
        // What was read is kept, however reading ended; only a file that was read to its end counts as known.
        if failure.is_none() {
            row.modified = file.stat.modified;
        }
        seal(&mut row, &log, reader.as_ref());
        let end = End {
            was_read: row.read_to > from,
            bytes_read: row.read_to - from,
            bytes_verified: log.verified(),
            skipped: SkippedLines {
                afresh: from == 0,
                first: numbered(&file.path, std::mem::take(&mut batch.skipped)),
                count: batch.entries_skipped,
            },
            failure,
        };
        hand_on(Some(batch.take(&row)), Some(end))
    }

    /// What is remembered of a file before it is read.
    fn row(&self, file: &Changed, start: Start) -> FileRow {
        FileRow {
            id: start.row,
            source: self.source,
            path: file.path.to_string_lossy().into_owned(),
            identity: file.stat.identity,
            size: file.stat.size,
            modified: UNFINISHED,
            read_to: start.read_to,
            head_size: 0,
            head: 0,
            tail: 0,
            memory: start.memory,
        }
    }
}

/// Gives the bytes read.
fn read_document(path: &Path, reader: DocumentReader, whole: &mut Whole<'_, '_>) -> Result<u64, SourceError> {
    let content = document::content(path).map_err(|cause| SourceError::Unreadable { path: path.to_owned(), cause })?;
    let understood = match &content {
        Some(content) => json(content).and_then(|content| reader(path, content, whole)),
        None => Err(LineError::new("larger than 64 MiB")),
    };
    if let Err(error) = understood {
        whole.skip(1, error);
    }
    Ok(content.map_or(0, |content| content.len() as u64))
}

/// Gives the bytes read: none, since databases are asked and not read.
fn read_database(path: &Path, reader: DatabaseReader, whole: &mut Whole<'_, '_>) -> Result<u64, SourceError> {
    let memory = whole.row.memory.clone();
    whole.row.memory = database::ask(path, |database| reader(path, database, &memory, whole))
        .map_err(|cause| SourceError::Database { path: path.to_owned(), cause })?;
    Ok(0)
}

/// Notes in `row` where reading stands, so that it can go on from there.
fn seal(row: &mut FileRow, log: &LogLines<'_>, reader: &dyn LineReader) {
    row.read_to = log.read_to();
    (row.head_size, row.head) = log.head();
    row.tail = log.tail();
    row.memory = reader.memory();
}

/// Names skipped lines by their number. They are counted only now that there are some.
fn numbered(path: &Path, skipped: Vec<(u64, String)>) -> Vec<Skipped> {
    if skipped.is_empty() {
        return Vec::new();
    }
    let offsets: Vec<u64> = skipped.iter().map(|(offset, _)| *offset).collect();
    let numbers = numbers_of_lines(path, &offsets).unwrap_or_default();
    let line = |at: usize| numbers.get(at).copied().unwrap_or_default();
    let named = |(at, (_, reason)): (usize, (u64, String))| Skipped { path: text_of(path), line: line(at), reason };
    skipped.into_iter().enumerate().map(named).collect()
}

fn text_of(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Calls of one file, merged before they are written: agents repeat a call on several lines.
struct Batch<'b> {
    projects: &'b mut Projects,
    found: Vec<Sighting>,
    /// Places in `found`, by hash of the key.
    by_key: HashMap<u64, usize>,
    /// Where the line begins that is being read, or the number of an entry.
    offset: u64,
    /// The last attribution as the reader gave it, and with its project. Most calls of a file share it.
    folded: Option<(Arc<Attribution>, Arc<Attribution>)>,
    skipped: Vec<(u64, String)>,
    entries_skipped: u64,
}

impl<'b> Batch<'b> {
    fn new(projects: &'b mut Projects) -> Self {
        Self {
            projects,
            found: Vec::new(),
            by_key: HashMap::new(),
            offset: 0,
            folded: None,
            skipped: Vec::new(),
            entries_skipped: 0,
        }
    }

    fn take(&mut self, row: &FileRow) -> Part {
        self.by_key.clear();
        Part { row: row.clone(), found: std::mem::take(&mut self.found) }
    }

    /// The attribution with the project in place of the folder.
    fn fold(&mut self, given: &Arc<Attribution>) -> Arc<Attribution> {
        if let Some((known, folded)) = &self.folded
            && Arc::ptr_eq(known, given)
        {
            return Arc::clone(folded);
        }
        let mut folded = Arc::clone(given);
        if let Some(folder) = &given.project {
            Arc::make_mut(&mut folded).project = Some(self.projects.root_of(folder));
        }
        self.folded = Some((Arc::clone(given), Arc::clone(&folded)));
        folded
    }
}

/// What is found in a file that is read as a whole, handed on in parts all the same.
struct Whole<'b, 'h> {
    row: FileRow,
    batch: Batch<'b>,
    hand_on: &'b mut HandOn<'h>,
    outcome: Result<(), Closed>,
}

impl Sink for Whole<'_, '_> {
    fn call(&mut self, record: UsageRecord) {
        self.batch.call(record);
        if self.batch.found.len() >= BATCH && self.outcome.is_ok() {
            self.outcome = (self.hand_on)(Some(self.batch.take(&self.row)), None);
        }
    }

    fn skip(&mut self, entry: u64, error: LineError) {
        self.batch.skip(entry, error);
    }
}

impl Sink for Batch<'_> {
    fn call(&mut self, mut record: UsageRecord) {
        record.attribution = self.fold(&record.attribution);
        let hash = xxh3_64(record.key.as_bytes());
        match self.by_key.get(&hash).map(|at| &mut self.found[*at]) {
            Some(known) if known.record.key == record.key => {
                if known.record.merge(&record, Written::After).closer {
                    known.offset = self.offset;
                }
            }
            _ => {
                self.by_key.insert(hash, self.found.len());
                self.found.push(Sighting { record, offset: self.offset });
            }
        }
    }

    fn skip(&mut self, entry: u64, error: LineError) {
        self.entries_skipped += 1;
        if self.skipped.len() < SKIPPED_KEPT {
            self.skipped.push((entry, error.to_string()));
        }
    }
}
