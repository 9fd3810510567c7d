//! Ranked lists: who spent most, which share that is, how it changed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jiff::{Timestamp, ToSpan};

use super::Viewpoint;
use super::dimension::{Dimension, project_labels};
use super::pieces::Pieces;
use super::sums::{Query, Sum};
use super::view::{Change, Ranked, Spend};
use crate::calendar::TimeRange;
use crate::ledger::LedgerError;
use crate::money::Usd;
use crate::pricing::UNKNOWN_MODEL;
use crate::usage::Basis;

/// Parts of the range in a trend.
pub(super) const TREND_PARTS: i64 = 12;

/// What the empty value of a dimension is called where spend is cut by it.
const UNATTRIBUTED: &str = "unattributed";

pub(super) fn or_unattributed(value: &str) -> String {
    if value.is_empty() { UNATTRIBUTED.to_owned() } else { value.to_owned() }
}

pub(super) fn or_unknown(model: &str) -> String {
    if model.is_empty() { UNKNOWN_MODEL.to_owned() } else { model.to_owned() }
}

/// The values of each sum at `position`, the dearest first; values without an amount are last.
pub(super) fn dearest_first(sums: &[Sum], position: usize, lead: Basis) -> Vec<String> {
    let mut spent: BTreeMap<&str, Spend> = BTreeMap::new();
    for sum in sums {
        spent.entry(&sum.values[position]).or_default().add(sum);
    }
    let mut values: Vec<(&str, Spend)> = spent.into_iter().collect();
    values.sort_by_key(|(_, spend)| Reverse(dearness(spend, lead)));
    values.into_iter().map(|(value, _)| or_unattributed(value)).collect()
}

/// By what spend is ranked. Its amounts are not added; what has nothing of the one that leads comes behind all that have,
/// by its estimate, then by what was billed, then by what a subscription covers, then by tokens.
pub(super) fn dearness(spend: &Spend, lead: Basis) -> impl Ord + use<> {
    (spend.amount(lead), Basis::ALL.map(|basis| spend.amount(basis)), spend.tokens.total())
}

/// The sum of what is known of two amounts.
pub(super) fn plus(one: Option<Usd>, other: Option<Usd>) -> Option<Usd> {
    one.zip(other).map(|(one, other)| one + other).or(one).or(other)
}

/// What was used in the range before, by the values of one dimension: the amount that leads, as far as that is known.
pub(super) struct Before {
    lead: Basis,
    spent: BTreeMap<Rc<str>, Option<Usd>>,
}

impl Before {
    /// Reads it; `None` when the records do not reach back that far: half a history would make everything look like a
    /// rise.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub(super) fn of(
        viewpoint: &Viewpoint<'_>,
        range: TimeRange,
        dimension: Dimension,
        only: &[(Dimension, String)],
        lead: Basis,
    ) -> Result<Option<Self>, LedgerError> {
        let earlier = range_before(viewpoint, range);
        if viewpoint.ledger.known_usage()?.is_none_or(|known| known.start > earlier.start) {
            return Ok(None);
        }
        let query = Query { pieces: &Pieces::whole(earlier), by: &[dimension], only };
        let mut spent: BTreeMap<Rc<str>, Option<Usd>> = BTreeMap::new();
        for sum in &query.run(viewpoint.ledger, viewpoint.calendar)? {
            let total = spent.entry(Rc::clone(&sum.values[0])).or_default();
            *total = plus(*total, sum.amount(lead));
        }
        Ok(Some(Self { lead, spent }))
    }

    /// How the spend of `value` has changed since.
    fn change_of(&self, value: &str, since: &Spend) -> Change {
        self.spent.get(value).map_or(Change::New, |before| change(*before, since.amount(self.lead)))
    }

    /// How the spend of all values has changed since.
    pub(super) fn change_of_all(&self, since: &Spend) -> Change {
        let before = self.spent.values().copied().reduce(plus);
        before.map_or(Change::New, |before| change(before, since.amount(self.lead)))
    }
}

/// The span to compare `range` with: as long, just before, and up to the same time of day if today is not over.
fn range_before(viewpoint: &Viewpoint<'_>, range: TimeRange) -> TimeRange {
    let Viewpoint { calendar, now, .. } = *viewpoint;
    let days = calendar.date(range.start).until(calendar.date(now)).map_or(0, |span| span.get_days()) + 1;
    let back =
        |at: Timestamp| calendar.zoned(at).checked_sub(days.days()).map_or(Timestamp::MIN, |zoned| zoned.timestamp());
    TimeRange { start: back(range.start), end: back(range.end.min(now)) }
}

fn change(before: Option<Usd>, since: Option<Usd>) -> Change {
    let by = || (since? - before?).permille_of(before?);
    by().map_or(Change::Unknown, |permille| Change::By { permille })
}

/// Spend in equal parts of a range, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trend(Vec<Usd>);

impl Default for Trend {
    fn default() -> Self {
        Self(vec![Usd::ZERO; usize::try_from(TREND_PARTS).unwrap_or_default()])
    }
}

impl Trend {
    /// Takes in a sum of `range`, into the part in which it begins.
    pub(super) fn add(&mut self, sum: &Sum, range: TimeRange, lead: Basis) {
        let into = (sum.at.as_second() - range.start.as_second()).saturating_mul(TREND_PARTS) / range.seconds().max(1);
        let part = usize::try_from(into.clamp(0, TREND_PARTS - 1)).unwrap_or_default();
        self.0[part] += sum.amount(lead).unwrap_or_default();
    }

    /// Its parts.
    pub(super) fn into_parts(self) -> Vec<Usd> {
        self.0
    }
}

/// A ranked list of the values of `dimension`, the dearest first.
pub(super) fn ranked(
    dimension: Dimension,
    by_value: BTreeMap<Rc<str>, (Spend, Trend)>,
    before: Option<&Before>,
    lead: Basis,
) -> Vec<Ranked> {
    let total = by_value.values().map(|(spend, _)| spend.amount(lead)).fold(None, plus);
    let mut ranked: Vec<Ranked> = by_value
        .into_iter()
        .map(|(value, (spend, trend))| Ranked {
            key: value.to_string(),
            label: String::new(),
            share_permille: share(spend.amount(lead), total),
            change: before.map_or(Change::Unknown, |before| before.change_of(&value, &spend)),
            trend: trend.into_parts(),
            spend,
        })
        .collect();
    ranked.sort_by(|a, b| dearness(&b.spend, lead).cmp(&dearness(&a.spend, lead)).then_with(|| a.key.cmp(&b.key)));
    label(dimension, &mut ranked);
    ranked
}

/// Which share of `total` an amount is, in thousandths.
pub(super) fn share(own: Option<Usd>, total: Option<Usd>) -> Option<i64> {
    own.zip(total).and_then(|(own, all)| own.permille_of(all))
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

/// What the project `key` is called among `projects`, of which there may be several of each; `None` if it is none of them.
pub(super) fn project_label(key: &str, projects: &[&str]) -> Option<String> {
    let projects: BTreeSet<&str> = projects.iter().copied().collect();
    let place = projects.iter().position(|project| *project == key)?;
    let labels = project_labels(&projects.into_iter().collect::<Vec<_>>());
    labels.get(place).map(|label| or_unattributed(label))
}
