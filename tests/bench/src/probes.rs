//! Why programs differ, found out rather than guessed: homes of a few lines, each with one thing that logs do, and what
//! every program makes of it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::corpus::truth::{Construct, total};
use crate::measure;
use crate::programs::{Program, Stage};

/// One thing that logs do.
struct Probe {
    /// What it is called in the table.
    what: &'static str,
    /// What the corpus has of it.
    construct: Option<Construct>,
    logs: Vec<(String, Vec<Value>)>,
    /// Tokens that were really used.
    tokens: u64,
}

/// What the programs made of a probe.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub(crate) what: String,
    pub(crate) construct: Option<Construct>,
    pub(crate) tokens: u64,
    pub(crate) counted: Vec<(Program, u64)>,
}

impl Finding {
    pub(crate) fn counted_by(&self, program: Program) -> Option<u64> {
        self.counted.iter().find(|(who, _)| *who == program).map(|(_, tokens)| *tokens)
    }
}

/// Runs every probe, below `folder`.
pub(crate) fn run(folder: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (number, probe) in probes().into_iter().enumerate() {
        let folder = folder.join(number.to_string());
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let stage = Stage::new(&folder.join("home"), &folder.join("kept"))?;
        for (log, rows) in &probe.logs {
            let path = stage.home.join(log);
            fs::create_dir_all(path.parent().context("a log is in a folder")?)?;
            let lines: Vec<String> = rows.iter().map(|row| format!("{row}\n")).collect();
            fs::write(path, lines.concat())?;
        }
        let mut counted = Vec::new();
        for program in Program::ALL {
            let (_, printed) = measure::run(&mut stage.reading(program)?, &stage.output(program))?;
            let totals = total(&stage.totals(program, &printed)?);
            counted.push((program, totals.tokens()));
        }
        findings.push(Finding {
            what: probe.what.to_owned(),
            construct: probe.construct,
            tokens: probe.tokens,
            counted,
        });
    }
    Ok(findings)
}

/// Tokens of the response that most probes are about, once it is complete.
const FULL: u64 = 10 + 1_000 + 200 + 90;

fn probes() -> Vec<Probe> {
    let one = |what, construct, rows, tokens| Probe { what, construct, logs: vec![(main("s1"), rows)], tokens };
    vec![
        one(
            "a response on two lines, its figures growing",
            Some(Construct::EarlyFigures),
            vec![response(30, |_| ()), response(90, |_| ())],
            FULL,
        ),
        one(
            "a response on two lines, its figures final on both",
            Some(Construct::RepeatedLine),
            vec![response(90, |_| ()), response(90, |row| row["timestamp"] = json!("2026-11-20T10:00:31.000Z"))],
            FULL,
        ),
        one(
            "the same without a request id, as through a gateway",
            Some(Construct::RepeatedWithoutRequestId),
            vec![response(30, without_request), response(90, without_request)],
            FULL,
        ),
        one(
            "the same in a subagent's transcript",
            None,
            vec![response(30, of_subagent_without_request), response(90, of_subagent_without_request)],
            FULL,
        ),
        Probe {
            what: "a fork that takes a response along, unmarked",
            construct: Some(Construct::TakenAlongByFork),
            logs: vec![
                (main("s1"), vec![response(90, |_| ())]),
                (main("s2"), vec![response(90, |row| row["sessionId"] = json!("s2"))]),
            ],
            tokens: FULL,
        },
        Probe {
            what: "a fork that takes a response along, marked",
            construct: None,
            logs: vec![
                (main("s1"), vec![response(90, |_| ())]),
                (
                    main("s2"),
                    vec![response(90, |row| {
                        row["sessionId"] = json!("s2");
                        row["requestSessionId"] = json!("s1");
                    })],
                ),
            ],
            tokens: FULL,
        },
        Probe {
            what: "a side question that repeats a response with another request id",
            construct: Some(Construct::RepeatedBySideQuestion),
            logs: vec![
                (main("s1"), vec![response(90, |_| ())]),
                (
                    main("s1/subagents/agent-a1"),
                    vec![response(90, |row| {
                        row["isSidechain"] = json!(true);
                        row["agentId"] = json!("a1");
                        row["requestId"] = json!("req_other");
                    })],
                ),
            ],
            tokens: FULL,
        },
        one(
            "a subagent's response inside a `progress` row",
            Some(Construct::InsideProgress),
            vec![progress()],
            FULL,
        ),
        one(
            "a response with zeros on top and its figures in `iterations`",
            Some(Construct::OnlyInRounds),
            vec![response(0, |row| {
                let usage = &mut row["message"]["usage"];
                for name in ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"] {
                    usage[name] = json!(0);
                }
                usage["iterations"] = json!([{ "type": "message", "input_tokens": 10, "output_tokens": 90,
                    "cache_read_input_tokens": 1_000, "cache_creation_input_tokens": 200,
                    "cache_creation": { "ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 200 } }]);
            })],
            FULL,
        ),
        one(
            "a response in a row with a `null` field",
            None,
            vec![response(90, |row| row["gitBranch"] = Value::Null)],
            FULL,
        ),
        codex("Codex: a running total written again", Some(Construct::TotalAgain), &[("t1", Codex::default().turn(1).call(1).again(1))], 1_100),
        codex(
            "Codex: a fork that copies its parent's history, within a second",
            Some(Construct::TotalCopied),
            &[("t1", Codex::default().turn(1).call(1).call(2)), ("t2", Codex::fork_of("t1").turn(1).call(1).call(2).later().turn(2).call(3))],
            3_300,
        ),
        codex(
            "Codex: the same across two seconds",
            None,
            &[("t1", Codex::default().turn(1).call(1).call(2)), ("t2", Codex::fork_of("t1").turn(1).call(1).next_second().call(2).later().turn(2).call(3))],
            3_300,
        ),
        codex(
            "Codex: two forks of a parent that is gone",
            None,
            &[
                ("t2", Codex::fork_of("t1").turn(1).call(1).call(2).later().turn(2).call(3)),
                ("t3", Codex::fork_of("t1").turn(1).call(1).call(2).later().turn(3).call(4)),
            ],
            4_400,
        ),
        codex(
            "Codex: a fork without history, beginning at its parent's total",
            Some(Construct::TotalInherited),
            &[("t1", Codex::default().turn(1).call(1).call(2)), ("t2", Codex::fork_of("t1").skip(2).later().turn(2).call(3).call(4))],
            4_400,
        ),
    ]
}

fn main(session: &str) -> String {
    format!(".claude/projects/-src-app/{session}.jsonl")
}

/// A row of a response with so much output, changed by `change`.
fn response(output: u64, change: impl FnOnce(&mut Value)) -> Value {
    let mut row = json!({
        "parentUuid": null, "isSidechain": false, "type": "assistant", "requestId": "req_1",
        "message": {
            "model": "claude-sonnet-4-6", "id": "msg_1", "type": "message", "role": "assistant",
            "content": [{ "type": "text", "text": "so" }], "stop_reason": "end_turn",
            "usage": {
                "input_tokens": 10, "cache_creation_input_tokens": 200, "cache_read_input_tokens": 1_000,
                "cache_creation": { "ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 200 },
                "output_tokens": output, "service_tier": "standard",
            },
        },
        "uuid": format!("00000000-0000-4000-8000-{output:012}"), "timestamp": format!("2026-11-20T10:00:{:02}.000Z", output / 3),
        "userType": "external", "entrypoint": "cli", "cwd": "/src/app", "sessionId": "s1", "version": "2.1.185",
        "gitBranch": "main",
    });
    change(&mut row);
    row
}

fn without_request(row: &mut Value) {
    if let Some(row) = row.as_object_mut() {
        row.remove("requestId");
    }
    row["message"]["id"] = json!("gen-1");
}

fn of_subagent_without_request(row: &mut Value) {
    without_request(row);
    row["isSidechain"] = json!(true);
    row["agentId"] = json!("a1");
}

fn progress() -> Value {
    let inner = response(90, |_| ());
    json!({
        "type": "progress", "isSidechain": false, "parentToolUseID": "toolu_1", "toolUseID": "agent_1",
        "data": { "type": "agent_progress", "agentId": "a1", "prompt": "",
            "message": { "type": "assistant", "timestamp": inner["timestamp"], "message": inner["message"],
                "requestId": inner["requestId"], "uuid": inner["uuid"] } },
        "uuid": "00000000-0000-4000-8000-000000000001", "timestamp": inner["timestamp"],
        "cwd": "/src/app", "sessionId": "s1", "version": "2.1.81", "gitBranch": "main",
    })
}

/// A rollout, call by call. Call `n` is made of 1,000 tokens of input and 100 of output, `n` of them reasoning.
#[derive(Clone, Default)]
struct Codex {
    parent: Option<&'static str>,
    rows: Vec<(&'static str, Value, u64)>,
    calls: u64,
    /// Seconds since the rollout began, in which rows are written.
    second: u64,
}

impl Codex {
    fn fork_of(parent: &'static str) -> Self {
        Self { parent: Some(parent), ..Self::default() }
    }

    fn row(mut self, kind: &'static str, payload: Value) -> Self {
        self.rows.push((kind, payload, self.second));
        self
    }

    fn turn(self, number: u64) -> Self {
        self.row("turn_context", json!({ "turn_id": format!("turn-{number}"), "cwd": "/src/app", "model": "gpt-5.5" }))
    }

    fn call(mut self, number: u64) -> Self {
        self.calls += 1;
        self.again(number)
    }

    fn again(self, number: u64) -> Self {
        let usage = |calls: u64| json!({ "input_tokens": 1_000 * calls, "cached_input_tokens": 0, "output_tokens": 100 * calls,
            "reasoning_output_tokens": number, "total_tokens": 1_100 * calls });
        let info = json!({ "total_token_usage": usage(self.calls), "last_token_usage": usage(1), "model_context_window": 258_400 });
        let mut next = self.row("event_msg", json!({ "type": "token_count", "info": info, "rate_limits": null }));
        // In a conversation calls are apart; a copy is written at once.
        next.second += if next.parent.is_some() && next.second < 60 { 0 } else { 20 };
        next
    }

    /// Goes on where another had made so many calls.
    fn skip(mut self, calls: u64) -> Self {
        self.calls = calls;
        self
    }

    fn next_second(mut self) -> Self {
        self.second += 1;
        self
    }

    fn later(mut self) -> Self {
        self.second += 60;
        self
    }

    fn log(&self, id: &str) -> (String, Vec<Value>) {
        // Forks come after their parents.
        let hour = if self.parent.is_some() { 11 } else { 10 };
        let at = |second: u64| format!("2026-11-20T{hour}:{:02}:{:02}.100Z", second / 60, second % 60);
        let mut meta = json!({ "id": id, "timestamp": at(0), "cwd": "/src/app", "originator": "codex_cli_rs", "cli_version": "0.128.0",
            "source": "cli", "model_provider": "openai" });
        if let Some(parent) = self.parent {
            meta["forked_from_id"] = json!(parent);
        }
        let first = json!({ "timestamp": at(0), "type": "session_meta", "payload": meta });
        let rest = self.rows.iter().map(|(kind, payload, second)| json!({ "timestamp": at(*second), "type": kind, "payload": payload }));
        let log = format!(".codex/sessions/2026/11/20/rollout-2026-11-20T{hour}-00-00-{id}.jsonl");
        (log, std::iter::once(first).chain(rest).collect())
    }
}

fn codex(what: &'static str, construct: Option<Construct>, threads: &[(&str, Codex)], tokens: u64) -> Probe {
    Probe { what, construct, logs: threads.iter().map(|(id, rollout)| rollout.log(id)).collect(), tokens }
}
