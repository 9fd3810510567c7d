//! How calls were priced: what in their cost had to be assumed.

use super::{Ledger, LedgerError};
use crate::pricing::PriceStatus;

/// Calls of one model whose price was found in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedAlike {
    /// How it was found.
    pub status: PriceStatus,
    /// The model as calls call it; empty: not known.
    pub model: String,
    /// Calls.
    pub requests: u64,
    /// Their tokens.
    pub tokens: u64,
}

impl Ledger {
    /// All calls by how their price was found and by model: the surest first, and of those the most used model. Reads
    /// every call, which no figure of every day does.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn priced_alike(&self) -> Result<Vec<PricedAlike>, LedgerError> {
        let mut found: Vec<PricedAlike> = self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT price_status, text, sum(requests), sum(tokens)
                     FROM (SELECT price_status, attribution, count(*) AS requests,
                             sum(input + cache_read + cache_write_short + cache_write_long + output) AS tokens
                           FROM usage GROUP BY price_status, attribution) AS alike
                     JOIN attribution ON attribution.id = alike.attribution
                     JOIN name ON name.id = attribution.model
                     GROUP BY price_status, text",
                )?
                .query_map([], |row| {
                    Ok(PricedAlike {
                        status: row.get_ref(0)?.as_str()?.parse().unwrap_or(PriceStatus::Unpriced),
                        model: row.get(1)?,
                        requests: row.get::<_, i64>(2)?.unsigned_abs(),
                        tokens: row.get::<_, i64>(3)?.unsigned_abs(),
                    })
                })?
                .collect()
        })?;
        found.sort_by(|one, other| {
            let by_use = other.tokens.cmp(&one.tokens).then_with(|| one.model.cmp(&other.model));
            one.status.cmp(&other.status).then(by_use)
        });
        Ok(found)
    }
}
