//! Whatever is asked of whichever span in whichever zone, the answer is what adding up the calls gives.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use rusqlite::Connection;
use spendmeter_core::calendar::{Calendar, TimeRange};
use spendmeter_core::money::Usd;
use spendmeter_core::spend::dimension::Dimension;
use spendmeter_core::spend::report::{Cut, report};
use spendmeter_core::spend::view::{Period, Spend};

use crate::machine::Machine;

/// Whole hours from UTC, half hours, three quarters of one; Lord Howe's clock is set by half an hour.
const ZONES: [&str; 6] =
    ["Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"];

const MODELS: [&str; 3] = ["claude-opus-5-5", "claude-haiku-4-5", "unheard-of"];

/// A quarter before the clocks of Lord Howe are set, and weeks before those of the others are.
const START: &str = "2026-10-03T15:00:00Z";

#[derive(Clone, Debug)]
struct Told {
    minute: i64,
    project: u8,
    model: usize,
    output: u64,
}

/// What a call is to the test: read from `usage`, never from a sum.
struct Call {
    at: Timestamp,
    project: String,
    model: String,
    output: u64,
    cost: Option<i64>,
}

fn calls(within_minutes: i64) -> impl Strategy<Value = Vec<Told>> {
    let call = (0..within_minutes, 0..3_u8, 0..MODELS.len(), 1..500_u64);
    let told = call.prop_map(|(minute, project, model, output)| Told { minute, project, model, output });
    prop::collection::vec(told, 1..60)
}

fn machine_with(told: &[Told]) -> Machine {
    let start: Timestamp = START.parse().unwrap();
    let mut machine = Machine::new();
    let mut lines = String::new();
    for (id, Told { minute, project, model, output }) in told.iter().enumerate() {
        let (at, model) = (start + minute.minutes(), MODELS[*model]);
        writeln!(lines, r#"{{"type":"assistant","timestamp":"{at}","sessionId":"{minute}","cwd":"/p{project}","message":{{"id":"msg_{id}","model":"{model}","usage":{{"output_tokens":{output}}}}}}}"#).unwrap();
    }
    machine.write(".claude/projects/p/s.jsonl", lines);
    machine.scan();
    machine
}

fn calls_of(machine: &Machine) -> Vec<Call> {
    let ledger = Connection::open(machine.places.ledger()).unwrap();
    let mut statement = ledger
        .prepare(
            "SELECT occurred_at, (SELECT text FROM name WHERE id = project), (SELECT text FROM name WHERE id = model),
               output, cost FROM usage JOIN attribution ON attribution.id = attribution",
        )
        .unwrap();
    let calls = statement.query_map([], |row| {
        Ok(Call {
            at: Timestamp::from_millisecond(row.get(0)?).unwrap(),
            project: row.get(1)?,
            model: row.get(2)?,
            output: row.get::<_, i64>(3)?.unsigned_abs(),
            cost: row.get(4)?,
        })
    });
    calls.unwrap().collect::<Result<_, _>>().unwrap()
}

/// Calls, tokens of output and nano-dollars.
type Added = (u64, u64, Option<i64>);

fn add(sum: &mut Added, call: &Call) {
    let cost = sum.2.unwrap_or_default() + call.cost.unwrap_or_default();
    *sum = (sum.0 + 1, sum.1 + call.output, call.cost.or(sum.2).map(|_| cost));
}

fn unit(cut: Cut, at: Timestamp, calendar: &Calendar) -> Option<String> {
    let format = match cut {
        Cut::Hour => "%Y-%m-%dT%H:00%:z",
        Cut::Day => "%Y-%m-%d",
        Cut::Week => "%G-W%V",
        Cut::Month => "%Y-%m",
        Cut::By(_) => return None,
    };
    Some(calendar.zoned(at).strftime(format).to_string())
}

/// Quarters of an hour that a range touches, as minutes since the first.
fn to_quarters(start: i64, length: i64) -> TimeRange {
    let first: Timestamp = START.parse().unwrap();
    TimeRange { start: first + start.minutes(), end: first + (start + length).minutes() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_report_of_any_span_in_any_zone_adds_up_the_calls(
        told in calls(4 * 24 * 60),
        spans in prop::collection::vec((0..5 * 96_i64, 0..3 * 96_i64), 1..4),
        zone in prop::sample::select(&ZONES),
        only in prop::option::of(0..3_u8),
    ) {
        let machine = machine_with(&told);
        let calls = calls_of(&machine);
        let calendar = Calendar::new(TimeZone::get(zone).unwrap());
        let only: Vec<_> = only.map(|number| (Dimension::Project, format!("/p{number}"))).into_iter().collect();
        let ranges = spans.iter().map(|(start, length)| to_quarters(start * 15, length * 15));
        let by = [Cut::By(Dimension::Project), Cut::By(Dimension::Model)];
        let cuts = [&[][..], &[Cut::Day], &[Cut::Hour], &[Cut::Week], &[Cut::Month]];
        for range in ranges.chain([TimeRange::EVER]) {
            for (time, by) in cuts.iter().flat_map(|time| [(time, &[][..]), (time, &by[..1]), (time, &by[..])]) {
                let cuts = [time, by].concat();
                let mut expected: BTreeMap<Vec<String>, Added> = BTreeMap::new();
                let wanted = |call: &&Call| {
                    range.contains(call.at) && only.iter().all(|(_, project)| *project == call.project)
                };
                for call in calls.iter().filter(wanted) {
                    let dimensions = [&call.project, &call.model].into_iter().take(by.len()).cloned();
                    let values = time.iter().filter_map(|cut| unit(*cut, call.at, &calendar)).chain(dimensions);
                    add(expected.entry(values.collect()).or_default(), call);
                }
                let report = report(&machine.ledger, &calendar, range, &cuts, &only).unwrap();
                let found: BTreeMap<Vec<String>, Added> = report
                    .rows
                    .iter()
                    .map(|row| (row.values.clone(), (row.requests, row.tokens.output, row.cost.map(Usd::nanos))))
                    .collect();
                prop_assert_eq!(&found, &expected, "{} {:?} {:?}", zone, range, cuts);
                prop_assert_eq!(report.total.requests, expected.values().map(|sum| sum.0).sum::<u64>());
            }
        }
    }

    #[test]
    fn days_projects_and_trends_of_a_dashboard_add_up_the_calls(
        told in calls(35 * 24 * 60),
        zone in prop::sample::select(&ZONES),
        now in 20 * 1_440..35 * 1_440_i64,
        period in prop::sample::select(&[Period::Today, Period::Last7Days, Period::Last30Days, Period::Month][..]),
    ) {
        let mut machine = machine_with(&told);
        machine.calendar = Calendar::new(TimeZone::get(zone).unwrap());
        machine.now = START.parse::<Timestamp>().unwrap() + now.minutes();
        let (view, calls) = (machine.viewpoint(), calls_of(&machine));
        let total = |wanted: &dyn Fn(&Call) -> bool| {
            let mut sum = Added::default();
            calls.iter().filter(|call| wanted(call)).for_each(|call| add(&mut sum, call));
            sum
        };
        let added = |spend: &Spend| {
            (spend.requests, spend.tokens.output, spend.estimated.map(Usd::nanos))
        };
        let range = view.range(period);
        let overview = view.overview(period, None, None).unwrap();
        prop_assert_eq!(added(&overview.total), total(&|call| range.contains(call.at)));
        for day in &overview.days {
            let of_day = machine.calendar.day(day.date.parse().unwrap());
            prop_assert_eq!(added(&day.spend), total(&|call| of_day.contains(call.at)), "{} {}", zone, day.date);
        }
        for project in &overview.projects {
            let own = |call: &Call| range.contains(call.at) && call.project == project.key;
            prop_assert_eq!(added(&project.spend), total(&own), "{}", project.key);
            // A part has the quarters that begin in it.
            let part = |at: Timestamp| (at.as_second() / 900 * 900 - range.start.as_second()) * 12 / range.seconds();
            for (number, spent) in (0..).zip(&project.trend) {
                let of_part = total(&|call| own(call) && part(call.at) == number);
                prop_assert_eq!(spent.nanos(), of_part.2.unwrap_or_default(), "{} part {}", zone, number);
            }
            let opened = view.project(&project.key, period, None).unwrap().unwrap();
            prop_assert_eq!(&opened.project, project, "the same row in the list and opened");
            let sessions: u64 = opened.sessions.iter().map(|session| session.spend.requests).sum();
            prop_assert_eq!(sessions, project.spend.requests);
        }
        prop_assert_eq!(&overview.unpriced, &view.unpriced(range, &[]).unwrap());
    }
}
