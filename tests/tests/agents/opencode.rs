//! opencode: everything is in one database, and a subagent is a session below the person's.

use acceptance::agents::agent::Agent;
use acceptance::agents::mock::Mock;
use acceptance::agents::script::{AGAIN, ASSIGNMENT, Ask, DIFFERENTLY, Script, TASK, Unlogged};
use anyhow::Result;
use serde_json::{Value, json};

use crate::{Expected, hold, printed, turn};

const TITLE: Unlogged = Unlogged {
    what: "the title of a session",
    is_such: |ask| ask.tools.is_empty() && ask.system.contains("title generator"),
};
const SCRIPT: Script = Script { unlogged: &[TITLE], ..Script::new(call) };

fn call(ask: &Ask) -> Option<(&'static str, Value)> {
    let input = json!({ "description": "look", "prompt": TASK, "subagent_type": "general" });
    ask.begins_with(ASSIGNMENT).then_some(("task", input))
}

#[test]
fn opencode_s_ledger_has_what_was_served() -> Result<()> {
    let mut agent = Agent::install("opencode", Mock::start(SCRIPT)?)?;
    let model = json!({ "name": "m1", "limit": { "context": 200_000, "output": 8_000 } });
    let config = json!({
        "model": "mock/m1",
        "provider": { "mock": {
            "npm": "@ai-sdk/openai-compatible",
            "options": { "baseURL": agent.mock.url("/v1"), "apiKey": "none" },
            "models": { "m1": model },
        } },
    });
    agent.set("OPENCODE_CONFIG_CONTENT", config.to_string());
    agent.set("OPENCODE_DISABLE_AUTOUPDATE", "1");
    agent.set("OPENCODE_DISABLE_MODELS_FETCH", "1");
    // Otherwise it installs what plugins would need.
    agent.set("npm_config_registry", agent.mock.url(""));
    let run = |name, more: &[&str]| turn(&agent, name, ["run", "--format", "json"].iter().chain(more));
    let session = printed(&run("first", &[ASSIGNMENT])?, "sessionID")?;
    run("resume", &["--session", &session, AGAIN])?;
    let fork = printed(&run("fork", &["--session", &session, "--fork", DIFFERENTLY])?, "sessionID")?;
    hold(
        &agent,
        &Expected {
            agent: "opencode",
            session: &session,
            fork: Some(&fork),
            branch: "",
            subagents: true,
            logs_stay: true,
        },
    )
}
