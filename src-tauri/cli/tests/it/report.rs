//! `spend report` and `spend today`: every amount with what is known of it.

use std::fs;

use serde_json::{Value, json};

use crate::home::{Home, text};

#[test]
fn report_cuts_by_all_that_is_asked_for() {
    let home = Home::of_two_agents();
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
    assert_eq!(report["as_of"], "2026-11-26T13:00:00+01:00");
}

#[test]
fn report_can_be_narrowed_by_time_and_by_value() {
    let home = Home::of_two_agents();
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
    let home = Home::of_two_agents();
    let evil = r#"{"type":"assistant","timestamp":"2026-11-26T07:00:00Z","gitBranch":"=HYPERLINK(\"x\"),\"y\"","message":{"id":"msg_1","model":"claude-opus-5-5","usage":{"output_tokens":1}}}"#;
    fs::write(home.path(".claude/projects/fundwise/evil.jsonl"), format!("{evil}\n")).unwrap();
    home.spend(&["scan"]);
    let output = home.text(&["report", "--by", "branch", "--last", "1d", "--csv"]);
    let expected = "branch,requests,input,cache_read,cache_write_short,cache_write_long,output,reasoning,cost_usd,basis,unpriced_tokens,cost_low_usd,cost_high_usd,coverage\n\
                    \"'=HYPERLINK(\"\"x\"\"),\"\"y\"\"\",1,0,0,0,0,1,0,0.00002,estimated,0,0.00002,0.00002,1.000\n";
    assert_eq!(output, expected);
}

/// Today's calls: one by Codex, whose input may have been written to a cache, one that `OpenRouter` billed, one of Claude
/// Code and one of a model that nobody has heard of.
fn with_calls_of_today() -> Home {
    let home = Home::empty();
    let write = |below: &str, content: &str| {
        fs::create_dir_all(home.path(below).parent().unwrap()).unwrap();
        fs::write(home.path(below), content).unwrap();
    };
    let call = |id: &str, model: &str, usage: &str| {
        format!(
            r#"{{"type":"assistant","timestamp":"2026-11-26T07:00:00Z","cwd":"/src/app","message":{{"id":"{id}","model":"{model}","usage":{{{usage}}}}}}}"#
        ) + "\n"
    };
    let log = call("msg_1", "claude-opus-5-5", r#""output_tokens":200000"#)
        + &call("msg_2", "nova-9", r#""output_tokens":34000"#);
    write(".claude/projects/p/s.jsonl", &log);
    let rows = [
        r#"{"timestamp":"2026-11-26T07:00:00Z","type":"session_meta","payload":{"id":"c1","cwd":"/src/app"}}"#,
        r#"{"timestamp":"2026-11-26T07:00:01Z","type":"turn_context","payload":{"model":"gpt-5.6-sol","turn_id":"t1"}}"#,
        r#"{"timestamp":"2026-11-26T07:00:02Z","type":"token_usage_record","payload":{"thread_id":"c1","turn_id":"t1","response_id":"resp_1","usage":{"input_tokens":200000,"cached_input_tokens":0,"cache_write_input_tokens":0,"output_tokens":0,"reasoning_output_tokens":0,"total_tokens":200000}}}"#,
    ];
    write(".codex/sessions/2026/11/26/rollout-2026-11-26T07-00-00-c1.jsonl", &(rows.join("\n") + "\n"));
    let message = r#"{"messages":[{"id":"m1","role":"assistant","ts":1795676400000,"modelInfo":{"id":"z-ai/glm-5.3","provider":"openrouter"},"metrics":{"inputTokens":10,"outputTokens":5,"cost":7.0000000014}}]}"#;
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
    let nova = json!({ "model": "nova-9", "provider": "anthropic", "is_apart": false, "tokens": 34_000 });
    assert_eq!(totals["unpriced_models"], json!([nova]));

    let report = home.text(&["report", "--by", "agent"]);
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
    let today = home.text(&["today"]);
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
    let home = Home::of_two_agents();
    home.spend(&["scan"]);
    assert_eq!(home.json(&["today"])["today"]["estimated"], "0");
    let home = Home::empty();
    home.spend(&["scan"]);
    let today = home.text(&["today"]);
    assert!(today.contains("Today         no data"), "{today}");
    assert!(!today.contains("$0.00"), "{today}");
    assert_eq!(home.json(&["today"])["today"]["estimated"], Value::Null);
}

#[test]
fn what_has_no_price_under_a_plan_is_no_estimate() {
    let home = Home::of_opus();
    home.call("msg_1", "nova");
    home.json(&["plan", "set", "claude-code", "anthropic/max_20x", "--yes"]);
    let report = home.text(&["report", "--by", "agent"]);
    assert!(report.contains("\nIn no amount: 1.0 M tokens on 1 unpriced model: nova\n"), "{report}");
    assert!(!report.contains("Estimated"), "{report}");
}

#[test]
fn a_name_that_has_a_price_at_one_provider_alone_is_told_with_the_other() {
    let home = Home::of_opus();
    let global = "global.anthropic.claude-opus-5-5";
    home.call("msg_bdrk_1", global);
    home.call("msg_1", global);
    home.call("msg_2", "nova");
    let report = home.text(&["report", "--by", "model"]);
    let told = format!("+ 2.0 M tokens on 2 unpriced models: {global} of anthropic, nova\n");
    assert!(report.contains(&told), "{report}");
    let unpriced = &home.json(&["report", "--by", "model"])["totals"]["unpriced_models"];
    let of = |model: &str, is_apart: bool| json!({ "model": model, "provider": "anthropic", "is_apart": is_apart, "tokens": 1_000_000 });
    assert_eq!(*unpriced, json!([of(global, true), of("nova", false)]));
    // Where several served it, and none has a price, it is one.
    home.call("gen-3", "nova");
    let unpriced = &home.json(&["report", "--by", "model"])["totals"]["unpriced_models"];
    assert_eq!(unpriced[0], json!({ "model": "nova", "provider": null, "is_apart": false, "tokens": 2_000_000 }));
    let doctor = home.text(&["doctor"]);
    assert!(doctor.contains(&format!("no price     {global} of anthropic: 1.0 M tokens")), "{doctor}");
}
