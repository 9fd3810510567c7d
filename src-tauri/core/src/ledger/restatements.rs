//! Restatements: the only way in which what a past call costs is changed. Each is decided by a person, looked at before,
//! logged, and can be undone.

mod asked;
mod before;
mod decision;
mod log;
mod recount;
mod seen;
mod undo;
mod writer;

use jiff::Timestamp;
use serde::Serialize;
use ts_rs::TS;

pub use self::asked::Asked;
use self::before::Before;
pub(super) use self::before::{last_restated, told_anew};
pub use self::decision::{Decision, NotDecided};
pub use self::log::LoggedRestatement;
use self::recount::Recount;
use self::seen::Seen;
pub use self::undo::Undone;
use self::writer::Writer;
use super::{Ledger, LedgerError, bump_generation, points, price_books};
use crate::calendar::Calendar;
use crate::money::{Margin, Usd};

/// What a restatement changes, or would.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Restated {
    /// Calls that cost something else, or are told of otherwise.
    #[ts(type = "number")]
    pub calls: u64,
    /// What these cost before.
    pub before: Amounts,
    /// What they cost now.
    pub after: Amounts,
    /// By model, the largest change first.
    pub models: Vec<RestatedModel>,
}

/// Sums of calls, by who says so. They are not added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Amounts {
    /// Tokens times list price.
    #[ts(type = "string")]
    pub estimated: Usd,
    /// How far off that may be. The log does not keep it.
    pub margin: Margin,
    /// The same, of calls that a plan covers.
    #[ts(type = "string")]
    pub api_equivalent: Usd,
    /// How far off that may be. The log does not keep it.
    pub api_equivalent_margin: Margin,
    /// Tokens of calls without a price.
    #[ts(type = "number")]
    pub unpriced_tokens: u64,
}

/// What becomes of one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct RestatedModel {
    /// Who serves it; empty: not known.
    pub provider: String,
    /// The model as calls call it.
    pub model: String,
    /// Calls that change.
    #[ts(type = "number")]
    pub calls: u64,
    /// What these cost before.
    pub before: Amounts,
    /// What they cost now.
    pub after: Amounts,
}

/// What a decision would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Preview {
    /// What was decided last when this was found; see [`Ledger::last_decision`].
    #[ts(type = "number")]
    pub against: i64,
    /// What becomes of past calls.
    pub restated: Restated,
}

/// Why past calls were not restated.
#[derive(Debug, thiserror::Error)]
pub enum NotRestated {
    /// It cannot be decided.
    #[error(transparent)]
    NotDecided(#[from] NotDecided),
    /// Something else holds than when it was looked at.
    #[error("prices were decided elsewhere meanwhile: look again at what this changes")]
    Meanwhile,
    /// The ledger fails.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Ledger {
    /// The number of the last decision about prices, those that took another back among them; 0: nothing was decided.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn last_decision(&self) -> Result<i64, LedgerError> {
        self.read(|connection| Ok(price_books::current(connection)?.number()))
    }

    /// What `decision` would change. Touches nothing.
    ///
    /// # Errors
    /// [`NotRestated`] if it cannot be decided, or the ledger cannot be read.
    pub fn preview(&self, decision: &Decision) -> Result<Preview, NotRestated> {
        let decision = decision.checked(self)?;
        Ok(self.read(|connection| {
            let _one_moment = connection.unchecked_transaction()?;
            let before = price_books::current(connection)?;
            let against = before.number();
            let book = decision.book(connection, &decision.applied_to(before, None))?;
            let mut seen = Seen::default();
            Recount::new(connection, &book, decision.question())?.run(&decision.which(), |call, charge, _| {
                seen.note(call, charge);
                Ok(())
            })?;
            Ok(Preview { against, restated: seen.restated() })
        })?)
    }

    /// Decides, and changes what past calls cost accordingly, in one transaction. `against` is what was decided last when
    /// it was looked at: what a person agrees to is what they saw. The log tells of days by `calendar`.
    ///
    /// # Errors
    /// [`NotRestated`] if it cannot be decided, if something was decided since, or the ledger cannot be written; then nothing
    /// was changed.
    pub fn restate(
        &mut self,
        decision: &Decision,
        against: i64,
        now: Timestamp,
        calendar: &Calendar,
    ) -> Result<Restated, NotRestated> {
        let decision = decision.checked(self)?;
        let restated = self.write(|connection| {
            let before = price_books::current(connection)?;
            if before.number() != against {
                return Ok(None);
            }
            let kept = match &decision {
                Decision::TakeIn(catalogue) => Some(price_books::keep(connection, catalogue, now)?),
                _ => None,
            };
            let (book_before, row) = (before.id, decision.applied_to(before, kept));
            let book_after = price_books::write(connection, &row, now)?;
            let book = decision.book(connection, &row)?;
            points::follow(connection, &book, now)?;
            let id = log::begin(connection, &decision.in_words(calendar), [book_before, Some(book_after)], now)?;
            before::forget_old(connection, id)?;
            let mut seen = Seen::default();
            let mut kept = Before::new(connection)?;
            let mut writer = Writer::new(connection, book.catalogue(), now)?;
            Recount::new(connection, &book, decision.question())?.run(&decision.which(), |call, charge, by| {
                seen.note(call, charge);
                kept.keep(id, call, charge)?;
                writer.write(call, charge, by)
            })?;
            writer.finish()?;
            let restated = seen.restated();
            log::end(connection, id, &restated)?;
            bump_generation(connection)?;
            Ok(Some(restated))
        })?;
        restated.ok_or(NotRestated::Meanwhile)
    }
}

#[cfg(test)]
mod tests;
