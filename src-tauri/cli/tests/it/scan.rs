//! `spend scan`: what it did, what it draws on a terminal, how it exits.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::home::{Home, text};

#[test]
fn scan_tells_what_it_did_and_a_second_one_has_nothing_to_do() {
    let home = Home::of_two_agents();
    let first = home.json(&["scan"]);
    assert_eq!(
        (&first["files_seen"], &first["files_read"], &first["records_added"]),
        (&2.into(), &2.into(), &89.into())
    );
    assert_eq!(first["bytes_read"], 752_117 + 546_567);
    assert!(first["elapsed_ms"].is_u64());
    let second = home.json(&["scan"]);
    for nothing in ["files_read", "bytes_read", "records_added", "records_updated", "records_unpriced", "rows_written"]
    {
        assert_eq!(second[nothing], 0, "{nothing}");
    }
}

#[test]
fn before_the_first_scan_it_says_what_to_do() {
    let home = Home::of_two_agents();
    let output = home.spend(&["today"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("spend scan"), "{}", text(&output.stderr));
    let doctor = home.spend(&["doctor"]);
    assert!(doctor.status.success());
    assert!(text(&doctor.stdout).contains("not read yet"), "{}", text(&doctor.stdout));
}

#[test]
fn the_exit_status_tells_failure_wrong_use_and_half_done_apart() {
    let home = Home::of_two_agents();
    assert_eq!(home.spend(&["scan"]).status.code(), Some(0));
    assert_eq!(home.spend(&["report", "--by", "colour"]).status.code(), Some(2));
    assert_eq!(home.spend(&["today", "--timezone", "Mars/Olympus"]).status.code(), Some(2));
    assert_eq!(
        home.spend(&["report", "--by", "day", "--from", "2026-12-01", "--to", "2026-11-01"]).status.code(),
        Some(2)
    );
    assert_eq!(home.spend(&["report", "--by", "day,day"]).status.code(), Some(2));
    fs::write(home.path(".codex/sessions/broken.jsonl.zst"), "no zstd frame").unwrap();
    let output = home.spend(&["scan"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("broken.jsonl.zst"), "{}", text(&output.stderr));
    fs::write(
        home.path("data/ledger.db"),
        "not a ledger at all, but long enough to have a header of its own ".repeat(99),
    )
    .unwrap();
    for side in ["ledger.db-wal", "ledger.db-shm"] {
        let _ = fs::remove_file(home.path("data").join(side));
    }
    let output = home.spend(&["scan"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("not a readable ledger"), "{}", text(&output.stderr));
}

#[test]
fn it_runs_beside_another_that_writes() {
    let home = Home::of_two_agents();
    let arguments =
        |home: &Home| ["--home".into(), home.path(""), "--data-dir".into(), home.path("data"), "scan".into()];
    let running: Vec<_> = (0..4)
        .map(|_| Command::new(env!("CARGO_BIN_EXE_spend")).env_clear().args(arguments(&home)).spawn().unwrap())
        .collect();
    for mut one in running {
        assert!(one.wait().unwrap().success());
    }
    assert_eq!(home.json(&["report", "--by", "agent"])["totals"]["requests"], 89);
}

/// So many calls, in a log of their own.
#[cfg(target_os = "linux")]
fn make_busy(home: &Home, calls: u32) {
    let filler = "x".repeat(400);
    let call = |number: u32| {
        format!(
            r#"{{"type":"assistant","requestId":"req_{number}","sessionId":"s","cwd":"/p","timestamp":"2026-11-26T07:00:00Z","message":{{"id":"msg_{number}","model":"claude-sonnet-4-5","content":"{filler}","usage":{{"input_tokens":10,"output_tokens":20}}}}}}"#
        ) + "\n"
    };
    fs::write(home.path(".claude/projects/fundwise/busy.jsonl"), (0..calls).map(call).collect::<String>()).unwrap();
}

/// Runs `spend scan` with standard error on a terminal of this kind, or into a pipe; gives what was drawn there, and how
/// many milliseconds the pass took.
#[cfg(target_os = "linux")]
fn drawn_by_scan(home: &Home, terminal: Option<&str>, arguments: &str) -> (String, u64) {
    let scan = format!(
        "env -i TERM={} '{}' --home '{2}' --data-dir '{2}/data' scan {arguments} > '{2}/report'",
        terminal.unwrap_or("xterm"),
        env!("CARGO_BIN_EXE_spend"),
        home.path("").display()
    );
    // `script`, of util-linux, runs it on a pseudo-terminal and passes on what is drawn there.
    let command = if terminal.is_some() { ["script", "-qec", &scan, "/dev/null"] } else { ["sh", "-c", &scan, ""] };
    let output = Command::new(command[0]).args(&command[1..]).output().unwrap();
    let drawn = if terminal.is_some() { &output.stdout } else { &output.stderr };
    assert!(output.status.success(), "{}", text(drawn));
    let report = fs::read_to_string(home.path("report")).unwrap();
    let took = match serde_json::from_str::<Value>(&report) {
        Ok(report) => report["elapsed_ms"].as_u64(),
        Err(_) => report.split(" ms").next().and_then(|before| before.rsplit(' ').next()?.parse().ok()),
    };
    (text(drawn), took.unwrap())
}

/// What is drawn by a scan that takes more than a moment, however quick the machine is.
#[cfg(target_os = "linux")]
fn drawn_by_long_scan(terminal: Option<&str>, arguments: &str) -> String {
    for calls in [40_000, 160_000, 640_000] {
        let home = Home::of_two_agents();
        make_busy(&home, calls);
        let (drawn, took) = drawn_by_scan(&home, terminal, arguments);
        if took > 600 {
            return drawn;
        }
    }
    panic!("too quick to tell");
}

#[test]
#[cfg(target_os = "linux")]
fn a_scan_that_takes_a_moment_shows_what_is_left_on_a_terminal_and_clears_it() {
    let drawn = drawn_by_long_scan(Some("xterm"), "");
    assert!(drawn.contains("MiB of ") && drawn.contains("/s, ") && drawn.contains(" left"), "{drawn:?}");
    assert!(drawn.ends_with("\r\u{1b}[2K"), "it is cleared: {drawn:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn there_is_no_bar_where_it_cannot_be_drawn_is_not_wanted_or_not_worth_it() {
    for (terminal, arguments) in [(None, ""), (Some("dumb"), ""), (Some("xterm"), "--json")] {
        assert_eq!(drawn_by_long_scan(terminal, arguments), "", "{terminal:?} {arguments}");
    }
    let home = Home::of_two_agents();
    drawn_by_scan(&home, None, "");
    assert_eq!(drawn_by_scan(&home, Some("xterm"), "").0, "", "nothing is left to read");
}
