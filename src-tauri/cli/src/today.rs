//! `spend today`: the figures of the tray, in the terminal.

use std::io::Write;

use serde_json::json;
use spendmeter_core::money::Usd;
use spendmeter_core::spend::view::{Freshness, Meter, Spend};
use spendmeter_core::words;

use crate::Outcome;
use crate::context::Context;

pub(crate) fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let ledger = context.ledger()?;
    let meter = context.viewpoint(&ledger).meter()?;
    if context.json {
        writeln!(context.out, "{}", json!(meter))?;
    } else {
        let month = context.calendar.zoned(context.now).strftime("%B").to_string();
        print(&mut context.out, &meter, &month)?;
    }
    Ok(Outcome::Done)
}

fn print(out: &mut impl Write, meter: &Meter, month: &str) -> std::io::Result<()> {
    line(out, "Today", &figure(&meter.today))?;
    let burn = meter
        .burn
        .per_hour
        .map_or_else(|| "nothing in the last hour".into(), |rate| format!("{} / h", words::cents(rate)));
    line(out, "Burning now", &burn)?;
    line(out, month, &figure(&meter.month))?;
    let forecast = meter.forecast.as_ref().map_or_else(
        || "not yet: needs seven days of spend".into(),
        |forecast| format!("{}, likely {}", words::range(forecast.low, forecast.high), words::short(forecast.likely)),
    );
    line(out, "Forecast", &forecast)?;
    for (number, project) in meter.top_projects.iter().enumerate() {
        let title = if number == 0 { "Top projects" } else { "" };
        line(out, title, &format!("{}  {}", amount(project.spend.estimated), project.label))?;
    }
    if !meter.unpriced.is_empty() {
        let tokens = words::count(meter.unpriced.iter().map(|model| model.tokens).sum());
        let names: Vec<&str> = meter.unpriced.iter().map(|model| model.model.as_str()).collect();
        line(out, "No price", &format!("{tokens} tokens of {}, not in the amounts above", names.join(", ")))?;
    }
    match (&meter.as_of, meter.freshness) {
        (Some(as_of), Freshness::Outdated) => {
            line(out, "As of", &format!("{as_of}, outdated: `spend scan` reads again"))
        }
        (Some(as_of), _) => line(out, "As of", as_of),
        (None, _) => line(out, "As of", "never: `spend scan` reads the logs of your agents"),
    }
}

fn line(out: &mut impl Write, title: &str, text: &str) -> std::io::Result<()> {
    writeln!(out, "{title:<13} {text}")
}

/// What is known of the amount, with its basis: an estimate and a bill are two figures.
fn figure(spend: &Spend) -> String {
    let known = [(spend.billed, "billed"), (spend.estimated, "estimated from list prices")];
    let known: Vec<String> =
        known.iter().filter_map(|(cost, basis)| Some(format!("{}, {basis}", words::cents((*cost)?)))).collect();
    if known.is_empty() { "no data".into() } else { known.join(" · ") }
}

fn amount(cost: Option<Usd>) -> String {
    cost.map_or_else(|| "no price".into(), words::cents)
}
