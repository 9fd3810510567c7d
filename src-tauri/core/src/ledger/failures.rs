//! What went wrong with sources. Only `sync` writes it.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::names::Interner;
use super::{Ledger, LedgerError, bump_generation};

/// A source that could not be read the last time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFailure {
    /// What failed, where, and what to do.
    pub message: String,
    /// When it was last read to the end: its figures are as of then. `None`: never.
    pub last_read: Option<Timestamp>,
}

impl Ledger {
    /// Remembers what went wrong with `source`, or that nothing does any more. Writes only what changed.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn set_failure(
        &mut self,
        source: &str,
        message: Option<&str>,
        last_read: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
        let known = self.failure(source)?;
        if known.as_ref().map(|failure| failure.message.as_str()) == message {
            return Ok(());
        }
        // One that goes on failing, in another way, was last read when it was before.
        let last_read = known.map_or(last_read, |failure| failure.last_read);
        self.write(|transaction| {
            let id = Interner::new(transaction).name(Some(source))?;
            match message {
                Some(message) => transaction.execute(
                    "INSERT OR REPLACE INTO source_failure VALUES (?1, ?2, ?3)",
                    params![id, message, last_read.map(Timestamp::as_millisecond)],
                )?,
                None => transaction.execute("DELETE FROM source_failure WHERE source = ?1", [id])?,
            };
            bump_generation(transaction)
        })
    }

    /// Whether any source could not be read the last time.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn is_failing(&self) -> Result<bool, LedgerError> {
        self.read(|connection| {
            connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM source_failure)")?.query_row([], |row| row.get(0))
        })
    }

    /// What went wrong with `source` when it was last read.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn failure(&self, source: &str) -> Result<Option<SourceFailure>, LedgerError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT message, last_read FROM source_failure JOIN name ON name.id = source WHERE text = ?1",
                )?
                .query_row([source], |row| {
                    let last_read: Option<i64> = row.get(1)?;
                    Ok(SourceFailure {
                        message: row.get(0)?,
                        last_read: last_read.and_then(|at| Timestamp::from_millisecond(at).ok()),
                    })
                })
                .optional()
        })
    }
}
