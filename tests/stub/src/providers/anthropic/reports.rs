//! The older reports, `usage_report/messages` and `cost_report`: buckets in the order of time, those without usage too.

use std::ops::Range;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::buckets::Width;
use super::super::cursor;
use super::super::query::{self, Bad, required};
use super::super::rows::{Row, dimensions, grouped};
use super::{Organisation, SPEED_BETA, has_beta, list, report};
use crate::{Request, exact};

const DIMENSIONS: [&str; 9] = [
    "account_id",
    "api_key_id",
    "context_window",
    "inference_geo",
    "model",
    "service_account_id",
    "service_tier",
    "speed",
    "workspace_id",
];

/// Dimensions that came after 2025. Speed is shown to those alone who ask for it.
const NEWER_DIMENSIONS: [&str; 3] = ["account_id", "inference_geo", "service_account_id"];

/// Lists that choose, and the dimension that each chooses by. `context_window` has no plural.
const FILTERS: [(&str, &str); 9] = [
    ("account_ids", "account_id"),
    ("api_key_ids", "api_key_id"),
    ("context_window", "context_window"),
    ("inference_geos", "inference_geo"),
    ("models", "model"),
    ("service_account_ids", "service_account_id"),
    ("service_tiers", "service_tier"),
    ("speeds", "speed"),
    ("workspace_ids", "workspace_id"),
];

/// What a line of the invoice tells when it is grouped by description, the description among it.
const DESCRIBED: [&str; 7] =
    ["description", "cost_type", "token_type", "model", "service_tier", "context_window", "inference_geo"];

pub(super) fn usage(organisation: &Organisation, request: &Request, now: Timestamp) -> Result<Value, Bad> {
    let name = "bucket_width";
    let width = Width::parse(name, request.parameter(name).unwrap_or("1d"))?;
    let (default, most) = width.page();
    let limit = query::limit(request, "limit", default, most)?;
    let by = query::listed("group_by[]", list(request, "group_by"), &DIMENSIONS)?;
    let of_speed = by.contains(&"speed") || !list(request, "speeds").is_empty();
    if of_speed && !has_beta(request, SPEED_BETA) {
        return Err(Bad::of("speed", &format!("needs the beta {SPEED_BETA}")));
    }
    let rows = organisation.calls.iter().map(|call| call.usage(call.older_dimensions()));
    let chosen = |row: &Row| FILTERS.iter().all(|(parameter, of)| row.is_of(of, &list(request, parameter)));
    let rows: Vec<Row> = rows.filter(chosen).collect();
    let known: Vec<&str> = DIMENSIONS
        .into_iter()
        .filter(|name| !organisation.fields_of_2025 || !NEWER_DIMENSIONS.contains(name))
        .filter(|name| *name != "speed" || of_speed)
        .collect();
    let result = |row: &Row| {
        let mut result = tokens(row);
        result.extend(dimensions(row, &known));
        Value::Object(result)
    };
    page(request, width, now, limit, &rows, |rows| grouped(rows, &by).iter().map(result).collect())
}

/// Days alone, in cents. What the priority tier costs is paid ahead, and is not in it.
pub(super) fn cost(organisation: &Organisation, request: &Request, now: Timestamp) -> Result<Value, Bad> {
    if request.parameter("bucket_width").is_some_and(|width| width != "1d") {
        return Err(Bad::of("bucket_width", "only 1d is supported"));
    }
    // [unverified]: the limits, of which nothing is said.
    let limit = query::limit(request, "limit", 7, 31)?;
    let by = query::listed("group_by[]", list(request, "group_by"), &["workspace_id", "description"])?;
    let mut kept = by.clone();
    if by.contains(&"description") {
        kept.extend(DESCRIBED);
    }
    let invoiced = organisation.calls.iter().filter(|call| !call.tier.starts_with("priority"));
    let rows = invoiced.flat_map(|call| {
        let mut rows = call.costs(&call.older_dimensions());
        // What is not of tokens is of no model.
        for row in rows.iter_mut().filter(|row| row.value("cost_type") != "tokens") {
            for name in ["model", "service_tier", "context_window", "inference_geo"] {
                row.of.insert(name.to_owned(), Value::Null);
            }
        }
        rows
    });
    let result = |row: &Row| {
        let mut result = dimensions(row, &[&DESCRIBED[..], &["workspace_id"]].concat());
        // Of the tiers, invoices know these.
        if !["standard", "batch"].iter().any(|tier| result["service_tier"] == *tier) {
            result["service_tier"] = Value::Null;
        }
        result.insert("amount".to_owned(), cents(row.amount("amount")));
        result.insert("currency".to_owned(), "USD".into());
        Value::Object(result)
    };
    page(request, Width::Day, now, limit, &rows.collect::<Vec<_>>(), |rows| {
        grouped(rows, &kept).iter().map(result).collect()
    })
}

/// Billionths of a dollar as a text of cents.
pub(super) fn cents(nanos: i64) -> Value {
    exact::decimal(nanos, 7).into()
}

/// The counts of an item, which both generations share.
pub(super) fn tokens(row: &Row) -> Map<String, Value> {
    let counts = ["uncached_input_tokens", "cache_read_input_tokens", "output_tokens"];
    let mut tokens: Map<_, _> = counts.iter().map(|name| ((*name).to_owned(), row.amount(name).into())).collect();
    let written = json!({
        "ephemeral_5m_input_tokens": row.amount("written_5m"),
        "ephemeral_1h_input_tokens": row.amount("written_1h"),
    });
    tokens.insert("cache_creation".to_owned(), written);
    let searches = json!({ "web_search_requests": row.amount("web_search_requests") });
    tokens.insert("server_tool_use".to_owned(), searches);
    tokens
}

fn page(
    request: &Request,
    width: Width,
    now: Timestamp,
    limit: usize,
    rows: &[Row],
    results: impl Fn(Vec<Row>) -> Vec<Value>,
) -> Result<Value, Bad> {
    let (starts, next) = cursor::page(width.starts(&range(request, now)?), request, limit)?;
    let bucket = |start: &i64| {
        let end = start + width.seconds();
        let within = rows.iter().filter(|row| (*start..end).contains(&row.at)).cloned();
        json!({ "starting_at": moment(*start), "ending_at": moment(end), "results": results(within.collect()) })
    };
    Ok(report(&starts.iter().map(bucket).collect::<Vec<_>>(), next.as_ref()))
}

/// Whole buckets: the beginning is moved back to that of its bucket.
fn range(request: &Request, now: Timestamp) -> Result<Range<i64>, Bad> {
    let start = required("starting_at", query::moment(request, "starting_at")?)?;
    let end = query::moment(request, "ending_at")?.map_or(now.as_second() + 1, Timestamp::as_second);
    if end <= start.as_second() {
        return Err(Bad::of("ending_at", "must be after starting_at"));
    }
    Ok(start.as_second()..end)
}

/// As RFC 3339 writes it.
pub(super) fn moment(second: i64) -> String {
    Timestamp::from_second(second).unwrap_or_default().to_string()
}
