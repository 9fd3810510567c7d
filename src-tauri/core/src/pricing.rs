//! What a call costs at list price: the catalogue that was compiled in, and the arithmetic.
//!
//! An unknown model has no price: never $0, never the price of a model with a similar name. What had to be assumed is
//! said in the [`PriceStatus`]. This module knows nothing of bills, plans or stored spend, and never looks at a clock:
//! a call is priced by the list as it was when the call was made.

mod catalogue;
mod names;

use std::fmt;
use std::str::FromStr;

pub use self::catalogue::{Catalogue, Listing, Rates};
use crate::money::{PicoUsd, Usd};
use crate::usage::{Attribution, UsageRecord};

/// What a call costs, and how far that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// The list price; `None` exactly if the status is [`PriceStatus::Unpriced`].
    pub cost: Option<Usd>,
    /// How the price was found.
    pub status: PriceStatus,
}

impl Price {
    /// No price is known.
    pub const UNPRICED: Self = Self { cost: None, status: PriceStatus::Unpriced };
}

/// How a price was found, from the surest to none. Where several hold, the later one is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PriceStatus {
    /// The provider's own list price for such a call at that time.
    Priced,
    /// The list price of the model's maker, or of another provider whose prices the seller takes over.
    Alias,
    /// A cache write of the long lifetime, of which only the short lifetime's price is known: the cost is a lower bound.
    TtlAssumed,
    /// Something about the call (its tier, its region, a fee by the piece) has no price in the list: the rest is priced
    /// as an ordinary call.
    TierAssumed,
    /// No price is known.
    Unpriced,
}

impl PriceStatus {
    const ALL: [Self; 5] = [Self::Priced, Self::Alias, Self::TtlAssumed, Self::TierAssumed, Self::Unpriced];

    /// Its name in the ledger and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Priced => "priced",
            Self::Alias => "alias",
            Self::TtlAssumed => "ttl_assumed",
            Self::TierAssumed => "tier_assumed",
            Self::Unpriced => "unpriced",
        }
    }
}

impl fmt::Display for PriceStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for PriceStatus {
    type Err = NotAPriceStatus;
    fn from_str(text: &str) -> Result<Self, NotAPriceStatus> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or_else(|| NotAPriceStatus(text.to_owned()))
    }
}

/// The text names no [`PriceStatus`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a price status; those are: priced, alias, ttl_assumed, tier_assumed, unpriced")]
pub struct NotAPriceStatus(String);

/// What a region costs on top.
enum Region {
    /// None was asked for, or one that costs nothing.
    Anywhere,
    /// Anthropic's inference within the United States: a tenth more for every kind of token, on top of what the tier
    /// and the cache cost.
    AnthropicUs,
    /// One that the list has no price for.
    Unlisted,
}

impl Region {
    fn of(record: &UsageRecord, listing: &Listing) -> Self {
        match record.attribution.region.as_deref().unwrap_or_default() {
            "" | "global" | "not_available" => Self::Anywhere,
            "us" if listing.provider() == "anthropic" => Self::AnthropicUs,
            _ => Self::Unlisted,
        }
    }
}

impl Catalogue {
    /// What this call costs at list price.
    pub fn price(&self, record: &UsageRecord) -> Price {
        self.listing(&record.attribution).map_or(Price::UNPRICED, |listing| listing.price(record))
    }

    /// Where the price of calls with this attribution is found, if anywhere.
    pub fn listing(&self, attribution: &Attribution) -> Option<Listing> {
        self.find(attribution.provider.as_deref(), attribution.model.as_deref()?)
    }
}

impl Listing {
    /// What a call of this model costs at list price.
    ///
    /// All its rates come from the same moment, tier and length of prompt: a prompt that crosses a limit is priced anew
    /// as a whole, output included.
    pub fn price(&self, record: &UsageRecord) -> Price {
        self.priced(record).unwrap_or(Price::UNPRICED)
    }

    fn priced(&self, record: &UsageRecord) -> Option<Price> {
        let (mut rates, mut status) =
            self.rates(record.occurred_at, &record.attribution.tier, record.tokens.prompt())?;
        match Region::of(record, self) {
            Region::Anywhere => {}
            Region::AnthropicUs => rates = rates.a_tenth_dearer(),
            Region::Unlisted => status = status.max(PriceStatus::TierAssumed),
        }
        let (cost, assumed) = rates.cost(record)?;
        Some(Price { cost: Some(cost.rounded()), status: status.max(assumed) })
    }
}

impl Rates {
    /// Exact cost of a call, unless a kind of token that it used has no price.
    fn cost(&self, record: &UsageRecord) -> Option<(PicoUsd, PriceStatus)> {
        let tokens = &record.tokens;
        let kinds = [
            (tokens.input, self.input),
            (tokens.cache_read, self.cache_read),
            (tokens.cache_write_short, self.cache_write_short),
            (tokens.cache_write_long, self.cache_write_long),
            (tokens.output, self.output),
        ];
        let mut cost = PicoUsd::ZERO;
        for (tokens, rate) in kinds {
            if tokens > 0 {
                cost = cost + rate?.times(tokens);
            }
        }
        let mut status = PriceStatus::Priced;
        if tokens.cache_write_long > 0 && self.long_write_assumed {
            status = PriceStatus::TtlAssumed;
        }
        if record.web_searches > 0 {
            match self.web_search {
                Some(fee) => cost = cost + fee.times(record.web_searches),
                // The tokens are worth telling; that a fee is missing is told by the status.
                None => status = PriceStatus::TierAssumed,
            }
        }
        Some((cost, status))
    }
}

#[cfg(test)]
mod tests;
