//! `spend prices diff`: where the lists disagree today, and what is announced.

use std::io::Write;

use serde_json::json;
use spendmeter_core::pricing::view::{RatesView, announcements, disagreements};
use spendmeter_core::words;

use crate::Outcome;
use crate::context::Context;
use crate::prices::call;
use crate::table::Table;

pub(crate) fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let catalogue = context.catalogue()?;
    let used = context.used_models()?;
    let disputed = disagreements(&catalogue, context.now);
    let announced = announcements(&catalogue, &used, &context.calendar, context.now);
    if context.json {
        writeln!(context.out, "{}", json!({ "disputed": disputed, "announced": announced }))?;
        return Ok(Outcome::Done);
    }
    let out = &mut context.out;
    writeln!(out, "{}", catalogue.version())?;
    writeln!(
        out,
        "{} in dispute, in dollars per million tokens (web searches: per thousand):\n",
        words::counted(disputed.len() as u64, "price")
    )?;
    let mut table = Table::new(3, ["Model", "Call", "Tokens", "genai-prices", "model-prices"]);
    for one in &disputed {
        table.row([
            format!("{}/{}", one.provider, one.model),
            call(one.context, one.prompt_above, one.hours.as_deref()),
            one.kind.to_owned(),
            one.genai_prices.clone(),
            one.model_prices.clone(),
        ]);
    }
    table.print(out)?;
    writeln!(out, "\n{} announced:\n", words::counted(announced.len() as u64, "change"))?;
    let mut table = Table::new(2, ["Model", "From", "Input", "Output", "Before"]);
    let of = |rate: &Option<String>| rate.clone().unwrap_or_else(|| "–".into());
    for one in &announced {
        let RatesView { input, output, .. } = &one.rates;
        let before = one
            .before
            .as_ref()
            .map_or_else(|| "–".into(), |rates| format!("{} · {}", of(&rates.input), of(&rates.output)));
        table.row([format!("{}/{}", one.provider, one.model), one.from.clone(), of(input), of(output), before]);
    }
    table.print(out)?;
    Ok(Outcome::Done)
}
