//! Figures as people see them: of their own days, exact, and honest about what is not known.

use std::fmt::Write;

use crate::ledger::assert_sums_are_those_of_the_calls;
use crate::machine::Machine;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use spendmeter_core::calendar::Calendar;
use spendmeter_core::money::Usd;
use spendmeter_core::spend::Viewpoint;
use spendmeter_core::spend::view::{Change, Freshness, Period, Ranked, SourceState, Spend};

/// A call of Opus 5.5 with 100,000 tokens of output: $2.
fn call(id: &str, at: &str, cwd: &str) -> String {
    let attributes =
        format!(r#""type":"assistant","timestamp":"{at}","cwd":"{cwd}","sessionId":"s-{cwd}","gitBranch":"main""#);
    format!(
        r#"{{{attributes},"message":{{"id":"msg_{id}","model":"claude-opus-5-5","usage":{{"output_tokens":100000}}}}}}"#
    ) + "\n"
}

fn machine_in(zone: &str, now: &str, log: &str) -> Machine {
    let mut machine = Machine::new();
    machine.calendar = Calendar::new(TimeZone::get(zone).unwrap());
    machine.now = now.parse().unwrap();
    machine.write(".claude/projects/p/s.jsonl", log);
    machine.scan();
    machine
}

fn dollars(text: &str) -> Usd {
    Usd::parse(text).unwrap()
}

#[test]
fn t12_today_is_the_users_day() {
    // 18:29:59 and 18:30 UTC are the last second of the 23rd and the first of the 24th in Kolkata.
    let log = call("a", "2026-11-23T18:29:59.999Z", "/a") + &call("b", "2026-11-23T18:30:00Z", "/b");
    for (zone, today, yesterday) in [("Asia/Kolkata", "2", "2"), ("UTC", "0", "4"), ("Asia/Kathmandu", "4", "0")] {
        let machine = machine_in(zone, "2026-11-24T12:00:00Z", &log);
        let overview = machine.viewpoint().overview(Period::Last7Days, None, None).unwrap();
        let of = |day: usize| overview.days[day].spend.estimated.unwrap_or_default();
        assert_eq!((of(6), of(5)), (dollars(today), dollars(yesterday)), "{zone}");
        assert_eq!(overview.today.estimated.unwrap_or_default(), dollars(today), "{zone}");
        assert!(overview.days[6].counting && !overview.days[5].counting);
    }
}

#[test]
fn t12_a_week_of_reports_across_the_end_of_summer_time() {
    // 23:30 UTC on the 24th and 25th of October: the night when Berlin's clocks go back lies between.
    let log = call("a", "2026-10-24T21:30:00Z", "/a")
        + &call("b", "2026-10-24T22:30:00Z", "/a")
        + &call("c", "2026-10-25T22:59:59Z", "/a")
        + &call("d", "2026-10-25T23:00:00Z", "/a");
    let machine = machine_in("Europe/Berlin", "2026-11-24T12:00:00Z", &log);
    let of = |cuts: &str| {
        machine.report(cuts).rows.into_iter().map(|row| (row.values[0].clone(), row.requests)).collect::<Vec<_>>()
    };
    let expected =
        [("2026-10-24", 1), ("2026-10-25", 2), ("2026-10-26", 1)].map(|(day, calls)| (day.to_owned(), calls));
    assert_eq!(of("day"), expected);
    assert_eq!(of("week"), [("2026-W43".to_owned(), 3), ("2026-W44".to_owned(), 1)]);
    assert_eq!(of("month"), [("2026-10".to_owned(), 4)]);
    let hours: Vec<String> = of("hour").into_iter().map(|(hour, _)| hour).collect();
    assert_eq!(
        hours,
        ["2026-10-24T23:00+02:00", "2026-10-25T00:00+02:00", "2026-10-25T23:00+01:00", "2026-10-26T00:00+01:00"]
    );
}

#[test]
fn nothing_known_is_not_zero() {
    let mut machine = Machine::new();
    let meter = machine.viewpoint().meter().unwrap();
    assert_eq!((meter.today.estimated, meter.today.billed, meter.as_of), (None, None, None));
    assert_eq!((meter.freshness, meter.connected), (Freshness::Never, false));
    machine.write(".claude/projects/p/s.jsonl", "");
    assert_eq!(machine.viewpoint().meter().unwrap().today.estimated, None, "there is something, but it was not read");
    machine.scan();
    assert_eq!(machine.viewpoint().meter().unwrap().today.estimated, Some(Usd::ZERO), "read, and nothing was used");
    machine.now = "2026-11-25T00:10:00Z".parse().unwrap();
    assert_eq!(machine.viewpoint().meter().unwrap().today.estimated, None, "of the new day nothing is known yet");
    let mut machine = Machine::new();
    machine.scan();
    let overview = machine.viewpoint().overview(Period::Today, None, None).unwrap();
    assert_eq!(overview.freshness, Freshness::Current);
    assert_eq!(overview.today.estimated, None);
    let source = &overview.sources[0];
    assert_eq!(source.state, SourceState::Absent);
    assert!(source.detail.as_ref().unwrap().contains("~/.claude/projects"), "{:?}", source.detail);
}

#[test]
fn figures_say_when_they_are_old() {
    let mut machine = machine_in("Europe/Berlin", "2026-11-24T12:00:00Z", "");
    assert_eq!(machine.viewpoint().as_of().as_deref(), Some("2026-11-24T13:00:00+01:00"));
    machine.now = "2026-11-24T12:01:00Z".parse().unwrap();
    assert_eq!(machine.viewpoint().freshness(), Freshness::Current);
    machine.now = "2026-11-24T12:02:00Z".parse().unwrap();
    assert_eq!(machine.viewpoint().freshness(), Freshness::Outdated);
}

#[test]
fn projects_are_ranked_with_share_change_and_trend() {
    let log = call("1", "2026-11-24T09:00:00Z", "/src/shop/api")
        + &call("2", "2026-11-23T09:00:00Z", "/src/shop/api")
        + &call("3", "2026-11-23T10:00:00Z", "/src/blog/api")
        // The seven days before, up to the same time of day.
        + &call("4", "2026-11-16T09:00:00Z", "/src/shop/api")
        + &call("5", "2026-11-17T13:00:00Z", "/src/shop/api");
    let too_short =
        machine_in("UTC", "2026-11-24T12:00:00Z", &log).viewpoint().overview(Period::Last7Days, None, None).unwrap();
    assert!(
        too_short.projects.iter().all(|row| row.change == Change::Unknown),
        "the history begins in the days before"
    );
    let log = log + &call("6", "2026-11-01T09:00:00Z", "/src/old");
    let machine = machine_in("UTC", "2026-11-24T12:00:00Z", &log);
    let overview = machine.viewpoint().overview(Period::Last7Days, None, None).unwrap();
    let rows: Vec<_> =
        overview.projects.iter().map(|row| (row.label.as_str(), row.share_permille, row.change)).collect();
    // The first has $4 after $2 (call 5 was later in the day than it is now); the second is new.
    assert_eq!(rows, [("shop/api", Some(667), Change::By { permille: 1_000 }), ("blog/api", Some(333), Change::New)]);
    let trend = &overview.projects[0].trend;
    // Parts of 14 hours: nine in the morning of the last day lies in the last but one.
    assert_eq!((trend.len(), trend.iter().copied().sum::<Usd>(), trend[10]), (12, dollars("4"), dollars("2")));
    assert_eq!(overview.total.estimated, Some(dollars("6")));
}

#[test]
fn a_project_opens_into_models_and_sessions() {
    let log = call("1", "2026-11-24T09:00:00Z", "/src/api")
        + &call("2", "2026-11-24T10:30:00Z", "/src/api")
        + &call("3", "2026-11-24T10:00:00Z", "/src/other");
    let machine = machine_in("Europe/Berlin", "2026-11-24T12:00:00Z", &log);
    let view = machine.viewpoint().project("/src/api", Period::Today, None).unwrap().unwrap();
    assert_eq!((view.project.label.as_str(), view.project.spend.estimated), ("api", Some(dollars("4"))));
    assert_eq!((view.models.len(), view.models[0].label.as_str()), (1, "claude-opus-5-5"));
    let session = &view.sessions[0];
    assert_eq!(
        (view.sessions.len(), session.agent.as_str(), session.branch.as_deref()),
        (1, "Claude Code", Some("main"))
    );
    assert_eq!(
        (session.started.as_str(), session.last.as_str()),
        ("2026-11-24T10:00:00+01:00", "2026-11-24T11:30:00+01:00")
    );
    assert_eq!(machine.viewpoint().project("/src/nowhere", Period::Today, None).unwrap(), None);
}

#[test]
fn a_project_that_is_quiet_in_the_period_opens_without_figures() {
    let log = call("1", "2026-10-01T09:00:00Z", "/src/shop/api")
        + &call("2", "2026-10-02T09:00:00Z", "/src/blog/api")
        + &call("3", "2026-11-24T09:00:00Z", "/src/new");
    let machine = machine_in("UTC", "2026-11-24T12:00:00Z", &log);
    let view = machine.viewpoint().project("/src/shop/api", Period::Last7Days, None).unwrap().unwrap();
    let Ranked { label, spend, share_permille, change, trend, .. } = view.project;
    assert_eq!((label.as_str(), spend, share_permille), ("shop/api", Spend::default(), None));
    assert_eq!((change, trend), (Change::Unknown, vec![Usd::ZERO; 12]));
    assert_eq!((view.days.len(), view.models.len(), view.sessions.len()), (7, 0, 0));
    // Seen from before its first call, it is not known at all.
    let earlier = Viewpoint { now: "2026-09-30T12:00:00Z".parse().unwrap(), ..machine.viewpoint() };
    assert_eq!(earlier.project("/src/shop/api", Period::Last7Days, None).unwrap(), None);
}

#[test]
fn usual_and_forecast_need_seven_days_with_spend() {
    let day = |back: i64| "2026-11-24T09:00:00Z".parse::<Timestamp>().unwrap() - (back * 24).hours();
    let mut log = String::new();
    for back in 0..7 {
        write!(log, "{}", call(&back.to_string(), &day(back).to_string(), "/a")).unwrap();
    }
    let overview = |log: &str| {
        machine_in("UTC", "2026-11-24T12:00:00Z", log).viewpoint().overview(Period::Today, None, None).unwrap()
    };
    let before = overview(&log);
    assert_eq!((before.today_against_usual_permille, before.forecast), (None, None), "today does not count");
    write!(log, "{}", call("7", &day(7).to_string(), "/a")).unwrap();
    let after = overview(&log);
    assert_eq!(after.today_against_usual_permille, Some(1_000));
    let forecast = after.forecast.unwrap();
    // $16 in November so far, half a day at $2, and six days at $2.
    assert_eq!((forecast.likely, forecast.low, forecast.high), (dollars("29"), dollars("29"), dollars("29")));
}

#[test]
fn the_burn_rate_is_about_the_last_hour() {
    let log = call("1", "2026-11-24T11:10:00Z", "/a") + &call("2", "2026-11-24T10:40:00Z", "/a");
    let machine = machine_in("UTC", "2026-11-24T12:00:00Z", &log);
    let burn = machine.viewpoint().meter().unwrap().burn;
    assert_eq!(burn.per_hour, Some(dollars("2")));
    assert_eq!(burn.quarters.len(), 12);
    assert_eq!(burn.quarters.iter().copied().sum::<Usd>(), dollars("4"));
    let later = machine_in("UTC", "2026-11-24T13:00:00Z", &log);
    assert_eq!(later.viewpoint().meter().unwrap().burn.per_hour, None);
}

#[test]
fn sums_agree_with_the_calls_of_every_sample() {
    let mut machine = Machine::new();
    machine.lay_out("claude-code", ".claude/projects");
    machine.lay_out("codex", ".codex/sessions");
    machine.scan();
    assert!(machine.total().requests > 500);
    assert_sums_are_those_of_the_calls(&machine);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However often calls are told, grow, or turn out to belong elsewhere, in one scan or in many.
    #[test]
    fn sums_agree_with_the_calls_after_any_history(
        told in prop::collection::vec((0..6_u8, 0..4_u64, 0..3_u8, prop::bool::ANY, 0..200_i64), 1..40),
        scans in 1..4_usize,
    ) {
        let mut machine = Machine::new();
        machine.write(".claude/projects/p/s.jsonl", "");
        for part in told.chunks(told.len().div_ceil(scans)) {
            let mut lines = String::new();
            for (id, output, session, side, minute) in part {
                let at = "2026-11-24T07:00:00Z".parse::<Timestamp>().unwrap() + minute.minutes();
                let model = if id % 2 == 0 { "claude-opus-5-5" } else { "unheard-of" };
                writeln!(lines, r#"{{"type":"assistant","timestamp":"{at}","sessionId":"{session}","isSidechain":{side},"message":{{"id":"msg_{id}","model":"{model}","usage":{{"input_tokens":3,"output_tokens":{output}}}}}}}"#).unwrap();
            }
            machine.append(".claude/projects/p/s.jsonl", lines);
            machine.scan();
        }
        let calls: std::collections::BTreeSet<u8> = told.iter().map(|(id, ..)| *id).collect();
        prop_assert_eq!(machine.total().requests, calls.len() as u64);
        assert_sums_are_those_of_the_calls(&machine);
    }
}
