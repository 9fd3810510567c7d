//! What a person decided about prices: refreshed lists, own prices, plans. Only `restatements` writes it, since every
//! decision may change what past calls cost.

use std::cell::{Cell, OnceCell};
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

impl BookRow {
    /// Its number among all decisions; 0: there was none.
    pub(super) fn number(&self) -> i64 {
        self.id.unwrap_or(0)
    }
}

impl Ledger {
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

/// The book that holds, as this connection last saw it, and those that followed it since. None of them moves as long as
/// the first one stands, so that what is looked up in one may be kept beside it.
#[derive(Debug)]
pub(super) struct Shelf {
    /// The last decision that is in the book; `None`: there was none.
    decision: Option<i64>,
    pub(super) book: PriceBook,
    /// It was noted which of the points that priced calls are in it.
    pub(super) is_followed: Cell<bool>,
    next: OnceCell<Box<Shelf>>,
}

impl Shelf {
    fn with_current(connection: &Connection) -> rusqlite::Result<Self> {
        let row = current(connection)?;
        Ok(Self {
            decision: row.id,
            book: book(connection, row)?,
            is_followed: Cell::new(false),
            next: OnceCell::new(),
        })
    }

    /// Brings `kept` up to what holds, and forgets the books before. One that holds still is not read again: this is asked
    /// for every line that an agent writes, and a refreshed list takes a while to unpack.
    pub(super) fn renewed<'s>(kept: &'s mut Option<Box<Self>>, connection: &Connection) -> rusqlite::Result<&'s Self> {
        let last = last_decision(connection)?;
        Ok(match kept.take() {
            Some(shelf) if shelf.decision == last => kept.insert(shelf),
            _ => kept.insert(Box::new(Self::with_current(connection)?)),
        })
    }

    /// The book that holds now: this one, unless something was decided since.
    pub(super) fn current(&self, connection: &Connection) -> rusqlite::Result<&Self> {
        if self.decision == last_decision(connection)? {
            return Ok(self);
        }
        let next = Self::with_current(connection)?;
        Ok(self.next.get_or_init(|| Box::new(next)))
    }
}

/// The number of the last decision; `None`: there was none.
fn last_decision(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    connection.prepare_cached("SELECT max(id) FROM price_book")?.query_row([], |row| row.get(0))
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
