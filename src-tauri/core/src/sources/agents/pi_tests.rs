//! Entries as they stand in pi's sessions, and the records that come of them.

use super::*;
use crate::sources::logs::found::Found;

const HEADER: &str =
    r#"{"type":"session","version":3,"id":"s1","timestamp":"2026-11-24T22:52:18.778Z","cwd":"/src/app"}"#;

fn read(lines: &[&str]) -> Found {
    Found::in_lines(SESSION, "sessions/--src-app--/2026-11-24T22-52-18-778Z_s1.jsonl", lines)
}

/// An answer at this second with this usage and further fields of its message.
fn answer(second: u32, usage: &str, more: &str) -> String {
    format!(
        r#"{{"type":"message","id":"e{second}","parentId":null,"timestamp":"2026-11-24T22:53:{second:02}Z","message":{{"role":"assistant","provider":"anthropic","model":"claude-opus-5-5","usage":{usage}{more}}}}}"#
    )
}

fn one(usage: &str, more: &str) -> UsageRecord {
    let mut found = read(&[HEADER, &answer(1, usage, more)]);
    assert_eq!((found.records.len(), found.reasons.as_slice()), (1, [].as_slice()));
    found.records.remove(0)
}

#[test]
fn t07_an_answer_becomes_a_record_with_hourly_cache_writes_apart() {
    let usage = r#"{"input":3000,"output":65,"cacheRead":9000,"cacheWrite":1200,"totalTokens":13265,"cost":{"total":0.0305},"cacheWrite1h":500,"reasoning":16}"#;
    let record = one(usage, r#","responseId":"msg_1""#);
    assert_eq!((record.key.as_str(), record.basis, record.witness), ("msg_1", Basis::Estimated, Witness::Primary));
    assert_eq!(record.occurred_at, "2026-11-24T22:53:01Z".parse().unwrap());
    assert_eq!(
        record.tokens,
        Tokens {
            input: 3_000,
            cache_read: 9_000,
            cache_write_short: 700,
            cache_write_long: 500,
            output: 65,
            reasoning: 16
        }
    );
    let known = |text: &str| Some(text.to_owned());
    assert_eq!(
        *record.attribution,
        Attribution {
            agent: known("pi"),
            provider: known("anthropic"),
            model: known("claude-opus-5-5"),
            project: known("/src/app"),
            session: known("s1"),
            ..Attribution::default()
        }
    );
}

#[test]
fn t05_what_is_older_than_a_fork_is_its_parent_s() {
    let fork = r#"{"type":"session","version":3,"id":"s2","timestamp":"2026-11-24T22:53:05Z","cwd":"/src/app","parentSession":"C:\\pi\\2026-11-24T22-52-18-778Z_s1.jsonl"}"#;
    let usage = r#"{"input":1,"output":2}"#;
    let found = read(&[fork, &answer(4, usage, r#","responseId":"a""#), &answer(6, usage, r#","responseId":"b""#)]);
    let of: Vec<_> = found
        .records
        .iter()
        .map(|record| (record.key.as_str(), record.attribution.session.as_deref().unwrap(), record.witness))
        .collect();
    assert_eq!(of, [("a", "s1", Witness::Secondary), ("b", "s2", Witness::Primary)]);
}

#[test]
fn t03_without_a_response_id_an_answer_has_the_key_that_its_copies_have() {
    let usage = r#"{"input":1,"output":2}"#;
    let (original, copied) =
        (answer(4, usage, ""), answer(4, usage, r#","responseId":null"#).replace(r#""id":"e4","#, ""));
    let other = answer(5, usage, "");
    let keys: Vec<_> = read(&[HEADER, &original, &copied, &other]).records.into_iter().map(|it| it.key).collect();
    assert_eq!(keys, ["2026-11-24T22:53:04Z/3", "2026-11-24T22:53:04Z/3", "2026-11-24T22:53:05Z/3"]);
}

#[test]
fn compacting_and_summing_up_a_branch_are_calls_of_the_model_in_use() {
    let model = r#"{"type":"model_change","id":"m","timestamp":"2026-11-24T22:53:00Z","provider":"openai-codex","modelId":"gpt-5.5"}"#;
    let compaction = r#"{"type":"compaction","id":"c","timestamp":"2026-11-24T22:53:09Z","summary":"…","usage":{"input":40,"output":5}}"#;
    let summary = r#"{"type":"branch_summary","id":"b","timestamp":"2026-11-24T22:53:10Z","summary":"…"}"#;
    let found = read(&[HEADER, model, compaction, summary]);
    let of: Vec<_> = found
        .records
        .iter()
        .map(|record| {
            let by = &record.attribution;
            (record.tokens.total(), by.provider.as_deref().unwrap(), by.model.as_deref().unwrap())
        })
        .collect();
    assert_eq!(of, [(45, "openai", "gpt-5.5")], "what is not stated is not counted");
}

#[test]
fn what_is_no_answer_is_no_record() {
    let user = r#"{"type":"message","timestamp":"2026-11-24T22:53:01Z","message":{"role":"user","usage":{"input":9}}}"#;
    let of_extension = r#"{"type":"custom","message":"the word \"usage\"","usage":"none"}"#;
    let failed = answer(2, r#"{"input":0,"output":0,"cacheRead":0,"cacheWrite":0}"#, r#","stopReason":"error""#);
    let without = answer(3, "null", "");
    let found = read(&[HEADER, user, of_extension, &failed, &without]);
    assert_eq!((found.records, found.reasons), (vec![], Vec::<String>::new()));
}

#[test]
fn null_is_zero_and_absurd_counts_are_refused() {
    let record = one(r#"{"input":null,"output":3,"cacheWrite":5,"cacheWrite1h":900,"reasoning":70}"#, "");
    assert_eq!(record.tokens, Tokens { cache_write_long: 5, output: 3, reasoning: 3, ..Tokens::default() });
    for count in ["-1", "1.5", "10000000001"] {
        let found = read(&[HEADER, &answer(1, &format!(r#"{{"input":{count},"output":1}}"#), "")]);
        assert_eq!((found.records.len(), found.reasons.len()), (0, 1), "{count}");
    }
}

#[test]
fn white_space_makes_no_difference_and_a_reason_never_quotes() {
    let line = r#"{ "type" : "message", "timestamp" : "2026-11-24T22:53:01Z", "message" : { "role" : "assistant", "usage" : { "output" : 3 } } }"#;
    assert_eq!(read(&[line]).records.len(), 1);
    let found = read(&[r#"{"type":"message","message":"a private word","usage":{}}"#]);
    assert!(found.reasons.len() == 1 && !found.reasons[0].contains("private"), "{:?}", found.reasons);
}

#[test]
fn variables_say_where_sessions_are() {
    let with = |variables: &[(&str, &str)]| {
        let home = [("HOME", "/home/u")];
        let variables = home.iter().chain(variables).map(|(name, value)| ((*name).into(), (*value).into()));
        roots(&Places::of_user(variables, None, None).unwrap())
    };
    assert_eq!(with(&[]), [PathBuf::from("/home/u/.pi/agent/sessions")]);
    assert_eq!(with(&[("PI_CODING_AGENT_DIR", "~/pi")]), [PathBuf::from("/home/u/pi/sessions")]);
    assert_eq!(with(&[("PI_CODING_AGENT_DIR", "~/pi"), ("PI_CODING_AGENT_SESSION_DIR", "/s")]), [PathBuf::from("/s")]);
}
