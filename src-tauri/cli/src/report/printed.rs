//! A report as a table in the terminal, and what is told below it.

use std::io::Write;

use spendmeter_core::money::Usd;
use spendmeter_core::spend::report::{Cut, Report, ReportRow};
use spendmeter_core::spend::view::UnpricedModel;
use spendmeter_core::usage::{Basis, Tokens};
use spendmeter_core::words;

use super::shown;
use crate::table::Table;

pub(super) fn print(
    out: &mut impl Write,
    cuts: &[Cut],
    report: &Report,
    labels: &[String],
    unpriced: &[UnpricedModel],
) -> anyhow::Result<()> {
    if report.rows.is_empty() {
        writeln!(out, "no data in this span")?;
        return Ok(());
    }
    let total = &report.total;
    let columns = Columns::of(report);
    let header = cuts.iter().map(|cut| cut.as_str()).chain(columns.header());
    let mut table = Table::new(cuts.len(), header);
    for (row, label) in report.rows.iter().zip(labels) {
        let values = cuts.iter().zip(&row.values).map(|(cut, value)| {
            let shown = shown(*cut, value, label);
            if shown.is_empty() { "—".to_owned() } else { shown.to_owned() }
        });
        let range = row.cost.and_then(|cost| words::between(cost, row.margin));
        table.row(values.chain(columns.figures(&Figures {
            requests: row.requests,
            tokens: &row.tokens,
            cost: row.cost,
            nothing: NO_PRICE,
            range,
            basis: Some(row.basis),
            unpriced_tokens: row.unpriced_tokens,
        })));
    }
    let first = std::iter::once("total".to_owned()).chain(std::iter::repeat_n(String::new(), cuts.len() - 1));
    table.row(first.chain(columns.figures(&Figures {
        requests: total.requests,
        tokens: &total.tokens,
        cost: total.estimated,
        nothing: if total.unpriced_tokens > 0 { NO_PRICE } else { "–" },
        range: total.estimated.and_then(|cost| words::between(cost, total.margin)),
        basis: total.estimated.map(|_| Basis::Estimated),
        unpriced_tokens: total.unpriced_tokens,
    })));
    table.print(out)?;
    if let Some(estimate) = words::estimate(total, Some(unpriced.len())) {
        let names: Vec<String> = unpriced.iter().map(UnpricedModel::told).collect();
        let names = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
        // What a plan covers may be all that has a price: then there is no estimate to tell of.
        let about = if total.estimated.is_some() { "Estimated from list prices" } else { "In no amount" };
        writeln!(out, "{about}: {estimate}{names}")?;
    }
    // Each in a line of its own: they are never added.
    let covered = total.api_equivalent.map(|amount| words::covered(amount, total.margin_of(Basis::ApiEquivalent)));
    for line in [total.billed.map(words::billed), covered].iter().flatten() {
        writeln!(out, "Not in the total: {line}")?;
    }
    Ok(())
}

/// What stands in place of a cost where nothing has a price.
const NO_PRICE: &str = "no price";

/// Columns that are there only if a row needs them.
#[derive(Clone, Copy)]
struct Columns {
    range: bool,
    basis: bool,
    unpriced: bool,
}

/// What is told of a row, or of all rows together.
struct Figures<'f> {
    requests: u64,
    tokens: &'f Tokens,
    cost: Option<Usd>,
    /// What stands there if there is none.
    nothing: &'static str,
    range: Option<String>,
    basis: Option<Basis>,
    unpriced_tokens: u64,
}

impl Columns {
    fn of(report: &Report) -> Self {
        let total = &report.total;
        let some = |wants: &dyn Fn(&ReportRow) -> bool| report.rows.iter().any(wants);
        Self {
            range: total.estimated.is_some_and(|cost| words::between(cost, total.margin).is_some())
                || some(&|row| row.cost.is_some_and(|cost| words::between(cost, row.margin).is_some())),
            basis: some(&|row| row.basis != Basis::Estimated),
            unpriced: total.unpriced_tokens > 0,
        }
    }

    fn header(self) -> impl Iterator<Item = &'static str> {
        let wanted = [(self.range, "range"), (self.basis, "basis"), (self.unpriced, "no price")];
        let wanted = wanted.into_iter().filter_map(|(wanted, name)| wanted.then_some(name));
        ["requests", "input", "cached", "written", "output", "cost"].into_iter().chain(wanted)
    }

    fn figures(self, of: &Figures<'_>) -> impl Iterator<Item = String> {
        let Figures { tokens, .. } = of;
        let always = [
            words::grouped(of.requests),
            words::count(tokens.input),
            words::count(tokens.cache_read),
            words::count(tokens.cache_write_short + tokens.cache_write_long),
            words::count(tokens.output),
            of.cost.map_or_else(|| of.nothing.into(), words::cents),
        ];
        let missing = (of.unpriced_tokens > 0).then(|| format!("{} tokens", words::count(of.unpriced_tokens)));
        let wanted = [
            (self.range, of.range.clone().unwrap_or_default()),
            (self.basis, of.basis.map(words::basis).unwrap_or_default().to_owned()),
            (self.unpriced, missing.unwrap_or_default()),
        ];
        always.into_iter().chain(wanted.into_iter().filter_map(|(wanted, text)| wanted.then_some(text)))
    }
}
