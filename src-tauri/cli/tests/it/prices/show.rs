//! `spend prices show` and `diff`: which price held, who says so, and what is unknown.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::home::Home;

#[test]
fn show_tells_which_price_held_and_why() {
    let home = Home::of_opus();
    let shown = |at: &str| home.json(&["prices", "show", "claude-sonnet-5-5[1m]", "--at", at])["in_force"][0].clone();
    let before = shown("2026-10-06T23:59:59Z");
    assert_eq!((&before["rates"]["cache_read"], &before["until"]), (&"0.2".into(), &"2026-10-07T00:00:00Z".into()));
    let after = shown("2026-10-07T00:00:00Z");
    assert_eq!((&after["rates"]["cache_read"], &after["evidence"]), (&"0.1".into(), &"documented".into()));
    assert!(after["address"].as_str().unwrap().starts_with("https://"));
}

#[test]
fn show_of_a_day_tells_every_price_of_that_day_of_the_user() {
    let home = Home::of_opus();
    let shown = home.json(&["prices", "show", "claude-sonnet-5-5", "--at", "2026-10-07"]);
    // The price changed at midnight UTC, when it was two o'clock in Berlin.
    assert_eq!(shown["at"], "2026-10-06T22:00:00Z/2026-10-07T22:00:00Z");
    let points = shown["in_force"].as_array().unwrap().iter().filter(|point| point["context"] == "standard");
    assert_eq!(points.map(|point| &point["rates"]["cache_read"]).collect::<Vec<_>>(), ["0.1", "0.2"]);
    let said = home.text(&["prices", "show", "claude-sonnet-5-5", "--at", "2026-10-07"]);
    assert!(said.contains("On 2026-10-07, your day from 2026-10-06T22:00:00Z to "), "{said}");
}

#[test]
fn show_tells_that_a_price_ended() {
    let home = Home::of_opus();
    let show = ["prices", "show", "claude-opus-4-6"];
    let shown = home.json(&show);
    let contexts = shown["in_force"].as_array().unwrap().iter().map(|point| point["context"].clone());
    assert!(!contexts.collect::<Vec<_>>().contains(&json!("fast")), "{shown}");
    let said = home.text(&[&show[..], &["--all"]].concat());
    assert!(said.contains("fast: ended"), "{said}");
}

#[test]
fn show_looks_first_at_what_the_user_said() {
    let home = Home::of_opus();
    home.json(&["prices", "like", "nova", "claude-opus-5-5", "--yes"]);
    let shown = home.json(&["prices", "show", "nova"]);
    assert_eq!((&shown["own"]["price"]["kind"], &shown["model"]), (&json!("like"), &json!("claude-opus-5-5")));
    let point = &shown["in_force"][0];
    assert_eq!((&point["rates"]["input"], &point["status"]), (&json!("4"), &json!("user")));
    let said = home.text(&["prices", "show", "nova"]);
    assert!(said.starts_with("You said that nova costs what claude-opus-5-5 does"), "{said}");
    assert!(said.contains("user: what you said that it costs") && said.contains("No list has `nova`"), "{said}");

    home.json(&["prices", "set", "claude-opus-4-7", "--input", "1", "--output", "2", "--yes"]);
    let shown = home.json(&["prices", "show", "claude-opus-4-7"]);
    let point = &shown["in_force"][0];
    assert_eq!((&point["rates"]["input"], &point["evidence"]), (&json!("1"), &json!("user")));
    assert_eq!(shown["lists"]["in_force"][0]["rates"]["input"], "5", "what the lists say is told apart");
    let said = home.text(&["prices", "show", "claude-opus-4-7"]);
    assert!(said.contains("standard: you said so (user)") && said.contains("spend prices forget"), "{said}");

    home.json(&["prices", "free", "local-llama", "--yes"]);
    let shown = home.json(&["prices", "show", "local-llama"]);
    assert_eq!((&shown["in_force"][0]["status"], &shown["lists"]), (&json!("declared_free"), &Value::Null));

    home.json(&["prices", "forget", "nova", "--yes"]);
    assert!(home.refused(&["prices", "show", "nova"]).contains("no list has a price"));
}

#[test]
fn show_without_a_provider_is_about_whoever_served_the_users_calls() {
    let home = Home::of_opus();
    let bedrock = "us.anthropic.claude-opus-4-5-20251101-v1:0";
    home.call("msg_bdrk_1", bedrock);
    let shown = home.json(&["prices", "show", bedrock]);
    assert_eq!(
        [&shown["provider"], &shown["model"], &shown["in_force"][0]["status"]],
        ["aws", "regional.anthropic.claude-opus-4-5-v1:0", "priced"]
    );
    // Calls whose provider is not told are priced as by the maker, which is assumed; Anthropic's own are not.
    assert_eq!(home.json(&["prices", "show", "claude-opus-4-7"])["in_force"][0]["status"], "priced");
    home.call("chatcmpl-1", "claude-opus-5-5");
    assert_eq!(home.json(&["prices", "show", "claude-opus-5-5"])["in_force"][0]["status"], "alias");
}

#[test]
fn show_tells_of_every_provider_that_served_the_model() {
    let home = Home::of_opus();
    home.call("msg_1", "claude-opus-5-5");
    home.call("msg_bdrk_1", "claude-opus-5-5");
    home.call("gen-1", "claude-opus-5-5-20261001");
    let said = home.text(&["prices", "show", "claude-opus-5-5"]);
    let headings: Vec<&str> = said.lines().filter(|line| line.starts_with("Calls that ")).collect();
    assert_eq!(headings, ["Calls that anthropic served:", "Calls that aws served:"], "{said}");
    let shown = home.json(&["prices", "show", "claude-opus-5-5"]);
    let input = |shown: &Value| shown["in_force"][0]["rates"]["input"].clone();
    assert_eq!((input(&shown), input(&shown["also"][0])), (json!("4"), json!("4")));
    let regional = "aws / regional.anthropic.claude-opus-5-5";
    assert_eq!([&shown["elsewhere"], &shown["also"][0]["elsewhere"]], [&Value::Null, &json!(regional)]);
    assert!(said.contains(&format!("A call that ran within a region costs what {regional} does")), "{said}");
    assert_eq!((&shown["served_by"], &shown["also"][0]["served_by"]), (&json!(["anthropic"]), &json!(["aws"])));
    assert_eq!(home.json(&["prices", "show", "claude-opus-5-5", "--provider", "aws"])["also"], json!([]));

    let global = "global.anthropic.claude-opus-5-5";
    home.call("msg_2", global);
    assert!(home.refused(&["prices", "show", global]).contains("of anthropic"));
    home.call("msg_bdrk_2", global);
    let said = home.text(&["prices", "show", global]);
    assert!(said.contains("Calls that anthropic served have no price"), "{said}");
    assert_eq!(home.json(&["prices", "show", global])["unpriced_of"], json!(["anthropic"]));
}

#[test]
fn show_of_a_model_that_was_never_used_goes_by_its_name_and_else_by_its_maker() {
    let home = Home::of_opus();
    for (model, provider, status) in [
        ("eu.anthropic.claude-opus-5-5", "aws", "priced"),
        ("anthropic.claude-opus-4-5-20251101-v1:0", "aws", "priced"),
        ("claude-opus-4-5@20251101", "google", "tier_assumed"),
        ("claude-opus-5-5", "anthropic", "priced"),
        ("openai/gpt-5.5", "openai", "priced"),
    ] {
        let shown = home.json(&["prices", "show", model]);
        assert_eq!(
            (&shown["provider"], &shown["in_force"][0]["status"]),
            (&json!(provider), &json!(status)),
            "{model}"
        );
    }
    for unknown in ["us.anthropic.claude-opus-5-6", "claude-opus-5-6@20261101", "us.claude-opus-5-5", "aws.gpt-5.5"] {
        home.refused(&["prices", "show", unknown]);
    }
}

#[test]
fn prices_of_some_hours_are_told_apart_in_the_table() {
    let said = Home::of_opus().text(&["prices", "show", "deepseek-chat", "--at", "2026-11-24"]);
    for hours in ["standard, 01:00–04:00, 06:00–10:00 UTC  ", "standard, outside of 01:00–04:00, 06:00–10:00 UTC  "]
    {
        assert_eq!(said.lines().filter(|line| line.starts_with(hours)).count(), 1, "{hours}: {said}");
    }
}

#[test]
fn what_is_no_model_is_told_as_such() {
    let home = Home::of_opus();
    let said = home.refused(&["prices", "show", "<synthetic>"]);
    assert!(said.contains("is no model") && said.contains("not counted") && !said.contains("unpriced"), "{said}");
    for nameless in [
        &["show", " "][..],
        &["set", "", "--input", "1", "--output", "1"],
        &["like", "nova", ""],
        &["free", ""],
        &["forget", ""],
    ] {
        let output = home.spend(&[&["prices"], nameless].concat());
        assert_eq!(output.status.code(), Some(2), "{nameless:?}");
    }
}

#[test]
fn t09_a_model_that_no_list_has_is_unknown_however_similar_its_name() {
    let home = Home::of_opus();
    for model in ["claude-opus-5-6", "gpt-6.2-sol"] {
        let said = home.refused(&["prices", "show", model]);
        assert!(said.contains(model) && said.contains("a similar name is another model"), "{said}");
    }
}

#[test]
fn diff_has_no_two_rows_for_the_same_calls() {
    let home = Home::of_opus();
    let disputed = home.json(&["prices", "diff"])["disputed"].clone();
    let chat =
        disputed.as_array().unwrap().iter().filter(|one| one["model"] == "deepseek-chat" && one["kind"] == "input");
    let hours: Vec<&str> = chat.map(|one| one["hours"].as_str().unwrap()).collect();
    assert_eq!(hours.len(), 2, "{hours:?}");
    let said = home.text(&["prices", "diff"]);
    assert!(hours.iter().all(|hours| said.contains(&format!("standard, {hours}  "))), "{said}");
    let calls = said.lines().map(|row| row.split("  ").filter(|cell| !cell.is_empty()).take(3).collect::<Vec<_>>());
    let of_deepseek: Vec<_> =
        calls.filter(|cells| cells[..].first().is_some_and(|cell| cell.starts_with("deepseek/"))).collect();
    let different: BTreeSet<_> = of_deepseek.iter().collect();
    assert!(of_deepseek.len() > 4 && different.len() == of_deepseek.len(), "{said}");
}
