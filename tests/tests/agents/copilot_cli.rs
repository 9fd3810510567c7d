//! Copilot CLI.
use acceptance::agents::agent::Agent;
use acceptance::agents::mock::Mock;
use acceptance::agents::script::{AGAIN, ASSIGNMENT, Ask, DIFFERENTLY, Script, TASK};
use anyhow::Result;
use serde_json::{Value, json};

const SCRIPT: Script = Script { call, by_subagent: Ask::is_of_subagent, unlogged: &[] };

fn call(ask: &Ask) -> Option<(&'static str, Value)> {
    let input = json!({ "description": "look", "prompt": TASK, "agent_type": "general-purpose", "name": "look" });
    (ask.begins_with(ASSIGNMENT) && ask.offers("task")).then_some(("task", input))
}

#[test]
fn copilot_cli() -> Result<()> {
    let mut agent = Agent::install("copilot", Mock::start(SCRIPT)?)?;
    agent.set("COPILOT_OFFLINE", "true");
    agent.set("COPILOT_AUTO_UPDATE", "false");
    agent.set("COPILOT_PROVIDER_BASE_URL", agent.mock.url("/v1"));
    agent.set("COPILOT_PROVIDER_API_KEY", "none");
    agent.set("COPILOT_PROVIDER_WIRE_API", "responses");
    agent.set("COPILOT_MODEL", "gpt-5.5");
    let first = "6f6d1a3e-1111-4222-8333-444455556666";
    let common = ["--allow-all-tools", "--session-id", first, "--prompt"];
    agent.run("first", [&common[..], &[ASSIGNMENT]].concat())?;
    agent.run("resume", [&common[..], &[AGAIN]].concat())?;
    let _ = DIFFERENTLY;
    Ok(())
}
