//! Lines as they stand in transcripts, and the records that come of them.

use super::*;
use crate::sources::logs::found::Found;
use crate::usage::{CacheWrites, Tier, Tokens};

/// What one line after another gives, errors as their reasons.
fn read(lines: &[&str]) -> (Vec<UsageRecord>, Vec<String>) {
    let Found { records, reasons } = Found::in_lines(TRANSCRIPT, "projects/-src-app/s1.jsonl", lines);
    (records, reasons)
}

/// An assistant row with this `usage` and further fields of the row and the message.
fn row(usage: &str, row: &str, message: &str) -> String {
    format!(
        r#"{{"type":"assistant","timestamp":"2026-11-24T07:13:04.763Z","cwd":"/src/app","gitBranch":"main","sessionId":"s1","entrypoint":"cli"{row},"message":{{"role":"assistant","usage":{usage}{message}}}}}"#
    )
}

fn one(usage: &str, of_row: &str, of_message: &str) -> UsageRecord {
    let (mut records, reasons) = read(&[&row(usage, of_row, of_message)]);
    assert_eq!((records.len(), reasons.as_slice()), (1, [].as_slice()));
    records.remove(0)
}

const OPUS: &str = r#","id":"msg_1","model":"claude-opus-5-5""#;

#[test]
fn a_response_becomes_a_record_with_all_that_is_known() {
    let usage = r#"{"input_tokens":12,"cache_creation_input_tokens":2048,"cache_read_input_tokens":10240,"output_tokens":321,"output_tokens_details":{"thinking_tokens":40},"server_tool_use":{"web_search_requests":2},"service_tier":"standard","cache_creation":{"ephemeral_1h_input_tokens":1024,"ephemeral_5m_input_tokens":1024},"inference_geo":"us","speed":"fast"}"#;
    let record =
        one(usage, r#","requestId":"req_1","agentId":"a9","attributionAgent":"reviewer","isSidechain":true"#, OPUS);
    assert_eq!(record.key, "msg_1");
    assert_eq!(
        record.tokens,
        Tokens {
            input: 12,
            cache_read: 10_240,
            cache_write_short: 1_024,
            cache_write_long: 1_024,
            output: 321,
            reasoning: 40
        }
    );
    assert_eq!(record.web_searches, 2);
    assert_eq!(record.witness, Witness::Secondary, "a side conversation may repeat calls");
    let known = |text: &str| Some(text.to_owned());
    assert_eq!(
        *record.attribution,
        Attribution {
            agent: known("claude-code"),
            provider: known("anthropic"),
            model: known("claude-opus-5-5"),
            project: known("/src/app"),
            branch: known("main"),
            session: known("s1"),
            subagent: known("reviewer"),
            client: known("cli"),
            tier: Tier::Fast,
            region: known("us"),
            ..Attribution::default()
        }
    );
}

#[test]
fn t01_lines_of_one_message_have_one_key() {
    let line = row(r#"{"input_tokens":2,"output_tokens":29}"#, r#","uuid":"a""#, OPUS);
    let next = row(r#"{"input_tokens":2,"output_tokens":106}"#, r#","uuid":"b""#, OPUS);
    let (records, _) = read(&[&line, &next]);
    assert_eq!(records.iter().map(|record| record.key.as_str()).collect::<Vec<_>>(), ["msg_1", "msg_1"]);
}

#[test]
fn t01_a_block_that_repeats_its_call_is_passed_over_and_one_that_says_more_is_not() {
    let block = |usage: &str, id: &str| row(usage, "", &format!(r#","id":"{id}","model":"claude-opus-5-5""#));
    let [early, late] = [r#"{"input_tokens":2,"output_tokens":8}"#, r#"{"input_tokens":2,"output_tokens":150}"#];
    let log = [
        block(early, "msg_1"),
        block(early, "msg_1"),
        block(late, "msg_1"),
        block(late, "msg_2"),
        block(late, "msg_2"),
        // A side conversation is not the last word on who made a call.
        block(early, "msg_3").replace(r#""cwd""#, r#""isSidechain":true,"cwd""#),
        block(early, "msg_3"),
        // Without an id, nothing says that it is the same.
        block(late, "").replace(r#""cwd""#, r#""requestId":"req_4","cwd""#),
        block(late, "").replace(r#""cwd""#, r#""requestId":"req_5","cwd""#),
    ];
    let (mut transcript, mut found) = (Transcript::at(Path::new("projects/p/s.jsonl")), Found::default());
    for line in &log {
        transcript.line(line, &mut found).unwrap();
    }
    let given: Vec<_> = found.records.iter().map(|record| (record.key.as_str(), record.tokens.output)).collect();
    assert_eq!(
        given,
        [("msg_1", 8), ("msg_1", 150), ("msg_2", 150), ("msg_3", 8), ("msg_3", 8), ("req_4", 150), ("req_5", 150)]
    );
}

#[test]
fn t03_without_a_request_id_the_message_id_does_and_without_both_the_row_id() {
    let usage = r#"{"input_tokens":2,"output_tokens":29}"#;
    assert_eq!(one(usage, "", r#","id":"gen-1","model":"m""#).key, "gen-1");
    assert_eq!(one(usage, r#","requestId":"req_1","uuid":"u1""#, r#","model":"m""#).key, "req_1");
    assert_eq!(one(usage, r#","uuid":"u1""#, r#","model":"m""#).key, "u1");
    assert_eq!(one(usage, r#","requestId":"","uuid":"u2""#, r#","model":"m","id":"""#).key, "u2", "empty is missing");
    let (records, reasons) = read(&[&row(usage, "", r#","model":"m""#)]);
    assert_eq!((records.len(), reasons.len()), (0, 1), "what cannot be told from its copies is not counted");
}

#[test]
fn t05_a_fork_says_in_which_session_the_call_was_made() {
    let record = one(r#"{"output_tokens":1}"#, r#","requestSessionId":"s0""#, OPUS);
    assert_eq!(record.attribution.session.as_deref(), Some("s0"));
    assert_eq!(record.witness, Witness::Secondary);
}

#[test]
fn zeros_on_top_are_made_good_by_the_rounds() {
    let usage = r#"{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0,"cache_creation":{"ephemeral_1h_input_tokens":2505,"ephemeral_5m_input_tokens":0},"iterations":[{"type":"message","input_tokens":2,"output_tokens":2257,"cache_read_input_tokens":164094,"cache_creation_input_tokens":2505,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":2505}},{"type":"compaction","input_tokens":10,"output_tokens":20}]}"#;
    let tokens = one(usage, "", OPUS).tokens;
    assert_eq!(
        tokens,
        Tokens { input: 12, cache_read: 164_094, cache_write_long: 2_505, output: 2_277, ..Tokens::default() }
    );
}

#[test]
fn an_advisers_answer_is_a_record_of_its_own() {
    let usage = r#"{"input_tokens":5,"output_tokens":50,"iterations":[{"type":"message","input_tokens":5,"output_tokens":50},{"type":"advisor_message","model":"claude-fable-5-2","input_tokens":900,"output_tokens":70}]}"#;
    let (records, _) = read(&[&row(usage, "", OPUS)]);
    let figures: Vec<_> = records
        .iter()
        .map(|record| (record.key.as_str(), record.attribution.model.as_deref(), record.tokens.total()))
        .collect();
    assert_eq!(figures, [("msg_1/advisor/0", Some("claude-fable-5-2"), 970), ("msg_1", Some("claude-opus-5-5"), 55)]);
}

#[test]
fn cache_writes_without_a_split_are_short_and_never_more_than_their_total() {
    let plain = one(r#"{"cache_creation_input_tokens":100,"output_tokens":1}"#, "", OPUS);
    assert_eq!((plain.tokens.cache_write_short, plain.tokens.cache_write_long), (100, 0));
    assert_eq!(plain.cache_writes, CacheWrites::WithoutLifetime, "they may have been long ones");
    let nothing_written = one(r#"{"cache_creation_input_tokens":0,"output_tokens":1}"#, "", OPUS);
    assert_eq!(nothing_written.cache_writes, CacheWrites::Told);
    let split =
        r#"{"output_tokens":1,"cache_creation":{"ephemeral_1h_input_tokens":50,"ephemeral_5m_input_tokens":7}}"#;
    assert_eq!(one(split, "", OPUS).cache_writes, CacheWrites::Told);
    let untotalled = one(split, "", OPUS).tokens;
    assert_eq!((untotalled.cache_write_short, untotalled.cache_write_long), (7, 50), "the split is all that is known");
    let usage = r#"{"cache_creation_input_tokens":100,"output_tokens":1,"cache_creation":{"ephemeral_1h_input_tokens":300,"ephemeral_5m_input_tokens":0}}"#;
    let contradictory = one(usage, "", OPUS).tokens;
    assert_eq!((contradictory.cache_write_short, contradictory.cache_write_long), (0, 100));
    let rounds = r#"{"output_tokens":0,"iterations":[{"type":"message","output_tokens":1,"cache_creation_input_tokens":5},{"type":"message","output_tokens":1,"cache_creation_input_tokens":9,"cache_creation":{"ephemeral_1h_input_tokens":9}}]}"#;
    let rounds = one(rounds, "", OPUS);
    assert_eq!((rounds.tokens.cache_write_long, rounds.cache_writes), (9, CacheWrites::WithoutLifetime));
}

#[test]
fn null_is_no_reason_to_drop_a_row() {
    let usage = r#"{"input_tokens":null,"cache_creation_input_tokens":null,"cache_read_input_tokens":7,"output_tokens":3,"cache_creation":null,"server_tool_use":null,"service_tier":null,"iterations":null}"#;
    let record = one(usage, r#","requestId":null,"isSidechain":null"#, r#","id":"msg_1","model":null"#);
    assert_eq!((record.tokens.total(), record.attribution.model.clone()), (10, None));
}

#[test]
fn what_is_no_call_is_no_record() {
    let local_error = row(r#"{"input_tokens":0,"output_tokens":0}"#, "", r#","id":"x","model":"<synthetic>""#);
    let of_user =
        r#"{"type":"user","message":"the word \"usage\" in a message","toolUseResult":{"usage":{"input_tokens":9}}}"#;
    let cost = r#"{"type":"cost-state","totals":{"usage":{"input_tokens":9}}}"#;
    let without = row("null", "", OPUS);
    assert_eq!(read(&[&local_error, of_user, cost, &without]), (vec![], vec![]));
}

#[test]
fn messages_of_subagents_inside_old_progress_rows_are_read() {
    let line = r#"{"type":"progress","timestamp":"2026-01-02T03:04:05Z","sessionId":"s1","data":{"type":"agent_progress","message":{"type":"assistant","message":{"id":"msg_7","model":"claude-haiku-4-5","usage":{"input_tokens":3,"output_tokens":4}}}}}"#;
    let (records, _) = read(&[line, r#"{"type":"progress","data":{"type":"hook","message":"usage"},"x":{"usage":1}}"#]);
    assert_eq!(
        records.iter().map(|record| (record.key.as_str(), record.witness)).collect::<Vec<_>>(),
        [("msg_7", Witness::Secondary)]
    );
}

#[test]
fn white_space_makes_no_difference() {
    let line = r#"{ "type" : "assistant" , "timestamp" : "2026-11-24T07:13:04Z", "message" : { "id" : "msg_1", "usage" : { "output_tokens" : 3 } } }"#;
    assert_eq!(read(&[line]).0.len(), 1);
}

#[test]
fn absurd_counts_are_refused_and_large_ones_are_not() {
    for count in ["-1", "1.5", "1e15", "10000000001", "99999999999999999999999"] {
        let (records, reasons) = read(&[&row(&format!(r#"{{"input_tokens":{count}}}"#), "", OPUS)]);
        assert_eq!((records.len(), reasons.len()), (0, 1), "{count}");
    }
    // T27: beyond 2³¹.
    assert_eq!(one(r#"{"cache_read_input_tokens":3000000000}"#, "", OPUS).tokens.cache_read, 3_000_000_000);
}

#[test]
fn who_served_it_is_told_by_the_form_of_the_id() {
    let ids = ["msg_bdrk_1", "msg_vrtx_1", "msg_01", "gen-1", "chatcmpl-1"];
    assert_eq!(ids.map(provider_of), [Some("aws"), Some("google"), Some("anthropic"), Some("openrouter"), None]);
}

#[test]
fn t23_moving_below_the_folder_where_the_session_began_is_no_other_project() {
    let project = |log: &str, cwd: &'static str| Transcript::at(Path::new(log)).project(cwd);
    let log = "/home/u/.claude/projects/-src-my-app/s1/subagents/agent-1.jsonl";
    assert_eq!(project(log, "/src/my-app/web/src"), "/src/my-app");
    assert_eq!(project(log, "/src/my-app"), "/src/my-app");
    assert_eq!(project(log, "/src/my/app"), "/src/my/app", "another folder of the same name is what cwd says it is");
    assert_eq!(project(log, "/elsewhere"), "/elsewhere");
    assert_eq!(
        project("/c/projects/-src---app/s.jsonl", "/src/🦀app/x"),
        "/src/🦀app",
        "two dashes for two UTF-16 units"
    );
    assert_eq!(project("/c/projects/C--Users-u-app/s.jsonl", "C:\\Users\\u\\app\\web"), "C:\\Users\\u\\app");
}

#[test]
fn a_reason_never_quotes_what_was_said() {
    let line = r#"{"type":"assistant","message":"a private word","usage":{}}"#;
    let (_, reasons) = read(&[line, &row(r#"{"input_tokens":"another private word"}"#, "", OPUS)]);
    assert_eq!(reasons.len(), 2);
    assert!(reasons.iter().all(|reason| !reason.contains("private")), "{reasons:?}");
}
