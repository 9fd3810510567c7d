//! pi.
use acceptance::agents::agent::Agent;
use acceptance::agents::mock::Mock;
use acceptance::agents::script::{AGAIN, ASSIGNMENT, Ask, DIFFERENTLY, Script, TASK};
use anyhow::Result;
use serde_json::{Value, json};

const SCRIPT: Script = Script { call, by_subagent: Ask::is_of_subagent, unlogged: &[] };

fn call(_: &Ask) -> Option<(&'static str, Value)> {
    let _ = TASK;
    None
}

#[test]
fn pi() -> Result<()> {
    let agent = Agent::install("pi", Mock::start(SCRIPT)?)?;
    let models = json!({ "providers": { "mock": {
        "baseUrl": agent.mock.url(""),
        "api": "anthropic-messages",
        "apiKey": "none",
        "models": [{ "id": "claude-opus-5-5", "contextWindow": 200_000, "maxTokens": 8_000,
            "cost": { "input": 5, "output": 25, "cacheRead": 0.5, "cacheWrite": 6.25 } }],
    } } });
    agent.write(".pi/agent/models.json", &models.to_string())?;
    let first = "6f6d1a3e-1111-4222-8333-444455556666";
    let common = ["--print", "--offline", "--mode", "json", "--provider", "mock", "--model", "claude-opus-5-5"];
    agent.run("first", [&common[..], &["--session-id", first, ASSIGNMENT]].concat())?;
    agent.run("resume", [&common[..], &["--session-id", first, AGAIN]].concat())?;
    agent.run("fork", [&common[..], &["--fork", first, DIFFERENTLY]].concat())?;
    Ok(())
}
