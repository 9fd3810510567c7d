//! Spendmeter in the tray: the shell around `spendmeter-core`. Puts the pieces together and starts them; every figure
//! comes from the core.
//!
//! Read [`run`] from top to bottom: who we are, what remembers, what shows it, what drives it.

mod accounts;
mod arguments;
mod clock;
mod commands;
mod dashboard;
mod desktop;
mod memory;
mod meter;
mod notice;
mod platform;
mod prices;
mod schedule;
mod stderr;
mod theme;

use std::process::ExitCode;
use std::sync::Arc;
use std::{env, io};

use clap::Parser;
use jiff::tz::TimeZone;
use spendmeter_core::calendar::Calendar;
use spendmeter_core::ledger::{Ledger, LedgerError};
use spendmeter_core::places::{Places, PlacesError};
use spendmeter_core::secrets::{Keychain, Namespace, Timeouts};
use tauri::{AppHandle, Emitter, Manager, RunEvent, WindowEvent};

use crate::accounts::Accounts;
pub use crate::arguments::Arguments;
use crate::clock::Clock;
use crate::commands::Figures;
use crate::dashboard::Dashboard;
use crate::desktop::Desktop;
use crate::meter::{Choice, Reading, TrayMeter};
use crate::platform::Sign;
use crate::prices::daily::{self, Daily};
use crate::prices::{Fetched, Kept};
use crate::schedule::{News, Schedule};
pub use crate::theme::Theme;

/// Why the app cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No display to put anything on.
    #[error(
        "no display: what WAYLAND_DISPLAY or DISPLAY names does not answer, or neither is set. Start it from a desktop \
         session; `spend today` shows the same figures in a terminal"
    )]
    NoDisplay,
    /// No home folder.
    #[error(transparent)]
    Places(#[from] PlacesError),
    /// The system refused the tray item, the window system or the single-instance lock.
    #[error("the desktop refuses the app: {0}. `spend today` shows the same figures in a terminal")]
    Shell(#[from] tauri::Error),
    /// The system refused a thread.
    #[error("the system gives no thread to read the sources: {0}. Close some programs and start it again")]
    Schedule(#[from] io::Error),
}

/// The program: reads the arguments, runs, and says on standard error why it could not.
pub fn main() -> ExitCode {
    stderr::stop_on_panic();
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            stderr::report(error);
            ExitCode::FAILURE
        }
    }
}

/// Runs until the person quits.
///
/// # Errors
/// [`StartError`] when it cannot start.
pub fn run(arguments: Arguments) -> Result<ExitCode, StartError> {
    if !platform::can_open_windows() {
        return Err(StartError::NoDisplay);
    }
    let places = Arc::new(Places::of_user(env::vars_os(), arguments.home, arguments.data_dir)?);
    let calendar = Calendar::new(arguments.timezone.unwrap_or_else(zone_of_the_system));
    let clock = Clock::system();

    let app = tauri::Builder::default()
        // First of all: a second start ends inside `build`, after it has made the first one show its dashboard.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| dashboard::open(app, None)))
        .manage(Desktop::unknown())
        .manage(Arc::<Fetched>::default())
        .manage(Kept::default())
        .manage(Keychain::of_system(&Namespace::of_this_build(), Timeouts::default()))
        .manage(Dashboard::new(places.data().join("window.json"), arguments.theme))
        .invoke_handler(commands::handler())
        .build(tauri::generate_context!())?;
    let ledger = Ledger::open(&places.ledger());
    let trouble = ledger.as_ref().err().map(ToString::to_string);
    app.manage(Figures { places: Arc::clone(&places), calendar: calendar.clone(), clock, trouble });

    let mut start = Some(move |app: &AppHandle| -> Result<(), StartError> {
        let ledger = match ledger {
            Ok(ledger) => ledger,
            Err(trouble) => {
                show_trouble(app, &trouble);
                return Ok(());
            }
        };
        let first = Reading { meter: None, paused: false, today: calendar.date(clock.now().wall) };
        TrayMeter::put_up(app, &first, choose)?;
        let fetched = Arc::clone(app.state::<Arc<Fetched>>().inner());
        app.manage(daily::start(Arc::clone(&places), clock, fetched, tell_page(app))?);
        let keychain = app.state::<Keychain>().inner().clone();
        app.manage(accounts::start(Arc::clone(&places), keychain, move || clock.now().wall, changed(app))?);
        app.manage(schedule::start(ledger, places, calendar, clock, tell(app))?);
        watch_desktop(app);
        if !arguments.hidden {
            dashboard::open(app, None);
        }
        Ok(())
    });
    let code = app.run_return(move |app, event| match event {
        RunEvent::Ready => {
            // Once, and not before the event loop runs: macOS makes no tray item earlier.
            if let Some(Err(error)) = start.take().map(|start| start(app)) {
                stderr::report(error);
                app.exit(1);
            }
        }
        RunEvent::WindowEvent { event: WindowEvent::CloseRequested { .. }, .. }
        | RunEvent::ExitRequested { code: Some(_), .. } => dashboard::closing(app),
        // The last window was closed, which is no wish to quit as long as there is a tray to come back from.
        RunEvent::ExitRequested { code: None, api, .. } if can_be_reached(app) => api.prevent_exit(),
        _ => {}
    });
    Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from))
}

#[expect(clippy::disallowed_methods, reason = "the composition root asks the system, so that nothing else has to")]
fn zone_of_the_system() -> TimeZone {
    TimeZone::system()
}

/// Whoever started the app from a menu sees no terminal: the window says why there is no meter. Closing it quits.
fn show_trouble(app: &AppHandle, trouble: &LedgerError) {
    stderr::report(trouble);
    app.manage(Schedule::none());
    app.manage(Daily::none());
    app.manage(Accounts::none());
    dashboard::open(app, None);
}

/// Whether there is a way to the app but its window.
fn can_be_reached(app: &AppHandle) -> bool {
    app.try_state::<TrayMeter>().is_some() && app.state::<Desktop>().shows_tray()
}

/// Takes the schedule's news to the tray and, without any figure, to the page, which asks for what it shows.
fn tell(app: &AppHandle) -> impl Fn(News) + Send + 'static {
    let app = app.clone();
    move |News { reading, ledger_changed }| {
        let paused = reading.paused;
        let on_main = app.clone();
        let posted = app.run_on_main_thread(move || {
            if let Err(error) = on_main.state::<TrayMeter>().show(&reading) {
                stderr::report(format_args!("the tray refuses a change: {error}. The dashboard shows the figures"));
            }
        });
        // All of this fails only while the app ends.
        let _ = posted;
        if ledger_changed {
            let _ = app.emit("ledger-changed", ());
        }
        // The command line may have turned the daily look on or off.
        app.state::<Daily>().wake();
        let accounts = app.state::<Accounts>();
        accounts.pause(paused);
        accounts.wake();
    }
}

/// Has tray and page tell what the providers say now.
fn changed(app: &AppHandle) -> impl Fn() + Send + 'static {
    let app = app.clone();
    move || {
        // It may not be there yet: then its first figures are these.
        if let Some(schedule) = app.try_state::<Schedule>() {
            schedule.figures_changed();
        }
    }
}

/// Has the page ask again.
fn tell_page(app: &AppHandle) -> impl Fn() + Send + 'static {
    let app = app.clone();
    move || {
        let _ = app.emit("ledger-changed", ());
    }
}

/// Does what was chosen in the tray's menu.
fn choose(app: &AppHandle, choice: Choice) {
    match choice {
        Choice::OpenDashboard => dashboard::open(app, None),
        Choice::OpenView(hash) => dashboard::open(app, Some(hash)),
        Choice::Refresh => {
            app.state::<Schedule>().refresh();
            app.state::<Accounts>().refresh();
        }
        Choice::TogglePause => app.state::<Schedule>().toggle_pause(),
        Choice::Quit => app.exit(0),
    }
}

/// Follows the desktop: without a place for the tray item the dashboard is the only way in.
fn watch_desktop(app: &AppHandle) {
    let follower = app.clone();
    platform::watch(move |sign| match sign {
        Sign::TrayHost(there) => {
            follower.state::<Desktop>().set_shows_tray(there);
            let _ = follower.emit("ledger-changed", ());
            if !there {
                dashboard::open(&follower, None);
            }
        }
        Sign::Scheme(scheme) => dashboard::scheme_changed(&follower, move |wishes| wishes.desktop = scheme),
    });
    let follower = app.clone();
    let toolkit_changed =
        move || dashboard::scheme_changed(&follower, |wishes| wishes.toolkit = platform::toolkit_scheme());
    toolkit_changed();
    platform::watch_toolkit(toolkit_changed);
}
