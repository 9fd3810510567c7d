//! Claude Code's transcripts, whole: repetitions, subagents, forks and side questions.

use crate::machine::{Machine, first_lines, fixture_bytes};

const CAPTURED: &str = "claude-code/captured-2.1.330/projects";

#[test]
fn t01_a_message_of_several_lines_is_one_call() {
    let mut machine = Machine::new();
    machine.write(".claude/projects/p/s.jsonl", fixture_bytes("claude-code/fundwise.jsonl"));
    machine.scan();
    // 132 lines; summed blindly they would be 145,326 tokens of output.
    assert_eq!((machine.total().requests, machine.total().tokens.output), (71, 55_656));
}

#[test]
fn t02_figures_that_grow_while_the_answer_streams_end_at_the_last() {
    let line = |output: u64| {
        format!(
            r#"{{"type":"assistant","timestamp":"2026-11-24T07:00:0{}Z","sessionId":"s","message":{{"id":"msg_1","model":"claude-opus-5-5","usage":{{"input_tokens":8,"output_tokens":{output}}}}}}}"#,
            output % 10
        ) + "\n"
    };
    let mut machine = Machine::new();
    machine.write(".claude/projects/p/s.jsonl", line(40) + &line(40) + &line(351));
    machine.scan();
    assert_eq!((machine.total().requests, machine.total().tokens.output), (1, 351));
    // The rest of the answer comes in a later scan: 8 × $4/M + 995 × $20/M.
    machine.append(".claude/projects/p/s.jsonl", line(995));
    let report = machine.scan();
    assert_eq!((report.records_added, report.records_updated), (0, 1));
    let total = machine.total();
    assert_eq!((total.requests, total.tokens.output), (1, 995));
    assert_eq!(total.estimated.unwrap().to_string(), "0.019932");
}

#[test]
fn t03_requests_without_a_request_id_neither_collapse_nor_double() {
    let mut machine = Machine::new();
    machine
        .write(".claude/projects/p/s.jsonl", fixture_bytes("claude-code/agentic-wallet.openrouter-no-requestId.jsonl"));
    machine.scan();
    assert_eq!((machine.total().requests, machine.total().tokens.input), (2, 53_272));
}

#[test]
fn t04_subagents_count_and_their_replays_do_not() {
    let mut machine = Machine::new();
    machine.lay_out(CAPTURED, ".claude/projects");
    machine.scan();
    assert_eq!(machine.total().requests, 6);
    let sessions: Vec<_> =
        machine.report("session").rows.into_iter().map(|row| (row.values[0].clone(), row.requests)).collect();
    // The subagent's call is its parent's session's; the fork has only what it did itself.
    assert_eq!(
        sessions,
        [
            ("afa5c8ec-890c-4f27-96a3-9b0396f59ca2".to_owned(), 5),
            ("c4738220-26f1-4919-9ff4-ff9025946da6".to_owned(), 1)
        ]
    );
    // A side question replays the conversation in a transcript of its own, with other request ids.
    let main = fixture_bytes(&format!("{CAPTURED}/-tmp-cap-claude330-proj/afa5c8ec-890c-4f27-96a3-9b0396f59ca2.jsonl"));
    let replay = String::from_utf8(main)
        .unwrap()
        .replace("\"isSidechain\":false", "\"isSidechain\":true")
        .replace("req_", "req_btw_");
    machine.write(".claude/projects/-tmp-cap-claude330-proj/side.jsonl", replay);
    let report = machine.scan();
    assert_eq!((report.records_added, machine.total().requests), (0, 6));
}

#[test]
fn t04_a_replay_that_is_read_first_gives_way_to_the_original() {
    let original = r#"{"type":"assistant","timestamp":"2026-11-24T07:00:00Z","sessionId":"main","message":{"id":"msg_1","usage":{"output_tokens":5}}}"#;
    let replay = original.replace("\"main\"", "\"side\",\"isSidechain\":true");
    let mut machine = Machine::new();
    machine.write(".claude/projects/p/side.jsonl", replay + "\n");
    machine.scan();
    assert_eq!(machine.report("session").rows[0].values, ["side"]);
    machine.write(".claude/projects/p/main.jsonl", format!("{original}\n"));
    machine.scan();
    let report = machine.report("session");
    assert_eq!((report.rows.len(), report.rows[0].values[0].as_str(), report.rows[0].requests), (1, "main", 1));
}

#[test]
fn t05_a_fork_that_does_not_say_so_adds_only_its_own() {
    let parent = fixture_bytes("claude-code/fundwise.jsonl");
    let half = first_lines(&parent, 120).to_vec();
    let requests = |log: &[u8]| {
        let mut machine = Machine::new();
        machine.write(".claude/projects/p/only.jsonl", log);
        machine.scan();
        machine.total().requests
    };
    let mut machine = Machine::new();
    machine.write(".claude/projects/p/parent.jsonl", &half);
    machine.scan();
    let text = String::from_utf8(parent.clone()).unwrap();
    let session = text.split("\"sessionId\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    machine.write(".claude/projects/p/fork.jsonl", text.replace(session, "00000000-0000-4000-8000-000000000000"));
    machine.scan();
    let rows = machine.report("session").rows;
    let of = |id: &str| rows.iter().find(|row| row.values[0] == id).map_or(0, |row| row.requests);
    assert_eq!(of(session), requests(&half), "the file that was there first owns what both have");
    assert_eq!(of("00000000-0000-4000-8000-000000000000"), 71 - requests(&half));
}

#[test]
fn t05_a_conversation_that_goes_on_owns_what_its_fork_took_along() {
    let log = fixture_bytes("claude-code/fundwise.jsonl");
    let half = String::from_utf8(first_lines(&log, 120).to_vec()).unwrap();
    let session = half.split("\"sessionId\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let mut machine = Machine::new();
    let parent = machine.write(".claude/projects/p/a.jsonl", &half);
    machine.write(".claude/projects/p/b.jsonl", half.replace(session, "00000000-0000-4000-8000-000000000000"));
    // Written to long after the fork was; begun before it, which only the file's birth tells.
    let later = std::fs::metadata(&parent).unwrap().modified().unwrap() + std::time::Duration::from_hours(1);
    std::fs::File::options().append(true).open(&parent).unwrap().set_modified(later).unwrap();
    machine.scan();
    let sessions: Vec<_> = machine.report("session").rows.into_iter().map(|row| row.values).collect();
    assert_eq!(sessions, [[session.to_owned()]]);
}

#[test]
fn t09_a_model_without_a_price_is_named_beside_the_total() {
    let mut machine = Machine::new();
    machine
        .write(".claude/projects/p/a.jsonl", fixture_bytes("claude-code/agentic-wallet.openrouter-no-requestId.jsonl"));
    machine.scan();
    let total = machine.total();
    assert_eq!((total.estimated, total.unpriced_tokens), (None, 53_407), "nothing is known, so nothing is claimed");
    machine.write(".claude/projects/p/b.jsonl", fixture_bytes("claude-code/fundwise.jsonl"));
    machine.scan();
    let total = machine.total();
    // 11,690 × $5/M + 6,580,578 × $0.50/M + 120,202 × $10/M + 55,656 × $25/M: every write is a 1-hour one.
    assert_eq!(total.estimated.unwrap().to_string(), "5.942159");
    assert_eq!(total.unpriced_tokens, 53_407);
    let unpriced = machine.viewpoint().unpriced(spendmeter_core::calendar::TimeRange::EVER, &[]).unwrap();
    assert_eq!(unpriced[0].model, "nvidia/nemotron-3-super-120b-a12b-20230311:free");
}

#[test]
fn t23_the_project_is_the_working_folder_and_not_the_name_of_the_log_folder() {
    let mut machine = Machine::new();
    machine.lay_out(CAPTURED, ".claude/projects");
    machine.scan();
    assert_eq!(machine.report("project").rows[0].values, ["/p00/p01/p02/p03"]);
}

#[test]
fn what_turns_out_to_have_been_another_model_is_priced_as_that() {
    let line = |model: &str, side: bool| {
        format!(
            r#"{{"type":"assistant","timestamp":"2026-11-24T07:00:00Z","sessionId":"s","isSidechain":{side},"message":{{"id":"msg_1","model":"{model}","usage":{{"output_tokens":1000000}}}}}}"#
        ) + "\n"
    };
    let mut machine = Machine::new();
    machine.write(".claude/projects/p/side.jsonl", line("unheard-of", true));
    machine.scan();
    assert_eq!(machine.total().estimated, None);
    machine.write(".claude/projects/p/main.jsonl", line("claude-opus-5-5", false));
    machine.scan();
    assert_eq!(machine.total().estimated.unwrap().to_string(), "20");
    assert_eq!(machine.total().unpriced_tokens, 0);
}
