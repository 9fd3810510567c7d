//! `/activity`: the last thirty days that are over in UTC, a row per day, model and endpoint. Today is not among them.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use super::super::buckets::day;
use super::super::query::Bad;
use super::super::rows::{Amounts, Row, grouped};
use super::{Call, Organisation, dollars};
use crate::Request;

/// Days that it knows.
const DAYS: i64 = 30;

pub(super) fn answer(organisation: &Organisation, request: &Request, now: Timestamp) -> Result<Value, Bad> {
    let today = day(now);
    let first = today.saturating_sub(DAYS.days());
    let asked = match request.parameter("date").map(str::parse::<Date>) {
        None => None,
        Some(Ok(date)) if (first..today).contains(&date) => Some(date),
        Some(_) => return Err(Bad::of("date", "must be within the last 30 (completed) UTC days")),
    };
    let by_workspace = match request.parameter("group_by") {
        None => false,
        Some("workspace") => true,
        Some(_) => return Err(Bad::of("group_by", "must be workspace")),
    };
    let is = |name: &str, value: Option<&str>| request.parameter(name).is_none_or(|asked| value == Some(asked));
    let calls = organisation.calls.iter().filter(|call| {
        let date = day(call.at);
        asked.map_or((first..today).contains(&date), |asked| asked == date)
            && is("api_key_hash", Some(&call.key))
            && is("user_id", call.user.as_deref())
            && is("workspace_id", Some(organisation.workspace_of(call)))
    });
    let mut by = vec!["date", "model", "model_permaslug", "endpoint_id", "provider_name"];
    if by_workspace {
        by.push("workspace_id");
    }
    let rows = grouped(calls.map(|call| row(call, organisation.workspace_of(call))), &by);
    Ok(rows.into_iter().map(shown).collect())
}

fn row(call: &Call, workspace: &str) -> Row {
    let of = [
        ("date", day(call.at).to_string()),
        ("model", call.model.clone()),
        ("model_permaslug", call.permaslug.clone()),
        ("endpoint_id", call.endpoint.clone()),
        ("provider_name", call.provider.clone()),
        ("workspace_id", workspace.to_owned()),
    ];
    let amounts = Amounts::from([
        ("usage", call.nanos),
        ("byok", call.byok_nanos),
        ("requests", call.requests),
        ("prompt", call.prompt),
        ("completion", call.completion),
        ("reasoning", call.reasoning),
    ]);
    Row {
        at: call.at.as_second(),
        of: of.map(|(name, text)| (name.to_owned(), text.into())).into_iter().collect(),
        amounts,
    }
}

fn shown(row: Row) -> Value {
    let mut shown = json!({
        "usage": dollars(row.amount("usage")),
        "byok_usage_inference": dollars(row.amount("byok")),
        "requests": row.amount("requests"),
        "prompt_tokens": row.amount("prompt"),
        "completion_tokens": row.amount("completion"),
        "reasoning_tokens": row.amount("reasoning"),
    });
    if let Value::Object(shown) = &mut shown {
        shown.extend(row.of);
    }
    shown
}
