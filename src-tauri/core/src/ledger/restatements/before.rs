//! What calls cost before they were restated, so that it can be taken back: the only file that knows the table
//! `restated_call`.

use rusqlite::{Connection, OptionalExtension, Statement, params};

use super::super::usage::{self, Charge};
use super::log::{KEPT, oldest_kept};
use super::recount::Call;

/// In place of what a call costs since: it was told of anew and is another call than it was, so that what it cost before
/// does not hold for it.
const TOLD_ANEW: i64 = -1;

/// What calls cost before a restatement.
pub(super) struct Before<'c> {
    insert: Statement<'c>,
    select: Statement<'c>,
}

impl<'c> Before<'c> {
    pub(super) fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            insert: connection.prepare(
                "INSERT INTO restated_call (restatement, usage, basis, cost, cost_after, cost_below, cost_above,
                   price_status, price_point)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?,
            select: connection.prepare(
                "SELECT basis, cost, cost_below, cost_above, price_status, price_point FROM restated_call
                 WHERE restatement = ?1 AND usage = ?2 AND cost_after IS NOT ?3",
            )?,
        })
    }

    /// Keeps what a call cost until now.
    pub(super) fn keep(&mut self, restatement: i64, call: &Call, after: &Charge) -> rusqlite::Result<()> {
        let [cost, below, above] = usage::columns(&call.charge.price);
        let [cost_after, ..] = usage::columns(&after.price);
        self.insert
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
    pub(super) fn of(&mut self, restatement: i64, call: &Call) -> rusqlite::Result<Option<Charge>> {
        self.select.query_row(params![restatement, call.id, TOLD_ANEW], |row| Charge::from_row(row, 0)).optional()
    }
}

/// The last call that a restatement which can be taken back knew; 0 if there is none.
pub(in super::super) fn last_restated(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached(
            "SELECT coalesce(max(last_usage), 0) FROM restatement
             WHERE id > (SELECT max(id) FROM restatement) - ?1 AND undone_at IS NULL",
        )?
        .query_row([KEPT], |row| row.get(0))
}

/// Notes that a call which was known turned out to be another, and was priced anew: for every restatement that can be taken
/// back and knew the call as it was. There is none for calls above [`last_restated`].
pub(in super::super) fn told_anew(connection: &Connection, call: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO restated_call (restatement, usage, basis, cost_after, cost_below, cost_above, price_status)
             SELECT id, ?1, '', ?2, 0, 0, '' FROM restatement
             WHERE id > (SELECT max(id) FROM restatement) - ?3 AND undone_at IS NULL AND last_usage >= ?1
             ON CONFLICT DO UPDATE SET cost_after = excluded.cost_after",
        )?
        .execute(params![call, TOLD_ANEW, KEPT])
        .map(drop)
}

/// Forgets what calls cost before a restatement that was taken back.
pub(super) fn forget(connection: &Connection, restatement: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM restated_call WHERE restatement = ?1")?.execute([restatement]).map(drop)
}

/// Forgets what calls cost before restatements that cannot be taken back any more now that `latest` was made.
pub(super) fn forget_old(connection: &Connection, latest: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM restated_call WHERE restatement < ?1")?
        .execute([oldest_kept(latest)])
        .map(drop)
}
