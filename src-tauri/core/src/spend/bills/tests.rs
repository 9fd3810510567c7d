//! The bill is the figure, calls on this machine explain it, and the two are never added.

use std::sync::Arc;

use jiff::tz::TimeZone;
use tempfile::TempDir;

use super::*;
use crate::accounts::{AccountId, Connection, PaidBy};
use crate::calendar::Calendar;
use crate::ledger::charges::Answer;
use crate::ledger::files::FileRow;
use crate::ledger::recorder::Sighting;
use crate::ledger::skipped::SkippedLines;
use crate::sources::providers::{self, Charge, Kind, Name, Organisation, Told, Use, Who};
use crate::spend::dimension::Dimension;
use crate::spend::report::{Cut, Report, report};
use crate::spend::view::Spend;
use crate::usage::{Attribution, CacheWrites, UsageRecord, Witness};

/// The morning after: the bill of the 24th is complete, of today usage alone is told.
const NOW: &str = "2026-11-25T09:30:00Z";
const OPUS: &str = "claude-opus-5-5";

fn at(moment: &str) -> Timestamp {
    moment.parse().unwrap()
}

fn usd(amount: &str) -> Usd {
    Usd::parse(amount).unwrap()
}

fn day(date: &str) -> TimeRange {
    let start = at(&format!("{date}T00:00:00Z"));
    TimeRange { start, end: start + DAY }
}

struct Machine {
    _folder: TempDir,
    ledger: Ledger,
    calendar: Calendar,
    account: AccountId,
}

impl Machine {
    /// With an account at Anthropic that pays what Claude Code does.
    fn new(zone: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        let connection = Connection {
            name: "anthropic".into(),
            provider: providers::named("anthropic").unwrap(),
            base: "https://api.anthropic.com/v1".into(),
            key_ends: "x3Qf".into(),
            added_at: at(NOW),
            account: None,
            identified_at: None,
            clock_ahead: None,
            hold: None,
        };
        ledger.keep_connection(&connection).unwrap();
        let acme = Organisation { id: Some("org".into()), name: Some("Acme".into()) };
        let account = ledger.identify(&connection, &acme, at(NOW)).unwrap();
        ledger.set_payer(&PaidBy { source: "claude-code".into(), account }).unwrap();
        let calendar = Calendar::new(TimeZone::get(zone).unwrap());
        Self { _folder: folder, ledger, calendar, account }
    }

    fn told(&mut self, feed: &'static str, span: TimeRange, told: &Told) {
        let (account, provider, now) = (self.account, "anthropic", at(NOW));
        let answer = Answer { account, feed, provider, span: Some(span), told, now, there: now, is_reread: false };
        self.ledger.take_in(answer).unwrap();
    }

    /// The cost report of the 20th to the 25th.
    fn billed(&mut self, charges: &[Charge]) {
        let span = TimeRange { start: day("2026-11-20").start, end: day("2026-11-25").end };
        self.told("cost_report", span, &Told { charges: charges.to_vec(), ..Told::default() });
    }

    fn call(&mut self, source: &'static str, moment: &str, project: &str, model: &str, dollars: &str) {
        let record = UsageRecord {
            source,
            key: format!("{moment} {project} {model}"),
            occurred_at: at(moment),
            tokens: Tokens { output: 1_000, ..Tokens::default() },
            cache_writes: CacheWrites::Told,
            is_sum: false,
            web_searches: 0,
            basis: Basis::Billed,
            reported: Some(usd(dollars)),
            attribution: Arc::new(Attribution {
                agent: Some(source.to_owned()),
                provider: Some("anthropic".into()),
                project: Some(project.to_owned()),
                model: Some(model.to_owned()),
                ..Attribution::default()
            }),
            witness: Witness::Primary,
        };
        let mut recorder = self.ledger.recorder(at(NOW)).unwrap();
        recorder.record(&file(), 0, &[Sighting { record, offset: 0 }], &SkippedLines::default()).unwrap();
        recorder.finish().unwrap();
    }

    fn report(&self, cuts: &[Cut], only: &[(Dimension, &str)]) -> Report {
        let only: Vec<_> = only.iter().map(|(dimension, value)| (*dimension, (*value).to_owned())).collect();
        report(&self.ledger, &self.calendar, TimeRange::EVER, cuts, &only).unwrap()
    }

    fn total(&self) -> Spend {
        self.report(&[Cut::By(Dimension::Provider)], &[]).total
    }

    /// Values and amounts of a report, without rows that have none.
    fn rows(&self, cuts: &[Cut], only: &[(Dimension, &str)]) -> Vec<(String, Basis, String)> {
        let rows = self.report(cuts, only).rows.into_iter();
        rows.filter_map(|row| Some((row.values.join(" "), row.basis, row.cost?.to_string()))).collect()
    }
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

fn charge(date: &str, model: &str, dollars: &str) -> Charge {
    let who = Who { model: Some(model.to_owned()), ..Who::default() };
    Charge { span: day(date), who, item: String::new(), amount: usd(dollars) }
}

fn used(hour: &str, model: &str, output: u64) -> Use {
    let start = at(hour);
    Use {
        span: TimeRange { start, end: start + SignedDuration::from_hours(1) },
        who: Who { model: Some(model.to_owned()), ..Who::default() },
        tokens: Tokens { output, ..Tokens::default() },
        cache_writes: CacheWrites::Told,
        requests: Some(1),
        web_searches: 0,
        quantity: 0,
    }
}

const BY_PROJECT: &[Cut] = &[Cut::By(Dimension::Project)];
const BY_MODEL: &[Cut] = &[Cut::By(Dimension::Model)];

fn row(value: &str, dollars: &str) -> (String, Basis, String) {
    (value.to_owned(), Basis::Billed, dollars.to_owned())
}

#[test]
fn t30_bill_and_estimate_of_the_same_calls_are_never_added() {
    let mut machine = Machine::new("UTC");
    machine.call("claude-code", "2026-11-24T10:00:00Z", "/web", OPUS, "4");
    machine.call("claude-code", "2026-11-24T11:00:00Z", "/api", OPUS, "1.5");
    machine.billed(&[charge("2026-11-24", OPUS, "10")]);
    // 10 are billed; 4 and 1.5 of them are explained here, 4.5 were spent elsewhere.
    let expected = [row("(elsewhere)", "4.5"), row("/web", "4"), row("/api", "1.5")];
    assert_eq!(machine.rows(BY_PROJECT, &[]), expected);
    for cuts in [BY_PROJECT, BY_MODEL, &[Cut::Day], &[Cut::By(Dimension::Key)], &[Cut::By(Dimension::Session)]] {
        let total = machine.report(cuts, &[]).total;
        assert_eq!((total.billed, total.estimated), (Some(usd("10")), None), "{cuts:?}");
    }
    assert_eq!(machine.total().elsewhere, Some(usd("4.5")));
    assert_eq!(machine.rows(BY_MODEL, &[]), [row(OPUS, "10")]);
}

#[test]
fn a_call_that_nobody_said_the_account_pays_stands_beside_the_bill() {
    let mut machine = Machine::new("UTC");
    machine.call("cline", "2026-11-24T10:00:00Z", "/web", OPUS, "4");
    machine.billed(&[charge("2026-11-24", OPUS, "10")]);
    assert_eq!(machine.rows(BY_PROJECT, &[]), [row("(elsewhere)", "10"), row("/web", "4")]);
    machine.ledger.set_payer(&PaidBy { source: "cline".into(), account: machine.account }).unwrap();
    assert_eq!(machine.rows(BY_PROJECT, &[]), [row("(elsewhere)", "6"), row("/web", "4")], "past and future alike");
    machine.ledger.forget_payer("cline", "anthropic").unwrap();
    assert_eq!(machine.rows(BY_PROJECT, &[]), [row("(elsewhere)", "10"), row("/web", "4")]);
}

#[test]
fn estimates_above_the_bill_leave_less_than_nothing_elsewhere_so_that_the_bill_is_the_total() {
    let mut machine = Machine::new("UTC");
    machine.call("claude-code", "2026-11-24T10:00:00Z", "/web", OPUS, "12");
    machine.call("claude-code", "2026-11-24T10:00:00Z", "/web", "claude-haiku-5-5", "1");
    machine.billed(&[charge("2026-11-24", OPUS, "10")]);
    assert_eq!(machine.rows(BY_PROJECT, &[]), [row("/web", "13"), row("(elsewhere)", "-3")]);
    assert_eq!(machine.total().billed, Some(usd("10")));
    assert_eq!(machine.total().elsewhere, Some(usd("-3")));
}

#[test]
fn what_the_bill_calls_a_model_and_what_the_log_calls_it_is_the_same_model() {
    let mut machine = Machine::new("UTC");
    machine.call("claude-code", "2026-11-24T10:00:00Z", "/web", "Claude-Opus-5-5", "4");
    machine.billed(&[charge("2026-11-24", OPUS, "10"), charge("2026-11-24", "claude-haiku-5-5", "1")]);
    let by = [Cut::By(Dimension::Project), Cut::By(Dimension::Model)];
    let expected = [
        row("(elsewhere) claude-opus-5-5", "6"),
        row("/web Claude-Opus-5-5", "4"),
        row("(elsewhere) claude-haiku-5-5", "1"),
    ];
    assert_eq!(machine.rows(&by, &[]), expected);
}

#[test]
fn what_is_charged_and_is_of_no_model_is_told_by_what_it_is_for() {
    let mut machine = Machine::new("UTC");
    let search = Charge { who: Who::default(), item: "Web Search Usage".into(), ..charge("2026-11-24", "", "0.25") };
    machine.billed(&[charge("2026-11-24", OPUS, "10"), search]);
    assert_eq!(machine.rows(BY_MODEL, &[]), [row(OPUS, "10"), row("Web Search Usage", "0.25")]);
}

#[test]
fn keys_are_told_by_their_names() {
    let mut machine = Machine::new("UTC");
    machine.call("claude-code", "2026-11-24T10:00:00Z", "/web", OPUS, "4");
    let of_key = |id: &str, dollars| {
        let mut charge = charge("2026-11-24", OPUS, dollars);
        charge.who.key = Some(id.to_owned());
        charge
    };
    let names = vec![Name { kind: Kind::Key, id: "apikey_1".into(), name: "ci-bot".into() }];
    machine.told("names", day("2026-11-24"), &Told { names, ..Told::default() });
    machine.billed(&[of_key("apikey_1", "7"), of_key("apikey_2", "3")]);
    assert_eq!(machine.rows(&[Cut::By(Dimension::Key)], &[]), [row("ci-bot", "7"), row("apikey_2", "3")]);
    assert_eq!(machine.rows(BY_MODEL, &[(Dimension::Key, "ci-bot")]), [row(OPUS, "7")]);
}

#[test]
fn a_filter_shows_its_part_and_explains_with_the_whole() {
    let mut machine = Machine::new("UTC");
    machine.call("claude-code", "2026-11-24T10:00:00Z", "/web", OPUS, "4");
    machine.call("claude-code", "2026-11-24T11:00:00Z", "/api", OPUS, "1.5");
    machine.billed(&[charge("2026-11-24", OPUS, "10")]);
    assert_eq!(machine.rows(BY_MODEL, &[(Dimension::Project, "/web")]), [row(OPUS, "4")]);
    assert_eq!(machine.rows(BY_MODEL, &[(Dimension::Project, ELSEWHERE)]), [row(OPUS, "4.5")]);
    assert_eq!(machine.rows(BY_PROJECT, &[(Dimension::Provider, "openai")]), []);
}

#[test]
fn a_day_without_a_bill_yet_counts_as_it_is_estimated() {
    let mut machine = Machine::new("UTC");
    machine.billed(&[charge("2026-11-24", OPUS, "10"), charge("2026-11-25", OPUS, "0.01")]);
    machine.call("claude-code", "2026-11-25T08:10:00Z", "/web", OPUS, "4");
    assert_eq!(machine.rows(&[Cut::Day], &[]), [row("2026-11-24", "10"), row("2026-11-25", "4")]);
    assert_eq!(machine.total().elsewhere, Some(usd("10")), "today's bill is not complete, and not taken for one");
}

#[test]
fn of_an_open_hour_the_provider_counts_what_others_spent_and_this_machine_what_was_just_spent_here() {
    let mut machine = Machine::new("UTC");
    let range = TimeRange { start: at("2026-11-25T00:00:00Z"), end: at("2026-11-25T10:00:00Z") };
    // A million tokens of Opus cost what they cost; all that matters is that it is more than a dollar.
    let uses = vec![used("2026-11-25T07:00:00Z", OPUS, 1_000_000), used("2026-11-25T08:00:00Z", OPUS, 1_000_000)];
    machine.told("messages", range, &Told { uses, ..Told::default() });
    let one = machine.rows(&[Cut::Hour], &[])[0].2.parse::<Usd>().unwrap();
    assert!(one > usd("1"));
    machine.call("claude-code", "2026-11-25T07:10:00Z", "/web", OPUS, "1");
    machine.call("claude-code", "2026-11-25T09:10:00Z", "/web", OPUS, "2");
    let rows = machine.rows(BY_PROJECT, &[]);
    // At 7 the provider counts one more than the dollar that is known; at 8 all of it is; at 9 it has not counted yet.
    let elsewhere = (one - usd("1") + one).to_string();
    let estimated = |value: &str, dollars: &str| (value.to_owned(), Basis::Estimated, dollars.to_owned());
    assert!(rows.contains(&estimated("(elsewhere)", &elsewhere)), "{rows:?}");
    assert!(rows.contains(&row("/web", "3")), "{rows:?}");
    let total = machine.total();
    assert_eq!((total.estimated, total.billed), (Some(one + one - usd("1")), Some(usd("3"))));
}

#[test]
fn a_bill_by_the_hour_is_complete_as_far_as_the_provider_has_counted() {
    let mut machine = Machine::new("UTC");
    let hour = |hour: &str, dollars: &str| {
        let start = at(hour);
        let span = TimeRange { start, end: start + SignedDuration::from_hours(1) };
        Charge { span, ..charge("2026-11-25", OPUS, dollars) }
    };
    let charges = vec![hour("2026-11-25T05:00:00Z", "3"), hour("2026-11-25T06:00:00Z", "0.5")];
    let counted_until = Some(at("2026-11-25T06:00:00Z"));
    let range = TimeRange { start: at("2026-11-25T00:00:00Z"), end: at("2026-11-25T10:00:00Z") };
    machine.told("analytics_cost", range, &Told { charges, counted_until, ..Told::default() });
    machine.call("claude-code", "2026-11-25T05:10:00Z", "/web", OPUS, "1");
    machine.call("claude-code", "2026-11-25T06:10:00Z", "/web", OPUS, "2");
    let rows = machine.rows(&[Cut::Hour, Cut::By(Dimension::Project)], &[]);
    let expected = [
        row("2026-11-25T05:00+00:00 (elsewhere)", "2"),
        row("2026-11-25T05:00+00:00 /web", "1"),
        row("2026-11-25T06:00+00:00 /web", "2"),
    ];
    assert_eq!(rows, expected, "at six, half a dollar is what it had counted so far, and less than is known here");
}

#[test]
fn t12_a_days_bill_stands_at_the_day_of_its_date_with_the_calls_that_explain_it() {
    for zone in ["Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati"] {
        let mut machine = Machine::new(zone);
        // The first and the last minute of the provider's day.
        machine.call("claude-code", "2026-11-23T00:00:30Z", "/web", OPUS, "4");
        machine.call("claude-code", "2026-11-23T23:59:30Z", "/web", OPUS, "2");
        machine.billed(&[charge("2026-11-23", OPUS, "10"), charge("2026-11-24", OPUS, "7")]);
        let by = [Cut::Day, Cut::By(Dimension::Project)];
        let expected =
            [row("2026-11-23 /web", "6"), row("2026-11-23 (elsewhere)", "4"), row("2026-11-24 (elsewhere)", "7")];
        assert_eq!(machine.rows(&by, &[]), expected, "{zone}");
        let only_that_day = machine.calendar.day("2026-11-23".parse().unwrap());
        let day = report(&machine.ledger, &machine.calendar, only_that_day, BY_PROJECT, &[]).unwrap();
        assert_eq!(day.total.billed, Some(usd("10")), "{zone}: the same if nothing but that day is asked for");
    }
}

#[test]
fn the_older_report_counts_where_the_newer_one_may_not_be_read_and_never_beside_it() {
    let mut machine = Machine::new("UTC");
    machine.billed(&[charge("2026-11-23", OPUS, "10"), charge("2026-11-24", OPUS, "7")]);
    assert_eq!(machine.total().billed, Some(usd("17")));
    // Now the key may read analytics, which tell of the 24th alone.
    let charges = vec![Charge {
        span: TimeRange { start: at("2026-11-24T05:00:00Z"), end: at("2026-11-24T06:00:00Z") },
        ..charge("2026-11-24", OPUS, "7.5")
    }];
    let counted_until = Some(at("2026-11-25T06:00:00Z"));
    let told = Told { charges, counted_until, ..Told::default() };
    machine.told(
        "analytics_cost",
        TimeRange { start: at("2026-11-24T00:00:00Z"), end: at("2026-11-25T10:00:00Z") },
        &told,
    );
    assert_eq!(machine.total().billed, Some(usd("17.5")), "10 of the older one, 7.5 of the newer one");
}

#[test]
fn a_plan_is_in_no_bill() {
    let mut machine = Machine::new("UTC");
    let plan = crate::pricing::PlanSetting {
        source: "claude-code".into(),
        name: "Claude Max 20x".into(),
        seller: None,
        per_month: None,
        since: None,
        until: None,
    };
    let decision = crate::ledger::restatements::Decision::SetPlan(plan);
    machine.ledger.restate(&decision, 0, at(NOW), &machine.calendar).unwrap();
    let record = UsageRecord {
        source: "claude-code",
        key: "planned".into(),
        occurred_at: at("2026-11-24T10:00:00Z"),
        tokens: Tokens { output: 1_000_000, ..Tokens::default() },
        cache_writes: CacheWrites::Told,
        is_sum: false,
        web_searches: 0,
        basis: Basis::Estimated,
        reported: None,
        attribution: Arc::new(Attribution {
            agent: Some("claude-code".into()),
            provider: Some("anthropic".into()),
            project: Some("/web".into()),
            model: Some(OPUS.into()),
            ..Attribution::default()
        }),
        witness: Witness::Primary,
    };
    let mut recorder = machine.ledger.recorder(at(NOW)).unwrap();
    recorder.record(&file(), 0, &[Sighting { record, offset: 0 }], &SkippedLines::default()).unwrap();
    recorder.finish().unwrap();
    machine.billed(&[charge("2026-11-24", OPUS, "10")]);
    let total = machine.total();
    assert_eq!((total.billed, total.elsewhere), (Some(usd("10")), Some(usd("10"))));
    assert!(total.api_equivalent.is_some(), "beside it");
}
