//! Sums of calls: per quarter of an hour and per hour for each attribution, and per quarter for all of them together.
//! They move with every change of `usage`, in the same transaction.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::usage::Charge;
use super::{Ledger, LedgerError};
use crate::calendar::TimeRange;
use crate::usage::{Basis, Tokens, UsageRecord};

/// Seconds in the smallest span that is summed.
pub(crate) const QUARTER_SECS: i64 = 900;

/// How many of them the larger one has.
pub(crate) const QUARTERS_PER_HOUR: i64 = 4;

const QUARTER_MILLIS: i64 = QUARTER_SECS * 1_000;

/// A table of sums. The columns behind their keys are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SumTable {
    /// Per quarter of an hour and attribution: what the others are made from.
    Quarters,
    /// Per hour and attribution.
    Hours,
    /// Per quarter of an hour, of all attributions together.
    Totals,
}

impl SumTable {
    /// Its name in the ledger.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Quarters => "usage_quarter",
            Self::Hours => "usage_hour",
            Self::Totals => "usage_total",
        }
    }

    /// Its column for the time: spans since 1970, in UTC.
    pub(crate) const fn span(self) -> &'static str {
        match self {
            Self::Quarters | Self::Totals => "quarter",
            Self::Hours => "hour",
        }
    }

    /// Quarters of an hour in each of its spans.
    pub(crate) const fn quarters(self) -> i64 {
        match self {
            Self::Quarters | Self::Totals => 1,
            Self::Hours => QUARTERS_PER_HOUR,
        }
    }

    /// Where the sum at `quarter` is summed on in this table.
    const fn place(self, quarter: Place) -> Place {
        match self {
            Self::Quarters => quarter,
            Self::Hours => Place { span: quarter.span.div_euclid(QUARTERS_PER_HOUR), ..quarter },
            Self::Totals => Place { attribution: EVERYONE, ..quarter },
        }
    }

    /// SQL for the key of its rows, with the fields of a [`Place`] as parameters 1 to 3.
    fn key(self) -> String {
        let attribution = if self == Self::Totals { "" } else { " AND attribution = ?2" };
        format!("{} = ?1 AND basis = ?3{attribution}", self.span())
    }

    /// SQL that moves a sum: the fields of a [`Place`] are parameters 1 to 3, those of a [`Change`] follow.
    fn add(self) -> String {
        let attribution = if self == Self::Totals { "" } else { "?2, " };
        // An amount stays at the limit, as `Usd` does: what is beyond an integer becomes a float, which no column takes.
        let moved =
            |amount: &str| format!("{amount} = max({}, min({}, {amount} + excluded.{amount}))", -i64::MAX, i64::MAX);
        let amounts = ["cost", "cost_below", "cost_above"].map(moved).join(", ");
        format!(
            "INSERT INTO {} VALUES (?1, {attribution}?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
               ?17)
             ON CONFLICT DO UPDATE SET
               requests = requests + excluded.requests,
               input = input + excluded.input,
               cache_read = cache_read + excluded.cache_read,
               cache_write_short = cache_write_short + excluded.cache_write_short,
               cache_write_long = cache_write_long + excluded.cache_write_long,
               output = output + excluded.output,
               reasoning = reasoning + excluded.reasoning,
               priced_requests = priced_requests + excluded.priced_requests,
               unpriced_tokens = unpriced_tokens + excluded.unpriced_tokens,
               first_at = min(first_at, excluded.first_at),
               last_at = max(last_at, excluded.last_at),
               {amounts}",
            self.name()
        )
    }

    /// SQL that yields the times of the first and the last call of a sum, from what it was made from.
    fn first_and_last(self) -> String {
        match self {
            Self::Quarters => format!(
                "SELECT min(occurred_at), max(occurred_at) FROM usage
                 WHERE occurred_at >= ?1 * {QUARTER_MILLIS} AND occurred_at < (?1 + 1) * {QUARTER_MILLIS}
                   AND usage.attribution = ?2 AND usage.basis = ?3"
            ),
            Self::Hours => format!(
                "SELECT min(first_at), max(last_at) FROM usage_quarter
                 WHERE quarter >= ?1 * {QUARTERS_PER_HOUR} AND quarter < (?1 + 1) * {QUARTERS_PER_HOUR}
                   AND attribution = ?2 AND basis = ?3"
            ),
            Self::Totals => {
                "SELECT min(first_at), max(last_at) FROM usage_quarter WHERE quarter = ?1 AND basis = ?3".to_owned()
            }
        }
    }
}

/// Stands for the attribution where all of them are summed together.
const EVERYONE: i64 = 0;

impl Ledger {
    /// From the first to the last quarter hour of which anything is known: calls, and what accounts were read for; `None`:
    /// there is neither.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub(crate) fn known_usage(&self) -> Result<Option<TimeRange>, LedgerError> {
        let ends: [Option<i64>; 2] = self.read(|connection| {
            connection
                .prepare_cached(&format!(
                    "SELECT min(first), max(last) FROM (
                       SELECT (SELECT min(quarter) FROM usage_total) AS first,
                              (SELECT max(quarter) FROM usage_total) AS last
                       UNION ALL
                       SELECT min(read_from) / {QUARTER_SECS}, max(read_until) / {QUARTER_SECS} FROM account_feed)"
                ))?
                .query_row([], |row| Ok([row.get(0)?, row.get(1)?]))
        })?;
        let moment = |quarter: i64| Timestamp::from_second(quarter.saturating_mul(QUARTER_SECS)).ok();
        let [Some(first), Some(last)] = ends else { return Ok(None) };
        Ok(moment(first).zip(moment(last + 1)).map(|(start, end)| TimeRange { start, end }))
    }
}

/// Changes to the sums, gathered before they are written: calls of a session share most of theirs.
#[derive(Debug, Default)]
pub(super) struct Changes(Gathered);

type Gathered = HashMap<Place, Change>;

/// Which sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Place {
    /// Quarters of an hour or hours since 1970.
    span: i64,
    attribution: i64,
    basis: Basis,
}

impl Place {
    /// The quarter hour in which a call is summed.
    fn of(record: &UsageRecord, attribution: i64, basis: Basis) -> Self {
        Self { span: record.occurred_at.as_second().div_euclid(QUARTER_SECS), attribution, basis }
    }
}

/// By how much a sum moves.
#[derive(Clone, Copy, Debug)]
struct Change {
    requests: i64,
    tokens: [i64; 6],
    priced_requests: i64,
    cost: i64,
    /// By how much the cost may be less, and more.
    margin: [i64; 2],
    unpriced_tokens: i64,
    /// Milliseconds since 1970 of the first and the last call that was added.
    span: (i64, i64),
    /// A call was taken out: it may have been the first or the last.
    shrinks: bool,
}

impl Change {
    const NONE: Self = Self {
        requests: 0,
        tokens: [0; 6],
        priced_requests: 0,
        cost: 0,
        margin: [0; 2],
        unpriced_tokens: 0,
        span: (i64::MAX, i64::MIN),
        shrinks: false,
    };

    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        for (sum, count) in self.tokens.iter_mut().zip(other.tokens) {
            *sum = sum.saturating_add(count);
        }
        self.priced_requests += other.priced_requests;
        self.cost = self.cost.saturating_add(other.cost);
        for (sum, amount) in self.margin.iter_mut().zip(other.margin) {
            *sum = sum.saturating_add(amount);
        }
        self.unpriced_tokens = self.unpriced_tokens.saturating_add(other.unpriced_tokens);
        self.span = (self.span.0.min(other.span.0), self.span.1.max(other.span.1));
        self.shrinks |= other.shrinks;
    }
}

/// Whether a call is added to the sums or, before it changes, taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    Add,
    TakeOut,
}

impl Changes {
    /// Moves the sums by one call that costs something else than before.
    pub(super) fn reprice(&mut self, record: &UsageRecord, attribution: i64, before: &Charge, after: &Charge) {
        self.move_by(Move::Add, record, attribution, after);
        self.move_by(Move::TakeOut, record, attribution, before);
        if before.basis == after.basis {
            // The same calls are in it as before.
            let place = Place::of(record, attribution, after.basis);
            if let Some(change) = self.0.get_mut(&place).filter(|change| change.requests == 0) {
                change.shrinks = false;
            }
        }
    }

    /// Moves the sums by one call.
    pub(super) fn move_by(&mut self, direction: Move, record: &UsageRecord, attribution: i64, charged: &Charge) {
        let place = Place::of(record, attribution, charged.basis);
        let change = self.0.entry(place).or_insert(Change::NONE);
        let sign = if direction == Move::Add { 1 } else { -1 };
        let signed = |count: u64| sign * i64::try_from(count).unwrap_or(i64::MAX);
        let Tokens { input, cache_read, cache_write_short, cache_write_long, output, reasoning } = record.tokens;
        let kinds = [input, cache_read, cache_write_short, cache_write_long, output, reasoning];
        for (sum, count) in change.tokens.iter_mut().zip(kinds) {
            *sum = sum.saturating_add(signed(count));
        }
        change.requests += sign;
        match charged.price.cost {
            Some(cost) => {
                change.priced_requests += sign;
                change.cost = change.cost.saturating_add(sign * cost.likely.nanos());
                for (sum, amount) in change.margin.iter_mut().zip([cost.below, cost.above]) {
                    *sum = sum.saturating_add(sign * amount.nanos());
                }
            }
            None => change.unpriced_tokens = change.unpriced_tokens.saturating_add(signed(record.tokens.total())),
        }
        match direction {
            Move::Add => {
                let at = record.occurred_at.as_millisecond();
                change.span = (change.span.0.min(at), change.span.1.max(at));
            }
            Move::TakeOut => change.shrinks = true,
        }
    }

    /// Writes them to every table. A sum that no call is left in is removed.
    pub(super) fn write(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let quarters: Gathered = self.0.drain().collect();
        // The quarters are first, since the others look at them when they shrink.
        for table in [SumTable::Quarters, SumTable::Hours, SumTable::Totals] {
            write(connection, table, &quarters)?;
        }
        Ok(())
    }
}

/// Moves the sums of `table` by changes to quarters.
fn write(connection: &Connection, table: SumTable, quarters: &Gathered) -> rusqlite::Result<()> {
    let mut changes = Gathered::new();
    for (quarter, change) in quarters {
        changes.entry(table.place(*quarter)).or_insert(Change::NONE).add(change);
    }
    let mut changes: Vec<(Place, Change)> = changes.into_iter().collect();
    changes.sort_unstable_by_key(|(place, _)| *place);
    let mut add = connection.prepare_cached(&table.add())?;
    for (place, change) in changes {
        let [input, cache_read, cache_write_short, cache_write_long, output, reasoning] = change.tokens;
        add.execute(params![
            place.span,
            place.attribution,
            place.basis.as_str(),
            change.requests,
            input,
            cache_read,
            cache_write_short,
            cache_write_long,
            output,
            reasoning,
            change.priced_requests,
            change.cost,
            change.unpriced_tokens,
            change.span.0,
            change.span.1,
            change.margin[0],
            change.margin[1],
        ])?;
        if change.shrinks {
            shrink(connection, table, place)?;
        }
    }
    Ok(())
}

/// Finds anew when the calls that are left were made.
fn shrink(connection: &Connection, table: SumTable, place: Place) -> rusqlite::Result<()> {
    let (name, key) = (table.name(), table.key());
    let values = params![place.span, place.attribution, place.basis.as_str()];
    connection.prepare_cached(&format!("DELETE FROM {name} WHERE {key} AND requests = 0"))?.execute(values)?;
    connection
        .prepare_cached(&format!("UPDATE {name} SET (first_at, last_at) = ({}) WHERE {key}", table.first_and_last()))?
        .execute(values)
        .map(drop)
}
