//! The app's window as a person uses it: finds, reads, types, clicks, through `tauri-driver` and WebKit's own driver.
//!
//! Speaks the W3C `WebDriver` protocol over a plain blocking HTTP client: the dozen calls needed here are a line each, and
//! a client library would bring an async runtime and its own idea of waiting.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use ureq::Agent;

use crate::desktop::{Desktop, Part};
use crate::machine;
use crate::wait::{try_for, wait_for};

/// Longest answer to one call; the first call starts the app.
const ANSWER: Duration = Duration::from_mins(1);

/// The key under which the protocol hands out elements, fixed by the standard.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A driven app. Dropping it ends the app and its driver.
#[derive(Debug)]
pub struct WebDriver {
    http: Agent,
    session: String,
    driver: Part,
}

/// An element of the page, as the driver names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element(String);

impl WebDriver {
    /// Starts `app` with `arguments` in `desktop` and waits until its window can be driven. The app must open its window
    /// by itself: WebKit's driver attaches to the first one.
    ///
    /// # Errors
    /// When a driver is not installed, or the app does not show a window.
    pub fn start(desktop: &Desktop, app: &Path, arguments: &[String]) -> Result<Self> {
        let (port, native_port) = (machine::free_port()?.to_string(), machine::free_port()?.to_string());
        let mut command = desktop.command(machine::program("tauri-driver")?);
        command.args(["--port", &port, "--native-port", &native_port, "--native-driver"]);
        command.arg(machine::program("WebKitWebDriver")?);
        let driver = desktop.run("tauri-driver", &command)?;

        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(ANSWER)).proxy(None);
        let http: Agent = config.build().into();
        let base = format!("http://127.0.0.1:{port}");
        wait_for("tauri-driver to listen", ANSWER, || http.get(format!("{base}/status")).call().is_ok().then_some(()))
            .with_context(|| format!("the end of its log:\n{}", driver.log_tail()))?;

        let app = json!({ "application": app, "args": arguments });
        let wanted = json!({ "capabilities": { "alwaysMatch": { "tauri:options": app } } });
        let created = answer(http.post(format!("{base}/session")).send_json(wanted)?)
            .with_context(|| format!("the app shows no window to drive; the end of the log:\n{}", driver.log_tail()))?;
        let id = created["sessionId"].as_str().context("the driver gave no session id")?;
        Ok(Self { session: format!("{base}/session/{id}"), http, driver })
    }

    /// The first element that matches the CSS selector.
    ///
    /// # Errors
    /// When none does.
    pub fn find(&self, css: &str) -> Result<Element> {
        self.find_all(css)?.into_iter().next().with_context(|| format!("the page has no element `{css}`"))
    }

    /// All elements that match the CSS selector, in the order of the page.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn find_all(&self, css: &str) -> Result<Vec<Element>> {
        let found = self.post("elements", &json!({ "using": "css selector", "value": css }))?;
        let found = found.as_array().context("the driver gave no list of elements")?;
        Ok(found.iter().filter_map(|element| Some(Element(element[ELEMENT].as_str()?.to_owned()))).collect())
    }

    /// Waits for an element that matches the CSS selector.
    ///
    /// # Errors
    /// When there is none after `patience`.
    pub fn await_element(&self, css: &str, patience: Duration) -> Result<Element> {
        try_for(&format!("an element `{css}`"), patience, || Ok(self.find_all(css)?.into_iter().next()))
    }

    /// The words that a person sees in an element.
    ///
    /// # Errors
    /// When the element is gone.
    pub fn text(&self, element: &Element) -> Result<String> {
        let text = self.get(&format!("element/{}/text", element.0))?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Clicks an element, scrolled into view first.
    ///
    /// # Errors
    /// When something covers it or it is gone.
    pub fn click(&self, element: &Element) -> Result<()> {
        self.post(&format!("element/{}/click", element.0), &json!({})).map(drop)
    }

    /// Types into an element, key by key.
    ///
    /// # Errors
    /// When it takes no keys or is gone.
    pub fn type_into(&self, element: &Element, text: &str) -> Result<()> {
        self.post(&format!("element/{}/value", element.0), &json!({ "text": text })).map(drop)
    }

    /// Runs JavaScript in the page, with `arguments[0]…`, and gives what it returns.
    ///
    /// # Errors
    /// When the script throws or returns something of another type.
    pub fn script<T: DeserializeOwned>(&self, script: &str, arguments: &[Value]) -> Result<T> {
        let returned = self.post("execute/sync", &json!({ "script": script, "args": arguments }))?;
        serde_json::from_value(returned).with_context(|| format!("`{script}` returned something else"))
    }

    /// Takes a picture of the page alone, `target/screenshots/{name}.png`.
    ///
    /// # Errors
    /// When the window is gone or the file cannot be written.
    pub fn screenshot(&self, name: &str) -> Result<PathBuf> {
        // What was changed a moment ago is drawn with the next frame, and is there with the one after it.
        let drawn =
            "return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))";
        self.script::<bool>(drawn, &[])?;
        let picture = self.get("screenshot")?;
        let file = machine::screenshots_folder()?.join(format!("{name}.png"));
        fs::write(&file, BASE64.decode(picture.as_str().unwrap_or_default())?)
            .with_context(|| format!("cannot write {}", file.display()))?;
        Ok(file)
    }

    /// Sets the size of the window.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        self.post("window/rect", &json!({ "width": width, "height": height })).map(drop)
    }

    fn get(&self, call: &str) -> Result<Value> {
        answer(self.http.get(format!("{}/{call}", self.session)).call()?).with_context(|| self.failed(call))
    }

    fn post(&self, call: &str, body: &Value) -> Result<Value> {
        answer(self.http.post(format!("{}/{call}", self.session)).send_json(body)?).with_context(|| self.failed(call))
    }

    fn failed(&self, call: &str) -> String {
        format!("the window did not do `{call}`; the end of the log:\n{}", self.driver.log_tail())
    }
}

/// The value in a driver's answer, or the error that it tells of.
fn answer(response: ureq::http::Response<ureq::Body>) -> Result<Value> {
    let succeeded = response.status().is_success();
    let mut body: Value = response.into_body().read_json().context("the driver's answer is no JSON")?;
    let value = body["value"].take();
    if succeeded {
        return Ok(value);
    }
    match (value["error"].as_str(), value["message"].as_str()) {
        (Some(error), Some(message)) => bail!("{error}: {message}"),
        _ => Err(anyhow!("the driver refused: {value}")),
    }
}
