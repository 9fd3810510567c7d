//! `spend prices refresh --daily`: whether the running app looks for newer price lists every day.

use std::io::Write;

use serde_json::json;
use spendmeter_core::pricing::PriceSources;

use crate::Outcome;
use crate::context::Context;

pub(crate) fn run(context: &mut Context, on: bool) -> anyhow::Result<Outcome> {
    // What could not be asked is said now, not by an app that nobody looks at.
    let asks = if on { PriceSources::of_user(&context.places)?.hosts().next() } else { None };
    context.ledger_to_change()?.look_daily(on)?;
    if context.json {
        writeln!(context.out, "{}", json!({ "daily": on, "asks": asks }))?;
    } else if let Some(asks) = asks {
        writeln!(
            context.out,
            "While the tray app runs, it asks {asks} for both price lists, soon and then once a day, and sends nothing about \
             you. It shows what they change; nothing is taken in before you agree. --daily off turns it off."
        )?;
    } else {
        writeln!(context.out, "Newer price lists are looked for only when you ask.")?;
    }
    Ok(Outcome::Done)
}
