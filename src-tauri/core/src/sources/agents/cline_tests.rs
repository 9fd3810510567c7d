//! Sessions as Cline writes them from 4.1 on, and the records that come of them.

use std::fs;

use super::*;
use crate::sources::logs::found::Found;
use crate::usage::Basis;

const MESSAGE: &str = r#"{"id":"m2","role":"assistant","ts":1795504641837,"content":[],"modelInfo":{"id":"claude-opus-5-5","provider":"anthropic"},"metrics":{"inputTokens":12000,"outputTokens":450,"cacheReadTokens":9000,"cacheWriteTokens":700,"cost":0.1}}"#;

fn read(name: &str, messages: &[&str]) -> Found {
    let folder = tempfile::tempdir().unwrap();
    let session_folder = folder.path().join("sessions/s1");
    fs::create_dir_all(&session_folder).unwrap();
    let manifest = r#"{"session_id":"s1","cwd":"/src/app","model":"gpt-5.5","provider":"openai-native"}"#;
    fs::write(session_folder.join("s1.json"), manifest).unwrap();
    let path = session_folder.join(format!("{name}.messages.json"));
    assert!(is_session(&path) && !is_session(&session_folder.join("s1.json")));
    let mut found = Found::default();
    session(&path, &format!(r#"{{"version":1,"messages":[{}]}}"#, messages.join(",")), &mut found).unwrap();
    found
}

#[test]
fn an_answer_becomes_a_record_and_its_input_is_without_the_cache() {
    let found = read("s1", &[r#"{"id":"m1","role":"user","content":"hello"}"#, MESSAGE]);
    assert_eq!((found.records.len(), found.reasons.len()), (1, 0));
    let record = &found.records[0];
    assert_eq!(record.key, "s1/s1/m2");
    assert_eq!(
        record.tokens,
        Tokens { input: 2_300, cache_read: 9_000, cache_write_short: 700, output: 450, ..Tokens::default() }
    );
    assert_eq!(record.cache_writes, CacheWrites::WithoutLifetime);
    let known = |text: &str| Some(text.to_owned());
    assert_eq!(
        *record.attribution,
        Attribution {
            agent: known("cline"),
            provider: known("anthropic"),
            model: known("claude-opus-5-5"),
            project: known("/src/app"),
            session: known("s1"),
            ..Attribution::default()
        }
    );
}

#[test]
fn t04_a_subagent_belongs_to_the_session_in_whose_folder_it_is() {
    let found = read("agent-7", &[MESSAGE]);
    assert_eq!(found.records[0].key, "s1/agent-7/m2");
    assert_eq!(found.records[0].attribution.session.as_deref(), Some("s1"));
    assert_eq!(found.records[0].attribution.subagent.as_deref(), Some("agent-7"));
}

#[test]
fn a_message_without_a_model_has_the_sessions() {
    let plain = MESSAGE.replace(r#""modelInfo":{"id":"claude-opus-5-5","provider":"anthropic"},"#, "");
    let found = read("s1", &[&plain]);
    assert_eq!(found.records[0].attribution.model.as_deref(), Some("gpt-5.5"));
    assert_eq!(found.records[0].attribution.provider.as_deref(), Some("openai"));
}

#[test]
fn what_openrouter_said_is_the_cost() {
    let by_openrouter = MESSAGE.replace(r#""provider":"anthropic""#, r#""provider":"openrouter""#);
    let found = read("s1", &[&by_openrouter, MESSAGE]);
    let told: Vec<_> = found.records.iter().map(|record| (record.reported, record.basis)).collect();
    let dime = crate::money::Usd::parse("0.1").unwrap();
    assert_eq!(told, [(Some(dime), Basis::Billed), (None, Basis::Estimated)]);
}

#[test]
fn what_consumed_nothing_is_no_call_and_what_is_insane_is_skipped() {
    let nothing = r#"{"id":"m3","ts":1,"metrics":{"inputTokens":0,"outputTokens":null}}"#;
    let found =
        read("s1", &[nothing, &MESSAGE.replace("450", "-4"), &MESSAGE.replace(r#""ts":1795504641837,"#, ""), MESSAGE]);
    let numbers: Vec<&str> = found.reasons.iter().map(|reason| reason.split_once(": ").unwrap().0).collect();
    assert_eq!((found.records.len(), numbers.as_slice()), (1, ["2", "3"].as_slice()));
}

#[test]
fn t05_a_message_without_an_id_keeps_its_key_when_those_before_it_are_taken_out() {
    let plain = MESSAGE.replace(r#""id":"m2","#, "");
    let nameless = plain.replace(r#"{"role""#, r#"{"id":"","role""#);
    let key = |messages: &[&str]| read("s1", messages).records.pop().unwrap().key;
    let alone = key(&[&plain]);
    assert_eq!(key(&[MESSAGE, &plain]), alone);
    assert_eq!(key(&[&nameless]), alone);
    assert_ne!(key(&[&plain.replace("1795504641837", "1795504641838")]), alone);
}
