//! Gemini CLI.
use acceptance::agents::agent::Agent;
use acceptance::agents::mock::Mock;
use acceptance::agents::script::{AGAIN, ASSIGNMENT, Ask, DIFFERENTLY, Script, TASK};
use anyhow::Result;
use serde_json::{Value, json};

const SCRIPT: Script = Script { call, by_subagent: Ask::is_of_subagent, unlogged: &[] };

fn call(ask: &Ask) -> Option<(&'static str, Value)> {
    let input = json!({ "objective": TASK });
    ask.begins_with(ASSIGNMENT).then_some(("codebase_investigator", input))
}

#[test]
fn gemini_cli() -> Result<()> {
    let mut agent = Agent::install("gemini", Mock::start(SCRIPT)?)?;
    agent.set("GOOGLE_GEMINI_BASE_URL", agent.mock.url(""));
    agent.set("GEMINI_API_KEY", "none");
    agent.write(".gemini/settings.json", r#"{"security":{"auth":{"selectedType":"gemini-api-key"}},"general":{"enableAutoUpdate":false},"privacy":{"usageStatisticsEnabled":false}}"#)?;
    let first = "6f6d1a3e-1111-4222-8333-444455556666";
    let common = ["--skip-trust", "--yolo", "--output-format", "json", "--model", "gemini-2.5-pro"];
    agent.run("first", [&common[..], &["--session-id", first, "--prompt", ASSIGNMENT]].concat())?;
    agent.run("resume", [&common[..], &["--resume", "latest", "--prompt", AGAIN]].concat())?;
    let _ = DIFFERENTLY;
    Ok(())
}
