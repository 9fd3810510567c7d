//! `spend prices` and `spend plan`, the real program: what is shown, what is decided, what is refused.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up should panic")]

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
        let (list, history) = lists(input);
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
    assert!(said.contains("Nothing was changed"), "{said}");
    // 11_690 + 6_580_578 + 120_202 + 55_656 tokens at $1/M
    assert_eq!(home.json(&[&set[..], &["--yes"]].concat())["applied"], true);
    assert_eq!(home.totals()[0], "6.768126");
    assert_eq!(home.json(&["prices", "undo"])["undone"]["calls"], 71);
    assert_eq!(home.totals()[0], "5.942159");
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
    let shown = home.json(&refresh);
    assert_eq!((&shown["applied"], &shown["jumps_accepted"]), (&false.into(), &false.into()));
    assert_eq!(home.totals()[0], "5.942159");
    assert_eq!(home.json(&[&refresh[..], &["--accept-jumps"]].concat())["applied"], true);
    let doctor = home.json(&["doctor"]);
    assert_eq!(doctor["price_lists"], "genai-prices 2026-11-26, model-prices 2026-10-26");
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
    home.json(&["prices", "undo"]);
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
    home.json(&["plan", "forget", "claude-code", "--yes"]);
    assert_eq!(home.totals(), [json!("5.942159"), Value::Null]);
}
