//! What Codex's logs do.

use serde_json::{Value, json};

use super::Probe;
use crate::corpus::truth::Construct;

pub(super) fn probes() -> Vec<Probe> {
    vec![
        codex(
            "Codex: a running total written again",
            Some(Construct::TotalAgain),
            &[("t1", Codex::default().turn(1).call(1).again(1))],
            1_100,
        ),
        codex(
            "Codex: a fork that copies its parent's history, within a second",
            Some(Construct::TotalCopied),
            &[
                ("t1", Codex::default().turn(1).call(1).call(2)),
                ("t2", Codex::fork_of("t1").turn(1).call(1).call(2).later().turn(2).call(3)),
            ],
            3_300,
        ),
        codex(
            "Codex: the same across two seconds",
            None,
            &[
                ("t1", Codex::default().turn(1).call(1).call(2)),
                ("t2", Codex::fork_of("t1").turn(1).call(1).next_second().call(2).later().turn(2).call(3)),
            ],
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
            &[
                ("t1", Codex::default().turn(1).call(1).call(2)),
                ("t2", Codex::fork_of("t1").skip(2).later().turn(2).call(3).call(4)),
            ],
            4_400,
        ),
    ]
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
        let usage = |calls: u64| {
            json!({ "input_tokens": 1_000 * calls, "cached_input_tokens": 0, "output_tokens": 100 * calls,
            "reasoning_output_tokens": number, "total_tokens": 1_100 * calls })
        };
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
        let rest = self
            .rows
            .iter()
            .map(|(kind, payload, second)| json!({ "timestamp": at(*second), "type": kind, "payload": payload }));
        let log = format!(".codex/sessions/2026/11/20/rollout-2026-11-20T{hour}-00-00-{id}.jsonl");
        (log, std::iter::once(first).chain(rest).collect())
    }
}

fn codex(what: &'static str, construct: Option<Construct>, threads: &[(&str, Codex)], tokens: u64) -> Probe {
    Probe { what, construct, logs: threads.iter().map(|(id, rollout)| rollout.log(id)).collect(), tokens }
}
