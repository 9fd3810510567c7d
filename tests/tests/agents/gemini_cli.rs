//! Gemini CLI: has no fork, but a session may begin with another's log, which it then repeats.
//!
//! Resumed in another minute than it began, a session leaves a log without calls beside its own. The next start takes that
//! for a session in which nothing was said, and deletes all logs of the same session, its subagents' included (0.61.0). So
//! what counts here is the ledger that is read after each turn.

use std::fs;

use acceptance::agents::agent::Agent;
use acceptance::agents::mock::Mock;
use acceptance::agents::script::{AGAIN, ANSWER, ASSIGNMENT, Ask, DIFFERENTLY, Script, TASK};
use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{Expected, SESSION, hold, printed, turn};

const SCRIPT: Script = Script::new(call);

fn call(ask: &Ask) -> Option<(&'static str, Value)> {
    if ask.begins_with(ASSIGNMENT) {
        return Some(("invoke_agent", json!({ "agent_name": "generalist", "prompt": TASK })));
    }
    // A subagent that only answers is asked again to hand its answer over.
    ask.begins_with(TASK).then(|| ("complete_task", json!({ "result": { "response": ANSWER } })))
}

#[test]
fn gemini_cli_s_ledger_has_what_was_served() -> Result<()> {
    let mut agent = Agent::install("gemini", Mock::start(SCRIPT)?)?;
    agent.set("GOOGLE_GEMINI_BASE_URL", agent.mock.url(""));
    agent.set("GEMINI_API_KEY", "none");
    let settings = json!({
        "general": { "enableAutoUpdate": false },
        "privacy": { "usageStatisticsEnabled": false },
        "security": { "auth": { "selectedType": "gemini-api-key" } },
    });
    agent.write(".gemini/settings.json", &settings.to_string())?;
    let run = |name, more: &[&str]| {
        let all = ["--skip-trust", "--yolo", "--output-format", "json", "--model", "gemini-2.5-pro"];
        turn(&agent, name, all.iter().chain(more))
    };
    run("first", &["--session-id", SESSION, "--prompt", ASSIGNMENT])?;
    run("resume", &["--resume", "latest", "--prompt", AGAIN])?;
    let log = log_of_session(&agent)?;
    let fork = printed(&run("fork", &["--session-file", &log, "--prompt", DIFFERENTLY])?, "session_id")?;
    hold(
        &agent,
        &Expected {
            agent: "gemini-cli",
            session: SESSION,
            fork: Some(&fork),
            branch: "",
            subagents: true,
            logs_stay: false,
        },
    )
}

/// The log of the session so far: the longer one, if there is one without calls beside it.
fn log_of_session(agent: &Agent) -> Result<String> {
    let chats = fs::read_dir(agent.home().join(".gemini/tmp/proj/chats"))?;
    let logs = chats.filter_map(Result::ok).filter_map(|entry| Some((entry.metadata().ok()?, entry.path())));
    let longest = logs.filter(|(metadata, _)| metadata.is_file()).max_by_key(|(metadata, _)| metadata.len());
    let (_, log) = longest.context("there is no log")?;
    Ok(log.to_string_lossy().into_owned())
}
