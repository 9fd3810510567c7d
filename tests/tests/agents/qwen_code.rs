//! Qwen Code: beside the subagent that it is told to start, one of its own goes through each turn for what to remember.

use acceptance::agents::agent::Agent;
use acceptance::agents::mock::Mock;
use acceptance::agents::script::{AGAIN, ASSIGNMENT, Ask, DIFFERENTLY, Script, TASK};
use anyhow::Result;
use serde_json::{Value, json};

use crate::{Expected, SESSION, hold, printed, turn};

const SCRIPT: Script = Script { by_subagent, ..Script::new(call) };

fn call(ask: &Ask) -> Option<(&'static str, Value)> {
    let input = json!({ "description": "look", "prompt": TASK, "subagent_type": "general-purpose" });
    ask.begins_with(ASSIGNMENT).then_some(("agent", input))
}

/// The one that remembers is given the whole conversation, with what it has to do behind it.
fn by_subagent(ask: &Ask) -> bool {
    ask.is_of_subagent() || ask.said.last().is_some_and(|said| said.starts_with("Managed memory"))
}

#[test]
fn qwen_code_s_ledger_has_what_was_served() -> Result<()> {
    let mut agent = Agent::install("qwen", Mock::start(SCRIPT)?)?;
    agent.set("OPENAI_BASE_URL", agent.mock.url("/v1"));
    agent.set("OPENAI_API_KEY", "none");
    agent.set("OPENAI_MODEL", "qwen3-coder-plus");
    let settings = json!({ "general": { "enableAutoUpdate": false }, "privacy": { "usageStatisticsEnabled": false } });
    agent.write(".qwen/settings.json", &settings.to_string())?;
    let run = |name, more: &[&str]| {
        let all = ["--yolo", "--output-format", "stream-json", "--auth-type", "openai"];
        turn(&agent, name, all.iter().chain(more))
    };
    run("first", &["--session-id", SESSION, ASSIGNMENT])?;
    run("resume", &["--resume", SESSION, AGAIN])?;
    let fork = printed(&run("fork", &["--resume", SESSION, "--fork-session", DIFFERENTLY])?, "session_id")?;
    hold(
        &agent,
        &Expected {
            agent: "qwen-code",
            session: SESSION,
            fork: Some(&fork),
            branch: "main",
            subagents: true,
            logs_stay: true,
        },
    )
}
