//! `spend report`: spend by any combination of dimensions.

mod printed;

use std::io::Write;

use anyhow::bail;
use clap::CommandFactory;
use clap::error::ErrorKind;
use serde_json::{Map, Value, json};
use spendmeter_core::calendar::TimeRange;
use spendmeter_core::ledger::Ledger;
use spendmeter_core::money::Usd;
use spendmeter_core::spend::dimension::{Dimension, project_labels};
use spendmeter_core::spend::report::{Cut, Report, ReportRow, report};
use spendmeter_core::spend::view::UnpricedModel;

use crate::Outcome;
use crate::arguments;
use crate::context::Context;

const BY_PROJECT: Cut = Cut::By(Dimension::Project);

pub(crate) fn run(context: &mut Context, wanted: &arguments::Report) -> anyhow::Result<Outcome> {
    if let (Some(first), Some(last)) = (wanted.from, wanted.to)
        && first > last
    {
        wrong_use(&format!("--from {first} is after --to {last}"));
    }
    if let Some(twice) = wanted.by.iter().enumerate().find(|(at, cut)| wanted.by[..*at].contains(cut)) {
        wrong_use(&format!("--by has {} twice", twice.1.as_str()));
    }
    let ledger = context.ledger()?;
    let range = range(context, wanted);
    let mut only = wanted.only.filters();
    for (dimension, value) in &mut only {
        if *dimension == Dimension::Project {
            *value = project_folder(&ledger, context, value)?;
        }
    }
    let report = report(&ledger, &context.calendar, range, &wanted.by, &only)?;
    let unpriced = context.viewpoint(&ledger).unpriced(range, &only)?;
    let labels = labels(&wanted.by, &report);
    if wanted.csv {
        csv(&mut context.out, &wanted.by, &report, &labels)?;
    } else if context.json {
        let as_of = context.viewpoint(&ledger).as_of();
        writeln!(context.out, "{}", to_json(&wanted.by, &report, &labels, &unpriced, as_of.as_deref()))?;
    } else {
        printed::print(&mut context.out, &wanted.by, &report, &labels, &unpriced)?;
    }
    Ok(Outcome::Done)
}

/// Ends the program as it ends for any other wrong use of its arguments.
fn wrong_use(why: &str) -> ! {
    arguments::Arguments::command().error(ErrorKind::ArgumentConflict, why).exit()
}

fn range(context: &Context, wanted: &arguments::Report) -> TimeRange {
    let calendar = &context.calendar;
    match (wanted.last, wanted.week) {
        (Some(days), _) => calendar.last_days(context.now, days),
        (None, Some(week)) => calendar.week(week),
        (None, None) => TimeRange {
            start: wanted.from.map_or(TimeRange::EVER.start, |first| calendar.midnight(first)),
            end: wanted.to.map_or(TimeRange::EVER.end, |last| calendar.day(last).end),
        },
    }
}

/// The folder of the project that a person calls so: by its folder, or by as much of the folder's end as tells it from
/// others.
fn project_folder(ledger: &Ledger, context: &Context, name: &str) -> anyhow::Result<String> {
    let all = report(ledger, &context.calendar, TimeRange::EVER, &[BY_PROJECT], &[])?;
    let folders = all.rows.iter().map(|row| row.values[0].as_str()).filter(|folder| !folder.is_empty());
    let called_so: Vec<&str> = folders.filter(|folder| is_called(folder, name)).collect();
    match called_so.as_slice() {
        [folder] => Ok((*folder).to_owned()),
        [] => bail!("no project called `{name}` has any usage; `spend report --by project` lists those that have"),
        several => bail!("`{name}` may be any of {}; write more of the folder", several.join(", ")),
    }
}

fn is_called(folder: &str, name: &str) -> bool {
    let parts =
        |path: &str| path.split(['/', '\\']).filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    folder == name || (!parts(name).is_empty() && !name.starts_with('/') && parts(folder).ends_with(&parts(name)))
}

/// For each row, what its project is called; empty where the report is not by project.
fn labels(cuts: &[Cut], report: &Report) -> Vec<String> {
    let Some(at) = cuts.iter().position(|cut| *cut == BY_PROJECT) else {
        return vec![String::new(); report.rows.len()];
    };
    let mut folders: Vec<&str> = report.rows.iter().map(|row| row.values[at].as_str()).collect();
    folders.sort_unstable();
    folders.dedup();
    let names = project_labels(&folders);
    let name_of =
        |row: &ReportRow| folders.iter().position(|folder| *folder == row.values[at]).map(|at| names[at].clone());
    report.rows.iter().map(|row| name_of(row).unwrap_or_default()).collect()
}

/// The value as it is printed: a project by its name.
fn shown<'r>(cut: Cut, value: &'r str, label: &'r str) -> &'r str {
    if cut == BY_PROJECT { label } else { value }
}

fn to_json(cuts: &[Cut], report: &Report, labels: &[String], unpriced: &[UnpricedModel], as_of: Option<&str>) -> Value {
    let known = |value: &str| if value.is_empty() { Value::Null } else { json!(value) };
    let rows = report.rows.iter().zip(labels).map(|(row, label)| {
        let mut object = Map::new();
        for (cut, value) in cuts.iter().zip(&row.values) {
            object.insert(cut.as_str().into(), known(shown(*cut, value, label)));
            if *cut == BY_PROJECT {
                object.insert("project_folder".into(), known(value));
            }
        }
        object.insert("requests".into(), json!(row.requests));
        object.insert("tokens".into(), json!(row.tokens));
        let (low, high) = ends(row);
        object.insert("cost_usd".into(), json!(row.cost));
        object.insert("cost_low_usd".into(), json!(low));
        object.insert("cost_high_usd".into(), json!(high));
        object.insert("basis".into(), json!(row.basis));
        object.insert("unpriced_tokens".into(), json!(row.unpriced_tokens));
        object.insert("coverage".into(), json!(row.coverage_permille().map(in_thousandths)));
        Value::Object(object)
    });
    let total = &report.total;
    let (low, high) = total.estimated.map(|cost| total.margin.around(cost)).unzip();
    json!({
        "rows": rows.collect::<Vec<_>>(),
        "totals": {
            "requests": total.requests,
            "tokens": total.tokens,
            "cost_usd": total.estimated,
            "cost_low_usd": low,
            "cost_high_usd": high,
            "basis": "estimated",
            "billed_usd": total.billed,
            "api_equivalent_usd": total.api_equivalent,
            "unpriced_tokens": total.unpriced_tokens,
            "coverage": total.coverage_permille.map(in_thousandths),
            "unpriced_models": unpriced,
        },
        "as_of": as_of,
    })
}

/// The least and the most that the calls of a row cost.
fn ends(row: &ReportRow) -> (Option<Usd>, Option<Usd>) {
    row.cost.map(|cost| row.margin.around(cost)).unzip()
}

/// `0.973`.
fn in_thousandths(permille: i64) -> String {
    format!("{}.{:03}", permille / 1_000, permille % 1_000)
}

fn csv(out: &mut impl Write, cuts: &[Cut], report: &Report, labels: &[String]) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let figures = [
        "requests",
        "input",
        "cache_read",
        "cache_write_short",
        "cache_write_long",
        "output",
        "reasoning",
        "cost_usd",
        "basis",
        "unpriced_tokens",
        "cost_low_usd",
        "cost_high_usd",
        "coverage",
    ];
    let written = |amount: Option<Usd>| amount.map(|amount| amount.to_string()).unwrap_or_default();
    writer.write_record(cuts.iter().map(|cut| cut.as_str()).chain(figures))?;
    for (row, label) in report.rows.iter().zip(labels) {
        let tokens = &row.tokens;
        let (low, high) = ends(row);
        let values = cuts.iter().zip(&row.values).map(|(cut, value)| inert(shown(*cut, value, label)));
        let figures = [
            row.requests.to_string(),
            tokens.input.to_string(),
            tokens.cache_read.to_string(),
            tokens.cache_write_short.to_string(),
            tokens.cache_write_long.to_string(),
            tokens.output.to_string(),
            tokens.reasoning.to_string(),
            written(row.cost),
            row.basis.as_str().to_owned(),
            row.unpriced_tokens.to_string(),
            written(low),
            written(high),
            row.coverage_permille().map(in_thousandths).unwrap_or_default(),
        ];
        writer.write_record(values.chain(figures))?;
    }
    writer.flush()?;
    Ok(())
}

/// A branch may be called `=cmd()`. A spreadsheet must not run it.
fn inert(value: &str) -> String {
    if value.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{value}") } else { value.to_owned() }
}
