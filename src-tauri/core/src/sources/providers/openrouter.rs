//! OpenRouter: what a management key may see, at `https://openrouter.ai/api/v1`.
//!
//! Analytics tell what was charged by the hour, model and key. Activity tells tokens by the day and endpoint, of the last
//! thirty days that are over. Counts come as numbers or as texts, the field of the time has one of two names, and a key
//! comes by its name. What is called `usage` is money. `truncated` means that rows are missing: the span is then asked for
//! in halves. The analytics question is a POST that reads. Documented by its API description of August 2026.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::ask::{Asker, Question, bearer};
use super::number::{Count, Dollars};
use super::{
    Charge, DAY, Feed, FetchError, HOUR, Home, KeyAsked, Kind, Name, Organisation, Provider, Tells, Told, Use, Who,
    Window, days, minutes,
};
use crate::calendar::TimeRange;
use crate::usage::{CacheWrites, Tokens};

pub(super) static OPENROUTER: Provider = Provider {
    id: "openrouter",
    name: "OpenRouter",
    home: Home::At("https://openrouter.ai/api/v1"),
    key: KeyAsked {
        begins: "sk-or-",
        least: "a management key (provisioning key); keys for calling models cannot read what was spent",
        page: "https://openrouter.ai/settings/management-keys",
    },
    headers: bearer,
    identify,
    feeds: &[
        Feed {
            id: "analytics",
            about: "spend by hour",
            tells: Tells::Charges(SignedDuration::from_mins(10)),
            every: minutes(5),
            window: Window {
                bucket: HOUR,
                again: HOUR.saturating_mul(6),
                daily: days(3),
                history: days(90),
                step: days(7),
                tells_of_now: true,
            },
            stands_in_for: None,
            read: analytics,
        },
        Feed {
            id: "activity",
            about: "activity by day",
            tells: Tells::ChargesAndUses(HOUR),
            every: minutes(180),
            window: Window {
                bucket: DAY,
                again: days(1),
                daily: days(3),
                history: days(29),
                step: DAY,
                tells_of_now: false,
            },
            stands_in_for: None,
            read: activity,
        },
        Feed {
            id: "credits",
            about: "credits",
            tells: Tells::Balance,
            every: minutes(60),
            window: Window::NONE,
            stands_in_for: None,
            read: credits,
        },
        Feed {
            id: "keys",
            about: "keys",
            tells: Tells::Names,
            every: minutes(360),
            window: Window::NONE,
            stands_in_for: None,
            read: keys,
        },
    ],
};

/// Rows of one answer. Fewer than there are is told by `truncated`.
const MOST_ROWS: usize = 10_000;

/// An organisation, where the key says which; else the person who made it.
fn identify(asker: &mut Asker<'_>) -> Result<Organisation, FetchError> {
    #[derive(Deserialize)]
    struct Key {
        #[serde(default)]
        organization_id: Option<String>,
        #[serde(default)]
        creator_user_id: Option<String>,
    }
    let key = asker.get::<Data<Key>>(&Question::path("/key"))?.data;
    Ok(Organisation { id: key.organization_id.or(key.creator_user_id), name: None })
}

#[derive(Deserialize)]
struct Data<T> {
    data: T,
}

#[derive(Deserialize)]
struct Analytics {
    data: Vec<BTreeMap<String, Box<RawValue>>>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    truncated: bool,
}

fn analytics(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    let mut told = Told::default();
    let mut spans = vec![span];
    while let Some(span) = spans.pop() {
        let question = json!({
            "metrics": ["total_usage", "request_count"],
            "dimensions": ["model", "api_key_id"],
            "granularity": "hour",
            "time_range": { "start": second(span.start), "end": second(span.end) },
            "limit": MOST_ROWS,
        });
        let answer = asker.query::<Data<Analytics>>("/analytics/query", &question)?.data;
        if answer.metadata.truncated {
            let hours = span.seconds() / HOUR.as_secs();
            if hours < 2 {
                return Err(asker.malformed("one hour has more rows than it gives out".to_owned()));
            }
            let middle = HOUR.saturating_mul(i32::try_from(hours / 2).unwrap_or(1));
            let middle = span.start.saturating_add(middle).unwrap_or(span.end);
            spans.extend([TimeRange { start: middle, ..span }, TimeRange { end: middle, ..span }]);
            continue;
        }
        for row in &answer.data {
            let charge = charge_of(row).map_err(|what| asker.malformed(what))?;
            // The end of a range may be included.
            if span.contains(charge.span.start) {
                told.charges.push(charge);
            }
        }
    }
    Ok(told)
}

/// With seconds: a moment without is refused.
fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn charge_of(row: &BTreeMap<String, Box<RawValue>>) -> Result<Charge, String> {
    let text = |field: &str| -> Option<String> {
        let text: Option<String> = serde_json::from_str(row.get(field)?.get()).ok()?;
        text.filter(|text| !text.is_empty())
    };
    let at = text("date__hour").or_else(|| text("created_at__hour")).ok_or("a row does not say of which hour it is")?;
    let start: Timestamp = at.parse().map_err(|_| "an hour is no moment".to_owned())?;
    let amount = match row.get("total_usage").map(|amount| amount.get()) {
        None | Some("null") => Dollars::default(),
        Some(amount) => serde_json::from_str(amount).map_err(|error| error.to_string())?,
    };
    Ok(Charge {
        span: TimeRange { start, end: start.saturating_add(HOUR).unwrap_or(Timestamp::MAX) },
        who: Who { model: text("model"), key: text("api_key_id"), ..Who::default() },
        item: String::new(),
        amount: amount.0,
    })
}

#[derive(Deserialize)]
struct Day {
    date: String,
    model: String,
    #[serde(default)]
    provider_name: Option<String>,
    #[serde(default)]
    usage: Dollars,
    #[serde(default)]
    requests: Count,
    #[serde(default)]
    prompt_tokens: Count,
    #[serde(default)]
    completion_tokens: Count,
    #[serde(default)]
    reasoning_tokens: Count,
}

/// Day by day: asked without one, it says nothing of how far back it goes.
fn activity(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    let mut told = Told::default();
    let mut start = span.start;
    while start < span.end {
        let span = TimeRange { start, end: start.saturating_add(DAY).unwrap_or(Timestamp::MAX) };
        let date = start.strftime("%Y-%m-%d").to_string();
        let answer = asker.get::<Data<Vec<Day>>>(&Question::path("/activity").with("date", &date))?;
        for day in answer.data {
            // `2026-11-22`, or the same with a time behind it.
            if day.date.get(..10).and_then(|date| date.parse::<Date>().ok()).is_none_or(|day| day.to_string() != date) {
                return Err(asker.malformed("it tells of another day than it was asked for".to_owned()));
            }
            let who = Who { model: Some(day.model), variant: day.provider_name, ..Who::default() };
            told.charges.push(Charge { span, who: who.clone(), item: String::new(), amount: day.usage.0 });
            told.uses.push(Use {
                span,
                who,
                tokens: Tokens {
                    input: day.prompt_tokens.0,
                    output: day.completion_tokens.0.max(day.reasoning_tokens.0),
                    reasoning: day.reasoning_tokens.0,
                    ..Tokens::default()
                },
                // How much of the prompt came from a cache is not told either.
                cache_writes: CacheWrites::Untold,
                requests: Some(day.requests.0),
                web_searches: 0,
                quantity: 0,
            });
        }
        start = span.end;
    }
    Ok(told)
}

fn credits(asker: &mut Asker<'_>, _: TimeRange) -> Result<Told, FetchError> {
    #[derive(Deserialize)]
    struct Credits {
        total_credits: Dollars,
        total_usage: Dollars,
    }
    let credits = asker.get::<Data<Credits>>(&Question::path("/credits"))?.data;
    Ok(Told { balance: Some(credits.total_credits.0 - credits.total_usage.0), ..Told::default() })
}

/// Analytics name keys, and activity filters by hash: what a hash stands for is kept.
fn keys(asker: &mut Asker<'_>, _: TimeRange) -> Result<Told, FetchError> {
    #[derive(Deserialize)]
    struct Key {
        hash: String,
        #[serde(default)]
        name: Option<String>,
    }
    let first = Question::path("/keys").with("include_disabled", true);
    let (mut names, mut offset) = (Vec::new(), 0);
    asker.pages(first.clone(), |page: Data<Vec<Key>>| {
        let count = page.data.len();
        names.extend(page.data.into_iter().filter_map(|key| {
            let name = key.name.filter(|name| !name.is_empty())?;
            Some(Name { kind: Kind::Key, id: key.hash, name })
        }));
        offset += count;
        // How many a page has is not told: the one after the last is empty.
        Ok((count > 0).then(|| first.clone().with("offset", offset)))
    })?;
    Ok(Told { names, ..Told::default() })
}
