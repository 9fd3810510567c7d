//! How long every figure takes that tray and dashboard show, in large ledgers. The ledger is opened for each question, as
//! the app does.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use spendmeter_core::calendar::{Calendar, TimeRange};
use spendmeter_core::ledger::{Ledger, LedgerError};
use spendmeter_core::spend::Viewpoint;
use spendmeter_core::spend::dimension::Dimension;
use spendmeter_core::spend::report::{Cut, report};
use spendmeter_core::spend::view::Period;

use crate::ledgers;
use crate::measure::Spread;

/// Runs per question.
const RUNS: usize = 25;

/// A question and how long its answer takes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Question {
    pub(crate) what: String,
    /// Whether tray or dashboard ask it; else only the command line does.
    pub(crate) is_on_screen: bool,
    pub(crate) milliseconds: Spread,
}

/// Every question, asked of a ledger of so many calls.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Queries {
    pub(crate) calls: u64,
    pub(crate) ledger_bytes: u64,
    pub(crate) questions: Vec<Question>,
}

type Ask = Box<dyn Fn(Viewpoint<'_>) -> Result<(), LedgerError>>;

pub(crate) fn run(calls: u64, folder: &Path) -> Result<Queries> {
    let places = ledgers::ledger_of(calls, folder)?;
    let calendar = Calendar::new(TimeZone::get("Europe/Berlin").context("no time zone data")?);
    let now = ledgers::now()?;
    let mut questions = Vec::new();
    for (what, is_on_screen, ask) in asked() {
        let mut milliseconds = Vec::new();
        for run in 0..=RUNS {
            let began = Instant::now();
            let ledger = Ledger::open_reader(&places.ledger())?;
            ask(Viewpoint { ledger: &ledger, calendar: &calendar, places: &places, now })?;
            // The first one fills the system's cache.
            if run > 0 {
                milliseconds.push(began.elapsed().as_secs_f64() * 1_000.0);
            }
        }
        questions.push(Question { what, is_on_screen, milliseconds: Spread::of(milliseconds) });
    }
    Ok(Queries { calls, ledger_bytes: fs::metadata(places.ledger())?.len(), questions })
}

/// What is asked, whether it is on screen, and how it is asked.
fn asked() -> Vec<(String, bool, Ask)> {
    const PROJECT: &str = "/home/dev/src/project-00";
    /// Hardly ever worked on: it has to be looked for in all of the past.
    const QUIET: &str = "/home/dev/src/project-59";
    let periods = [
        ("today", Period::Today),
        ("7 days", Period::Last7Days),
        ("30 days", Period::Last30Days),
        ("the month", Period::Month),
    ];
    let mut all: Vec<(String, bool, Ask)> = vec![("tray".into(), true, Box::new(|view| seen(view.meter())))];
    for (name, period) in periods {
        all.push((format!("dashboard of {name}"), true, Box::new(move |view| seen(view.overview(period, None, None)))));
    }
    for (name, period) in periods {
        all.push((
            format!("the largest project, {name}"),
            true,
            Box::new(move |view| seen(view.project(PROJECT, period, None))),
        ));
    }
    all.push((
        "a project that was quiet today".into(),
        true,
        Box::new(|view| seen(view.project(QUIET, Period::Today, None))),
    ));
    all.push(("sources".into(), true, Box::new(|view| seen(view.sources()))));
    all.push((
        "models without a price, 30 days".into(),
        true,
        Box::new(|view| seen(view.unpriced(view.range(Period::Last30Days), &[]))),
    ));
    let by = |dimension| Cut::By(dimension);
    let reports = [
        ("by project", vec![by(Dimension::Project)]),
        ("by project and model", vec![by(Dimension::Project), by(Dimension::Model)]),
        ("by day", vec![Cut::Day]),
        ("by session", vec![by(Dimension::Session)]),
    ];
    for (name, cuts) in reports {
        let last = cuts.clone();
        let of_30_days: Ask = Box::new(move |view| {
            let range = view.range(Period::Last30Days);
            seen(report(view.ledger, view.calendar, range, &last, &[]))
        });
        all.push((format!("report {name}, 30 days"), false, of_30_days));
        let of_all: Ask = Box::new(move |view| seen(report(view.ledger, view.calendar, TimeRange::EVER, &cuts, &[])));
        all.push((format!("report {name}, two years"), false, of_all));
    }
    all
}

/// An answer that somebody looked at, so that making it cannot be left out.
fn seen<Answer>(answer: Result<Answer, LedgerError>) -> Result<(), LedgerError> {
    answer.map(|answer| drop(black_box(answer)))
}
