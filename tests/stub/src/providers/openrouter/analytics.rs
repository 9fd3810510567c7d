//! `/analytics/query`: sums of calls by at most two dimensions and by time, and what can be asked of it.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Map, Value, json};

use super::super::buckets::day;
use super::super::query::{Bad, required};
use super::super::rows::{Amounts, Row, grouped};
use super::{Call, Organisation, dollars};
use crate::{Request, exact};

/// Metrics, and how each is written.
const METRICS: [(&str, Form); 8] = [
    ("total_usage", Form::Money),
    ("usage_upstream", Form::Money),
    ("request_count", Form::Count),
    ("tokens_total", Form::Count),
    ("tokens_prompt", Form::Count),
    ("tokens_completion", Form::Count),
    ("reasoning_tokens", Form::Count),
    ("cache_hit_rate", Form::Rate),
];

#[derive(Clone, Copy)]
enum Form {
    Money,
    Count,
    Rate,
}

const DIMENSIONS: [&str; 6] = ["model", "api_key_id", "user", "workspace", "app", "provider"];
const GRANULARITIES: [&str; 5] = ["minute", "hour", "day", "week", "month"];
const MOST_DIMENSIONS: usize = 2;
const MOST_FILTERS: usize = 20;
/// Rows when no limit is said.
const ROWS: usize = 1_000;
/// What is told when no range is said: a recent window [unverified: how long].
const WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

pub(super) fn query(organisation: &Organisation, request: &Request, now: Timestamp) -> Result<Value, Bad> {
    let asked: Value = serde_json::from_slice(&request.body).map_err(|_| Bad::of("body", "must be JSON"))?;
    let metrics = names(&asked, "metrics", &METRICS.map(|(name, _)| name))?;
    let dimensions = names(&asked, "dimensions", &DIMENSIONS)?;
    if metrics.is_empty() {
        return Err(Bad::of("metrics", "at least one"));
    }
    if dimensions.len() > MOST_DIMENSIONS {
        return Err(Bad::of("dimensions", "at most 2"));
    }
    let granularity = match &asked["granularity"] {
        Value::Null => None,
        Value::String(name) if GRANULARITIES.contains(&name.as_str()) => Some(name.as_str()),
        _ => return Err(Bad::of("granularity", "must be minute, hour, day, week or month")),
    };
    let (start, end) = range(&asked["time_range"], now)?;
    let mut chosen = Vec::new();
    for call in organisation.calls.iter().filter(|call| (start..end).contains(&call.at)) {
        if passes(&asked["filters"], &organisation.ids(call))? {
            chosen.push(organisation.row(call, granularity));
        }
    }
    let by: Vec<&str> = dimensions.iter().copied().chain(granularity.map(|_| TIME)).collect();
    let mut rows = grouped(chosen, &by);
    sort(&mut rows, &asked["order_by"], &metrics, &dimensions)?;
    let limit = asked["limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(ROWS);
    let truncated = rows.len() > limit;
    rows.truncate(limit);
    let rows: Vec<Value> = rows.iter().map(|row| organisation.shown(row, &metrics, granularity)).collect();
    Ok(json!({
        "metadata": { "query_time_ms": 42, "row_count": rows.len(), "truncated": truncated },
        "data": rows,
    }))
}

/// Where a row has its time until it is shown.
const TIME: &str = "time";

/// What can be asked.
pub(super) fn meta() -> Value {
    let labelled = |name: &&str| json!({ "name": name, "display_label": name });
    let metric = |(name, form): &(&str, Form)| {
        let format = match form {
            Form::Money => "currency",
            Form::Count => "number",
            Form::Rate => "percent",
        };
        let is_rate = matches!(form, Form::Rate);
        json!({ "name": name, "display_label": name, "display_format": format, "is_rate": is_rate })
    };
    let operators = [("eq", "scalar"), ("neq", "scalar"), ("in", "array"), ("not_in", "array")];
    json!({
        "metrics": METRICS.iter().map(metric).collect::<Vec<_>>(),
        "dimensions": DIMENSIONS.iter().map(labelled).collect::<Vec<_>>(),
        "granularities": GRANULARITIES.iter().map(labelled).collect::<Vec<_>>(),
        "operators": operators.map(|(name, value)| json!({ "name": name, "value_type": value })),
    })
}

fn names<'a>(asked: &'a Value, field: &str, known: &[&str]) -> Result<Vec<&'a str>, Bad> {
    let names = asked[field].as_array().into_iter().flatten();
    let names: Vec<&str> = names.map(|name| name.as_str().unwrap_or_default()).collect();
    match names.iter().find(|name| !known.contains(name)) {
        Some(unknown) => Err(Bad::of(field, &format!("`{unknown}` is not known; see /analytics/meta"))),
        None => Ok(names),
    }
}

/// From its start on and before its end [unverified: the end]. Seconds must be written.
fn range(asked: &Value, now: Timestamp) -> Result<(Timestamp, Timestamp), Bad> {
    if asked.is_null() {
        return Ok((now - WINDOW, now + SignedDuration::from_secs(1)));
    }
    let moment = |field: &str| {
        let text = required(field, asked[field].as_str())?;
        let time = text.split_once('T').map_or("", |(_, time)| time);
        let seconds = time.as_bytes().get(5) == Some(&b':');
        text.parse::<Timestamp>()
            .ok()
            .filter(|_| seconds)
            .ok_or_else(|| Bad::of("time_range", "must be moments with seconds"))
    };
    Ok((moment("start")?, moment("end")?))
}

/// Whether a call passes all filters, which name keys and workspaces by their ids.
fn passes(filters: &Value, ids: &BTreeMap<&str, Option<&str>>) -> Result<bool, Bad> {
    let filters = filters.as_array().map(Vec::as_slice).unwrap_or_default();
    if filters.len() > MOST_FILTERS {
        return Err(Bad::of("filters", "at most 20"));
    }
    let mut passes = true;
    for filter in filters {
        let field = filter["field"].as_str().unwrap_or_default();
        let id = ids.get(field).ok_or_else(|| Bad::of("filters", &format!("`{field}` is not known")))?;
        let is = |value: &Value| value.as_str().is_some() && value.as_str() == *id;
        let among = || filter["value"].as_array().is_some_and(|values| values.iter().any(is));
        passes &= match filter["operator"].as_str() {
            Some("eq") => is(&filter["value"]),
            Some("neq") => !is(&filter["value"]),
            Some("in") => among(),
            Some("not_in") => !among(),
            _ => return Err(Bad::of("filters", "this operator is not for dimensions")),
        };
    }
    Ok(passes)
}

/// As asked; else the latest first [unverified].
fn sort(rows: &mut [Row], order: &Value, metrics: &[&str], dimensions: &[&str]) -> Result<(), Bad> {
    let field = order["field"].as_str();
    let descending = order["direction"] != "asc";
    match field {
        None => rows.sort_by_key(|row| std::cmp::Reverse(row.value(TIME).to_string())),
        Some(field) if metrics.contains(&field) => rows.sort_by_key(|row| row.amount(field)),
        Some(field) if dimensions.contains(&field) => rows.sort_by_key(|row| row.value(field).to_string()),
        Some("date" | "created_at") => rows.sort_by_key(|row| row.value(TIME).to_string()),
        Some(field) => return Err(Bad::of("order_by", &format!("`{field}` is not in the result"))),
    }
    if field.is_some() && descending {
        rows.reverse();
    }
    Ok(())
}

impl Organisation {
    /// A call by ids, as filters want it.
    fn ids<'a>(&'a self, call: &'a Call) -> BTreeMap<&'static str, Option<&'a str>> {
        BTreeMap::from([
            ("model", Some(call.model.as_str())),
            ("api_key_id", Some(call.key.as_str())),
            ("user", call.user.as_deref()),
            ("workspace", Some(self.workspace_of(call))),
            ("app", call.app.as_deref()),
            ("provider", Some(call.provider.as_str())),
        ])
    }

    /// A call by names, as rows tell it.
    fn row(&self, call: &Call, granularity: Option<&str>) -> Row {
        let key = self.keys.iter().find(|key| key.hash == call.key).map_or(&call.key, |key| &key.name);
        let workspace = self.workspace_of(call);
        let workspace = self.workspaces.iter().find(|(id, _)| id == workspace).map_or(workspace, |(_, name)| name);
        let mut of: Map<String, Value> =
            self.ids(call).into_iter().map(|(name, id)| (name.to_owned(), id.into())).collect();
        of.insert("api_key_id".to_owned(), key.as_str().into());
        of.insert("workspace".to_owned(), workspace.into());
        of.insert(TIME.to_owned(), granularity.map(|granularity| floor(call.at, granularity)).into());
        let amounts = Amounts::from([
            ("total_usage", call.nanos),
            ("usage_upstream", call.byok_nanos),
            ("request_count", call.requests),
            ("tokens_total", call.prompt + call.completion),
            ("tokens_prompt", call.prompt),
            ("tokens_completion", call.completion),
            ("reasoning_tokens", call.reasoning),
            ("cached", call.cached),
        ]);
        Row { at: call.at.as_second(), of, amounts }
    }

    fn shown(&self, row: &Row, metrics: &[&str], granularity: Option<&str>) -> Value {
        let mut shown = row.of.clone();
        if let (Some(granularity), Some(time)) = (granularity, shown.remove(TIME)) {
            let name = if self.time_is_created_at { "created_at" } else { "date" };
            shown.insert(format!("{name}__{granularity}"), time);
        }
        for (name, form) in METRICS.iter().filter(|(name, _)| metrics.contains(name)) {
            let amount = row.amount(name);
            let value = match form {
                Form::Money => dollars(amount),
                Form::Count if self.counts_as_text => amount.to_string().into(),
                Form::Count => amount.into(),
                Form::Rate => exact::number(row.amount("cached") * 10_000 / row.amount("tokens_prompt").max(1), 4),
            };
            shown.insert((*name).to_owned(), value);
        }
        shown.into()
    }
}

/// The beginning of the piece of time that `moment` is in, with thousandths of a second.
fn floor(moment: Timestamp, granularity: &str) -> String {
    let begins = |day: Date| TimeZone::UTC.to_timestamp(day.to_datetime(Time::midnight())).unwrap_or(moment);
    let whole = |seconds: i64| {
        let second = moment.as_second();
        Timestamp::from_second(second - second.rem_euclid(seconds)).unwrap_or(moment)
    };
    let day = day(moment);
    let begin = match granularity {
        "minute" => whole(60),
        "hour" => whole(3_600),
        "week" => begins(day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days())),
        "month" => begins(day.first_of_month()),
        _ => begins(day),
    };
    format!("{begin:.3}")
}
