//! Restatements: the only way in which what a past call costs is changed. Each is decided by a person, looked at before,
//! logged, and can be undone.

mod asked;
mod recount;
mod seen;
mod writer;

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use spendmeter_catalogue::Catalogue;
use ts_rs::TS;

pub use self::asked::Asked;
use self::recount::{Question, Recount, Which};
use self::seen::Seen;
use self::writer::Writer;
use super::price_books::{self, BookRow};
use super::usage::Charge;
use super::{Ledger, LedgerError, bump_generation};
use crate::money::Usd;
use crate::pricing::{OwnPrice, OwnPriceOf, PlanSetting, PriceBook, UNKNOWN_MODEL, normal_provider};
use crate::sources;

/// What a person decides about prices.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum Decision {
    /// Take in refreshed lists, and price everything by them. Only the program itself has such.
    #[serde(skip)]
    TakeIn(Arc<Catalogue>),
    /// Price everything by the lists in use.
    Reprice,
    /// Say what a model costs.
    SetOwn(OwnPriceOf),
    /// Leave what a model costs to the lists again.
    ForgetOwn {
        /// Who serves it; `None`: whoever does.
        provider: Option<String>,
        /// The model as calls call it.
        model: String,
    },
    /// Say that a source runs under a plan.
    SetPlan(PlanSetting),
    /// Say that a source is paid by the token.
    ForgetPlan {
        /// The source.
        source: String,
    },
}

/// Why something cannot be decided.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDecided {
    /// A model cannot cost as much as one without a price.
    #[error("no list has a price for `{0}`: name a model that `spend prices show` knows")]
    UnknownModel(String),
    /// Calls without a model's name can be of any.
    #[error("calls that name no model can have no price: there is no telling which model they used")]
    NoModel,
    /// A plan costs something or nothing.
    #[error("a plan cannot cost less than nothing: write what it costs a month, such as 20")]
    Negative,
    /// Nothing was said of the model.
    #[error("you never said what `{model}` costs; you did of: {said}")]
    NothingSaid {
        /// The model.
        model: String,
        /// Models of which something was said.
        said: String,
    },
    /// There is no such source.
    #[error("there is no source `{source_id}`; there are: {known}")]
    UnknownSource {
        /// What was taken for one.
        source_id: String,
        /// Those that there are.
        known: String,
    },
    /// The source is paid by the token as it is.
    #[error("{0} runs under no plan")]
    NoPlan(String),
}

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
    /// The same, of calls that a plan covers.
    #[ts(type = "string")]
    pub api_equivalent: Usd,
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

/// A restatement of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct LoggedRestatement {
    /// When it was made.
    pub at: String,
    /// What was decided.
    pub why: String,
    /// Calls that changed.
    #[ts(type = "number")]
    pub calls: u64,
    /// What their estimates summed to before, and after.
    #[ts(type = "[string, string]")]
    pub estimated: [Usd; 2],
    /// What their API-equivalents summed to before, and after.
    #[ts(type = "[string, string]")]
    pub api_equivalent: [Usd; 2],
    /// When it was taken back; `null`: it holds.
    pub undone_at: Option<String>,
}

impl Ledger {
    /// What `decision` would change. Touches nothing.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn preview(&self, decision: &Decision) -> Result<Restated, LedgerError> {
        self.read(|connection| {
            let _one_moment = connection.unchecked_transaction()?;
            let row = decision.applied_to(price_books::current(connection)?, None);
            let book = decision.book(connection, &row)?;
            let mut seen = Seen::default();
            Recount::new(connection, &book, decision.question())?.run(&decision.which(), |call, charge, _| {
                seen.note(call, charge);
                Ok(())
            })?;
            Ok(seen.restated())
        })
    }

    /// Decides, and changes what past calls cost accordingly, in one transaction.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written; then nothing was changed.
    pub fn restate(&mut self, decision: &Decision, now: Timestamp) -> Result<Restated, LedgerError> {
        self.write(|connection| {
            let before = price_books::current(connection)?;
            let kept = match decision {
                Decision::TakeIn(catalogue) => Some(price_books::keep(connection, catalogue, now)?),
                _ => None,
            };
            let (book_before, row) = (before.id, decision.applied_to(before, kept));
            let book_after = price_books::write(connection, &row, now)?;
            let book = decision.book(connection, &row)?;
            let id = begin(connection, decision, [book_before, Some(book_after)], now)?;
            let mut seen = Seen::default();
            let mut writer = Writer::new(connection);
            Recount::new(connection, &book, decision.question())?.run(&decision.which(), |call, charge, by| {
                seen.note(call, charge);
                writer.remember(id, call, charge)?;
                let point = match decision.question() {
                    Question::Price => writer.points.row(by, book.catalogue())?,
                    Question::Plan => call.charge.point,
                };
                writer.write(call, &Charge { point, ..*charge })
            })?;
            writer.finish()?;
            let restated = seen.restated();
            end(connection, id, &restated)?;
            bump_generation(connection)?;
            Ok(restated)
        })
    }

    /// Takes the last restatement back that was not taken back yet: what was decided, and what calls cost. Calls that
    /// came since and cost what was decided are priced by what held before; what they cost for any other reason stays.
    /// `None` if there is none.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written; then nothing was changed.
    pub fn undo_restatement(&mut self, now: Timestamp) -> Result<Option<LoggedRestatement>, LedgerError> {
        let Some(last) = self.restatements()?.into_iter().find(|logged| logged.undone_at.is_none()) else {
            return Ok(None);
        };
        self.write(|connection| {
            let (id, book_before, book_after, last_usage): (i64, Option<i64>, Option<i64>, i64) = connection
                .prepare_cached(
                    "SELECT id, book_before, book_after, last_usage FROM restatement
                     WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1",
                )?
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
            let row = price_books::by_id(connection, book_before)?;
            price_books::write(connection, &row, now)?;
            let book = price_books::book(connection, row)?;
            let decided = price_books::book(connection, price_books::by_id(connection, book_after)?)?;
            let mut decided = Recount::new(connection, &decided, Question::Price)?;
            let mut recount = Recount::new(connection, &book, Question::Price)?;
            let mut writer = Writer::new(connection);
            recount.run(&Which::RestatedBy(id), |call, charge, by| {
                let charge = match writer.as_it_was(id, call)? {
                    Some(charge) => charge,
                    None => Charge { point: writer.points.row(by, book.catalogue())?, ..*charge },
                };
                writer.write(call, &charge)
            })?;
            recount.run(&Which::After(last_usage), |call, charge, by| {
                if !decided.agrees(call)? {
                    return Ok(());
                }
                let point = writer.points.row(by, book.catalogue())?;
                writer.write(call, &Charge { point, ..*charge })
            })?;
            writer.finish()?;
            connection
                .prepare_cached("UPDATE restatement SET undone_at = ?2 WHERE id = ?1")?
                .execute(params![id, now.as_millisecond()])?;
            connection.prepare_cached("DELETE FROM restated_call WHERE restatement = ?1")?.execute([id])?;
            bump_generation(connection)
        })?;
        Ok(Some(last))
    }

    /// All restatements, the latest first.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn restatements(&self) -> Result<Vec<LoggedRestatement>, LedgerError> {
        let moment = |millis: i64| Timestamp::from_millisecond(millis).unwrap_or_default().to_string();
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT at, why, calls, estimated_before, estimated_after, api_equivalent_before,
                            api_equivalent_after, undone_at
                     FROM restatement ORDER BY id DESC",
                )?
                .query_map([], |row| {
                    let amount = |column: usize| row.get(column).map(Usd::from_nanos);
                    Ok(LoggedRestatement {
                        at: moment(row.get(0)?),
                        why: row.get(1)?,
                        calls: row.get::<_, i64>(2)?.unsigned_abs(),
                        estimated: [amount(3)?, amount(4)?],
                        api_equivalent: [amount(5)?, amount(6)?],
                        undone_at: row.get::<_, Option<i64>>(7)?.map(moment),
                    })
                })?
                .collect()
        })
    }
}

/// Opens a restatement in the log. Gives its number.
fn begin(
    connection: &Connection,
    decision: &Decision,
    books: [Option<i64>; 2],
    now: Timestamp,
) -> rusqlite::Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO restatement (at, why, book_before, book_after, last_usage, calls, estimated_before,
               estimated_after, api_equivalent_before, api_equivalent_after)
             VALUES (?1, ?2, ?3, ?4, (SELECT coalesce(max(id), 0) FROM usage), 0, 0, 0, 0, 0)",
        )?
        .insert(params![now.as_millisecond(), decision.in_words(), books[0], books[1]])
}

/// Notes in the log what came of it.
fn end(connection: &Connection, id: i64, restated: &Restated) -> rusqlite::Result<()> {
    let Restated { before, after, .. } = restated;
    connection
        .prepare_cached(
            "UPDATE restatement SET calls = ?2, estimated_before = ?3, estimated_after = ?4,
               api_equivalent_before = ?5, api_equivalent_after = ?6 WHERE id = ?1",
        )?
        .execute(params![
            id,
            i64::try_from(restated.calls).unwrap_or(i64::MAX),
            before.estimated.nanos(),
            after.estimated.nanos(),
            before.api_equivalent.nanos(),
            after.api_equivalent.nanos(),
        ])
        .map(drop)
}

impl Decision {
    /// Whether it can be decided where `book` holds.
    ///
    /// # Errors
    /// [`NotDecided`] if it names what there is not.
    pub fn check(&self, book: &PriceBook) -> Result<(), NotDecided> {
        let is_source = |source: &str| {
            let ids: Vec<&str> = sources::ALL.iter().map(|source| source.id()).collect();
            let unknown = || NotDecided::UnknownSource { source_id: source.to_owned(), known: ids.join(", ") };
            if ids.contains(&source) { Ok(()) } else { Err(unknown()) }
        };
        match self {
            Self::SetOwn(own) if matches!(own.model.trim(), "" | UNKNOWN_MODEL) => Err(NotDecided::NoModel),
            Self::SetOwn(OwnPriceOf { price: OwnPrice::Like { provider, model }, .. }) => {
                let known = book.catalogue().find(provider.as_deref(), model);
                known.map(drop).ok_or_else(|| NotDecided::UnknownModel(model.clone()))
            }
            Self::ForgetOwn { provider, model } => {
                if book.own().0.iter().any(|own| own.is_said_of(provider.as_deref(), model)) {
                    return Ok(());
                }
                let said: Vec<&str> = book.own().0.iter().map(|own| own.model.as_str()).collect();
                let said = if said.is_empty() { "no model".to_owned() } else { said.join(", ") };
                Err(NotDecided::NothingSaid { model: model.clone(), said })
            }
            Self::SetPlan(plan) if plan.per_month.is_some_and(|price| price < Usd::ZERO) => Err(NotDecided::Negative),
            Self::SetPlan(plan) => is_source(&plan.source),
            Self::ForgetPlan { source } => {
                is_source(source)?;
                let runs = book.plans().0.iter().any(|plan| plan.source == *source);
                if runs { Ok(()) } else { Err(NotDecided::NoPlan(source.clone())) }
            }
            Self::TakeIn(_) | Self::Reprice | Self::SetOwn(_) => Ok(()),
        }
    }

    /// What is decided then, if `row` was until now. `kept` is the number of the list that is taken in.
    fn applied_to(&self, mut row: BookRow, kept: Option<i64>) -> BookRow {
        match self {
            Self::Reprice => {}
            Self::TakeIn(_) => row.catalogue = kept,
            Self::SetOwn(own) => row.own.set(own.clone()),
            Self::ForgetOwn { provider, model } => row.own.forget(provider.as_deref(), model),
            Self::SetPlan(plan) => row.plans.set(plan.clone()),
            Self::ForgetPlan { source } => row.plans.forget(source),
        }
        row
    }

    /// The prices that hold then.
    fn book(&self, connection: &Connection, row: &BookRow) -> rusqlite::Result<PriceBook> {
        match self {
            Self::TakeIn(catalogue) => Ok(PriceBook::new(Arc::clone(catalogue), row.own.clone(), row.plans.clone())),
            _ => price_books::book(connection, row.clone()),
        }
    }

    /// Whose cost it changes: what is said of one model touches no other, whatever the lists say of those by now.
    fn which(&self) -> Which {
        match self {
            Self::TakeIn(_) | Self::Reprice => Which::All,
            Self::SetOwn(OwnPriceOf { provider, model, .. }) | Self::ForgetOwn { provider, model } => {
                Which::Model { provider: normal_provider(provider.as_deref()), model: model.trim().to_owned() }
            }
            Self::SetPlan(PlanSetting { source, .. }) | Self::ForgetPlan { source } => Which::Source(source.clone()),
        }
    }

    const fn question(&self) -> Question {
        match self {
            Self::SetPlan(_) | Self::ForgetPlan { .. } => Question::Plan,
            _ => Question::Price,
        }
    }

    /// For the log.
    fn in_words(&self) -> String {
        match self {
            Self::TakeIn(catalogue) => format!("took in {}", catalogue.version()),
            Self::Reprice => "priced everything by the lists in use".to_owned(),
            Self::SetOwn(own) => {
                let cost = match &own.price {
                    OwnPrice::Like { model, .. } => format!("costs as much as {model}"),
                    OwnPrice::Rates(rates) => format!("costs ${} · ${} per million tokens", rates.input, rates.output),
                    OwnPrice::Free => "is free".to_owned(),
                };
                format!("{} {cost}", own.model)
            }
            Self::ForgetOwn { model, .. } => format!("{model} costs what the lists say"),
            Self::SetPlan(plan) => format!("{} runs under {}", plan.source, plan.name),
            Self::ForgetPlan { source } => format!("{source} is paid by the token"),
        }
    }
}

#[cfg(test)]
mod tests;
