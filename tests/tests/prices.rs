//! Prices in the real window: what is asked, seen, decided and taken back there holds in every figure, here and in the
//! terminal. Lists come from a server on this machine.

use acceptance::home::{Call, Home, two_dollars};
use acceptance::machine::now;
use acceptance::stage::{PATIENCE, Stage};
use acceptance::wait::wait_for;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use stub::{Stub, mirror};

const GENAI_PRICES: &str = include_str!("../../src-tauri/core/prices/genai-prices-0.2.3.json");
const MODEL_PRICES: &str = include_str!("../../src-tauri/core/prices/model-prices-0.0.5.json");

/// A mirror in which a million tokens of Opus 5.5's output cost $30 instead of $20, as both lists say, and input of a model
/// that nobody here uses ten times what it did.
fn mirror() -> Result<Stub> {
    let list = with(GENAI_PRICES, r#""id":"claude-opus-5-5","name""#, r#""output_mtok":20,"#, r#""output_mtok":30,"#)?;
    let luna = r#""id":"gpt-5.6-luna","name""#;
    let list = with(&list, luna, r#""input_mtok":{"base":0.2,"#, r#""input_mtok":{"base":2,"#)?;
    let history = with(MODEL_PRICES, r#""claude-opus-5-5": {"#, r#""output": 20.0,"#, r#""output": 30.0,"#)?;
    Ok(Stub::serve(mirror::of(&list, &history)))
}

/// The list with another price in the entry that begins so.
fn with(list: &str, entry: &str, price: &str, another: &str) -> Result<String> {
    let at = list.find(entry).with_context(|| format!("no list has {entry}"))?;
    let (before, after) = list.split_at(at);
    let changed = after.replacen(price, another, 1);
    assert_ne!(changed, after, "{entry} has another price than this test thinks");
    Ok(format!("{before}{changed}"))
}

fn stage(mirror: &Stub, theme: &str, prepare: impl FnOnce(&Home) -> Result<()>) -> Result<Stage> {
    Stage::set_with(&[("SPENDMETER_PRICES_FROM", mirror.url(""))], theme, prepare)
}

fn estimated_today(stage: &Stage) -> Result<Value> {
    Ok(stage.spend(&["today"])?["today"]["estimated"].clone())
}

#[test]
fn newer_lists_are_seen_agreed_to_and_taken_back_in_the_window_and_hold_everywhere() -> Result<()> {
    let mirror = mirror()?;
    let stage = stage(&mirror, "light", |home| home.call(&two_dollars("web-api", "1", now())))?;
    stage.await_words("$2.00")?;
    stage.go_to_prices()?;
    stage.await_words("Asks 127.0.0.1 once for both lists")?;
    assert_eq!(mirror.paths(), Vec::<String>::new(), "nobody is asked before somebody clicks");
    stage.press("Look for new prices")?;
    // 12 tokens × $4/M + 100,000 × $30/M
    stage.await_words("1 past call changes: estimate $2.00 → $3.00 (+$1.00)")?;
    let words = stage.words()?;
    for wanted in [
        "2 models with another price; 0 new; 0 gone.",
        "You use 1 of those changed or gone: claude-opus-5-5.",
        "github-copilot/gpt-5.6-luna",
    ] {
        assert!(words.contains(wanted), "no `{wanted}` in:\n{words}");
    }
    stage.window.screenshot("window-prices-found")?;
    assert_eq!(estimated_today(&stage)?, "2.000048", "nothing before somebody agrees");
    assert_eq!(stage.spend(&["doctor"])?["price_lists"], "genai-prices 0.2.3, model-prices 0.0.5");

    let take_in: bool = stage.window.script(
        "return [...document.querySelectorAll('button')].find((one) => one.innerText === 'Use these prices').getAttribute('aria-disabled') === 'true'",
        &[],
    )?;
    assert!(take_in, "a price that jumps needs a consent of its own");
    stage.click(".found input[type='checkbox']")?;
    stage.press("Use these prices")?;
    stage.await_words("The new prices are in use. 1 past call corrected.")?;
    stage.await_words("took in genai-prices")?;
    stage.window.screenshot("window-prices-taken-in")?;
    assert_eq!(estimated_today(&stage)?, "3.000048");
    let log = stage.spend(&["prices", "log"])?["restatements"].clone();
    assert_eq!([&log[0]["before"]["estimated"], &log[0]["after"]["estimated"]], ["2.000048", "3.000048"]);
    stage.go_back()?;
    stage.await_words("$3.00")?;

    stage.go_to_prices()?;
    stage.press("Undo the last one")?;
    stage.press("Undo")?;
    stage.await_words("was undone.")?;
    assert_eq!(estimated_today(&stage)?, "2.000048");
    assert_eq!(stage.spend(&["doctor"])?["price_lists"], "genai-prices 0.2.3, model-prices 0.0.5");
    stage.go_back()?;
    stage.await_words("$2.00")?;
    assert!(!stage.words()?.contains("$3.00"), "{}", stage.words()?);
    Ok(())
}

#[test]
fn the_daily_look_is_turned_on_in_the_window_and_what_it_finds_waits() -> Result<()> {
    let mirror = mirror()?;
    let stage = stage(&mirror, "dark", |home| home.a_month(now()))?;
    stage.await_words("web-api")?;
    stage.go_to_prices()?;
    stage.await_words("Look for newer prices every day")?;
    assert_eq!((mirror.paths().len(), &stage.spend(&["doctor"])?["prices_looked_for_daily"]), (0, &json!(false)));
    stage.click("input[aria-describedby='daily-why']")?;
    wait_for("the app to ask for both lists", PATIENCE, || (mirror.paths().len() == 3).then_some(()))?;
    stage.await_words("You use 1 of those changed or gone: claude-opus-5-5.")?;
    stage.await_words("newer lists were there.")?;
    stage.window.screenshot("window-prices-daily")?;
    let doctor = stage.spend(&["doctor"])?;
    assert_eq!(doctor["prices_looked_for_daily"], true);
    assert_eq!(doctor["price_lists"], "genai-prices 0.2.3, model-prices 0.0.5", "it takes nothing in");
    stage.go_back()?;
    stage.await_words("Newer price lists are there: 2 models changed, of which you use 1. Look at them")?;
    stage.window.screenshot("window-newer-prices")?;

    stage.spend(&["prices", "refresh", "--daily", "off"])?;
    stage.go_to_prices()?;
    stage.press("Keep the prices in use")?;
    stage.await_words("The prices in use stay as they are.")?;
    stage.go_back()?;
    stage.await_words("web-api")?;
    assert!(!stage.words()?.contains("Newer price lists"), "{}", stage.words()?);
    assert_eq!(mirror.paths().len(), 3);
    Ok(())
}

#[test]
fn a_plan_is_set_in_the_window_and_its_spend_stands_apart_from_money_everywhere() -> Result<()> {
    let stage = Stage::set("dark", |home| home.call(&two_dollars("web-api", "1", now())))?;
    stage.await_words("$2.00")?;
    stage.go_to_prices()?;
    stage.click("button[aria-label='Change how Claude Code is paid']")?;
    stage.click("dialog[open] input[value='known']")?;
    let choose = "const plans = document.querySelector('dialog[open] select'); \
                  plans.value = [...plans.options].find((one) => one.text.startsWith('Claude Max 20x')).value; \
                  plans.dispatchEvent(new Event('change', { bubbles: true })); return null";
    stage.window.script::<Value>(choose, &[])?;
    stage.press("See what it changes")?;
    stage.await_words("1 past call changes: $2.00 estimated → $2.00 API-equivalent")?;
    stage.window.screenshot("window-prices-plan")?;
    assert_eq!(estimated_today(&stage)?, "2.000048");
    stage.press("Set this plan")?;
    stage.await_words("claude-code runs under Claude Max 20x")?;
    let today = stage.spend(&["today"])?["today"].clone();
    assert_eq!((&today["estimated"], &today["api_equivalent"]), (&Value::Null, &json!("2.000048")));
    stage.go_back()?;
    stage.await_words("API-equivalent")?;
    stage.await_words("$200.00 a month")?;
    stage.window.screenshot("window-plan")?;
    Ok(())
}

#[test]
fn what_a_model_costs_is_said_in_the_window_seen_first_and_then_everywhere() -> Result<()> {
    let stage = Stage::set("light", |home| {
        home.call(&two_dollars("web-api", "1", now()))?;
        home.call(&Call { model: "nobody-knows", ..two_dollars("web-api", "2", now()) })
    })?;
    stage.await_words("100 K tokens")?;
    stage.go_to_prices()?;
    stage.await_words("genai-prices 0.2.3, model-prices 0.0.5")?;
    stage.window.screenshot("window-prices")?;
    stage.press("Say what it costs")?;
    stage.await_words("For calls that Anthropic serves.")?;
    stage.click("dialog[open] input[value='rates']")?;
    let rates = stage.window.find_all("dialog[open] input[inputmode='decimal']")?;
    for (field, rate) in rates.iter().zip(["1", "30"]) {
        stage.window.type_into(field, rate)?;
    }
    stage.press("See what it changes")?;
    // 12 tokens × $1/M + 100,000 × $30/M
    stage.await_words("$3.00")?;
    stage.window.screenshot("window-prices-say")?;
    assert_eq!(stage.spend(&["today"])?["today"]["estimated"], "2.000048", "nothing before somebody agrees");
    stage.press("Set this price")?;
    stage.await_words("nobody-knows of anthropic costs $1 · $30 per million tokens")?;
    assert_eq!(stage.spend(&["today"])?["today"]["estimated"], "5.00006");
    stage.go_back()?;
    stage.await_words("$5.00")
}

#[test]
fn looking_for_prices_without_a_network_says_so_and_leaves_them() -> Result<()> {
    let stage = Stage::set("dark", |home| home.call(&two_dollars("web-api", "1", now())))?;
    stage.await_words("$2.00")?;
    stage.go_to_prices()?;
    stage.press("Look for new prices")?;
    stage.await_words("raw.githubusercontent.com/pydantic")?;
    stage.await_words("The prices in use stay as they are.")?;
    stage.window.screenshot("window-prices-offline")?;
    assert_eq!(stage.spend(&["doctor"])?["price_lists"], "genai-prices 0.2.3, model-prices 0.0.5");
    Ok(())
}
