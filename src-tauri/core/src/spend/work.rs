//! How much SQLite has to do for each figure, counted in its instructions, on a ledger with many sessions.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::{Connection, StatementStatus};
use tempfile::TempDir;

use super::Viewpoint;
use super::view::Period;
use crate::calendar::{Calendar, TimeRange};
use crate::ledger::Ledger;
use crate::ledger::files::FileRow;
use crate::ledger::recorder::Sighting;
use crate::ledger::skipped::SkippedLines;
use crate::places::Places;
use crate::usage::{Attribution, Basis, CacheWrites, Tokens, UsageRecord, Witness};

const NOW: &str = "2026-11-24T12:00:00Z";
const DAYS: i64 = 70;
const SESSIONS_A_DAY: i64 = 10;
/// Each has a call every quarter of an hour, for four hours.
const CALLS: i64 = 16;
const HOURS: i64 = CALLS / 4;

/// Instructions for a row by attribution: its columns, those of the attribution, and the step to the next.
const PER_ROW: i64 = 28;
/// Instructions for a row of all attributions together.
const PER_TOTAL: i64 = 20;
/// Instructions for whatever does not grow with the ledger: names, sources, the ends of what is known.
const BESIDE: i64 = 2_000;

thread_local! {
    /// Instructions of each statement since its connection was opened, however often it ran.
    static INSTRUCTIONS: RefCell<BTreeMap<String, i64>> = const { RefCell::new(BTreeMap::new()) };
}

fn count(event: TraceEvent<'_>) {
    if let TraceEvent::Profile(statement, _) = event {
        let steps = i64::from(statement.get_status(StatementStatus::VmStep));
        INSTRUCTIONS.with_borrow_mut(|counted| counted.insert(statement.sql().into_owned(), steps));
    }
}

struct Machine {
    _folder: TempDir,
    places: Places,
    calendar: Calendar,
}

impl Machine {
    /// One that was worked on every day until [`NOW`].
    fn of_a_busy_person(zone: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        std::fs::create_dir_all(home.join(".claude/projects")).unwrap();
        let places = Places::of_user([("HOME".into(), home.into())], None, Some(folder.path().join("data"))).unwrap();
        let mut ledger = Ledger::open(&places.ledger()).unwrap();
        let mut recorder = ledger.recorder(NOW.parse().unwrap()).unwrap();
        let calls: Vec<Sighting> = (0..DAYS * SESSIONS_A_DAY).flat_map(calls_of_session).collect();
        recorder.record(&file(), 0, &calls, &SkippedLines::default()).unwrap();
        recorder.finish().unwrap();
        Self { _folder: folder, places, calendar: Calendar::new(TimeZone::get(zone).unwrap()) }
    }

    /// The instructions that it takes to answer, the ledger opened anew.
    fn work_of<Answer>(&self, ask: impl FnOnce(Viewpoint<'_>) -> Answer) -> i64 {
        let Self { places, calendar, .. } = self;
        let ledger = &Ledger::open_reader(&places.ledger()).unwrap();
        let trace = |connection: &Connection| {
            connection.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(count));
            Ok(())
        };
        ledger.read(trace).unwrap();
        INSTRUCTIONS.take();
        ask(Viewpoint { ledger, calendar, places, now: NOW.parse().unwrap() });
        INSTRUCTIONS.take().values().sum()
    }
}

fn calls_of_session(number: i64) -> Vec<Sighting> {
    let (day, session) = (number / SESSIONS_A_DAY, number % SESSIONS_A_DAY);
    // Two of them at a time, and the last ones of today are still to come.
    let began = NOW.parse::<Timestamp>().unwrap() - ((DAYS - 1 - day) * 24).hours() - (12 - session / 2 * 4).hours();
    let attribution = Arc::new(Attribution {
        agent: Some("claude-code".into()),
        model: Some("claude-opus-5-5".into()),
        // Today, only the first project is worked on.
        project: Some(format!("/src/{}", if day + 1 < DAYS { session % 5 } else { 0 })),
        session: Some(format!("s-{number}")),
        ..Attribution::default()
    });
    let call = |call: i64| Sighting {
        record: UsageRecord {
            source: "claude-code",
            key: format!("msg_{number}_{call}"),
            occurred_at: began + (call * 15).minutes(),
            tokens: Tokens { output: 10, ..Tokens::default() },
            cache_writes: CacheWrites::Told,
            is_sum: false,
            web_searches: 0,
            basis: Basis::Estimated,
            reported: None,
            attribution: Arc::clone(&attribution),
            witness: Witness::Primary,
        },
        offset: 0,
    };
    (0..CALLS).map(call).collect()
}

fn file() -> FileRow {
    FileRow {
        id: None,
        source: "claude-code",
        path: "/log".to_owned(),
        identity: (1, 1),
        size: 1,
        modified: 1,
        read_to: 1,
        head_size: 0,
        head: 0,
        tail: 0,
        memory: String::new(),
    }
}

/// What is allowed for reading `days` by attribution.
fn allowed(days: i64) -> i64 {
    days * SESSIONS_A_DAY * HOURS * PER_ROW + BESIDE
}

/// What is allowed for knowing what is usual: the last weeks, with sessions in 80 quarters of a day.
const HISTORY: i64 = 29 * 80 * PER_TOTAL;

#[test]
fn tray_and_dashboard_read_each_hour_of_their_range_and_of_the_one_before_once() {
    // Days in Kolkata begin on the half hour, at which two sessions are under way.
    for zone in ["Europe/Berlin", "Asia/Kolkata"] {
        let machine = Machine::of_a_busy_person(zone);
        let tray = machine.work_of(|view| view.meter().unwrap());
        assert!(tray < allowed(2) + HISTORY, "{zone}: {tray} of {}", allowed(2) + HISTORY);
        for (period, days) in [(Period::Today, 1), (Period::Last7Days, 7), (Period::Last30Days, 30)] {
            let work = machine.work_of(|view| view.overview(period, None, None).unwrap());
            let allowed = allowed(2 * days) + HISTORY;
            assert!(work < allowed, "{zone}, {period:?}: {work} of {allowed}");
        }
    }
}

#[test]
fn a_project_reads_each_hour_of_its_range_twice_and_of_the_one_before_once() {
    let machine = Machine::of_a_busy_person("Europe/Berlin");
    let work = machine.work_of(|view| view.project("/src/1", Period::Last30Days, None).unwrap().unwrap());
    assert!(work < allowed(3 * 30), "{work} of {}", allowed(3 * 30));
}

#[test]
fn a_project_that_is_quiet_today_opens_without_reading_all_of_history() {
    let machine = Machine::of_a_busy_person("Europe/Berlin");
    let quiet = machine.work_of(|view| view.project("/src/1", Period::Today, None).unwrap().unwrap());
    assert!(quiet < allowed(0), "{quiet} of {}", allowed(0));
}

#[test]
fn models_without_a_price_of_all_time_are_asked_for_without_cutting_it_into_days() {
    // Days in Kolkata begin on the half hour: cut into them, each day since the beginning of time would be asked for alone.
    for zone in ["Europe/Berlin", "Asia/Kolkata"] {
        let machine = Machine::of_a_busy_person(zone);
        let work = machine.work_of(|view| view.unpriced(TimeRange::EVER, &[]).unwrap());
        assert!(work < allowed(DAYS), "{zone}: {work} of {}", allowed(DAYS));
    }
}
