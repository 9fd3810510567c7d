//! Prices that the user gave, for models that no list has or that cost them something else.

use serde::{Deserialize, Serialize};
use spendmeter_catalogue::{Kind, Rates};
use ts_rs::TS;

use crate::money::Rate;

/// What calls are called that name no model. There is no telling what they are, so nothing can be said of what they cost.
pub const UNKNOWN_MODEL: &str = "unknown model";

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

/// Rates by kind of token, in dollars per million. A long-lived write that is left out costs what a short-lived one does;
/// what else is left out costs what input does.
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

impl OwnRates {
    /// In the order of the catalogue.
    pub(crate) fn rates(&self) -> Rates {
        let Self { input, output, cache_read, cache_write_short, cache_write_long } = *self;
        Rates::from_all(Kind::ALL.map(|kind| {
            let rate = match kind {
                Kind::Input => Some(input),
                Kind::Output => Some(output),
                Kind::CacheRead => cache_read,
                Kind::CacheWriteShort => cache_write_short,
                Kind::CacheWriteLong => cache_write_long.or(cache_write_short),
                Kind::WebSearch => None,
            };
            rate.map(Rate::picos)
        }))
    }
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

impl OwnPriceOf {
    /// The model as a person tells it from others: `nova`, or `nova of my-gateway`.
    pub fn told(&self) -> String {
        told(self.provider.as_deref(), &self.model)
    }

    /// Whether this was said of exactly that: a model of that provider, or of whoever serves it.
    pub fn is_said_of(&self, provider: Option<&str>, model: &str) -> bool {
        self.model.eq_ignore_ascii_case(model.trim()) && normal(self.provider.as_deref()) == normal(provider)
    }

    /// Whether it holds for calls of that model which that provider served.
    pub fn covers(&self, provider: Option<&str>, model: &str) -> bool {
        let provider = normal(provider);
        self.model.eq_ignore_ascii_case(model.trim())
            && normal(self.provider.as_deref()).is_none_or(|own| provider.is_some_and(|provider| provider == own))
    }
}

/// A model of whoever serves it, or of one provider.
pub(crate) fn told(provider: Option<&str>, model: &str) -> String {
    normal(provider).map_or_else(|| model.to_owned(), |provider| format!("{model} of {provider}"))
}

/// The name of a provider however it is written; an empty one is none.
pub(crate) fn normal(provider: Option<&str>) -> Option<String> {
    provider.map(str::trim).filter(|name| !name.is_empty()).map(str::to_ascii_lowercase)
}

impl OwnPrices {
    /// Says what a model costs, in place of what was said of it before.
    pub fn set(&mut self, own: OwnPriceOf) {
        self.forget(own.provider.as_deref(), &own.model);
        let OwnPriceOf { provider, model, price } = own;
        self.0.push(OwnPriceOf { provider: normal(provider.as_deref()), model: model.trim().to_owned(), price });
    }

    /// Leaves a model to the lists again.
    pub fn forget(&mut self, provider: Option<&str>, model: &str) {
        self.0.retain(|own| !own.is_said_of(provider, model));
    }

    /// What the user says that a model costs, as a call names it: the more exact statement first.
    pub fn of(&self, provider: Option<&str>, model: &str) -> Option<&OwnPriceOf> {
        let all = || self.0.iter().filter(|own| own.covers(provider, model));
        all().find(|own| own.provider.is_some()).or_else(|| all().next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_the_same_however_it_is_written() {
        let said = |provider: Option<&str>, price| OwnPriceOf {
            provider: provider.map(str::to_owned),
            model: "my-model".to_owned(),
            price,
        };
        let like = |model: &str| OwnPrice::Like { provider: None, model: model.to_owned() };
        let mut own = OwnPrices::default();
        own.set(said(Some("OpenAI"), like("one")));
        own.set(said(Some(" openai "), like("two")));
        assert_eq!(own.0.len(), 1, "the second takes the place of the first");
        own.set(said(Some(""), OwnPrice::Free));
        let price = |own: &OwnPrices, provider| own.of(provider, "My-Model").map(|own| own.price.clone());
        assert_eq!(price(&own, Some("OPENAI")), Some(like("two")));
        assert_eq!((price(&own, Some("azure")), price(&own, None)), (Some(OwnPrice::Free), Some(OwnPrice::Free)));
        own.forget(Some("OpenAi"), "MY-MODEL ");
        assert_eq!(price(&own, Some("openai")), Some(OwnPrice::Free));
        own.forget(None, "my-model");
        assert_eq!(own, OwnPrices::default());
    }
}
