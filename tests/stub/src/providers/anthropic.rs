//! Anthropic: usage, costs and names of an organisation, under `/v1/organizations`; both generations of its reports.

mod analytics;
mod call;
mod claude_code;
mod names;
mod reports;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Organisation as Answering;
use super::query::Bad;
use crate::{Answer, Request};

pub use self::call::{Call, Charge, Tokens};
pub use self::claude_code::{Actor, Sessions};
pub use self::names::{Key, User, Workspace};

/// The beta that the newer reports want.
pub const ANALYTICS_BETA: &str = "analytics-usage-cost-2026-08-24";
/// The beta that a grouping by speed wants in the older report.
pub const SPEED_BETA: &str = "fast-mode-2026-02-01";

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everything here.
    Admin,
    /// The newer reports alone, with the scope `read:analytics`.
    Analytics,
    /// Calls of models, and nothing here.
    Models,
}

/// An organisation with a key `sk-ant-admin01-test` that may do everything, and with nothing in it.
#[derive(Clone, Debug)]
pub struct Organisation {
    pub id: String,
    pub name: String,
    /// Keys and what each may do; as `x-api-key` or as bearer.
    pub keys: BTreeMap<String, Access>,
    pub calls: Vec<Call>,
    pub claude_code: Vec<Sessions>,
    pub workspaces: Vec<Workspace>,
    pub api_keys: Vec<Key>,
    pub users: Vec<User>,
    /// The real id of the default workspace, which the older reports call null.
    pub default_workspace: String,
    /// Until when the newer reports know what happened; `None`: everything, and they do not say.
    pub refreshed: Option<Timestamp>,
    /// Whether the older report has the ten fields of 2025 alone.
    pub fields_of_2025: bool,
}

impl Default for Organisation {
    fn default() -> Self {
        Self {
            id: "12345678-1234-5678-1234-567812345678".to_owned(),
            name: "Acme Robotics".to_owned(),
            keys: BTreeMap::from([("sk-ant-admin01-test".to_owned(), Access::Admin)]),
            calls: Vec::new(),
            claude_code: Vec::new(),
            workspaces: Vec::new(),
            api_keys: Vec::new(),
            users: Vec::new(),
            default_workspace: "wrkspc_default".to_owned(),
            refreshed: None,
            fields_of_2025: false,
        }
    }
}

impl Answering for Organisation {
    fn answer(&self, request: &Request, now: Timestamp) -> Answer {
        let answer = self.answered(request, now).unwrap_or_else(|refusal| refusal);
        answer.with_header("request-id: req_test").with_header(&format!("anthropic-organization-id: {}", self.id))
    }
}

impl Organisation {
    /// The answer, or the refusal, which is one too.
    fn answered(&self, request: &Request, now: Timestamp) -> Result<Answer, Answer> {
        let key = request.header("x-api-key").or_else(|| request.bearer());
        let access = key.and_then(|key| self.keys.get(key)).copied().ok_or_else(wrong_key)?;
        let version = request.header("anthropic-version").unwrap_or_default();
        if !["2023-06-01", "2026-10-21"].contains(&version) {
            return Err(invalid(&Bad::of("anthropic-version", "header is required")));
        }
        let path = request.path.strip_prefix("/v1/organizations/").filter(|_| request.method == "GET");
        let path = path.ok_or_else(not_found)?;
        let newer = path.starts_with("analytics/");
        if access == Access::Models || (access == Access::Analytics && !newer) {
            return Err(forbidden());
        }
        // [unverified]: whether it is 404 or 400.
        if newer && !has_beta(request, ANALYTICS_BETA) {
            return Err(not_found());
        }
        let answer = match path {
            "usage_report/messages" => reports::usage(self, request, now),
            "cost_report" => reports::cost(self, request, now),
            "usage_report/claude_code" => claude_code::answer(self, request, now),
            "analytics/usage" => analytics::usage(self, request, now),
            "analytics/cost" => analytics::cost(self, request, now),
            "me" => Ok(json!({ "id": self.id, "name": self.name, "type": "organization" })),
            "workspaces" => names::workspaces(self, request),
            "api_keys" => names::api_keys(self, request, version),
            "users" => names::users(self, request),
            _ => return Err(not_found()),
        };
        answer.map(|body| Answer::json(200, &body)).map_err(|bad| invalid(&bad))
    }
}

fn has_beta(request: &Request, beta: &str) -> bool {
    request.header("anthropic-beta").is_some_and(|betas| betas.split(',').any(|one| one.trim() == beta))
}

/// The values of a list: `x[]=a&x[]=b`, the only spelling.
fn list<'a>(request: &'a Request, name: &str) -> Vec<&'a str> {
    request.parameters(&format!("{name}[]")).collect()
}

/// A page of the reports.
fn report(data: &[Value], next: Option<&String>) -> Value {
    json!({ "data": data, "has_more": next.is_some(), "next_page": next })
}

/// A key that is nobody's.
pub fn wrong_key() -> Answer {
    error(401, "authentication_error", "invalid x-api-key")
}

/// A key that may not read this.
pub fn forbidden() -> Answer {
    error(403, "permission_error", "Your API key does not have permission to use the specified resource.")
}

/// Too many requests; `retry_after` in seconds.
pub fn rate_limited(retry_after: Option<u32>) -> Answer {
    let answer = error(429, "rate_limit_error", "This request would exceed your organization's rate limit.");
    retry_after.iter().fold(answer, |answer, seconds| answer.with_header(&format!("retry-after: {seconds}")))
}

/// Something broke over there.
pub fn broken() -> Answer {
    error(500, "api_error", "Internal server error")
}

/// Too much to do over there.
pub fn overloaded() -> Answer {
    error(529, "overloaded_error", "Overloaded")
}

fn not_found() -> Answer {
    error(404, "not_found_error", "Not found")
}

fn invalid(bad: &Bad) -> Answer {
    error(400, "invalid_request_error", &format!("{}: {}", bad.parameter, bad.says))
}

fn error(status: u16, kind: &str, message: &str) -> Answer {
    Answer::json(
        status,
        &json!({ "type": "error", "error": { "type": kind, "message": message }, "request_id": "req_test" }),
    )
}
