//! The dashboard in its real window: the same figures as everywhere else, live.

use std::time::Duration;

use acceptance::home::two_dollars;
use acceptance::machine::now;
use acceptance::stage::{PATIENCE, Stage};
use acceptance::wait::wait_for;
use anyhow::{Context, Result};
use serde_json::Value;

#[test]
fn the_window_shows_the_figures_of_tray_and_terminal() -> Result<()> {
    let stage = Stage::set("light", |home| {
        home.call(&two_dollars("web-api", "1", now()))?;
        home.call(&two_dollars("web-api", "2", now()))?;
        home.call(&two_dollars("infra", "3", now()))
    })?;
    stage.await_words("$6.00")?;
    assert_eq!(stage.spend(&["today"])?["today"]["estimated"], "6.000144", "12 tokens of input each, too");
    let words = stage.words()?;
    for wanted in ["as of", "estimated", "web-api", "$4.00", "67 %", "infra", "Claude Code, live", "Codex: not found"] {
        assert!(words.contains(wanted), "no `{wanted}` in:\n{words}");
    }
    stage.window.screenshot("window-light")?;
    Ok(())
}

#[test]
fn a_call_that_is_made_while_one_looks_appears() -> Result<()> {
    let stage = Stage::set("dark", |home| home.call(&two_dollars("web-api", "1", now())))?;
    stage.await_words("$2.00")?;
    let theme: String = stage.window.script("return document.documentElement.dataset.theme", &[])?;
    assert_eq!(theme, "dark", "set before the first paint");
    stage.home.call(&two_dollars("web-api", "2", now()))?;
    // Far sooner than the poll would find it.
    wait_for("$4.00", Duration::from_secs(10), || stage.words().ok()?.contains("$4.00").then_some(()))
}

#[test]
fn a_project_opens_into_models_and_sessions_and_back() -> Result<()> {
    let stage = Stage::set("light", |home| home.a_month(now()))?;
    stage.await_words("web-api")?;
    let row = stage.window.await_element("main a[href*='web-api']", PATIENCE)?;
    stage.window.click(&row)?;
    stage.await_words("claude-opus-5-5")?;
    let words = stage.words()?;
    for wanted in ["/src/web-api", "Sessions", "main", "claude-sonnet-5-5"] {
        assert!(words.contains(wanted), "no `{wanted}` in:\n{words}");
    }
    // The figure is that of the command line, to the cent.
    let report = stage.spend(&["report", "--by", "project", "--project", "web-api", "--last", "30d"])?;
    let cost = report["rows"][0]["cost_usd"].as_str().context("no cost")?;
    let exact: String = stage.window.script("return document.body.innerHTML", &[])?;
    assert!(exact.contains(cost), "{cost} stands nowhere on the page");
    stage.window.screenshot("window-project")?;
    stage.window.script::<Value>("history.back(); return null", &[])?;
    stage.await_words("nightly-eval")
}

#[test]
fn the_page_says_where_it_looked_when_there_is_nothing() -> Result<()> {
    let stage = Stage::set("light", |_| Ok(()))?;
    stage.await_words("~/.claude/projects")?;
    assert!(!stage.words()?.contains("$0.00"), "{}", stage.words()?);
    stage.window.screenshot("window-nothing-found")?;
    Ok(())
}

#[test]
fn the_page_can_reach_nothing_outside() -> Result<()> {
    let stage = Stage::set("light", |home| home.call(&two_dollars("web-api", "1", now())))?;
    stage.await_words("$2.00")?;
    let globals: Vec<String> =
        stage.window.script("return Object.keys(window).filter((name) => name === '__TAURI__')", &[])?;
    assert_eq!(globals, Vec::<String>::new(), "no global object to call the app with");
    let refused: bool = stage.window.script(
        "const image = new Image(); \
         return new Promise((done) => { \
           document.addEventListener('securitypolicyviolation', () => done(true)); \
           image.onload = () => done(false); image.src = 'http://127.0.0.1:9/'; setTimeout(() => done(false), 5000); })",
        &[],
    )?;
    assert!(refused, "the content policy lets the page load from elsewhere");
    Ok(())
}

#[test]
fn a_ledger_that_cannot_be_used_is_told_in_the_window() -> Result<()> {
    let stage = Stage::set("light", |home| {
        let data = home.path().parent().context("no folder above")?.join("data");
        std::fs::create_dir_all(&data)?;
        Ok(std::fs::write(data.join("ledger.db"), "no ledger, but long enough to be taken for one".repeat(99))?)
    })?;
    stage.await_words("is not a readable ledger")?;
    let words = stage.words()?;
    assert!(words.contains("ledger.db") && words.contains("Move it away"), "{words}");
    stage.window.screenshot("window-no-ledger")?;
    Ok(())
}
