//! `spend doctor`: what is read and how, what was skipped, assumed and has no price.

use std::fs;

use serde_json::{Value, json};
use spendmeter_core::ledger::Ledger;
use spendmeter_core::ledger::watches::PolledRoot;
use spendmeter_core::pricing::{Look, LookOutcome};

use crate::home::{Home, text};

#[test]
fn doctor_tells_of_the_last_look_for_newer_prices() {
    let home = Home::of_opus();
    assert_eq!(home.json(&["doctor"])["prices_last_looked_for"], Value::Null);
    let mut ledger = Ledger::open(&home.path("data/ledger.db")).unwrap();
    ledger.look_daily(true).unwrap();
    let at = "2026-11-26T10:00:00Z".parse().unwrap();
    ledger.note_look(&Look { at, outcome: LookOutcome::NothingNew }).unwrap();
    let looked = home.json(&["doctor"])["prices_last_looked_for"].clone();
    assert_eq!(looked["at"], "2026-11-26T11:00:00+01:00", "{looked}");
    assert!(home.text(&["doctor"]).contains(", last 2026-11-26T11:00:00+01:00: nothing new"));
}

#[test]
fn doctor_tells_of_an_agent_that_cannot_be_counted() {
    let home = Home::of_two_agents();
    let told = "found, cannot be counted, because its files carry no reliable token counts";
    assert!(!home.text(&["doctor"]).contains("Cursor"));
    fs::create_dir_all(home.path(".cursor/projects")).unwrap();
    // With a ledger and without one.
    for _ in 0..2 {
        let doctor = home.spend(&["doctor"]);
        assert!(doctor.status.success());
        assert!(text(&doctor.stdout).contains(told), "{}", text(&doctor.stdout));
        home.spend(&["scan"]);
    }
    let sources = home.json(&["doctor"])["sources"].as_array().unwrap().clone();
    let cursor = sources.iter().find(|source| source["id"] == "cursor").unwrap();
    assert_eq!(cursor["state"], "not_counted");
}

#[test]
fn doctor_tells_what_is_read_and_what_has_no_price() {
    let home = Home::of_two_agents();
    home.lay_out("claude-code/agentic-wallet.openrouter-no-requestId.jsonl", ".claude/projects/w/s.jsonl");
    home.spend(&["scan"]);
    let doctor = home.json(&["doctor"]);
    assert_eq!((&doctor["sources"][0]["state"], &doctor["sources"][0]["files"]), (&"live".into(), &2.into()));
    assert_eq!(doctor["unpriced"][0]["model"], "nvidia/nemotron-3-super-120b-a12b-20230311:free");
    assert_eq!(doctor["time_zone"], "Europe/Berlin");
}

#[test]
fn t25_doctor_tells_what_the_running_app_polls_and_nothing_of_the_last_run() {
    let home = Home::of_two_agents();
    home.spend(&["scan"]);
    let mut ledger = Ledger::open(&home.path("data/ledger.db")).unwrap();
    let root = |below: &str, folders_watched, folders_polled| PolledRoot {
        path: home.path(below).to_string_lossy().into_owned(),
        folders_watched,
        folders_polled,
        reason: "the limit is reached".into(),
    };
    ledger
        .set_polled_roots(vec![root(".codex/sessions", 1_900, 100), root(".codex/archived_sessions", 30, 20)])
        .unwrap();
    let doctor = home.text(&["doctor"]);
    assert!(doctor.contains("Tray app     not running\n") && !doctor.contains("polled"), "{doctor}");
    assert_eq!(
        (&home.json(&["doctor"])["app_running"], &home.json(&["doctor"])["polled"]),
        (&false.into(), &Value::Null)
    );

    let _running = ledger.announce_watching().unwrap();
    let doctor = home.text(&["doctor"]);
    assert!(doctor.contains("Tray app     running\n"), "{doctor}");
    assert!(doctor.contains("Claude Code  read, 1 file\n"), "{doctor}");
    assert!(
        doctor.contains("Codex        read, 1 file; 120 of 2,050 folders polled every 30 s: the limit is reached\n"),
        "{doctor}"
    );
    let json = home.json(&["doctor"]);
    assert_eq!(json["app_running"], true);
    assert_eq!(
        (&json["polled"][1]["folders_polled"], &json["polled"][1]["folders_watched"]),
        (&100.into(), &1_900.into())
    );
    assert!(json["polled"][1]["path"].as_str().unwrap().ends_with("/.codex/sessions"));
}

#[test]
fn doctor_says_where_lines_were_skipped_and_why() {
    let home = Home::of_two_agents();
    let log = home.path(".claude/projects/fundwise/session.jsonl");
    let good = fs::read_to_string(&log).unwrap();
    let (first, rest) = good.split_once('\n').unwrap();
    fs::write(&log, format!("{first}\n{{\"type\":\"assistant\",\"usage\"\n{rest}")).unwrap();
    home.json(&["scan"]);
    let doctor = home.json(&["doctor"]);
    assert_eq!(doctor["skipped"][0]["source"], "claude-code");
    assert_eq!(
        (doctor["skipped"][0]["lines"].as_u64(), doctor["skipped"][0]["first"][0]["line"].as_u64()),
        (Some(1), Some(2))
    );
    let said = home.text(&["doctor"]);
    assert!(said.contains("1 line skipped, as not understood:"), "{said}");
    assert!(said.contains("session.jsonl:2: "), "{said}");
    let report = home.json(&["report", "--by", "agent"]);
    assert_eq!(report["totals"]["requests"], 71 + 18, "and nothing else was lost");
}

#[test]
fn doctor_tells_nothing_of_lines_in_logs_that_are_gone() {
    let home = Home::of_two_agents();
    let logs = ["a", "b"].map(|name| home.path(&format!(".claude/projects/fundwise/{name}.jsonl")));
    for log in &logs {
        fs::write(log, "{\"type\":\"assistant\",\"usage\"\n".repeat(12)).unwrap();
    }
    home.json(&["scan"]);
    let skipped = || home.json(&["doctor"])["skipped"].clone();
    assert_eq!((&skipped()[0]["lines"], skipped()[0]["first"].as_array().unwrap().len()), (&24.into(), 10));
    fs::remove_file(&logs[0]).unwrap();
    assert_eq!(skipped()[0]["lines"], 12);
    let first = skipped()[0]["first"].as_array().unwrap().clone();
    assert!(first.len() == 10 && first.iter().all(|line| line["path"].as_str().unwrap().ends_with("/b.jsonl")));
    // Gone while nobody looked: it makes no difference whether a pass has noticed.
    home.json(&["scan"]);
    assert_eq!(skipped()[0]["lines"], 12);
    fs::remove_file(&logs[1]).unwrap();
    assert_eq!(skipped(), Value::Array(vec![]));
    assert!(!home.text(&["doctor"]).contains("not understood"));
    let report = home.json(&["report", "--by", "agent"]);
    assert_eq!(report["totals"]["requests"], 71 + 18, "calls stay");
}

#[test]
fn doctor_tells_what_had_to_be_assumed_of_which_model() {
    let home = Home::of_opus();
    // No list has a price for Sonnet run fast.
    let usage = json!({ "input_tokens": 1_000, "output_tokens": 500, "speed": "fast" });
    let message = json!({ "id": "msg_fast", "model": "claude-sonnet-5-5", "usage": usage });
    let line =
        json!({ "type": "assistant", "timestamp": "2026-11-25T10:00:00Z", "message": message, "requestId": "r" });
    fs::write(home.path(".claude/projects/fundwise/fast.jsonl"), format!("{line}\n")).unwrap();
    home.spend(&["scan"]);
    let told = home.text(&["doctor"]);
    let assumed = "assumed      claude-sonnet-5-5: 1 call, 1.5 K tokens; the way the call was run, its region";
    assert!(told.contains(assumed), "{told}");
    assert_eq!(told.matches("assumed").count(), 1, "of Opus nothing had to be: {told}");
    let priced = home.json(&["doctor"])["priced"].clone();
    assert_eq!((&priced[0]["status"], &priced[0]["requests"]), (&"priced".into(), &71.into()));
    assert_eq!((&priced[1]["status"], &priced[1]["tokens"]), (&"tier_assumed".into(), &1_500.into()));
}
