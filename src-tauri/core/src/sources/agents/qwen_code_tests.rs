//! Rows as they stand in Qwen Code's chats, and the records that come of them.

use super::*;
use crate::sources::logs::found::Found;

fn read(lines: &[&str]) -> Found {
    Found::in_lines(CHAT, "projects/-src-app/chats/s1.jsonl", lines)
}

/// A row with these further fields.
fn row_of(more: &str) -> String {
    format!(
        r#"{{"uuid":"u1","sessionId":"s1","timestamp":"2026-11-24T22:53:17.933Z","cwd":"/src/app","gitBranch":"main"{more}}}"#
    )
}

/// Telemetry of a response, with these counts and further fields.
fn telemetry(id: &str, counts: &str) -> String {
    row_of(&format!(
        r#","type":"system","subtype":"ui_telemetry","systemPayload":{{"uiEvent":{{"event.name":"qwen-code.api_response","response_id":"{id}","model":"qwen3-coder-plus","auth_type":"openai",{counts}}}}}"#
    ))
}

const COUNTS: &str = r#""input_token_count":12000,"output_token_count":65,"cached_content_token_count":9000,"thoughts_token_count":16,"total_token_count":12065"#;

fn answer(uuid: &str, model: &str) -> String {
    row_of(&format!(
        r#","type":"assistant","model":"{model}","usageMetadata":{{"promptTokenCount":12000,"candidatesTokenCount":65,"thoughtsTokenCount":16,"totalTokenCount":12065,"cachedContentTokenCount":9000}}"#
    ))
    .replace("\"u1\"", &format!("\"{uuid}\""))
}

fn keys(found: &Found) -> Vec<&str> {
    found.records.iter().map(|record| record.key.as_str()).collect()
}

#[test]
fn telemetry_of_a_response_becomes_a_record_with_all_that_is_known() {
    let found = read(&[&telemetry("chatcmpl-1", &format!(r#"{COUNTS},"subagent_name":"general-purpose""#))]);
    let record = &found.records[0];
    assert_eq!(record.key, "chatcmpl-1");
    assert_eq!(
        record.tokens,
        Tokens { input: 3_000, cache_read: 9_000, output: 65, reasoning: 16, ..Tokens::default() },
        "thoughts are part of the answer where the total says so"
    );
    let known = |text: &str| Some(text.to_owned());
    assert_eq!(
        *record.attribution,
        Attribution {
            agent: known("qwen-code"),
            model: known("qwen3-coder-plus"),
            project: known("/src/app"),
            branch: known("main"),
            session: known("s1"),
            subagent: known("general-purpose"),
            ..Attribution::default()
        }
    );
}

#[test]
fn t06_gemini_s_thoughts_stand_beside_the_answer() {
    let counts =
        r#""input_token_count":12000,"output_token_count":49,"thoughts_token_count":16,"total_token_count":12065"#;
    let found = read(&[&telemetry("r", counts)]);
    assert_eq!((found.records[0].tokens.output, found.records[0].tokens.reasoning), (65, 16));
    let without_total = r#""input_token_count":12000,"output_token_count":49,"thoughts_token_count":16"#;
    assert_eq!(read(&[&telemetry("r", without_total)]).records[0].tokens.output, 49, "nothing is added on a guess");
}

#[test]
fn t01_an_answer_is_not_counted_beside_its_telemetry() {
    let found = read(&[&telemetry("chatcmpl-1", COUNTS), &answer("u2", "qwen3-coder-plus"), &answer("u3", "m")]);
    assert_eq!(keys(&found), ["chatcmpl-1"]);
}

#[test]
fn answers_count_until_a_chat_has_telemetry() {
    let old = [answer("u2", "m"), answer("u3", "m")];
    let found = read(&[&old[0], &old[1], &telemetry("chatcmpl-1", COUNTS), &answer("u4", "m")]);
    assert_eq!(keys(&found), ["u2", "u3", "chatcmpl-1"]);
    assert_eq!(found.records[0].tokens, found.records[2].tokens);
}

#[test]
fn t05_what_a_fork_copied_belongs_to_the_session_it_was_copied_from() {
    let copied = telemetry("chatcmpl-1", COUNTS).replace("\"s1\"", "\"s2\"");
    let copied =
        copied.strip_suffix('}').unwrap().to_owned() + r#","forkedFrom":{"sessionId":"s1","messageUuid":"u1"}}"#;
    let record = &read(&[&copied]).records[0];
    assert_eq!((record.attribution.session.as_deref(), record.witness), (Some("s1"), Witness::Secondary));
}

#[test]
fn t03_without_any_id_a_response_is_not_counted() {
    let without_response = telemetry("", COUNTS);
    assert_eq!(keys(&read(&[&without_response])), ["u1"]);
    let found = read(&[&without_response.replace("\"uuid\":\"u1\",", "")]);
    assert_eq!((found.records.len(), found.reasons.len()), (0, 1));
}

#[test]
fn what_is_no_response_is_no_record() {
    let tool = telemetry("r", COUNTS).replace("qwen-code.api_response", "qwen-code.tool_call");
    let user = row_of(r#","type":"user","message":"\"usageMetadata\"","usageMetadata":"none""#);
    let failed = telemetry("r", r#""input_token_count":0,"output_token_count":null"#);
    let found = read(&[&tool, &user, &failed]);
    assert_eq!((found.records, found.reasons), (vec![], Vec::<String>::new()));
}

#[test]
fn absurd_counts_are_refused() {
    for count in ["-1", "1.5", "10000000001", "\"a private word\""] {
        let found = read(&[&telemetry("r", &format!(r#""input_token_count":{count},"output_token_count":1"#))]);
        assert_eq!((found.records.len(), found.reasons.len()), (0, 1), "{count}");
        assert!(!found.reasons[0].contains("private"));
    }
}

#[test]
fn only_chats_are_read() {
    let is_read = |path: &str| (QWEN_CODE.format)(Path::new(path)).is_some();
    assert!(is_read("/home/u/.qwen/projects/-src-app/chats/s1.jsonl"));
    assert!(!is_read("/home/u/.qwen/projects/-src-app/subagents/s1/agent-general.jsonl"));
    assert!(!is_read("/home/u/.qwen/usage_record.jsonl"));
}
