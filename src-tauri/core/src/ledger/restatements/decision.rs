//! What a person can decide about prices, and why not.

use std::sync::Arc;

use rusqlite::Connection;
use serde::Deserialize;
use spendmeter_catalogue::Catalogue;
use ts_rs::TS;

use super::super::price_books::{self, BookRow};
use super::super::{Ledger, LedgerError};
use super::NotRestated;
use super::recount::{Question, Which};
use crate::calendar::Calendar;
use crate::money::Usd;
use crate::pricing::view::lasting;
use crate::pricing::{
    OwnPrice, OwnPriceOf, PlanSetting, PriceBook, UNKNOWN_MODEL, normal_provider, servers, told_model,
};
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
    #[error("no list has a price for `{0}`: name a model that has one")]
    UnknownModel(String),
    /// Calls without a model's name can be of any.
    #[error("calls that name no model can have no price: there is no telling which model they used")]
    NoModel,
    /// A plan is told by its name.
    #[error("a plan needs a name: write what it is called")]
    NoName,
    /// A plan costs something or nothing.
    #[error("a plan cannot cost less than nothing: write what it costs a month, such as 20")]
    Negative,
    /// A plan cannot end before it begins.
    #[error("the plan ends before it begins: its last day cannot come before its first")]
    EndsBefore,
    /// Nothing was said of the model.
    #[error("you set no price for `{model}`; {said}")]
    NothingSaid {
        /// The model.
        model: String,
        /// Of which models something was said, as a sentence goes on.
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

impl Decision {
    /// The same with what nobody said and is known: who serves the model that another one costs as much as, which is whoever
    /// has a price for what `ledger`'s calls name so; who sells a plan.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn completed(mut self, ledger: &Ledger) -> Result<Self, LedgerError> {
        match &mut self {
            Self::SetOwn(OwnPriceOf { price: OwnPrice::Like { provider: provider @ None, model }, .. }) => {
                let book = ledger.price_book()?;
                let servers = servers(book.catalogue(), &ledger.used_models()?, model);
                let priced = |server: &Option<String>| book.catalogue().find(server.as_deref(), model).is_some();
                *provider = servers.into_iter().find(priced).flatten();
            }
            Self::SetPlan(plan) => plan.find_seller(ledger.price_book()?.catalogue()),
            _ => {}
        }
        Ok(self)
    }

    /// The same, complete, if it can be decided.
    ///
    /// # Errors
    /// [`NotRestated`] if it names what there is not, or the ledger cannot be read.
    pub(super) fn checked(&self, ledger: &Ledger) -> Result<Self, NotRestated> {
        let decision = self.clone().completed(ledger)?;
        decision.check(&ledger.price_book()?)?;
        Ok(decision)
    }

    fn check(&self, book: &PriceBook) -> Result<(), NotDecided> {
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
                let said: Vec<String> = book.own().0.iter().map(OwnPriceOf::told).collect();
                let said = if said.is_empty() {
                    "nor for any other".to_owned()
                } else {
                    format!("you did for {}", said.join(", "))
                };
                Err(NotDecided::NothingSaid { model: told_model(provider.as_deref(), model), said })
            }
            Self::SetPlan(plan) if plan.name.trim().is_empty() => Err(NotDecided::NoName),
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
    pub(super) fn applied_to(&self, mut row: BookRow, kept: Option<i64>) -> BookRow {
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
    pub(super) fn book(&self, connection: &Connection, row: &BookRow) -> rusqlite::Result<PriceBook> {
        match self {
            Self::TakeIn(catalogue) => Ok(PriceBook::new(Arc::clone(catalogue), row.own.clone(), row.plans.clone())),
            _ => price_books::book(connection, row.clone()),
        }
    }

    /// Whose cost it changes: what is said of one model touches no other, whatever the lists say of those by now.
    pub(super) fn which(&self) -> Which {
        match self {
            Self::TakeIn(_) | Self::Reprice => Which::All,
            Self::SetOwn(OwnPriceOf { provider, model, .. }) | Self::ForgetOwn { provider, model } => {
                Which::Model { provider: normal_provider(provider.as_deref()), model: model.trim().to_owned() }
            }
            Self::SetPlan(PlanSetting { source, .. }) | Self::ForgetPlan { source } => Which::Source(source.clone()),
        }
    }

    pub(super) const fn question(&self) -> Question {
        match self {
            Self::SetPlan(_) | Self::ForgetPlan { .. } => Question::Plan,
            _ => Question::Price,
        }
    }

    /// For the log.
    pub(super) fn in_words(&self, calendar: &Calendar) -> String {
        match self {
            Self::TakeIn(catalogue) => format!("took in {}", catalogue.version()),
            Self::Reprice => "priced everything by the lists in use".to_owned(),
            Self::SetOwn(own) => {
                let cost = match &own.price {
                    OwnPrice::Like { model, .. } => format!("costs as much as {model}"),
                    OwnPrice::Rates(rates) => format!("costs ${} · ${} per million tokens", rates.input, rates.output),
                    OwnPrice::Free => "is free".to_owned(),
                };
                format!("{} {cost}", own.told())
            }
            Self::ForgetOwn { provider, model } => {
                format!("{} costs what the lists say", told_model(provider.as_deref(), model))
            }
            Self::SetPlan(plan) => format!("{} runs under {}{}", plan.source, plan.name, lasting(plan, calendar)),
            Self::ForgetPlan { source } => format!("{source} was paid by the token all along"),
        }
    }
}
