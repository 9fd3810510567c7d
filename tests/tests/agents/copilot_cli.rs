//! Copilot CLI: a subagent's calls are in the session's own log. It cannot fork.

use acceptance::agents::agent::Agent;
use acceptance::agents::mock::Mock;
use acceptance::agents::script::{AGAIN, ASSIGNMENT, Ask, Script, TASK};
use anyhow::Result;
use serde_json::{Value, json};

use crate::{Expected, SESSION, hold, turn};

const SCRIPT: Script = Script::new(call);

fn call(ask: &Ask) -> Option<(&'static str, Value)> {
    let input = json!({ "agent_type": "general-purpose", "name": "look", "description": "look", "prompt": TASK });
    ask.begins_with(ASSIGNMENT).then_some(("task", input))
}

#[test]
fn copilot_cli_s_ledger_has_what_was_served() -> Result<()> {
    let mut agent = Agent::install("copilot", Mock::start(SCRIPT)?)?;
    agent.set("COPILOT_OFFLINE", "true");
    agent.set("COPILOT_AUTO_UPDATE", "false");
    agent.set("COPILOT_PROVIDER_BASE_URL", agent.mock.url("/v1"));
    agent.set("COPILOT_PROVIDER_API_KEY", "none");
    agent.set("COPILOT_PROVIDER_WIRE_API", "responses");
    agent.set("COPILOT_MODEL", "gpt-5.5");
    let run = |name, prompt| turn(&agent, name, ["--allow-all-tools", "--session-id", SESSION, "--prompt", prompt]);
    run("first", ASSIGNMENT)?;
    run("resume", AGAIN)?;
    hold(
        &agent,
        &Expected {
            agent: "copilot-cli",
            session: SESSION,
            fork: None,
            branch: "main",
            subagents: true,
            logs_stay: true,
        },
    )
}
