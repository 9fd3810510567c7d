//! What a call costs at list price, how far that is known, and who may say otherwise.
//!
//! The [`PriceBook`] has it all: the catalogue of list prices, the prices that the user gave, the plans under which
//! sources run. An unknown model has no price: never $0, never the price of a model with a similar name. What had to be
//! assumed is said in the [`PriceStatus`] and in the margin of the [`Cost`]. This module knows nothing of stored spend, and
//! never looks at a clock: a call is priced by the list as it was when the call was made.

mod book;
mod cost;
mod daily;
mod own;
mod place;
mod plan;
mod published;
mod refresh;
mod served;
mod status;
pub mod view;

use crate::money::Usd;
use crate::usage::Basis;

pub use self::book::{PriceBook, Tariff, bundled};
pub use self::daily::{DailyLook, Look, LookOutcome};
pub use self::own::{OwnPrice, OwnPriceOf, OwnPrices, OwnRates, UNKNOWN_MODEL};
pub(crate) use self::own::{normal as normal_provider, told as told_model};
pub use self::plan::{FixedCost, PlanSetting, Plans};
pub use self::published::{PriceSources, PublishedError, PublishedList, PublishedLists};
pub use self::refresh::{Candidate, PriceChanges, PriceJump, RefreshError};
pub use self::served::servers;
pub use self::status::{NotAPriceStatus, PriceStatus};
pub use spendmeter_catalogue as catalogue;

/// What a call costs, and how far that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// The amount; `None` exactly if the status is [`PriceStatus::Unpriced`].
    pub cost: Option<Cost>,
    /// How the price was found.
    pub status: PriceStatus,
}

impl Price {
    /// No price is known.
    pub const UNPRICED: Self = Self { cost: None, status: PriceStatus::Unpriced };

    /// What the provider itself said, which outranks every list.
    pub const fn reported(amount: Usd) -> Self {
        Self { cost: Some(Cost::exactly(amount)), status: PriceStatus::ProviderReported }
    }
}

/// What a call costs, and by how much that may be wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// The most likely amount: what is counted.
    pub likely: Usd,
    /// It may be so much less; never negative.
    pub below: Usd,
    /// It may be so much more; never negative.
    pub above: Usd,
}

impl Cost {
    /// An amount that is certain.
    pub const fn exactly(amount: Usd) -> Self {
        Self { likely: amount, below: Usd::ZERO, above: Usd::ZERO }
    }
}

/// The price of a call, and what it was found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priced<'b> {
    /// The price.
    pub price: Price,
    /// Who says so.
    pub basis: Basis,
    /// What of the book it was found by; `None` where the book was not asked or has nothing.
    pub by: Option<PricedBy<'b>>,
}

/// What of the book a price was found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PricedBy<'b> {
    /// A point of the catalogue.
    Point {
        /// Whose price list.
        provider: &'b str,
        /// Which model in it.
        model: &'b str,
        /// The point.
        point: &'b catalogue::Point,
    },
    /// Rates that the user gave.
    Own {
        /// For which model.
        model: &'b str,
        /// The rates.
        rates: &'b OwnRates,
    },
}

#[cfg(test)]
mod tests;
