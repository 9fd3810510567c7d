//! What a person decides of prices: previewed, made, logged, taken back.

use serde_json::{Value, json};

use crate::home::Home;

#[test]
fn t10_nothing_is_changed_before_somebody_agrees_and_it_can_be_taken_back() {
    let home = Home::of_opus();
    let set = ["prices", "set", "claude-opus-4-7", "--input", "1", "--output", "1"];
    let preview = home.json(&set);
    assert_eq!((&preview["applied"], &preview["restated"]["calls"]), (&false.into(), &71.into()));
    assert_eq!(home.totals(), [json!("5.942159"), Value::Null]);
    let said = home.text(&set);
    assert!(said.starts_with("71 past calls change: ") && said.contains("Nothing was changed"), "{said}");
    // 11_690 + 6_580_578 + 120_202 + 55_656 tokens at $1/M
    assert_eq!(home.json(&[&set[..], &["--yes"]].concat())["applied"], true);
    assert_eq!(home.totals()[0], "6.768126");
    let undo = ["prices", "undo"];
    let preview = home.json(&undo);
    assert_eq!((&preview["applied"], &preview["restated"]["calls"]), (&false.into(), &71.into()));
    assert_eq!(home.totals()[0], "6.768126");
    let said = home.text(&[&undo[..], &["--yes"]].concat());
    assert!(said.contains("claude-opus-4-7 costs $1") && said.contains("Undone: 71 past calls corrected"), "{said}");
    assert_eq!(home.totals()[0], "5.942159");
    assert_eq!(home.json(&undo)["undone"], Value::Null);
    let log = home.json(&["prices", "log"]);
    assert!(log["restatements"][0]["undone_at"].is_string());
}

#[test]
fn a_model_costs_as_much_as_another_by_the_name_that_the_agent_has_for_it() {
    let home = Home::of_opus();
    let bedrock = "us.anthropic.claude-opus-4-5-20251101-v1:0";
    let said = home.text(&["prices", "like", "nova", bedrock, "--yes"]);
    assert!(said.starts_with("As much as aws / regional.anthropic.claude-opus-4-5-v1:0.\n"), "{said}");
    let shown = home.json(&["prices", "show", "nova"]);
    assert_eq!((&shown["provider"], &shown["in_force"][0]["rates"]["input"]), (&json!("aws"), &json!("5.5")));
    // Where several serve it, its maker goes first.
    home.call("msg_bdrk_1", "claude-opus-5-5");
    assert!(home.text(&["prices", "like", "nova", "claude-opus-5-5"]).starts_with("As much as aws / regional."));
    home.call("msg_1", "claude-opus-5-5");
    assert!(home.text(&["prices", "like", "nova", "claude-opus-5-5"]).starts_with("As much as anthropic / claude"));
    assert!(home.refused(&["prices", "like", "nova", "claude-opus-5-6"]).contains("name a model that"));
}

#[test]
fn moments_are_on_the_users_clock() {
    let home = Home::of_opus();
    home.json(&["plan", "set", "claude-code", "anthropic/max_20x", "--since", "2026-11-01", "--yes"]);
    home.json(&["prices", "undo", "--yes"]);
    let logged = home.json(&["prices", "log"])["restatements"][0].clone();
    let noon_in_utc = json!("2026-11-26T13:00:00+01:00");
    assert_eq!([&logged["at"], &logged["undone_at"]], [&noon_in_utc; 2]);
    home.json(&["plan", "set", "claude-code", "anthropic/max_20x", "--since", "2026-11-01", "--yes"]);
    assert_eq!(home.json(&["plan", "list"])["sources"][0]["since"], "2026-11-01T00:00:00+01:00");
    let announced = home.json(&["prices", "diff"])["announced"].clone();
    let argon = announced.as_array().unwrap().iter().find(|one| one["model"] == "gemini-4-argon").unwrap();
    assert_eq!(argon["from"], "2026-12-01T01:00:00+01:00", "midnight in UTC");
}

#[test]
fn the_log_says_what_changed_from_what_to_what() {
    let home = Home::of_opus();
    home.json(&["prices", "free", "claude-opus-4-7", "--yes"]);
    home.json(&["plan", "set", "claude-code", "anthropic/max_20x", "--yes"]);
    home.json(&["prices", "undo", "--yes"]);
    let log = home.text(&["prices", "log"]);
    let rows: Vec<Vec<&str>> =
        log.lines().map(|row| row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()).collect();
    assert_eq!(rows[0], ["At", "What was decided", "Undone", "What changed", "Calls"]);
    let noon = "2026-11-26T13:00:00+01:00";
    assert_eq!(rows[1][..3], [noon, "claude-code runs under Claude Max 20x", noon]);
    assert_eq!(rows[2], [noon, "claude-opus-4-7 is free", "–", "estimate $5.94 → $0.00 (−$5.94)", "71"]);
}

#[test]
fn what_was_said_of_one_provider_is_told_with_it() {
    let home = Home::of_opus();
    home.json(&["prices", "free", "gpt-oss-20b", "--provider", "ollama", "--yes"]);
    let said = home.refused(&["prices", "forget", "gpt-oss-20b"]);
    assert!(said.contains("no price for `gpt-oss-20b`; you did for gpt-oss-20b of ollama"), "{said}");
    let log = home.text(&["prices", "log"]);
    assert!(log.contains("gpt-oss-20b of ollama is free"), "{log}");
}

#[test]
fn the_log_says_of_a_decision_about_calls_to_come_that_no_call_changed() {
    let home = Home::of_opus();
    home.json(&["prices", "free", "local-llama", "--yes"]);
    let log = home.text(&["prices", "log"]);
    assert!(log.contains("local-llama is free  –       no past call changed      0"), "{log}");
}
