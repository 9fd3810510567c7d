//! Events as they stand in Copilot CLI's logs, and the records that come of them.

use super::*;
use crate::sources::logs::found::Found;

const START: &str = r#"{"type":"session.start","data":{"sessionId":"s1","context":{"cwd":"/src/app","gitRoot":"/src/app","branch":"main"}},"id":"e0","timestamp":"2026-11-24T22:52:04Z"}"#;

fn read(lines: &[&str]) -> Found {
    Found::in_lines(EVENTS, "/home/u/.copilot/session-state/s1/events.jsonl", lines)
}

/// A usage record with further fields of the usage and the event.
fn record(usage: &str, event: &str) -> String {
    format!(
        r#"{{"type":"session.usage_record","data":{{"usage":{{"model":"gpt-5.5","inputTokens":12700,"outputTokens":65,"cacheReadTokens":9000,"cacheWriteTokens":700,"reasoningTokens":16,"cost":1.0{usage}}}}},"id":"e1","timestamp":"2026-11-24T22:52:05Z"{event}}}"#
    )
}

const ACCOUNTED: &str =
    r#","apiCallId":"resp_0","accounting":{"sourceSessionId":"other","sequence":1,"usageId":"resp_1"}"#;

/// A shutdown with sums of input, cached input and output per model.
fn shutdown(id: &str, sums: &[(&str, [u64; 3])]) -> String {
    let metrics: Vec<String> = sums
        .iter()
        .map(|(model, [input, cached, output])| {
            format!(
                r#""{model}":{{"requests":{{"count":3}},"usage":{{"inputTokens":{input},"outputTokens":{output},"cacheReadTokens":{cached},"cacheWriteTokens":0}}}}"#
            )
        })
        .collect();
    format!(
        r#"{{"type":"session.shutdown","data":{{"modelMetrics":{{{}}}}},"id":"{id}","timestamp":"2026-11-24T22:59:00Z"}}"#,
        metrics.join(",")
    )
}

fn sums(found: &Found) -> Vec<(&str, u64, u64, u64)> {
    assert_eq!(found.reasons, Vec::<String>::new());
    let sums = found
        .records
        .iter()
        .map(|UsageRecord { key, tokens, .. }| (key.as_str(), tokens.input, tokens.cache_read, tokens.output));
    sums.collect()
}

#[test]
fn a_usage_record_becomes_a_record_with_all_that_is_known() {
    let found = read(&[START, &record(ACCOUNTED, "")]);
    let record = &found.records[0];
    assert_eq!((record.key.as_str(), record.basis), ("resp_1", Basis::Estimated));
    assert_eq!(
        record.tokens,
        Tokens {
            input: 3_000,
            cache_read: 9_000,
            cache_write_short: 700,
            cache_write_long: 0,
            output: 65,
            reasoning: 16
        },
        "input includes what was cached and written to the cache"
    );
    assert_eq!((record.cache_writes, record.is_sum), (CacheWrites::WithoutLifetime, false));
    let known = |text: &str| Some(text.to_owned());
    assert_eq!(
        *record.attribution,
        Attribution {
            agent: known("copilot-cli"),
            provider: known("github-copilot"),
            model: known("gpt-5.5"),
            project: known("/src/app"),
            branch: known("main"),
            session: known("s1"),
            ..Attribution::default()
        }
    );
}

#[test]
fn a_key_of_the_user_s_own_is_charged_by_its_provider() {
    let found = read(&[START, &record(r#","isByok":true,"providerType":"openai""#, "")]);
    assert_eq!(found.records[0].attribution.provider.as_deref(), Some("openai"));
    let found = read(&[START, &record(r#","isByok":false,"providerType":"openai""#, "")]);
    assert_eq!(found.records[0].attribution.provider.as_deref(), Some("github-copilot"));
}

#[test]
fn t04_a_subagent_s_calls_belong_to_the_session_and_carry_its_name() {
    let started = r#"{"type":"subagent.started","data":{"agentName":"general-purpose"},"agentId":"a1","id":"e2","timestamp":"2026-11-24T22:52:05Z"}"#;
    let found = read(&[
        START,
        started,
        &record(ACCOUNTED, r#","agentId":"a1""#),
        &record(ACCOUNTED, r#","agentId":"a2""#),
        &record(ACCOUNTED, ""),
    ]);
    let by: Vec<_> = found
        .records
        .iter()
        .map(|record| (record.attribution.session.as_deref(), record.attribution.subagent.as_deref()))
        .collect();
    assert_eq!(by, [(Some("s1"), Some("general-purpose")), (Some("s1"), Some("a2")), (Some("s1"), None)]);
}

#[test]
fn the_folder_is_where_the_session_is_now() {
    let resumed = START.replace("session.start", "session.resume").replace("main", "feature/x");
    let moved =
        r#"{"type":"session.context_changed","data":{"cwd":"/src/web"},"id":"e3","timestamp":"2026-11-24T22:53:00Z"}"#;
    let call = record(ACCOUNTED, "");
    let found = read(&[START, &call, &resumed, &call, moved, &call]);
    let at: Vec<_> = found
        .records
        .iter()
        .map(|record| (record.attribution.project.as_deref().unwrap(), record.attribution.branch.as_deref()))
        .collect();
    assert_eq!(at, [("/src/app", Some("main")), ("/src/app", Some("feature/x")), ("/src/web", None)]);
}

#[test]
fn t05_sums_go_on_from_the_last_time_the_session_was_left() {
    let found = read(&[
        START,
        &shutdown("x1", &[("gpt-5.4", [100, 60, 10])]),
        &shutdown("x2", &[("gpt-5.4", [150, 80, 12]), ("claude-opus-4.7", [7, 0, 1])]),
        &shutdown("x3", &[("gpt-5.4", [150, 80, 12])]),
    ]);
    assert_eq!(sums(&found), [("x1/gpt-5.4", 40, 60, 10), ("x2/claude-opus-4.7", 7, 0, 1), ("x2/gpt-5.4", 30, 20, 2)]);
}

#[test]
fn t05_sums_that_started_again_are_taken_whole() {
    let found = read(&[START, &shutdown("x1", &[("m", [100, 60, 10])]), &shutdown("x2", &[("m", [90, 70, 30])])]);
    assert_eq!(sums(&found), [("x1/m", 40, 60, 10), ("x2/m", 20, 70, 30)]);
    assert!(found.records.iter().all(|record| record.is_sum), "how long each prompt was is not told");
    let of_one = shutdown("x1", &[("m", [100, 60, 10])]).replace(r#""count":3"#, r#""count":1"#);
    let then = shutdown("x2", &[("m", [200, 120, 20])]);
    assert_eq!(
        read(&[START, &of_one, &then]).records.iter().map(|record| record.is_sum).collect::<Vec<_>>(),
        [false, true]
    );
}

#[test]
fn t30_sums_are_never_added_to_the_calls_they_sum_up() {
    let found = read(&[START, &record(ACCOUNTED, ""), &shutdown("x1", &[("gpt-5.5", [12_700, 9_000, 65])])]);
    assert_eq!(sums(&found), [("resp_1", 3_000, 9_000, 65)]);
}

#[test]
fn t03_keys_fall_back_to_what_there_is() {
    let keys = |usage: &str| read(&[START, &record(usage, "")]).records.remove(0).key;
    assert_eq!(keys(r#","apiCallId":"resp_0","accounting":null"#), "resp_0");
    assert_eq!(keys(""), "e1");
    let found = read(&[&record("", "").replace("\"id\":\"e1\",", "")]);
    assert_eq!((found.records.len(), found.reasons.len()), (0, 1));
}

#[test]
fn a_log_without_its_beginning_is_of_the_session_its_folder_is_named_after() {
    assert_eq!(read(&[&record(ACCOUNTED, "")]).records[0].attribution.session.as_deref(), Some("s1"));
}

#[test]
fn what_tells_of_no_call_is_no_record_whatever_its_form() {
    let start = r#"{"type":"session.start","data":{"sessionId":7,"context":"none"}}"#;
    let said = r#"{"type":"user.message","data":"the word \"session.usage_record\"","x":"session.shutdown"}"#;
    let nothing = record("", "").replace("12700", "0").replace("9000", "0").replace("700", "0").replace("65", "0");
    let found = read(&[start, said, &nothing, &shutdown("x", &[])]);
    assert_eq!((found.records, found.reasons), (vec![], Vec::<String>::new()));
}

#[test]
fn what_is_remembered_has_an_end() {
    let mut named = BTreeMap::new();
    for number in 0..=MOST_NAMES {
        remember(&mut named, &number.to_string(), 1);
    }
    remember(&mut named, &"x".repeat(LONGEST_NAME + 1), 1);
    remember(&mut named, "0", 2);
    assert_eq!((named.len(), named["0"]), (MOST_NAMES, 2));
}

#[test]
fn absurd_counts_are_refused() {
    for count in ["-1", "1.5", "10000000001", "\"a private word\""] {
        let found = read(&[START, &record("", "").replace("12700", count)]);
        assert_eq!((found.records.len(), found.reasons.len()), (0, 1), "{count}");
        assert!(!found.reasons[0].contains("private"));
    }
}

#[test]
fn sums_of_a_model_that_make_no_sense_hold_up_no_other_model() {
    let broken = |id: &str, good: u64| {
        shutdown(id, &[("a", [1, 0, 999]), ("b", [good, 0, 1])])
            .replace(r#""outputTokens":999"#, r#""outputTokens":-1"#)
    };
    let found = read(&[START, &broken("e1", 100), &broken("e2", 130)]);
    let inputs: Vec<_> = found.records.iter().map(|record| (record.key.as_str(), record.tokens.input)).collect();
    assert_eq!((inputs.as_slice(), found.reasons.len()), ([("e1/b", 100), ("e2/b", 30)].as_slice(), 2));
}

#[test]
fn sums_that_cannot_be_remembered_are_refused_and_not_counted_whole_each_time() {
    let model = "x".repeat(LONGEST_NAME + 1);
    let left = |id: &str, input| shutdown(id, &[(model.as_str(), [input, 0, 1])]);
    let found = read(&[START, &left("e1", 100), &left("e2", 130)]);
    assert_eq!((found.records.len(), found.reasons.len()), (0, 2));
}
