//! `/spend/logs/v2`, every call, and `/key/list`, every key.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::query::{self, Bad, required};
use super::{Call, Key, Organisation};
use crate::{Request, exact};

/// The latest calls first, from `start_date` to `end_date`, both in it; of a day without a time its midnight
/// [unverified: the end].
pub(super) fn answer(calls: &[&Call], request: &Request) -> Result<Value, Bad> {
    let (start, end) = (moment(request, "start_date")?, moment(request, "end_date")?);
    let page = query::limit(request, "page", 1, usize::MAX)?;
    let size = query::limit(request, "page_size", 50, 1_000)?;
    let is = |name: &str, value: &str| request.parameter(name).is_none_or(|asked| value == asked);
    let mut chosen: Vec<&&Call> = calls
        .iter()
        .filter(|call| {
            (start..=end).contains(&call.at)
                && is("api_key", &call.key)
                && is("user_id", &call.user)
                && is("team_id", call.team.as_deref().unwrap_or_default())
                && is("model", &call.model)
                && is("status_filter", if call.failed { "failure" } else { "success" })
        })
        .collect();
    let sort_by = request.parameter("sort_by").unwrap_or("startTime");
    query::listed("sort_by", vec![sort_by], &["spend", "total_tokens", "startTime", "endTime", "model"])?;
    match sort_by {
        "spend" => chosen.sort_by_key(|call| call.nanos),
        "total_tokens" => chosen.sort_by_key(|call| call.prompt + call.completion),
        "model" => chosen.sort_by_key(|call| call.model.clone()),
        _ => chosen.sort_by_key(|call| call.at),
    }
    if request.parameter("sort_order") != Some("asc") {
        chosen.reverse();
    }
    let total = chosen.len();
    let data = chosen.into_iter().skip((page - 1).saturating_mul(size)).take(size).map(|call| call.shown());
    Ok(json!({
        "data": data.collect::<Vec<_>>(),
        "total": total,
        "page": page,
        "page_size": size,
        "total_pages": total.div_ceil(size),
    }))
}

/// Hashes, or with `return_full_object` all that is known; of one user where the asking key sees no more.
pub(super) fn keys(organisation: &Organisation, sees: Option<&str>, request: &Request) -> Result<Value, Bad> {
    let page = query::limit(request, "page", 1, usize::MAX)?;
    let size = query::limit(request, "size", 10, 100)?;
    let whole = query::boolean(request, "return_full_object")?;
    let is = |name: &str, value: Option<&str>| request.parameter(name).is_none_or(|asked| value == Some(asked));
    let keys: Vec<&Key> = organisation
        .keys
        .iter()
        .filter(|key| sees.is_none_or(|user| key.user.as_deref() == Some(user)))
        .filter(|key| is("team_id", key.team.as_deref()) && is("user_id", key.user.as_deref()))
        .collect();
    let shown = |key: &&Key| {
        if whole {
            json!({ "token": key.hash, "key_alias": key.alias, "team_id": key.team, "user_id": key.user })
        } else {
            key.hash.as_str().into()
        }
    };
    let (total, pages) = (keys.len(), keys.len().div_ceil(size));
    let keys: Vec<Value> = keys.iter().skip((page - 1).saturating_mul(size)).take(size).map(shown).collect();
    Ok(json!({ "keys": keys, "total_count": total, "current_page": page, "total_pages": pages }))
}

impl Call {
    fn shown(&self) -> Value {
        json!({
            "request_id": self.id,
            "call_type": "acompletion",
            "api_key": self.key,
            "spend": exact::number(self.nanos, 9),
            "total_tokens": self.prompt + self.completion,
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "startTime": self.at.to_string(),
            "endTime": (self.at + SignedDuration::from_secs(2)).to_string(),
            "model": self.model,
            "custom_llm_provider": self.provider,
            "user": self.user,
            "team_id": self.team,
            "status": if self.failed { "failure" } else { "success" },
            "metadata": {},
            "cache_hit": "False",
        })
    }
}

/// `2026-11-24`, or `2026-11-24 10:00:00`, in UTC.
fn moment(request: &Request, name: &str) -> Result<Timestamp, Bad> {
    let text = required(name, request.parameter(name))?;
    let civil = DateTime::strptime("%Y-%m-%d %H:%M:%S", text)
        .or_else(|_| Date::strptime("%Y-%m-%d", text).map(|date| date.to_datetime(jiff::civil::Time::midnight())));
    let civil = civil.map_err(|_| Bad::of(name, "must be YYYY-MM-DD or YYYY-MM-DD HH:MM:SS"))?;
    TimeZone::UTC.to_timestamp(civil).map_err(|_| Bad::of(name, "is out of range"))
}
