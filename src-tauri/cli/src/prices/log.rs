//! `spend prices log` and `undo`: what was restated, and undoing the last one.

use std::io::Write;

use serde_json::json;
use spendmeter_core::ledger::restatements::{LoggedRestatement, Undone};
use spendmeter_core::words;

use crate::Outcome;
use crate::arguments::Consent;
use crate::context::Context;
use crate::decide::{agrees, change, in_words, print_preview, print_result};
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
    let mut table = Table::new(2, ["At", "What was decided", "Calls", "By how much", "Undone"]);
    for one in &log {
        table.row([
            one.at.clone(),
            one.why.clone(),
            words::grouped(one.calls),
            change(&one.before, &one.after),
            one.undone_at.clone().unwrap_or_else(|| "–".into()),
        ]);
    }
    table.print(&mut context.out)?;
    Ok(Outcome::Done)
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
