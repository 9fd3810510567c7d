//! Ranked lists: who spent most, which share that is, how it changed.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan};

use super::Viewpoint;
use super::dimension::{Dimension, project_labels};
use super::sums::Sum;
use super::view::{Change, Ranked, Spend};
use crate::calendar::TimeRange;
use crate::ledger::LedgerError;
use crate::money::Usd;

/// Parts of the range in a trend.
const TREND_PARTS: i64 = 12;

/// What the empty value of a dimension is called where spend is cut by it.
const UNATTRIBUTED: &str = "unattributed";

/// What a call without a model's name is called.
const UNKNOWN_MODEL: &str = "unknown model";

pub(super) fn or_unattributed(value: &str) -> String {
    if value.is_empty() { UNATTRIBUTED.to_owned() } else { value.to_owned() }
}

pub(super) fn or_unknown(model: &str) -> String {
    if model.is_empty() { UNKNOWN_MODEL.to_owned() } else { model.to_owned() }
}

/// The first value of each sum, the dearest first; values without priced spend are last.
pub(super) fn dearest_first(sums: &[Sum]) -> Vec<String> {
    let mut spent: BTreeMap<&str, Option<Usd>> = BTreeMap::new();
    for sum in sums {
        let total = spent.entry(&sum.values[0]).or_default();
        *total = plus(*total, sum.estimate());
    }
    let mut values: Vec<(&str, Option<Usd>)> = spent.into_iter().collect();
    values.sort_by_key(|(_, cost)| std::cmp::Reverse(*cost));
    values.into_iter().map(|(value, _)| or_unattributed(value)).collect()
}

/// The sum of what is known of two amounts.
pub(super) fn plus(one: Option<Usd>, other: Option<Usd>) -> Option<Usd> {
    one.zip(other).map(|(one, other)| one + other).or(one).or(other)
}

impl Viewpoint<'_> {
    /// The values of `dimension` in `range`, the dearest first.
    pub(super) fn ranked(
        &self,
        dimension: Dimension,
        range: TimeRange,
        only: &[(Dimension, String)],
    ) -> Result<Vec<Ranked>, LedgerError> {
        let sums = self.sums(range, &[dimension], true, only)?;
        let earlier = self.before(range);
        // Half a history would make everything look like a rise.
        let is_covered = self.ledger.first_usage()?.is_some_and(|first| first <= earlier.start);
        let before = by_value(&self.sums(earlier, &[dimension], false, only)?);
        let total = Spend::of(&sums).estimated;
        let start = range.start.max(sums.iter().map(|sum| sum.at).min().unwrap_or(range.start));
        let span = TimeRange { start: if range.start == Timestamp::MIN { start } else { range.start }, end: range.end };
        let mut ranked: Vec<Ranked> = by_value(&sums)
            .into_iter()
            .map(|(value, spend)| Ranked {
                share_permille: spend.estimated.zip(total).and_then(|(own, all)| own.permille_of(all)),
                change: if is_covered { change(&spend, before.get(&value)) } else { Change::Unknown },
                trend: trend(sums.iter().filter(|sum| sum.values[0] == value), span),
                label: String::new(),
                key: value,
                spend,
            })
            .collect();
        ranked.sort_by(|a, b| {
            let order = |row: &Ranked| (row.spend.estimated, row.spend.tokens.total());
            order(b).cmp(&order(a)).then_with(|| a.key.cmp(&b.key))
        });
        label(dimension, &mut ranked);
        Ok(ranked)
    }

    /// The span to compare `range` with: as long, just before, and up to the same time of day if today is not over.
    fn before(&self, range: TimeRange) -> TimeRange {
        let (first, today) = (self.calendar.date(range.start), self.calendar.date(self.now));
        let days = first.until(today).map_or(0, |span| span.get_days()) + 1;
        let back = |at: Timestamp| {
            self.calendar.zoned(at).checked_sub(days.days()).map_or(Timestamp::MIN, |zoned| zoned.timestamp())
        };
        TimeRange { start: back(range.start), end: back(range.end.min(self.now)) }
    }
}

fn by_value(sums: &[Sum]) -> BTreeMap<String, Spend> {
    let mut spent: BTreeMap<String, Spend> = BTreeMap::new();
    for sum in sums {
        spent.entry(sum.values[0].clone()).or_default().add(sum);
    }
    spent
}

fn change(spend: &Spend, before: Option<&Spend>) -> Change {
    let Some(before) = before else { return Change::New };
    let by = || {
        let before = before.estimated?;
        (spend.estimated? - before).permille_of(before)
    };
    by().map_or(Change::Unknown, |permille| Change::By { permille })
}

fn trend<'s>(sums: impl Iterator<Item = &'s Sum>, range: TimeRange) -> Vec<Usd> {
    let mut parts = vec![Usd::ZERO; usize::try_from(TREND_PARTS).unwrap_or_default()];
    for sum in sums {
        let into = (sum.at.as_second() - range.start.as_second()).saturating_mul(TREND_PARTS) / range.seconds().max(1);
        let part = usize::try_from(into.clamp(0, TREND_PARTS - 1)).unwrap_or_default();
        parts[part] += sum.estimate().unwrap_or_default();
    }
    parts
}

fn label(dimension: Dimension, ranked: &mut [Ranked]) {
    let labels = match dimension {
        Dimension::Project => {
            let folders: Vec<&str> = ranked.iter().map(|row| row.key.as_str()).collect();
            project_labels(&folders)
        }
        _ => ranked.iter().map(|row| row.key.clone()).collect(),
    };
    for (row, label) in ranked.iter_mut().zip(labels) {
        row.label = match dimension {
            Dimension::Model => or_unknown(&label),
            _ => or_unattributed(&label),
        };
    }
}
