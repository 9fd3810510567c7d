//! Lines as they stand in Gemini CLI's chats, and the records that come of them.

use super::*;
use crate::sources::logs::found::Found;

const HEADER: &str = r#"{"sessionId":"s1","projectHash":"p","startTime":"2026-11-24T22:52:07.539Z","lastUpdated":"2026-11-24T22:52:07.539Z","kind":"main"}"#;
const TOKENS: &str = r#"{"input":12000,"output":49,"cached":9000,"thoughts":16,"tool":0,"total":12065}"#;

fn read(lines: &[&str]) -> Found {
    Found::in_lines(CHAT, "/home/u/.gemini/tmp/app/chats/session-2026-11-24T22-52-s1.jsonl", lines)
}

fn message(id: &str, at: &str, tokens: &str) -> String {
    format!(
        r#"{{"id":"{id}","timestamp":"2026-11-24T{at}Z","type":"gemini","content":"","tokens":{tokens},"model":"gemini-2.5-pro"}}"#
    )
}

fn seen(found: &Found) -> Vec<(&str, &str, Witness)> {
    found
        .records
        .iter()
        .map(|record| (record.key.as_str(), record.attribution.session.as_deref().unwrap(), record.witness))
        .collect()
}

#[test]
fn a_message_becomes_a_record_with_all_that_is_known() {
    let found = read(&[HEADER, &message("m1", "22:52:07.801", TOKENS)]);
    let record = &found.records[0];
    assert_eq!((record.key.as_str(), record.witness), ("m1", Witness::Primary));
    assert_eq!(record.occurred_at, "2026-11-24T22:52:07.801Z".parse().unwrap());
    assert_eq!(
        record.tokens,
        Tokens { input: 3_000, cache_read: 9_000, output: 65, reasoning: 16, ..Tokens::default() }
    );
    let known = |text: &str| Some(text.to_owned());
    assert_eq!(
        *record.attribution,
        Attribution {
            agent: known("gemini-cli"),
            provider: known("google"),
            model: known("gemini-2.5-pro"),
            session: known("s1"),
            ..Attribution::default()
        }
    );
}

#[test]
fn t05_resuming_lists_messages_again_without_their_tokens_and_changes_nothing() {
    let resumed = HEADER.replace("22:52:07.539", "22:59:00.000");
    let checkpoint = r#"{"$set":{"messages":[{"id":"m1","timestamp":"2026-11-24T22:59:00.100Z","type":"gemini","content":[]}],"lastUpdated":"2026-11-24T22:59:00.100Z"}}"#;
    let lines = [HEADER, &message("m1", "22:52:08", TOKENS), &resumed, checkpoint, &message("m2", "22:59:01", TOKENS)];
    assert_eq!(seen(&read(&lines)), [("m1", "s1", Witness::Primary), ("m2", "s1", Witness::Primary)]);
}

#[test]
fn a_checkpoint_tells_of_calls_and_one_bad_entry_does_not_hide_the_others() {
    let of_user = r#"{"id":"u","type":"user","tokens":"none"}"#;
    let bad = message("m1", "22:52:08", r#"{"input":-1}"#);
    let checkpoint = format!(r#"{{"$set":{{"messages":[{of_user},{bad},{}]}}}}"#, message("m2", "22:52:09", TOKENS));
    let found = read(&[HEADER, &checkpoint]);
    assert_eq!(seen(&found), [("m2", "s1", Witness::Primary)]);
    assert_eq!(found.reasons, ["a token count that is negative, broken or over ten billion"]);
}

#[test]
fn t05_what_is_older_than_a_chat_was_taken_over_from_another() {
    let found = read(&[HEADER, &message("m1", "22:51:00", TOKENS), &message("m2", "22:52:08", TOKENS)]);
    assert_eq!(seen(&found), [("m1", "s1", Witness::Secondary), ("m2", "s1", Witness::Primary)]);
}

#[test]
fn what_is_taken_back_was_spent() {
    let found = read(&[HEADER, &message("m1", "22:52:08", TOKENS), r#"{"$rewindTo":"m1"}"#]);
    assert_eq!(seen(&found).len(), 1);
}

#[test]
fn t04_a_subagent_works_for_the_session_that_its_folder_is_named_after() {
    let path = "/home/u/.gemini/tmp/app/chats/s1/agent.jsonl";
    let header = HEADER.replace("\"s1\"", "\"agent\"").replace("main", "subagent");
    let found = Found::in_lines(CHAT, path, &[&header, &message("m1", "22:52:08", TOKENS)]);
    let by = &found.records[0].attribution;
    assert_eq!((by.session.as_deref(), by.subagent.as_deref()), (Some("s1"), Some("agent")));
}

#[test]
fn a_chat_in_one_document_gives_what_its_lines_would() {
    let path = Path::new("/home/u/.gemini/tmp/app/chats/session-2026-11-24T22-52-s1.json");
    let messages = [message("m1", "22:52:08", TOKENS), "7".to_owned(), message("m2", "22:52:09", TOKENS)].join(",");
    let text = HEADER.strip_suffix('}').unwrap().to_owned() + &format!(r#","messages":[{messages}]}}"#);
    let mut found = Found::default();
    document(path, &text, &mut found).unwrap();
    assert_eq!(seen(&found), [("m1", "s1", Witness::Primary), ("m2", "s1", Witness::Primary)]);
    assert_eq!(found.reasons, ["2: a field is of another kind than expected, at byte 0"]);
    assert!(document(path, "[1]", &mut Found::default()).is_err());
}

#[test]
fn what_has_no_tokens_is_no_record() {
    let user = r#"{"id":"u","type":"user","timestamp":"2026-11-24T22:52:08Z","tokens":7}"#;
    let found = read(&[
        HEADER,
        user,
        &message("m1", "22:52:08", "null"),
        &message("m2", "22:52:08", r#"{"input":0,"total":0}"#),
    ]);
    assert_eq!((found.records, found.reasons), (vec![], Vec::<String>::new()));
}

#[test]
fn t03_a_message_without_id_is_not_counted() {
    let found = read(&[HEADER, &message("", "22:52:08", TOKENS)]);
    assert_eq!((found.records.len(), found.reasons.len()), (0, 1));
}

#[test]
fn only_chats_are_read() {
    let format = |path: &str| (GEMINI_CLI.format)(Path::new(path));
    assert!(matches!(format("/g/tmp/app/chats/session-1.jsonl"), Some(Format::Lines(_))));
    assert!(matches!(format("/g/tmp/app/chats/s1/agent.jsonl"), Some(Format::Lines(_))));
    assert!(matches!(format("/g/tmp/app/chats/session-1.json"), Some(Format::Document(_))));
    assert!(format("/g/tmp/app/logs.json").is_none());
    assert!(format("/g/tmp/app/chats").is_none());
}

#[test]
fn the_project_is_named_beside_the_chats_or_in_the_list_of_projects() {
    let gemini = tempfile::tempdir().unwrap();
    let chats = gemini.path().join("tmp/app/chats");
    std::fs::create_dir_all(&chats).unwrap();
    assert_eq!(project_of(&chats), None);
    std::fs::write(gemini.path().join("projects.json"), r#"{"projects":{"/src/b":"b","/src/app":"app"}}"#).unwrap();
    assert_eq!(project_of(&chats).as_deref(), Some("/src/app"));
    std::fs::write(gemini.path().join("tmp/app/.project_root"), "/src/other\n").unwrap();
    assert_eq!(project_of(&chats).as_deref(), Some("/src/other"));
}
