//! Taking a restatement back: what was decided, and what calls cost.

use jiff::Timestamp;
use rusqlite::Connection;

use super::super::price_books::{self, BookRow};
use super::super::usage::Charge;
use super::super::{Ledger, LedgerError, bump_generation, points};
use super::before::{self, Before};
use super::log::{self, LoggedRestatement};
use super::recount::{Call, Question, Recount, Which};
use super::seen::Seen;
use super::writer::Writer;
use super::{NotRestated, Restated};
use crate::pricing::{PriceBook, PricedBy};

/// What taking a restatement back changes, or would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The restatement.
    pub restatement: LoggedRestatement,
    /// What becomes of past calls.
    pub restated: Restated,
}

impl Ledger {
    /// What taking back the restatement that can be taken back next would change; `None` if there is none. Touches nothing.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn preview_undo(&self) -> Result<Option<Undone>, LedgerError> {
        self.read(|connection| {
            let _one_moment = connection.unchecked_transaction()?;
            let Some(undo) = Undo::next(connection)? else { return Ok(None) };
            let mut seen = Seen::default();
            undo.run(connection, |call, charge, _| {
                seen.note(call, charge);
                Ok(())
            })?;
            Ok(Some(Undone { restatement: undo.restatement, restated: seen.restated() }))
        })
    }

    /// Takes back the restatement with the number `id`, which has to be the one that can be taken back next: what was
    /// decided, and what calls cost. Calls that came since and cost what was decided are told of by what held before; what
    /// they cost for any other reason stays.
    ///
    /// # Errors
    /// [`NotRestated`] if another can be taken back next, or the ledger cannot be written; then nothing was changed.
    pub fn undo_restatement(&mut self, id: i64, now: Timestamp) -> Result<Undone, NotRestated> {
        let undone = self.write(|connection| {
            let next = Undo::next(connection)?.filter(|undo| undo.restatement.id == id);
            let Some(undo) = next else { return Ok(None) };
            price_books::write(connection, &undo.row, now)?;
            points::follow(connection, &undo.before, now)?;
            let mut seen = Seen::default();
            let mut writer = Writer::new(connection, undo.before.catalogue(), now)?;
            undo.run(connection, |call, charge, by| {
                seen.note(call, charge);
                writer.write(call, charge, by)
            })?;
            writer.finish()?;
            log::undone(connection, id, now)?;
            before::forget(connection, id)?;
            bump_generation(connection)?;
            Ok(Some(Undone { restatement: undo.restatement, restated: seen.restated() }))
        })?;
        undone.ok_or(NotRestated::Meanwhile)
    }
}

/// A restatement that is to be taken back.
struct Undo {
    restatement: LoggedRestatement,
    /// The last call that was known when it was made.
    last_usage: i64,
    question: Question,
    /// What held before, and holds again.
    row: BookRow,
    before: PriceBook,
    /// What was decided.
    decided: PriceBook,
}

impl Undo {
    fn next(connection: &Connection) -> rusqlite::Result<Option<Self>> {
        let Some(restatement) = log::next_to_undo(connection)? else { return Ok(None) };
        let (book_before, book_after, last_usage) = connection
            .prepare_cached("SELECT book_before, book_after, last_usage FROM restatement WHERE id = ?1")?
            .query_row([restatement.id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let row = price_books::by_id(connection, book_before)?;
        let decided = price_books::by_id(connection, book_after)?;
        Ok(Some(Self {
            restatement,
            last_usage,
            // A plan changes nothing but the basis, whatever the lists say of the amounts by now.
            question: if row.plans == decided.plans { Question::Price } else { Question::Plan },
            before: price_books::book(connection, row.clone())?,
            decided: price_books::book(connection, decided)?,
            row,
        }))
    }

    /// Hands on every call that is told of otherwise, with what it costs again and, unless that was kept, by what.
    fn run(
        &self,
        connection: &Connection,
        mut each: impl FnMut(&Call, &Charge, Option<PricedBy<'_>>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let id = self.restatement.id;
        let mut kept = Before::new(connection)?;
        let mut decided = Recount::new(connection, &self.decided, self.question)?;
        let mut recount = Recount::new(connection, &self.before, self.question)?;
        recount.run(&Which::RestatedBy(id), |call, charge, by| match kept.of(id, call)? {
            Some(before) => each(call, &before, None),
            None if !charge.says_as(&call.charge) && decided.agrees(call)? => each(call, charge, by),
            None => Ok(()),
        })?;
        recount.run(
            &Which::After(self.last_usage),
            |call, charge, by| {
                if decided.agrees(call)? { each(call, charge, by) } else { Ok(()) }
            },
        )
    }
}
