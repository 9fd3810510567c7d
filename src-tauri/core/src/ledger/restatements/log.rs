//! The log of restatements: what was decided, when, by how much it moved what calls cost, and which one can be taken back.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use serde::Serialize;
use ts_rs::TS;

use super::super::{Ledger, LedgerError};
use super::{Amounts, Restated};
use crate::calendar::Calendar;
use crate::money::Usd;

/// So many of the latest restatements can be taken back, one after the other. What calls cost before is kept for these
/// only: of a million calls it is some sixty megabytes each time.
pub(super) const KEPT: i64 = 10;

/// A restatement of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct LoggedRestatement {
    /// Its number in the log: what one names to take it back.
    #[ts(type = "number")]
    pub id: i64,
    /// When it was made.
    pub at: String,
    /// What was decided.
    pub why: String,
    /// Calls that changed.
    #[ts(type = "number")]
    pub calls: u64,
    /// What these cost before.
    pub before: Amounts,
    /// What they cost then.
    pub after: Amounts,
    /// How many tokens had no price before and then was kept; of restatements by older versions it is not known.
    pub knows_unpriced: bool,
    /// When it was taken back; `null`: it holds.
    pub undone_at: Option<String>,
    /// It is the one that can be taken back next: the latest that holds, if it is one of the last ten.
    pub can_undo: bool,
}

impl LoggedRestatement {
    /// The same, with its moments on the user's clock.
    #[must_use]
    pub fn on_clock(self, calendar: &Calendar) -> Self {
        let on_clock = |moment: String| moment.parse().map_or(moment, |at: Timestamp| calendar.rfc3339(at));
        Self { at: on_clock(self.at), undone_at: self.undone_at.map(on_clock), ..self }
    }
}

impl Ledger {
    /// All restatements, the latest first.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn restatements(&self) -> Result<Vec<LoggedRestatement>, LedgerError> {
        self.read(all)
    }
}

/// The restatement that can be taken back next.
pub(super) fn next_to_undo(connection: &Connection) -> rusqlite::Result<Option<LoggedRestatement>> {
    Ok(all(connection)?.into_iter().find(|logged| logged.can_undo))
}

fn all(connection: &Connection) -> rusqlite::Result<Vec<LoggedRestatement>> {
    let mut log = connection
        .prepare_cached(
            "SELECT id, at, why, calls, estimated_before, estimated_after, api_equivalent_before, api_equivalent_after,
                    unpriced_before, unpriced_after, undone_at
             FROM restatement ORDER BY id DESC",
        )?
        .query_map([], read)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let oldest = log.first().map_or(0, |latest| oldest_kept(latest.id));
    if let Some(next) = log.iter_mut().find(|logged| logged.undone_at.is_none() && logged.id >= oldest) {
        next.can_undo = true;
    }
    Ok(log)
}

fn read(row: &Row<'_>) -> rusqlite::Result<LoggedRestatement> {
    let moment = |millis: i64| Timestamp::from_millisecond(millis).unwrap_or_default().to_string();
    let count = |column: usize| row.get::<_, Option<i64>>(column).map(|count| count.map(i64::unsigned_abs));
    // What was before stands beside what came after.
    let amounts = |first: usize| -> rusqlite::Result<Amounts> {
        let amount = |column: usize| row.get(column).map(Usd::from_nanos);
        Ok(Amounts {
            estimated: amount(first)?,
            api_equivalent: amount(first + 2)?,
            unpriced_tokens: count(first + 4)?.unwrap_or_default(),
            ..Amounts::default()
        })
    };
    Ok(LoggedRestatement {
        id: row.get(0)?,
        at: moment(row.get(1)?),
        why: row.get(2)?,
        calls: count(3)?.unwrap_or_default(),
        before: amounts(4)?,
        after: amounts(5)?,
        knows_unpriced: count(8)?.is_some(),
        undone_at: row.get::<_, Option<i64>>(10)?.map(moment),
        can_undo: false,
    })
}

/// The number of the oldest restatement that can be taken back, if `latest` is that of the latest one.
pub(super) const fn oldest_kept(latest: i64) -> i64 {
    latest - KEPT + 1
}

/// Opens a restatement in the log. Gives its number.
pub(super) fn begin(
    connection: &Connection,
    why: &str,
    books: [Option<i64>; 2],
    now: Timestamp,
) -> rusqlite::Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO restatement (at, why, book_before, book_after, last_usage, calls, estimated_before,
               estimated_after, api_equivalent_before, api_equivalent_after)
             VALUES (?1, ?2, ?3, ?4, (SELECT coalesce(max(id), 0) FROM usage), 0, 0, 0, 0, 0)",
        )?
        .insert(params![now.as_millisecond(), why, books[0], books[1]])
}

/// Notes in the log what came of it.
pub(super) fn end(connection: &Connection, id: i64, restated: &Restated) -> rusqlite::Result<()> {
    let Restated { before, after, .. } = restated;
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "UPDATE restatement SET calls = ?2, estimated_before = ?3, estimated_after = ?4,
               api_equivalent_before = ?5, api_equivalent_after = ?6, unpriced_before = ?7, unpriced_after = ?8
             WHERE id = ?1",
        )?
        .execute(params![
            id,
            count(restated.calls),
            before.estimated.nanos(),
            after.estimated.nanos(),
            before.api_equivalent.nanos(),
            after.api_equivalent.nanos(),
            count(before.unpriced_tokens),
            count(after.unpriced_tokens),
        ])
        .map(drop)
}

/// Notes in the log that it was taken back.
pub(super) fn undone(connection: &Connection, id: i64, now: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE restatement SET undone_at = ?2 WHERE id = ?1")?
        .execute(params![id, now.as_millisecond()])
        .map(drop)
}
