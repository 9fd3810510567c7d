//! The dashboard in its real window: the same figures as everywhere else, live.

use std::time::Duration;

use acceptance::app::{self, Arguments};
use acceptance::desktop::Desktop;
use acceptance::home::{Call, Home, two_dollars};
use acceptance::machine::now;
use acceptance::wait::wait_for;
use acceptance::webdriver::WebDriver;
use anyhow::{Context, Result, ensure};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(30);

/// A driven app over a home of its own.
struct Stage {
    window: WebDriver,
    home: Home,
    arguments: Arguments,
    desktop: Desktop,
}

impl Stage {
    fn set(theme: &str, prepare: impl FnOnce(&Home) -> Result<()>) -> Result<Self> {
        let desktop = Desktop::start()?;
        let home = Home::new(desktop.home().join("agents"))?;
        prepare(&home)?;
        let mut arguments = Arguments::new(desktop.home().join("data"), home.path());
        arguments.more = vec!["--timezone".into(), "UTC".into()];
        let driven = [arguments.to_vec(), vec!["--theme".into(), theme.into()]].concat();
        let window = WebDriver::start(&desktop, &app::spendmeter()?, &driven)?;
        Ok(Self { window, home, arguments, desktop })
    }

    /// All words on the page. Asked of the page itself: the driver leaves some out that a person sees.
    fn words(&self) -> Result<String> {
        let words: String = self.window.script("return document.body.innerText", &[])?;
        // Figures are kept together with their units by spaces that do not break.
        Ok(words.replace(['\u{a0}', '\u{202f}'], " "))
    }

    fn await_words(&self, wanted: &str) -> Result<()> {
        wait_for(wanted, PATIENCE, || self.words().ok()?.contains(wanted).then_some(()))
            .with_context(|| format!("the page says:\n{}", self.words().unwrap_or_default()))
    }

    /// Presses the button with these words.
    fn press(&self, words: &str) -> Result<()> {
        let there =
            "return [...document.querySelectorAll('button')].some((one) => one.innerText.trim() === arguments[0])";
        let named = [Value::from(words)];
        wait_for(words, PATIENCE, || self.window.script::<bool>(there, &named).ok()?.then_some(()))?;
        let press = "[...document.querySelectorAll('button')].find((one) => one.innerText.trim() === arguments[0]).click(); \
                     return null";
        self.window.script::<Value>(press, &named).map(drop)
    }

    fn spend(&self, arguments: &[&str]) -> Result<Value> {
        let output = app::spend(&self.desktop, &self.arguments)?.args(arguments).arg("--json").output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

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

#[test]
fn what_a_model_costs_is_said_in_the_window_seen_first_and_then_everywhere() -> Result<()> {
    let stage = Stage::set("light", |home| {
        home.call(&two_dollars("web-api", "1", now()))?;
        home.call(&Call { model: "nobody-knows", ..two_dollars("web-api", "2", now()) })
    })?;
    stage.await_words("100 K tokens")?;
    stage.window.click(&stage.window.await_element("a[href='#/prices']", PATIENCE)?)?;
    stage.await_words("genai-prices 0.2.3, model-prices 0.0.5")?;
    stage.window.screenshot("window-prices")?;
    stage.press("Say what it costs")?;
    stage.window.click(&stage.window.await_element("dialog[open] input[value='rates']", PATIENCE)?)?;
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
    stage.await_words("nobody-knows costs $1 · $30 per million tokens")?;
    assert_eq!(stage.spend(&["today"])?["today"]["estimated"], "5.00006");
    stage.window.script::<Value>("history.back(); return null", &[])?;
    stage.await_words("$5.00")
}

#[test]
fn looking_for_prices_without_a_network_says_so_and_leaves_them() -> Result<()> {
    let stage = Stage::set("dark", |home| home.call(&two_dollars("web-api", "1", now())))?;
    stage.await_words("$2.00")?;
    stage.window.click(&stage.window.await_element("a[href='#/prices']", PATIENCE)?)?;
    stage.press("Look for new prices")?;
    stage.await_words("raw.githubusercontent.com/pydantic")?;
    stage.await_words("The prices in use stay as they are.")?;
    stage.window.screenshot("window-prices-offline")?;
    assert_eq!(stage.spend(&["doctor"])?["price_lists"], "genai-prices 0.2.3, model-prices 0.0.5");
    Ok(())
}
