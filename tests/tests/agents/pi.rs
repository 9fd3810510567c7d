//! pi: has no subagents of its own.

use acceptance::agents::agent::Agent;
use acceptance::agents::mock::Mock;
use acceptance::agents::script::{AGAIN, ASSIGNMENT, DIFFERENTLY, Script};
use anyhow::Result;
use serde_json::json;

use crate::{Expected, SESSION, hold, printed, turn};

const SCRIPT: Script = Script::new(|_| None);

#[test]
fn pi_s_ledger_has_what_was_served() -> Result<()> {
    let agent = Agent::install("pi", Mock::start(SCRIPT)?)?;
    let model = json!({ "id": "claude-opus-5-5", "contextWindow": 200_000, "maxTokens": 8_000 });
    let provider = json!({
        "baseUrl": agent.mock.url(""),
        "api": "anthropic-messages",
        "apiKey": "none",
        "models": [model],
    });
    agent.write(".pi/agent/models.json", &json!({ "providers": { "mock": provider } }).to_string())?;
    let run = |name, more: &[&str]| {
        let all = ["--print", "--offline", "--mode", "json", "--provider", "mock", "--model", "claude-opus-5-5"];
        turn(&agent, name, all.iter().chain(more))
    };
    run("first", &["--session-id", SESSION, ASSIGNMENT])?;
    run("resume", &["--session-id", SESSION, AGAIN])?;
    // The first line that it prints is the first of its log.
    let fork = printed(&run("fork", &["--fork", SESSION, DIFFERENTLY])?, "id")?;
    hold(
        &agent,
        &Expected { agent: "pi", session: SESSION, fork: Some(&fork), branch: "", subagents: false, logs_stay: true },
    )
}
