//! The arithmetic of one call: rates times tokens, exactly.

use spendmeter_catalogue::{Kind, Listing, Rates};

use super::{Cost, PriceStatus, place};
use crate::money::{PicoUsd, Rate, Usd};
use crate::usage::{Attribution, CacheWrites, UsageRecord};

/// $100 million. What comes to more is made of an absurd price, and a few of it would be beyond what sums can hold.
const BEYOND_ANY_CALL: Usd = Usd::from_nanos(100_000_000 * 1_000_000_000);

/// What a region costs on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surcharge {
    /// None was asked for, or one that costs nothing on top of the listed price.
    Nothing,
    /// Anthropic's inference within the United States: a tenth more for every kind of token, on top of what the tier
    /// and the cache cost.
    AnthropicUs,
    /// One that the list has no price for.
    Unlisted,
}

impl Surcharge {
    pub(super) fn of(attribution: &Attribution, listing: &Listing<'_>) -> Self {
        match place::region_of(attribution) {
            None | Some("global") => Self::Nothing,
            Some("us")
                if listing.provider() == "anthropic" && !place::is_vertex(attribution.provider.as_deref(), listing) =>
            {
                Self::AnthropicUs
            }
            Some(_) if place::is_within(listing) => Self::Nothing,
            Some(_) => Self::Unlisted,
        }
    }
}

/// What a call is priced by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms<'t> {
    pub(super) rates: &'t Rates,
    /// Rates that may hold instead.
    pub(super) rival: Option<&'t Rates>,
    /// Rates that hold if the call was run otherwise than it is taken for: within a region, or with a longer prompt.
    pub(super) otherwise: [Option<&'t Rates>; 3],
    pub(super) surcharge: Surcharge,
    /// What a long write costs at most, in thousandths of the input rate.
    pub(super) dearest_long_write: i64,
}

/// What a call costs, and what had to be assumed; `None` if a kind of token that it used has no price, or if it came to more
/// than any call costs.
pub(super) fn cost(record: &UsageRecord, terms: Terms<'_>) -> Option<(Cost, PriceStatus)> {
    let Terms { rates, rival, otherwise, surcharge, .. } = terms;
    let (likely, mut status) = exact(record, rates, surcharge)?;
    let more = |rates| dearer_writes(record, rates, terms);
    let (mut low, mut high) = (likely, likely + more(rates).unwrap_or_default());
    if more(rates).is_some() {
        status = status.max(PriceStatus::TtlAssumed);
    }
    // What may hold instead may have a premium of its own.
    let instead = |rates| Some((exact(record, rates, surcharge)?.0, more(rates).unwrap_or_default()));
    for (other, more) in otherwise.into_iter().chain([rival]).flatten().filter_map(instead) {
        (low, high) = (low.min(other), high.max(other + more));
    }
    let moves = otherwise.into_iter().flatten().filter_map(instead).any(|(other, _)| other != likely);
    if surcharge == Surcharge::Unlisted || moves {
        status = status.max(PriceStatus::TierAssumed);
    }
    let (likely, low, high) = (likely.rounded(), low.rounded(), high.rounded());
    let cost = Cost { likely, below: likely - low, above: high - likely };
    (high <= BEYOND_ANY_CALL).then_some((cost, status))
}

/// Exact cost; `None` if tokens of a kind without a price were used.
fn exact(record: &UsageRecord, rates: &Rates, surcharge: Surcharge) -> Option<(PicoUsd, PriceStatus)> {
    let tokens = &record.tokens;
    let kinds = [
        (tokens.input, Kind::Input),
        (tokens.cache_read, Kind::CacheRead),
        (tokens.cache_write_short, Kind::CacheWriteShort),
        (tokens.cache_write_long, Kind::CacheWriteLong),
        (tokens.output, Kind::Output),
    ];
    let mut cost = PicoUsd::ZERO;
    for (tokens, kind) in kinds {
        if tokens > 0 {
            cost = cost + token_rate(rates.charged(kind)?, surcharge).times(tokens);
        }
    }
    let mut status = PriceStatus::Priced;
    if record.web_searches > 0 {
        match rates.of(Kind::WebSearch) {
            Some(fee) => cost = cost + Rate::from_picos(fee).times(record.web_searches),
            // The tokens are worth telling; that a fee is missing is told by the status.
            None => status = PriceStatus::TierAssumed,
        }
    }
    Some((cost, status))
}

/// What it costs more if what is not known of cache writes was as dear as it can be: if all that is called uncached was
/// written to the short-lived cache; if all that was written is kept for long; if what was kept for long, and has no price of
/// its own, costs as much as anywhere.
fn dearer_writes(record: &UsageRecord, rates: &Rates, terms: Terms<'_>) -> Option<PicoUsd> {
    let tokens = &record.tokens;
    let short = rates.of(Kind::CacheWriteShort)?;
    let (perhaps, dearer, taken_for) = match record.cache_writes {
        CacheWrites::Told if rates.of(Kind::CacheWriteLong).is_some() => return None,
        CacheWrites::Told => (tokens.cache_write_long, long_write(rates, terms)?, short),
        CacheWrites::WithoutLifetime => (tokens.cache_write_short, long_write(rates, terms)?, short),
        CacheWrites::Untold => (tokens.input, short, rates.of(Kind::Input)?),
    };
    let more = dearer - taken_for;
    (more > 0 && perhaps > 0).then(|| token_rate(more, terms.surcharge).times(perhaps))
}

/// The rate of a long write; at most, where the list has none.
fn long_write(rates: &Rates, terms: Terms<'_>) -> Option<i64> {
    let at_most = || Some(rates.of(Kind::Input)?.saturating_mul(terms.dearest_long_write) / 1_000);
    rates.of(Kind::CacheWriteLong).or_else(at_most)
}

/// The catalogue holds that the rates this is used for have an exact tenth.
fn token_rate(picos: i64, surcharge: Surcharge) -> Rate {
    Rate::from_picos(if surcharge == Surcharge::AnthropicUs { (picos / 10).saturating_mul(11) } else { picos })
}
