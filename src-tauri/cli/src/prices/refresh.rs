//! `spend prices refresh`: fetches both price lists, says what they would change, and takes them in if a person agrees.

use std::io::Write;
use std::path::Path;

use anyhow::bail;
use serde_json::json;
use spendmeter_core::ledger::restatements::{Decision, Restated};
use spendmeter_core::pricing::{Candidate, PriceChanges, PriceJump, PriceSources, PublishedLists};
use spendmeter_core::words;

use crate::Outcome;
use crate::arguments::Consent;
use crate::context::Context;
use crate::decide::{agrees, print_preview, print_result};
use crate::prices::call;
use crate::table::Table;

const JUMPS: &str = "Prices that move so far may be a mistake of the list: look at them, and if they are right, --accept-jumps takes them in";

/// Names of one model that fit a row; `--json` has all of them.
const NAMES: usize = 2;

pub(crate) fn run(
    context: &mut Context,
    from: Option<&str>,
    accept_jumps: bool,
    consent: Consent,
) -> anyhow::Result<Outcome> {
    let mut ledger = context.ledger_to_change()?;
    let published = fetch(context, from)?;
    let against = ledger.last_decision()?;
    let in_use = ledger.price_book()?;
    let candidate = Candidate::of(&published, in_use.catalogue(), &ledger.used_models()?, context.now)?;
    let changes = candidate.changes;
    if !changes.are_news() {
        return nothing_new(context, &changes);
    }
    let decision = Decision::TakeIn(candidate.catalogue);
    let preview = ledger.preview(&decision)?.restated;
    if !context.json {
        print(&mut context.out, &changes)?;
        print_preview(&mut context.out, &preview)?;
    }
    let calm = changes.jumps.is_empty() || accept_jumps;
    let agreed = calm && agrees(context, consent)?;
    let restated = if agreed { ledger.restate(&decision, against, context.now, &context.calendar)? } else { preview };
    if context.json {
        let jumps_accepted = calm;
        writeln!(
            context.out,
            "{}",
            json!({ "applied": agreed, "jumps_accepted": jumps_accepted, "changes": changes, "restated": restated })
        )?;
    } else if calm {
        print_result(&mut context.out, agreed.then_some(&restated))?;
    }
    if !calm {
        // Asked to go ahead and not done is no success: a nightly job has to notice that its prices stay old.
        if consent.yes {
            bail!("nothing was changed. {JUMPS}");
        }
        if !context.json {
            writeln!(context.out, "Nothing was changed. {JUMPS}")?;
        }
    }
    Ok(Outcome::Done)
}

/// Nothing is offered then: to take the lists in would change their date, and no price.
fn nothing_new(context: &mut Context, changes: &PriceChanges) -> anyhow::Result<Outcome> {
    if context.json {
        writeln!(
            context.out,
            "{}",
            json!({ "applied": false, "jumps_accepted": true, "changes": changes, "restated": Restated::default() })
        )?;
    } else {
        writeln!(context.out, "{}", changes.version)?;
        writeln!(context.out, "Nothing new: every model costs what the lists in use say.")?;
    }
    Ok(Outcome::Done)
}

/// Both lists from where the user wants them, from a mirror, or from a folder.
fn fetch(context: &Context, from: Option<&str>) -> anyhow::Result<PublishedLists> {
    let sources = match from {
        None => PriceSources::of_user(&context.places)?,
        Some(address) if address.contains("://") => PriceSources::below(address)?,
        Some(folder) => {
            let folder = Path::new(folder);
            if !folder.is_dir() {
                bail!("{} is no folder; name one that has both lists, or a mirror's https address", folder.display());
            }
            return Ok(PublishedLists::from_folder(folder)?);
        }
    };
    Ok(PublishedLists::fetch_for(&context.places, &sources)?)
}

fn print(out: &mut impl Write, changes: &PriceChanges) -> std::io::Result<()> {
    let PriceChanges { version, changed, new, gone, left_out, jumps, in_use, first_priced } = changes;
    writeln!(out, "{version}")?;
    let touched = match in_use.len() {
        _ if changed + gone == 0 => String::new(),
        0 => ", none of which you use".to_owned(),
        _ => format!(", of which you use {}", in_use.join(", ")),
    };
    writeln!(
        out,
        "{} with another price{touched}; {} new, {} gone",
        words::counted(*changed, "model"),
        words::grouped(*new),
        words::grouped(*gone)
    )?;
    if changed + gone == 0 && !in_use.is_empty() {
        writeln!(out, "Your calls of {} are of another model by these lists", in_use.join(", "))?;
    }
    if !first_priced.is_empty() {
        writeln!(out, "Your calls of {} had no price in any list until now", first_priced.join(", "))?;
    }
    if !left_out.is_empty() {
        let parts = words::counted(left_out.len() as u64, "part");
        writeln!(out, "{parts} of the lists left out, since this version does not understand them; --json names them")?;
    }
    if !jumps.is_empty() {
        writeln!(
            out,
            "\n{} {} to or from nothing or by more than five times, in dollars per million tokens (web searches: per thousand):\n",
            words::counted(jumps.len() as u64, "price"),
            if jumps.len() == 1 { "moves" } else { "move" }
        )?;
        let mut table = Table::new(4, ["Model", "Call", "Since", "Tokens", "Now", "Then"]);
        // However many there are: agreeing to what one did not see would be no consent.
        for jump in jumps {
            table.row([
                jump.model.clone(),
                calls(jump),
                jump.since.clone().unwrap_or_else(|| "ever".into()),
                jump.kind.to_owned(),
                jump.before.clone().unwrap_or_else(|| "a price".into()),
                jump.after.clone().unwrap_or_else(|| "no price".into()),
            ]);
        }
        table.print(out)?;
    }
    writeln!(out)
}

/// For which calls: `standard, batch, called a-1, a-2, and 25 more names, also at azure`.
fn calls(jump: &PriceJump) -> String {
    let of = call(&jump.contexts.join(", "), jump.prompt_above, jump.hours.as_deref());
    let (shown, others) = jump.names.split_at(jump.names.len().min(NAMES));
    let called = (!shown.is_empty()).then(|| format!("called {}", shown.join(", ")));
    let more = (!others.is_empty()).then(|| format!("and {}", words::counted(others.len() as u64, "more name")));
    let also = (!jump.also.is_empty()).then(|| format!("also at {}", jump.also.join(", ")));
    [Some(of), called, more, also].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
