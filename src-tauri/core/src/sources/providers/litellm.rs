//! A LiteLLM proxy: what went through it, at the address where it runs.
//!
//! What it calls spend is its own reckoning by its own price list, which is what it charges its keys; the providers behind it
//! send bills of their own. Days come by model and key; the log has every call, and tells of the hours since. Prompt tokens
//! contain what was read from and written to a cache. Read from the source of LiteLLM 1.109.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde::Deserialize;

use super::ask::{Asker, Question, bearer};
use super::number::{Count, Dollars};
use super::{
    Charge, DAY, Feed, FetchError, HOUR, Home, KeyAsked, Kind, Name, Organisation, Provider, Tells, Told, Use, Who,
    Window, days, minutes,
};
use crate::calendar::{Calendar, TimeRange};
use crate::money::Usd;
use crate::usage::{CacheWrites, Tokens};

pub(super) static LITELLM: Provider = Provider {
    id: "litellm",
    name: "LiteLLM",
    home: Home::Own("https://litellm.example.com"),
    key: KeyAsked {
        begins: "sk-",
        least: "a key of the proxy: your own sees your calls, one of role proxy_admin_viewer sees all of them",
        page: "",
    },
    headers: bearer,
    identify,
    feeds: &[
        Feed {
            id: "activity",
            about: "activity by day",
            // It counts as it goes.
            tells: Tells::ChargesAndUses(SignedDuration::from_mins(10)),
            every: minutes(60),
            window: Window {
                bucket: DAY,
                again: days(1),
                daily: days(3),
                history: days(90),
                step: days(7),
                tells_of_now: true,
            },
            stands_in_for: None,
            read: activity,
        },
        Feed {
            id: "logs",
            about: "calls of the last hours",
            tells: Tells::ChargesAndUses(SignedDuration::from_mins(2)),
            every: minutes(10),
            window: Window {
                bucket: HOUR,
                again: HOUR,
                daily: DAY,
                history: DAY,
                step: HOUR.saturating_mul(6),
                tells_of_now: true,
            },
            stands_in_for: None,
            read: logs,
        },
    ],
};

/// A proxy is an organisation of its own. Whether the key is one of its keys is asked.
fn identify(asker: &mut Asker<'_>) -> Result<Organisation, FetchError> {
    let today = utc().date(asker.now());
    asker.get::<Activity>(&days_from(today, today).with("page_size", 1))?;
    let host = asker.base().split("://").last().unwrap_or_default().to_owned();
    Ok(Organisation { id: Some(asker.base().to_owned()), name: Some(host) })
}

fn utc() -> Calendar {
    Calendar::new(TimeZone::UTC)
}

fn days_from(first: Date, last: Date) -> Question {
    Question::path("/user/daily/activity")
        .with("start_date", first)
        .with("end_date", last)
        .with("include_current_utc_day", true)
}

#[derive(Deserialize)]
struct Activity {
    results: Vec<Day>,
    #[serde(default)]
    metadata: Pages,
}

#[derive(Default, Deserialize)]
struct Pages {
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    page: u64,
}

#[derive(Deserialize)]
struct Day {
    date: Date,
    #[serde(default)]
    breakdown: Breakdown,
}

#[derive(Default, Deserialize)]
struct Breakdown {
    #[serde(default)]
    models: BTreeMap<String, OfModel>,
}

#[derive(Deserialize)]
struct OfModel {
    metrics: Metrics,
    #[serde(default)]
    api_key_breakdown: BTreeMap<String, OfKey>,
}

#[derive(Deserialize)]
struct OfKey {
    metrics: Metrics,
    #[serde(default)]
    metadata: OfKeyMetadata,
}

#[derive(Default, Deserialize)]
struct OfKeyMetadata {
    #[serde(default)]
    key_alias: Option<String>,
    #[serde(default)]
    team_id: Option<String>,
}

#[derive(Clone, Copy, Default, Deserialize)]
struct Metrics {
    #[serde(default)]
    spend: Dollars,
    #[serde(default)]
    prompt_tokens: Count,
    #[serde(default)]
    completion_tokens: Count,
    #[serde(default)]
    cache_read_input_tokens: Count,
    #[serde(default)]
    cache_creation_input_tokens: Count,
    #[serde(default)]
    api_requests: Count,
}

impl Metrics {
    fn tokens(&self) -> Tokens {
        tokens(
            self.prompt_tokens,
            self.completion_tokens,
            self.cache_read_input_tokens,
            self.cache_creation_input_tokens,
        )
    }
}

/// Prompt tokens contain both; where they do not, they are taken to be apart.
fn tokens(prompt: Count, completion: Count, cache_read: Count, cache_creation: Count) -> Tokens {
    let cached = cache_read.0.saturating_add(cache_creation.0);
    Tokens {
        input: prompt.0.checked_sub(cached).unwrap_or(prompt.0),
        cache_read: cache_read.0,
        cache_write_short: cache_creation.0,
        cache_write_long: 0,
        output: completion.0,
        reasoning: 0,
    }
}

impl Told {
    fn add(&mut self, span: TimeRange, who: Who, amount: Usd, tokens: Tokens, requests: u64) {
        self.charges.push(Charge { span, who: who.clone(), item: String::new(), amount });
        let cache_writes = CacheWrites::WithoutLifetime;
        self.uses.push(Use { span, who, tokens, cache_writes, requests: Some(requests), web_searches: 0, quantity: 0 });
    }
}

fn activity(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    let date = |at: Timestamp| utc().date(at);
    let last = date(span.end.saturating_sub(HOUR).unwrap_or(span.end));
    let first = days_from(date(span.start), last).with("page_size", 1_000);
    let mut told = Told::default();
    asker.pages(first.clone(), |page: Activity| {
        for day in page.results {
            let start = utc().midnight(day.date);
            let span = TimeRange { start, end: start.saturating_add(DAY).unwrap_or(Timestamp::MAX) };
            for (model, of_model) in day.breakdown.models {
                let who = Who { model: Some(model), ..Who::default() };
                let mut rest = of_model.metrics;
                for (hash, OfKey { metrics, metadata }) in of_model.api_key_breakdown {
                    told.names.extend(metadata.key_alias.filter(|alias| !alias.is_empty()).map(|name| Name {
                        kind: Kind::Key,
                        id: hash.clone(),
                        name,
                    }));
                    let who = Who { key: Some(hash), project: metadata.team_id, ..who.clone() };
                    told.add(span, who, metrics.spend.0, metrics.tokens(), metrics.api_requests.0);
                    rest = rest.without(&metrics);
                }
                // What no key is told of.
                if rest.spend.0 != Usd::ZERO || rest.api_requests.0 > 0 {
                    told.add(span, who, rest.spend.0, rest.tokens(), rest.api_requests.0);
                }
            }
        }
        Ok(page.metadata.has_more.then(|| first.clone().with("page", page.metadata.page + 1)))
    })?;
    told.names.sort();
    told.names.dedup();
    Ok(told)
}

impl Metrics {
    fn without(self, part: &Self) -> Self {
        let less = |whole: Count, part: Count| Count(whole.0.saturating_sub(part.0));
        Self {
            spend: Dollars(self.spend.0 - part.spend.0),
            prompt_tokens: less(self.prompt_tokens, part.prompt_tokens),
            completion_tokens: less(self.completion_tokens, part.completion_tokens),
            cache_read_input_tokens: less(self.cache_read_input_tokens, part.cache_read_input_tokens),
            cache_creation_input_tokens: less(self.cache_creation_input_tokens, part.cache_creation_input_tokens),
            api_requests: less(self.api_requests, part.api_requests),
        }
    }
}

#[derive(Deserialize)]
struct Logs {
    data: Vec<Call>,
    #[serde(default)]
    page: u64,
    #[serde(default)]
    total_pages: u64,
}

#[derive(Deserialize)]
struct Call {
    request_id: String,
    #[serde(default)]
    api_key: Option<String>,
    #[serde(default)]
    spend: Dollars,
    #[serde(default)]
    prompt_tokens: Count,
    #[serde(default)]
    completion_tokens: Count,
    #[serde(rename = "startTime")]
    start_time: String,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    team_id: Option<String>,
}

/// Every call of a span, summed by the hour. New calls shift the pages: asked for oldest first, they come behind, and a call
/// that comes twice all the same is known by its id.
fn logs(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    let last = span.end.saturating_sub(1.second()).unwrap_or(span.end);
    let moment = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let first = Question::path("/spend/logs/v2")
        .with("start_date", moment(span.start))
        .with("end_date", moment(last))
        .with("sort_by", "startTime")
        .with("sort_order", "asc")
        .with("page_size", 1_000);
    let mut seen = std::collections::HashSet::new();
    let mut told = Told::default();
    asker.pages(first.clone().with("page", 1), |page: Logs| {
        for call in page.data {
            let at = moment_of(&call.start_time).ok_or("a call begins at no moment")?;
            if !span.contains(at) || !seen.insert(call.request_id) {
                continue;
            }
            let start = Timestamp::from_second(at.as_second().div_euclid(3_600) * 3_600).unwrap_or(at);
            let hour = TimeRange { start, end: start.saturating_add(HOUR).unwrap_or(Timestamp::MAX) };
            let told_of = |text: Option<String>| text.filter(|text| !text.is_empty());
            let who = Who {
                model: told_of(call.model),
                key: told_of(call.api_key),
                user: told_of(call.user),
                project: told_of(call.team_id),
                ..Who::default()
            };
            let tokens = tokens(call.prompt_tokens, call.completion_tokens, Count(0), Count(0));
            told.add(hour, who, call.spend.0, tokens, 1);
        }
        Ok((page.page < page.total_pages).then(|| first.clone().with("page", page.page + 1)))
    })?;
    Ok(told)
}

/// With or without a zone: it keeps UTC.
fn moment_of(text: &str) -> Option<Timestamp> {
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}
