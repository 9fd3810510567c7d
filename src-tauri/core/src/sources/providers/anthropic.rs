//! Anthropic: what an organisation used and was charged, at `https://api.anthropic.com/v1/organizations`.
//!
//! There are two generations of endpoints. The analytics ones, a beta since October 2026, tell costs by the hour, model and
//! key, but only where the key may, and may be hours behind; the older ones, still supported, tell usage by the hour and costs
//! by the day and stand in. Kinds of tokens are disjoint as they come. Amounts are texts in cents, with decimals; only the
//! report on Claude Code has numbers. What runs with a priority commitment is in no cost report.
//! Documented by Anthropic's Usage and Cost API pages; analytics by its SDK 2.12.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::ask::{Asker, Question};
use super::number::{Cents, Count};
use super::{
    Charge, DAY, Feed, FetchError, HOUR, Home, KeyAsked, Kind, Name, Organisation, Provider, Tells, Told, Use, Who,
    Window, days, minutes,
};
use crate::calendar::TimeRange;
use crate::secrets::Secret;
use crate::usage::{CacheWrites, Tokens};

pub(super) static ANTHROPIC: Provider = Provider {
    id: "anthropic",
    name: "Anthropic",
    home: Home::At("https://api.anthropic.com/v1"),
    key: KeyAsked {
        begins: "sk-ant-",
        least: "an Admin key (sk-ant-admin…) of the organisation, or with Claude Enterprise a key with read:analytics; \
                workspace keys cannot read bills",
        page: "https://platform.claude.com/settings/admin-keys",
    },
    headers,
    identify,
    feeds: &[
        Feed {
            id: "analytics_usage",
            about: "usage",
            tells: Tells::Uses,
            every: minutes(5),
            window: Window {
                bucket: HOUR,
                again: days(2),
                daily: days(30),
                history: days(90),
                step: days(7),
                tells_of_now: true,
            },
            stands_in_for: None,
            read: analytics_usage,
        },
        Feed {
            id: "analytics_cost",
            about: "costs",
            // Where it does not say up to when it has counted: data is said to be typically within 4 hours.
            tells: Tells::Charges(SignedDuration::from_hours(4)),
            every: minutes(30),
            window: Window {
                bucket: HOUR,
                again: days(2),
                daily: days(30),
                history: days(300),
                step: days(30),
                tells_of_now: true,
            },
            stands_in_for: None,
            read: analytics_cost,
        },
        Feed {
            id: "messages",
            about: "usage",
            tells: Tells::Uses,
            every: minutes(5),
            window: Window {
                bucket: HOUR,
                again: days(2),
                daily: days(7),
                history: days(90),
                step: days(7),
                tells_of_now: true,
            },
            stands_in_for: Some("analytics_usage"),
            read: messages,
        },
        Feed {
            id: "cost_report",
            about: "costs",
            tells: Tells::Charges(HOUR),
            every: minutes(60),
            window: Window {
                bucket: DAY,
                again: days(3),
                daily: days(14),
                history: days(180),
                step: days(31),
                tells_of_now: true,
            },
            stands_in_for: Some("analytics_cost"),
            read: cost_report,
        },
        Feed {
            id: "claude_code",
            about: "Claude Code by person",
            tells: Tells::Details,
            every: minutes(360),
            window: Window {
                bucket: DAY,
                again: days(2),
                daily: days(2),
                history: days(30),
                step: DAY,
                tells_of_now: true,
            },
            stands_in_for: None,
            read: claude_code,
        },
        Feed {
            id: "names",
            about: "names",
            tells: Tells::Names,
            every: minutes(360),
            window: Window::NONE,
            stands_in_for: None,
            read: names,
        },
    ],
};

const BETA: (&str, &str) = ("anthropic-beta", "analytics-usage-cost-2026-08-24");

fn headers(key: &Secret) -> Vec<(&'static str, String)> {
    // This version, since it is the last one in which a key tells its workspace; nothing else differs here.
    vec![("x-api-key", key.expose().to_owned()), ("anthropic-version", "2023-06-01".to_owned())]
}

fn identify(asker: &mut Asker<'_>) -> Result<Organisation, FetchError> {
    #[derive(Deserialize)]
    struct Me {
        id: String,
        #[serde(default)]
        name: Option<String>,
    }
    match asker.get::<Me>(&Question::path("/organizations/me")) {
        Ok(me) => Ok(Organisation { id: Some(me.id), name: me.name }),
        // A key that may read analytics alone. Whether it may is asked, so that a wrong key is not taken for one.
        Err(FetchError::Forbidden { .. }) => {
            let now = asker.now();
            let hour = TimeRange { start: now.saturating_sub(HOUR).unwrap_or(now), end: now };
            asker.say(BETA.0, BETA.1);
            asker.get::<Rows>(&dated("analytics/usage", hour).with("limit", 1))?;
            Ok(Organisation::default())
        }
        Err(error) => Err(error),
    }
}

fn dated(path: &str, span: TimeRange) -> Question {
    // Whole seconds: a bucket begins with one.
    let second = |at: Timestamp| Timestamp::from_second(at.as_second()).unwrap_or(at).to_string();
    Question::path(format!("/organizations/{path}"))
        .with("starting_at", second(span.start))
        .with("ending_at", second(span.end))
}

/// The question for the page after `first`.
fn next(first: &Question, has_more: bool, cursor: Option<String>) -> Result<Option<Question>, String> {
    match (has_more, cursor) {
        (false, _) => Ok(None),
        (true, Some(cursor)) => Ok(Some(first.clone().with("page", cursor))),
        (true, None) => Err("there is more, and no way to it".to_owned()),
    }
}

fn span(starting_at: Timestamp, ending_at: Timestamp) -> Result<TimeRange, String> {
    if starting_at < ending_at {
        Ok(TimeRange { start: starting_at, end: ending_at })
    } else {
        Err("a bucket ends before it begins".to_owned())
    }
}

#[derive(Default, Deserialize)]
struct CacheCreation {
    #[serde(default)]
    ephemeral_5m_input_tokens: Count,
    #[serde(default)]
    ephemeral_1h_input_tokens: Count,
}

#[derive(Default, Deserialize)]
struct ServerToolUse {
    #[serde(default)]
    web_search_requests: Count,
}

/// What both generations call usage.
#[derive(Deserialize)]
struct Counted {
    #[serde(default)]
    uncached_input_tokens: Count,
    #[serde(default)]
    cache_creation: Option<CacheCreation>,
    #[serde(default)]
    cache_read_input_tokens: Count,
    #[serde(default)]
    output_tokens: Count,
    #[serde(default)]
    server_tool_use: Option<ServerToolUse>,
    #[serde(default)]
    requests: Option<Count>,
}

/// Dimensions that both generations have. New ones are left out until they mean something here.
#[derive(Default, Deserialize)]
struct Group {
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    api_key_id: Option<String>,
    #[serde(default)]
    workspace_id: Option<String>,
    #[serde(default)]
    service_tier: Option<String>,
    #[serde(default)]
    context_window: Option<String>,
    #[serde(default)]
    inference_geo: Option<String>,
    #[serde(default)]
    speed: Option<String>,
    #[serde(default)]
    account_id: Option<String>,
    #[serde(default)]
    service_account_id: Option<String>,
}

impl Group {
    fn into_who(self) -> Who {
        let told = |text: Option<String>| text.filter(|text| !text.is_empty() && text != "not_available");
        // Fast is a speed, beside whatever tier it runs in, and what it costs depends on it.
        let fast = told(self.speed).filter(|speed| speed != "standard");
        Who {
            model: told(self.model),
            key: told(self.api_key_id),
            project: told(self.workspace_id),
            user: told(self.account_id).or(told(self.service_account_id)),
            tier: fast.or(told(self.service_tier)),
            region: told(self.inference_geo).filter(|geo| geo != "global"),
            variant: told(self.context_window),
        }
    }
}

impl Counted {
    fn into_use(self, span: TimeRange, who: Who) -> Use {
        let written = self.cache_creation.unwrap_or_default();
        Use {
            span,
            who,
            tokens: Tokens {
                input: self.uncached_input_tokens.0,
                cache_read: self.cache_read_input_tokens.0,
                cache_write_short: written.ephemeral_5m_input_tokens.0,
                cache_write_long: written.ephemeral_1h_input_tokens.0,
                output: self.output_tokens.0,
                reasoning: 0,
            },
            cache_writes: CacheWrites::Told,
            requests: self.requests.map(|count| count.0),
            web_searches: self.server_tool_use.unwrap_or_default().web_search_requests.0,
            quantity: 0,
        }
    }
}

/// A page of analytics.
#[derive(Deserialize)]
struct Rows {
    data: Vec<Row>,
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    next_page: Option<String>,
    #[serde(default)]
    data_refreshed_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Row {
    starting_at: Timestamp,
    ending_at: Timestamp,
    #[serde(default)]
    group: Group,
    #[serde(default)]
    usage: Option<Counted>,
    #[serde(default)]
    cost: Option<Cost>,
}

#[derive(Deserialize)]
struct Cost {
    amount: Cents,
    #[serde(default)]
    currency: Option<String>,
}

/// Reads all rows of `span`. They are asked for in the order of time, which pages keep.
fn analytics(
    asker: &mut Asker<'_>,
    first: Question,
    mut take: impl FnMut(TimeRange, Row) -> Result<(), String>,
) -> Result<Option<Timestamp>, FetchError> {
    asker.say(BETA.0, BETA.1);
    let first =
        first.with("time_bucket_width", "1h").with("order_by", "time").with("order", "asc").with("limit", 1_000);
    let mut counted_until = None;
    asker.pages(first.clone(), |page: Rows| {
        counted_until = page.data_refreshed_at.or(counted_until);
        for row in page.data {
            take(span(row.starting_at, row.ending_at)?, row)?;
        }
        next(&first, page.has_more, page.next_page)
    })?;
    Ok(counted_until)
}

fn analytics_usage(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    let by = ["model", "api_key_id", "workspace_id", "service_tier", "context_window"];
    let first = dated("analytics/usage", span).with_each("group_by[]", &by);
    let mut uses = Vec::new();
    let counted_until = analytics(asker, first, |span, row| {
        uses.extend(row.usage.map(|counted| counted.into_use(span, row.group.into_who())));
        Ok(())
    })?;
    Ok(Told { uses, counted_until, ..Told::default() })
}

fn analytics_cost(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    let by = ["model", "api_key_id", "workspace_id", "service_tier"];
    let first = dated("analytics/cost", span).with_each("group_by[]", &by);
    let mut charges = Vec::new();
    let counted_until = analytics(asker, first, |span, row| {
        if let Some(cost) = row.cost {
            in_dollars(cost.currency.as_deref())?;
            charges.push(Charge { span, who: row.group.into_who(), item: String::new(), amount: cost.amount.0 });
        }
        Ok(())
    })?;
    Ok(Told { charges, counted_until, ..Told::default() })
}

fn in_dollars(currency: Option<&str>) -> Result<(), String> {
    match currency {
        Some(currency) if !currency.eq_ignore_ascii_case("usd") => {
            Err(format!("it is charged in {}, and only dollars are understood", currency.escape_debug()))
        }
        _ => Ok(()),
    }
}

/// A page of the older generation.
#[derive(Deserialize)]
struct Report<T> {
    data: Vec<Bucket<T>>,
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    next_page: Option<String>,
}

#[derive(Deserialize)]
struct Bucket<T> {
    starting_at: Timestamp,
    ending_at: Timestamp,
    #[serde(default = "Vec::new")]
    results: Vec<T>,
}

fn report<T: serde::de::DeserializeOwned>(
    asker: &mut Asker<'_>,
    first: &Question,
    mut take: impl FnMut(TimeRange, T) -> Result<(), String>,
) -> Result<(), FetchError> {
    asker.pages(first.clone(), |page: Report<T>| {
        for bucket in page.data {
            let span = span(bucket.starting_at, bucket.ending_at)?;
            bucket.results.into_iter().try_for_each(|result| take(span, result))?;
        }
        next(first, page.has_more, page.next_page)
    })
}

fn messages(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    let by = ["model", "api_key_id", "workspace_id", "service_tier", "context_window", "inference_geo"];
    let first =
        dated("usage_report/messages", span).with("bucket_width", "1h").with("limit", 168).with_each("group_by[]", &by);
    let mut uses = Vec::new();
    report(asker, &first, |span, both: Both| {
        uses.push(both.counted.into_use(span, both.group.into_who()));
        Ok(())
    })?;
    Ok(Told { uses, ..Told::default() })
}

/// A result of the older generation, in which counts and dimensions stand side by side.
struct Both {
    counted: Counted,
    group: Group,
}

impl<'de> Deserialize<'de> for Both {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Read twice: `flatten` goes through a form in which numbers are floats.
        let raw: Box<serde_json::value::RawValue> = Deserialize::deserialize(deserializer)?;
        let read = |raw: &str| Ok(Self { counted: serde_json::from_str(raw)?, group: serde_json::from_str(raw)? });
        read(raw.get()).map_err(|error: serde_json::Error| serde::de::Error::custom(error))
    }
}

fn cost_report(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    #[derive(Deserialize)]
    struct Item {
        amount: Cents,
        #[serde(default)]
        currency: Option<String>,
        #[serde(default)]
        description: Option<String>,
        #[serde(default)]
        model: Option<String>,
        #[serde(default)]
        workspace_id: Option<String>,
        #[serde(default)]
        service_tier: Option<String>,
        #[serde(default)]
        inference_geo: Option<String>,
        #[serde(default)]
        context_window: Option<String>,
    }
    let first = dated("cost_report", span)
        .with("bucket_width", "1d")
        .with("limit", 31)
        .with_each("group_by[]", &["workspace_id", "description"]);
    let mut charges = Vec::new();
    report(asker, &first, |span, item: Item| {
        in_dollars(item.currency.as_deref())?;
        let group = Group {
            model: item.model,
            workspace_id: item.workspace_id,
            service_tier: item.service_tier,
            inference_geo: item.inference_geo,
            context_window: item.context_window,
            ..Group::default()
        };
        let item_name = item.description.unwrap_or_default();
        charges.push(Charge { span, who: group.into_who(), item: item_name, amount: item.amount.0 });
        Ok(())
    })?;
    Ok(Told { charges, ..Told::default() })
}

/// One UTC day: what each person, and each key by its name, used of Claude Code. All of it is in the other reports, too.
fn claude_code(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    #[derive(Deserialize)]
    struct People {
        data: Vec<Person>,
        #[serde(default)]
        has_more: bool,
        #[serde(default)]
        next_page: Option<String>,
    }
    #[derive(Deserialize)]
    struct Person {
        actor: Actor,
        #[serde(default)]
        model_breakdown: Vec<OfModel>,
        #[serde(default)]
        customer_type: Option<String>,
        #[serde(default)]
        terminal_type: Option<String>,
    }
    #[derive(Deserialize)]
    struct Actor {
        #[serde(default)]
        email_address: Option<String>,
        #[serde(default)]
        api_key_name: Option<String>,
    }
    #[derive(Deserialize)]
    struct OfModel {
        model: String,
        #[serde(default)]
        tokens: OfKind,
        #[serde(default)]
        estimated_cost: Option<Cost>,
    }
    #[derive(Default, Deserialize)]
    struct OfKind {
        #[serde(default)]
        input: Count,
        #[serde(default)]
        output: Count,
        #[serde(default)]
        cache_read: Count,
        #[serde(default)]
        cache_creation: Count,
    }
    let first = Question::path("/organizations/usage_report/claude_code")
        .with("starting_at", span.start.strftime("%Y-%m-%d"))
        .with("limit", 1_000);
    let mut told = Told::default();
    asker.pages(first.clone(), |page: People| {
        for person in page.data {
            for of_model in person.model_breakdown {
                let parts = [person.customer_type.clone(), person.terminal_type.clone()];
                let who = Who {
                    model: Some(of_model.model),
                    key: person.actor.api_key_name.clone(),
                    user: person.actor.email_address.clone(),
                    variant: Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" ")),
                    ..Who::default()
                };
                if let Some(cost) = of_model.estimated_cost {
                    in_dollars(cost.currency.as_deref())?;
                    let item = "Claude Code, estimated by Anthropic".to_owned();
                    told.charges.push(Charge { span, who: who.clone(), item, amount: cost.amount.0 });
                }
                let OfKind { input, output, cache_read, cache_creation } = of_model.tokens;
                told.uses.push(Use {
                    span,
                    who,
                    tokens: Tokens {
                        input: input.0,
                        cache_read: cache_read.0,
                        cache_write_short: cache_creation.0,
                        cache_write_long: 0,
                        output: output.0,
                        reasoning: 0,
                    },
                    cache_writes: CacheWrites::WithoutLifetime,
                    requests: None,
                    web_searches: 0,
                    quantity: 0,
                });
            }
        }
        next(&first, page.has_more, page.next_page)
    })?;
    Ok(told)
}

fn names(asker: &mut Asker<'_>, _: TimeRange) -> Result<Told, FetchError> {
    #[derive(Deserialize)]
    struct List {
        data: Vec<Named>,
        #[serde(default)]
        has_more: bool,
        #[serde(default)]
        last_id: Option<String>,
    }
    #[derive(Deserialize)]
    struct Named {
        id: String,
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        email: Option<String>,
    }
    let mut names = Vec::new();
    for (path, kind) in [("workspaces", Kind::Project), ("api_keys", Kind::Key), ("users", Kind::User)] {
        let mut first = Question::path(format!("/organizations/{path}")).with("limit", 1_000);
        if kind == Kind::Project {
            // What was archived was charged, too.
            first = first.with("include_archived", true);
        }
        asker.pages(first.clone(), |page: List| {
            for Named { id, name, email } in page.data {
                let name = name.filter(|name| !name.is_empty()).or(email);
                names.extend(name.map(|name| Name { kind, id, name }));
            }
            match (page.has_more, page.last_id) {
                (false, _) => Ok(None),
                (true, Some(last)) => Ok(Some(first.clone().with("after_id", last))),
                (true, None) => Err("there is more, and no way to it".to_owned()),
            }
        })?;
    }
    Ok(Told { names, ..Told::default() })
}
