//! `/user/daily/activity`: days, the latest first, each with its models, providers and keys.
//!
//! A page is of rows of the proxy's table, which has one per day, user, key, model and provider. So a day may be on two
//! pages, a part of it on each, and the totals of a page are of that page alone (litellm's `get_daily_activity`).

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::super::buckets::day;
use super::super::query::{self, Bad, required};
use super::super::rows::{Amounts, Row, grouped};
use super::{Call, Organisation};
use crate::{Request, exact};

/// What tells rows of the table apart.
const ROW: [&str; 5] = ["date", "user", "api_key", "model", "provider"];

pub(super) fn answer(organisation: &Organisation, calls: &[&Call], request: &Request) -> Result<Value, Bad> {
    let (first, last) = (date(request, "start_date")?, date(request, "end_date")?);
    let page = query::limit(request, "page", 1, usize::MAX)?;
    let size = query::limit(request, "page_size", 50, 1_000)?;
    let is = |name: &str, value: &str| request.parameter(name).is_none_or(|asked| value == asked);
    let chosen = calls.iter().filter(|call| {
        (first..=last).contains(&day(call.at))
            && is("model", &call.model)
            && is("api_key", &call.key)
            && is("user_id", &call.user)
    });
    let mut table = grouped(chosen.map(|call| call.row()), &ROW);
    table.sort_by_key(|row| std::cmp::Reverse(row.value("date").to_string()));
    let pages = table.len().div_ceil(size);
    let rows: Vec<Row> = table.into_iter().skip((page - 1).saturating_mul(size)).take(size).collect();

    let mut days: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in &rows {
        days.entry(text(row, "date")).or_default().push(row.clone());
    }
    let results: Vec<Value> = days.iter().rev().map(|(date, rows)| organisation.of_day(date, rows)).collect();
    let totals = summed(&rows);
    let mut metadata = json!({ "page": page, "total_pages": pages, "has_more": page < pages });
    for name in ["spend", "prompt_tokens", "completion_tokens", "total_tokens", "api_requests", "successful_requests"]
        .into_iter()
        .chain(["failed_requests", "cache_read_input_tokens", "cache_creation_input_tokens"])
    {
        metadata[format!("total_{name}")] = totals[name].clone();
    }
    Ok(json!({ "results": results, "metadata": metadata }))
}

impl Organisation {
    fn of_day(&self, date: &str, rows: &[Row]) -> Value {
        json!({
            "date": date,
            "metrics": summed(rows),
            "breakdown": {
                "models": self.by("model", rows),
                "providers": self.by("provider", rows),
                "api_keys": self.by_key(rows),
                "mcp_servers": {},
                "model_groups": self.by("model", rows),
                "endpoints": {},
                "entities": {},
                "guardrails": {},
            },
        })
    }

    fn by(&self, dimension: &str, rows: &[Row]) -> Value {
        let mut of: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for row in rows {
            of.entry(text(row, dimension)).or_default().push(row.clone());
        }
        let shown = of.into_iter().map(|(name, rows)| {
            let keys = self.by_key(&rows);
            (name, json!({ "metrics": summed(&rows), "metadata": {}, "api_key_breakdown": keys }))
        });
        Value::Object(shown.collect())
    }

    fn by_key(&self, rows: &[Row]) -> Value {
        let mut of: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for row in rows {
            of.entry(text(row, "api_key")).or_default().push(row.clone());
        }
        let shown = of.into_iter().map(|(hash, rows)| {
            let key = self.keys.iter().find(|key| key.hash == hash);
            let metadata = json!({
                "key_alias": key.and_then(|key| key.alias.as_ref()),
                "team_id": key.and_then(|key| key.team.as_ref()),
                "user_id": key.and_then(|key| key.user.as_ref()),
                "user_email": null,
                "key_exists": key.is_some(),
            });
            (hash, json!({ "metrics": summed(&rows), "metadata": metadata }))
        });
        Value::Object(shown.collect())
    }
}

impl Call {
    fn row(&self) -> Row {
        let of = [
            ("date", day(self.at).to_string()),
            ("user", self.user.clone()),
            ("api_key", self.key.clone()),
            ("model", self.model.clone()),
            ("provider", self.provider.clone()),
        ];
        let amounts = Amounts::from([
            ("spend", self.nanos),
            ("prompt_tokens", self.prompt),
            ("completion_tokens", self.completion),
            ("total_tokens", self.prompt + self.completion),
            ("cache_read_input_tokens", self.cache_read),
            ("cache_creation_input_tokens", self.cache_written),
            ("api_requests", 1),
            ("successful_requests", i64::from(!self.failed)),
            ("failed_requests", i64::from(self.failed)),
        ]);
        let of = of.map(|(name, text)| (name.to_owned(), text.into())).into_iter().collect();
        Row { at: self.at.as_second(), of, amounts }
    }
}

/// Metrics of all rows together; none of no rows is missing.
fn summed(rows: &[Row]) -> Map<String, Value> {
    let mut sums = Call::default().row().amounts;
    for sum in sums.values_mut() {
        *sum = 0;
    }
    for row in rows {
        for (name, sum) in &mut sums {
            *sum += row.amount(name);
        }
    }
    let written = sums
        .into_iter()
        .map(|(name, sum)| (name.to_owned(), if name == "spend" { exact::number(sum, 9) } else { sum.into() }));
    written.collect()
}

fn text(row: &Row, dimension: &str) -> String {
    row.value(dimension).as_str().unwrap_or_default().to_owned()
}

fn date(request: &Request, name: &str) -> Result<Date, Bad> {
    required(name, request.parameter(name))?.parse().map_err(|_| Bad::of(name, "must be YYYY-MM-DD"))
}
