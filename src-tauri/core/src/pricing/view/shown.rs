//! What prices the calls of a model: what the user said of it, or else what the lists say.

use jiff::Timestamp;
use serde::Serialize;
use spendmeter_catalogue::{Context, Rates};

use super::{ModelPrices, PointView, RatesView};
use crate::pricing::{OwnPrice, OwnPriceOf, PriceBook, PriceStatus};

/// What prices the calls of a model, by whoever serves it: the same name may have several prices, and none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ShownPrices {
    /// Prices that differ, each once.
    pub prices: Vec<ServedPrice>,
    /// Who serves it without a price; `null`: calls that do not tell who.
    pub unpriced_of: Vec<Option<String>>,
}

/// A price, and whose calls it prices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServedPrice {
    /// Who serves it, as calls name them; `null`: calls that do not tell who.
    pub served_by: Vec<Option<String>>,
    /// The price.
    #[serde(flatten)]
    pub shown: ShownPrice,
}

impl ShownPrices {
    /// What `book` has for a model as a call names it, served by any of `servers`, from `from` until before `to`.
    pub fn of(book: &PriceBook, servers: &[Option<String>], model: &str, (from, to): (Timestamp, Timestamp)) -> Self {
        let mut all = Self::default();
        for server in servers {
            let Some(shown) = ShownPrice::of(book, server.as_deref(), model, (from, to)) else {
                all.unpriced_of.push(server.clone());
                continue;
            };
            match all.prices.iter_mut().find(|priced| priced.shown == shown) {
                Some(priced) => priced.served_by.push(server.clone()),
                None => all.prices.push(ServedPrice { served_by: vec![server.clone()], shown }),
            }
        }
        all
    }
}

/// What prices the calls of a model, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownPrice {
    /// What the user said of it; `null`: nothing, so that the lists are asked.
    pub own: Option<OwnPriceOf>,
    /// What calls are priced by.
    #[serde(flatten)]
    pub prices: ModelPrices,
    /// What the lists say, which is not asked while the user says something else.
    pub lists: Option<ModelPrices>,
}

impl ShownPrice {
    /// What `book` has for a model as a call names it, from `from` until before `to`; `None` if that is nothing at all.
    pub fn of(
        book: &PriceBook,
        provider: Option<&str>,
        model: &str,
        (from, to): (Timestamp, Timestamp),
    ) -> Option<Self> {
        let listed = |provider: Option<&str>, model: &str, surest| {
            ModelPrices::of(book.catalogue(), provider, model, (from, to), surest)
        };
        let lists = listed(provider, model, PriceStatus::Priced);
        let Some(own) = book.own().of(provider, model) else {
            return Some(Self { own: None, prices: lists?, lists: None });
        };
        let said = |in_force: Vec<PointView>| ModelPrices {
            provider: own.provider.clone().unwrap_or_default(),
            model: own.model.clone(),
            found: "what you said",
            elsewhere: None,
            at: super::window(from, to),
            in_force,
            others: Vec::new(),
        };
        let prices = match &own.price {
            // A list may have lost it since: then nothing has a price.
            OwnPrice::Like { provider, model } => {
                listed(provider.as_deref(), model, PriceStatus::User).unwrap_or_else(|| said(Vec::new()))
            }
            OwnPrice::Rates(rates) => said(vec![by_user(&rates.rates(), PriceStatus::User)]),
            OwnPrice::Free => said(vec![by_user(&free(), PriceStatus::DeclaredFree)]),
        };
        Some(Self { own: Some(own.clone()), prices, lists })
    }
}

/// Every kind of token for nothing.
const fn free() -> Rates {
    Rates::from_all([Some(0); spendmeter_catalogue::Kind::ALL.len()])
}

fn by_user(rates: &Rates, status: PriceStatus) -> PointView {
    PointView {
        context: Context::Standard.as_str(),
        prompt_above: 0,
        hours: None,
        from: None,
        until: None,
        rates: RatesView::of(rates),
        evidence: "user",
        verdict: "single",
        list: "you",
        address: None,
        instead: None,
        status: status.as_str(),
    }
}
