//! The real agents: each has a turn with a subagent, is resumed and forked, and the ledger must have exactly the calls that
//! the mock served. This is how it is noticed that a new version writes its logs differently.
//!
//! `KEEP=1 make test-agents` leaves homes, requests and responses in the folder for temporary files.

mod claude_code;
mod codex;
mod copilot_cli;
mod gemini_cli;
mod opencode;
mod pi;
mod qwen_code;

use std::collections::BTreeMap;
use std::ffi::OsStr;

use acceptance::agents::agent::Agent;
use acceptance::agents::ledger::{Ledger, Pass};
use acceptance::agents::served::{Served, sums};
use anyhow::{Result, ensure};
use serde_json::Value;

/// The session in which the first turn and the resumed one are, for the agents that let it be chosen. It sorts behind all
/// others, so that a fork's log is read before the one that it repeats.
const SESSION: &str = "ffffffff-ffff-4fff-bfff-ffffffffffff";

/// What the ledger must say beside the figures.
struct Expected<'a> {
    /// The agent's name in the ledger.
    agent: &'a str,
    /// The session of the first turn and the resumed one.
    session: &'a str,
    /// The session of the fork, for the agents that can fork without a screen.
    fork: Option<&'a str>,
    /// The branch of the project, where the agent's logs have it.
    branch: &'a str,
    /// Whether the agent has subagents.
    subagents: bool,
    /// Whether the logs are still there in the end.
    logs_stay: bool,
}

/// The ledger that is read after each turn, as the app does.
fn live(agent: &Agent) -> Ledger<'_> {
    Ledger::of(agent, "live")
}

/// Has the agent take a turn, and reads what it logged.
fn turn<A: AsRef<OsStr>>(agent: &Agent, name: &str, arguments: impl IntoIterator<Item = A>) -> Result<String> {
    let output = agent.run(name, arguments)?;
    let pass = live(agent).scan()?;
    assert_eq!(pass.lines_skipped, 0, "{pass:?}");
    Ok(output)
}

/// Holds the ledger against what was served; and another, into which all logs are read only now, in the order of their names.
fn hold(agent: &Agent, expected: &Expected<'_>) -> Result<()> {
    let served = agent.mock.served();
    let logged = || served.iter().filter(|call| call.unlogged.is_none());
    for run in ["first", "resume"].into_iter().chain(expected.fork.map(|_| "fork")) {
        ensure!(logged().any(|call| call.run == run), "{run}: the mock was not asked: {served:#?}");
    }
    ensure!(logged().any(|call| call.by_subagent) == expected.subagents, "subagents: {served:#?}");
    for kind in agent.mock.script().unlogged {
        ensure!(served.iter().any(|call| call.unlogged == Some(kind.what)), "{}: not asked for any more", kind.what);
    }
    hold_ledger(&live(agent), agent, &served, expected)?;
    if expected.logs_stay {
        agent.forget_times()?;
        let late = Ledger::of(agent, "late");
        let pass = late.scan()?;
        assert_eq!(pass.lines_skipped, 0, "{pass:?}");
        hold_ledger(&late, agent, &served, expected)?;
    }
    Ok(())
}

fn hold_ledger(ledger: &Ledger<'_>, agent: &Agent, served: &[Served], expected: &Expected<'_>) -> Result<()> {
    let all = sums(served, |_| ()).remove(&()).unwrap_or_default();
    let only = |value: &str| BTreeMap::from([(value.to_owned(), all)]);
    assert_eq!(ledger.sums("model")?, sums(served, |call| call.model.clone()), "{served:#?}");
    assert_eq!(ledger.sums("agent")?, only(expected.agent));
    assert_eq!(ledger.sums("project")?, only(&agent.project().to_string_lossy()));
    assert_eq!(ledger.sums("branch")?, only(expected.branch));
    // What a subagent spends belongs to the session that started it, and what a fork repeats to the one it was made in.
    let session_of = |call: &Served| match (call.run.as_str(), expected.fork) {
        ("fork", Some(fork)) => fork.to_owned(),
        _ => expected.session.to_owned(),
    };
    assert_eq!(ledger.sums("session")?, sums(served, session_of), "{served:#?}");
    let by_subagents = sums(served, |call| call.by_subagent).remove(&true).unwrap_or_default();
    assert_eq!(ledger.of_subagents()?, by_subagents, "{served:#?}");
    assert_eq!(ledger.scan()?, Pass::default(), "another pass has nothing to read or to write");
    Ok(())
}

/// The first value of `key` in what an agent printed as JSON, in one piece or a line each.
fn printed(output: &str, key: &str) -> Result<String> {
    let values = serde_json::Deserializer::from_str(output).into_iter::<Value>().map_while(Result::ok);
    let mut found = values.filter_map(|value| Some(value.get(key)?.as_str()?.to_owned()));
    found.next().ok_or_else(|| anyhow::anyhow!("there is no `{key}` in {output}"))
}
