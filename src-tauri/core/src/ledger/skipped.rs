//! Lines that should have told of a call and could not be understood. Only `sync` writes them.

use std::path::Path;

use rusqlite::{Connection, Row, params};

use super::{Ledger, LedgerError};
use crate::sync::Skipped;

/// Lines of one file that were skipped when it was last read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SkippedLines {
    /// The file was read from its start, so that what was skipped before no longer counts.
    pub afresh: bool,
    /// The first of them.
    pub first: Vec<Skipped>,
    /// How many there were.
    pub count: u64,
}

impl Ledger {
    /// How many lines of a source's logs were skipped, and the first `limit` of them.
    ///
    /// Only of logs that are still there: these can be looked into, and may be read better by a later version. What was
    /// skipped of a log that is gone can neither be seen nor mended, and would be told for ever. The calls of such a log
    /// stay. One that cannot be looked for counts as there.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn skipped_lines(&self, source: &str, limit: usize) -> Result<(u64, Vec<Skipped>), LedgerError> {
        let mut files = self.files_with_skipped_lines(source)?;
        files.retain(FileWithSkipped::may_be_there);
        let mut first = Vec::new();
        for file in &files {
            if first.len() < limit {
                first.extend(self.skipped_lines_of(file, limit - first.len())?);
            }
        }
        Ok((files.iter().map(|file| file.skipped).sum(), first))
    }

    /// In the order of their paths.
    fn files_with_skipped_lines(&self, source: &str) -> Result<Vec<FileWithSkipped>, LedgerError> {
        self.read(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT id, path, skipped FROM source_file
                 WHERE source = (SELECT id FROM name WHERE text = ?1) AND skipped > 0 ORDER BY path",
            )?;
            let file = |row: &Row<'_>| {
                Ok(FileWithSkipped {
                    id: row.get(0)?,
                    path: row.get(1)?,
                    skipped: row.get::<_, i64>(2)?.unsigned_abs(),
                })
            };
            query.query_map([source], file)?.collect()
        })
    }

    fn skipped_lines_of(&self, file: &FileWithSkipped, limit: usize) -> Result<Vec<Skipped>, LedgerError> {
        self.read(|connection| {
            let mut query = connection
                .prepare_cached("SELECT line, reason FROM skipped_line WHERE file = ?1 ORDER BY line LIMIT ?2")?;
            let line = |row: &Row<'_>| {
                Ok(Skipped { path: file.path.clone(), line: row.get::<_, i64>(0)?.unsigned_abs(), reason: row.get(1)? })
            };
            query.query_map(params![file.id, i64::try_from(limit).unwrap_or(i64::MAX)], line)?.collect()
        })
    }
}

/// A log of which lines were skipped.
struct FileWithSkipped {
    id: i64,
    path: String,
    skipped: u64,
}

impl FileWithSkipped {
    fn may_be_there(&self) -> bool {
        // A name that is no text is not kept as it is.
        self.path.contains(char::REPLACEMENT_CHARACTER) || !matches!(Path::new(&self.path).try_exists(), Ok(false))
    }
}

/// Notes what was skipped of a file.
pub(super) fn set(connection: &Connection, file: i64, skipped: &SkippedLines) -> rusqlite::Result<()> {
    if skipped.afresh {
        connection.prepare_cached("DELETE FROM skipped_line WHERE file = ?1")?.execute([file])?;
        connection
            .prepare_cached("UPDATE source_file SET skipped = 0 WHERE id = ?1 AND skipped > 0")?
            .execute([file])?;
    }
    if skipped.count == 0 {
        return Ok(());
    }
    for line in &skipped.first {
        connection.prepare_cached("INSERT OR REPLACE INTO skipped_line VALUES (?1, ?2, ?3)")?.execute(params![
            file,
            line.line.cast_signed(),
            line.reason
        ])?;
    }
    connection
        .prepare_cached("UPDATE source_file SET skipped = skipped + ?2 WHERE id = ?1")?
        .execute(params![file, skipped.count.cast_signed()])
        .map(drop)
}
