//! What the page may ask. Each command only translates: the answers are made in the core.

#![expect(clippy::needless_pass_by_value, reason = "Tauri hands commands their arguments and states by value")]

use std::sync::Arc;

use serde::Serialize;
use spendmeter_core::calendar::Calendar;
use spendmeter_core::ledger::{Ledger, LedgerError};
use spendmeter_core::places::Places;
use spendmeter_core::spend::Viewpoint;
use spendmeter_core::spend::view::{Overview, Period, ProjectView};
use spendmeter_core::usage::Basis;
use tauri::ipc::Invoke;
use tauri::{AppHandle, State};
use ts_rs::TS;

use crate::accounts::Accounts;
use crate::clock::Clock;
use crate::dashboard;
use crate::desktop::Desktop;
use crate::notice::Notice;
use crate::prices;
use crate::schedule::Schedule;

/// Reads the ledger for the page.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) places: Arc<Places>,
    pub(crate) calendar: Calendar,
    pub(crate) clock: Clock,
    /// Why the ledger could not be opened at the start; then nothing can be told.
    pub(crate) trouble: Option<String>,
}

impl Figures {
    /// Opens the ledger for one question, so that a page left open holds nothing.
    pub(crate) fn ask<Answer, Failure: Into<CommandError>>(
        &self,
        question: impl FnOnce(Viewpoint<'_>) -> Result<Answer, Failure>,
    ) -> Result<Answer, CommandError> {
        if let Some(trouble) = &self.trouble {
            return Err(CommandError::ledger(trouble.clone()));
        }
        let ledger = Ledger::open_reader(&self.places.ledger())?;
        let now = self.clock.now().wall;
        question(Viewpoint { ledger: &ledger, calendar: &self.calendar, places: &self.places, now }).map_err(Into::into)
    }
}

/// Why a command could not answer: what failed and where, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub(crate) struct CommandError {
    /// A name for it; the page branches on few of them.
    pub(crate) code: &'static str,
    /// What failed, where.
    pub(crate) message: String,
    /// What to do next; `null` when there is nothing a person can do.
    pub(crate) action: Option<&'static str>,
}

impl CommandError {
    /// The message says what to do about this very failure.
    pub(crate) const fn ledger(message: String) -> Self {
        Self { code: "ledger", message, action: Some("`spend doctor` in a terminal tells more.") }
    }

    fn unknown_project(key: &str) -> Self {
        Self {
            code: "unknown_project",
            message: format!("Nothing was ever used in {key}."),
            action: Some("Go back to the overview and choose one of the projects there."),
        }
    }
}

impl From<LedgerError> for CommandError {
    fn from(error: LedgerError) -> Self {
        Self::ledger(error.to_string())
    }
}

/// Everything the dashboard shows about `period`, by the amounts on `basis` if there are any.
#[tauri::command(async)]
fn overview(
    figures: State<'_, Figures>,
    schedule: State<'_, Schedule>,
    period: Period,
    basis: Option<Basis>,
) -> Result<Overview, CommandError> {
    figures.ask(|view| view.overview(period, basis, schedule.progress()))
}

/// One project, looked into.
#[tauri::command(async)]
fn project(
    figures: State<'_, Figures>,
    key: String,
    period: Period,
    basis: Option<Basis>,
) -> Result<ProjectView, CommandError> {
    figures.ask(|view| view.project(&key, period, basis))?.ok_or_else(|| CommandError::unknown_project(&key))
}

/// Reads all sources now. Answers at once; `ledger-changed` follows.
#[tauri::command]
fn refresh(schedule: State<'_, Schedule>, accounts: State<'_, Accounts>) {
    schedule.refresh();
    accounts.refresh();
}

/// What the person should know about this desktop, if anything.
#[tauri::command]
fn notice(desktop: State<'_, Desktop>) -> Option<Notice> {
    desktop.notice()
}

/// The page is drawn and listens: shows the window.
#[tauri::command]
fn page_ready(app: AppHandle) {
    dashboard::page_ready(&app);
}

/// Makes the handler and the list of its names from one list, so that they cannot differ.
macro_rules! commands {
    ($($name:ident $(of $module:ident)?),+ $(,)?) => {
        /// Answers the page.
        pub(crate) fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($($module::)?$name),+]
        }

        #[cfg(test)]
        const NAMES: &[&str] = &[$(stringify!($name)),+];
    };
}

commands![
    overview,
    project,
    refresh,
    notice,
    page_ready,
    price_lists of prices,
    preview_decision of prices,
    decide of prices,
    undo_restatement of prices,
    look_daily of prices,
    fetch_prices of prices,
    waiting_prices of prices,
    take_in_prices of prices,
    leave_prices of prices,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn names() -> BTreeSet<&'static str> {
        NAMES.iter().copied().collect()
    }

    #[test]
    fn the_page_calls_the_commands_that_there_are() {
        let api = include_str!("../../ui/src/api.ts");
        let calls = api.split("invoke").skip(1).filter(|rest| rest.starts_with(['(', '<']));
        let called: BTreeSet<_> = calls.filter_map(|call| call.split('"').nth(1)).collect();
        assert_eq!(called, names());
    }

    #[test]
    fn the_page_may_call_these_commands_and_no_others() {
        let capability: serde_json::Value =
            serde_json::from_str(include_str!("../capabilities/dashboard.json")).unwrap();
        let granted: BTreeSet<_> = capability["permissions"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|permission| permission.as_str()?.strip_prefix("allow-"))
            .map(|name| name.replace('-', "_"))
            .collect();
        assert_eq!(granted.iter().map(String::as_str).collect::<BTreeSet<_>>(), names());
        assert_eq!(capability["windows"], serde_json::json!([dashboard::LABEL]));
    }

    #[test]
    fn a_failing_ledger_is_told_with_what_to_do() {
        let environment = [("HOME".into(), "nowhere".into())];
        let figures = Figures {
            places: Arc::new(Places::of_user(environment, None, Some("nowhere".into())).unwrap()),
            calendar: Calendar::new(jiff::tz::TimeZone::UTC),
            clock: Clock::system(),
            trouble: None,
        };
        let error = figures.ask(|view| view.meter()).unwrap_err();
        assert_eq!(error.code, "ledger");
        assert!(error.message.contains("nowhere") && error.action.is_some(), "{error:?}");
    }
}
