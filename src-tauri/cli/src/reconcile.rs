//! `spend reconcile`: bills held against estimates, by account, day and model.

use std::io::Write;

use serde_json::json;
use spendmeter_core::money::Usd;
use spendmeter_core::spend::bills::reconciled::{Cause, Drift, Reconciled};
use spendmeter_core::words;

use crate::Outcome;
use crate::context::Context;
use crate::table::Table;

pub(crate) fn run(context: &mut Context, last: u16) -> anyhow::Result<Outcome> {
    let ledger = context.ledger()?;
    let view = context.viewpoint(&ledger);
    let rows = view.reconciliation(context.calendar.last_days(context.now, last))?;
    let drifts = view.drifts()?;
    if context.json {
        writeln!(context.out, "{}", json!({ "rows": rows, "drifts": drifts }))?;
        return Ok(Outcome::Done);
    }
    if rows.is_empty() {
        writeln!(context.out, "No bill of these days is complete. `spend key list` tells what is connected.")?;
        return Ok(Outcome::Done);
    }
    let mut table =
        Table::new(3, ["Day (UTC)", "Account", "Model", "Billed", "Counted", "Known here", "Difference", "", "Why"]);
    for row in &rows {
        table.row(cells(row));
    }
    table.print(&mut context.out)?;
    for drift in &drifts {
        writeln!(context.out, "\n{}", told(drift))?;
    }
    Ok(Outcome::Done)
}

fn cells(row: &Reconciled) -> [String; 9] {
    let known = |amount: Option<Usd>| amount.map(words::cents).unwrap_or_default();
    [
        row.date.clone(),
        row.account.clone(),
        row.model.clone(),
        words::cents(row.billed),
        known(row.counted),
        known(row.explained),
        words::change(row.difference),
        row.difference_permille.map(percent).unwrap_or_default(),
        why(row.cause).to_owned(),
    ]
}

fn percent(permille: i64) -> String {
    let sign = if permille < 0 { "−" } else { "+" };
    format!("{sign}{}.{} %", permille.abs() / 10, permille.abs() % 10)
}

const fn why(cause: Cause) -> &'static str {
    match cause {
        Cause::None => "",
        Cause::Price => "another price than the lists have",
        Cause::Elsewhere => "spent elsewhere",
        Cause::BeyondBill => "more is known here than is charged",
        Cause::NotTokens => "not charged by the token",
    }
}

/// `anthropic Acme: estimates have been 8.1 % below what is charged over the last week: another price than the lists have`.
pub(crate) fn told(drift: &Drift) -> String {
    let off = drift.permille.abs();
    let side = if drift.permille > 0 { "below" } else { "above" };
    format!(
        "{} {}: estimates have been {}.{} % {side} what is charged over the last week ({})",
        drift.provider,
        drift.account,
        off / 10,
        off % 10,
        why(drift.cause)
    )
}
