//! `spend today`: the figures of the tray, in the terminal.

use std::io::Write;

use serde_json::json;
use spendmeter_core::spend::view::{BurnRate, Freshness, Meter, Spend, UnpricedModel};
use spendmeter_core::usage::Basis;
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
    lines(out, "Today", &meter.today, Some(meter.unpriced.len()))?;
    line(out, "Burning now", &burning(&meter.burn))?;
    lines(out, month, &meter.month, None)?;
    if let Some(fixed) = &meter.fixed {
        line(out, "Plans", &format!("{}, whatever is used", words::fixed(fixed)))?;
    }
    let forecast = meter.forecast.as_ref().map_or_else(
        || "not yet: needs seven days of spend".into(),
        |forecast| {
            let range = words::range(forecast.low, forecast.high);
            format!("{range}, likely {}{}", words::short(forecast.likely), unless_estimated(meter.lead))
        },
    );
    line(out, "Forecast", &forecast)?;
    for (number, project) in meter.top_projects.iter().enumerate() {
        let title = if number == 0 { "Top projects" } else { "" };
        line(out, title, &format!("{}  {}", amount(&project.spend, meter.lead), project.label))?;
    }
    if !meter.unpriced.is_empty() {
        let tokens = words::count(meter.unpriced.iter().map(|model| model.tokens).sum());
        let names: Vec<String> = meter.unpriced.iter().map(UnpricedModel::told).collect();
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

/// What is known of an amount: the estimate, a bill and what a subscription covers are a line each, since they are never
/// added.
fn lines(out: &mut impl Write, title: &str, spend: &Spend, unpriced_models: Option<usize>) -> std::io::Result<()> {
    let estimate = words::estimate(spend, unpriced_models).map(|text| match spend.estimated {
        Some(_) => format!("{text}, estimated from list prices"),
        None => text,
    });
    let covered = spend.api_equivalent.map(|amount| words::covered(amount, spend.margin_of(Basis::ApiEquivalent)));
    let known = [estimate, spend.billed.map(words::billed), covered];
    let mut title = title;
    for text in known.iter().flatten() {
        line(out, title, text)?;
        title = "";
    }
    if title.is_empty() { Ok(()) } else { line(out, title, "no data") }
}

fn burning(burn: &BurnRate) -> String {
    let rate = burn.per_hour.map(|rate| format!("{} / h{}", words::cents(rate), unless_estimated(burn.basis)));
    let known = [rate, words::unpriced_in_the_last_hour(burn.unpriced_tokens)];
    let known: Vec<String> = known.into_iter().flatten().collect();
    if known.is_empty() { "nothing in the last hour".into() } else { known.join(" + ") }
}

/// Who says so, unless it is an estimate.
fn unless_estimated(basis: Basis) -> String {
    if basis == Basis::Estimated { String::new() } else { format!(", {}", words::basis(basis)) }
}

/// The figure of a project: the amount that leads, or what else there is, with its word.
fn amount(spend: &Spend, lead: Basis) -> String {
    match spend.shown(lead) {
        Some((amount, basis @ (Basis::Billed | Basis::ApiEquivalent))) => {
            let missing = words::plus_unpriced(spend.unpriced_tokens, None);
            let amount = words::with_range(amount, spend.margin_of(basis));
            format!("{amount} {}{missing}", words::basis(basis))
        }
        _ => words::estimate(spend, None).unwrap_or_else(|| "no price".into()),
    }
}

#[cfg(test)]
mod tests {
    use spendmeter_core::money::Usd;

    use super::*;

    fn usd(text: &str) -> Option<Usd> {
        Usd::parse(text).ok()
    }

    fn told(spend: &Spend) -> String {
        let mut out = Vec::new();
        assert!(lines(&mut out, "Today", spend, Some(1)).is_ok());
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn t30_what_a_subscription_covers_is_a_line_of_its_own() {
        let covered = Spend { api_equivalent: usd("4"), ..Spend::default() };
        assert_eq!(told(&covered), "Today         API-equivalent $4.00, covered by your subscription\n");
        let all = Spend { estimated: usd("1"), billed: usd("7"), ..covered.clone() };
        let lines = [
            "Today         $1.00, estimated from list prices\n",
            "              billed $7.00\n",
            "              API-equivalent $4.00, covered by your subscription\n",
        ];
        assert_eq!(told(&all), lines.concat());
        assert_eq!(amount(&all, Basis::Estimated), "$1.00");
        assert_eq!(amount(&all, Basis::ApiEquivalent), "$4.00 API-equivalent");
        assert_eq!(amount(&covered, Basis::Estimated), "$4.00 API-equivalent");
    }

    #[test]
    fn t09_tokens_without_a_price_stand_beside_what_burns() {
        let burn = |per_hour, unpriced_tokens| {
            let basis = Basis::Estimated;
            burning(&BurnRate { per_hour, basis, requests: 3, unpriced_tokens, quarters: vec![] })
        };
        assert_eq!(burn(usd("2"), 34_000), "$2.00 / h + 34 K tokens without a price in the last hour");
        assert_eq!(burn(None, 34_000), "34 K tokens without a price in the last hour");
        assert_eq!([burn(usd("2"), 0), burn(None, 0)], ["$2.00 / h", "nothing in the last hour"]);
    }

    #[test]
    fn t09_tokens_without_a_price_are_told_where_nothing_else_is_known() {
        let unpriced = Spend { unpriced_tokens: 34_000, ..Spend::default() };
        assert_eq!(told(&unpriced), "Today         34 K tokens on 1 unpriced model\n");
        assert_eq!(amount(&unpriced, Basis::Estimated), "34 K tokens without a price");
        assert_eq!(told(&Spend::default()), "Today         no data\n");
        let billed = Spend { billed: usd("7"), ..unpriced };
        assert_eq!(amount(&billed, Basis::Estimated), "$7.00 billed + 34 K tokens without a price");
    }
}
