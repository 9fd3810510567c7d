//! `/usage/…`: ten endpoints of one form, which differ in what they count and what that can be grouped by.

use std::ops::Range;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::buckets::Width;
use super::super::query::{self, Bad};
use super::super::rows::{Amounts, Row, dimensions, grouped};
use super::super::{cursor, query::required};
use super::{Organisation, list};
use crate::{Answer, Request};

/// What was used at a moment.
#[derive(Clone, Debug)]
pub struct Usage {
    pub at: Timestamp,
    pub project: Option<String>,
    pub user: Option<String>,
    pub key: Option<String>,
    pub model: Option<String>,
    /// `agents_api` or `unlabeled`, of completions and web searches.
    pub api_source: Option<String>,
    pub requests: i64,
    pub of: Kind,
}

impl Default for Usage {
    fn default() -> Self {
        Self {
            at: Timestamp::UNIX_EPOCH,
            project: None,
            user: None,
            key: None,
            model: None,
            api_source: None,
            requests: 1,
            of: Kind::Completions(Tokens::default()),
        }
    }
}

/// What was used, and so which endpoint tells of it.
#[derive(Clone, Debug)]
pub enum Kind {
    Completions(Tokens),
    Embeddings { input: i64 },
    Moderations { input: i64 },
    Images { images: i64, size: String, source: String },
    Speeches { characters: i64 },
    Transcriptions { seconds: i64 },
    VectorStores { bytes: i64 },
    Sessions { sessions: i64 },
    FileSearches { searches: i64, vector_store: String },
    WebSearches { searches: i64, context_level: String },
}

/// Tokens of completions. The kinds are disjoint; the provider's sums are made of them.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    pub uncached_text: i64,
    pub uncached_audio: i64,
    pub uncached_image: i64,
    pub cached_text: i64,
    pub cached_audio: i64,
    pub cached_image: i64,
    pub written_30m: i64,
    pub written_12h: i64,
    pub output_text: i64,
    pub output_audio: i64,
    pub output_image: i64,
    pub batch: bool,
    pub tier: Option<String>,
}

/// An endpoint: the last part of its path, the name of its results, and what these can be grouped by.
struct Endpoint {
    path: &'static str,
    object: &'static str,
    dimensions: &'static [&'static str],
}

const ENDPOINTS: [Endpoint; 10] = [
    Endpoint {
        path: "completions",
        object: "completions",
        dimensions: &["project_id", "user_id", "api_key_id", "model", "batch", "service_tier", "api_source"],
    },
    Endpoint { path: "embeddings", object: "embeddings", dimensions: MODELS },
    Endpoint { path: "moderations", object: "moderations", dimensions: MODELS },
    Endpoint {
        path: "images",
        object: "images",
        dimensions: &["project_id", "user_id", "api_key_id", "model", "size", "source"],
    },
    Endpoint { path: "audio_speeches", object: "audio_speeches", dimensions: MODELS },
    Endpoint { path: "audio_transcriptions", object: "audio_transcriptions", dimensions: MODELS },
    Endpoint { path: "vector_stores", object: "vector_stores", dimensions: &["project_id"] },
    Endpoint { path: "code_interpreter_sessions", object: "code_interpreter_sessions", dimensions: &["project_id"] },
    Endpoint {
        path: "file_search_calls",
        object: "file_searches",
        dimensions: &["project_id", "user_id", "api_key_id", "vector_store_id"],
    },
    Endpoint {
        path: "web_search_calls",
        object: "web_searches",
        dimensions: &["project_id", "user_id", "api_key_id", "model", "context_level", "api_source"],
    },
];
const MODELS: &[&str] = &["project_id", "user_id", "api_key_id", "model"];

/// Lists that choose, and the dimension that each chooses by. An endpoint without the dimension has no such list.
const FILTERS: [(&str, &str); 8] = [
    ("project_ids", "project_id"),
    ("user_ids", "user_id"),
    ("api_key_ids", "api_key_id"),
    ("models", "model"),
    ("sizes", "size"),
    ("sources", "source"),
    ("vector_store_ids", "vector_store_id"),
    ("context_levels", "context_level"),
];

/// `None` when there is no such endpoint.
pub(super) fn answer(
    organisation: &Organisation,
    path: &str,
    request: &Request,
    now: Timestamp,
) -> Result<Option<Answer>, Bad> {
    let Some(endpoint) = ENDPOINTS.iter().find(|endpoint| endpoint.path == path) else { return Ok(None) };
    let name = "bucket_width";
    let width = Width::parse(name, request.parameter(name).unwrap_or("1d"))?;
    let (default, most) = width.page();
    let limit = query::limit(request, "limit", default, most)?;
    let by = query::listed("group_by", list(request, "group_by"), endpoint.dimensions)?;
    let batch: Vec<&str> = request.parameter("batch").into_iter().collect();
    query::boolean(request, "batch")?;
    let used = organisation.usage.iter().filter(|usage| usage.endpoint() == endpoint.path);
    let rows: Vec<Row> = used
        .map(|usage| usage.row(organisation.few_counts))
        .filter(|row| FILTERS.iter().all(|(parameter, of)| row.is_of(of, &list(request, parameter))))
        .filter(|row| row.is_of("batch", &batch))
        .collect();
    let result = |row: &Row| {
        let mut result = json!({ "object": format!("organization.usage.{}.result", endpoint.object) });
        if let Value::Object(result) = &mut result {
            result.extend(dimensions(row, endpoint.dimensions));
            result.extend(row.amounts.iter().map(|(name, amount)| ((*name).to_owned(), (*amount).into())));
        }
        result
    };
    page(request, width, now, limit, &rows, |rows| grouped(rows, &by).iter().map(result).collect()).map(Some)
}

/// A page of buckets. Those without usage have no results, and are there all the same.
///
/// Buckets begin at whole minutes, hours and days in UTC; only what was used from `start_time` on and before `end_time`
/// is in them `[unverified]`: a range that begins in the middle of a bucket.
pub(super) fn page(
    request: &Request,
    width: Width,
    now: Timestamp,
    limit: usize,
    rows: &[Row],
    results: impl Fn(Vec<Row>) -> Vec<Value>,
) -> Result<Answer, Bad> {
    let range = range(request, now)?;
    let (starts, next) = cursor::page(width.starts(&range), request, limit)?;
    let bucket = |start: &i64| {
        let end = start + width.seconds();
        let within = rows.iter().filter(|row| (*start..end).contains(&row.at) && range.contains(&row.at));
        let results = results(within.cloned().collect());
        json!({ "object": "bucket", "start_time": start, "end_time": end, "results": results })
    };
    let data: Vec<Value> = starts.iter().map(bucket).collect();
    Ok(Answer::json(200, &json!({ "object": "page", "data": data, "has_more": next.is_some(), "next_page": next })))
}

/// From `start_time` on and before `end_time`, or until the end of this second.
fn range(request: &Request, now: Timestamp) -> Result<Range<i64>, Bad> {
    let start = required("start_time", query::integer(request, "start_time")?)?;
    let end = query::integer(request, "end_time")?.unwrap_or(now.as_second() + 1);
    if end <= start {
        return Err(Bad::of("end_time", "must be after start_time"));
    }
    Ok(start..end)
}

impl Usage {
    fn endpoint(&self) -> &'static str {
        match self.of {
            Kind::Completions(_) => "completions",
            Kind::Embeddings { .. } => "embeddings",
            Kind::Moderations { .. } => "moderations",
            Kind::Images { .. } => "images",
            Kind::Speeches { .. } => "audio_speeches",
            Kind::Transcriptions { .. } => "audio_transcriptions",
            Kind::VectorStores { .. } => "vector_stores",
            Kind::Sessions { .. } => "code_interpreter_sessions",
            Kind::FileSearches { .. } => "file_search_calls",
            Kind::WebSearches { .. } => "web_search_calls",
        }
    }

    fn row(&self, few_counts: bool) -> Row {
        let mut of = json!({
            "project_id": self.project,
            "user_id": self.user,
            "api_key_id": self.key,
            "model": self.model,
            "api_source": self.api_source,
        });
        let requests = ("num_model_requests", self.requests);
        let amounts = match &self.of {
            Kind::Completions(tokens) => {
                (of["batch"], of["service_tier"]) = (tokens.batch.into(), tokens.tier.clone().into());
                tokens.amounts(self.requests, few_counts)
            }
            Kind::Embeddings { input } | Kind::Moderations { input } => {
                Amounts::from([("input_tokens", *input), requests])
            }
            Kind::Images { images, size, source } => {
                (of["size"], of["source"]) = (size.as_str().into(), source.as_str().into());
                Amounts::from([("images", *images), requests])
            }
            Kind::Speeches { characters } => Amounts::from([("characters", *characters), requests]),
            Kind::Transcriptions { seconds } => Amounts::from([("seconds", *seconds), requests]),
            Kind::VectorStores { bytes } => Amounts::from([("usage_bytes", *bytes)]),
            Kind::Sessions { sessions } => Amounts::from([("num_sessions", *sessions)]),
            Kind::FileSearches { searches, vector_store } => {
                of["vector_store_id"] = vector_store.as_str().into();
                Amounts::from([("num_requests", *searches)])
            }
            Kind::WebSearches { searches, context_level } => {
                of["context_level"] = context_level.as_str().into();
                Amounts::from([("num_requests", *searches), requests])
            }
        };
        Row { at: self.at.as_second(), of: object(of), amounts }
    }
}

impl Tokens {
    /// As the provider counts: input contains what was read from and written to the cache, and audio and images.
    fn amounts(&self, requests: i64, few: bool) -> Amounts {
        let cached = self.cached_text + self.cached_audio + self.cached_image;
        let uncached = self.uncached_text + self.uncached_audio + self.uncached_image;
        let written = self.written_30m + self.written_12h;
        let mut amounts = Amounts::from([
            ("input_tokens", cached + written + uncached),
            ("input_cached_tokens", cached),
            ("input_audio_tokens", self.uncached_audio),
            ("output_tokens", self.output_text + self.output_audio + self.output_image),
            ("output_audio_tokens", self.output_audio),
            ("num_model_requests", requests),
        ]);
        if !few {
            amounts.extend([
                ("input_cache_write_tokens", written),
                ("input_cache_write_30m_tokens", self.written_30m),
                ("input_cache_write_12h_tokens", self.written_12h),
                ("input_uncached_tokens", uncached),
                ("input_text_tokens", self.uncached_text),
                ("input_image_tokens", self.uncached_image),
                ("input_cached_text_tokens", self.cached_text),
                ("input_cached_audio_tokens", self.cached_audio),
                ("input_cached_image_tokens", self.cached_image),
                ("output_text_tokens", self.output_text),
                ("output_image_tokens", self.output_image),
            ]);
        }
        amounts
    }
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
