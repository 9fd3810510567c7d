//! Spend by any combination of dimensions and units of time: what `spend report` prints.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::dimension::Dimension;
use super::pieces::Pieces;
use super::sums::{Query, Sum, coverage_permille};
use super::view::Spend;
use crate::calendar::{Calendar, TimeRange};
use crate::ledger::{Ledger, LedgerError};
use crate::money::{Margin, Usd};
use crate::usage::{Basis, Tokens};

/// What a report is cut by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Hours of the user's clock.
    Hour,
    /// The user's days.
    Day,
    /// ISO weeks.
    Week,
    /// Months.
    Month,
    /// A dimension.
    By(Dimension),
}

impl Cut {
    /// Every cut, in the order of the documentation.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Day, Self::Week, Self::Month, Self::Hour].into_iter().chain(Dimension::ALL.map(Self::By))
    }

    /// Its name on the command line, and of its column.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::By(dimension) => dimension.as_str(),
        }
    }

    /// The cut of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|cut| cut.as_str() == name)
    }

    fn unit_of(self, at: Timestamp, calendar: &Calendar) -> Option<String> {
        let zoned = calendar.zoned(at);
        match self {
            // With the offset: on the day the clock goes back, an hour comes twice.
            Self::Hour => Some(zoned.strftime("%Y-%m-%dT%H:00%:z").to_string()),
            Self::Day => Some(zoned.date().to_string()),
            Self::Week => Some(calendar.week_name(at)),
            Self::Month => Some(zoned.strftime("%Y-%m").to_string()),
            Self::By(_) => None,
        }
    }
}

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRow {
    /// Values of the cuts, in their order; empty: not known.
    pub values: Vec<String>,
    /// Who says what it cost. Calls of different basis are never in one row.
    pub basis: Basis,
    /// Calls.
    pub requests: u64,
    /// Their tokens.
    pub tokens: Tokens,
    /// What they cost; `None` if no price is known for any of them.
    pub cost: Option<Usd>,
    /// By how much that may be off.
    pub margin: Margin,
    /// Tokens without a price.
    pub unpriced_tokens: u64,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// By time, if cut by time, then the dearest first.
    pub rows: Vec<ReportRow>,
    /// All rows together.
    pub total: Spend,
}

/// Cuts the spend of `range`, as far as it has all the values of `only`.
///
/// # Errors
/// [`LedgerError`] when the ledger cannot be read.
pub fn report(
    ledger: &Ledger,
    calendar: &Calendar,
    range: TimeRange,
    cuts: &[Cut],
    only: &[(Dimension, String)],
) -> Result<Report, LedgerError> {
    let by: Vec<Dimension> =
        cuts.iter().filter_map(|cut| if let Cut::By(by) = cut { Some(*by) } else { None }).collect();
    let pieces = pieces(ledger, calendar, range, cuts)?;
    let sums = Query { pieces: &pieces, by: &by, only }.run(ledger, calendar)?;
    let mut rows: BTreeMap<(Vec<String>, Basis), ReportRow> = BTreeMap::new();
    let mut units = HashMap::new();
    for sum in &sums {
        let mut dimensions = sum.values.iter();
        let values: Vec<String> = cuts
            .iter()
            .map(|cut| match cut {
                Cut::By(_) => dimensions.next().map(ToString::to_string).unwrap_or_default(),
                unit => units
                    .entry((unit.as_str(), sum.at))
                    .or_insert_with(|| unit.unit_of(sum.at, calendar).unwrap_or_default())
                    .clone(),
            })
            .collect();
        let row = rows.entry((values.clone(), sum.basis)).or_insert_with(|| ReportRow {
            values,
            basis: sum.basis,
            requests: 0,
            tokens: Tokens::default(),
            cost: None,
            margin: Margin::default(),
            unpriced_tokens: 0,
        });
        row.take_in(sum);
    }
    let mut rows: Vec<ReportRow> = rows.into_values().collect();
    let of_time: Vec<usize> = (0..cuts.len()).filter(|at| !matches!(cuts[*at], Cut::By(_))).collect();
    // Stable: what costs the same stays in the order of its names.
    rows.sort_by(|a, b| {
        let time = |row: &ReportRow| of_time.iter().map(|at| row.values[*at].clone()).collect::<Vec<_>>();
        time(a).cmp(&time(b)).then(b.cost.cmp(&a.cost)).then(b.tokens.total().cmp(&a.tokens.total()))
    });
    Ok(Report { rows, total: Spend::of(&sums) })
}

/// `range`, cut wherever a unit of time begins that `cuts` ask for.
fn pieces(ledger: &Ledger, calendar: &Calendar, range: TimeRange, cuts: &[Cut]) -> Result<Pieces, LedgerError> {
    if cuts.iter().all(|cut| matches!(cut, Cut::By(_))) {
        return Ok(Pieces::whole(range));
    }
    // Only where there is something: the range may be all of time.
    let Some(known) = ledger.known_usage()? else { return Ok(Pieces::whole(range)) };
    let range =
        TimeRange { start: range.start.clamp(known.start, known.end), end: range.end.clamp(known.start, known.end) };
    if cuts.contains(&Cut::Hour) {
        return Ok(Pieces::of(range, calendar.hours(range)));
    }
    Ok(Pieces::of(range, calendar.dates(range).map(|date| calendar.midnight(date))))
}

impl ReportRow {
    /// The tokens with a price among all of them, in thousandths, rounded down; `None` without tokens.
    pub fn coverage_permille(&self) -> Option<i64> {
        coverage_permille(&self.tokens, self.unpriced_tokens)
    }

    fn take_in(&mut self, sum: &Sum) {
        self.requests += sum.requests;
        self.tokens += sum.tokens;
        self.margin = self.margin + sum.margin;
        self.unpriced_tokens += sum.unpriced_tokens;
        if let Some(cost) = sum.cost {
            self.cost = Some(self.cost.unwrap_or_default() + cost);
        }
    }
}
