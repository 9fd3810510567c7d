//! `spend prices refresh`: fetches both price lists, says what they would change, and takes them in if a person agrees.

use std::io::Write;
use std::path::Path;

use anyhow::bail;
use serde_json::json;
use spendmeter_core::http::{Http, Proxy, Timeouts};
use spendmeter_core::ledger::restatements::Decision;
use spendmeter_core::pricing::{Candidate, PriceChanges, PriceSources, PublishedLists};
use spendmeter_core::words;

use crate::Outcome;
use crate::arguments::Consent;
use crate::context::Context;
use crate::decide::{agrees, print_preview, print_result};
use crate::table::Table;

/// Jumps that are shown one by one.
const SHOWN: usize = 20;

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
    let decision = Decision::TakeIn(candidate.catalogue);
    let preview = ledger.preview(&decision)?.restated;
    let changes = candidate.changes;
    if !context.json {
        print(&mut context.out, &changes)?;
        print_preview(&mut context.out, &preview)?;
    }
    let calm = changes.jumps.is_empty() || accept_jumps;
    let agreed = calm && agrees(context, consent)?;
    let restated = if agreed { ledger.restate(&decision, against, context.now)? } else { preview };
    if context.json {
        let jumps_accepted = calm;
        writeln!(
            context.out,
            "{}",
            json!({ "applied": agreed, "jumps_accepted": jumps_accepted, "changes": changes, "restated": restated })
        )?;
    } else if calm {
        print_result(&mut context.out, agreed.then_some(&restated))?;
    } else {
        writeln!(
            context.out,
            "Nothing was changed: prices that move so far may be a mistake of the list. Look at them, and if they are right, \
             --accept-jumps takes them in."
        )?;
    }
    Ok(Outcome::Done)
}

/// Both lists from where they are published, from a mirror, or from a folder.
fn fetch(context: &Context, from: Option<&str>) -> anyhow::Result<PublishedLists> {
    let sources = match from {
        None => PriceSources::PUBLISHED,
        Some(address) if address.contains("://") => PriceSources::below(address)?,
        Some(folder) => {
            let folder = Path::new(folder);
            if !folder.is_dir() {
                bail!("{} is no folder; name one that has both lists, or a mirror's https address", folder.display());
            }
            return Ok(PublishedLists::from_folder(folder)?);
        }
    };
    let http =
        Http::to(sources.hosts(), Timeouts::default(), Proxy::from_variables(|name| context.places.variable(name))?);
    Ok(PublishedLists::fetch(&http, &sources)?)
}

fn print(out: &mut impl Write, changes: &PriceChanges) -> std::io::Result<()> {
    let PriceChanges { version, changed, new, gone, left_out, jumps, in_use } = changes;
    writeln!(out, "{version}")?;
    let touched = match in_use.len() {
        0 => "none of which you use".to_owned(),
        _ => format!("of which you use {}", in_use.join(", ")),
    };
    writeln!(
        out,
        "{} with another price, {touched}; {} new, {} gone",
        words::counted(*changed, "model"),
        words::grouped(*new),
        words::grouped(*gone)
    )?;
    if *left_out > 0 {
        writeln!(
            out,
            "{} left out, since the lists say of them what this version does not understand",
            words::counted(*left_out, "model")
        )?;
    }
    if !jumps.is_empty() {
        writeln!(
            out,
            "\n{} to nothing or by more than five times, in dollars per million tokens:\n",
            words::counted(jumps.len() as u64, "price")
        )?;
        let mut table = Table::new(3, ["Model", "Call", "Tokens", "Now", "Then"]);
        for jump in jumps.iter().take(SHOWN) {
            let after = jump.after.clone().unwrap_or_else(|| "no price".into());
            table.row([jump.model.clone(), jump.context.to_owned(), jump.kind.to_owned(), jump.before.clone(), after]);
        }
        table.print(out)?;
        if jumps.len() > SHOWN {
            writeln!(out, "and {} more", jumps.len() - SHOWN)?;
        }
    }
    writeln!(out)
}
