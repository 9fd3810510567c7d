//! Codex: its subagent is a thread of its own, which ends with the main one unless that waits for it.

use acceptance::agents::agent::Agent;
use acceptance::agents::mock::Mock;
use acceptance::agents::script::{AGAIN, ASSIGNMENT, Ask, DIFFERENTLY, Script, TASK};
use anyhow::Result;
use serde_json::{Value, json};

use crate::{Expected, hold, printed, turn};

const SCRIPT: Script = Script::new(call);

fn call(ask: &Ask) -> Option<(&'static str, Value)> {
    if ask.begins_with(ASSIGNMENT) {
        return Some(("multi_agent_v1::spawn_agent", json!({ "message": TASK })));
    }
    let spawned: Value = serde_json::from_str(ask.results.last()?).ok()?;
    let thread = spawned.get("agent_id")?;
    Some(("multi_agent_v1::wait_agent", json!({ "targets": [thread] })))
}

#[test]
fn codex_s_ledger_has_what_was_served() -> Result<()> {
    let agent = Agent::install("codex", Mock::start(SCRIPT)?)?;
    let url = agent.mock.url("/v1");
    let provider = format!("name = \"mock\"\nbase_url = \"{url}\"\nwire_api = \"responses\"");
    let config = format!("model = \"gpt-5.5\"\nmodel_provider = \"mock\"\n\n[model_providers.mock]\n{provider}\n");
    agent.write(".codex/config.toml", &config)?;
    let run = |name, more: &[&str]| {
        let all = ["exec", "--json", "--dangerously-bypass-approvals-and-sandbox"];
        turn(&agent, name, all.iter().chain(more))
    };
    let thread = printed(&run("first", &[ASSIGNMENT])?, "thread_id")?;
    run("resume", &["resume", &thread, AGAIN])?;
    let fork = printed(&run("fork", &["fork", &thread, DIFFERENTLY])?, "thread_id")?;
    hold(
        &agent,
        &Expected {
            agent: "codex",
            session: &thread,
            fork: Some(&fork),
            branch: "main",
            subagents: true,
            logs_stay: true,
        },
    )
}
