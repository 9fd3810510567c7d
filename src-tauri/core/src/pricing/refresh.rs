//! Refreshed price lists, before they are taken in: what they say otherwise than the lists in use, and what in them nobody
//! should take in unseen.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use spendmeter_catalogue::{Catalogue, Jump, List, Move, Seconds, Source, compile};
use ts_rs::TS;

use super::book::bundled;
use super::published::{PublishedList, PublishedLists};
use super::view;

/// A price that moves further than this, to nothing or from nothing, needs a person's consent.
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
    /// What was left out, since this version does not understand it, each in words: a provider, a model, one way of running
    /// it.
    pub left_out: Vec<String>,
    /// Prices, of today, of the past and of days to come, that move to or from nothing or by more than five times: taking
    /// these in needs consent.
    pub jumps: Vec<PriceJump>,
    /// Models of your calls that have another price or none any more, each once: their own price changed, or their name means
    /// another model.
    pub in_use: Vec<String>,
    /// Models of your calls that have a price in the lists for the first time, each once.
    pub first_priced: Vec<String>,
}

/// A price that moves to or from nothing, by more than five times, or away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct PriceJump {
    /// Whose price: `openai/gpt-5.6-luna`, by the model's id.
    pub model: String,
    /// Names of the model under which calls are concerned, any date as `YYYYMMDD`; none: those by its id are.
    pub names: Vec<String>,
    /// Other providers whose calls are concerned, too, since they cost the same.
    pub also: Vec<String>,
    /// For which calls: `standard`. Several where there is no price any more.
    pub contexts: Vec<&'static str>,
    /// For prompts of more tokens than this.
    pub prompt_above: u32,
    /// At which hours, if not at all.
    pub hours: Option<String>,
    /// For calls from this moment on; `null`: for all calls ever.
    pub since: Option<String>,
    /// For which kind of token; `all`: such calls have no price any more.
    pub kind: &'static str,
    /// Dollars per million tokens, or per thousand searches; `null`: some price, of which there is none any more.
    pub before: Option<String>,
    /// The same afterwards; `null`: no price any more.
    pub after: Option<String>,
}

/// Why lists cannot be taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefreshError {
    /// A list as a whole is not what this version reads.
    #[error("the lists that came cannot be read: {0}. The prices in use stay; a newer Spendmeter may read them")]
    NotUnderstood(String),
    /// One is older than that in use, or both are no newer than those that this version brought along, which would stay.
    #[error(
        "the lists from {from} are older ({found}) than those in use ({known}): the prices in use stay. Check the mirror"
    )]
    Older {
        /// Where it came from.
        from: String,
        /// When it was made.
        found: String,
        /// When the one in use was made.
        known: String,
    },
    /// One says that it is of a day to come: it would outrank every other until then.
    #[error(
        "the list from {from} says that it was made on {found}, which is yet to come: the prices in use stay. Check the \
         clock of this machine, or the mirror"
    )]
    OfTheFuture {
        /// Where it came from.
        from: String,
        /// When it says that it was made.
        found: String,
    },
}

/// How far ahead of ours another clock may be.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

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
        let sources = sources(published, in_use, now)?;
        let (catalogue, left_out) =
            compile((&published.genai_prices.text, sources.0), (&published.model_prices.text, sources.1))
                .map_err(RefreshError::NotUnderstood)?;
        let bundled = bundled();
        if !catalogue.is_newer_than(&bundled) && !catalogue.is_of_the_lists_of(&bundled) {
            return Err(older(&published.model_prices, catalogue.published(), bundled.published()));
        }
        let changes = PriceChanges::of(&catalogue, in_use, used, left_out);
        Ok(Self { catalogue: Arc::new(catalogue), changes })
    }

    /// The same lists once more, after other lists may have been taken in or other models used. `None` if there is nothing
    /// in them to take in any more: those in use are newer, or say the same.
    #[must_use]
    pub fn again(&self, in_use: &Catalogue, used: &[(Option<String>, String)]) -> Option<Self> {
        let is_older = |own: &Source| {
            in_use.sources().iter().any(|known| known.list == own.list && own.published < known.published)
        };
        if self.catalogue.sources().iter().any(is_older) {
            return None;
        }
        let changes = PriceChanges::of(&self.catalogue, in_use, used, self.changes.left_out.clone());
        changes.are_news().then(|| Self { catalogue: Arc::clone(&self.catalogue), changes })
    }

    /// What tells these lists from others: the hashes of their texts.
    pub fn hashes(&self) -> Vec<&str> {
        self.catalogue.sources().iter().map(|source| source.sha256.as_str()).collect()
    }
}

/// What the lists are, and from when: genai-prices, then model-prices.
fn sources(published: &PublishedLists, in_use: &Catalogue, now: Timestamp) -> Result<(Source, Source), RefreshError> {
    let PublishedLists { genai_prices, model_prices, updated_at } = published;
    if *updated_at > now.saturating_add(AHEAD).unwrap_or(now) {
        let found = updated_at.to_string();
        return Err(RefreshError::OfTheFuture { from: model_prices.from.clone(), found });
    }
    let source = |list, made: Timestamp, came: &PublishedList| {
        let bundled = bundled();
        let mut known = in_use.sources().iter().chain(bundled.sources());
        // A list that is known is as old as it was when it came first, whoever has it still: what it says of days to come
        // is confirmed by a later list, not by its staying where it is.
        let source = known.find(|known| known.list == list && known.sha256 == came.sha256).cloned();
        let version = made.strftime("%Y-%m-%d").to_string();
        let source = source.unwrap_or_else(|| Source {
            list,
            version,
            published: made.as_second(),
            sha256: came.sha256.clone(),
        });
        let known = in_use.sources().iter().find(|known| known.list == list).map(|known| known.published);
        match known.filter(|known| source.published < *known) {
            Some(known) => Err(older(came, source.published, known)),
            None => Ok(source),
        }
    };
    // genai-prices has no date in it.
    let made = genai_prices.written.map_or(now, |written| written.min(now));
    Ok((source(List::GenaiPrices, made, genai_prices)?, source(List::ModelPrices, *updated_at, model_prices)?))
}

fn older(came: &PublishedList, found: Seconds, known: Seconds) -> RefreshError {
    RefreshError::Older { from: came.from.clone(), found: view::moment(found), known: view::moment(known) }
}

impl PriceChanges {
    fn of(catalogue: &Catalogue, before: &Catalogue, used: &[(Option<String>, String)], left_out: Vec<String>) -> Self {
        let comparison = catalogue.compared_to(before);
        let (mut in_use, mut first_priced) = (BTreeSet::new(), BTreeSet::new());
        for (provider, model) in used {
            let found = |catalogue| Catalogue::find(catalogue, provider.as_deref(), model);
            match (found(before), found(catalogue)) {
                (Some(was), Some(is)) if was.costs_as(&is) => {}
                (Some(_), _) => _ = in_use.insert(model.clone()),
                (None, Some(_)) => _ = first_priced.insert(model.clone()),
                (None, None) => {}
            }
        }
        Self {
            version: catalogue.version(),
            changed: comparison.changed.len() as u64,
            new: comparison.new as u64,
            gone: comparison.gone.len() as u64,
            left_out,
            jumps: catalogue.jumps(before, used, FACTOR).iter().map(PriceJump::of).collect(),
            in_use: in_use.into_iter().collect(),
            first_priced: first_priced.into_iter().collect(),
        }
    }

    /// Every model that they change for you, each once: one provider may have had a price for it, and another not.
    pub fn models_in_use(&self) -> BTreeSet<&str> {
        self.in_use.iter().chain(&self.first_priced).map(String::as_str).collect()
    }

    /// Whether any call costs something else by them than by the lists in use, also if only its name means another model.
    pub fn are_news(&self) -> bool {
        self.changed > 0 || self.new > 0 || self.gone > 0 || !self.jumps.is_empty() || !self.models_in_use().is_empty()
    }

    /// Whether nothing in them needs a person's consent beyond the one to take them in.
    pub const fn are_calm(&self) -> bool {
        self.jumps.is_empty()
    }
}

impl PriceJump {
    fn of(jump: &Jump) -> Self {
        let (kind, rates) = match jump.moved {
            Move::Rate { kind, before, after } => {
                (kind.as_str(), Some([before, after].map(|picos| view::rate(kind, picos))))
            }
            Move::NoRate(kind) => (kind.as_str(), None),
            Move::NoPrice => ("all", None),
        };
        let [before, after] = rates.map_or([None, None], |rates| rates.map(Some));
        Self {
            model: format!("{}/{}", jump.listing.0, jump.listing.1),
            names: jump.names.iter().map(|name| view::name(name)).collect(),
            also: jump.also.clone(),
            contexts: jump.contexts.iter().map(|context| context.as_str()).collect(),
            prompt_above: jump.above,
            hours: jump.hours.as_ref().map(|(schedule, part)| view::hours(schedule, *part)),
            since: jump.since.map(view::moment),
            kind,
            before,
            after,
        }
    }
}
