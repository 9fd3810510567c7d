//! `spend plan`: what a subscription covers is apart from money.

use serde_json::{Value, json};

use crate::home::Home;

#[test]
fn a_plan_takes_its_source_out_of_money() {
    let home = Home::of_opus();
    let said = home.refused(&["plan", "set", "claude-code", "anthropic/nonesuch"]);
    assert!(said.contains("spend plan list"), "{said}");
    home.json(&["plan", "set", "claude-code", "anthropic/max_20x", "--yes"]);
    assert_eq!(home.totals(), [Value::Null, json!("5.942159")]);
    let plans = home.json(&["plan", "list"]);
    assert_eq!(plans["sources"][0]["name"], "Claude Max 20x");
    assert_eq!(plans["sources"][0]["per_month"], "200");
    let today = home.text(&["today"]);
    assert!(today.contains("Plans         $200.00 a month, whatever is used\n"), "{today}");
    let report = home.text(&["report", "--by", "agent"]);
    assert!(!report.contains("no price"), "all of it has one: {report}");
    // Google's Ultra of before 19 May is not sold any more.
    let known: Vec<&Value> = plans["known"].as_array().unwrap().iter().map(|plan| &plan["plan"]).collect();
    assert!(known.contains(&&json!("google/ultra_100")) && !known.contains(&&json!("google/ultra")), "{known:?}");
    assert!(!home.text(&["plan", "list"]).contains("google/ultra "));
    let said = home.refused(&["plan", "set", "codex", "Team", "--usd-per-month=-4"]);
    assert!(said.contains("less than nothing"), "{said}");
    home.json(&["plan", "forget", "claude-code", "--yes"]);
    assert_eq!(home.totals(), [json!("5.942159"), Value::Null]);
}

#[test]
fn a_plan_that_ended_keeps_what_it_covered_and_another_one_follows() {
    let home = Home::of_opus();
    let sources = || home.json(&["plan", "list"])["sources"].clone();
    let said = home.refused(&["plan", "end", "claude-code", "2026-11-20"]);
    assert!(said.contains("claude-code runs under no plan"), "{said}");
    home.json(&["plan", "set", "claude-code", "anthropic/pro", "--since", "2026-03-01", "--yes"]);
    assert_eq!(home.totals(), [Value::Null, json!("5.942159")]);
    let ended = home.json(&["plan", "end", "claude-code", "2026-11-20", "--yes"]);
    assert_eq!(ended["restated"]["calls"], 0, "no call is of after that");
    let plan = &sources()[0];
    assert_eq!(
        [&plan["name"], &plan["since"]],
        ["Claude Pro", "2026-03-01T00:00:00+01:00"],
        "what was said of it stays"
    );
    assert_eq!([&plan["until"], &plan["last_day"]], ["2026-11-21T00:00:00+01:00", "2026-11-20"]);
    home.json(&["plan", "end", "claude-code", "2026-11-20T08:00:00Z", "--yes"]);
    let plan = &sources()[0];
    assert_eq!([&plan["until"], &plan["last_day"]], [&json!("2026-11-20T09:00:00+01:00"), &Value::Null]);
    home.json(&["plan", "set", "claude-code", "anthropic/max_20x", "--since", "2026-10-01", "--yes"]);
    let listed = home.text(&["plan", "list"]);
    assert!(
        listed.contains(
            "claude-code: Claude Pro, $20.00 a month since 2026-03-01 until 2026-09-30\n\
             claude-code: Claude Max 20x, $200.00 a month since 2026-10-01\n"
        ),
        "{listed}"
    );
    assert_eq!(home.totals(), [Value::Null, json!("5.942159")], "the calls of spring stay covered");
    let said = home.refused(&["plan", "set", "codex", "openai/plus", "--since", "2026-11-02", "--until", "2026-11-01"]);
    assert!(said.contains("before it begins"), "{said}");
}
