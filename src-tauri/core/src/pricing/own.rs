//! Prices that the user gave, for models that no list has or that cost them something else.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::money::Rate;

/// What the user says a model costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum OwnPrice {
    /// As another model does, which the lists have.
    Like {
        /// Who serves that model; `None`: its maker.
        provider: Option<String>,
        /// The other model.
        model: String,
    },
    /// These rates.
    Rates(OwnRates),
    /// Nothing.
    Free,
}

/// Rates by kind of token, in dollars per million. Kinds that are left out cost what input costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct OwnRates {
    /// Prompt tokens without a cache.
    #[ts(type = "string")]
    pub input: Rate,
    /// Generated tokens.
    #[ts(type = "string")]
    pub output: Rate,
    /// Prompt tokens read from a cache.
    #[ts(type = "string | null")]
    pub cache_read: Option<Rate>,
    /// Prompt tokens written to the short-lived cache.
    #[ts(type = "string | null")]
    pub cache_write_short: Option<Rate>,
    /// Prompt tokens written to the long-lived cache.
    #[ts(type = "string | null")]
    pub cache_write_long: Option<Rate>,
}

/// All of them, by the name of the model as calls call it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnPrices(pub Vec<OwnPriceOf>);

/// What the user says of one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct OwnPriceOf {
    /// Who serves it; `None`: whoever does.
    pub provider: Option<String>,
    /// The model as calls call it.
    pub model: String,
    /// What it costs.
    pub price: OwnPrice,
}

impl OwnPrices {
    /// Says what a model costs, in place of what was said of it before.
    pub fn set(&mut self, own: OwnPriceOf) {
        self.forget(own.provider.as_deref(), &own.model);
        self.0.push(own);
    }

    /// Leaves a model to the lists again.
    pub fn forget(&mut self, provider: Option<&str>, model: &str) {
        self.0.retain(|own| own.provider.as_deref() != provider || !own.model.eq_ignore_ascii_case(model));
    }
}
