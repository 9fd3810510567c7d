//! What Claude Code's logs do.

use serde_json::{Value, json};

use super::Probe;
use crate::corpus::truth::Construct;

/// Tokens of the response that most probes are about, once it is complete.
const FULL: u64 = 10 + 1_000 + 200 + 90;

pub(super) fn probes() -> Vec<Probe> {
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
            Some(Construct::RepeatedWithoutRequestIdAside),
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
            construct: Some(Construct::TakenAlongByMarkedFork),
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
        one("a subagent's response inside a `progress` row", Some(Construct::InsideProgress), vec![progress()], FULL),
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
