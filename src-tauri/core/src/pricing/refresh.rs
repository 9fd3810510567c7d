//! Refreshed price lists, before they are taken in: what they say otherwise than the lists in use, and what in them nobody
//! should take in unseen.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use spendmeter_catalogue::{Catalogue, Jump, List, Source, compile};
use ts_rs::TS;

use super::published::PublishedLists;
use crate::money::Rate;

/// A price of today that moves further than this, or to nothing, needs a person's consent.
const FACTOR: u32 = 5;

/// Lists that could be taken in.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The catalogue made of them.
    pub catalogue: Arc<Catalogue>,
    /// What is different.
    pub changes: PriceChanges,
}

/// What refreshed lists say otherwise than those in use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct PriceChanges {
    /// The refreshed lists, by name and version.
    pub version: String,
    /// Models that have another price, now or in the past.
    #[ts(type = "number")]
    pub changed: u64,
    /// Models that are new.
    #[ts(type = "number")]
    pub new: u64,
    /// Models that are gone.
    #[ts(type = "number")]
    pub gone: u64,
    /// Models of which the lists say something that this version does not understand, and which were left out.
    #[ts(type = "number")]
    pub left_out: u64,
    /// Prices of today that move to nothing or by more than five times: taking these in needs consent.
    pub jumps: Vec<PriceJump>,
    /// Of the changed and gone models, those that you use.
    pub in_use: Vec<String>,
}

/// A price that moves to nothing or by more than five times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct PriceJump {
    /// Whose price: `openai/gpt-5.6-luna`.
    pub model: String,
    /// For which calls: `standard`.
    pub context: &'static str,
    /// For which kind of token.
    pub kind: &'static str,
    /// Dollars per million tokens.
    pub before: String,
    /// The same afterwards; `null`: no price any more.
    pub after: Option<String>,
}

/// Why lists cannot be taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefreshError {
    /// A list as a whole is not what this version reads.
    #[error("the lists that came cannot be read: {0}. The prices in use stay; a newer Spendmeter may read them")]
    NotUnderstood(String),
    /// They are older than those in use.
    #[error(
        "the lists from {from} are older ({found}) than those in use ({known}): the prices in use stay. Check the mirror"
    )]
    Older {
        /// Where they came from.
        from: String,
        /// When they were made.
        found: String,
        /// When those in use were made.
        known: String,
    },
}

impl Candidate {
    /// What `published` would change, if it were taken in at `now`. `used` are the models of calls, as calls name them.
    ///
    /// # Errors
    /// [`RefreshError`] if they cannot be taken in at all.
    pub fn of(
        published: &PublishedLists,
        in_use: &Catalogue,
        used: &[(Option<String>, String)],
        now: Timestamp,
    ) -> Result<Self, RefreshError> {
        let made = published.updated_at;
        let known = in_use.sources().iter().find(|source| source.list == List::ModelPrices);
        if let Some(known) = known.filter(|known| made.as_second() < known.published) {
            return Err(RefreshError::Older {
                from: published.model_prices.from.clone(),
                found: made.to_string(),
                known: Timestamp::from_second(known.published).unwrap_or_default().to_string(),
            });
        }
        // genai-prices has no date in it: what it says of days to come is a forecast as of today.
        let day = |moment: Timestamp| moment.strftime("%Y-%m-%d").to_string();
        let source = |list, moment: Timestamp, sha256: &str| Source {
            list,
            version: day(moment),
            published: moment.as_second(),
            sha256: sha256.to_owned(),
        };
        let genai_prices = source(List::GenaiPrices, now, &published.genai_prices.sha256);
        let model_prices = source(List::ModelPrices, made, &published.model_prices.sha256);
        let (catalogue, left_out) =
            compile((&published.genai_prices.text, genai_prices), (&published.model_prices.text, model_prices))
                .map_err(RefreshError::NotUnderstood)?;
        let changes = PriceChanges::of(&catalogue, in_use, used, left_out.len() as u64, now);
        Ok(Self { catalogue: Arc::new(catalogue), changes })
    }

    /// The same lists once more, after other lists may have been taken in or other models used. `None` if there is nothing
    /// in them to take in any more: those in use are newer, or say the same.
    #[must_use]
    pub fn again(&self, in_use: &Catalogue, used: &[(Option<String>, String)], now: Timestamp) -> Option<Self> {
        let is_older = |own: &Source| {
            in_use.sources().iter().any(|known| known.list == own.list && own.published < known.published)
        };
        if self.catalogue.sources().iter().any(is_older) {
            return None;
        }
        let changes = PriceChanges::of(&self.catalogue, in_use, used, self.changes.left_out, now);
        changes.are_news().then(|| Self { catalogue: Arc::clone(&self.catalogue), changes })
    }

    /// What tells these lists from others: the hashes of their texts.
    pub fn hashes(&self) -> Vec<&str> {
        self.catalogue.sources().iter().map(|source| source.sha256.as_str()).collect()
    }
}

impl PriceChanges {
    fn of(
        catalogue: &Catalogue,
        before: &Catalogue,
        used: &[(Option<String>, String)],
        left_out: u64,
        now: Timestamp,
    ) -> Self {
        let comparison = catalogue.compared_to(before);
        let touched = |(provider, model): &&(Option<String>, String)| {
            let found = |catalogue: &Catalogue| {
                let listing = catalogue.find(provider.as_deref(), model)?;
                Some((listing.provider().to_owned(), listing.model().to_owned()))
            };
            let changed = |name: &(String, String)| comparison.changed.contains(name) || comparison.gone.contains(name);
            let (now, before) = (found(catalogue), found(before));
            now != before || now.as_ref().is_some_and(changed)
        };
        let in_use = used.iter().filter(touched).map(|(_, model)| model.clone()).collect();
        Self {
            version: catalogue.version(),
            changed: comparison.changed.len() as u64,
            new: comparison.new as u64,
            gone: comparison.gone.len() as u64,
            left_out,
            jumps: catalogue.jumps(before, now.as_second(), FACTOR).iter().map(PriceJump::of).collect(),
            in_use,
        }
    }

    /// [`Self::in_use`], each model once: several may serve it.
    pub fn models_in_use(&self) -> BTreeSet<&str> {
        self.in_use.iter().map(String::as_str).collect()
    }

    /// Whether they say of any model something else than the lists in use.
    pub const fn are_news(&self) -> bool {
        self.changed > 0 || self.new > 0 || self.gone > 0
    }

    /// Whether nothing in them needs a person's consent beyond the one to take them in.
    pub const fn are_calm(&self) -> bool {
        self.jumps.is_empty()
    }
}

impl PriceJump {
    fn of(jump: &Jump) -> Self {
        let text = |picos| Rate::from_picos(picos).to_string();
        Self {
            model: format!("{}/{}", jump.listing.0, jump.listing.1),
            context: jump.context.as_str(),
            kind: jump.kind.as_str(),
            before: text(jump.rates.0),
            after: jump.rates.1.map(text),
        }
    }
}
