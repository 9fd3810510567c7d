//! Writes what past calls cost from now on, and moves the sums.

use jiff::Timestamp;
use rusqlite::{Connection, Statement, params};
use spendmeter_catalogue::Catalogue;

use super::super::points::Points;
use super::super::sums::Changes;
use super::super::usage::{self, Charge};
use super::recount::Call;
use crate::pricing::PricedBy;

pub(super) struct Writer<'c> {
    connection: &'c Connection,
    catalogue: &'c Catalogue,
    update: Statement<'c>,
    points: Points<'c>,
    changes: Changes,
    since_sums: usize,
}

/// Calls after which the sums are written, so that memory does not grow with the ledger.
const CALLS_PER_SUMS: usize = 100_000;

impl<'c> Writer<'c> {
    /// Of calls that are priced at `now` by `catalogue`, or by what is no list's.
    pub(super) fn new(connection: &'c Connection, catalogue: &'c Catalogue, now: Timestamp) -> rusqlite::Result<Self> {
        let update = connection.prepare(
            "UPDATE usage SET basis = ?2, cost = ?3, cost_below = ?4, cost_above = ?5, price_status = ?6, price_point = ?7
             WHERE id = ?1",
        )?;
        let points = Points::new(connection, now);
        Ok(Self { connection, catalogue, update, points, changes: Changes::default(), since_sums: 0 })
    }

    /// Writes what a call costs from now on. `by` is what it was found by; without it, the charge has the row of that.
    pub(super) fn write(&mut self, call: &Call, charge: &Charge, by: Option<PricedBy<'_>>) -> rusqlite::Result<()> {
        let [cost, below, above] = usage::columns(&charge.price);
        let point = match by {
            Some(_) => self.points.row(by, self.catalogue)?,
            None => charge.point,
        };
        let status = charge.price.status.as_str();
        self.update.execute(params![call.id, charge.basis.as_str(), cost, below, above, status, point])?;
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
