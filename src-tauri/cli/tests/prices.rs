//! `spend prices` and `spend plan`, the real program: what is shown, what is decided, what is refused.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up should panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
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
        Command::new(env!("CARGO_BIN_EXE_spend"))
            .env_clear()
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
        let prices = repository().join("src-tauri/core/prices");
        let list = fs::read_to_string(prices.join("genai-prices-0.2.3.json")).unwrap();
        let (before, opus) = list.split_at(list.find(r#""id":"claude-opus-4-7""#).unwrap());
        let list = format!("{before}{}", opus.replacen(r#""input_mtok":5,"#, &format!(r#""input_mtok":{input},"#), 1));
        let history = fs::read(prices.join("model-prices-0.0.5.json")).unwrap();
        let hash = format!("{:x}", Sha256::digest(&history));
        let folder = self.path("mirror");
        for (name, content) in [
            ("genai-prices/v2/data.json".to_owned(), list.into_bytes()),
            (format!("model-prices/v1/{hash}.json"), history),
            ("model-prices/v1/latest.json".to_owned(), json!({ "sha256": hash }).to_string().into_bytes()),
        ] {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        folder.to_string_lossy().into_owned()
    }
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
    let undo = ["prices", "undo"];
    let preview = home.json(&undo);
    assert_eq!((&preview["applied"], &preview["restated"]["calls"]), (&false.into(), &71.into()));
    assert_eq!(home.totals()[0], "6.768126");
    let said = String::from_utf8(home.spend(&[&undo[..], &["--yes"]].concat()).stdout).unwrap();
    assert!(said.contains("claude-opus-4-7 costs $1") && said.contains("Taken back: 71 past calls restated"), "{said}");
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
    let shown = home.json(&refresh);
    assert_eq!((&shown["applied"], &shown["jumps_accepted"]), (&false.into(), &false.into()));
    assert_eq!(home.totals()[0], "5.942159");
    assert_eq!(home.json(&[&refresh[..], &["--accept-jumps"]].concat())["applied"], true);
    let doctor = home.json(&["doctor"]);
    assert_eq!(doctor["price_lists"], "genai-prices 2026-11-26, model-prices 2026-10-26");
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
