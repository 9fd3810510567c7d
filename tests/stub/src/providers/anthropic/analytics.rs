//! The newer reports, `analytics/usage` and `analytics/cost`: rows where there was usage, and only there, the largest first
//! unless asked otherwise; pages are of rows.

use std::iter;
use std::ops::Range;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::buckets::Width;
use super::super::cursor;
use super::super::query::{self, Bad, required};
use super::super::rows::{Row, dimensions, grouped};
use super::reports::{cents, moment, tokens};
use super::{Organisation, list, report};
use crate::Request;

/// What rows can be grouped by; each row has all of them, null unless grouped by.
const DIMENSIONS: [&str; 20] = [
    "actor",
    "actor_type",
    "agent_id",
    "api_key_id",
    "claude_tag_category",
    "claude_tag_user_id",
    "context_window",
    "deployment_id",
    "environment_id",
    "inference_geo",
    "model",
    "organization_id",
    "product",
    "rbac_group_id",
    "service_tier",
    "session_id",
    "slack_channel_id",
    "speed",
    "user_profile_id",
    "workspace_id",
];

/// Costs alone can be fanned out by these.
const FANNED_OUT: [&str; 2] = ["cost_type", "token_type"];

/// Lists that choose, and the dimension that each chooses by.
const FILTERS: [(&str, &str); 20] = [
    ("actor_ids", "actor_id"),
    ("actor_types", "actor_type"),
    ("agent_ids", "agent_id"),
    ("api_key_ids", "api_key_id"),
    ("claude_tag_categories", "claude_tag_category"),
    ("claude_tag_user_ids", "claude_tag_user_id"),
    ("context_windows", "context_window"),
    ("deployment_ids", "deployment_id"),
    ("environment_ids", "environment_id"),
    ("inference_geos", "inference_geo"),
    ("models", "model"),
    ("organization_ids", "organization_id"),
    ("products", "product"),
    ("rbac_group_ids", "rbac_group_id"),
    ("service_tiers", "service_tier"),
    ("session_ids", "session_id"),
    ("slack_channel_ids", "slack_channel_id"),
    ("speeds", "speed"),
    ("user_profile_ids", "user_profile_id"),
    ("workspace_ids", "workspace_id"),
];

/// Groupings that count; costs can be fanned out besides.
const MOST_GROUPS: usize = 5;

pub(super) fn usage(organisation: &Organisation, request: &Request, now: Timestamp) -> Result<Value, Bad> {
    let orders = ["total_tokens", "output_tokens", "requests", "time", "uncached_input_tokens"];
    let asked = Asked::of(request, now, &DIMENSIONS, &orders)?;
    let rows = organisation.calls.iter().map(|call| call.usage(call.newer_dimensions(organisation)));
    let (groups, next) = asked.page(rows.collect(), organisation, request)?;
    let shown = |Group { times, row, .. }: &Group| {
        let mut usage = tokens(row);
        usage.insert("total_tokens".to_owned(), row.amount("total_tokens").into());
        usage.insert("requests".to_owned(), row.amount("requests").into());
        let group = dimensions(row, &DIMENSIONS);
        json!({ "starting_at": moment(times.start), "ending_at": moment(times.end), "group": group, "usage": usage })
    };
    let data: Vec<Value> = groups.iter().map(shown).collect();
    Ok(refreshed(organisation, report(&data, next.as_ref())))
}

pub(super) fn cost(organisation: &Organisation, request: &Request, now: Timestamp) -> Result<Value, Bad> {
    let dimensions_of_costs = [&DIMENSIONS[..], &FANNED_OUT].concat();
    let asked = Asked::of(request, now, &dimensions_of_costs, &["amount", "list_amount", "time"])?;
    let rows = organisation.calls.iter().flat_map(|call| call.costs(&call.newer_dimensions(organisation)));
    let (groups, next) = asked.page(rows.collect(), organisation, request)?;
    let fan: Vec<&str> = asked.fan.iter().chain(&asked.by).copied().collect();
    let mut data = Vec::new();
    for group in groups {
        let rows = if asked.fan.is_empty() { vec![group.row] } else { grouped(group.parts, &fan) };
        data.extend(rows.iter().map(|row| {
            let requests = asked.fan.is_empty().then(|| row.amount("requests"));
            json!({
                "starting_at": moment(group.times.start),
                "ending_at": moment(group.times.end),
                "group": dimensions(row, &dimensions_of_costs),
                "cost": {
                    "amount": cents(row.amount("amount")),
                    "list_amount": cents(row.amount("list_amount")),
                    "currency": "USD",
                    "requests": requests,
                },
            })
        }));
    }
    Ok(refreshed(organisation, report(&data, next.as_ref())))
}

fn refreshed(organisation: &Organisation, mut report: Value) -> Value {
    report["data_refreshed_at"] = organisation.refreshed.map(|moment| moment.to_string()).into();
    report
}

/// A query that was found to be in order.
struct Asked<'a> {
    range: Range<i64>,
    /// `None`: one row for the whole range.
    width: Option<Width>,
    by: Vec<&'a str>,
    fan: Vec<&'a str>,
    order_by: &'a str,
    ascending: bool,
    limit: usize,
}

/// What a row of a page is made of.
struct Group {
    times: Range<i64>,
    row: Row,
    parts: Vec<Row>,
}

impl<'a> Asked<'a> {
    /// The first of `orders` is the one that is meant when nothing is said.
    fn of(request: &'a Request, now: Timestamp, known: &[&str], orders: &[&'a str]) -> Result<Self, Bad> {
        let width =
            request.parameter("time_bucket_width").map(|text| Width::parse("time_bucket_width", text)).transpose()?;
        let by = query::listed("group_by[]", list(request, "group_by"), known)?;
        let (fan, by): (Vec<_>, Vec<_>) = by.into_iter().partition(|name| FANNED_OUT.contains(name));
        if by.len() > MOST_GROUPS {
            return Err(Bad::of("group_by[]", "at most 5"));
        }
        let order_by = request.parameter("order_by").unwrap_or(orders[0]);
        let order_by = query::listed("order_by", vec![order_by], orders)?[0];
        // [unverified]: which way the order of time goes when nothing is said. The way of all others is the harder one.
        let order = query::listed("order", vec![request.parameter("order").unwrap_or("desc")], &["asc", "desc"])?[0];
        Ok(Self {
            range: range(request, now, width)?,
            width,
            by,
            fan,
            order_by,
            ascending: order == "asc",
            limit: query::limit(request, "limit", 20, 1_000)?,
        })
    }

    fn page(
        &self,
        rows: Vec<Row>,
        organisation: &Organisation,
        request: &Request,
    ) -> Result<(Vec<Group>, Option<String>), Bad> {
        let known = |row: &Row| organisation.refreshed.is_none_or(|moment| row.at < moment.as_second());
        let chosen = |row: &Row| {
            FILTERS.iter().all(|(parameter, of)| {
                let values = list(request, parameter);
                // An empty key is none.
                let keyless = *of == "api_key_id" && values.contains(&"") && row.value(of).is_null();
                keyless || row.is_of(of, &values)
            })
        };
        let rows: Vec<Row> =
            rows.into_iter().filter(|row| self.range.contains(&row.at) && known(row) && chosen(row)).collect();
        let mut groups = Vec::new();
        for times in self.buckets() {
            let within: Vec<Row> = rows.iter().filter(|row| times.contains(&row.at)).cloned().collect();
            for row in grouped(within.clone(), &self.by) {
                let of_row = |part: &&Row| self.by.iter().all(|name| part.value(name) == row.value(name));
                let parts = within.iter().filter(of_row).cloned().collect();
                groups.push(Group { times: times.clone(), row, parts });
            }
        }
        groups.sort_by_key(|group| {
            let value = if self.order_by == "time" { group.times.start } else { group.row.amount(self.order_by) };
            if self.ascending { value } else { -value }
        });
        cursor::page(groups, request, self.limit)
    }

    /// Each bucket, or the whole range, which is rounded to hours.
    fn buckets(&self) -> Vec<Range<i64>> {
        match self.width {
            None => {
                let start = Width::Hour.floor(self.range.start);
                let whole = start..-Width::Hour.floor(-self.range.end);
                iter::once(whole).collect()
            }
            Some(width) => {
                let starts = width.starts(&self.range).into_iter();
                starts.map(|start| start..start + width.seconds()).collect()
            }
        }
    }
}

/// At most 31 days, with minutes at most 24 hours; from 2026 on, and not older than a year.
fn range(request: &Request, now: Timestamp, width: Option<Width>) -> Result<Range<i64>, Bad> {
    let start = required("starting_at", query::moment(request, "starting_at")?)?;
    let end = query::moment(request, "ending_at")?;
    if width.is_some() && end.is_none() {
        return Err(Bad::of("ending_at", "required with time_bucket_width"));
    }
    let end = end.unwrap_or(now);
    let longest = if width == Some(Width::Minute) { 24 } else { 31 * 24 };
    if end <= start {
        return Err(Bad::of("ending_at", "must be after starting_at"));
    }
    if end.duration_since(start) > SignedDuration::from_hours(longest) {
        return Err(Bad::of("ending_at", &format!("the range must not exceed {longest} hours")));
    }
    let oldest = now - SignedDuration::from_hours(365 * 24);
    if start < oldest || start.to_string().as_str() < "2026" {
        return Err(Bad::of("starting_at", "must be in the last 365 days, and not before 2026"));
    }
    Ok(start.as_second()..end.as_second())
}
