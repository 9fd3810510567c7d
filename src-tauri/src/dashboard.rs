//! The one window: made when someone wants to look, destroyed when it is closed.
//!
//! Hiding it would free nothing; destroying it frees the web view's processes. It holds no state that would be lost: the
//! page asks for everything. Only where it stood is remembered.

mod place;

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tauri::{AppHandle, Emitter, Manager, PhysicalPosition, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Wry};

use self::place::{MIN_SIZE, Place, Screen};
use crate::platform;
use crate::stderr;
use crate::theme::{Theme, Wishes};

/// The window's label; `capabilities/dashboard.json` grants to this name.
pub(crate) const LABEL: &str = "dashboard";

/// A page that never says it is ready is broken, and a broken page must be seen to be reported.
const READY_WITHIN: Duration = Duration::from_secs(3);

/// A page that crashes again sooner than this is left alone until the window is opened again.
const RELOAD_AFTER: Duration = Duration::from_secs(10);

/// What is to be known about the window while it is not there.
#[derive(Debug)]
pub(crate) struct Dashboard {
    place_file: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    wishes: Wishes,
    page: Page,
    /// Counts the windows made, so that one that is gone is not taken for the one that is there.
    window: u32,
    reloaded: Option<Instant>,
}

/// What the page in the window is doing.
#[derive(Debug, Default, PartialEq, Eq)]
enum Page {
    /// Loading, and to be told to go to this view once it listens.
    Loading {
        view: Option<String>,
    },
    Ready,
    #[default]
    Gone,
}

impl Dashboard {
    /// A dashboard that remembers its place in `place_file`.
    pub(crate) fn new(place_file: PathBuf, person: Theme) -> Self {
        let wishes = Wishes { person, ..Wishes::default() };
        Self { place_file, state: Mutex::new(State { wishes, ..State::default() }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Brings the window to the front, making it if need be; with `view`, a hash such as `#/project/…`, shows that part of it.
/// From any thread.
pub(crate) fn open(app: &AppHandle, view: Option<String>) {
    on_main_thread(app, move |app| {
        let shown = match app.get_webview_window(LABEL) {
            Some(window) => show_again(&window, view),
            None => make(app, view),
        };
        if let Err(error) = shown {
            stderr::report(format_args!("cannot open the dashboard: {error}. `spend today` shows the same figures"));
        }
    });
}

/// The page has something to show and listens. From any thread.
pub(crate) fn page_ready(app: &AppHandle) {
    on_main_thread(app, |app| {
        let Some(window) = app.get_webview_window(LABEL) else { return };
        apply_scheme(&window);
        let page = std::mem::replace(&mut app.state::<Dashboard>().state().page, Page::Ready);
        reveal(&window);
        if let Page::Loading { view: Some(view) } = page {
            go_to(&window, &view);
        }
    });
}

/// The window is about to be destroyed, or the app about to end: remembers where it stands.
pub(crate) fn closing(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    let dashboard = app.state::<Dashboard>();
    dashboard.state().page = Page::Gone;
    let saved = place_of(&window).map(|place| place.map_or(Ok(()), |place| place::save(&dashboard.place_file, place)));
    if let Ok(Err(error)) = saved {
        let file = dashboard.place_file.display();
        stderr::report(format_args!(
            "cannot remember the window's place in {file}: {error}. Check the folder's permissions"
        ));
    }
}

/// The desktop or its toolkit may have changed between light and dark. From any thread.
pub(crate) fn scheme_changed(app: &AppHandle, change: impl FnOnce(&mut Wishes) + Send + 'static) {
    on_main_thread(app, move |app| {
        change(&mut app.state::<Dashboard>().state().wishes);
        if let Some(window) = app.get_webview_window(LABEL) {
            apply_scheme(&window);
        }
    });
}

fn make(app: &AppHandle, view: Option<String>) -> tauri::Result<()> {
    let dashboard = app.state::<Dashboard>();
    let screens: Vec<_> = app.available_monitors()?.iter().map(screen).collect();
    let placed = place::fit(place::load(&dashboard.place_file), &screens);

    // The hash in the address saves the page from drawing one view and then another.
    let url = WebviewUrl::App(view.unwrap_or_default().into());
    let mut builder = WebviewWindowBuilder::<Wry, _>::new(app, LABEL, url)
        .title("Spendmeter")
        .visible(false)
        .inner_size(placed.size.0, placed.size.1)
        .min_inner_size(MIN_SIZE.0, MIN_SIZE.1);
    if let Some(scheme) = dashboard.state().wishes.scheme() {
        builder = builder.background_color(scheme.ground()).initialization_script(scheme.script());
    }
    if placed.position.is_none() {
        builder = builder.center();
    }
    let window = builder.build()?;
    if let Some((x, y)) = placed.position {
        window.set_position(PhysicalPosition::new(x, y))?;
    }

    let app = app.clone();
    platform::on_page_crash(&window, move || crashed(&app));
    let made = {
        let mut state = dashboard.state();
        state.page = Page::Loading { view: None };
        state.window += 1;
        state.window
    };
    reveal_in_any_case(window, made);
    Ok(())
}

fn show_again(window: &WebviewWindow, view: Option<String>) -> tauri::Result<()> {
    let dashboard = window.state::<Dashboard>();
    let mut state = dashboard.state();
    match &mut state.page {
        Page::Loading { view: later } => *later = view.or(later.take()),
        Page::Ready => {
            drop(state);
            if let Some(view) = view {
                go_to(window, &view);
            }
            reveal(window);
        }
        Page::Gone => {
            state.page = Page::Loading { view };
            drop(state);
            window.reload()?;
            reveal(window);
        }
    }
    Ok(())
}

fn go_to(window: &WebviewWindow, view: &str) {
    if let Err(error) = window.emit("open-view", view) {
        stderr::report(format_args!("cannot tell the page to go to {view}: {error}. Close and open the window"));
    }
}

fn reveal(window: &WebviewWindow) {
    if let Err(error) = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus()) {
        stderr::report(format_args!("cannot show the dashboard: {error}. `spend today` shows the same figures"));
    }
}

fn reveal_in_any_case(window: WebviewWindow, made: u32) {
    thread::spawn(move || {
        thread::sleep(READY_WITHIN);
        let app = window.app_handle().clone();
        on_main_thread(&app, move |app| {
            let waiting = {
                let dashboard = app.state::<Dashboard>();
                let state = dashboard.state();
                state.window == made && matches!(state.page, Page::Loading { .. })
            };
            if waiting {
                reveal(&window);
            }
        });
    });
}

/// T21: a page whose process has died is blank. Loads it again, but not over and over.
fn crashed(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    let dashboard = app.state::<Dashboard>();
    let mut state = dashboard.state();
    if state.reloaded.is_some_and(|at| at.elapsed() < RELOAD_AFTER) {
        state.page = Page::Gone;
        stderr::report("the dashboard's page keeps crashing; open it again from the tray to try once more");
        return;
    }
    state.reloaded = Some(Instant::now());
    state.page = Page::Loading { view: None };
    drop(state);
    if let Err(error) = window.reload() {
        dashboard.state().page = Page::Gone;
        stderr::report(format_args!(
            "the dashboard's page crashed and cannot be loaded again: {error}. Close the window"
        ));
    }
}

fn apply_scheme(window: &WebviewWindow) {
    let Some(scheme) = window.state::<Dashboard>().state().wishes.scheme() else { return };
    let told = window.set_background_color(Some(scheme.ground())).and_then(|()| window.eval(scheme.script()));
    if let Err(error) = told {
        stderr::report(format_args!("cannot change the dashboard's colours: {error}. Close and open the window"));
    }
}

/// Where `window` stands; `None` while that says nothing: minimised, or over the whole screen.
fn place_of(window: &WebviewWindow) -> tauri::Result<Option<Place>> {
    if window.is_minimized()? || window.is_maximized()? || window.is_fullscreen()? {
        return Ok(None);
    }
    let position = window.outer_position()?;
    let size = window.inner_size()?.to_logical::<f64>(window.scale_factor()?);
    Ok(Some(Place { x: position.x, y: position.y, width: size.width, height: size.height }))
}

fn screen(monitor: &tauri::Monitor) -> Screen {
    let area = monitor.work_area();
    Screen {
        x: area.position.x,
        y: area.position.y,
        width: area.size.width,
        height: area.size.height,
        scale: monitor.scale_factor(),
    }
}

fn on_main_thread(app: &AppHandle, act: impl FnOnce(&AppHandle) + Send + 'static) {
    let on_it = app.clone();
    // Fails only once the event loop has ended, when there is no window to act on any more.
    let _ = app.run_on_main_thread(move || act(&on_it));
}
