//! Accounts polled over real HTTP, with everything that can go wrong: what is known stays, nothing is counted twice, and what
//! is wrong is said with what to do.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use spendmeter_core::accounts::view::{ConnectionState, ConnectionView};
use spendmeter_core::accounts::{Connection, Hold};
use spendmeter_core::calendar::{Calendar, TimeRange};
use spendmeter_core::http::{Http, Timeouts};
use spendmeter_core::ledger::Ledger;
use spendmeter_core::money::Usd;
use spendmeter_core::places::Places;
use spendmeter_core::secrets::Secret;
use spendmeter_core::sources::providers::{self, Access};
use spendmeter_core::spend::Viewpoint;
use spendmeter_core::spend::dimension::Dimension;
use spendmeter_core::spend::report::{Cut, report};
use spendmeter_core::sync::accounts::{Looked, due, look, look_at_all};
use stub::Answer;
use stub::providers::openai::{self, Cost, Organisation, Project};
use stub::providers::{Peer, anthropic, faults};
use tempfile::TempDir;

const NOW: &str = "2026-11-24T12:30:00Z";
const COSTS: &str = "/v1/organization/costs";

fn at(moment: &str) -> Timestamp {
    moment.parse().unwrap()
}

fn usd(amount: &str) -> Usd {
    Usd::parse(amount).unwrap()
}

/// A ledger with one connection, on a clock that the test moves.
struct Asking {
    folder: TempDir,
    ledger: Ledger,
    access: Access,
    now: Timestamp,
}

impl Asking {
    fn new(provider: &str, base: String, key: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        let provider = providers::named(provider).unwrap();
        let waits = Timeouts { connect: Duration::from_secs(5), whole: Duration::from_millis(700) };
        let http = Http::to(["127.0.0.1"], waits, None);
        let mut asking =
            Self { folder, ledger, access: Access { provider, base, http, key: Secret::new(key) }, now: at(NOW) };
        asking.connect();
        asking
    }

    /// Enters the key.
    fn connect(&mut self) {
        let Access { provider, base, key, .. } = &self.access;
        let connection = Connection::new(provider.id, provider, base.clone(), key, self.now);
        self.ledger.keep_connection(&connection).unwrap();
    }

    fn openai(peer: &Peer<Organisation>) -> Self {
        Self::new("openai", peer.url("/v1"), "sk-admin-test")
    }

    fn connection(&self) -> Connection {
        self.ledger.connection(self.access.provider.id).unwrap().unwrap()
    }

    fn hold(&self) -> Hold {
        self.connection().hold.expect("it is held")
    }

    /// When it asks next, if ever.
    fn due(&self) -> Option<Timestamp> {
        due(&self.ledger, &self.connection(), self.now).unwrap()
    }

    fn look(&mut self) -> Looked {
        look(&mut self.ledger, &self.access, self.access.provider.id, self.now).unwrap()
    }

    fn look_at_all(&mut self) -> Looked {
        look_at_all(&mut self.ledger, &self.access, self.access.provider.id, self.now).unwrap()
    }

    /// Asks whatever is due until nothing is for half a minute. Gives everything that failed.
    fn look_until_quiet(&mut self) -> Looked {
        let mut all = Looked::default();
        while let Some(due) = self.due().filter(|due| due.duration_since(self.now) < SignedDuration::from_secs(30)) {
            self.now = self.now.max(due);
            let looked = self.look();
            all.requests += looked.requests;
            all.rows += looked.rows;
            all.failures.extend(looked.failures);
            assert!(all.requests < 2_000, "it never ends");
        }
        all
    }

    fn billed(&self) -> Option<Usd> {
        let cuts = [Cut::By(Dimension::Model)];
        report(&self.ledger, &Calendar::new(TimeZone::UTC), TimeRange::EVER, &cuts, &[]).unwrap().total.billed
    }

    fn view(&self) -> ConnectionView {
        self.seen(|view| view.connections().unwrap().remove(0))
    }

    fn seen<T>(&self, look: impl FnOnce(Viewpoint<'_>) -> T) -> T {
        let places = Places::of_user([("HOME".into(), self.folder.path().into())], None, None).unwrap();
        let calendar = Calendar::new(TimeZone::UTC);
        look(Viewpoint { ledger: &self.ledger, calendar: &calendar, places: &places, now: self.now })
    }
}

/// $2 on each of the five days before today.
fn organisation() -> Organisation {
    let cost = |day: i64| Cost {
        at: at(NOW) - (24 * day).hours(),
        project: Some("proj_1".into()),
        line_item: Some("gpt-6-astra, input_tokens".into()),
        nanos: 2_000_000_000,
        ..Cost::default()
    };
    let project = |id: &str| Project {
        id: id.into(),
        name: "Chat app".into(),
        created: at("2025-01-01T00:00:00Z"),
        archived: None,
        keys: Vec::new(),
    };
    Organisation { costs: (1..=5).map(cost).collect(), projects: vec![project("proj_1")], ..Organisation::default() }
}

fn peer() -> Peer<Organisation> {
    Peer::start(organisation(), at(NOW))
}

/// One that has been read whole, and whose costs are due again.
fn read_before(peer: &Peer<Organisation>) -> Asking {
    let mut asking = Asking::openai(peer);
    assert_eq!(asking.look_until_quiet().failures, []);
    assert_eq!(asking.billed(), Some(usd("10")));
    asking.now += 2.hours();
    peer.set_now(asking.now);
    asking
}

#[test]
fn everything_is_read_once_and_then_only_what_changes_is_written() {
    let peer = peer();
    let mut asking = read_before(&peer);
    let again = asking.look_at_all();
    assert_eq!((again.rows, again.failures), (0, Vec::new()));
    assert!(again.requests > 10, "every feed was asked: {}", again.requests);
    let view = asking.view();
    assert_eq!((view.state, view.history), (ConnectionState::Fresh, None));
    assert_eq!(view.as_of.as_deref().map(|at| &at[..15]), Some("2026-11-24T14:3"));
}

#[test]
fn the_month_is_what_was_billed_and_today_is_not_known_to_be_nothing() {
    let peer = peer();
    let asking = read_before(&peer);
    let meter = asking.seen(|view| view.meter().unwrap());
    assert_eq!((meter.month.billed, meter.month.elsewhere), (Some(usd("10")), Some(usd("10"))));
    assert_eq!((meter.today.billed, meter.today.estimated), (None, None), "no bill of today yet, which is not $0.00");
    assert!(meter.connected);
}

#[test]
fn a_key_that_is_not_known_any_more_stops_the_polling_and_the_figures_stay() {
    let peer = peer();
    let mut asking = read_before(&peer);
    peer.change(|organisation| organisation.keys.clear());
    asking.look_until_quiet();
    let asked = peer.asked().len();
    let hold = asking.hold();
    assert_eq!((hold.code.as_str(), hold.until), ("refused", None));
    assert!(hold.trouble.contains("sk-admin-…") && hold.trouble.contains("api.usage.read"), "{}", hold.trouble);
    for _ in 0..100 {
        asking.now += 1.hours();
        assert_eq!(asking.due(), None);
        asking.look();
    }
    assert_eq!(peer.asked().len(), asked, "nobody is asked any more");
    assert_eq!(asking.billed(), Some(usd("10")));
    assert_eq!(asking.view().state, ConnectionState::Refused);
    // A new key is entered.
    peer.change(|organisation| organisation.keys = organisation_keys("sk-admin-other"));
    asking.access.key = Secret::new("sk-admin-other");
    asking.connect();
    assert_eq!(asking.look_until_quiet().failures, []);
    assert_eq!((asking.billed(), asking.view().state), (Some(usd("10")), ConnectionState::Fresh));
}

fn organisation_keys(key: &str) -> BTreeMap<String, Vec<&'static str>> {
    BTreeMap::from([(key.to_owned(), vec![openai::USAGE, openai::NAMES])])
}

#[test]
fn a_missing_scope_stops_what_needs_it_and_nothing_else() {
    for status in [403, 401] {
        let peer = peer();
        peer.change(|organisation| {
            organisation.keys.insert("sk-admin-usage".into(), vec![openai::USAGE]);
            organisation.status_without_scope = status;
        });
        let mut asking = Asking::new("openai", peer.url("/v1"), "sk-admin-usage");
        let failures = asking.look_until_quiet().failures;
        assert_eq!(failures.len(), 1, "asked once, and not again: {failures:?}");
        assert_eq!(asking.billed(), Some(usd("10")), "bills are read without names");
        let view = asking.view();
        assert_eq!((view.state, view.missing.len()), (ConnectionState::Fresh, 1));
        assert!(view.missing[0].trouble.contains("api.management.read"), "{:?}", view.missing);
        assert_eq!(view.missing[0].again_at, None);
    }
}

#[test]
fn t17_a_provider_that_is_asked_too_often_is_left_alone_as_long_as_it_wants() {
    let peer = peer();
    let mut asking = read_before(&peer);
    peer.fail_next(faults::any, openai::rate_limited(Some(1_800)), 1);
    assert_eq!(asking.look().failures.len(), 1);
    let asked = peer.asked().len();
    assert_eq!(asking.due(), Some(asking.now + 1_800.seconds()));
    assert_eq!(asking.look_at_all().failures.len(), 1, "a person who cannot wait is told so");
    asking.now += 1_799.seconds();
    asking.look();
    assert_eq!(peer.asked().len(), asked);
    let view = asking.view();
    assert_eq!((view.state, view.again_at.is_some()), (ConnectionState::Stale, true));
    assert_eq!(asking.billed(), Some(usd("10")), "the last figures stay");
    asking.now += 1.seconds();
    assert_eq!(asking.look_until_quiet().failures, []);
    assert_eq!((asking.view().state, asking.connection().hold), (ConnectionState::Fresh, None));
}

#[test]
fn t17_without_a_word_when_it_waits_longer_each_time() {
    let peer = peer();
    let mut asking = read_before(&peer);
    peer.fail_next(faults::any, openai::rate_limited(None), 6);
    let mut waits = Vec::new();
    for _ in 0..6 {
        assert_eq!(asking.look().failures.len(), 1);
        let due = asking.due().unwrap();
        waits.push(due.duration_since(asking.now).as_mins());
        asking.now = due;
    }
    for (wait, least) in waits.iter().zip([1, 2, 4, 8, 16, 32]) {
        assert!((least..=least * 5 / 4).contains(wait), "{waits:?}");
    }
    assert_eq!(asking.look_until_quiet().failures, []);
}

#[test]
fn whatever_breaks_over_there_leaves_the_figures_and_is_tried_again() {
    let broken = || {
        [
            ("500", openai::broken()),
            ("529", Answer::status("529 Overloaded", &[], "{}")),
            ("503", Answer::status("503 Service Unavailable", &["Retry-After: 60"], "{}")),
            ("half a document", faults::half_a_document()),
            ("no document", Answer::ok("<html>Maintenance</html>")),
        ]
    };
    for (what, answer) in broken() {
        let peer = peer();
        let mut asking = read_before(&peer);
        peer.change(|organisation| organisation.costs[0].nanos = 3_000_000_000);
        peer.fail_next(faults::on(COSTS), answer, 1);
        let failures = asking.look_until_quiet().failures;
        assert_eq!(failures.len(), 1, "{what}: {failures:?}");
        assert_eq!(asking.billed(), Some(usd("10")), "{what}: as before");
        asking.now += 2.hours();
        peer.set_now(asking.now);
        assert_eq!(asking.look_until_quiet().failures, [], "{what}");
        assert_eq!(asking.billed(), Some(usd("11")), "{what}: and then what it says now");
    }
}

#[test]
fn an_answer_that_stops_in_the_middle_changes_nothing() {
    for spoil in [faults::hangs_in_the_middle as fn(&_, _) -> _, faults::cut_in_the_middle] {
        let peer = peer();
        let mut asking = read_before(&peer);
        peer.change(|organisation| organisation.costs[0].nanos = 3_000_000_000);
        peer.spoil_next(faults::on(COSTS), spoil, 1);
        let failures = asking.look_until_quiet().failures;
        assert_eq!(failures.len(), 1, "{failures:?}");
        assert_eq!(asking.billed(), Some(usd("10")));
        assert_eq!(asking.view().state, ConnectionState::Stale);
        asking.now += 2.hours();
        assert_eq!(asking.look_until_quiet().failures, []);
        assert_eq!(asking.billed(), Some(usd("11")));
    }
}

#[test]
fn a_cursor_that_leads_to_itself_ends_the_question_and_changes_nothing() {
    let peer = peer();
    // Two hundred days of costs are more than a page, and history reaches back 180.
    peer.change(|organisation| {
        let cost = organisation.costs[0].clone();
        organisation.usage.clear();
        organisation.costs.extend((6..170).map(|day: i64| Cost { at: at(NOW) - (24 * day).hours(), ..cost.clone() }));
    });
    let mut asking = read_all_of(&peer);
    assert_eq!(asking.billed(), Some(usd("338")), "169 days");
    peer.spoil_next(faults::any, faults::same_cursor_again, 1_000);
    asking.now += 2.hours();
    asking.look_until_quiet();
    assert_eq!(asking.billed(), Some(usd("338")));
}

fn read_all_of(peer: &Peer<Organisation>) -> Asking {
    let mut asking = Asking::openai(peer);
    assert_eq!(asking.look_until_quiet().failures, []);
    asking
}

#[test]
fn pages_and_days_without_anything_are_nothing() {
    let peer = Peer::start(Organisation { projects: organisation().projects, ..Organisation::default() }, at(NOW));
    let asking = read_all_of(&peer);
    assert_eq!(asking.billed(), None, "no bill is no bill, and not $0.00");
    assert_eq!(asking.view().state, ConnectionState::Fresh);
}

#[test]
fn t20_a_clock_that_is_wrong_asks_for_the_provider_s_days_and_says_so() {
    for hours in [-30, 49] {
        let peer = peer();
        let mut asking = Asking::openai(&peer);
        asking.now = at(NOW) + SignedDuration::from_hours(hours);
        asking.look_until_quiet();
        assert_eq!(asking.billed(), Some(usd("10")), "{hours}");
        let told = asking.view().clock_minutes.unwrap();
        assert!((told + hours * 60).abs() < 5, "{hours}: {told}, and the clock went on while it read history");
    }
}

#[test]
fn buckets_that_are_corrected_replace_what_they_said_before() {
    let peer = peer();
    let mut asking = read_before(&peer);
    peer.change(|organisation| {
        organisation.costs[0].nanos = 2_500_000_000;
        // The line item has another name now, and a cost of two days ago is gone.
        organisation.costs[0].line_item = Some("gpt-6-astra, output_tokens".into());
        organisation.costs.remove(1);
        // Late by two weeks: within what is read once a day.
        organisation.costs.push(Cost { at: at("2026-11-12T10:00:00Z"), ..organisation.costs[0].clone() });
    });
    asking.look_until_quiet();
    assert_eq!(asking.billed(), Some(usd("8.5")), "2.5 + 3 × 2");
    asking.now += 24.hours();
    asking.look_until_quiet();
    assert_eq!(asking.billed(), Some(usd("11")), "and the one of long ago");
}

#[test]
fn a_key_that_changes_organisation_does_not_mix_two_bills() {
    let peer = peer();
    let mut asking = read_before(&peer);
    peer.change(|organisation| {
        organisation.projects[0].id = "proj_of_others".into();
        organisation.costs.truncate(1);
        organisation.costs[0].nanos = 700_000_000;
    });
    asking.now += 7.hours();
    peer.set_now(asking.now);
    asking.look_until_quiet();
    let accounts = asking.ledger.accounts().unwrap();
    let organisations: Vec<_> = accounts.iter().filter_map(|account| account.organisation.as_deref()).collect();
    assert_eq!(organisations, ["proj_1", "proj_of_others"]);
    assert_eq!(asking.billed(), Some(usd("10.7")), "what the one was charged stays, the other's stands beside it");
    assert_eq!(asking.connection().account, Some(accounts[1].id));
}

#[test]
fn two_keys_of_one_organisation_are_not_read_twice() {
    let peer = peer();
    let mut asking = read_before(&peer);
    let (provider, base) = (asking.access.provider, asking.access.base.clone());
    let second = Connection::new("openai-2", provider, base, &asking.access.key, asking.now);
    asking.ledger.keep_connection(&second).unwrap();
    let looked = look(&mut asking.ledger, &asking.access, "openai-2", asking.now).unwrap();
    assert!(looked.failures[0].to_string().contains("connected as `openai` already"), "{:?}", looked.failures);
    let second = asking.ledger.connection("openai-2").unwrap().unwrap();
    assert_eq!(due(&asking.ledger, &second, asking.now).unwrap(), None);
    assert_eq!(asking.billed(), Some(usd("10")));
}

#[test]
fn a_key_that_may_read_analytics_alone_does_and_one_that_may_not_reads_the_older_reports() {
    let call = anthropic::Call {
        at: at("2026-11-22T10:00:00Z"),
        charges: vec![anthropic::Charge {
            cost_type: "tokens".into(),
            token_type: Some("output_tokens".into()),
            description: "Claude Opus 5.5 Usage - Output Tokens".into(),
            nanos: 4_000_000_000,
            list_nanos: 4_000_000_000,
        }],
        ..anthropic::Call::default()
    };
    let mut organisation = anthropic::Organisation { calls: vec![call], ..anthropic::Organisation::default() };
    organisation.keys.insert("analytics".into(), anthropic::Access::Analytics);
    for (key, refused) in [("analytics", "cost_report"), ("sk-ant-admin01-test", "analytics/")] {
        let peer = Peer::start(organisation.clone(), at(NOW));
        if key != "analytics" {
            let newer = |request: &stub::Request| request.path.contains("/analytics/");
            peer.fail_next(newer, anthropic::forbidden(), 1_000);
        }
        let mut asking = Asking::new("anthropic", peer.url("/v1"), key);
        asking.look_until_quiet();
        assert_eq!(asking.billed(), Some(usd("4")), "{key}");
        let asked = peer.asked().iter().filter(|request| request.path.contains(refused)).count();
        assert!(asked <= 2, "what is refused is asked for once each: {asked}");
        assert_eq!(asking.view().state, ConnectionState::Fresh, "{key}");
    }
}
