//! `/key`, the key that asks, and `/keys`, all of a workspace, a hundred at a time.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use super::super::buckets::day;
use super::super::query::{self, Bad};
use super::{Organisation, dollars};
use crate::Request;

/// A key of the account.
#[derive(Clone, Debug, Default)]
pub struct Key {
    pub secret: String,
    /// By which it is known everywhere else.
    pub hash: String,
    pub name: String,
    /// Whether it may look at the account; then it calls no models.
    pub management: bool,
    pub disabled: bool,
    /// `None` for the default one.
    pub workspace: Option<String>,
    /// What it may cost, in billionths of a dollar.
    pub limit_nanos: Option<i64>,
}

/// Keys of a page.
const PAGE: usize = 100;

pub(super) fn list(organisation: &Organisation, request: &Request, now: Timestamp) -> Result<Value, Bad> {
    let offset = query::integer(request, "offset")?.unwrap_or(0);
    let offset = usize::try_from(offset).map_err(|_| Bad::of("offset", "must not be negative"))?;
    let disabled = query::boolean(request, "include_disabled")?;
    let workspace = request.parameter("workspace_id").unwrap_or(&organisation.default_workspace);
    let of_workspace = |key: &&Key| key.workspace.as_ref().unwrap_or(&organisation.default_workspace) == workspace;
    let keys = organisation.keys.iter().filter(|key| !key.management && (disabled || !key.disabled));
    let page = keys.filter(of_workspace).skip(offset).take(PAGE);
    Ok(page
        .map(|key| {
            let mut shown = used(organisation, key, now);
            shown["hash"] = key.hash.as_str().into();
            shown["name"] = key.name.as_str().into();
            shown["disabled"] = key.disabled.into();
            shown["created_at"] = "2026-01-01T00:00:00Z".into();
            shown["updated_at"] = Value::Null;
            shown["workspace_id"] = workspace.into();
            shown
        })
        .collect())
}

pub(super) fn own(organisation: &Organisation, key: &Key, now: Timestamp) -> Value {
    let mut shown = used(organisation, key, now);
    shown["is_free_tier"] = false.into();
    shown["is_management_key"] = key.management.into();
    shown["is_provisioning_key"] = key.management.into();
    shown["rate_limit"] =
        json!({ "interval": "10s", "note": "This field is deprecated and safe to ignore.", "requests": -1 });
    shown
}

/// What it used: today, this week from Monday on, this month, ever; in UTC.
fn used(organisation: &Organisation, key: &Key, now: Timestamp) -> Value {
    let today = day(now);
    let monday = today.saturating_sub(i64::from(today.weekday().to_monday_zero_offset()).days());
    let since = |first: Option<Date>| {
        let calls = organisation.calls.iter().filter(|call| call.key == key.hash && call.at <= now);
        let calls = calls.filter(|call| first.is_none_or(|first| day(call.at) >= first));
        calls.fold((0, 0), |(own, byok), call| (own + call.nanos, byok + call.byok_nanos))
    };
    let (ever, daily, weekly, monthly) =
        (since(None), since(Some(today)), since(Some(monday)), since(Some(today.first_of_month())));
    let limit = key.limit_nanos.map_or(Value::Null, dollars);
    let remaining = key.limit_nanos.map_or(Value::Null, |limit| dollars((limit - monthly.0).max(0)));
    json!({
        "usage": dollars(ever.0),
        "usage_daily": dollars(daily.0),
        "usage_weekly": dollars(weekly.0),
        "usage_monthly": dollars(monthly.0),
        "byok_usage": dollars(ever.1),
        "byok_usage_daily": dollars(daily.1),
        "byok_usage_weekly": dollars(weekly.1),
        "byok_usage_monthly": dollars(monthly.1),
        "creator_user_id": null,
        "include_byok_in_limit": false,
        "label": "sk-or-v1-au7...890",
        "limit": limit,
        "limit_remaining": remaining,
        "limit_reset": key.limit_nanos.map(|_| "monthly"),
        "expires_at": null,
    })
}
