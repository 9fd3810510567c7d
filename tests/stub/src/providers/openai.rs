//! OpenAI: an organisation's usage, costs and names, under `/v1/organization`.

mod costs;
mod names;
mod usage;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use super::Organisation as Answering;
use super::query::Bad;
use crate::{Answer, Request};

pub use self::costs::Cost;
pub use self::names::{Key, Owner, Project, User};
pub use self::usage::{Kind, Tokens, Usage};

/// What reading usage and costs needs.
pub const USAGE: &str = "api.usage.read";
/// What reading names needs.
pub const NAMES: &str = "api.management.read";

/// An organisation with a key `sk-admin-test` that may do everything, and with nothing in it.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Admin keys, and the scopes of each.
    pub keys: BTreeMap<String, Vec<&'static str>>,
    pub usage: Vec<Usage>,
    pub costs: Vec<Cost>,
    pub projects: Vec<Project>,
    pub users: Vec<User>,
    /// Whether amounts of money are texts, as they were served for a while in May 2026.
    pub amounts_as_text: bool,
    /// Whether completions have no other counts than the documentation's oldest example.
    pub few_counts: bool,
    /// What a key without the scope gets: 403 mostly, 401 at some.
    pub status_without_scope: u16,
}

impl Default for Organisation {
    fn default() -> Self {
        Self {
            keys: BTreeMap::from([("sk-admin-test".to_owned(), vec![USAGE, NAMES])]),
            usage: Vec::new(),
            costs: Vec::new(),
            projects: Vec::new(),
            users: Vec::new(),
            amounts_as_text: false,
            few_counts: false,
            status_without_scope: 403,
        }
    }
}

impl Answering for Organisation {
    fn answer(&self, request: &Request, now: Timestamp) -> Answer {
        self.answered(request, now).unwrap_or_else(|refusal| refusal).with_header("x-request-id: req_0123456789abcdef")
    }
}

impl Organisation {
    /// The answer, or the refusal, which is one too.
    fn answered(&self, request: &Request, now: Timestamp) -> Result<Answer, Answer> {
        let scopes = request.bearer().and_then(|key| self.keys.get(key)).ok_or_else(wrong_key)?;
        let may = |scope| {
            if scopes.contains(&scope) { Ok(()) } else { Err(missing_scope(self.status_without_scope, scope)) }
        };
        let path = request.path.strip_prefix("/v1/organization/").filter(|_| request.method == "GET");
        let path: Vec<&str> = path.unwrap_or_default().split('/').collect();
        let answer = match path.as_slice() {
            ["usage", endpoint] => may(USAGE).map(|()| usage::answer(self, endpoint, request, now)),
            ["costs"] => may(USAGE).map(|()| costs::answer(self, request, now).map(Some)),
            _ => may(NAMES).map(|()| names::answer(self, &path, request)),
        }?;
        answer.map_err(|bad| invalid(&bad))?.ok_or_else(not_found)
    }
}

/// The values of a list, in both spellings: `x=a&x=b` of the specification, `x[]=a&x[]=b` of the provider's own clients.
fn list<'a>(request: &'a Request, name: &str) -> Vec<&'a str> {
    request.parameters(name).chain(request.parameters(&format!("{name}[]"))).collect()
}

/// A key that is nobody's.
pub fn wrong_key() -> Answer {
    let message = "Incorrect API key provided: sk-admin-********. You can find your API key at \
                   https://platform.openai.com/account/api-keys.";
    error(401, message, "invalid_request_error", None, Some("invalid_api_key"))
}

/// A key that may not read this. The scope is told in the message alone.
pub fn missing_scope(status: u16, scope: &str) -> Answer {
    let message = format!(
        "You have insufficient permissions for this operation. Missing scopes: {scope}. Check that you have the correct \
         role in your organization, and if you're using a restricted API key, that it has the necessary scopes."
    );
    error(status, &message, "server_error", None, None)
}

/// Too many requests; `retry_after` in seconds.
pub fn rate_limited(retry_after: Option<u32>) -> Answer {
    let message = "Rate limit reached. Please try again later.";
    let answer = error(429, message, "requests", None, Some("rate_limit_exceeded"));
    retry_after.iter().fold(answer, |answer, seconds| answer.with_header(&format!("Retry-After: {seconds}")))
}

/// Something broke over there.
pub fn broken() -> Answer {
    error(500, "The server had an error while processing your request.", "server_error", None, None)
}

fn invalid(bad: &Bad) -> Answer {
    let message = format!("Invalid value for '{}': {}.", bad.parameter, bad.says);
    error(400, &message, "invalid_request_error", Some(&bad.parameter), Some("invalid_value"))
}

fn not_found() -> Answer {
    error(404, "There is nothing at this address.", "invalid_request_error", None, None)
}

fn error(status: u16, message: &str, kind: &str, parameter: Option<&str>, code: Option<&str>) -> Answer {
    Answer::json(status, &json!({ "error": { "message": message, "type": kind, "param": parameter, "code": code } }))
}
