//! Runs the app where there is no screen: `desktop [--once] APP [ARGUMENTS…]`.
//!
//! Starts a desktop session, the app in it, opens the dashboard through the tray menu and leaves a picture of it all. The app
//! sees the home of whoever runs this; only screen, bus and keyring are the session's.
#![expect(clippy::print_stdout, reason = "a program for people: it tells where the picture is")]

use std::ffi::OsString;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use acceptance::app::App;
use acceptance::desktop::Desktop;
use acceptance::wait::wait_for;
use anyhow::{Context, Result};
use clap::Parser;
use signal_hook::consts::{SIGINT, SIGTERM};

/// The first reading of a large home takes its time.
const FIRST_FIGURE: Duration = Duration::from_mins(1);

/// The row of the tray menu that opens the window, and how the window is titled.
const OPEN: &str = "Open dashboard";
const TITLE: &str = "^Spendmeter";

#[derive(Debug, Parser)]
#[command(about = "Runs the tray app in a desktop session without a screen, and takes a picture of it")]
struct Wanted {
    /// End when the picture is taken, instead of at Ctrl-C.
    #[arg(long)]
    once: bool,
    /// The app and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    app: Vec<OsString>,
}

fn main() -> Result<()> {
    let wanted = Wanted::parse();
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
    }

    let desktop = Desktop::start()?;
    let mut command = desktop.command_of_caller(&wanted.app[0]);
    command.args(&wanted.app[1..]);
    let app = App::start_command(&desktop, &command)?;

    let tray = app.tray(&desktop, FIRST_FIGURE)?;
    match tray.await_label(FIRST_FIGURE, |label| !label.is_empty()) {
        Ok(label) => println!("In the tray: {label}"),
        Err(_) => println!("In the tray: no figure yet"),
    }
    tray.click(OPEN)?;
    desktop.await_drawn_window(TITLE, FIRST_FIGURE).context("the dashboard did not open")?;
    let picture = desktop.settled_screenshot("desktop", FIRST_FIGURE)?;
    println!("The desktop: {}", picture.display());

    if !wanted.once {
        println!("It runs on display {}. Ctrl-C ends it.", desktop.display());
        wait_for("Ctrl-C or the app's end", Duration::MAX, || {
            (interrupted.load(Ordering::Relaxed) || app.ended()).then_some(())
        })?;
    }
    Ok(())
}
