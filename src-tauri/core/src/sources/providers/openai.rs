//! OpenAI: what an organisation used and was charged, at `https://api.openai.com/v1/organization`.
//!
//! Costs are what the invoice says; they are per UTC day and name the model within a line item. Usage comes by the hour.
//! `input_tokens` contains what was read from and written to a cache, and text, audio and images are parts of it, never
//! something on top. An amount is documented as a number and has been served as a text. A key that may read usage and
//! nothing else is the one to make: names are then missing, and identifiers are shown.
//! Documented in its API description (usage, costs, projects) and by its SDK 3.54.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::ask::{Asker, Question, bearer};
use super::number::{Count, Dollars};
use super::{
    Charge, DAY, Feed, FetchError, HOUR, Home, KeyAsked, Kind, Name, Organisation, Provider, Tells, Told, Use, Who,
    Window, days, minutes,
};
use crate::calendar::TimeRange;
use crate::usage::{CacheWrites, Tokens};

pub(super) static OPENAI: Provider = Provider {
    id: "openai",
    name: "OpenAI",
    home: Home::At("https://api.openai.com/v1"),
    key: KeyAsked {
        begins: "sk-admin-",
        least: "an admin key (sk-admin-…) restricted to reading usage (api.usage.read); names of projects and keys need \
                reading management (api.management.read), too",
        page: "https://platform.openai.com/settings/organization/admin-keys",
    },
    headers: bearer,
    identify,
    feeds: &[
        counted("completions", "calls of language models", Tells::Uses, HOUR, 5, completions),
        Feed {
            id: "costs",
            about: "costs",
            tells: Tells::Charges(SignedDuration::from_hours(6)),
            every: minutes(60),
            window: Window {
                bucket: DAY,
                again: days(3),
                daily: days(14),
                history: days(180),
                step: days(90),
                tells_of_now: true,
            },
            stands_in_for: None,
            read: costs,
        },
        counted("embeddings", "embeddings", Tells::Uses, DAY, 360, embeddings),
        counted("moderations", "moderations", Tells::Uses, DAY, 360, moderations),
        counted("images", "images", Tells::Uses, DAY, 360, images),
        counted("audio_speeches", "speech", Tells::Uses, DAY, 360, audio_speeches),
        counted("audio_transcriptions", "transcriptions", Tells::Uses, DAY, 360, audio_transcriptions),
        counted("vector_stores", "vector stores", Tells::Uses, DAY, 360, vector_stores),
        counted("code_interpreter_sessions", "code interpreter", Tells::Uses, DAY, 360, code_interpreter_sessions),
        counted("file_search_calls", "file searches", Tells::Uses, DAY, 360, file_search_calls),
        counted("web_search_calls", "web searches", Tells::Uses, DAY, 360, web_search_calls),
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

/// A feed of the usage endpoints.
const fn counted(
    id: &'static str,
    about: &'static str,
    tells: Tells,
    bucket: SignedDuration,
    every: u64,
    read: fn(&mut Asker<'_>, TimeRange) -> Result<Told, FetchError>,
) -> Feed {
    // An answer has 168 hours or 31 days at most.
    let step = if bucket.as_secs() == HOUR.as_secs() { days(7) } else { days(31) };
    let window = Window { bucket, again: days(2), daily: days(7), history: days(90), step, tells_of_now: true };
    Feed { id, about, tells, every: minutes(every), window, stands_in_for: None, read }
}

/// The oldest project stands for the organisation: it is there from the beginning, cannot be moved and is listed to every
/// key that may read names at all. Nothing else in these endpoints names the organisation.
fn identify(asker: &mut Asker<'_>) -> Result<Organisation, FetchError> {
    match projects(asker) {
        Ok(projects) => {
            let oldest = projects.iter().min_by_key(|project| (project.created_at, project.id.clone()));
            Ok(Organisation { id: oldest.map(|project| project.id.clone()), name: None })
        }
        // A key that may read usage alone. Whether it may is asked, so that a wrong key is not taken for one.
        Err(FetchError::Forbidden { .. }) => {
            let question =
                Question::path("/organization/costs").with("start_time", asker.now().as_second()).with("limit", 1);
            asker.get::<Buckets<Cost>>(&question)?;
            Ok(Organisation::default())
        }
        Err(error) => Err(error),
    }
}

#[derive(Deserialize)]
struct Buckets<T> {
    data: Vec<Bucket<T>>,
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    next_page: Option<String>,
}

#[derive(Deserialize)]
struct Bucket<T> {
    start_time: i64,
    end_time: i64,
    #[serde(default = "Vec::new")]
    results: Vec<T>,
}

impl<T> Bucket<T> {
    fn span(&self) -> Result<TimeRange, String> {
        let at = |seconds| Timestamp::from_second(seconds).map_err(|_| format!("{seconds} is no moment"));
        let span = TimeRange { start: at(self.start_time)?, end: at(self.end_time)? };
        if span.start < span.end { Ok(span) } else { Err("a bucket ends before it begins".to_owned()) }
    }
}

/// Reads all buckets of `span` from an endpoint, by `group_by`.
fn buckets<T: serde::de::DeserializeOwned>(
    asker: &mut Asker<'_>,
    path: &str,
    span: TimeRange,
    bucket: (&str, u32),
    group_by: &[&str],
    mut take: impl FnMut(TimeRange, T),
) -> Result<(), FetchError> {
    let (width, limit) = bucket;
    let first = Question::path(format!("/organization/{path}"))
        .with("start_time", span.start.as_second())
        .with("end_time", span.end.as_second())
        .with("bucket_width", width)
        .with("limit", limit)
        .with_each("group_by[]", group_by);
    asker.pages(first.clone(), |page: Buckets<T>| {
        for bucket in page.data {
            let span = bucket.span()?;
            bucket.results.into_iter().for_each(|result| take(span, result));
        }
        match (page.has_more, page.next_page) {
            (false, _) => Ok(None),
            (true, Some(cursor)) => Ok(Some(first.clone().with("page", cursor))),
            (true, None) => Err("there is more, and no way to it".to_owned()),
        }
    })
}

/// What an endpoint counted. Which of it is there depends on the endpoint; all of it is documented as nullable.
#[derive(Deserialize)]
struct Counted {
    #[serde(default)]
    input_tokens: Option<Count>,
    #[serde(default)]
    output_tokens: Option<Count>,
    #[serde(default)]
    input_cached_tokens: Option<Count>,
    #[serde(default)]
    input_cache_write_tokens: Option<Count>,
    #[serde(default)]
    input_cache_write_30m_tokens: Option<Count>,
    #[serde(default)]
    input_cache_write_12h_tokens: Option<Count>,
    #[serde(default)]
    input_uncached_tokens: Option<Count>,
    #[serde(default)]
    num_model_requests: Option<Count>,
    #[serde(default)]
    num_requests: Option<Count>,
    #[serde(default)]
    num_sessions: Option<Count>,
    #[serde(default)]
    images: Option<Count>,
    #[serde(default)]
    characters: Option<Count>,
    #[serde(default)]
    seconds: Option<Count>,
    #[serde(default)]
    usage_bytes: Option<Count>,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    project_id: Option<String>,
    #[serde(default)]
    user_id: Option<String>,
    #[serde(default)]
    api_key_id: Option<String>,
    #[serde(default)]
    batch: Option<bool>,
    #[serde(default)]
    service_tier: Option<String>,
    #[serde(default)]
    size: Option<String>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    context_level: Option<String>,
    #[serde(default)]
    vector_store_id: Option<String>,
}

impl Counted {
    /// The prompt taken apart. `None` if its parts are more than the whole.
    fn tokens(&self) -> Option<(Tokens, CacheWrites)> {
        let of = |count: Option<Count>| count.unwrap_or_default().0;
        let (input, cache_read) = (of(self.input_tokens), of(self.input_cached_tokens));
        let long = of(self.input_cache_write_12h_tokens);
        let written = of(self.input_cache_write_tokens).max(of(self.input_cache_write_30m_tokens) + long);
        let short = written - long;
        let uncached = match self.input_uncached_tokens {
            Some(uncached) => uncached.0,
            None => input.checked_sub(cache_read)?.checked_sub(written)?,
        };
        let told = match (self.input_cache_write_30m_tokens, self.input_cache_write_tokens) {
            (Some(_), _) => CacheWrites::Told,
            (None, Some(_)) => CacheWrites::WithoutLifetime,
            (None, None) => CacheWrites::Untold,
        };
        let tokens = Tokens {
            input: uncached,
            cache_read,
            cache_write_short: short,
            cache_write_long: long,
            output: of(self.output_tokens),
            reasoning: 0,
        };
        Some((tokens, told))
    }

    /// What is counted in something else than tokens, and in what.
    fn quantity(&self) -> (u64, Option<String>) {
        let sized = |unit: &str| {
            let parts = [Some(unit.to_owned()), self.source.clone(), self.size.clone()];
            Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
        };
        let units = [
            (self.images, sized("images")),
            (self.characters, Some("characters".to_owned())),
            (self.seconds, Some("seconds".to_owned())),
            (self.usage_bytes, Some("bytes".to_owned())),
            (self.num_sessions, Some("sessions".to_owned())),
            (
                self.num_requests,
                self.context_level
                    .as_ref()
                    .map(|level| format!("searches, context {level}"))
                    .or_else(|| self.vector_store_id.as_ref().map(|store| format!("searches of {store}")))
                    .or_else(|| Some("searches".to_owned())),
            ),
        ];
        let found = units.into_iter().find_map(|(count, unit)| Some((count?.0, unit)));
        found.unwrap_or((0, None))
    }

    fn into_use(self, span: TimeRange) -> Option<Use> {
        let (tokens, cache_writes) = self.tokens()?;
        let (quantity, variant) = self.quantity();
        let tier = if self.batch == Some(true) { Some("batch".to_owned()) } else { self.service_tier };
        Some(Use {
            span,
            tokens,
            cache_writes,
            requests: self.num_model_requests.or(self.num_requests).map(|count| count.0),
            // They are counted by an endpoint of their own, and charged as one line item of the costs.
            web_searches: 0,
            quantity,
            who: Who {
                model: self.model,
                key: self.api_key_id,
                project: self.project_id,
                user: self.user_id,
                tier,
                region: None,
                variant,
            },
        })
    }
}

fn usage(
    asker: &mut Asker<'_>,
    endpoint: &str,
    span: TimeRange,
    bucket: (&str, u32),
    group_by: &[&str],
) -> Result<Told, FetchError> {
    let mut uses = Vec::new();
    let mut is_whole = true;
    buckets(asker, &format!("usage/{endpoint}"), span, bucket, group_by, |span, counted: Counted| {
        match counted.into_use(span) {
            Some(counted) => uses.push(counted),
            None => is_whole = false,
        }
    })?;
    if !is_whole {
        return Err(asker.malformed("cached tokens are more than all input tokens".to_owned()));
    }
    Ok(Told { uses, ..Told::default() })
}

const HOURS: (&str, u32) = ("1h", 168);
const DAYS: (&str, u32) = ("1d", 31);
const BY_KEY: [&str; 4] = ["project_id", "user_id", "api_key_id", "model"];

fn completions(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    let by = ["project_id", "user_id", "api_key_id", "model", "batch", "service_tier"];
    usage(asker, "completions", span, HOURS, &by)
}

fn embeddings(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    usage(asker, "embeddings", span, DAYS, &BY_KEY)
}

fn moderations(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    usage(asker, "moderations", span, DAYS, &BY_KEY)
}

fn images(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    usage(asker, "images", span, DAYS, &["project_id", "user_id", "api_key_id", "model", "size", "source"])
}

fn audio_speeches(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    usage(asker, "audio_speeches", span, DAYS, &BY_KEY)
}

fn audio_transcriptions(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    usage(asker, "audio_transcriptions", span, DAYS, &BY_KEY)
}

fn vector_stores(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    usage(asker, "vector_stores", span, DAYS, &["project_id"])
}

fn code_interpreter_sessions(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    usage(asker, "code_interpreter_sessions", span, DAYS, &["project_id"])
}

fn file_search_calls(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    usage(asker, "file_search_calls", span, DAYS, &["project_id", "user_id", "api_key_id", "vector_store_id"])
}

fn web_search_calls(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    let by = ["project_id", "user_id", "api_key_id", "model", "context_level"];
    usage(asker, "web_search_calls", span, DAYS, &by)
}

#[derive(Deserialize)]
struct Cost {
    #[serde(default)]
    amount: Option<Amount>,
    #[serde(default)]
    line_item: Option<String>,
    #[serde(default)]
    project_id: Option<String>,
    #[serde(default)]
    api_key_id: Option<String>,
}

#[derive(Deserialize)]
struct Amount {
    value: Dollars,
    #[serde(default)]
    currency: Option<String>,
}

fn costs(asker: &mut Asker<'_>, span: TimeRange) -> Result<Told, FetchError> {
    let mut charges = Vec::new();
    let mut foreign = None;
    let by = ["project_id", "line_item", "api_key_id"];
    buckets(asker, "costs", span, ("1d", 180), &by, |span, cost: Cost| {
        let Some(amount) = cost.amount else { return };
        foreign = foreign.take().or(amount.currency.filter(|currency| !currency.eq_ignore_ascii_case("usd")));
        let item = cost.line_item.unwrap_or_default();
        let who = Who {
            model: model_of(&item).map(str::to_owned),
            key: cost.api_key_id,
            project: cost.project_id,
            ..Who::default()
        };
        charges.push(Charge { span, who, item, amount: amount.value.0 });
    })?;
    match foreign {
        Some(currency) => Err(asker.malformed(format!("it is charged in {currency}, and only dollars are understood"))),
        None => Ok(Told { charges, ..Told::default() }),
    }
}

/// The model of a line item: `gpt-6-astra` of `gpt-6-astra, input_tokens`. `web search tool calls` is of no model.
fn model_of(item: &str) -> Option<&str> {
    let (model, _) = item.split_once(", ")?;
    (!model.is_empty() && !model.contains(' ')).then_some(model)
}

#[derive(Deserialize)]
struct List<T> {
    data: Vec<T>,
    #[serde(default)]
    last_id: Option<String>,
    #[serde(default)]
    has_more: bool,
}

/// Reads all pages of a list.
fn list<T: serde::de::DeserializeOwned>(
    asker: &mut Asker<'_>,
    first: Question,
    take: &mut impl FnMut(T),
) -> Result<(), FetchError> {
    let first = first.with("limit", 100);
    asker.pages(first.clone(), |page: List<T>| {
        page.data.into_iter().for_each(&mut *take);
        match (page.has_more, page.last_id) {
            (false, _) => Ok(None),
            (true, Some(last)) => Ok(Some(first.clone().with("after", last))),
            (true, None) => Err("there is more, and no way to it".to_owned()),
        }
    })
}

#[derive(Deserialize)]
struct Project {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    created_at: i64,
}

#[derive(Deserialize)]
struct Named {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
}

impl Named {
    fn into_name(self, kind: Kind) -> Option<Name> {
        let name = self.name.filter(|name| !name.is_empty()).or(self.email)?;
        Some(Name { kind, id: self.id, name })
    }
}

fn projects(asker: &mut Asker<'_>) -> Result<Vec<Project>, FetchError> {
    let mut projects = Vec::new();
    let question = Question::path("/organization/projects").with("include_archived", true);
    list(asker, question, &mut |project| projects.push(project))?;
    Ok(projects)
}

/// Keys are listed by project alone.
fn names(asker: &mut Asker<'_>, _: TimeRange) -> Result<Told, FetchError> {
    let projects = projects(asker)?;
    let mut names = Vec::new();
    list(asker, Question::path("/organization/users"), &mut |user: Named| names.extend(user.into_name(Kind::User)))?;
    for project in &projects {
        let keys = Question::path(format!("/organization/projects/{}/api_keys", project.id));
        list(asker, keys, &mut |key: Named| names.extend(key.into_name(Kind::Key)))?;
    }
    let of_project = |project: Project| {
        Some(Name { kind: Kind::Project, name: project.name.filter(|name| !name.is_empty())?, id: project.id })
    };
    names.extend(projects.into_iter().filter_map(of_project));
    Ok(Told { names, ..Told::default() })
}
