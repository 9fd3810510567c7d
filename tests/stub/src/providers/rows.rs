//! Rows of usage before they are answered: what they are of, and amounts that add up.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Amounts by name: tokens, requests, money in billionths of a dollar.
pub(super) type Amounts = BTreeMap<&'static str, i64>;

/// What was used at a moment; of a group, at its first moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// In seconds since 1970.
    pub(super) at: i64,
    pub(super) of: Map<String, Value>,
    pub(super) amounts: Amounts,
}

impl Row {
    pub(super) fn amount(&self, name: &str) -> i64 {
        self.amounts.get(name).copied().unwrap_or(0)
    }

    /// Its value of a dimension, or null.
    pub(super) fn value(&self, dimension: &str) -> Value {
        self.of.get(dimension).cloned().unwrap_or(Value::Null)
    }

    /// Whether it is of one of `values`, as they are written in a query. None of them asks for nothing.
    pub(super) fn is_of(&self, dimension: &str, values: &[&str]) -> bool {
        let text = match self.value(dimension) {
            Value::Null => None,
            Value::String(text) => Some(text),
            other => Some(other.to_string()),
        };
        values.is_empty() || text.is_some_and(|text| values.contains(&text.as_str()))
    }
}

/// The rows added up by these dimensions, in an order that does not depend on theirs. Other dimensions are left out.
pub(super) fn grouped(rows: impl IntoIterator<Item = Row>, by: &[&str]) -> Vec<Row> {
    let mut groups: BTreeMap<String, Row> = BTreeMap::new();
    for row in rows {
        let of: Map<_, _> = by.iter().map(|name| ((*name).to_owned(), row.value(name))).collect();
        let group = groups.entry(Value::Object(of.clone()).to_string());
        let group = group.or_insert_with(|| Row { at: row.at, of, amounts: Amounts::new() });
        group.at = group.at.min(row.at);
        for (name, amount) in row.amounts {
            *group.amounts.entry(name).or_default() += amount;
        }
    }
    groups.into_values().collect()
}

/// An object of `names`: those that were grouped by as they are, all others null.
pub(super) fn dimensions(row: &Row, names: &[&str]) -> Map<String, Value> {
    names.iter().map(|name| ((*name).to_owned(), row.value(name))).collect()
}
