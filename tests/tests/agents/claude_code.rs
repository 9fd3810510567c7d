//! Claude Code: its subagent works in the background, so the main conversation is asked once more when it is done.

use acceptance::agents::agent::Agent;
use acceptance::agents::mock::Mock;
use acceptance::agents::script::{AGAIN, ASSIGNMENT, Ask, DIFFERENTLY, Script, TASK, Unlogged};
use anyhow::Result;
use serde_json::{Value, json};

use crate::{Expected, SESSION, hold, printed, turn};

const SEARCH: Unlogged = Unlogged { what: "the side call of a web search", is_such: |ask| ask.tools == ["web_search"] };
const SCRIPT: Script = Script { unlogged: &[SEARCH], ..Script::new(call) };

fn call(ask: &Ask) -> Option<(&'static str, Value)> {
    if ask.begins_with(AGAIN) {
        return Some(("WebSearch", json!({ "query": "empty files" })));
    }
    let input = json!({ "description": "look", "prompt": TASK, "subagent_type": "general-purpose" });
    ask.begins_with(ASSIGNMENT).then_some(("Agent", input))
}

#[test]
fn claude_code_s_ledger_has_what_was_served() -> Result<()> {
    let mut agent = Agent::install("claude", Mock::start(SCRIPT)?)?;
    agent.set("ANTHROPIC_BASE_URL", agent.mock.url(""));
    agent.set("ANTHROPIC_API_KEY", "none");
    agent.set("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1");
    // It refuses to work without asking for root, unless told that there is nothing to lose.
    agent.set("IS_SANDBOX", "1");
    let run = |name, more: &[&str]| {
        let all = ["--print", "--output-format", "json", "--dangerously-skip-permissions"];
        turn(&agent, name, all.iter().chain(more))
    };
    run("first", &["--session-id", SESSION, ASSIGNMENT])?;
    run("resume", &["--resume", SESSION, AGAIN])?;
    let fork = printed(&run("fork", &["--resume", SESSION, "--fork-session", DIFFERENTLY])?, "session_id")?;
    hold(
        &agent,
        &Expected {
            agent: "claude-code",
            session: SESSION,
            fork: Some(&fork),
            branch: "main",
            subagents: true,
            logs_stay: true,
        },
    )
}
