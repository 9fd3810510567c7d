//! Sums over the ledger's quarter hours: the one query behind every figure.

use std::fmt::Write;

use jiff::Timestamp;

use super::dimension::Dimension;
use super::view::Spend;
use crate::calendar::TimeRange;
use crate::ledger::{Ledger, LedgerError, QUARTER_SECS};
use crate::money::Usd;
use crate::usage::{Basis, Tokens};

/// What to sum.
#[derive(Clone, Debug)]
pub(super) struct Query<'q> {
    /// The span; its ends are taken to the quarter of an hour in which they lie.
    pub range: TimeRange,
    /// Sum apart for each value of these.
    pub by: &'q [Dimension],
    /// Sum apart for each quarter of an hour, too.
    pub by_quarter: bool,
    /// Only what has these values; an empty value is "not known".
    pub only: &'q [(Dimension, String)],
}

/// One sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    /// The start of its quarter of an hour; the start of the range unless asked for by quarter.
    pub at: Timestamp,
    /// Values of the dimensions asked for, in their order; empty: not known.
    pub values: Vec<String>,
    /// Who says so.
    pub basis: Basis,
    /// Calls.
    pub requests: u64,
    /// Their tokens.
    pub tokens: Tokens,
    /// What those with a price cost; `None` if none has one.
    pub cost: Option<Usd>,
    /// Tokens of those without.
    pub unpriced_tokens: u64,
    /// When the first and the last of them were made.
    pub span: (Timestamp, Timestamp),
}

impl Query<'_> {
    /// Runs it. Sums come in no particular order.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub(super) fn run(&self, ledger: &Ledger) -> Result<Vec<Sum>, LedgerError> {
        let sql = self.sql();
        let first = quarter(self.range.start, false);
        let last = quarter(self.range.end, true);
        let values: Vec<&str> = self.only.iter().map(|(_, value)| value.as_str()).collect();
        ledger.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            statement.raw_bind_parameter(1, first)?;
            statement.raw_bind_parameter(2, last)?;
            for (number, value) in values.iter().enumerate() {
                statement.raw_bind_parameter(number + 3, value)?;
            }
            let mut rows = statement.raw_query();
            let mut sums = Vec::new();
            while let Some(row) = rows.next()? {
                let count = |column: usize| row.get::<_, i64>(column).map(i64::unsigned_abs);
                let priced: i64 = row.get(9)?;
                let quarter: i64 = row.get(0)?;
                sums.push(Sum {
                    at: if self.by_quarter { start_of(quarter) } else { self.range.start },
                    basis: if row.get_ref(1)?.as_str()? == Basis::Billed.as_str() {
                        Basis::Billed
                    } else {
                        Basis::Estimated
                    },
                    requests: count(2)?,
                    tokens: Tokens {
                        input: count(3)?,
                        cache_read: count(4)?,
                        cache_write_short: count(5)?,
                        cache_write_long: count(6)?,
                        output: count(7)?,
                        reasoning: count(8)?,
                    },
                    cost: if priced > 0 { Some(Usd::from_nanos(row.get(10)?)) } else { None },
                    unpriced_tokens: count(11)?,
                    span: (moment(row.get(12)?), moment(row.get(13)?)),
                    values: (0..self.by.len()).map(|number| row.get(14 + number)).collect::<Result<_, _>>()?,
                });
            }
            Ok(sums)
        })
    }

    fn sql(&self) -> String {
        let mut sql = format!("SELECT {}, basis", if self.by_quarter { "quarter" } else { "0" });
        for column in
            ["requests", "input", "cache_read", "cache_write_short", "cache_write_long", "output", "reasoning"]
                .into_iter()
                .chain(["priced_requests", "cost", "unpriced_tokens"])
        {
            let _ = write!(sql, ", sum({column})");
        }
        sql.push_str(", min(first_at), max(last_at)");
        for dimension in self.by {
            let column = dimension.column();
            let _ = write!(sql, ", (SELECT text FROM name WHERE id = {column})");
        }
        sql.push_str(" FROM usage_quarter");
        if !self.by.is_empty() || !self.only.is_empty() {
            sql.push_str(" JOIN attribution ON attribution.id = attribution");
        }
        sql.push_str(" WHERE quarter >= ?1 AND quarter < ?2");
        for (number, (dimension, _)) in self.only.iter().enumerate() {
            let _ = write!(sql, " AND {} = (SELECT id FROM name WHERE text = ?{})", dimension.column(), number + 3);
        }
        sql.push_str(" GROUP BY basis");
        if self.by_quarter {
            sql.push_str(", quarter");
        }
        for dimension in self.by {
            let _ = write!(sql, ", {}", dimension.column());
        }
        sql
    }
}

impl Sum {
    /// What it cost by list price. Bills are another story, and not added to it.
    pub(super) fn estimate(&self) -> Option<Usd> {
        self.cost.filter(|_| self.basis == Basis::Estimated)
    }
}

/// The quarter at whose start `at` is, or the one it is in; for the end of a range, the one after.
fn quarter(at: Timestamp, end: bool) -> i64 {
    let seconds = at.as_second();
    let quarter = seconds.div_euclid(QUARTER_SECS);
    quarter + i64::from(end && seconds.rem_euclid(QUARTER_SECS) > 0)
}

fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or_default()
}

fn start_of(quarter: i64) -> Timestamp {
    Timestamp::from_second(quarter.saturating_mul(QUARTER_SECS)).unwrap_or_default()
}

impl Spend {
    /// Takes in a sum. Amounts of different basis stay apart.
    pub(super) fn add(&mut self, sum: &Sum) {
        let amount = match sum.basis {
            Basis::Billed => &mut self.billed,
            Basis::Estimated => &mut self.estimated,
        };
        if let Some(cost) = sum.cost {
            *amount = Some(amount.unwrap_or_default() + cost);
        }
        self.requests += sum.requests;
        self.tokens += sum.tokens;
        self.unpriced_tokens += sum.unpriced_tokens;
    }

    /// The sum of `sums`.
    pub(super) fn of<'s>(sums: impl IntoIterator<Item = &'s Sum>) -> Self {
        let mut spend = Self::default();
        sums.into_iter().for_each(|sum| spend.add(sum));
        spend
    }
}
