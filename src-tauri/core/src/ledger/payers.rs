//! Who pays the calls of sources on this machine, as a person said.

use rusqlite::params;

use super::{Ledger, LedgerError, bump_generation};
use crate::accounts::{AccountId, PaidBy};

impl Ledger {
    /// Which accounts pay which sources.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn payers(&self) -> Result<Vec<PaidBy>, LedgerError> {
        self.read(|sqlite| {
            sqlite
                .prepare_cached("SELECT source, account FROM paid_by ORDER BY source, account")?
                .query_map([], |row| Ok(PaidBy { source: row.get(0)?, account: AccountId(row.get(1)?) }))?
                .collect()
        })
    }

    /// Says that an account pays the calls of a source, and no other of its provider does.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn set_payer(&mut self, paid: &PaidBy) -> Result<(), LedgerError> {
        self.write(|sqlite| {
            sqlite.execute(
                "INSERT INTO paid_by (source, provider, account) SELECT ?1, provider, id FROM account WHERE id = ?2
                 ON CONFLICT DO UPDATE SET account = excluded.account",
                params![paid.source, paid.account.0],
            )?;
            bump_generation(sqlite)
        })
    }

    /// Says that nobody knows any more which account of `provider` pays the calls of a source.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn forget_payer(&mut self, source: &str, provider: &str) -> Result<(), LedgerError> {
        self.write(|sqlite| {
            sqlite.execute("DELETE FROM paid_by WHERE source = ?1 AND provider = ?2", params![source, provider])?;
            bump_generation(sqlite)
        })
    }
}
