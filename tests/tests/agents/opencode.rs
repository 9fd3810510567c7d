//! opencode.
use acceptance::agents::agent::Agent;
use acceptance::agents::mock::Mock;
use acceptance::agents::script::{AGAIN, ASSIGNMENT, Ask, DIFFERENTLY, Script, TASK};
use anyhow::Result;
use serde_json::{Value, json};

const SCRIPT: Script = Script { call, by_subagent: Ask::is_of_subagent, unlogged: &[] };

fn call(ask: &Ask) -> Option<(&'static str, Value)> {
    let input = json!({ "description": "look", "prompt": TASK, "subagent_type": "general" });
    (ask.begins_with(ASSIGNMENT) && ask.offers("task")).then_some(("task", input))
}

#[test]
fn opencode() -> Result<()> {
    let agent = Agent::install("opencode", Mock::start(SCRIPT)?)?;
    let config = json!({
        "autoupdate": false,
        "share": "disabled",
        "model": "mock/m1",
        "provider": { "mock": {
            "npm": "@ai-sdk/openai-compatible",
            "name": "mock",
            "options": { "baseURL": agent.mock.url("/v1"), "apiKey": "none" },
            "models": { "m1": { "name": "m1", "limit": { "context": 200_000, "output": 8_000 },
                "cost": { "input": 1.25, "output": 10, "cache_read": 0.125 } } },
        } },
    });
    agent.write(".config/opencode/opencode.json", &config.to_string())?;
    let out = agent.run("first", ["run", "--format", "json", ASSIGNMENT])?;
    let first: Value = serde_json::from_str(out.lines().next().unwrap())?;
    let first = first["sessionID"].as_str().unwrap();
    agent.run("resume", ["run", "--format", "json", "--session", first, AGAIN])?;
    agent.run("fork", ["run", "--format", "json", "--session", first, "--fork", DIFFERENTLY])?;
    Ok(())
}
