//! The real program on a home in a temporary folder: what it prints, and how it exits.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up should panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use spendmeter_core::ledger::Ledger;
use spendmeter_core::ledger::watches::PolledRoot;
use tempfile::TempDir;

struct Home {
    folder: TempDir,
}

impl Home {
    /// With a transcript of Claude Code and a rollout of Codex.
    fn new() -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        home.lay_out("claude-code/fundwise.jsonl", ".claude/projects/fundwise/session.jsonl");
        home.lay_out("codex/raze-0.114.reemits.jsonl", ".codex/sessions/2026/03/12/rollout-raze.jsonl");
        home
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn lay_out(&self, sample: &str, below: &str) {
        let to = self.path(below);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
        fs::copy(samples.join(sample), to).unwrap();
    }

    /// Runs `spend` with nothing of this machine's environment.
    fn spend(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_spend"))
            .env_clear()
            .args(["--home", &self.path("").to_string_lossy(), "--data-dir", &self.path("data").to_string_lossy()])
            .args(["--timezone", "Europe/Berlin", "--now", "2026-11-24T12:00:00Z"])
            .args(arguments)
            .output()
            .unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.spend(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn scan_tells_what_it_did_and_a_second_one_has_nothing_to_do() {
    let home = Home::new();
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
fn report_cuts_by_all_that_is_asked_for() {
    let home = Home::new();
    home.spend(&["scan"]);
    let report = home.json(&["report", "--by", "model,project,session,agent"]);
    let row = &report["rows"][0];
    assert_eq!(row["model"], "claude-opus-4-7");
    assert_eq!(row["agent"], "claude-code");
    assert_eq!(row["project"], "user/p00/p01", "as much of the folder as tells it from the other p01");
    assert!(row["project_folder"].as_str().unwrap().ends_with("/p01"));
    assert_eq!(row["requests"], 71);
    assert_eq!(row["tokens"]["cache_write_long"], 120_202);
    // 11,690 × $5/M + 6,580,578 × $0.50/M + 120,202 × $10/M + 55,656 × $25/M
    assert_eq!((&row["cost_usd"], &row["basis"]), (&"5.942159".into(), &"estimated".into()));
    // Codex: 96,556 × $2.50/M + 1,160,576 × $0.25/M + 19,360 × $15/M = $0.821934
    assert_eq!(report["totals"]["cost_usd"], "6.764093");
    assert_eq!(report["totals"]["requests"], 89);
    assert_eq!(report["as_of"], "2026-11-24T13:00:00+01:00");
}

#[test]
fn report_can_be_narrowed_by_time_and_by_value() {
    let home = Home::new();
    home.spend(&["scan"]);
    let requests = |arguments: &[&str]| {
        home.json(&[&["report", "--by", "agent"], arguments].concat())["totals"]["requests"].clone()
    };
    assert_eq!(requests(&["--agent", "codex"]), 18);
    assert_eq!(requests(&["--project", "user/p00/p01"]), 71);
    assert_eq!(requests(&["--last", "7d"]), 0);
    assert_eq!(requests(&["--from", "2026-03-01", "--to", "2026-03-31"]), 18);
    assert_eq!(requests(&["--week", "2026-W11"]), 18);
    assert_eq!(requests(&["--week", "2026-W12"]), 0);
    let ambiguous = home.spend(&["report", "--by", "agent", "--project", "p01"]);
    assert_eq!(ambiguous.status.code(), Some(1));
    assert!(text(&ambiguous.stderr).contains("user/p00/p01") && text(&ambiguous.stderr).contains("code/p00/p01"));
    let unknown = home.spend(&["report", "--by", "agent", "--project", "nothing"]);
    assert!(text(&unknown.stderr).contains("no project called `nothing`"), "{}", text(&unknown.stderr));
}

#[test]
fn csv_is_for_spreadsheets_and_cannot_run_in_them() {
    let home = Home::new();
    let evil = r#"{"type":"assistant","timestamp":"2026-11-24T07:00:00Z","gitBranch":"=HYPERLINK(\"x\"),\"y\"","message":{"id":"msg_1","model":"claude-opus-5-5","usage":{"output_tokens":1}}}"#;
    fs::write(home.path(".claude/projects/fundwise/evil.jsonl"), format!("{evil}\n")).unwrap();
    home.spend(&["scan"]);
    let output = text(&home.spend(&["report", "--by", "branch", "--last", "1d", "--csv"]).stdout);
    let expected = "branch,requests,input,cache_read,cache_write_short,cache_write_long,output,reasoning,cost_usd,basis,unpriced_tokens,cost_low_usd,cost_high_usd,coverage\n\
                    \"'=HYPERLINK(\"\"x\"\"),\"\"y\"\"\",1,0,0,0,0,1,0,0.00002,estimated,0,0.00002,0.00002,1.000\n";
    assert_eq!(output, expected);
}

/// Today's calls: one by Codex, whose input may have been written to a cache, one that `OpenRouter` billed, one of Claude
/// Code and one of a model that nobody has heard of.
fn with_calls_of_today() -> Home {
    let home = Home { folder: tempfile::tempdir().unwrap() };
    let write = |below: &str, content: &str| {
        fs::create_dir_all(home.path(below).parent().unwrap()).unwrap();
        fs::write(home.path(below), content).unwrap();
    };
    let call = |id: &str, model: &str, usage: &str| {
        format!(
            r#"{{"type":"assistant","timestamp":"2026-11-24T07:00:00Z","cwd":"/src/app","message":{{"id":"{id}","model":"{model}","usage":{{{usage}}}}}}}"#
        ) + "\n"
    };
    let log = call("msg_1", "claude-opus-5-5", r#""output_tokens":200000"#)
        + &call("msg_2", "nova-9", r#""output_tokens":34000"#);
    write(".claude/projects/p/s.jsonl", &log);
    let rows = [
        r#"{"timestamp":"2026-11-24T07:00:00Z","type":"session_meta","payload":{"id":"c1","cwd":"/src/app"}}"#,
        r#"{"timestamp":"2026-11-24T07:00:01Z","type":"turn_context","payload":{"model":"gpt-5.6-sol","turn_id":"t1"}}"#,
        r#"{"timestamp":"2026-11-24T07:00:02Z","type":"token_usage_record","payload":{"thread_id":"c1","turn_id":"t1","response_id":"resp_1","usage":{"input_tokens":200000,"cached_input_tokens":0,"cache_write_input_tokens":0,"output_tokens":0,"reasoning_output_tokens":0,"total_tokens":200000}}}"#,
    ];
    write(".codex/sessions/2026/11/24/rollout-2026-11-24T07-00-00-c1.jsonl", &(rows.join("\n") + "\n"));
    let message = r#"{"messages":[{"id":"m1","role":"assistant","ts":1795503600000,"modelInfo":{"id":"z-ai/glm-5.3","provider":"openrouter"},"metrics":{"inputTokens":10,"outputTokens":5,"cost":7.0000000014}}]}"#;
    write(".cline/data/sessions/s1/s1.json", r#"{"session_id":"s1","cwd":"/src/routed"}"#);
    write(".cline/data/sessions/s1/s1.messages.json", message);
    home.spend(&["scan"]);
    home
}

#[test]
fn t30_bill_and_estimate_stand_beside_each_other_with_their_range_and_what_has_no_price() {
    let home = with_calls_of_today();
    let report = home.json(&["report", "--by", "agent"]);
    let of = |agent: &str, field: &str| {
        let rows = report["rows"].as_array().unwrap();
        rows.iter().find(|row| row["agent"] == agent).unwrap()[field].clone()
    };
    // 200,000 × $4/M, or × $5/M if they were written to the cache, which Codex does not tell.
    assert_eq!(["cost_usd", "cost_low_usd", "cost_high_usd"].map(|field| of("codex", field)), ["0.8", "0.8", "1"]);
    assert_eq!(["cost_usd", "cost_low_usd", "cost_high_usd"].map(|field| of("cline", field)), ["7.000000001"; 3]);
    assert_eq!((of("cline", "basis"), of("codex", "basis")), ("billed".into(), "estimated".into()));
    // 200,000 of 234,000
    assert_eq!((of("claude-code", "coverage"), of("codex", "coverage")), ("0.854".into(), "1.000".into()));
    let totals = &report["totals"];
    assert_eq!((&totals["cost_usd"], &totals["cost_high_usd"]), (&"4.8".into(), &"5".into()));
    assert_eq!((&totals["billed_usd"], &totals["api_equivalent_usd"]), (&"7.000000001".into(), &Value::Null));
    assert_eq!((&totals["coverage"], &totals["unpriced_tokens"]), (&"0.921".into(), &34_000.into()));

    let report = text(&home.spend(&["report", "--by", "agent"]).stdout);
    let rows: Vec<String> = report.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        rows,
        [
            "agent requests input cached written output cost range basis no price",
            "cline 1 10 0 0 5 $7.00 billed",
            "claude-code 2 0 0 0 234 K $4.00 estimated 34 K tokens",
            "codex 1 200 K 0 0 0 $0.80 $0.80–1.00 estimated",
            "total 4 200 K 0 0 234 K $4.80 $4.80–5.00 estimated 34 K tokens",
            "Estimated from list prices: $4.80, $4.80–5.00 + 34 K tokens on 1 unpriced model: nova-9",
            "Not in the total: billed $7.00",
        ]
    );
    let today = text(&home.spend(&["today"]).stdout);
    let told = "Today         $4.80, $4.80–5.00 + 34 K tokens on 1 unpriced model, estimated from list prices\n              \
                billed $7.00\n";
    assert!(today.starts_with(told), "{today}");
    let month = "November      $4.80, $4.80–5.00 + 34 K tokens without a price, estimated from list prices\n              \
                 billed $7.00\n";
    assert!(today.contains(month), "{today}");
    assert!(today.contains("Top projects  $4.80, $4.80–5.00 + 34 K tokens without a price  app\n"), "{today}");
    assert!(today.contains("              $7.00 billed  routed\n"), "{today}");
}

#[test]
fn today_tells_nothing_used_and_nothing_known_apart() {
    let home = Home::new();
    home.spend(&["scan"]);
    assert_eq!(home.json(&["today"])["today"]["estimated"], "0");
    let home = Home { folder: tempfile::tempdir().unwrap() };
    home.spend(&["scan"]);
    let today = text(&home.spend(&["today"]).stdout);
    assert!(today.contains("Today         no data"), "{today}");
    assert!(!today.contains("$0.00"), "{today}");
    assert_eq!(home.json(&["today"])["today"]["estimated"], Value::Null);
}

#[test]
fn before_the_first_scan_it_says_what_to_do() {
    let home = Home::new();
    let output = home.spend(&["today"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("spend scan"), "{}", text(&output.stderr));
    let doctor = home.spend(&["doctor"]);
    assert!(doctor.status.success());
    assert!(text(&doctor.stdout).contains("not read yet"), "{}", text(&doctor.stdout));
}

#[test]
fn doctor_tells_of_an_agent_that_cannot_be_counted() {
    let home = Home::new();
    let told = "found, cannot be counted, because its files carry no reliable token counts";
    assert!(!text(&home.spend(&["doctor"]).stdout).contains("Cursor"));
    fs::create_dir_all(home.folder.path().join(".cursor/projects")).unwrap();
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
    let home = Home::new();
    home.lay_out("claude-code/agentic-wallet.openrouter-no-requestId.jsonl", ".claude/projects/w/s.jsonl");
    home.spend(&["scan"]);
    let doctor = home.json(&["doctor"]);
    assert_eq!((&doctor["sources"][0]["state"], &doctor["sources"][0]["files"]), (&"live".into(), &2.into()));
    assert_eq!(doctor["unpriced"][0]["model"], "nvidia/nemotron-3-super-120b-a12b-20230311:free");
    assert_eq!(doctor["time_zone"], "Europe/Berlin");
}

#[test]
fn t25_doctor_tells_what_the_running_app_polls_and_nothing_of_the_last_run() {
    let home = Home::new();
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
    let doctor = text(&home.spend(&["doctor"]).stdout);
    assert!(doctor.contains("Tray app     not running\n") && !doctor.contains("polled"), "{doctor}");
    assert_eq!(
        (&home.json(&["doctor"])["app_running"], &home.json(&["doctor"])["polled"]),
        (&false.into(), &Value::Null)
    );

    let _running = ledger.announce_watching().unwrap();
    let doctor = text(&home.spend(&["doctor"]).stdout);
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
fn the_exit_status_tells_failure_wrong_use_and_half_done_apart() {
    let home = Home::new();
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

/// So many calls, in a log of their own.
#[cfg(target_os = "linux")]
fn make_busy(home: &Home, calls: u32) {
    let filler = "x".repeat(400);
    let call = |number: u32| {
        format!(
            r#"{{"type":"assistant","requestId":"req_{number}","sessionId":"s","cwd":"/p","timestamp":"2026-11-24T07:00:00Z","message":{{"id":"msg_{number}","model":"claude-sonnet-4-5","content":"{filler}","usage":{{"input_tokens":10,"output_tokens":20}}}}}}"#
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
        home.folder.path().display()
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
        let home = Home::new();
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
    let home = Home::new();
    drawn_by_scan(&home, None, "");
    assert_eq!(drawn_by_scan(&home, Some("xterm"), "").0, "", "nothing is left to read");
}

#[test]
fn it_runs_beside_another_that_writes() {
    let home = Home::new();
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

#[test]
fn doctor_says_where_lines_were_skipped_and_why() {
    let home = Home::new();
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
    let said = text(&home.spend(&["doctor"]).stdout);
    assert!(said.contains("1 line skipped, as not understood:"), "{said}");
    assert!(said.contains("session.jsonl:2: "), "{said}");
    let report = home.json(&["report", "--by", "agent"]);
    assert_eq!(report["totals"]["requests"], 71 + 18, "and nothing else was lost");
}

#[test]
fn doctor_tells_nothing_of_lines_in_logs_that_are_gone() {
    let home = Home::new();
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
    assert!(!text(&home.spend(&["doctor"]).stdout).contains("not understood"));
    let report = home.json(&["report", "--by", "agent"]);
    assert_eq!(report["totals"]["requests"], 71 + 18, "calls stay");
}
