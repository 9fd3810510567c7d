//! `usage_report/claude_code`: a day of each who used Claude Code.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::query::{self, Bad, required};
use super::super::{buckets, cursor};
use super::call::Tokens;
use super::{Organisation, report};
use crate::{Request, exact};

/// Sessions of one actor with one model.
#[derive(Clone, Debug)]
pub struct Sessions {
    pub at: Timestamp,
    pub actor: Actor,
    pub model: String,
    pub sessions: i64,
    pub tokens: Tokens,
    /// What it is thought to have cost, in billionths of a dollar.
    pub nanos: i64,
}

/// Who used it.
#[derive(Clone, Debug)]
pub enum Actor {
    /// By the address.
    User(String),
    /// By the key's name.
    Key(String),
}

/// What happened in the last hour is not told yet.
const DELAY: SignedDuration = SignedDuration::from_hours(1);

pub(super) fn answer(organisation: &Organisation, request: &Request, now: Timestamp) -> Result<Value, Bad> {
    let day: Date = required("starting_at", request.parameter("starting_at"))?
        .parse()
        .map_err(|_| Bad::of("starting_at", "must be a day"))?;
    let limit = query::limit(request, "limit", 20, 1_000)?;
    let told = organisation.claude_code.iter().filter(|sessions| sessions.at <= now - DELAY);
    let of_day = told.filter(|sessions| buckets::day(sessions.at) == day);
    let shown = of_day.map(|sessions| sessions.shown(day, &organisation.id)).collect();
    let (data, next) = cursor::page(shown, request, limit)?;
    Ok(report(&data, next.as_ref()))
}

impl Sessions {
    fn shown(&self, day: Date, organisation: &str) -> Value {
        let actor = match &self.actor {
            Actor::User(email) => json!({ "type": "user_actor", "email_address": email }),
            Actor::Key(name) => json!({ "type": "api_actor", "api_key_name": name }),
        };
        json!({
            "actor": actor,
            "core_metrics": {
                "commits_by_claude_code": 0,
                "lines_of_code": { "added": 0, "removed": 0 },
                "num_sessions": self.sessions,
                "pull_requests_by_claude_code": 0,
            },
            "customer_type": "api",
            "date": format!("{day}T00:00:00Z"),
            "is_remote": false,
            "model_breakdown": [{
                "estimated_cost": { "amount": exact::number(self.nanos, 7), "currency": "USD" },
                "model": self.model,
                "tokens": {
                    "cache_creation": self.tokens.written_5m + self.tokens.written_1h,
                    "cache_read": self.tokens.cache_read,
                    "input": self.tokens.uncached,
                    "output": self.tokens.output,
                },
            }],
            "organization_id": organisation,
            "terminal_type": "vscode",
            "tool_actions": {},
            "subscription_type": null,
        })
    }
}
