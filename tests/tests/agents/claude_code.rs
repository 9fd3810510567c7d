//! Claude Code.

use acceptance::agents::agent::Agent;
use acceptance::agents::ledger::Ledger;
use acceptance::agents::mock::Mock;
use acceptance::agents::script::{AGAIN, ASSIGNMENT, Ask, DIFFERENTLY, Script, TASK};
use anyhow::Result;
use serde_json::{Value, json};

const SCRIPT: Script = Script { call, by_subagent: Ask::is_of_subagent, unlogged: &[] };

fn call(ask: &Ask) -> Option<(&'static str, Value)> {
    let input = json!({ "description": "look", "prompt": TASK, "subagent_type": "general-purpose" });
    ask.begins_with(ASSIGNMENT).then_some(("Agent", input))
}

#[test]
fn claude_code() -> Result<()> {
    let mut agent = Agent::install("claude", Mock::start(SCRIPT)?)?;
    agent.set("ANTHROPIC_BASE_URL", agent.mock.url(""));
    agent.set("ANTHROPIC_API_KEY", "none");
    agent.set("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1");
    agent.set("IS_SANDBOX", "1");
    let first = "6f6d1a3e-1111-4222-8333-444455556666";
    let common = ["--print", "--dangerously-skip-permissions", "--output-format", "json"];
    agent.run("first", [&common[..], &["--session-id", first, ASSIGNMENT]].concat())?;
    agent.run("resume", [&common[..], &["--resume", first, AGAIN]].concat())?;
    agent.run("fork", [&common[..], &["--resume", first, "--fork-session", DIFFERENTLY]].concat())?;
    let ledger = Ledger::of(&agent);
    println!("{:#?}", ledger.scan()?);
    println!("{:#?} {:#?}", ledger.sums("session")?, ledger.calls_of_subagents()?);
    println!("{:#?}", agent.mock.served());
    Ok(())
}
