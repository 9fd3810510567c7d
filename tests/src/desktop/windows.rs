//! The windows on a desktop's screen, as `xdotool` sees them.

use std::ffi::OsString;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::{Desktop, command};
use crate::wait::try_for;

/// Long enough for a few looks, should windows be closing.
const LOOK: Duration = Duration::from_secs(5);

/// Colours of a window with nothing in it: the ground, and those that smooth its edge.
const EMPTY: u32 = 16;

impl Desktop {
    /// Ids of the visible windows whose title matches the regular expression `title`.
    ///
    /// # Errors
    /// When the screen cannot be asked.
    pub fn windows_titled(&self, title: &str) -> Result<Vec<u32>> {
        self.windows(&["--name", title])
    }

    /// Ids of the visible windows of the class `class`, which is usually the program's name.
    ///
    /// # Errors
    /// When the screen cannot be asked.
    pub fn windows_of_class(&self, class: &str) -> Result<Vec<u32>> {
        self.windows(&["--class", class])
    }

    /// Waits for exactly `count` visible windows whose title matches, and gives their ids.
    ///
    /// # Errors
    /// When there are more or fewer until `patience` is over.
    pub fn await_windows(&self, title: &str, count: usize, patience: Duration) -> Result<Vec<u32>> {
        try_for(&format!("{count} visible window(s) titled `{title}`"), patience, || {
            let windows = self.windows_titled(title)?;
            Ok((windows.len() == count).then_some(windows))
        })
    }

    /// Waits for the one visible window whose title matches to have something in it, and gives its id. A window can be
    /// on the screen for a while before its page is.
    ///
    /// # Errors
    /// When there is no such window, or only an empty one, until `patience` is over.
    pub fn await_drawn_window(&self, title: &str, patience: Duration) -> Result<u32> {
        let window = *self.await_windows(title, 1, patience)?.first().context("no window")?;
        try_for(&format!("something in the window titled `{title}`"), patience, || {
            let colours = ["-window", &window.to_string(), "-format", "%k", "info:-"];
            let output = command("import", &colours, &self.environment)?.output()?;
            let count: Option<u32> = String::from_utf8_lossy(&output.stdout).trim().parse().ok();
            Ok(count.is_some_and(|count| count > EMPTY).then_some(window))
        })
    }

    /// Closes a window as its cross does: the window manager asks the app, which may refuse.
    ///
    /// # Errors
    /// When the window is not there.
    pub fn close_window(&self, window: u32) -> Result<()> {
        // Not by a key: where the focus is just moving, it goes to another window. Nor by xdotool's `windowclose`, which
        // destroys the window without asking.
        let output = command("wmctrl", &["-i", "-c", &window.to_string()], &self.environment)?.output()?;
        ensure!(output.status.success(), "cannot close the window: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// Presses the left button at a place of the screen.
    ///
    /// # Errors
    /// When `xdotool` fails.
    pub fn press_at(&self, x: u32, y: u32) -> Result<()> {
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string(), "click", "1"]).map(drop)
    }

    /// Runs `xdotool` on this screen and gives what it prints.
    ///
    /// # Errors
    /// When it fails: says what it said.
    pub fn xdotool(&self, arguments: &[&str]) -> Result<String> {
        let output = command("xdotool", arguments, &self.environment)?.output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`xdotool {}` failed: {errors}", arguments.join(" "));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn windows(&self, search: &[&str]) -> Result<Vec<u32>> {
        try_for("a look at the windows", LOOK, || {
            let mut xdotool = command("xdotool", &["search", "--onlyvisible"], &self.environment)?;
            let output = xdotool.args(search).output().context("cannot run xdotool")?;
            let errors = String::from_utf8_lossy(&output.stderr);
            // A window that closes while xdotool walks over it makes it give up; the next look is without that window.
            if errors.contains("BadWindow") {
                return Ok(None);
            }
            // It exits with 1 both for "none" and for "no such display"; only the second has something to say.
            ensure!(output.status.success() || errors.is_empty(), "cannot look for windows: {errors}");
            Ok(Some(String::from_utf8_lossy(&output.stdout).lines().filter_map(|line| line.parse().ok()).collect()))
        })
    }
}

/// Whether a window manager says that it manages the screen.
pub(super) fn has_window_manager(environment: &[(&'static str, OsString)]) -> bool {
    let asked = command("xdotool", &["get_num_desktops"], environment).and_then(|mut ask| Ok(ask.output()?));
    asked.is_ok_and(|answer| answer.status.success())
}
