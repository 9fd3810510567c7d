//! How the prices of calls were found: what a total leaves to be assumed. It reads calls one by one, which takes longer than
//! reading sums, so it is for reports and not for the meter.

use serde::Serialize;

use super::{Ledger, LedgerError};
use crate::calendar::TimeRange;
use crate::pricing::PriceStatus;

/// Calls whose price was found in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StatusCount {
    /// Name of the [`PriceStatus`].
    pub status: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Calls.
    pub requests: u64,
    /// All their tokens.
    pub tokens: u64,
}

impl Ledger {
    /// Calls of `range` by how their price was found, the surest first. Whatever their basis: bills are
    /// [`PriceStatus::ProviderReported`].
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn calls_by_status(&self, range: TimeRange) -> Result<Vec<StatusCount>, LedgerError> {
        let mut counts = self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT price_status, count(*),
                            sum(input + cache_read + cache_write_short + cache_write_long + output)
                     FROM usage WHERE occurred_at >= ?1 AND occurred_at < ?2 GROUP BY price_status",
                )?
                .query_map([range.start.as_millisecond(), range.end.as_millisecond()], |row| {
                    // A status of a newer version is none that this one knows.
                    let status = row.get_ref(0)?.as_str()?.parse().unwrap_or(PriceStatus::Unpriced);
                    let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
                    Ok((status, count(1)?, count(2)?))
                })?
                .collect::<Result<Vec<(PriceStatus, u64, u64)>, _>>()
        })?;
        counts.sort_unstable();
        let count = |(status, requests, tokens): (PriceStatus, u64, u64)| StatusCount {
            status: status.as_str(),
            meaning: status.meaning(),
            requests,
            tokens,
        };
        Ok(counts.into_iter().map(count).collect())
    }
}
