//! `spend prices show`: the price of a model at a moment, and why it is that.

use std::io::Write;

use anyhow::bail;
use serde_json::json;
use spendmeter_core::pricing::view::{ModelPrices, PointView, RatesView};

use crate::Outcome;
use crate::arguments::Moment;
use crate::context::Context;
use crate::prices::call;
use crate::table::Table;

pub(crate) fn run(
    context: &mut Context,
    model: &str,
    provider: Option<&str>,
    at: Option<Moment>,
    all: bool,
) -> anyhow::Result<Outcome> {
    let at = at.map_or(context.now, |moment| context.moment(moment));
    let catalogue = context.catalogue()?;
    let Some(prices) = ModelPrices::of(&catalogue, provider, model, at) else {
        let of = provider.map(|provider| format!(" of {provider}")).unwrap_or_default();
        bail!(
            "no list has a price for `{model}`{of}, and a similar name is another model ({lists}). Calls of it are \
             counted in tokens, as unpriced. You can say what it costs: `spend prices set` or `spend prices like`",
            lists = catalogue.version(),
        );
    };
    if context.json {
        writeln!(context.out, "{}", json!(prices))?;
    } else {
        print(&mut context.out, model, &prices, all)?;
    }
    Ok(Outcome::Done)
}

fn print(out: &mut impl Write, asked: &str, prices: &ModelPrices, all: bool) -> std::io::Result<()> {
    writeln!(out, "{} / {}, as `{asked}` is found in the {}", prices.provider, prices.model, prices.found)?;
    writeln!(out, "At {}, in dollars per million tokens (web searches: per thousand):", prices.at)?;
    writeln!(out)?;
    if prices.in_force.is_empty() {
        writeln!(out, "no price: calls then are unpriced")?;
    } else {
        table(&prices.in_force).print(out)?;
    }
    writeln!(out)?;
    for point in &prices.in_force {
        writeln!(out, "{}", why(point))?;
    }
    if !prices.others.is_empty() && all {
        writeln!(out, "\nBefore and after:\n")?;
        table(&prices.others).print(out)?;
        writeln!(out)?;
        for point in &prices.others {
            writeln!(out, "{}", why(point))?;
        }
    } else if !prices.others.is_empty() {
        writeln!(out, "\n--all shows {} more: other moments and hours.", prices.others.len())?;
    }
    Ok(())
}

fn table(points: &[PointView]) -> Table {
    let header = ["Call", "From", "Until", "Input", "Output", "Cache read", "Write", "Long write", "Search"];
    let mut table = Table::new(3, header);
    for point in points {
        let RatesView { input, output, cache_read, cache_write_short, cache_write_long, web_search } = &point.rates;
        let rates = [input, output, cache_read, cache_write_short, cache_write_long, web_search];
        let rates = rates.map(|rate| rate.clone().unwrap_or_else(|| "–".into()));
        let from = point.from.clone().unwrap_or_else(|| "ever".into());
        let until = point.until.clone().unwrap_or_else(|| "now on".into());
        table.row([call(point.context, point.prompt_above), from, until].into_iter().chain(rates));
    }
    table
}

/// Why the price is what it is.
fn why(point: &PointView) -> String {
    let evidence = match point.evidence {
        "documented" => "the provider documents it",
        "first_observed" => "seen on the provider's page on the day it changed",
        "commit" => "recorded by models.dev, usually some days after a change",
        "listed" => "listed by genai-prices",
        "launch_assumed" => "older than what is known: the first known price is taken",
        _ => "announced, not confirmed",
    };
    let verdict = match point.verdict {
        "confirmed" => "both lists say so",
        "preferred" => "the other list says otherwise, without a source",
        "disputed" => "the lists disagree",
        _ => "one list has it",
    };
    let hours = point.hours.as_ref().map(|hours| format!(", {hours}")).unwrap_or_default();
    let address = point.address.as_ref().map(|address| format!(": {address}")).unwrap_or_default();
    let instead = point.instead.as_ref().map(|rates| {
        let of = |rate: &Option<String>| rate.clone().unwrap_or_else(|| "–".into());
        format!(
            "; instead it may be {} input, {} output, {} cache read",
            of(&rates.input),
            of(&rates.output),
            of(&rates.cache_read)
        )
    });
    format!("{}{hours}: {evidence}; {verdict}{}{address}", call(point.context, point.prompt_above), instead.unwrap_or_default())
}
