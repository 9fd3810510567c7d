//! Reading one file: from where it is new, by the reader of its kind, in parts of bounded size.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::batch::{Batch, SkippedEntries};
use super::content::Head;
use super::identity::Start;
use super::json::json;
use super::lines::{Buffer, LineNumbers, LogLines};
use super::search::Search;
use super::survey::Changed;
use super::{DatabaseReader, DocumentReader, Format, LARGE, LineError, LineReader, Lines, Sink, database, document};
use crate::ledger::files::FileRow;
use crate::ledger::recorder::Sighting;
use crate::ledger::skipped::SkippedLines;
use crate::places::Side;
use crate::sources::project::Projects;
use crate::sources::{SourceError, Survey};
use crate::sync::Skipped;
use crate::usage::UsageRecord;

/// Calls that are collected before they are handed on.
const BATCH: usize = 512;

/// The time of a file that was not read to its end: no file has it, so it is looked at again.
const UNFINISHED: i64 = i64::MIN;

/// What was found in a part of a file, and the file as far as it is read with this.
pub(super) struct Part {
    pub(super) row: FileRow,
    pub(super) found: Vec<Sighting>,
    pub(super) skipped: SkippedLines,
}

/// How reading a file ended.
#[derive(Default)]
pub(super) struct End {
    /// There was something new in it.
    pub(super) was_read: bool,
    pub(super) bytes_read: u64,
    pub(super) bytes_verified: u64,
    pub(super) failure: Option<SourceError>,
}

/// Nobody takes what is found any more.
pub(super) struct Closed;

/// Takes a part, and with the last one how reading ended.
type HandOn<'h> = dyn FnMut(Option<Part>, Option<End>) -> Result<(), Closed> + 'h;

/// What the reading threads share.
#[derive(Default)]
pub(super) struct Reading {
    /// By the texts that they search for.
    searches: HashMap<&'static [&'static str], Search>,
    /// Held by the thread that reads a large document or line, so that there is one of them in memory.
    large: Mutex<()>,
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

impl Reading {
    /// What it takes to read what changed.
    pub(super) fn new(surveys: &[Survey]) -> Self {
        let mut reading = Self::default();
        for file in surveys.iter().flat_map(|survey| &survey.changed) {
            if let Format::Lines(Lines { worth_reading, .. }) = file.format {
                reading.searches.entry(worth_reading).or_insert_with(|| Search::new(worth_reading));
            }
        }
        reading
    }

    /// Bytes read so far, of those that were ahead.
    pub(super) fn bytes_done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Reads what is new in `file`, one of those in `survey`.
    pub(super) fn file(
        &self,
        survey: &Survey,
        file: &Changed,
        tools: &mut Tools,
        hand_on: &mut HandOn<'_>,
    ) -> Result<(), Closed> {
        match file.format {
            Format::Lines(lines) => self.lines(survey, file, lines, tools, hand_on),
            Format::Document(reader) => {
                let _only_one =
                    (file.stat.size > LARGE as u64).then(|| self.large.lock().unwrap_or_else(PoisonError::into_inner));
                self.whole(survey, file, tools, hand_on, |whole| read_document(&file.path, reader, whole))
            }
            Format::Database(reader) => {
                self.whole(survey, file, tools, hand_on, |whole| read_database(&file.path, reader, whole))
            }
        }
    }

    fn whole(
        &self,
        survey: &Survey,
        file: &Changed,
        tools: &mut Tools,
        hand_on: &mut HandOn<'_>,
        read: impl FnOnce(&mut Whole<'_, '_>) -> Result<u64, SourceError>,
    ) -> Result<(), Closed> {
        let _share = Share::new(&self.done, file);
        let row = row(survey, file, survey.known.place_of_whole(&file.path, &file.stat));
        // Of a database, only what is new since the last time is asked for.
        let afresh = row.memory.is_empty();
        let mut whole = Whole { row, batch: Batch::new(&mut tools.projects), hand_on, outcome: Ok(()) };
        let read = read(&mut whole);
        let Whole { mut row, mut batch, hand_on, outcome } = whole;
        outcome?;
        let (bytes_read, failure) = match read {
            Ok(bytes) => {
                (row.modified, row.read_to) = (file.stat.modified, file.stat.size);
                (bytes, None)
            }
            Err(failure) => (0, Some(failure)),
        };
        let end = End { was_read: failure.is_none(), bytes_read, failure, ..End::default() };
        // Unless it was read to the end, it is read again, and gives the same again.
        let part = end.failure.is_none().then(|| {
            let SkippedEntries { first, count } = batch.take_skipped();
            let named = |(line, reason)| Skipped { path: row.path.clone(), line, reason };
            let skipped = SkippedLines { afresh, first: first.into_iter().map(named).collect(), count };
            Part { found: batch.take(), row, skipped }
        });
        hand_on(part, Some(end))
    }

    fn lines(
        &self,
        survey: &Survey,
        file: &Changed,
        lines: Lines,
        tools: &mut Tools,
        hand_on: &mut HandOn<'_>,
    ) -> Result<(), Closed> {
        let Tools { buffer, projects } = tools;
        let mut batch = Batch::new(projects);
        let mut share = Share::new(&self.done, file);
        let unreadable = |cause| SourceError::Unreadable { path: file.path.clone(), cause };
        let mut head = Head::default();
        let opened = survey.known.place(&file.path, &file.stat, &mut head).and_then(|start| {
            let search = &self.searches[lines.worth_reading];
            Ok((LogLines::open(&file.path, start.read_to, head, search, buffer, &self.large)?, start))
        });
        let (mut log, start) = match opened {
            Ok(opened) => opened,
            Err(cause) => return hand_on(None, Some(End { failure: Some(unreadable(cause)), ..End::default() })),
        };
        let from = start.read_to;
        let mut row = row(survey, file, start);
        let mut reader = (lines.reader)(&file.path, &row.memory);
        let mut skipping = Skipping { afresh: from == 0, numbers: LineNumbers::new(), bytes_counted: 0 };
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
            share.reached(log.read_to() - from);
            if batch.found.len() >= BATCH {
                seal(&mut row, &log, reader.as_ref());
                let skipped = skipping.take_from(&mut batch, &row.path);
                hand_on(Some(Part { found: batch.take(), row: row.clone(), skipped }), None)?;
            }
        };
        // What was read is kept, however reading ended; only a file that was read to its end counts as known.
        if failure.is_none() {
            row.modified = file.stat.modified;
        }
        seal(&mut row, &log, reader.as_ref());
        let skipped = skipping.take_from(&mut batch, &row.path);
        let end = End {
            was_read: row.read_to > from,
            bytes_read: row.read_to - from,
            bytes_verified: log.verified() + skipping.bytes_counted,
            failure,
        };
        hand_on(Some(Part { found: batch.take(), row, skipped }), Some(end))
    }
}

/// A file's share of all that is ahead. It never counts for more than its size told, and at last for all of that.
struct Share<'d> {
    done: &'d AtomicU64,
    ahead: u64,
    counted: u64,
}

impl<'d> Share<'d> {
    fn new(done: &'d AtomicU64, file: &Changed) -> Self {
        Self { done, ahead: file.ahead, counted: 0 }
    }

    /// So many bytes of the file were read now.
    fn reached(&mut self, bytes: u64) {
        let bytes = bytes.min(self.ahead);
        self.done.fetch_add(bytes - self.counted, Ordering::Relaxed);
        self.counted = bytes;
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.reached(self.ahead);
    }
}

/// What is remembered of a file before it is read.
fn row(survey: &Survey, file: &Changed, start: Start) -> FileRow {
    FileRow {
        id: start.row,
        source: survey.source,
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

/// Gives the bytes read.
fn read_document(path: &Path, reader: DocumentReader, whole: &mut Whole<'_, '_>) -> Result<u64, SourceError> {
    let content = document::content(path).map_err(|cause| SourceError::Unreadable { path: path.to_owned(), cause })?;
    let understood = match &content {
        Some(content) => json(content).and_then(|content| reader(path, content, whole)),
        None => Err(LineError::new("larger than 32 MiB")),
    };
    if let Err(error) = understood {
        whole.skip(1, error);
    }
    Ok(content.map_or(0, |content| content.len() as u64))
}

/// Gives the bytes read: none, since databases are asked and not read.
fn read_database(path: &Path, reader: DatabaseReader, whole: &mut Whole<'_, '_>) -> Result<u64, SourceError> {
    let memory = whole.row.memory.clone();
    let read = |database: &Connection| {
        // What an earlier attempt gave, this one gives again.
        whole.batch.forget();
        reader(path, database, &memory, whole)
    };
    whole.row.memory =
        database::ask(path, read).map_err(|cause| SourceError::Database { path: path.to_owned(), cause })?;
    Ok(0)
}

/// Notes in `row` where reading stands, so that it can go on from there.
fn seal(row: &mut FileRow, log: &LogLines<'_>, reader: &dyn LineReader) {
    row.read_to = log.read_to();
    (row.head_size, row.head) = log.head();
    row.tail = log.tail();
    row.memory = reader.memory();
}

/// Names the skipped lines of a file by their numbers. Lines are counted only when some were skipped.
struct Skipping {
    /// Nothing was handed on since the file was begun to be read from its start.
    afresh: bool,
    numbers: LineNumbers,
    /// Bytes that were read to count lines.
    bytes_counted: u64,
}

impl Skipping {
    /// What was skipped since the last time.
    fn take_from(&mut self, batch: &mut Batch<'_>, path: &str) -> SkippedLines {
        let SkippedEntries { first, count } = batch.take_skipped();
        let afresh = std::mem::take(&mut self.afresh);
        if first.is_empty() {
            return SkippedLines { afresh, first: Vec::new(), count };
        }
        let offsets: Vec<u64> = first.iter().map(|(offset, _)| *offset).collect();
        let (numbers, bytes) = self.numbers.of(Path::new(path), &offsets).unwrap_or_default();
        self.bytes_counted += bytes;
        let line = |at: usize| numbers.get(at).copied().unwrap_or_default();
        let named =
            |(at, (_, reason)): (usize, (u64, String))| Skipped { path: path.to_owned(), line: line(at), reason };
        SkippedLines { afresh, first: first.into_iter().enumerate().map(named).collect(), count }
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
            // What was skipped is told with the last part, when it is sure that this reading counts.
            let skipped = SkippedLines::default();
            let part = Part { found: self.batch.take(), row: self.row.clone(), skipped };
            self.outcome = (self.hand_on)(Some(part), None);
        }
    }

    fn skip(&mut self, entry: u64, error: LineError) {
        self.batch.skip(entry, error);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::super::identity::{Known, Stat};
    use super::*;
    use crate::usage::{Basis, CacheWrites, Tokens, Witness};

    #[test]
    fn t24_an_entry_that_is_skipped_at_every_attempt_is_told_of_once() {
        /// Rewrites the database while it reads it for the first time.
        fn reader(path: &Path, database: &Connection, _: &str, sink: &mut dyn Sink) -> rusqlite::Result<String> {
            let rows: i64 = database.query_row("SELECT count(*) FROM call", [], |row| row.get(0))?;
            if rows == 1 {
                Connection::open(path)?.execute_batch("INSERT INTO call VALUES (2)")?;
            }
            sink.skip(1, LineError::new("it makes no sense"));
            Ok(String::new())
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.db");
        Connection::open(&path)
            .unwrap()
            .execute_batch("CREATE TABLE call (tokens); INSERT INTO call VALUES (1)")
            .unwrap();
        let format = Format::Database(reader);
        let file = Changed { stat: Stat::of(&path, format).unwrap(), path, format, ahead: 0 };
        let survey = Survey { source: "opencode", changed: vec![file], known: Known::default(), failure: None };
        let surveys = [survey];
        let mut told = Vec::new();
        let hand_on: &mut HandOn<'_> = &mut |part, _| {
            told.extend(part.map(|part| (part.skipped.count, part.skipped.first.len())));
            Ok(())
        };
        let mut tools = Tools::new(Side::Alone);
        assert!(Reading::new(&surveys).file(&surveys[0], &surveys[0].changed[0], &mut tools, hand_on).is_ok());
        assert_eq!(told, [(1, 1)]);
    }

    #[test]
    fn what_is_skipped_is_handed_on_with_the_part_in_which_it_was() {
        struct Reader;
        impl LineReader for Reader {
            fn line(&mut self, line: &str, sink: &mut dyn Sink) -> Result<(), LineError> {
                let number = line.trim_end().strip_prefix("call ").ok_or_else(|| LineError::new("no call"))?;
                sink.call(UsageRecord {
                    source: "opencode",
                    key: number.to_owned(),
                    occurred_at: Timestamp::UNIX_EPOCH,
                    tokens: Tokens::default(),
                    cache_writes: CacheWrites::Told,
                    is_sum: false,
                    web_searches: 0,
                    basis: Basis::Estimated,
                    reported: None,
                    attribution: Arc::default(),
                    witness: Witness::Primary,
                });
                Ok(())
            }
        }
        let lines = Lines { worth_reading: &["call"], reader: |_, _| Box::new(Reader) };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let line = |number: usize| {
            if [3, BATCH + 7].contains(&number) { "no call\n".into() } else { format!("call {number}\n") }
        };
        std::fs::write(&path, (1..=2 * BATCH).map(line).collect::<String>()).unwrap();
        let format = Format::Lines(lines);
        let file = Changed { stat: Stat::of(&path, format).unwrap(), path, format, ahead: 0 };
        let surveys = [Survey { source: "opencode", changed: vec![file], known: Known::default(), failure: None }];
        let mut told = Vec::new();
        let hand_on: &mut HandOn<'_> = &mut |part, _| {
            told.extend(part.map(|Part { found, skipped, .. }| {
                let lines: Vec<u64> = skipped.first.iter().map(|skipped| skipped.line).collect();
                (found.len(), skipped.afresh, lines)
            }));
            Ok(())
        };
        let mut tools = Tools::new(Side::Alone);
        assert!(Reading::new(&surveys).file(&surveys[0], &surveys[0].changed[0], &mut tools, hand_on).is_ok());
        let rest = BATCH - 2;
        assert_eq!(told, [(BATCH, true, vec![3]), (rest, false, vec![BATCH as u64 + 7])]);
    }
}
