//! The arithmetic of one call: rates times tokens, exactly.

use spendmeter_catalogue::{Kind, Rates};

use super::{Cost, PriceStatus};
use crate::money::{PicoUsd, Rate};
use crate::usage::UsageRecord;

/// What a region costs on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Region {
    /// None was asked for, or one that costs nothing.
    Anywhere,
    /// Anthropic's inference within the United States: a tenth more for every kind of token, on top of what the tier
    /// and the cache cost.
    AnthropicUs,
    /// One that the list has no price for.
    Unlisted,
}

impl Region {
    pub(super) fn of(record: &UsageRecord, provider: &str) -> Self {
        match record.attribution.region.as_deref().unwrap_or_default() {
            "" | "global" | "not_available" => Self::Anywhere,
            "us" if provider == "anthropic" => Self::AnthropicUs,
            _ => Self::Unlisted,
        }
    }
}

/// Sources whose logs do not tell what was written to a cache: what they call uncached may have been written.
///
/// Codex has a field for it which was never seen with anything but zero, also by models whose provider charges for writes
/// (an audit of 73,386 records).
const WRITES_NOT_TOLD: &[&str] = &["codex"];

/// What a call is priced by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms<'t> {
    pub(super) rates: &'t Rates,
    /// Rates that may hold instead.
    pub(super) rival: Option<&'t Rates>,
    pub(super) region: Region,
    /// What a long write costs at most, in thousandths of the input rate.
    pub(super) dearest_long_write: i64,
}

/// What a call costs, unless a kind of token that it used has no price, and what had to be assumed.
pub(super) fn cost(record: &UsageRecord, terms: Terms<'_>) -> Option<(Cost, PriceStatus)> {
    let Terms { rates, rival, region, .. } = terms;
    let (likely, mut status) = exact(record, rates, region)?;
    let more = |rates| untold_writes(record, rates, region).or_else(|| unpriced_writes(record, rates, terms));
    let (mut low, mut high) = (likely, likely + more(rates).unwrap_or_default());
    if more(rates).is_some() {
        status = status.max(PriceStatus::TtlAssumed);
    }
    // What may hold instead may have a premium of its own.
    if let Some((other, rival)) = rival.and_then(|rival| Some((exact(record, rival, region)?.0, rival))) {
        (low, high) = (low.min(other), high.max(other + more(rival).unwrap_or_default()));
    }
    if region == Region::Unlisted {
        status = status.max(PriceStatus::TierAssumed);
    }
    let (likely, low, high) = (likely.rounded(), low.rounded(), high.rounded());
    Some((Cost { likely, below: likely - low, above: high - likely }, status))
}

/// Exact cost; `None` if tokens of a kind without a price were used.
fn exact(record: &UsageRecord, rates: &Rates, region: Region) -> Option<(PicoUsd, PriceStatus)> {
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
            cost = cost + token_rate(rates.charged(kind)?, region).times(tokens);
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

/// What it costs more if all that is called uncached was written to the short-lived cache.
fn untold_writes(record: &UsageRecord, rates: &Rates, region: Region) -> Option<PicoUsd> {
    let tokens = &record.tokens;
    let told = tokens.cache_write_short > 0 || tokens.cache_write_long > 0 || tokens.input == 0;
    if told || !WRITES_NOT_TOLD.contains(&record.source) {
        return None;
    }
    let more = rates.of(Kind::CacheWriteShort)? - rates.of(Kind::Input)?;
    (more > 0).then(|| token_rate(more, region).times(tokens.input))
}

/// What it costs more if long writes, of which only the short-lived rate is known, cost as much as anywhere.
fn unpriced_writes(record: &UsageRecord, rates: &Rates, terms: Terms<'_>) -> Option<PicoUsd> {
    let Terms { region, dearest_long_write, .. } = terms;
    let tokens = record.tokens.cache_write_long;
    let (short, input) = (rates.of(Kind::CacheWriteShort)?, rates.of(Kind::Input)?);
    if tokens == 0 || rates.of(Kind::CacheWriteLong).is_some() {
        return None;
    }
    let more = (input.saturating_mul(dearest_long_write) / 1_000 - short).max(0);
    Some(token_rate(more, region).times(tokens))
}

/// The catalogue holds that the rates this is used for have an exact tenth.
fn token_rate(picos: i64, region: Region) -> Rate {
    Rate::from_picos(if region == Region::AnthropicUs { (picos / 10).saturating_mul(11) } else { picos })
}
