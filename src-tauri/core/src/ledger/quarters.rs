//! Sums per quarter of an hour. They move with every change of `usage`, in the same transaction.

use jiff::Timestamp;
use rusqlite::{Transaction, params};

use super::{Ledger, LedgerError};
use crate::pricing::Price;
use crate::usage::{Basis, Tokens};

/// Seconds in the span that is summed.
pub(crate) const QUARTER_SECS: i64 = 900;

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

/// What one call adds to its sums.
pub(super) struct Share<'a> {
    pub(super) at: Timestamp,
    pub(super) attribution: i64,
    pub(super) basis: Basis,
    pub(super) tokens: &'a Tokens,
    pub(super) price: &'a Price,
}

/// Whether a call is added to the sums or, before it changes, taken out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Add,
    TakeOut,
}

/// Moves the sums by one call. A row that no call is left in is removed.
pub(super) fn move_by(transaction: &Transaction<'_>, direction: Move, share: &Share<'_>) -> rusqlite::Result<()> {
    let sign = if direction == Move::Add { 1 } else { -1 };
    let signed = |count: u64| sign * i64::try_from(count).unwrap_or(i64::MAX);
    let Share { at, attribution, basis, tokens, price } = share;
    let quarter = quarter_of(*at);
    transaction
        .prepare_cached(
            "INSERT INTO usage_quarter VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
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
               unpriced_tokens = unpriced_tokens + excluded.unpriced_tokens",
        )?
        .execute(params![
            quarter,
            attribution,
            basis.as_str(),
            sign,
            signed(tokens.input),
            signed(tokens.cache_read),
            signed(tokens.cache_write_short),
            signed(tokens.cache_write_long),
            signed(tokens.output),
            signed(tokens.reasoning),
            if price.cost.is_some() { sign } else { 0 },
            price.cost.map_or(0, |cost| sign * cost.nanos()),
            if price.cost.is_some() { 0 } else { signed(tokens.total()) },
        ])?;
    if direction == Move::TakeOut {
        transaction
            .prepare_cached(
                "DELETE FROM usage_quarter WHERE quarter = ?1 AND attribution = ?2 AND basis = ?3 AND requests = 0",
            )?
            .execute(params![quarter, attribution, basis.as_str()])?;
    }
    Ok(())
}
