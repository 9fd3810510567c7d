//! Asking a provider: its address, the key, its pages, and what its refusals mean.

use std::collections::HashSet;
use std::fmt::Display;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Feed, FetchError, Organisation, Provider, Told};
use crate::calendar::TimeRange;
use crate::http::{Answer, Http, Request};
use crate::secrets::Secret;

/// Bytes that one page may have: a day of a large organisation, by key and model, is a few megabytes.
const MOST_OF_A_PAGE: u64 = 64 << 20;

/// Pages of one question. A provider that sends more has lost its way, or we have.
const MOST_PAGES: usize = 1_000;

/// The way to one account of a provider.
#[derive(Clone)]
pub struct Access {
    /// Who is asked.
    pub provider: &'static Provider,
    /// Where: its address up to the version, without a slash at the end.
    pub base: String,
    /// The way out.
    pub http: Http,
    /// Who asks.
    pub key: Secret,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").field("provider", &self.provider.id).field("base", &self.base).finish_non_exhaustive()
    }
}

impl Access {
    /// Asks whose key it is, to see whether the provider takes it.
    ///
    /// # Errors
    /// [`FetchError`] when it does not, or does not answer.
    pub fn test(&self, now: Timestamp) -> Result<Organisation, FetchError> {
        self.organisation(now).0
    }

    /// Asks whose key it is.
    pub(crate) fn organisation(&self, now: Timestamp) -> (Result<Organisation, FetchError>, Asked) {
        let mut asker = Asker::new(self, "the organisation", now);
        let organisation = (self.provider.identify)(&mut asker);
        (organisation, asker.asked)
    }

    /// Asks a feed for a span.
    pub(crate) fn read(&self, feed: &Feed, span: TimeRange, now: Timestamp) -> (Result<Told, FetchError>, Asked) {
        let mut asker = Asker::new(self, feed.about, now);
        let told = (feed.read)(&mut asker, span);
        (told, asker.asked)
    }
}

/// What asking was like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Questions.
    pub(crate) requests: u64,
    /// By how much the provider's clock is ahead of this machine's; `None`: it does not tell.
    pub(crate) clock_ahead: Option<SignedDuration>,
}

/// Asks the questions of one feed.
pub(crate) struct Asker<'a> {
    access: &'a Access,
    about: &'static str,
    now: Timestamp,
    headers: Vec<(&'static str, String)>,
    asked: Asked,
}

impl<'a> Asker<'a> {
    fn new(access: &'a Access, about: &'static str, now: Timestamp) -> Self {
        let headers = (access.provider.headers)(&access.key);
        Self { access, about, now, headers, asked: Asked::default() }
    }

    /// With a header on all questions from now on.
    pub(super) fn say(&mut self, name: &'static str, value: &str) {
        self.headers.push((name, value.to_owned()));
    }

    /// When it is asked.
    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    /// Where it is asked.
    pub(super) fn base(&self) -> &str {
        &self.access.base
    }

    /// Asks for a path with its query.
    pub(super) fn get<T: DeserializeOwned>(&mut self, question: &Question) -> Result<T, FetchError> {
        self.ask(Request::get(format!("{}{}", self.access.base, question.0)))
    }

    /// Asks what `json` says.
    pub(super) fn query<T: DeserializeOwned>(&mut self, path: &str, json: &serde_json::Value) -> Result<T, FetchError> {
        self.ask(Request::query(format!("{}{path}", self.access.base), json.to_string()))
    }

    /// Asks page after page. `take` takes in a page and says how to ask for the next one; `None`: that was the last.
    ///
    /// # Errors
    /// [`FetchError::Endless`] when a page was asked for before, or after far too many of them.
    pub(super) fn pages<T: DeserializeOwned>(
        &mut self,
        first: Question,
        mut take: impl FnMut(T) -> Result<Option<Question>, String>,
    ) -> Result<(), FetchError> {
        let mut asked = HashSet::new();
        let mut next = Some(first);
        while let Some(question) = next {
            if asked.len() >= MOST_PAGES || !asked.insert(question.0.clone()) {
                return Err(FetchError::Endless { provider: self.access.provider.name, about: self.about });
            }
            let page = self.get(&question)?;
            next = take(page).map_err(|what| self.malformed(what))?;
        }
        Ok(())
    }

    /// What it means that an answer says `what`.
    pub(super) fn malformed(&self, what: String) -> FetchError {
        FetchError::Malformed { provider: self.access.provider.name, about: self.about, what }
    }

    fn ask<T: DeserializeOwned>(&mut self, request: Request) -> Result<T, FetchError> {
        let request = self.headers.iter().fold(request, |request, (name, value)| request.with(name, value.as_str()));
        self.asked.requests += 1;
        let answer = self.access.http.ask(&request, MOST_OF_A_PAGE)?;
        self.asked.clock_ahead = answer.date().map(|date| date.duration_since(self.now)).or(self.asked.clock_ahead);
        if answer.status != 200 {
            return Err(self.refusal(&answer));
        }
        // Where in it, and never what it says: a line of an answer may be anything.
        serde_json::from_slice(&answer.body).map_err(|error| {
            let what = match error.classify() {
                serde_json::error::Category::Data => error.to_string(),
                _ => format!("no whole JSON, line {} column {}", error.line(), error.column()),
            };
            self.malformed(what)
        })
    }

    /// What an answer means that is none.
    fn refusal(&self, answer: &Answer) -> FetchError {
        let Provider { name: provider, key, .. } = *self.access.provider;
        let said = Said::of(&answer.body);
        let lacks = said.missing_scopes();
        let retry_after = answer.retry_after();
        match answer.status {
            // OpenAI has answered both to keys that lack a scope.
            401 | 403 if lacks.is_some() => {
                FetchError::Forbidden { provider, about: self.about, lacks: lacks.unwrap_or_default() }
            }
            401 => FetchError::Refused { provider, least: key.least },
            403 => FetchError::Forbidden { provider, about: self.about, lacks: key.least.to_owned() },
            429 => FetchError::Busy { provider, retry_after },
            status @ 500.. => FetchError::Failing { provider, status, retry_after },
            status => {
                let said = said.shown(&self.access.key);
                FetchError::Rejected { provider, status, said }
            }
        }
    }
}

/// The header by which most providers know who asks.
pub(super) fn bearer(key: &Secret) -> Vec<(&'static str, String)> {
    vec![("authorization", format!("Bearer {}", key.expose()))]
}

/// A path with its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question(String);

impl Question {
    pub(super) fn path(path: impl Into<String>) -> Self {
        Self(path.into())
    }

    /// With a parameter more.
    pub(super) fn with(mut self, name: &str, value: impl Display) -> Self {
        self.0.push(if self.0.contains('?') { '&' } else { '?' });
        let mut pair = form_urlencoded::Serializer::new(String::new());
        pair.append_pair(name, &value.to_string());
        self.0.push_str(&pair.finish());
        self
    }

    /// With the same parameter for each value.
    pub(super) fn with_each(self, name: &str, values: &[&str]) -> Self {
        values.iter().fold(self, |question, value| question.with(name, value))
    }
}

/// The words of an error, wherever providers put them.
struct Said(String);

impl Said {
    fn of(body: &[u8]) -> Self {
        #[derive(Default, Deserialize)]
        struct Body {
            #[serde(default)]
            error: serde_json::Value,
            #[serde(default)]
            detail: serde_json::Value,
        }
        let body: Body = serde_json::from_slice(body).unwrap_or_default();
        let texts = [&body.error["message"], &body.error, &body.detail["error"], &body.detail];
        Self(texts.into_iter().find_map(|text| text.as_str()).unwrap_or_default().to_owned())
    }

    /// `the scope api.usage.read` of `Missing scopes: api.usage.read. Check that …`.
    fn missing_scopes(&self) -> Option<String> {
        let (_, rest) = self.0.split_once("Missing scopes:")?;
        let scopes = rest.trim_start().split(". ").next()?.trim().trim_end_matches('.');
        let plain =
            |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-' | ',' | ' ' | ':');
        (!scopes.is_empty() && scopes.len() < 200 && scopes.chars().all(plain)).then(|| format!("the scope {scopes}"))
    }

    /// Without anything that is, or looks like, a key.
    fn shown(&self, key: &Secret) -> String {
        let told = if key.expose().is_empty() { self.0.clone() } else { self.0.replace(key.expose(), "…") };
        let words = told.split_whitespace().map(|word| if word.contains("sk-") { "…" } else { word });
        let text = words.collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            "without a word".to_owned()
        } else {
            text.chars().take(200).flat_map(char::escape_debug).collect()
        }
    }
}
