//! Writes what past calls cost from now on, keeps what they cost before, and moves the sums.

use rusqlite::{Connection, OptionalExtension, params};

use super::super::points::Points;
use super::super::sums::Changes;
use super::super::usage::{self, Charge};
use super::recount::Call;
use crate::money::Usd;
use crate::pricing::{Cost, Price, PriceStatus};
use crate::usage::Basis;

pub(super) struct Writer<'c> {
    connection: &'c Connection,
    pub(super) points: Points<'c>,
    changes: Changes,
    since_sums: usize,
}

/// Calls after which the sums are written, so that memory does not grow with the ledger.
const CALLS_PER_SUMS: usize = 100_000;

impl<'c> Writer<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, points: Points::new(connection), changes: Changes::default(), since_sums: 0 }
    }

    /// Keeps what a call cost until now.
    pub(super) fn remember(&self, restatement: i64, call: &Call, after: &Charge) -> rusqlite::Result<()> {
        let [cost, below, above] = usage::columns(&call.charge.price);
        let [cost_after, ..] = usage::columns(&after.price);
        self.connection
            .prepare_cached(
                "INSERT INTO restated_call (restatement, usage, basis, cost, cost_after, cost_below, cost_above,
                   price_status, price_point)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                restatement,
                call.id,
                call.charge.basis.as_str(),
                cost,
                cost_after,
                below,
                above,
                call.charge.price.status.as_str(),
                call.charge.point
            ])
            .map(drop)
    }

    /// What a call cost before a restatement; `None` if it was told of anew since and is another call than it was then.
    pub(super) fn as_it_was(&self, restatement: i64, call: &Call) -> rusqlite::Result<Option<Charge>> {
        let [cost_now, ..] = usage::columns(&call.charge.price);
        self.connection
            .prepare_cached(
                "SELECT basis, cost, cost_below, cost_above, price_status, price_point FROM restated_call
                 WHERE restatement = ?1 AND usage = ?2 AND cost_after IS ?3",
            )?
            .query_row(params![restatement, call.id, cost_now], |row| {
                let amount = |column: usize| row.get(column).map(Usd::from_nanos);
                let likely: Option<i64> = row.get(1)?;
                let (below, above) = (amount(2)?, amount(3)?);
                Ok(Charge {
                    price: Price {
                        cost: likely.map(|likely| Cost { likely: Usd::from_nanos(likely), below, above }),
                        status: row.get_ref(4)?.as_str()?.parse().unwrap_or(PriceStatus::Unpriced),
                    },
                    basis: Basis::named(row.get_ref(0)?.as_str().unwrap_or_default()),
                    point: row.get(5)?,
                })
            })
            .optional()
    }

    /// Writes what a call costs from now on.
    pub(super) fn write(&mut self, call: &Call, charge: &Charge) -> rusqlite::Result<()> {
        let [cost, below, above] = usage::columns(&charge.price);
        self.connection
            .prepare_cached(
                "UPDATE usage SET basis = ?2, cost = ?3, cost_below = ?4, cost_above = ?5, price_status = ?6,
                   price_point = ?7 WHERE id = ?1",
            )?
            .execute(params![
                call.id,
                charge.basis.as_str(),
                cost,
                below,
                above,
                charge.price.status.as_str(),
                charge.point
            ])?;
        self.changes.reprice(&call.record, call.attribution, &call.charge, charge);
        self.since_sums += 1;
        if self.since_sums >= CALLS_PER_SUMS {
            self.write_sums()?;
        }
        Ok(())
    }

    /// Ends with the sums as they are now.
    pub(super) fn finish(mut self) -> rusqlite::Result<()> {
        self.write_sums()
    }

    fn write_sums(&mut self) -> rusqlite::Result<()> {
        self.since_sums = 0;
        self.changes.write(self.connection)
    }
}
