//! `spend prices` and `spend plan`, the real program: what is shown, what is decided, what is refused.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up should panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use stub::{Stub, mirror};
use tempfile::TempDir;

/// A home with a transcript of Claude Code: 71 calls of Opus 4.7 for $5.942159.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        let to = home.path(".claude/projects/fundwise/session.jsonl");
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(repository().join("tests/fixtures/claude-code/fundwise.jsonl"), to).unwrap();
        home.spend(&["scan"]);
        home
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    /// Reads one more call of Claude Code, whose message has this id: it tells who served the call.
    fn call(&self, id: &str, model: &str) {
        let usage = json!({ "input_tokens": 1_000_000, "output_tokens": 0 });
        let message = json!({ "id": id, "model": model, "usage": usage });
        let line = json!({ "type": "assistant", "timestamp": "2026-11-25T10:00:00Z", "message": message });
        fs::write(self.path(&format!(".claude/projects/fundwise/{id}.jsonl")), format!("{line}\n")).unwrap();
        self.spend(&["scan"]);
    }

    fn spend(&self, arguments: &[&str]) -> Output {
        self.spend_with_mirror("", arguments)
    }

    /// With the mirror that the environment names.
    fn spend_with_mirror(&self, mirror: &str, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_spend"))
            .env_clear()
            .env("SPENDMETER_PRICES_FROM", mirror)
            .args(["--home", &self.path("").to_string_lossy(), "--data-dir", &self.path("data").to_string_lossy()])
            .args(["--timezone", "Europe/Berlin", "--now", "2026-11-26T12:00:00Z"])
            .args(arguments)
            .output()
            .unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.spend(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn text(&self, arguments: &[&str]) -> String {
        let output = self.spend(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.spend(arguments);
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    /// What all calls cost, by basis.
    fn totals(&self) -> [Value; 2] {
        let totals = &self.json(&["report", "--by", "agent"])["totals"];
        [totals["cost_usd"].clone(), totals["api_equivalent_usd"].clone()]
    }

    /// A mirror in a folder, with Opus 4.7's input at another price.
    fn mirror(&self, input: &str) -> String {
        self.mirror_of(lists(input))
    }

    /// A mirror in a folder, with both lists.
    fn mirror_of(&self, (list, history): (String, String)) -> String {
        let hash = mirror::sha256(&history);
        let folder = self.path("mirror");
        for (name, content) in [
            (mirror::GENAI_PRICES.to_owned(), list),
            (mirror::snapshot(&hash), history),
            (mirror::MANIFEST.to_owned(), mirror::manifest(&hash)),
        ] {
            let path = folder.join(name.trim_start_matches('/'));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        folder.to_string_lossy().into_owned()
    }
}

/// Both lists, with Opus 4.7's input at another price in the first.
fn lists(input: &str) -> (String, String) {
    let read = |name: &str| fs::read_to_string(repository().join("src-tauri/core/prices").join(name)).unwrap();
    let list = read("genai-prices-0.2.3.json");
    let (before, opus) = list.split_at(list.find(r#""id":"claude-opus-4-7""#).unwrap());
    let opus = opus.replacen(r#""input_mtok":5,"#, &format!(r#""input_mtok":{input},"#), 1);
    (format!("{before}{opus}"), read("model-prices-0.0.5.json"))
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn show_tells_which_price_held_and_why() {
    let home = Home::new();
    let shown = |at: &str| home.json(&["prices", "show", "claude-sonnet-5-5[1m]", "--at", at])["in_force"][0].clone();
    let before = shown("2026-10-06T23:59:59Z");
    assert_eq!((&before["rates"]["cache_read"], &before["until"]), (&"0.2".into(), &"2026-10-07T00:00:00Z".into()));
    let after = shown("2026-10-07T00:00:00Z");
    assert_eq!((&after["rates"]["cache_read"], &after["evidence"]), (&"0.1".into(), &"documented".into()));
    assert!(after["address"].as_str().unwrap().starts_with("https://"));
}

#[test]
fn show_of_a_day_tells_every_price_of_that_day_of_the_user() {
    let home = Home::new();
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
    let home = Home::new();
    let show = ["prices", "show", "claude-opus-4-6"];
    let shown = home.json(&show);
    let contexts = shown["in_force"].as_array().unwrap().iter().map(|point| point["context"].clone());
    assert!(!contexts.collect::<Vec<_>>().contains(&json!("fast")), "{shown}");
    let said = home.text(&[&show[..], &["--all"]].concat());
    assert!(said.contains("fast: ended"), "{said}");
}

#[test]
fn show_looks_first_at_what_the_user_said() {
    let home = Home::new();
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
    let home = Home::new();
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
    let home = Home::new();
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
    let home = Home::new();
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
fn a_model_costs_as_much_as_another_by_the_name_that_the_agent_has_for_it() {
    let home = Home::new();
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
fn prices_of_some_hours_are_told_apart_in_the_table() {
    let said = Home::new().text(&["prices", "show", "deepseek-chat", "--at", "2026-11-24"]);
    for hours in ["standard, 01:00–04:00, 06:00–10:00 UTC  ", "standard, outside of 01:00–04:00, 06:00–10:00 UTC  "]
    {
        assert_eq!(said.lines().filter(|line| line.starts_with(hours)).count(), 1, "{hours}: {said}");
    }
}

#[test]
fn what_is_no_model_is_told_as_such() {
    let home = Home::new();
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
    let home = Home::new();
    for model in ["claude-opus-5-6", "gpt-6.2-sol"] {
        let said = home.refused(&["prices", "show", model]);
        assert!(said.contains(model) && said.contains("a similar name is another model"), "{said}");
    }
}

#[test]
fn t10_nothing_is_changed_before_somebody_agrees_and_it_can_be_taken_back() {
    let home = Home::new();
    let set = ["prices", "set", "claude-opus-4-7", "--input", "1", "--output", "1"];
    let preview = home.json(&set);
    assert_eq!((&preview["applied"], &preview["restated"]["calls"]), (&false.into(), &71.into()));
    assert_eq!(home.totals(), [json!("5.942159"), Value::Null]);
    let said = String::from_utf8(home.spend(&set).stdout).unwrap();
    assert!(said.starts_with("71 past calls change: ") && said.contains("Nothing was changed"), "{said}");
    // 11_690 + 6_580_578 + 120_202 + 55_656 tokens at $1/M
    assert_eq!(home.json(&[&set[..], &["--yes"]].concat())["applied"], true);
    assert_eq!(home.totals()[0], "6.768126");
    let undo = ["prices", "undo"];
    let preview = home.json(&undo);
    assert_eq!((&preview["applied"], &preview["restated"]["calls"]), (&false.into(), &71.into()));
    assert_eq!(home.totals()[0], "6.768126");
    let said = String::from_utf8(home.spend(&[&undo[..], &["--yes"]].concat()).stdout).unwrap();
    assert!(said.contains("claude-opus-4-7 costs $1") && said.contains("Undone: 71 past calls corrected"), "{said}");
    assert_eq!(home.totals()[0], "5.942159");
    assert_eq!(home.json(&undo)["undone"], Value::Null);
    let log = home.json(&["prices", "log"]);
    assert!(log["restatements"][0]["undone_at"].is_string());
}

#[test]
fn a_refresh_is_shown_first_and_a_jump_needs_a_consent_of_its_own() {
    let home = Home::new();
    let calm = home.mirror("6");
    let refresh = ["prices", "refresh", "--from", &calm];
    let shown = home.json(&refresh);
    assert_eq!((&shown["applied"], &shown["changes"]["changed"]), (&false.into(), &1.into()));
    assert_eq!(shown["changes"]["in_use"], json!(["claude-opus-4-7"]));
    let jump = home.mirror("50");
    let refresh = ["prices", "refresh", "--from", &jump, "--yes"];
    let refused = home.spend(&[&refresh[..], &["--json"]].concat());
    let shown: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!((&shown["applied"], &shown["jumps_accepted"]), (&false.into(), &false.into()));
    assert_eq!(refused.status.code(), Some(1), "asked for and not done is no success");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("nothing was changed") && said.contains("--accept-jumps"), "{said}");
    assert!(home.spend(&refresh[..4]).status.success(), "looking alone is");
    assert_eq!(home.totals()[0], "5.942159");
    assert_eq!(home.json(&[&refresh[..], &["--accept-jumps"]].concat())["applied"], true);
    let doctor = home.json(&["doctor"]);
    assert_eq!(doctor["price_lists"], "genai-prices 2026-11-26, model-prices 0.0.5");
}

#[test]
fn a_model_that_gets_its_first_price_is_told_as_such() {
    let home = Home::new();
    home.call("msg_1", "claude-opus-5-6");
    let (list, history) = lists("5");
    let new =
        r#"{"id":"claude-opus-5-6","match":{"equals":"claude-opus-5-6"},"prices":{"input_mtok":4,"output_mtok":20}},"#;
    let mirror = home.mirror_of((
        list.replacen(r#"{"id":"claude-opus-4-7""#, &format!(r#"{new}{{"id":"claude-opus-4-7""#), 1),
        history,
    ));
    let refresh = ["prices", "refresh", "--from", &mirror];
    let changes = home.json(&refresh)["changes"].clone();
    assert_eq!((&changes["changed"], &changes["new"], &changes["in_use"]), (&0.into(), &1.into(), &json!([])));
    assert_eq!(changes["first_priced"], json!(["claude-opus-5-6"]));
    let said = home.text(&refresh);
    let told = "0 models with another price; 1 new, 0 gone\n\
                Your calls of claude-opus-5-6 had no price in any list until now\n";
    assert!(said.contains(told), "{said}");
    assert!(said.contains("estimate none → $4.00"), "{said}");
}

#[test]
fn lists_that_say_the_same_are_nothing_new_and_are_not_taken_in() {
    let home = Home::new();
    let same = home.mirror("5");
    let shown = home.json(&["prices", "refresh", "--from", &same, "--yes"]);
    assert_eq!((&shown["applied"], &shown["restated"]["calls"]), (&false.into(), &0.into()));
    let said = String::from_utf8(home.spend(&["prices", "refresh", "--from", &same, "--yes"]).stdout).unwrap();
    assert!(said.contains("Nothing new") && !said.contains("Done"), "{said}");
    assert_eq!(home.json(&["doctor"])["price_lists"], "genai-prices 0.2.3, model-prices 0.0.5");
    assert_eq!(home.json(&["prices", "log"])["restatements"], json!([]));
}

#[test]
fn a_mirror_of_the_environment_is_asked_unless_another_is_named() {
    let home = Home::new();
    let (list, history) = lists("6");
    let stub = Stub::serve(mirror::of(&list, &history));
    let refresh = |more: &[&str]| {
        let arguments = [&["prices", "refresh", "--json"], more].concat();
        home.spend_with_mirror(&stub.url(""), &arguments)
    };
    let shown: Value = serde_json::from_slice(&refresh(&[]).stdout).unwrap();
    assert_eq!((&shown["changes"]["changed"], stub.paths().len()), (&1.into(), 3));
    assert!(refresh(&["--from", &home.mirror("7")]).status.success());
    assert_eq!(stub.paths().len(), 3);
    let refused = home.spend_with_mirror("http://mirror.example", &["prices", "refresh"]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("SPENDMETER_PRICES_FROM") && said.contains("https"), "{said}");
}

#[test]
fn the_daily_look_is_off_until_somebody_turns_it_on_and_what_it_asks_is_said() {
    let home = Home::new();
    let daily = || home.json(&["doctor"])["prices_looked_for_daily"].clone();
    assert_eq!(daily(), false);
    let said = String::from_utf8(home.spend(&["prices", "refresh", "--daily", "on"]).stdout).unwrap();
    assert!(
        said.contains("raw.githubusercontent.com") && said.contains("nothing is taken in before you agree"),
        "{said}"
    );
    assert_eq!(daily(), true);
    assert_eq!(home.json(&["prices", "refresh", "--daily", "off"])["daily"], false);
    assert_eq!(daily(), false);
    let refused = home.spend_with_mirror("http://mirror.example", &["prices", "refresh", "--daily", "on"]);
    assert_eq!(refused.status.code(), Some(1), "what could not be asked is said at once");
    assert_eq!(daily(), false);
    assert_eq!(home.spend(&["prices", "refresh", "--daily", "on", "--yes"]).status.code(), Some(2));
}

#[test]
fn moments_are_on_the_users_clock() {
    let home = Home::new();
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
fn diff_has_no_two_rows_for_the_same_calls() {
    let home = Home::new();
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

#[test]
fn a_refresh_that_fails_leaves_the_prices_in_use() {
    let home = Home::new();
    let mirror = home.mirror("5");
    fs::write(home.path("mirror/genai-prices/v2/data.json"), "<html>Sign in</html>").unwrap();
    let said = home.refused(&["prices", "refresh", "--from", &mirror, "--yes"]);
    assert!(said.contains("data.json") && said.contains("web page"), "{said}");
    let said = home.refused(&["prices", "refresh", "--from", "http://mirror.invalid/prices", "--yes"]);
    assert!(said.contains("mirror.invalid"), "{said}");
    assert_eq!(home.json(&["doctor"])["price_lists"], "genai-prices 0.2.3, model-prices 0.0.5");
    assert_eq!(home.totals()[0], "5.942159");
}

#[test]
fn a_plan_takes_its_source_out_of_money() {
    let home = Home::new();
    let said = home.refused(&["plan", "set", "claude-code", "anthropic/nonesuch"]);
    assert!(said.contains("spend plan list"), "{said}");
    home.json(&["plan", "set", "claude-code", "anthropic/max_20x", "--yes"]);
    assert_eq!(home.totals(), [Value::Null, json!("5.942159")]);
    let plans = home.json(&["plan", "list"]);
    assert_eq!(plans["sources"][0]["name"], "Claude Max 20x");
    assert_eq!(plans["sources"][0]["per_month"], "200");
    let today = String::from_utf8(home.spend(&["today"]).stdout).unwrap();
    assert!(today.contains("Plans         $200.00 a month, whatever is used\n"), "{today}");
    let report = String::from_utf8(home.spend(&["report", "--by", "agent"]).stdout).unwrap();
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
    let home = Home::new();
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

#[test]
fn the_log_says_what_changed_from_what_to_what() {
    let home = Home::new();
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
fn the_log_says_of_a_decision_about_calls_to_come_that_no_call_changed() {
    let home = Home::new();
    home.json(&["prices", "free", "local-llama", "--yes"]);
    let log = home.text(&["prices", "log"]);
    assert!(log.contains("local-llama is free  –       no past call changed      0"), "{log}");
}

#[test]
fn what_has_no_price_under_a_plan_is_no_estimate() {
    let home = Home::new();
    home.call("msg_1", "nova");
    home.json(&["plan", "set", "claude-code", "anthropic/max_20x", "--yes"]);
    let report = home.text(&["report", "--by", "agent"]);
    assert!(report.contains("\nIn no amount: 1.0 M tokens on 1 unpriced model: nova\n"), "{report}");
    assert!(!report.contains("Estimated"), "{report}");
}

#[test]
fn a_name_that_has_a_price_at_one_provider_alone_is_told_with_the_other() {
    let home = Home::new();
    let global = "global.anthropic.claude-opus-5-5";
    home.call("msg_bdrk_1", global);
    home.call("msg_1", global);
    home.call("msg_2", "nova");
    let report = home.text(&["report", "--by", "model"]);
    let told = format!("+ 2.0 M tokens on 2 unpriced models: {global} of anthropic, nova\n");
    assert!(report.contains(&told), "{report}");
    let doctor = home.text(&["doctor"]);
    assert!(doctor.contains(&format!("no price     {global} of anthropic: 1.0 M tokens")), "{doctor}");
}

#[test]
fn doctor_tells_what_had_to_be_assumed_of_which_model() {
    let home = Home::new();
    // No list has a price for Sonnet run fast.
    let usage = json!({ "input_tokens": 1_000, "output_tokens": 500, "speed": "fast" });
    let message = json!({ "id": "msg_fast", "model": "claude-sonnet-5-5", "usage": usage });
    let line =
        json!({ "type": "assistant", "timestamp": "2026-11-25T10:00:00Z", "message": message, "requestId": "r" });
    fs::write(home.path(".claude/projects/fundwise/fast.jsonl"), format!("{line}\n")).unwrap();
    home.spend(&["scan"]);
    let told = String::from_utf8(home.spend(&["doctor"]).stdout).unwrap();
    let assumed = "assumed      claude-sonnet-5-5: 1 call, 1.5 K tokens; the way the call was run, its region";
    assert!(told.contains(assumed), "{told}");
    assert_eq!(told.matches("assumed").count(), 1, "of Opus nothing had to be: {told}");
    let priced = home.json(&["doctor"])["priced"].clone();
    assert_eq!((&priced[0]["status"], &priced[0]["requests"]), (&"priced".into(), &71.into()));
    assert_eq!((&priced[1]["status"], &priced[1]["tokens"]), (&"tier_assumed".into(), &1_500.into()));
}
