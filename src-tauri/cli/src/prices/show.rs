//! `spend prices show`: the price of a model at a moment, and why it is that.

use std::io::Write;

use anyhow::anyhow;
use serde_json::json;
use spendmeter_core::pricing::view::{ModelPrices, PointView, RatesView, ServedPrice, ShownPrice, ShownPrices};
use spendmeter_core::pricing::{OwnPrice, OwnPriceOf, PriceBook, PriceStatus, servers};
use spendmeter_core::sources::agents::claude_code::{CLAUDE_CODE, SYNTHETIC_MODEL};

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
    let lasting = context.lasting(at.unwrap_or(Moment::At(context.now)))?;
    let book = context.price_book()?;
    let servers = match provider {
        Some(provider) => vec![Some(provider.to_owned())],
        None => servers(book.catalogue(), &context.used_models()?, model),
    };
    let shown = ShownPrices::of(&book, &servers, model, lasting);
    let Some((first, also)) = shown.prices.split_first() else { return Err(unknown(&book, &servers, model)) };
    if context.json {
        let mut document = json!(first);
        document["also"] = json!(also);
        document["unpriced_of"] = json!(shown.unpriced_of);
        writeln!(context.out, "{document}")?;
        return Ok(Outcome::Done);
    }
    let window = &first.shown.prices.at;
    let when = match at {
        Some(Moment::Day(day)) => format!("On {day}, your day from {}", window.replace('/', " to ")),
        _ => format!("At {window}"),
    };
    let out = &mut context.out;
    let is_one = also.is_empty() && shown.unpriced_of.is_empty();
    for (number, ServedPrice { served_by, shown }) in shown.prices.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        if !is_one {
            writeln!(out, "{}:", calls_of(served_by))?;
        }
        print(out, model, shown, &when, all)?;
    }
    if !shown.unpriced_of.is_empty() {
        writeln!(out, "\n{} have no price: they are counted in tokens, as unpriced.", calls_of(&shown.unpriced_of))?;
    }
    Ok(Outcome::Done)
}

/// Why there is nothing to show.
fn unknown(book: &PriceBook, servers: &[Option<String>], model: &str) -> anyhow::Error {
    if model == SYNTHETIC_MODEL {
        return anyhow!(
            "`{model}` is no model: {} writes it where it words an answer itself. Such answers are not counted",
            CLAUDE_CODE.name
        );
    }
    let named: Vec<&str> = servers.iter().flatten().map(String::as_str).collect();
    let of = if named.is_empty() { String::new() } else { format!(" of {}", named.join(", ")) };
    anyhow!(
        "no list has a price for `{model}`{of}, and a similar name is another model ({lists}). Calls of it are counted in \
         tokens, as unpriced. You can say what it costs: `spend prices set` or `spend prices like`",
        lists = book.catalogue().version(),
    )
}

/// `Calls that anthropic, openrouter served`.
fn calls_of(servers: &[Option<String>]) -> String {
    let named: Vec<&str> = servers.iter().flatten().map(String::as_str).collect();
    match (named.is_empty(), servers.contains(&None)) {
        (true, _) => "Calls that do not tell who served them".to_owned(),
        (false, false) => format!("Calls that {} served", named.join(", ")),
        (false, true) => format!("Calls that {} served or that do not tell who did", named.join(", ")),
    }
}

fn print(out: &mut impl Write, asked: &str, shown: &ShownPrice, when: &str, all: bool) -> std::io::Result<()> {
    let ShownPrice { own, prices, lists } = shown;
    match own {
        Some(own) => writeln!(out, "{}", said(own, prices))?,
        None => writeln!(out, "{}", listed(asked, prices))?,
    }
    writeln!(out, "{when}, in dollars per million tokens (web searches: per thousand):")?;
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
    for status in PriceStatus::ALL.into_iter().filter(|status| is_met(*status, prices)) {
        writeln!(out, "{status}: {}", status.meaning())?;
    }
    if let Some(elsewhere) = &prices.elsewhere {
        writeln!(
            out,
            "A call that ran within a region costs what {elsewhere} does; calls do not tell where they ran."
        )?;
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
    match (own, lists) {
        (None, _) => {}
        (Some(_), None) => writeln!(out, "\nNo list has `{asked}`.")?,
        (Some(_), Some(lists)) if all => {
            writeln!(out, "\nNot in use, since you said something else: {}\n", listed(asked, lists))?;
            table(&lists.in_force).print(out)?;
        }
        (Some(_), Some(_)) => writeln!(
            out,
            "\nThe lists have a price of their own for it: --all shows it, `spend prices forget` goes back to it."
        )?,
    }
    Ok(())
}

fn listed(asked: &str, prices: &ModelPrices) -> String {
    let found = if prices.found == "own list" { "provider's own list" } else { prices.found };
    format!("{} / {}, as `{asked}` is found in the {found}", prices.provider, prices.model)
}

/// What the user said of a model.
fn said(own: &OwnPriceOf, prices: &ModelPrices) -> String {
    let whose = own.provider.as_deref().map(|provider| format!("{provider} / ")).unwrap_or_default();
    let costs = match &own.price {
        OwnPrice::Like { model, .. } if prices.in_force.is_empty() && prices.others.is_empty() => {
            format!("costs what {model} does, which no list has any more")
        }
        OwnPrice::Like { model, .. } => {
            format!("costs what {} does ({} / {}, {})", model, prices.provider, prices.model, prices.found)
        }
        OwnPrice::Rates(_) => "costs what is below".to_owned(),
        OwnPrice::Free => "costs nothing".to_owned(),
    };
    format!("You said that {whose}{} {costs}.", own.model)
}

/// Whether calls may be told to be priced so.
fn is_met(status: PriceStatus, prices: &ModelPrices) -> bool {
    prices.in_force.iter().any(|point| point.status == status.as_str())
        || (status == PriceStatus::TierAssumed && prices.in_force.iter().any(|point| point.list != "you"))
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
        // On which days, is told below.
        let hours = point.hours.as_deref().and_then(|hours| hours.split_inclusive(" UTC").next());
        table.row([call(point.context, point.prompt_above, hours), from, until].into_iter().chain(rates));
    }
    table
}

/// Why the price is what it is.
fn why(point: &PointView) -> String {
    let call = call(point.context, point.prompt_above, point.hours.as_deref());
    match point.evidence {
        "user" => return format!("{call}: you said so ({})", point.status),
        "ended" => return format!("{call}: ended; there is no price from then on"),
        _ => {}
    }
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
        "preferred" => "the other list says otherwise, and is less well documented there",
        "disputed" => "the lists disagree",
        _ => "one list has it",
    };
    let address = point.address.as_ref().map(|address| format!(": {address}")).unwrap_or_default();
    let (status, instead) = (point.status, instead(point));
    format!("{call}: {evidence}; {verdict}{instead} ({status}){address}")
}

/// Which rates may be others, and what they may be: `; instead it may be 1.15 input, 8 output`.
fn instead(point: &PointView) -> String {
    let Some(other) = &point.instead else { return String::new() };
    let differing = named(&point.rates).into_iter().zip(named(other)).filter(|(one, other)| one != other);
    let differing: Vec<String> = differing.map(|(_, (name, rate))| format!("{} {name}", rate.unwrap_or("–"))).collect();
    if differing.is_empty() { String::new() } else { format!("; instead it may be {}", differing.join(", ")) }
}

/// Every rate, and for what it is.
fn named(rates: &RatesView) -> [(&'static str, Option<&str>); 6] {
    let RatesView { input, output, cache_read, cache_write_short, cache_write_long, web_search } = rates;
    [
        ("input", input.as_deref()),
        ("output", output.as_deref()),
        ("cache read", cache_read.as_deref()),
        ("write", cache_write_short.as_deref()),
        ("long write", cache_write_long.as_deref()),
        ("search", web_search.as_deref()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rate_that_may_be_another_is_named() {
        let rates = |input: &str, write: Option<&str>| RatesView {
            input: Some(input.to_owned()),
            output: Some("8".to_owned()),
            cache_write_short: write.map(str::to_owned),
            cache_write_long: Some("10".to_owned()),
            ..RatesView::default()
        };
        let point = PointView {
            context: "standard",
            prompt_above: 0,
            hours: None,
            from: None,
            until: None,
            rates: rates("4", Some("5")),
            evidence: "listed",
            verdict: "disputed",
            list: "genai-prices",
            address: None,
            instead: Some(rates("3", Some("3.75"))),
            status: "disputed",
        };
        let told =
            "standard: listed by genai-prices; the lists disagree; instead it may be 3 input, 3.75 write (disputed)";
        assert_eq!(why(&point), told);
        let point = PointView { instead: Some(rates("4", None)), ..point };
        assert!(why(&point).contains("instead it may be – write"), "{}", why(&point));
    }
}
