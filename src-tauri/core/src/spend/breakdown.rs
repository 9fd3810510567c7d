//! One range, taken apart: days, ranked lists and models without a price, all from the same sums.

use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::Viewpoint;
use super::dimension::Dimension;
use super::pieces::Pieces;
use super::ranking::{Before, TREND_PARTS, Trend, dearest_first, or_unattributed, or_unknown, ranked};
use super::sums::{Query, Sum, within};
use super::view::{Day, ProviderShare, Ranked, Spend, UnpricedModel};
use crate::calendar::{Calendar, TimeRange};
use crate::ledger::LedgerError;
use crate::usage::Basis;

/// The sums of a range by some dimensions, apart for each of its days and each part of its trends.
pub(super) struct Breakdown<'b> {
    range: TimeRange,
    by: &'b [Dimension],
    sums: Vec<Sum>,
}

impl<'b> Breakdown<'b> {
    /// Takes `range` apart by the dimensions `by`, as far as it has all the values of `only`.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub(super) fn of(
        viewpoint: &Viewpoint<'_>,
        range: TimeRange,
        by: &'b [Dimension],
        only: &[(Dimension, String)],
    ) -> Result<Self, LedgerError> {
        let midnights = viewpoint.calendar.dates(range).map(|date| viewpoint.calendar.midnight(date));
        let pieces = Pieces::of(range, midnights.chain(trend_cuts(range)));
        let sums = Query { pieces: &pieces, by, only }.run(viewpoint.ledger, viewpoint.calendar)?;
        Ok(Self { range, by, sums })
    }

    /// Takes `range` apart by the dimensions `by` and not by time: it may be all of time.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub(super) fn timeless(
        viewpoint: &Viewpoint<'_>,
        range: TimeRange,
        by: &'b [Dimension],
        only: &[(Dimension, String)],
    ) -> Result<Self, LedgerError> {
        let sums = Query { pieces: &Pieces::whole(range), by, only }.run(viewpoint.ledger, viewpoint.calendar)?;
        Ok(Self { range, by, sums })
    }

    /// All of it.
    pub(super) fn total(&self) -> Spend {
        Spend::of(&self.sums)
    }

    /// The sums it is made of, in the order of time.
    pub(super) fn sums(&self) -> &[Sum] {
        &self.sums
    }

    /// Spend by day and provider, days without any included, and the providers, the dearest first.
    pub(super) fn days(&self, calendar: &Calendar, today: Date, lead: Basis) -> (Vec<Day>, Vec<String>) {
        let provider = self.position(Dimension::Provider);
        let providers = dearest_first(&self.sums, provider, lead);
        let day = |date: Date| {
            let inside = within(&self.sums, calendar.day(date));
            let mut by_provider: BTreeMap<String, Spend> = BTreeMap::new();
            for sum in inside {
                by_provider.entry(or_unattributed(&sum.values[provider])).or_default().add(sum);
            }
            let share = |provider: &String| {
                let amount = by_provider.get(provider)?.amount(lead)?;
                Some(ProviderShare { provider: provider.clone(), amount })
            };
            Day {
                date: date.to_string(),
                spend: Spend::of(inside),
                by_provider: providers.iter().filter_map(share).collect(),
                counting: date == today,
            }
        };
        (calendar.dates(self.range).map(day).collect(), providers)
    }

    /// The values of `dimension`, the dearest first.
    pub(super) fn ranked(&self, dimension: Dimension, before: Option<&Before>, lead: Basis) -> Vec<Ranked> {
        let position = self.position(dimension);
        let mut by_value: BTreeMap<Rc<str>, (Spend, Trend)> = BTreeMap::new();
        for sum in &self.sums {
            let (spend, trend) = by_value.entry(Rc::clone(&sum.values[position])).or_default();
            spend.add(sum);
            trend.add(sum, self.range, lead);
        }
        ranked(dimension, by_value, before, lead)
    }

    /// When its spend was spent.
    pub(super) fn trend(&self, lead: Basis) -> Trend {
        let mut trend = Trend::default();
        self.sums.iter().for_each(|sum| trend.add(sum, self.range, lead));
        trend
    }

    /// Models without a price, the most used first, told from those of the same name that have one. It has to be taken
    /// apart by model and provider.
    pub(super) fn unpriced(&self) -> Vec<UnpricedModel> {
        let (model, provider) = (self.position(Dimension::Model), self.position(Dimension::Provider));
        let mut served: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
        for sum in &self.sums {
            let providers = served.entry(&sum.values[model]).or_default();
            *providers.entry(&sum.values[provider]).or_default() += sum.unpriced_tokens;
        }
        let mut models = Vec::new();
        for (model, providers) in served {
            let of = |provider: &str, is_apart, tokens| UnpricedModel {
                model: or_unknown(model),
                provider: Some(provider.to_owned()).filter(|name| !name.is_empty()),
                is_apart,
                tokens,
            };
            let missing = providers.iter().filter(|(_, tokens)| **tokens > 0);
            if providers.values().any(|tokens| *tokens == 0) {
                models.extend(missing.map(|(provider, tokens)| of(provider, true, *tokens)));
            } else {
                let the_one = providers.keys().next().filter(|_| providers.len() == 1);
                models.push(of(the_one.copied().unwrap_or_default(), false, providers.values().sum()));
            }
        }
        models.sort_by(|a, b| b.tokens.cmp(&a.tokens).then_with(|| a.model.cmp(&b.model)));
        models
    }

    /// Where the values of `dimension` are in a sum. It has to be one of those asked for.
    fn position(&self, dimension: Dimension) -> usize {
        self.by.iter().position(|by| *by == dimension).unwrap_or_default()
    }
}

/// Where each part of a trend begins, to the second.
fn trend_cuts(range: TimeRange) -> impl Iterator<Item = Timestamp> {
    (1..TREND_PARTS).map(move |part| {
        let seconds = (range.seconds() * part + TREND_PARTS - 1) / TREND_PARTS;
        range.start.saturating_add(seconds.seconds()).unwrap_or(range.end)
    })
}
