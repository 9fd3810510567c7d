//! Qwen Code.
use acceptance::agents::agent::Agent;
use acceptance::agents::mock::Mock;
use acceptance::agents::script::{AGAIN, ASSIGNMENT, Ask, DIFFERENTLY, Script, TASK};
use anyhow::Result;
use serde_json::{Value, json};

const SCRIPT: Script = Script { call, by_subagent: Ask::is_of_subagent, unlogged: &[] };

fn call(ask: &Ask) -> Option<(&'static str, Value)> {
    let input = json!({ "description": "look", "prompt": TASK, "subagent_type": "general-purpose" });
    (ask.begins_with(ASSIGNMENT) && ask.offers("agent")).then_some(("agent", input))
}

#[test]
fn qwen_code() -> Result<()> {
    let mut agent = Agent::install("qwen", Mock::start(SCRIPT)?)?;
    agent.set("OPENAI_BASE_URL", agent.mock.url("/v1"));
    agent.set("OPENAI_API_KEY", "none");
    agent.set("OPENAI_MODEL", "qwen3-coder-plus");
    agent.write(".qwen/settings.json", r#"{"general":{"enableAutoUpdate":false},"privacy":{"usageStatisticsEnabled":false}}"#)?;
    let first = "6f6d1a3e-1111-4222-8333-444455556666";
    let common = ["--yolo", "--output-format", "json", "--auth-type", "openai"];
    agent.run("first", [&common[..], &["--session-id", first, ASSIGNMENT]].concat())?;
    agent.run("resume", [&common[..], &["--resume", first, AGAIN]].concat())?;
    agent.run("fork", [&common[..], &["--resume", first, "--fork-session", DIFFERENTLY]].concat())?;
    Ok(())
}
