//! `spend prices log` and `undo`: what was restated, and taking the last one back.

use std::io::Write;

use serde_json::json;
use spendmeter_core::ledger::restatements::LoggedRestatement;
use spendmeter_core::words;

use crate::Outcome;
use crate::context::Context;
use crate::table::Table;

pub(crate) fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let log = context.ledger()?.restatements()?.into_iter().map(|logged| logged.on_clock(&context.calendar));
    let log: Vec<LoggedRestatement> = log.collect();
    if context.json {
        writeln!(context.out, "{}", json!({ "restatements": log }))?;
        return Ok(Outcome::Done);
    }
    if log.is_empty() {
        writeln!(context.out, "Nothing was ever restated: every call costs what it did when it was read.")?;
        return Ok(Outcome::Done);
    }
    let mut table = Table::new(2, ["At", "What was decided", "Calls", "Estimate", "API-equivalent", "Taken back"]);
    for one in &log {
        let moved = |[before, after]: [_; 2]| words::change(after - before);
        table.row([
            one.at.clone(),
            one.why.clone(),
            words::grouped(one.calls),
            moved(one.estimated),
            moved(one.api_equivalent),
            one.undone_at.clone().unwrap_or_else(|| "–".into()),
        ]);
    }
    table.print(&mut context.out)?;
    Ok(Outcome::Done)
}

pub(crate) fn undo(context: &mut Context) -> anyhow::Result<Outcome> {
    let undone = context.ledger_to_change()?.undo_restatement(context.now)?;
    let undone = undone.map(|undone| undone.on_clock(&context.calendar));
    if context.json {
        writeln!(context.out, "{}", json!({ "undone": undone }))?;
    } else {
        match undone {
            Some(LoggedRestatement { at, why, .. }) => writeln!(context.out, "Taken back: {why} ({at}).")?,
            None => writeln!(context.out, "There is nothing to take back.")?,
        }
    }
    Ok(Outcome::Done)
}
