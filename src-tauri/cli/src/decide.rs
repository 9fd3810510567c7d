//! Decisions that change what past calls cost: shown first, made only when a person agrees.

use std::io::{self, IsTerminal, Write};

use serde_json::json;
use spendmeter_core::ledger::restatements::{Amounts, Decision, Preview, Restated};
use spendmeter_core::words;

use crate::Outcome;
use crate::arguments::Consent;
use crate::context::Context;
use crate::table::Table;

/// Models that are named in a preview.
const NAMED: usize = 10;

/// Shows what `decision` changes, asks, and decides.
pub(crate) fn decide(context: &mut Context, decision: &Decision, consent: Consent) -> anyhow::Result<Outcome> {
    let mut ledger = context.ledger_to_change()?;
    decision.check(&ledger.price_book()?)?;
    let Preview { against, restated } = ledger.preview(decision)?;
    if !context.json {
        print_preview(&mut context.out, &restated)?;
    }
    let agreed = agrees(context, consent)?;
    let restated = if agreed { ledger.restate(decision, against, context.now)? } else { restated };
    if context.json {
        writeln!(context.out, "{}", json!({ "applied": agreed, "restated": restated }))?;
    } else {
        print_result(&mut context.out, agreed.then_some(&restated))?;
    }
    Ok(Outcome::Done)
}

/// Whether a person agrees: by the option, or asked on a terminal.
pub(crate) fn agrees(context: &mut Context, consent: Consent) -> io::Result<bool> {
    if consent.yes || context.json || !io::stdin().is_terminal() {
        return Ok(consent.yes);
    }
    write!(context.out, "Go ahead? [y/N] ")?;
    context.out.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// What was done, if anything: calls may have come since it was previewed.
pub(crate) fn print_result(out: &mut impl Write, done: Option<&Restated>) -> io::Result<()> {
    match done {
        Some(restated) => writeln!(out, "Done: {}. `spend prices undo` takes it back.", in_words(restated)),
        None => writeln!(out, "Nothing was changed. --yes goes ahead."),
    }
}

/// `71 past calls restated: estimate $12.40 → $13.10 (+$0.70)`.
pub(crate) fn in_words(restated: &Restated) -> String {
    if restated.calls == 0 {
        return "no past call changes".to_owned();
    }
    let calls = words::counted(restated.calls, "past call");
    format!("{calls} restated: {}", change(&restated.before, &restated.after))
}

pub(crate) fn print_preview(out: &mut impl Write, restated: &Restated) -> io::Result<()> {
    if restated.calls == 0 {
        return writeln!(out, "No past call changes.");
    }
    writeln!(out, "{}\n", in_words(restated))?;
    let mut table = Table::new(1, ["Model", "Calls", "Before", "After"]);
    for model in restated.models.iter().take(NAMED) {
        let name =
            if model.provider.is_empty() { model.model.clone() } else { format!("{}/{}", model.provider, model.model) };
        table.row([name, words::grouped(model.calls), amounts(&model.before), amounts(&model.after)]);
    }
    table.print(out)?;
    if restated.models.len() > NAMED {
        writeln!(out, "and {} more", restated.models.len() - NAMED)?;
    }
    writeln!(out)
}

/// `estimate $12.40 → $13.10 (+$0.70)`.
fn change(before: &Amounts, after: &Amounts) -> String {
    let moved = |name: &str, before, after| {
        (before != after).then(|| {
            format!("{name} {} → {} ({})", words::cents(before), words::cents(after), words::change(after - before))
        })
    };
    let tokens = (before.unpriced_tokens != after.unpriced_tokens).then(|| {
        format!(
            "without a price {} → {} tokens",
            words::count(before.unpriced_tokens),
            words::count(after.unpriced_tokens)
        )
    });
    let all = [
        moved("estimate", before.estimated, after.estimated),
        moved("API-equivalent", before.api_equivalent, after.api_equivalent),
        tokens,
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    if all.is_empty() { "the amounts stay, what is said of them changes".to_owned() } else { all.join(", ") }
}

fn amounts(amounts: &Amounts) -> String {
    let zero = spendmeter_core::money::Usd::ZERO;
    let money = (amounts.estimated != zero).then(|| words::cents(amounts.estimated));
    let apart =
        (amounts.api_equivalent != zero).then(|| format!("{} API-equivalent", words::cents(amounts.api_equivalent)));
    let tokens = (amounts.unpriced_tokens > 0)
        .then(|| format!("{} tokens without a price", words::count(amounts.unpriced_tokens)));
    let all: Vec<String> = [money, apart, tokens].into_iter().flatten().collect();
    if all.is_empty() { words::cents(zero) } else { all.join(" + ") }
}
