//! The tray item: icon, label, and a menu that is built once. Shows a [`Reading`]; reads and decides nothing.
//!
//! Rows are only ever re-labelled: on Linux, replacing the menu of a living item makes it vanish from some panels. There
//! is no event for a click on the icon either; the menu is what a click gives. The label has no guide for its width: the
//! `tray-icon` crate hands an empty one to the panel and keeps the indicator to itself.

mod gauge;
#[cfg(test)]
mod sample;
mod words;

use std::sync::{Mutex, MutexGuard, PoisonError};

use tauri::image::Image;
use tauri::menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Manager, Wry};

use self::gauge::GaugeState;
pub(crate) use self::words::Reading;
use self::words::{PROJECT_ROWS, Words};

/// What a click on a row asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The dashboard as it is.
    OpenDashboard,
    /// The dashboard at this hash.
    OpenView(String),
    Refresh,
    TogglePause,
    Quit,
}

/// The tray item.
pub(crate) struct TrayMeter {
    icon: TrayIcon,
    rows: Rows,
    shown: Mutex<Shown>,
}

struct Rows {
    today: MenuItem<Wry>,
    burn: MenuItem<Wry>,
    month: MenuItem<Wry>,
    forecast: MenuItem<Wry>,
    apart: MenuItem<Wry>,
    projects: [MenuItem<Wry>; PROJECT_ROWS],
    unpriced: MenuItem<Wry>,
    pause: MenuItem<Wry>,
}

/// What stands there now: only what differs is set again.
struct Shown {
    words: Words,
    gauge: GaugeState,
}

impl TrayMeter {
    /// Puts the item into the tray; `choose` is called on the main thread with what the person picks. Before the first
    /// reading it says so.
    ///
    /// # Errors
    /// When the platform refuses the item or its menu.
    pub(crate) fn put_up(
        app: &AppHandle,
        reading: &Reading,
        choose: impl Fn(&AppHandle, Choice) + Send + Sync + 'static,
    ) -> tauri::Result<()> {
        let words = Words::about(reading);
        let gauge = GaugeState::of(reading.meter.as_ref(), reading.paused, None);
        let rows = Rows::new(app, &words)?;
        let menu = rows.menu(app)?;
        let icon = TrayIconBuilder::with_id("spendmeter")
            .icon(image(gauge))
            .icon_as_template(true)
            .title(&words.label)
            .tooltip(&words.tooltip)
            .menu(&menu)
            .on_menu_event(move |app, event| choose_row(app, &event, &choose))
            .build(app)?;
        app.manage(Self { icon, rows, shown: Mutex::new(Shown { words, gauge }) });
        Ok(())
    }

    /// Shows `reading`. On the main thread.
    ///
    /// # Errors
    /// When the platform refuses a change; what it took stays.
    pub(crate) fn show(&self, reading: &Reading) -> tauri::Result<()> {
        let words = Words::about(reading);
        let gauge = GaugeState::of(reading.meter.as_ref(), reading.paused, None);
        let mut shown = self.shown();
        if gauge != shown.gauge {
            self.icon.set_icon_with_as_template(Some(image(gauge)), true)?;
            shown.gauge = gauge;
        }
        if words.label != shown.words.label {
            self.icon.set_title(Some(&words.label))?;
        }
        if words.tooltip != shown.words.tooltip {
            self.icon.set_tooltip(Some(&words.tooltip))?;
        }
        self.rows.relabel(&shown.words, &words)?;
        shown.words = words;
        Ok(())
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rows {
    fn new(app: &AppHandle, words: &Words) -> tauri::Result<Self> {
        let row = |id: &str, text: &str| MenuItem::with_id(app, id, literal(text), true, None::<&str>);
        let project = |nth: usize| {
            let (text, enabled) = project_text(words, nth);
            MenuItem::with_id(app, PROJECT_IDS[nth], text, enabled, None::<&str>)
        };
        Ok(Self {
            today: row("today", &words.today)?,
            burn: row("burn", &words.burn)?,
            month: row("month", &words.month)?,
            forecast: row("forecast", &words.forecast)?,
            apart: row("apart", &words.apart)?,
            projects: [project(0)?, project(1)?, project(2)?],
            unpriced: row("unpriced", &words.unpriced)?,
            pause: row("pause", words.pause)?,
        })
    }

    fn menu(&self, app: &AppHandle) -> tauri::Result<Menu<Wry>> {
        let line = || PredefinedMenuItem::separator(app);
        let action = |id: &str, text: &str| MenuItem::with_id(app, id, text, true, None::<&str>);
        let [first, second, third] = &self.projects;
        Menu::with_items(
            app,
            &[
                &self.today,
                &self.burn,
                &self.month,
                &self.forecast,
                &self.apart,
                &line()?,
                first,
                second,
                third,
                &self.unpriced,
                &line()?,
                &action("open", "Open dashboard")?,
                &action("refresh", "Refresh now")?,
                &self.pause,
                &line()?,
                &action("quit", "Quit")?,
            ],
        )
    }

    fn relabel(&self, before: &Words, now: &Words) -> tauri::Result<()> {
        for (row, before, now) in [
            (&self.today, before.today.as_str(), now.today.as_str()),
            (&self.burn, &before.burn, &now.burn),
            (&self.month, &before.month, &now.month),
            (&self.forecast, &before.forecast, &now.forecast),
            (&self.apart, &before.apart, &now.apart),
            (&self.unpriced, &before.unpriced, &now.unpriced),
            (&self.pause, before.pause, now.pause),
        ] {
            if before != now {
                row.set_text(literal(now))?;
            }
        }
        for (nth, row) in self.projects.iter().enumerate() {
            let (text, enabled) = project_text(now, nth);
            let (text_before, enabled_before) = project_text(before, nth);
            if text != text_before {
                row.set_text(text)?;
            }
            if enabled != enabled_before {
                row.set_enabled(enabled)?;
            }
        }
        Ok(())
    }
}

const PROJECT_IDS: [&str; PROJECT_ROWS] = ["project-1", "project-2", "project-3"];

fn project_text(words: &Words, nth: usize) -> (String, bool) {
    words.projects[nth].as_ref().map_or_else(|| ("—".to_owned(), false), |project| (literal(&project.text), true))
}

/// A menu takes `&` for the mark of a shortcut; names may hold one.
fn literal(text: &str) -> String {
    text.replace('&', "&&")
}

fn choose_row(app: &AppHandle, event: &MenuEvent, choose: &impl Fn(&AppHandle, Choice)) {
    let meter = app.state::<TrayMeter>();
    let choice = choice(event.id().as_ref(), &meter.shown().words);
    if let Some(choice) = choice {
        choose(app, choice);
    }
}

/// What the row with this id asks for. Rows that tell something open the part of the dashboard that tells more.
fn choice(id: &str, words: &Words) -> Option<Choice> {
    Some(match id {
        "today" | "burn" | "apart" | "unpriced" => Choice::OpenView("#/?period=today".to_owned()),
        "month" | "forecast" => Choice::OpenView("#/?period=month".to_owned()),
        "open" => Choice::OpenDashboard,
        "refresh" => Choice::Refresh,
        "pause" => Choice::TogglePause,
        "quit" => Choice::Quit,
        project => {
            let nth = PROJECT_IDS.iter().position(|id| *id == project)?;
            let key = &words.projects[nth].as_ref()?.key;
            Choice::OpenView(format!("#/project/{}?period=today", percent_encoded(key)))
        }
    })
}

/// As `encodeURIComponent` in the page does it.
fn percent_encoded(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

fn image(gauge: GaugeState) -> Image<'static> {
    Image::new_owned(gauge::draw(gauge), gauge::SIZE, gauge::SIZE)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use spendmeter_core::spend::view;

    use super::*;
    use crate::meter::sample::{estimated, project};

    fn words(meter: view::Meter) -> Words {
        Words::about(&Reading { meter: Some(meter), paused: false, today: date(2026, 11, 24) })
    }

    #[test]
    fn a_project_row_leads_to_its_project() {
        let top_projects = vec![project("/home/u/r&d/größe 1", "größe 1", estimated("1"))];
        let words = words(view::Meter { top_projects, ..sample::meter() });
        let hash = "#/project/%2Fhome%2Fu%2Fr%26d%2Fgr%C3%B6%C3%9Fe%201?period=today";
        assert_eq!(choice("project-1", &words), Some(Choice::OpenView(hash.into())));
        assert_eq!(choice("project-2", &words), None, "an empty row leads nowhere");
    }

    #[test]
    fn every_row_asks_for_something() {
        let words = words(sample::meter());
        for id in ["today", "burn", "month", "forecast", "apart", "unpriced", "open", "refresh", "pause", "quit"] {
            assert!(choice(id, &words).is_some(), "{id}");
        }
        assert_eq!(choice("else", &words), None);
    }

    #[test]
    fn an_ampersand_in_a_name_is_no_shortcut() {
        let top_projects = vec![project("/r&d", "r&d", estimated("1"))];
        assert_eq!(
            project_text(&words(view::Meter { top_projects, ..sample::meter() }), 0),
            ("r&&d  $1.00".into(), true)
        );
    }
}
