//! What is estimated, what is billed and what a subscription covers stay apart, from the call to every figure.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tempfile::TempDir;

use super::Viewpoint;
use super::dimension::Dimension;
use super::report::{Cut, report};
use super::sums::coverage_permille;
use super::view::{Bases, Period, Spend};
use crate::calendar::{Calendar, TimeRange};
use crate::ledger::Ledger;
use crate::ledger::files::FileRow;
use crate::ledger::recorder::{Recorded, Sighting};
use crate::ledger::restatements::Decision;
use crate::ledger::skipped::SkippedLines;
use crate::money::{Margin, Usd};
use crate::places::Places;
use crate::pricing::PlanSetting;
use crate::usage::{Attribution, Basis, CacheWrites, Tokens, UsageRecord, Witness};

const NOON: &str = "2026-11-24T12:00:00Z";

struct Machine {
    _folder: TempDir,
    places: Places,
    calendar: Calendar,
    ledger: Ledger,
}

impl Machine {
    /// One on which Claude Code runs under a plan, as it has since eleven.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = Some(folder.path().join("data"));
        let places = Places::of_user([("HOME".into(), folder.path().into())], None, data).unwrap();
        let mut ledger = Ledger::open(&places.ledger()).unwrap();
        let now = NOON.parse::<Timestamp>().unwrap();
        let plan = PlanSetting {
            source: "claude-code".into(),
            name: "Claude Max 20x".into(),
            seller: None,
            per_month: None,
            since: Some(now - jiff::ToSpan::hours(1)),
            until: None,
        };
        let calendar = Calendar::new(TimeZone::UTC);
        ledger.restate(&Decision::SetPlan(plan), 0, now, &calendar).unwrap();
        Self { _folder: folder, places, calendar, ledger }
    }

    fn take_in(&mut self, calls: &[UsageRecord]) -> Recorded {
        let mut recorder = self.ledger.recorder(NOON.parse().unwrap()).unwrap();
        let calls: Vec<Sighting> = calls.iter().map(|record| Sighting { record: record.clone(), offset: 0 }).collect();
        recorder.record(&file(), 0, &calls, &SkippedLines::default()).unwrap();
        recorder.finish().unwrap()
    }

    fn viewpoint(&self) -> Viewpoint<'_> {
        let Self { ledger, calendar, places, .. } = self;
        Viewpoint { ledger, calendar, places, now: NOON.parse().unwrap() }
    }

    fn total(&self) -> Spend {
        self.viewpoint().spend(TimeRange::EVER).unwrap()
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

fn call(source: &'static str, project: &str, model: &str, tokens: Tokens) -> UsageRecord {
    UsageRecord {
        source,
        key: format!("{project} {model}"),
        occurred_at: NOON.parse().unwrap(),
        tokens,
        cache_writes: CacheWrites::Told,
        is_sum: false,
        web_searches: 0,
        basis: Basis::Estimated,
        reported: None,
        attribution: Arc::new(Attribution {
            project: Some(project.to_owned()),
            model: Some(model.to_owned()),
            ..Attribution::default()
        }),
        witness: Witness::Primary,
    }
}

fn billed(dollars: &str, output: u64) -> UsageRecord {
    let tokens = Tokens { output, ..Tokens::default() };
    let call = call("cline", "/routed", "claude-opus-5-5", tokens);
    UsageRecord { basis: Basis::Billed, reported: Some(usd(dollars)), ..call }
}

fn usd(text: &str) -> Usd {
    Usd::parse(text).unwrap()
}

/// One call of each kind, in a project of its own.
fn one_of_each() -> [UsageRecord; 4] {
    [
        // 200,000 × $4/M. Codex does not tell whether they were written to the cache, for $5/M.
        UsageRecord {
            cache_writes: CacheWrites::Untold,
            is_sum: false,
            ..call("codex", "/by-token", "gpt-5.6-sol", Tokens { input: 200_000, ..Tokens::default() })
        },
        billed("7.000000001", 10),
        // 200,000 × $20/M
        call("claude-code", "/under-a-plan", "claude-opus-5-5", Tokens { output: 200_000, ..Tokens::default() }),
        call("codex", "/unheard-of", "unheard-of", Tokens { output: 1, ..Tokens::default() }),
    ]
}

#[test]
fn t30_what_is_estimated_billed_or_covered_by_a_subscription_is_never_added() {
    let mut machine = Machine::new();
    machine.take_in(&one_of_each());
    let total = machine.total();
    assert_eq!(total.estimated, Some(usd("0.8")));
    assert_eq!(total.margin, Margin { below: Usd::ZERO, above: usd("0.2") });
    assert_eq!(total.billed, Some(usd("7.000000001")));
    assert_eq!(total.api_equivalent, Some(usd("4")));
    assert_eq!((total.requests, total.tokens.total(), total.unpriced_tokens), (4, 400_011, 1));

    let view = machine.viewpoint();
    let meter = view.meter().unwrap();
    let overview = view.overview(Period::Today, None, None).unwrap();
    for same in [&meter.today, &meter.month, &overview.today, &overview.month, &overview.total, &overview.days[0].spend]
    {
        assert_eq!(same, &total);
    }
    let trend: Usd = overview.projects.iter().flat_map(|project| project.trend.iter().copied()).sum();
    assert_eq!(trend, usd("0.8"), "a trend is of what is estimated");
    let burnt: Usd = meter.burn.quarters.iter().copied().sum();
    assert_eq!((burnt, meter.burn.basis), (usd("0.8"), Basis::Estimated));
    assert_eq!((meter.burn.requests, meter.burn.unpriced_tokens), (4, 1));

    let cuts = [Cut::By(Dimension::Agent)];
    let report = report(&machine.ledger, &machine.calendar, TimeRange::EVER, &cuts, &[]).unwrap();
    let rows: Vec<_> = report.rows.iter().map(|row| (row.basis, row.cost, row.coverage_permille())).collect();
    let [low, high] = [(Basis::Billed, "7.000000001", 1_000), (Basis::ApiEquivalent, "4", 1_000)]
        .map(|(basis, cost, coverage)| (basis, Some(usd(cost)), Some(coverage)));
    assert_eq!(rows, [low, high, (Basis::Estimated, Some(usd("0.8")), Some(999))]);
    assert_eq!(report.total, total);
}

#[test]
fn every_curve_is_of_the_amounts_that_one_wants_to_look_at() {
    let mut machine = Machine::new();
    machine.take_in(&one_of_each());
    let view = machine.viewpoint();
    for (basis, project, amount) in [
        (Basis::Estimated, "/by-token", "0.8"),
        (Basis::Billed, "/routed", "7.000000001"),
        (Basis::ApiEquivalent, "/under-a-plan", "4"),
    ] {
        let overview = view.overview(Period::Today, Some(basis), None).unwrap();
        assert_eq!(overview.bases, Bases { lead: basis, known: Basis::ALL.to_vec() });
        let first = &overview.projects[0];
        assert_eq!((first.key.as_str(), first.share_permille), (project, Some(1_000)));
        assert_eq!(first.trend.iter().copied().sum::<Usd>(), usd(amount));
        assert!(overview.projects[1..].iter().all(|other| other.share_permille.is_none()), "{basis:?}");
        let shares: Usd = overview.days[0].by_provider.iter().map(|share| share.amount).sum();
        assert_eq!(shares, usd(amount));
        let burn = overview.burn;
        assert_eq!((burn.basis, burn.quarters.iter().copied().sum()), (basis, usd(amount)));
        assert_eq!(burn.per_hour, usd(amount).per_hour(3_600));
    }
    // Nothing of this project is estimated.
    let covered = view.project("/under-a-plan", Period::Today, Some(Basis::Estimated)).unwrap().unwrap();
    assert_eq!(covered.bases, Bases { lead: Basis::ApiEquivalent, known: vec![Basis::ApiEquivalent] });
    assert_eq!(covered.days[0].by_provider[0].amount, usd("4"));
}

#[test]
fn under_a_plan_alone_everything_is_told_of_what_it_covers() {
    let mut machine = Machine::new();
    let [_, _, covered, unheard_of] = one_of_each();
    machine.take_in(std::slice::from_ref(&covered));
    let meter = machine.viewpoint().meter().unwrap();
    let is_covered = Basis::ApiEquivalent;
    assert_eq!((meter.lead, meter.burn.basis, meter.burn.per_hour), (is_covered, is_covered, Some(usd("4"))));
    // Of the hour before, only a call without a price is known: that is not nothing.
    let mut machine = Machine::new();
    machine.take_in(&[unheard_of]);
    let burn = machine.viewpoint().meter().unwrap().burn;
    assert_eq!((burn.per_hour, burn.requests, burn.unpriced_tokens), (None, 1, 1));
}

#[test]
fn a_project_that_a_subscription_covers_has_no_share_of_the_estimates_and_is_not_empty() {
    let mut machine = Machine::new();
    machine.take_in(&one_of_each());
    let view = machine.viewpoint();
    let projects = view.overview(Period::Today, None, None).unwrap().projects;
    let ranked: Vec<_> = projects.iter().map(|project| (project.key.as_str(), project.share_permille)).collect();
    let expected = [("/by-token", Some(1_000)), ("/routed", None), ("/under-a-plan", None), ("/unheard-of", None)];
    assert_eq!(ranked, expected);
    let covered = view.project("/under-a-plan", Period::Today, None).unwrap().unwrap();
    assert_eq!((covered.project.spend.estimated, covered.project.spend.api_equivalent), (None, Some(usd("4"))));
    assert_eq!((covered.sessions[0].spend.api_equivalent, covered.models.len()), (Some(usd("4")), 1));
}

#[test]
fn calls_from_before_a_plan_are_money() {
    let mut machine = Machine::new();
    let [.., covered, _] = one_of_each();
    let before =
        UsageRecord { occurred_at: "2026-11-24T10:59:59Z".parse().unwrap(), key: "before".into(), ..covered.clone() };
    machine.take_in(&[before, covered]);
    let total = machine.total();
    assert_eq!((total.estimated, total.api_equivalent), (Some(usd("4")), Some(usd("4"))));
}

#[test]
fn what_a_plan_costs_stands_beside_the_month_in_which_it_ended() {
    let mut machine = Machine::new();
    let fixed = |machine: &Machine, now: &str| {
        let view = Viewpoint { now: now.parse().unwrap(), ..machine.viewpoint() };
        let [meter, overview] = [view.meter().unwrap().fixed, view.overview(Period::Today, None, None).unwrap().fixed];
        assert_eq!(meter, overview);
        meter.map(|cost| cost.per_month)
    };
    let plan = PlanSetting {
        source: "claude-code".into(),
        name: "Claude Max 20x".into(),
        seller: None,
        per_month: Some(usd("200")),
        since: None,
        until: Some("2026-11-10T00:00:00Z".parse().unwrap()),
    };
    for decision in [Decision::ForgetPlan { source: plan.source.clone() }, Decision::SetPlan(plan)] {
        let last = machine.ledger.last_decision().unwrap();
        machine.ledger.restate(&decision, last, NOON.parse().unwrap(), &machine.calendar).unwrap();
    }
    assert_eq!(fixed(&machine, NOON), Some(Some(usd("200"))), "it was paid for November");
    assert_eq!(fixed(&machine, "2026-12-01T00:00:00Z"), None);
}

#[test]
fn what_the_provider_says_later_takes_the_place_of_the_estimate() {
    let mut machine = Machine::new();
    machine.take_in(&[UsageRecord { basis: Basis::Estimated, reported: None, ..billed("7", 10) }]);
    // 10 × $20/M
    assert_eq!((machine.total().estimated, machine.total().billed), (Some(usd("0.0002")), None));
    assert_eq!(machine.take_in(&[billed("0.0003", 10)]), Recorded { updated: 1, ..Recorded::default() });
    assert_eq!((machine.total().estimated, machine.total().billed), (None, Some(usd("0.0003"))));
    // The answer went on.
    machine.take_in(&[billed("0.0009", 30)]);
    assert_eq!(machine.take_in(&[billed("0.0003", 10)]), Recorded::default());
    assert_eq!((machine.total().requests, machine.total().billed), (1, Some(usd("0.0009"))));
    let stored: (String, i64, String) = machine
        .ledger
        .read(|c| {
            c.query_row("SELECT price_status, reported, basis FROM usage", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
        })
        .unwrap();
    assert_eq!(stored, ("provider_reported".into(), 900_000, "billed".into()));
}

#[test]
fn a_call_that_moves_takes_its_basis_and_its_margin_along() {
    let mut machine = Machine::new();
    let [uncertain, _, covered, _] = one_of_each();
    let copies = [uncertain, covered].map(|call| UsageRecord { witness: Witness::Secondary, ..call });
    machine.take_in(&copies);
    let before = machine.total();
    let originals = copies.map(|copy| {
        let attribution = Attribution { session: Some("origin".into()), ..(*copy.attribution).clone() };
        UsageRecord { attribution: Arc::new(attribution), witness: Witness::Primary, ..copy }
    });
    assert_eq!(machine.take_in(&originals).updated, 2);
    assert_eq!(machine.total(), before);
    let moved = [(Dimension::Session, "origin".to_owned())];
    let report = report(&machine.ledger, &machine.calendar, TimeRange::EVER, &[Cut::Day], &moved).unwrap();
    assert_eq!(report.total, before);
}

#[test]
fn coverage_is_whole_only_if_nothing_is_without_a_price() {
    let of = |all: u64, unpriced| coverage_permille(&Tokens { output: all, ..Tokens::default() }, unpriced);
    assert_eq!(of(0, 0), None);
    assert_eq!(of(5, 0), Some(1_000));
    assert_eq!(of(1_000_000_000, 1), Some(999));
    assert_eq!(of(3, 1), Some(666));
    assert_eq!(of(u64::MAX, 1), Some(999));
    assert_eq!(of(7, 7), Some(0));
}
