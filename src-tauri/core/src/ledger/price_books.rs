//! What a person decided about prices: refreshed lists, own prices, plans. Only `restatements` writes it, since every
//! decision may change what past calls cost.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use spendmeter_catalogue::Catalogue;

use super::{Ledger, LedgerError};
use crate::pricing::{OwnPrices, Plans, PriceBook, bundled};

/// A decision as it stands in the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BookRow {
    pub(super) id: Option<i64>,
    pub(super) own: OwnPrices,
    pub(super) plans: Plans,
    pub(super) catalogue: Option<i64>,
}

/// Stays the same as long as [`Ledger::price_book`] and [`Ledger::used_models`] answer the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceState {
    /// The last decision.
    book: Option<i64>,
    /// The last combination of names that had a call.
    attribution: Option<i64>,
}

impl Ledger {
    /// Which prices are in use for which models, in short: found at once, whatever is in the ledger.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn price_state(&self) -> Result<PriceState, LedgerError> {
        self.read(|connection| {
            // Rows of both are only ever added.
            connection
                .prepare_cached("SELECT (SELECT max(id) FROM price_book), (SELECT max(id) FROM attribution)")?
                .query_row([], |row| Ok(PriceState { book: row.get(0)?, attribution: row.get(1)? }))
        })
    }

    /// The prices by which calls are priced now: the newer of the lists that were refreshed and those that this version
    /// brought along, and what the user says beyond them.
    ///
    /// A refreshed list that cannot be read any more, because another version packed it, gives way to the one that was
    /// brought along.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn price_book(&self) -> Result<PriceBook, LedgerError> {
        self.read(|connection| book(connection, current(connection)?))
    }
}

/// The prices of a decision.
pub(super) fn book(connection: &Connection, row: BookRow) -> rusqlite::Result<PriceBook> {
    Ok(PriceBook::new(catalogue(connection, row.catalogue)?, row.own, row.plans))
}

/// The decision that holds.
pub(super) fn current(connection: &Connection) -> rusqlite::Result<BookRow> {
    let row = connection
        .prepare_cached("SELECT id, own, plans, catalogue FROM price_book ORDER BY id DESC LIMIT 1")?
        .query_row([], read)
        .optional()?;
    Ok(row.unwrap_or_default())
}

/// A decision of before; what held before the first one for `None`.
pub(super) fn by_id(connection: &Connection, id: Option<i64>) -> rusqlite::Result<BookRow> {
    let Some(id) = id else { return Ok(BookRow::default()) };
    connection.prepare_cached("SELECT id, own, plans, catalogue FROM price_book WHERE id = ?1")?.query_row([id], read)
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<BookRow> {
    let wrong =
        |column, error| rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error));
    Ok(BookRow {
        id: row.get(0)?,
        own: serde_json::from_str(row.get_ref(1)?.as_str()?).map_err(|error| wrong(1, error))?,
        plans: serde_json::from_str(row.get_ref(2)?.as_str()?).map_err(|error| wrong(2, error))?,
        catalogue: row.get(3)?,
    })
}

/// Writes a decision. Gives its number.
pub(super) fn write(connection: &Connection, book: &BookRow, now: Timestamp) -> rusqlite::Result<i64> {
    let json = |value: serde_json::Result<String>| {
        value.map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
    };
    connection
        .prepare_cached("INSERT INTO price_book (decided_at, own, plans, catalogue) VALUES (?1, ?2, ?3, ?4)")?
        .insert(params![
            now.as_millisecond(),
            json(serde_json::to_string(&book.own))?,
            json(serde_json::to_string(&book.plans))?,
            book.catalogue
        ])
}

/// Keeps a refreshed list. Gives its number.
pub(super) fn keep(connection: &Connection, catalogue: &Catalogue, now: Timestamp) -> rusqlite::Result<i64> {
    let packed = catalogue.pack().map_err(|problem| rusqlite::Error::ToSqlConversionFailure(problem.into()))?;
    connection
        .prepare_cached("INSERT INTO price_catalogue (version, packed, fetched_at) VALUES (?1, ?2, ?3)")?
        .insert(params![catalogue.version(), packed, now.as_millisecond()])
}

/// The list of this number, unless the one that was brought along is newer.
fn catalogue(connection: &Connection, id: Option<i64>) -> rusqlite::Result<Arc<Catalogue>> {
    let bundled = bundled();
    let Some(id) = id else { return Ok(bundled) };
    let packed: Vec<u8> = connection
        .prepare_cached("SELECT packed FROM price_catalogue WHERE id = ?1")?
        .query_row([id], |row| row.get(0))?;
    let refreshed = Catalogue::unpack(&packed).ok();
    let newer = refreshed.filter(|refreshed| refreshed.published() > bundled.published());
    Ok(newer.map_or(bundled, Arc::new))
}
