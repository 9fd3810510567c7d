//! Decisions that change what past calls cost: shown first, made only when a person agrees.

use std::io::{self, IsTerminal, Write};

use serde_json::json;
use spendmeter_core::ledger::restatements::{Amounts, Decision, Preview, Restated};
use spendmeter_core::money::{Margin, Usd};
use spendmeter_core::pricing::{OwnPrice, OwnPriceOf, PriceBook};
use spendmeter_core::words;

use crate::Outcome;
use crate::arguments::Consent;
use crate::context::Context;
use crate::table::Table;

/// Models that are named in a preview.
const NAMED: usize = 10;

/// Shows what `decision` changes, asks, and decides.
pub(crate) fn decide(context: &mut Context, decision: Decision, consent: Consent) -> anyhow::Result<Outcome> {
    let mut ledger = context.ledger_to_change()?;
    let Preview { against, restated } = ledger.preview(&decision)?;
    let decision = decision.completed(&ledger)?;
    if !context.json {
        print_other(&mut context.out, &decision, &ledger.price_book()?)?;
        print_preview(&mut context.out, &restated)?;
    }
    let agreed = agrees(context, consent)?;
    let restated = if agreed { ledger.restate(&decision, against, context.now, &context.calendar)? } else { restated };
    if context.json {
        writeln!(context.out, "{}", json!({ "applied": agreed, "restated": restated }))?;
    } else {
        print_result(&mut context.out, agreed.then_some(&restated))?;
    }
    Ok(Outcome::Done)
}

/// The model that another one costs as much as. Its name alone does not always tell which one that is.
fn print_other(out: &mut impl Write, decision: &Decision, book: &PriceBook) -> io::Result<()> {
    let Decision::SetOwn(OwnPriceOf { price: OwnPrice::Like { provider, model }, .. }) = decision else {
        return Ok(());
    };
    let Some(other) = book.catalogue().find(provider.as_deref(), model) else { return Ok(()) };
    writeln!(out, "As much as {} / {}.", other.provider(), other.model())
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
        Some(restated) => writeln!(out, "Done: {}. `spend prices undo` undoes it.", in_words(restated)),
        None => writeln!(out, "Nothing was changed. --yes goes ahead."),
    }
}

/// What is told of a decision that is about calls to come alone.
pub(crate) const NO_CALL: &str = "no past call changed";

/// What was done: `71 past calls corrected: estimate $12.40 → $13.10 (+$0.70)`.
pub(crate) fn in_words(restated: &Restated) -> String {
    if restated.calls == 0 {
        return NO_CALL.to_owned();
    }
    let calls = words::counted(restated.calls, "past call");
    format!("{calls} corrected: {}", change(&restated.before, &restated.after))
}

pub(crate) fn print_preview(out: &mut impl Write, restated: &Restated) -> io::Result<()> {
    if restated.calls == 0 {
        return writeln!(out, "No past call changes.");
    }
    // Nothing was done yet, and must not sound as if it was.
    let calls = words::counted(restated.calls, "past call");
    let verb = if restated.calls == 1 { "changes" } else { "change" };
    writeln!(out, "{calls} {verb}: {}\n", change(&restated.before, &restated.after))?;
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
pub(crate) fn change(before: &Amounts, after: &Amounts) -> String {
    // Nothing beside tokens without a price is no amount, and there is no difference to it.
    let shown = |(amount, margin): (Usd, Margin), of: &Amounts| {
        (amount != Usd::ZERO || of.unpriced_tokens == 0).then(|| words::with_range(amount, margin))
    };
    let moved = |name: &str, was: (Usd, Margin), is: (Usd, Margin)| {
        let moves = was.0 != is.0 || words::between(was.0, was.1) != words::between(is.0, is.1);
        moves.then(|| match (shown(was, before), shown(is, after)) {
            (Some(from), Some(to)) if was.0 == is.0 => format!("{name} {from} → {to}"),
            (Some(from), Some(to)) => format!("{name} {from} → {to} ({})", words::change(is.0 - was.0)),
            (from, to) => format!("{name} {} → {}", from.as_deref().unwrap_or("none"), to.as_deref().unwrap_or("none")),
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
        moved("estimate", (before.estimated, before.margin), (after.estimated, after.margin)),
        moved(
            "API-equivalent",
            (before.api_equivalent, before.api_equivalent_margin),
            (after.api_equivalent, after.api_equivalent_margin),
        ),
        tokens,
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    if all.is_empty() { "the amounts stay, what is said of them changes".to_owned() } else { all.join(", ") }
}

/// What there is of amounts, each with the word for who says so: they are not added.
fn amounts(amounts: &Amounts) -> String {
    let said = |amount: Usd, margin: Margin, basis: &str| {
        let range = words::between(amount, margin).map(|range| format!(", {range}")).unwrap_or_default();
        (amount != Usd::ZERO).then(|| format!("{} {basis}{range}", words::cents(amount)))
    };
    let tokens = (amounts.unpriced_tokens > 0)
        .then(|| format!("{} tokens without a price", words::count(amounts.unpriced_tokens)));
    let all = [
        said(amounts.estimated, amounts.margin, "estimated"),
        said(amounts.api_equivalent, amounts.api_equivalent_margin, "API-equivalent"),
        tokens,
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    if all.is_empty() { words::cents(Usd::ZERO) } else { all.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(estimated: i64, api_equivalent: i64, unpriced_tokens: u64) -> Amounts {
        let usd = |dollars| Usd::from_nanos(dollars * 1_000_000_000);
        let (estimated, api_equivalent) = (usd(estimated), usd(api_equivalent));
        Amounts { estimated, api_equivalent, unpriced_tokens, ..Amounts::default() }
    }

    #[test]
    fn amounts_of_different_basis_stand_side_by_side_each_with_its_word() {
        assert_eq!(amounts(&of(5, 4, 53_100)), "$5.00 estimated, $4.00 API-equivalent, 53 K tokens without a price");
        assert_eq!(amounts(&of(0, 0, 0)), "$0.00");
        let may = |above: i64| Amounts {
            margin: Margin { below: Usd::ZERO, above: Usd::from_nanos(above * 10_000_000) },
            ..of(5, 0, 0)
        };
        assert_eq!(amounts(&may(12)), "$5.00 estimated, $5.00–5.12");
        assert_eq!(change(&of(5, 0, 0), &may(12)), "estimate $5.00 → $5.00, $5.00–5.12");
        assert_eq!(change(&may(12), &of(4, 0, 0)), "estimate $5.00, $5.00–5.12 → $4.00 (−$1.00)");
    }

    #[test]
    fn what_had_no_price_did_not_cost_nothing() {
        assert_eq!(change(&of(0, 0, 53_100), &of(2, 0, 0)), "estimate none → $2.00, without a price 53 K → 0 tokens");
        assert_eq!(change(&of(5, 0, 0), &of(2, 0, 0)), "estimate $5.00 → $2.00 (−$3.00)");
        assert_eq!(change(&of(5, 0, 0), &of(0, 0, 0)), "estimate $5.00 → $0.00 (−$5.00)");
    }
}
