//! A driven app over a home of its own: what most tests of the window start from.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::app::{self, Arguments};
use crate::desktop::Desktop;
use crate::home::Home;
use crate::wait::wait_for;
use crate::webdriver::WebDriver;

/// How long to wait for what a person would see at once.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A driven app over a home of its own.
#[derive(Debug)]
pub struct Stage {
    /// The app's window.
    pub window: WebDriver,
    /// Where agents log.
    pub home: Home,
    arguments: Arguments,
    desktop: Desktop,
}

impl Stage {
    /// The app, in light or dark, over a home that was prepared.
    ///
    /// # Errors
    /// When the desktop or the app does not start.
    pub fn set(theme: &str, prepare: impl FnOnce(&Home) -> Result<()>) -> Result<Self> {
        Self::set_with(&[], theme, prepare)
    }

    /// The same, with variables in the environment of the app and of the command line.
    ///
    /// # Errors
    /// When the desktop or the app does not start.
    pub fn set_with(
        variables: &[(&'static str, String)],
        theme: &str,
        prepare: impl FnOnce(&Home) -> Result<()>,
    ) -> Result<Self> {
        let mut desktop = Desktop::start()?;
        for (name, value) in variables {
            desktop.set_variable(name, value);
        }
        let home = Home::new(desktop.home().join("agents"))?;
        prepare(&home)?;
        let mut arguments = Arguments::new(desktop.home().join("data"), home.path());
        arguments.more = vec!["--timezone".into(), "UTC".into()];
        let driven = [arguments.to_vec(), vec!["--theme".into(), theme.into()]].concat();
        let window = WebDriver::start(&desktop, &app::spendmeter()?, &driven)?;
        Ok(Self { window, home, arguments, desktop })
    }

    /// All words on the page. Asked of the page itself: the driver leaves some out that a person sees.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn words(&self) -> Result<String> {
        let words: String = self.window.script("return document.body.innerText", &[])?;
        // Figures are kept together with their units by spaces that do not break.
        Ok(words.replace(['\u{a0}', '\u{202f}'], " "))
    }

    /// Waits until the page says this.
    ///
    /// # Errors
    /// When it does not in time: quotes what it says instead.
    pub fn await_words(&self, wanted: &str) -> Result<()> {
        wait_for(wanted, PATIENCE, || self.words().ok()?.contains(wanted).then_some(()))
            .with_context(|| format!("the page says:\n{}", self.words().unwrap_or_default()))
    }

    /// Presses the button with these words, once it is there and may be pressed.
    ///
    /// # Errors
    /// When there is none in time.
    pub fn press(&self, words: &str) -> Result<()> {
        let there = "return [...document.querySelectorAll('button:not([aria-disabled=true])')]\
                       .some((one) => one.innerText.trim() === arguments[0])";
        let named = [Value::from(words)];
        wait_for(words, PATIENCE, || self.window.script::<bool>(there, &named).ok()?.then_some(()))?;
        let press = "[...document.querySelectorAll('button:not([aria-disabled=true])')]\
                       .find((one) => one.innerText.trim() === arguments[0]).click(); return null";
        self.window.script::<Value>(press, &named).map(drop)
    }

    /// Clicks what matches the CSS selector, once it is there.
    ///
    /// # Errors
    /// When nothing does in time.
    pub fn click(&self, css: &str) -> Result<()> {
        self.window.click(&self.window.await_element(css, PATIENCE)?)
    }

    /// Opens the view of prices.
    ///
    /// # Errors
    /// When nothing leads there.
    pub fn go_to_prices(&self) -> Result<()> {
        self.click("a[href='#/prices']")
    }

    /// Goes back to the view before.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn go_back(&self) -> Result<()> {
        self.window.script::<Value>("history.back(); return null", &[]).map(drop)
    }

    /// What the command line answers, as JSON.
    ///
    /// # Errors
    /// When it fails: quotes what it said.
    pub fn spend(&self, arguments: &[&str]) -> Result<Value> {
        let output = app::spend(&self.desktop, &self.arguments)?.args(arguments).arg("--json").output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}
