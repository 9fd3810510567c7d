//! Restatements: the only way in which what a past call costs is changed. Each is decided by a person, looked at before,
//! logged, and can be undone.

mod asked;
mod before;
mod log;
mod recount;
mod seen;
mod undo;
mod writer;

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use spendmeter_catalogue::Catalogue;
use ts_rs::TS;

pub use self::asked::Asked;
use self::before::Before;
pub(super) use self::before::{last_restated, told_anew};
pub use self::log::LoggedRestatement;
use self::recount::{Question, Recount, Which};
use self::seen::Seen;
pub use self::undo::Undone;
use self::writer::Writer;
use super::price_books::{self, BookRow};
use super::{Ledger, LedgerError, bump_generation, points};
use crate::calendar::Calendar;
use crate::money::Usd;
use crate::pricing::view::lasting;
use crate::pricing::{OwnPrice, OwnPriceOf, PlanSetting, PriceBook, UNKNOWN_MODEL, normal_provider, servers};
use crate::sources;
use crate::spend::view::Margin;

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
    /// A plan cannot end before it begins.
    #[error("the plan ends before it begins: its last day cannot come before its first")]
    EndsBefore,
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
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn preview(&self, decision: &Decision) -> Result<Preview, LedgerError> {
        self.read(|connection| {
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
        })
    }

    /// Decides, and changes what past calls cost accordingly, in one transaction. `against` is what was decided last when
    /// it was looked at: what a person agrees to is what they saw. The log tells of days by `calendar`.
    ///
    /// # Errors
    /// [`NotRestated`] if something was decided since, or the ledger cannot be written; then nothing was changed.
    pub fn restate(
        &mut self,
        decision: &Decision,
        against: i64,
        now: Timestamp,
        calendar: &Calendar,
    ) -> Result<Restated, NotRestated> {
        let restated = self.write(|connection| {
            let before = price_books::current(connection)?;
            if before.number() != against {
                return Ok(None);
            }
            let kept = match decision {
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

impl Decision {
    /// The same, with who serves the model that another one costs as much as, if nobody said who: whoever is known to have a
    /// price for what `ledger`'s calls name so.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn completed(mut self, ledger: &Ledger) -> Result<Self, LedgerError> {
        if let Self::SetOwn(OwnPriceOf { price: OwnPrice::Like { provider: provider @ None, model }, .. }) = &mut self {
            let book = ledger.price_book()?;
            let servers = servers(book.catalogue(), &ledger.used_models()?, model);
            let priced = |server: &Option<String>| book.catalogue().find(server.as_deref(), model).is_some();
            *provider = servers.into_iter().find(priced).flatten();
        }
        Ok(self)
    }

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
            Self::SetPlan(PlanSetting { since: Some(since), until: Some(until), .. }) if until <= since => {
                Err(NotDecided::EndsBefore)
            }
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
    fn in_words(&self, calendar: &Calendar) -> String {
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
            Self::SetPlan(plan) => format!("{} runs under {}{}", plan.source, plan.name, lasting(plan, calendar)),
            Self::ForgetPlan { source } => format!("{source} was paid by the token all along"),
        }
    }
}

#[cfg(test)]
mod tests;
