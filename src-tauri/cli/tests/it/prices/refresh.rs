//! `spend prices refresh`: lists that came are shown, and taken in only if a person agrees.

use std::fs;

use serde_json::{Value, json};
use stub::{Stub, mirror};

use crate::home::{Home, repository, text};

/// A mirror in a folder of this home, with Opus 4.7's input at another price.
fn mirror_in(home: &Home, input: &str) -> String {
    mirror_of(home, lists(input))
}

/// A mirror in a folder of this home, with both lists.
fn mirror_of(home: &Home, (list, history): (String, String)) -> String {
    let hash = mirror::sha256(&history);
    let folder = home.path("mirror");
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

/// Both lists, with Opus 4.7's input at another price in the first.
fn lists(input: &str) -> (String, String) {
    let read = |name: &str| fs::read_to_string(repository().join("src-tauri/core/prices").join(name)).unwrap();
    let list = read("genai-prices-0.2.3.json");
    let (before, opus) = list.split_at(list.find(r#""id":"claude-opus-4-7""#).unwrap());
    let opus = opus.replacen(r#""input_mtok":5,"#, &format!(r#""input_mtok":{input},"#), 1);
    (format!("{before}{opus}"), read("model-prices-0.0.5.json"))
}

#[test]
fn a_refresh_is_shown_first_and_a_jump_needs_a_consent_of_its_own() {
    let home = Home::of_opus();
    let calm = mirror_in(&home, "6");
    let refresh = ["prices", "refresh", "--from", &calm];
    let shown = home.json(&refresh);
    assert_eq!((&shown["applied"], &shown["changes"]["changed"]), (&false.into(), &1.into()));
    assert_eq!(shown["changes"]["in_use"], json!(["claude-opus-4-7"]));
    let jump = mirror_in(&home, "50");
    let refresh = ["prices", "refresh", "--from", &jump, "--yes"];
    let refused = home.spend(&[&refresh[..], &["--json"]].concat());
    let shown: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!((&shown["applied"], &shown["jumps_accepted"]), (&false.into(), &false.into()));
    assert_eq!(refused.status.code(), Some(1), "asked for and not done is no success");
    let said = text(&refused.stderr);
    assert!(said.contains("nothing was changed") && said.contains("--accept-jumps"), "{said}");
    assert!(home.spend(&refresh[..4]).status.success(), "looking alone is");
    assert_eq!(home.totals()[0], "5.942159");
    assert_eq!(home.json(&[&refresh[..], &["--accept-jumps"]].concat())["applied"], true);
    let doctor = home.json(&["doctor"]);
    assert_eq!(doctor["price_lists"], "genai-prices 2026-11-26, model-prices 0.0.5");
}

#[test]
fn a_model_that_gets_its_first_price_is_told_as_such() {
    let home = Home::of_opus();
    home.call("msg_1", "claude-opus-5-6");
    let (list, history) = lists("5");
    let new =
        r#"{"id":"claude-opus-5-6","match":{"equals":"claude-opus-5-6"},"prices":{"input_mtok":4,"output_mtok":20}},"#;
    let mirror = mirror_of(
        &home,
        (list.replacen(r#"{"id":"claude-opus-4-7""#, &format!(r#"{new}{{"id":"claude-opus-4-7""#), 1), history),
    );
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
    let home = Home::of_opus();
    let same = mirror_in(&home, "5");
    let shown = home.json(&["prices", "refresh", "--from", &same, "--yes"]);
    assert_eq!((&shown["applied"], &shown["restated"]["calls"]), (&false.into(), &0.into()));
    let said = home.text(&["prices", "refresh", "--from", &same, "--yes"]);
    assert!(said.contains("Nothing new") && !said.contains("Done"), "{said}");
    assert_eq!(home.json(&["doctor"])["price_lists"], "genai-prices 0.2.3, model-prices 0.0.5");
    assert_eq!(home.json(&["prices", "log"])["restatements"], json!([]));
}

#[test]
fn a_mirror_of_the_environment_is_asked_unless_another_is_named() {
    let home = Home::of_opus();
    let (list, history) = lists("6");
    let stub = Stub::serve(mirror::of(&list, &history));
    let refresh = |more: &[&str]| {
        let arguments = [&["prices", "refresh", "--json"], more].concat();
        home.spend_with_mirror(&stub.url(""), &arguments)
    };
    let shown: Value = serde_json::from_slice(&refresh(&[]).stdout).unwrap();
    assert_eq!((&shown["changes"]["changed"], stub.paths().len()), (&1.into(), 3));
    assert!(refresh(&["--from", &mirror_in(&home, "7")]).status.success());
    assert_eq!(stub.paths().len(), 3);
    let refused = home.spend_with_mirror("http://mirror.example", &["prices", "refresh"]);
    let said = text(&refused.stderr);
    assert!(said.contains("SPENDMETER_PRICES_FROM") && said.contains("https"), "{said}");
}

#[test]
fn the_daily_look_is_off_until_somebody_turns_it_on_and_what_it_asks_is_said() {
    let home = Home::of_opus();
    let daily = || home.json(&["doctor"])["prices_looked_for_daily"].clone();
    assert_eq!(daily(), false);
    let said = home.text(&["prices", "refresh", "--daily", "on"]);
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
fn a_refresh_that_fails_leaves_the_prices_in_use() {
    let home = Home::of_opus();
    let mirror = mirror_in(&home, "5");
    fs::write(home.path("mirror/genai-prices/v2/data.json"), "<html>Sign in</html>").unwrap();
    let said = home.refused(&["prices", "refresh", "--from", &mirror, "--yes"]);
    assert!(said.contains("data.json") && said.contains("web page"), "{said}");
    let said = home.refused(&["prices", "refresh", "--from", "http://mirror.invalid/prices", "--yes"]);
    assert!(said.contains("mirror.invalid"), "{said}");
    assert_eq!(home.json(&["doctor"])["price_lists"], "genai-prices 0.2.3, model-prices 0.0.5");
    assert_eq!(home.totals()[0], "5.942159");
}
