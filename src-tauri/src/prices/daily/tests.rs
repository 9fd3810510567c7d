use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

use spendmeter_core::pricing::{LookOutcome, bundled};
use stub::{Answer, Stub, mirror};
use tempfile::TempDir;

use super::*;

const GENAI_PRICES: &str = include_str!("../../../core/prices/genai-prices-0.2.3.json");
const MODEL_PRICES: &str = include_str!("../../../core/prices/model-prices-0.0.5.json");

/// A user whose mirror is the stub, and the thread's turns at moments of the test's choice.
struct Turns {
    places: Arc<Places>,
    fetched: Arc<Fetched>,
    now: Cell<Timestamp>,
    told: AtomicU32,
    stub: Stub,
    _home: TempDir,
}

impl Turns {
    fn at(stub: Stub) -> Self {
        let home = tempfile::tempdir().unwrap();
        let environment = [("HOME".into(), home.path().into()), ("SPENDMETER_PRICES_FROM".into(), stub.url("").into())];
        let places = Arc::new(Places::of_user(environment, None, Some(home.path().join("data"))).unwrap());
        drop(Ledger::open(&places.ledger()).unwrap());
        let now = Cell::new("2026-11-26T12:00:00Z".parse().unwrap());
        Self { places, fetched: Arc::default(), now, told: AtomicU32::new(0), stub, _home: home }
    }

    /// A mirror with Opus 5.5's input at another price.
    fn with_opus_at(input: &str) -> Self {
        let (before, opus) = GENAI_PRICES.split_at(GENAI_PRICES.find(r#""id":"claude-opus-5-5""#).unwrap());
        let opus = opus.replacen(r#""input_mtok":4,"#, &format!(r#""input_mtok":{input},"#), 1);
        Self::at(Stub::serve(mirror::of(&format!("{before}{opus}"), MODEL_PRICES)))
    }

    fn without_lists() -> Self {
        Self::at(Stub::serve([("/", Answer::ok(""))]))
    }

    fn turn(&self) -> Option<Duration> {
        let told = || {
            self.told.fetch_add(1, Ordering::Relaxed);
        };
        let (places, fetched) = (Arc::clone(&self.places), Arc::clone(&self.fetched));
        Looker { places, fetched, now: || self.now.get(), tell: told }.turn()
    }

    /// The turn after so many minutes.
    fn turn_after(&self, minutes: i64) -> Option<Duration> {
        self.now.set(self.now.get() + jiff::SignedDuration::from_mins(minutes));
        self.turn()
    }

    fn switch(&self, on: bool) {
        self.ledger().look_daily(on).unwrap();
    }

    fn ledger(&self) -> Ledger {
        Ledger::open(&self.places.ledger()).unwrap()
    }

    fn outcome(&self) -> LookOutcome {
        self.ledger().daily_look().unwrap().last.unwrap().outcome
    }

    fn requests(&self) -> usize {
        self.stub.requests().len()
    }
}

#[test]
fn nothing_is_asked_while_it_is_off() {
    let turns = Turns::with_opus_at("5");
    assert_eq!(turns.turn(), None, "it sleeps until it is told");
    for _ in 0..60 {
        assert_eq!(turns.turn_after(24 * 60), None);
    }
    assert_eq!((turns.requests(), turns.told.load(Ordering::Relaxed)), (0, 0));
}

#[test]
fn turned_on_it_looks_at_once_and_then_once_a_day() {
    let turns = Turns::with_opus_at("5");
    turns.switch(true);
    assert_eq!(turns.turn(), Some(AT_MOST));
    assert_eq!(turns.requests(), 3, "two lists and a manifest: {:?}", turns.stub.paths());
    assert_eq!(turns.told.load(Ordering::Relaxed), 1, "the page is told");
    assert_eq!(turns.turn_after(24 * 60 - 1), Some(Duration::from_mins(1)));
    assert_eq!(turns.requests(), 3);
    turns.turn_after(1);
    assert_eq!(turns.requests(), 6);
    turns.switch(false);
    assert_eq!(turns.turn_after(100 * 24 * 60), None);
    assert_eq!(turns.requests(), 6, "turned off it stops");
}

#[test]
fn a_restart_within_the_day_asks_nobody() {
    let turns = Turns::with_opus_at("5");
    turns.switch(true);
    turns.turn();
    let restarted = Turns { fetched: Arc::default(), ..turns };
    restarted.turn_after(60);
    assert_eq!(restarted.requests(), 3);
}

#[test]
fn what_it_finds_waits_and_is_not_taken_in() {
    let turns = Turns::with_opus_at("5");
    turns.switch(true);
    turns.turn();
    let waiting = turns.fetched.waiting().unwrap();
    assert_eq!((waiting.candidate.changes.changed, waiting.found_at), (1, turns.now.get()));
    assert_eq!(turns.outcome(), LookOutcome::Found);
    assert_eq!(turns.ledger().price_book().unwrap().catalogue().version(), bundled().version());
    assert!(turns.ledger().restatements().unwrap().is_empty());
    turns.turn_after(24 * 60);
    assert_eq!(turns.fetched.waiting().unwrap().number, waiting.number, "the same lists are not another lot");
    turns.fetched.leave(waiting.number);
    turns.turn_after(24 * 60);
    assert_eq!(turns.requests(), 9);
    assert!(turns.fetched.waiting().is_none(), "what a person left does not come back every day");
    look::because_asked(&turns.places, &turns.fetched, turns.now.get()).unwrap().unwrap();
    assert!(turns.fetched.waiting().is_some(), "unless they ask for it");
}

#[test]
fn lists_that_say_the_same_are_not_offered() {
    let turns = Turns::with_opus_at("4");
    turns.switch(true);
    turns.turn();
    assert_eq!((turns.requests(), turns.outcome()), (3, LookOutcome::NothingNew));
    assert!(turns.fetched.waiting().is_none());
}

#[test]
fn after_failures_it_waits_longer_each_time() {
    let turns = Turns::without_lists();
    turns.switch(true);
    turns.turn();
    let LookOutcome::Failed { why, in_a_row: 1 } = turns.outcome() else { panic!("{:?}", turns.outcome()) };
    assert!(why.contains("404"), "{why}");
    for (asked, hours) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 24)] {
        assert_eq!(turns.requests(), asked);
        turns.turn_after(hours * 60 - 1);
        assert_eq!(turns.requests(), asked, "not before {hours} hours went by");
        turns.turn_after(1);
    }
    assert!(turns.fetched.waiting().is_none());
}

#[test]
fn a_look_is_noted_before_anybody_is_asked() {
    let turns = Turns::at(Stub::serve([(mirror::GENAI_PRICES, Answer::silence())]));
    turns.switch(true);
    let (places, now) = (Arc::clone(&turns.places), turns.now.get());
    // It waits for an answer that does not come, as if the app ended meanwhile.
    thread::spawn(move || look::because_due(&places, &Fetched::default(), now));
    while turns.requests() == 0 {
        thread::yield_now();
    }
    assert!(matches!(turns.outcome(), LookOutcome::Failed { in_a_row: 1, .. }), "{:?}", turns.outcome());
    assert_eq!(turns.turn(), Some(AT_MOST), "a restart does not ask again at once");
    assert_eq!(turns.requests(), 1);
}
