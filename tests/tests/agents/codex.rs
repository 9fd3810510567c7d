//! Codex.
use acceptance::agents::agent::Agent;
use acceptance::agents::mock::Mock;
use acceptance::agents::script::{AGAIN, ASSIGNMENT, Ask, DIFFERENTLY, Script, TASK};
use anyhow::Result;
use serde_json::{Value, json};

const SCRIPT: Script = Script { call, by_subagent: Ask::is_of_subagent, unlogged: &[] };

fn call(ask: &Ask) -> Option<(&'static str, Value)> {
    if ask.begins_with(ASSIGNMENT) {
        return Some(("multi_agent_v1::spawn_agent", json!({ "message": TASK })));
    }
    None
}

#[test]
fn codex() -> Result<()> {
    let agent = Agent::install("codex", Mock::start(SCRIPT)?)?;
    let url = agent.mock.url("/v1");
    agent.write(
        ".codex/config.toml",
        &format!(
            r#"
model = "gpt-5.5"
model_provider = "mock"
[model_providers.mock]
name = "mock"
base_url = "{url}"
wire_api = "responses"
"#
        ),
    )?;
    let common = ["exec", "--json", "--dangerously-bypass-approvals-and-sandbox"];
    let out = agent.run("first", [&common[..], &[ASSIGNMENT]].concat())?;
    let first: Value = serde_json::from_str(out.lines().next().unwrap())?;
    let first = first["thread_id"].as_str().unwrap();
    agent.run("resume", ["exec", "resume", "--json", "--dangerously-bypass-approvals-and-sandbox", first, AGAIN])?;
    agent.run("fork", ["exec", "fork", "--json", "--dangerously-bypass-approvals-and-sandbox", first, DIFFERENTLY])?;
    Ok(())
}
