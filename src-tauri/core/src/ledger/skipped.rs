//! Lines that should have told of a call and could not be understood. Only `sync` writes them.

use rusqlite::{Connection, params};

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
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn skipped_lines(&self, source: &str, limit: usize) -> Result<(u64, Vec<Skipped>), LedgerError> {
        self.read(|connection| {
            let count: i64 = connection
                .prepare_cached(
                    "SELECT coalesce(sum(skipped), 0) FROM source_file WHERE source = (SELECT id FROM name WHERE text = ?1)",
                )?
                .query_row([source], |row| row.get(0))?;
            if count == 0 {
                return Ok((0, Vec::new()));
            }
            let mut query = connection.prepare_cached(
                "SELECT path, line, reason FROM skipped_line JOIN source_file ON source_file.id = file
                 WHERE source = (SELECT id FROM name WHERE text = ?1) ORDER BY path, line LIMIT ?2",
            )?;
            let line = |row: &rusqlite::Row<'_>| {
                Ok(Skipped { path: row.get(0)?, line: row.get::<_, i64>(1)?.unsigned_abs(), reason: row.get(2)? })
            };
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let lines = query.query_map(params![source, limit], line)?.collect::<Result<_, _>>()?;
            Ok((count.unsigned_abs(), lines))
        })
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
