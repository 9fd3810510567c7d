//! Sums per quarter of an hour. They move with every change of `usage`, in the same transaction.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{Ledger, LedgerError};
use crate::pricing::Price;
use crate::usage::{Basis, Tokens, UsageRecord};

/// Seconds in the span that is summed.
pub(crate) const QUARTER_SECS: i64 = 900;

const QUARTER_MILLIS: i64 = QUARTER_SECS * 1_000;

/// The quarter in which `at` falls.
pub(crate) fn quarter_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(QUARTER_SECS)
}

impl Ledger {
    /// The quarter hour of the first call that is known; `None` if none is.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub(crate) fn first_usage(&self) -> Result<Option<Timestamp>, LedgerError> {
        let first: Option<i64> = self.read(|connection| {
            connection.prepare_cached("SELECT min(quarter) FROM usage_quarter")?.query_row([], |row| row.get(0))
        })?;
        Ok(first.and_then(|quarter| Timestamp::from_second(quarter.saturating_mul(QUARTER_SECS)).ok()))
    }
}

/// Changes to the sums, gathered before they are written: calls of a session share most of theirs.
#[derive(Debug, Default)]
pub(super) struct Changes(HashMap<Place, Change>);

/// Which sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Place {
    quarter: i64,
    attribution: i64,
    basis: Basis,
}

/// By how much a sum moves.
#[derive(Clone, Copy, Debug)]
struct Change {
    requests: i64,
    tokens: [i64; 6],
    priced_requests: i64,
    cost: i64,
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
        unpriced_tokens: 0,
        span: (i64::MAX, i64::MIN),
        shrinks: false,
    };
}

/// Whether a call is added to the sums or, before it changes, taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    Add,
    TakeOut,
}

impl Changes {
    /// Moves the sums by one call.
    pub(super) fn move_by(&mut self, direction: Move, record: &UsageRecord, attribution: i64, price: &Price) {
        let place = Place { quarter: quarter_of(record.occurred_at), attribution, basis: record.basis };
        let change = self.0.entry(place).or_insert(Change::NONE);
        let sign = if direction == Move::Add { 1 } else { -1 };
        let signed = |count: u64| sign * i64::try_from(count).unwrap_or(i64::MAX);
        let Tokens { input, cache_read, cache_write_short, cache_write_long, output, reasoning } = record.tokens;
        let kinds = [input, cache_read, cache_write_short, cache_write_long, output, reasoning];
        for (sum, count) in change.tokens.iter_mut().zip(kinds) {
            *sum = sum.saturating_add(signed(count));
        }
        change.requests += sign;
        match price.cost {
            Some(cost) => {
                change.priced_requests += sign;
                change.cost = change.cost.saturating_add(sign * cost.nanos());
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

    /// Writes them. A sum that no call is left in is removed.
    pub(super) fn write(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut changes: Vec<(Place, Change)> = self.0.drain().collect();
        changes.sort_unstable_by_key(|(place, _)| *place);
        for (place, change) in changes {
            add(connection, place, &change)?;
            if change.shrinks {
                shrink(connection, place)?;
            }
        }
        Ok(())
    }
}

fn add(connection: &Connection, place: Place, change: &Change) -> rusqlite::Result<()> {
    let [input, cache_read, cache_write_short, cache_write_long, output, reasoning] = change.tokens;
    connection
        .prepare_cached(
            "INSERT INTO usage_quarter VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT DO UPDATE SET
               requests = requests + excluded.requests,
               input = input + excluded.input,
               cache_read = cache_read + excluded.cache_read,
               cache_write_short = cache_write_short + excluded.cache_write_short,
               cache_write_long = cache_write_long + excluded.cache_write_long,
               output = output + excluded.output,
               reasoning = reasoning + excluded.reasoning,
               priced_requests = priced_requests + excluded.priced_requests,
               cost = cost + excluded.cost,
               unpriced_tokens = unpriced_tokens + excluded.unpriced_tokens,
               first_at = min(first_at, excluded.first_at),
               last_at = max(last_at, excluded.last_at)",
        )?
        .execute(params![
            place.quarter,
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
        ])
        .map(drop)
}

/// Finds anew when the calls that are left were made.
fn shrink(connection: &Connection, place: Place) -> rusqlite::Result<()> {
    let Place { quarter, attribution, basis } = place;
    let values = params![quarter, attribution, basis.as_str()];
    connection
        .prepare_cached(
            "DELETE FROM usage_quarter WHERE quarter = ?1 AND attribution = ?2 AND basis = ?3 AND requests = 0",
        )?
        .execute(values)?;
    connection
        .prepare_cached(&format!(
            "UPDATE usage_quarter SET (first_at, last_at) = (
               SELECT min(occurred_at), max(occurred_at) FROM usage
               WHERE occurred_at >= ?1 * {QUARTER_MILLIS} AND occurred_at < (?1 + 1) * {QUARTER_MILLIS}
                 AND usage.attribution = ?2 AND usage.basis = ?3)
             WHERE quarter = ?1 AND attribution = ?2 AND basis = ?3"
        ))?
        .execute(values)
        .map(drop)
}
