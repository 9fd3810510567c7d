//! `/costs`: what is on the invoice, by day.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::buckets::Width;
use super::super::query::{self, Bad};
use super::super::rows::{Amounts, Row, grouped};
use super::usage::{object, page};
use super::{Organisation, list};
use crate::{Answer, Request, exact};

/// A line of the invoice.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    pub at: Timestamp,
    pub project: Option<String>,
    pub key: Option<String>,
    pub user: Option<String>,
    pub api_source: Option<String>,
    /// Like `gpt-6-astra, input_tokens`: the one place that tells the model.
    pub line_item: Option<String>,
    /// In billionths of a dollar.
    pub nanos: i64,
    /// In thousandths of the unit.
    pub quantity_milli: i64,
    /// Like `1000_tokens`.
    pub quantity_unit: Option<String>,
}

const DIMENSIONS: [&str; 5] = ["project_id", "line_item", "api_key_id", "user_id", "api_source"];

pub(super) fn answer(organisation: &Organisation, request: &Request, now: Timestamp) -> Result<Answer, Bad> {
    if request.parameter("bucket_width").is_some_and(|width| width != "1d") {
        return Err(Bad::of("bucket_width", "only 1d is supported"));
    }
    let limit = query::limit(request, "limit", 7, 180)?;
    let by = query::listed("group_by", list(request, "group_by"), &DIMENSIONS)?;
    let of_projects = by.contains(&"project_id") || !list(request, "project_ids").is_empty();
    if by.contains(&"user_id") && of_projects {
        return Err(Bad::of("group_by", "user_id does not go with projects"));
    }
    let chosen = |row: &Row| {
        let filters = [("project_ids", "project_id"), ("api_key_ids", "api_key_id"), ("line_items", "line_item")];
        filters.iter().all(|(parameter, of)| row.is_of(of, &list(request, parameter)))
    };
    let rows: Vec<Row> = organisation.costs.iter().map(Cost::row).filter(chosen).collect();
    let result = |row: &Row| shown(row, by.contains(&"line_item"), organisation.amounts_as_text);
    // A line item has one unit, which is kept beside it.
    let mut kept = by.clone();
    if by.contains(&"line_item") {
        kept.push("quantity_unit");
    }
    page(request, Width::Day, now, limit, &rows, |rows| grouped(rows, &kept).iter().map(result).collect())
}

fn shown(row: &Row, by_line_item: bool, as_text: bool) -> Value {
    let nanos = row.amount("nanos");
    let value = if as_text { exact::decimal(nanos, 9).into() } else { exact::number(nanos, 9) };
    let quantity = if by_line_item { exact::number(row.amount("quantity"), 3) } else { Value::Null };
    json!({
        "object": "organization.costs.result",
        "amount": { "value": value, "currency": "usd" },
        "line_item": row.value("line_item"),
        "project_id": row.value("project_id"),
        "api_key_id": row.value("api_key_id"),
        "user_id": row.value("user_id"),
        "api_source": row.value("api_source"),
        "quantity": quantity,
        "quantity_unit": row.value("quantity_unit"),
    })
}

impl Cost {
    fn row(&self) -> Row {
        let of = json!({
            "project_id": self.project,
            "api_key_id": self.key,
            "user_id": self.user,
            "api_source": self.api_source,
            "line_item": self.line_item,
            "quantity_unit": self.quantity_unit,
        });
        let amounts = Amounts::from([("nanos", self.nanos), ("quantity", self.quantity_milli)]);
        Row { at: self.at.as_second(), of: object(of), amounts }
    }
}
