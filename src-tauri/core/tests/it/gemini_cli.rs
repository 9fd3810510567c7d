//! Gemini CLI's chats on a machine: old ones in one document, ones that are deleted while they are hardly read.

use std::fs;

use crate::machine::{Machine, fixture_bytes};

const CHATS: &str = ".gemini/tmp/app/chats";

/// A chat in one document with a message of the model per id.
fn document(ids: &[&str]) -> String {
    let messages: Vec<String> = ids.iter().map(|id| message(id)).collect();
    format!(
        r#"{{
  "sessionId": "s1",
  "projectHash": "p",
  "startTime": "2026-11-24T07:00:00Z",
  "messages": [{}]
}}"#,
        messages.join(",\n")
    )
}

fn message(id: &str) -> String {
    format!(
        r#"{{"id": "{id}", "timestamp": "2026-11-24T07:00:01Z", "type": "gemini", "tokens": {{"input": 10, "output": 2, "total": 12}}, "model": "gemini-2.5-pro"}}"#
    )
}

#[test]
fn a_chat_in_one_document_is_read_anew_when_it_changes_and_not_otherwise() {
    let mut machine = Machine::new();
    let path = format!("{CHATS}/session-2026-11-24T07-00-s1.json");
    machine.write(&path, document(&["m1"]));
    assert_eq!(machine.scan().records_added, 1);
    let again = machine.scan();
    assert_eq!((again.files_read, again.bytes_read, again.rows_written), (0, 0, 0));
    let longer = document(&["m1", "m2"]);
    machine.write(&path, &longer);
    let report = machine.scan();
    assert_eq!((report.records_added, report.records_updated, report.bytes_read), (1, 0, longer.len() as u64));
    assert_eq!(machine.total().tokens.total(), 24);
}

#[test]
fn t05_a_chat_taken_over_into_the_new_format_is_counted_once() {
    let mut machine = Machine::new();
    let path = format!("{CHATS}/session-2026-11-24T07-00-s1.json");
    machine.write(&path, document(&["m1", "m2"]));
    machine.scan();
    let first = r#"{"sessionId":"s1","projectHash":"p","startTime":"2026-11-24T07:00:00Z"}"#;
    let lines = [first, &message("m1"), &message("m2"), &message("m3")].map(|line| format!("{line}\n")).concat();
    machine.write(&format!("{path}l"), lines);
    assert_eq!(machine.scan().records_added, 1);
    assert_eq!((machine.total().requests, machine.report("session").rows.len()), (3, 1));
}

#[test]
fn a_document_that_is_cut_short_is_named_and_read_when_it_is_whole() {
    let mut machine = Machine::new();
    let path = format!("{CHATS}/session-2026-11-24T07-00-s1.json");
    let whole = document(&["m1"]);
    machine.write(&path, &whole[..whole.len() - 3]);
    let report = machine.scan();
    assert_eq!((report.records_added, report.skipped.len()), (0, 1));
    machine.write(&path, &whole);
    let report = machine.scan();
    assert_eq!((report.records_added, report.skipped.len()), (1, 0));
}

/// Lays out the chats as they were at a moment, in place of what there was before.
fn at_moment(machine: &Machine, moment: &str) {
    let chats = machine.home(".gemini");
    if chats.exists() {
        fs::remove_dir_all(chats).unwrap();
    }
    machine.lay_out(&format!("gemini-cli/captured-0.61.0-other-minute/{moment}"), ".");
}

#[test]
fn t26_what_gemini_deletes_of_a_session_that_was_resumed_stays_counted_once() {
    let mut machine = Machine::new();
    // 0.61.0 deletes a session that was resumed in another minute than it began, minutes after; another session that
    // begins with its chat has copies of what was said in it.
    for (moment, requests) in [("after-first", 3), ("after-resume", 4), ("after-fork", 5)] {
        at_moment(&machine, moment);
        machine.scan();
        assert_eq!(machine.total().requests, requests, "{moment}");
    }
    let mut sessions: Vec<u64> = machine.report("session").rows.iter().map(|row| row.requests).collect();
    sessions.sort_unstable();
    assert_eq!(sessions, [1, 4], "what was copied belongs to the session it was said in");
}

#[test]
fn a_copy_is_counted_if_it_is_all_there_is() {
    let mut machine = Machine::new();
    at_moment(&machine, "after-fork");
    machine.scan();
    // All but the subagent's.
    assert_eq!(machine.total().requests, 4);
}

#[test]
fn the_home_folder_of_gemini_cli_may_be_elsewhere() {
    let mut machine = Machine::with_variables(&[("GEMINI_CLI_HOME", "~/elsewhere")]);
    let chat = fixture_bytes(
        "gemini-cli/captured-0.61.0-other-minute/after-first/.gemini/tmp/proj/chats/session-2026-11-24T23-06-6f6d1a3e.jsonl",
    );
    machine.write("elsewhere/.gemini/tmp/proj/chats/session-1.jsonl", &chat);
    machine.write(".gemini/tmp/proj/chats/session-1.jsonl", &chat);
    let report = machine.scan();
    assert_eq!((report.files_seen, report.records_added), (1, 2));
}
