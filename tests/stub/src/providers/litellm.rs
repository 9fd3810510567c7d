//! A LiteLLM proxy: what its keys, users and models spent, by day and by call.

mod daily;
mod logs;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use super::Organisation as Answering;
use super::query::Bad;
use crate::{Answer, Request};

/// A proxy with a key `sk-litellm-test` that sees everything, and with nothing in it.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Secrets, and whose spend each sees: `None` for everyone's.
    pub access: BTreeMap<String, Option<String>>,
    pub keys: Vec<Key>,
    pub calls: Vec<Call>,
}

/// A key that calls models.
#[derive(Clone, Debug, Default)]
pub struct Key {
    /// By which it is known everywhere.
    pub hash: String,
    pub alias: Option<String>,
    pub team: Option<String>,
    pub user: Option<String>,
}

/// A call.
#[derive(Clone, Debug, Default)]
pub struct Call {
    pub id: String,
    pub at: Timestamp,
    /// The hash of its key.
    pub key: String,
    pub user: String,
    pub team: Option<String>,
    pub model: String,
    pub provider: String,
    /// What was read from and written to the cache is in it.
    pub prompt: i64,
    pub completion: i64,
    pub cache_read: i64,
    pub cache_written: i64,
    pub failed: bool,
    /// In billionths of a dollar.
    pub nanos: i64,
}

impl Default for Organisation {
    fn default() -> Self {
        let access = BTreeMap::from([("sk-litellm-test".to_owned(), None)]);
        Self { access, keys: Vec::new(), calls: Vec::new() }
    }
}

impl Answering for Organisation {
    fn answer(&self, request: &Request, _: Timestamp) -> Answer {
        self.answered(request).unwrap_or_else(|refusal| refusal)
    }
}

impl Organisation {
    /// The answer, or the refusal, which is one too.
    fn answered(&self, request: &Request) -> Result<Answer, Answer> {
        let sees = request.bearer().and_then(|secret| self.access.get(secret)).ok_or_else(wrong_key)?;
        let visible = |call: &&Call| sees.as_ref().is_none_or(|user| *user == call.user);
        let calls: Vec<&Call> = self.calls.iter().filter(visible).collect();
        let answer = match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/user/daily/activity") => daily::answer(self, &calls, request),
            ("GET", "/spend/logs/v2") => logs::answer(&calls, request),
            ("GET", "/key/list") => logs::keys(self, sees.as_deref(), request),
            _ => return Err(Answer::json(404, &json!({ "detail": "Not Found" }))),
        };
        answer.map(|body| Answer::json(200, &body)).map_err(|bad| invalid(&bad))
    }
}

/// A key that is nobody's.
pub fn wrong_key() -> Answer {
    error(401, "Authentication Error, Invalid proxy server token passed.", "token_not_found_in_db")
}

/// Too many requests; `retry_after` in seconds.
pub fn rate_limited(retry_after: Option<u32>) -> Answer {
    let answer = error(429, "Rate limit exceeded", "throttling_error");
    retry_after.iter().fold(answer, |answer, seconds| answer.with_header(&format!("retry-after: {seconds}")))
}

/// Something broke over there.
pub fn broken() -> Answer {
    error(500, "Internal Server Error", "internal_server_error")
}

/// Here the code is a text.
fn error(status: u16, message: &str, kind: &str) -> Answer {
    let error = json!({ "message": message, "type": kind, "param": null, "code": status.to_string() });
    Answer::json(status, &json!({ "error": error }))
}

fn invalid(bad: &Bad) -> Answer {
    Answer::json(400, &json!({ "detail": { "error": format!("{}: {}", bad.parameter, bad.says) } }))
}
