//! OpenRouter: activity, analytics, credits and keys of an account, under `/api/v1`.

mod activity;
mod analytics;
mod keys;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Organisation as Answering;
use crate::{Answer, Request, exact};

pub use self::keys::Key;

/// An account, with a management key `sk-or-v1-test` and nothing in it.
#[derive(Clone, Debug)]
pub struct Organisation {
    pub keys: Vec<Key>,
    pub calls: Vec<Call>,
    /// Ids and names.
    pub workspaces: Vec<(String, String)>,
    pub default_workspace: String,
    /// Bought so far, in billionths of a dollar.
    pub credits_nanos: i64,
    /// Whether counts in analytics are texts, which they are now and then.
    pub counts_as_text: bool,
    /// Whether the time of a row is called `created_at__…` instead of `date__…`.
    pub time_is_created_at: bool,
}

/// A call, or several that are alike.
#[derive(Clone, Debug, Default)]
pub struct Call {
    pub at: Timestamp,
    /// The hash of its key.
    pub key: String,
    pub user: Option<String>,
    /// `None` for the default one.
    pub workspace: Option<String>,
    pub app: Option<String>,
    pub model: String,
    /// The dated name.
    pub permaslug: String,
    pub provider: String,
    pub endpoint: String,
    pub requests: i64,
    pub prompt: i64,
    /// Of the prompt.
    pub cached: i64,
    pub completion: i64,
    /// Of the completion.
    pub reasoning: i64,
    /// In billionths of a dollar.
    pub nanos: i64,
    /// Paid to the provider itself, with the account's own key there.
    pub byok_nanos: i64,
}

impl Default for Organisation {
    fn default() -> Self {
        let default_workspace = "0df9e665-d932-5740-b2c7-b52af166bc11".to_owned();
        let key = Key { secret: "sk-or-v1-test".to_owned(), management: true, ..Key::default() };
        Self {
            keys: vec![key],
            calls: Vec::new(),
            workspaces: vec![(default_workspace.clone(), "Default".to_owned())],
            default_workspace,
            credits_nanos: 0,
            counts_as_text: false,
            time_is_created_at: false,
        }
    }
}

impl Answering for Organisation {
    fn answer(&self, request: &Request, now: Timestamp) -> Answer {
        self.answered(request, now).unwrap_or_else(|refusal| refusal)
    }
}

impl Organisation {
    /// The answer, or the refusal, which is one too.
    fn answered(&self, request: &Request, now: Timestamp) -> Result<Answer, Answer> {
        let key = request.bearer().and_then(|secret| self.keys.iter().find(|key| key.secret == secret));
        // [unverified]: whether a key that is nobody's is told anything else.
        let key = key.ok_or_else(wrong_key)?;
        let path = request.path.strip_prefix("/api/v1/").unwrap_or_default();
        if !key.management && path != "key" {
            return Err(management_only());
        }
        let answer = match (request.method.as_str(), path) {
            ("GET", "activity") => activity::answer(self, request, now),
            ("POST", "analytics/query") => analytics::query(self, request, now),
            ("GET", "analytics/meta") => Ok(analytics::meta()),
            ("GET", "credits") => Ok(self.credits()),
            ("GET", "key") => Ok(keys::own(self, key, now)),
            ("GET", "keys") => keys::list(self, request, now),
            _ => return Err(error(404, "Not Found")),
        };
        answer
            .map(|data| Answer::json(200, &json!({ "data": data })))
            .map_err(|bad| error(400, &format!("{}: {}", bad.parameter, bad.says)))
    }

    fn credits(&self) -> Value {
        let used = self.calls.iter().map(|call| call.nanos).sum();
        json!({ "total_credits": dollars(self.credits_nanos), "total_usage": dollars(used) })
    }

    fn workspace_of<'a>(&'a self, call: &'a Call) -> &'a str {
        call.workspace.as_deref().unwrap_or(&self.default_workspace)
    }
}

fn dollars(nanos: i64) -> Value {
    exact::number(nanos, 9)
}

/// No key, or nobody's.
pub fn wrong_key() -> Answer {
    error(401, "Missing Authentication header")
}

/// A key that calls models and may not look at the account.
pub fn management_only() -> Answer {
    error(403, "Only management keys can perform this operation")
}

/// Too many requests; `retry_after` in seconds.
pub fn rate_limited(retry_after: Option<u32>) -> Answer {
    let answer = error(429, "Rate limit exceeded");
    retry_after.iter().fold(answer, |answer, seconds| answer.with_header(&format!("Retry-After: {seconds}")))
}

/// Something broke over there.
pub fn broken() -> Answer {
    error(500, "Internal Server Error")
}

fn error(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({ "error": { "code": status, "message": message } }))
}
