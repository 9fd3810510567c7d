//! `spend prices log` and `undo`: what was restated, and undoing the last one.

use std::io::Write;

use serde_json::json;
use spendmeter_core::ledger::restatements::{LoggedRestatement, Undone};
use spendmeter_core::money::Usd;
use spendmeter_core::words;

use crate::Outcome;
use crate::arguments::Consent;
use crate::context::Context;
use crate::decide::{NO_CALL, agrees, change, in_words, print_preview, print_result};
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
    let mut table = Table::new(4, ["At", "What was decided", "Undone", "What changed", "Calls"]);
    for one in &log {
        let undone = one.undone_at.clone().unwrap_or_else(|| "–".into());
        table.row([one.at.clone(), one.why.clone(), undone, changed(one), words::grouped(one.calls)]);
    }
    table.print(&mut context.out)?;
    Ok(Outcome::Done)
}

/// What changed; where nobody knows what had no price, only by how much, since nothing may have been no price.
fn changed(one: &LoggedRestatement) -> String {
    let LoggedRestatement { before, after, .. } = one;
    if one.calls == 0 {
        return NO_CALL.to_owned();
    }
    if one.knows_unpriced {
        return change(before, after);
    }
    let moved = [
        ("estimate", after.estimated - before.estimated),
        ("API-equivalent", after.api_equivalent - before.api_equivalent),
    ];
    let moved = moved.into_iter().filter(|(_, by)| *by != Usd::ZERO);
    moved.map(|(what, by)| format!("{what} {}", words::change(by))).collect::<Vec<_>>().join(", ")
}

/// Shows what undoing the last decision changes, asks, and undoes it.
pub(crate) fn undo(context: &mut Context, consent: Consent) -> anyhow::Result<Outcome> {
    let mut ledger = context.ledger_to_change()?;
    let Some(Undone { restatement, restated }) = ledger.preview_undo()? else {
        if context.json {
            writeln!(context.out, "{}", json!({ "applied": false, "undone": null, "restated": null }))?;
        } else {
            writeln!(context.out, "There is nothing to undo.")?;
        }
        return Ok(Outcome::Done);
    };
    let restatement = restatement.on_clock(&context.calendar);
    if !context.json {
        writeln!(context.out, "To be undone: {} ({}).", restatement.why, restatement.at)?;
        print_preview(&mut context.out, &restated)?;
    }
    let agreed = agrees(context, consent)?;
    let restated = if agreed { ledger.undo_restatement(restatement.id, context.now)?.restated } else { restated };
    if context.json {
        let said = json!({ "applied": agreed, "undone": restatement, "restated": restated });
        writeln!(context.out, "{said}")?;
    } else if agreed {
        writeln!(context.out, "Undone: {}.", in_words(&restated))?;
    } else {
        print_result(&mut context.out, None)?;
    }
    Ok(Outcome::Done)
}
