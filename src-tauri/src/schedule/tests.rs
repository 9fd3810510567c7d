use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::mpsc::Receiver;

use jiff::tz::TimeZone;
use spendmeter_core::ledger::restatements::Decision;
use spendmeter_core::pricing::PlanSetting;
use spendmeter_core::spend::view::Freshness;
use tempfile::TempDir;

use super::*;

const PATIENCE: Duration = Duration::from_secs(20);

struct Running {
    schedule: Schedule,
    news: Receiver<News>,
    home: TempDir,
}

impl Running {
    fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join(".claude/projects/p")).unwrap();
        let data = home.path().join("data");
        let environment = [("HOME".into(), home.path().into())];
        let places = Arc::new(Places::of_user(environment, None, Some(data)).unwrap());
        let ledger = Ledger::open(&places.ledger()).unwrap();
        let (told, news) = mpsc::channel();
        let tell = move |news| drop(told.send(news));
        let schedule = start(ledger, places, Calendar::new(TimeZone::UTC), Clock::system(), tell).unwrap();
        Self { schedule, news, home }
    }

    fn log(&self) -> std::path::PathBuf {
        self.home.path().join(".claude/projects/p/s.jsonl")
    }

    /// The first news for which `is_it` holds.
    fn news_when(&self, is_it: impl Fn(&News) -> bool) -> News {
        let deadline = std::time::Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(std::time::Instant::now());
            let news = self.news.recv_timeout(left).expect("no such news in time");
            if is_it(&news) {
                return news;
            }
        }
    }
}

fn requests_today(news: &News) -> u64 {
    news.reading.meter.as_ref().map_or(0, |meter| meter.today.requests)
}

/// One response of Claude Code, made just now.
fn append_call(log: &Path, id: &str) {
    let now = Clock::system().now().wall;
    let line = format!(
        r#"{{"type":"assistant","uuid":"{id}","requestId":"req_{id}","sessionId":"s","cwd":"/p","timestamp":"{now}","message":{{"id":"msg_{id}","role":"assistant","model":"claude-sonnet-4-5","usage":{{"input_tokens":10,"output_tokens":20,"cache_read_input_tokens":0,"cache_creation_input_tokens":0}}}}}}"#
    );
    let mut file = fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
    writeln!(file, "{line}").unwrap();
}

#[test]
fn the_first_news_comes_before_anything_was_read() {
    let running = Running::start();
    let first = running.news.recv_timeout(PATIENCE).unwrap();
    assert_eq!(first.reading.meter.unwrap().freshness, Freshness::Never);
    let second = running.news_when(|news| news.reading.meter.as_ref().unwrap().freshness == Freshness::Current);
    assert_eq!(requests_today(&second), 0);
}

#[test]
fn what_an_agent_writes_is_told_without_asking() {
    let running = Running::start();
    append_call(&running.log(), "a");
    let news = running.news_when(|news| requests_today(news) == 1);
    assert!(news.ledger_changed);
    append_call(&running.log(), "b");
    running.news_when(|news| requests_today(news) == 2);
}

#[test]
fn a_person_s_wish_is_done_while_paused_too() {
    let running = Running::start();
    running.news_when(|news| news.reading.meter.as_ref().unwrap().freshness == Freshness::Current);
    running.schedule.toggle_pause();
    running.news_when(|news| news.reading.paused);

    append_call(&running.log(), "a");
    running.schedule.refresh();
    let asked = running.news_when(|news| requests_today(news) == 1);
    assert!(asked.reading.paused && asked.ledger_changed, "and it stays paused");

    running.schedule.toggle_pause();
    running.news_when(|news| !news.reading.paused);
}

#[test]
fn a_refresh_that_finds_nothing_still_answers() {
    let running = Running::start();
    running.news_when(|news| news.reading.meter.as_ref().unwrap().freshness == Freshness::Current);
    while running.news.try_recv().is_ok() {}
    running.schedule.refresh();
    assert!(running.news_when(|_| true).ledger_changed, "the page shows when was last read");
}

#[test]
fn a_ledger_that_fails_leaves_the_last_figures_as_outdated() {
    let running = Running::start();
    append_call(&running.log(), "a");
    running.news_when(|news| requests_today(news) == 1);
    // The open file lives on without its name; replaced by rubbish, reading it fails.
    let data = running.home.path().join("data");
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        let length = fs::metadata(data.join(name)).map_or(0, |meta| meta.len());
        let mut file = fs::OpenOptions::new().write(true).open(data.join(name)).unwrap();
        file.write_all(&vec![0xAA; usize::try_from(length).unwrap()]).unwrap();
    }
    running.schedule.refresh();
    let news = running.news_when(|news| news.reading.meter.as_ref().unwrap().freshness == Freshness::Outdated);
    assert_eq!(requests_today(&news), 1);
}

#[test]
fn while_paused_only_a_person_makes_it_read() {
    use Wake::{FiguresChanged, Refresh, TogglePause};
    let all = |asked| Task::Pass { changes: Changes::Anything, asked };
    let some = |paths: &[&str]| Task::Pass { changes: changed(paths), asked: false };
    let logs = |paths: &[&str]| Wake::LogsChanged(changed(paths));
    let lost = || Wake::LogsChanged(Changes::Anything);
    for (paused, woken, due, task, paused_after) in [
        (false, vec![], Due::Nothing, Task::Nothing, false),
        (false, vec![], Due::Figures, Task::Figures, false),
        (false, vec![], Due::Pass, all(false), false),
        (false, vec![], Due::CatchUp, all(false), false),
        (false, vec![logs(&["a"]), logs(&["b", "a"])], Due::Nothing, some(&["a", "b"]), false),
        (false, vec![logs(&["a"]), lost()], Due::Nothing, all(false), false),
        (false, vec![logs(&["a"])], Due::Pass, all(false), false),
        (false, vec![logs(&["a"]), Refresh], Due::Nothing, all(true), false),
        (false, vec![TogglePause], Due::Nothing, Task::Figures, true),
        (false, vec![TogglePause, TogglePause], Due::Nothing, Task::Nothing, false),
        (false, vec![FiguresChanged], Due::Nothing, Task::Figures, false),
        (false, vec![FiguresChanged, logs(&["a"])], Due::Nothing, some(&["a"]), false),
        (true, vec![FiguresChanged, logs(&["a"])], Due::Nothing, Task::Figures, true),
        (true, vec![logs(&["a"])], Due::Nothing, Task::Nothing, true),
        (true, vec![logs(&["a"])], Due::Pass, Task::Figures, true),
        (true, vec![], Due::CatchUp, Task::Figures, true),
        (true, vec![Refresh], Due::Nothing, all(true), true),
        (true, vec![TogglePause], Due::Nothing, all(true), false),
        (true, vec![logs(&["a"]), TogglePause], Due::Nothing, all(true), false),
    ] {
        let mut now_paused = paused;
        let case = format!("{paused} {woken:?} {due:?}");
        assert_eq!(Task::answering(woken, due, &mut now_paused), task, "{case}");
        assert_eq!(now_paused, paused_after, "{case}");
    }
}

fn changed(paths: &[&str]) -> Changes {
    Changes::Paths(paths.iter().map(Into::into).collect())
}

#[test]
fn others_are_told_that_it_watches() {
    let running = Running::start();
    running.news_when(|news| news.reading.meter.as_ref().unwrap().freshness == Freshness::Current);
    let reader = Ledger::open_reader(&running.home.path().join("data/ledger.db")).unwrap();
    assert_eq!(reader.polled_roots().unwrap(), Some(vec![]), "everything is live");
}

/// The schedule in the hands of a test, that decides when it wakes and what is due.
struct ByHand {
    reader: Reader<Box<dyn Fn(News)>>,
    news: Receiver<News>,
    table: Timetable,
    watch: Watch,
    wakes: Receiver<Wake>,
    log: std::path::PathBuf,
    home: TempDir,
}

impl ByHand {
    /// It has read once, and everything is live.
    fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let log = home.path().join(".claude/projects/p/s.jsonl");
        fs::create_dir_all(log.parent().unwrap()).unwrap();
        let environment = [("HOME".into(), home.path().into())];
        let places = Arc::new(Places::of_user(environment, None, Some(home.path().join("data"))).unwrap());
        let ledger = Ledger::open(&places.ledger()).unwrap();
        let (inbox, wakes) = mpsc::channel();
        let watch = Watch::start(&places, move |changes| drop(inbox.send(Wake::LogsChanged(changes))));
        let clock = Clock::running_for(Duration::from_mins(1));
        let (told, news) = mpsc::channel();
        let tell: Box<dyn Fn(News)> = Box::new(move |news| drop(told.send(news)));
        let calendar = Calendar::new(TimeZone::UTC);
        let mut reader = Reader::new(ledger, places, calendar, clock, tell, SharedProgress::default());
        let mut table = Timetable::starting(clock.now());
        reader.pass(&Changes::Anything, &mut table, &watch, false);
        Self { reader, news, table, watch, wakes, log, home }
    }

    /// Whether the page was told to ask again since this was asked last.
    fn page_was_told(&self) -> bool {
        // All of it is taken, also what comes after the first that says so.
        self.news.try_iter().filter(|news| news.ledger_changed).count() > 0
    }

    /// Answers `woken` when the poll is due, and no more than that.
    fn answer_when_poll_is_due(&mut self, woken: Vec<Wake>) {
        let mut last = self.reader.clock.now();
        last.awake -= Duration::from_secs(30);
        self.table.passed(last);
        self.reader.answer(woken, &mut self.table, &mut self.watch);
    }

    fn answer(&mut self, woken: Vec<Wake>) {
        self.reader.answer(woken, &mut self.table, &mut self.watch);
    }

    fn wake(&self) -> Wake {
        self.wakes.recv_timeout(PATIENCE).expect("the change is told")
    }

    /// Calls that are known, and how often something changed in the ledger.
    fn known(&self) -> (u64, u64) {
        let Reader { ledger, places, calendar, clock, .. } = &self.reader;
        let view = Viewpoint { ledger, calendar, places, now: clock.now().wall };
        (view.meter().unwrap().today.requests, ledger.generation().unwrap())
    }
}

#[test]
fn a_change_that_is_told_when_the_poll_is_due_is_read_once() {
    let mut schedule = ByHand::start();
    let (_, generation) = schedule.known();
    append_call(&schedule.log, "a");
    let told = schedule.wake();
    schedule.answer_when_poll_is_due(vec![told.clone()]);
    assert_eq!(schedule.known(), (1, generation + 1), "not lost");
    schedule.answer_when_poll_is_due(vec![]);
    // The same once more, as when a burst ends right after the poll began.
    schedule.answer(vec![told]);
    assert_eq!(schedule.known(), (1, generation + 1), "not read twice");
}

#[test]
fn a_change_that_is_told_right_after_the_poll_found_nothing_is_read_then() {
    let mut schedule = ByHand::start();
    let (_, generation) = schedule.known();
    append_call(&schedule.log, "a");
    // The thread woke for the poll alone: the change is being gathered, or is in the inbox by now.
    schedule.answer_when_poll_is_due(vec![]);
    assert_eq!(schedule.known(), (0, generation), "the system tells everything, so that nothing is looked at");
    let told = schedule.wake();
    schedule.answer(vec![told]);
    assert_eq!(schedule.known(), (1, generation + 1), "not lost");
}

#[test]
fn the_page_learns_at_the_next_poll_of_what_another_process_decided() {
    let mut schedule = ByHand::start();
    append_call(&schedule.log, "a");
    let told = schedule.wake();
    schedule.answer(vec![told]);
    assert!(schedule.page_was_told());
    schedule.answer_when_poll_is_due(vec![]);
    assert!(!schedule.page_was_told(), "nothing changed");
    let mut terminal = Ledger::open(&schedule.home.path().join("data/ledger.db")).unwrap();
    let plan = PlanSetting {
        source: "claude-code".into(),
        name: "a plan".into(),
        seller: None,
        per_month: None,
        since: None,
        until: None,
    };
    let calendar = Calendar::new(TimeZone::UTC);
    terminal.restate(&Decision::SetPlan(plan), 0, Clock::system().now().wall, &calendar).unwrap();
    schedule.answer_when_poll_is_due(vec![]);
    assert!(schedule.page_was_told());
    schedule.answer_when_poll_is_due(vec![]);
    assert!(!schedule.page_was_told(), "once");
}

#[test]
fn a_decision_tells_the_figures_and_reads_nothing() {
    let mut schedule = ByHand::start();
    append_call(&schedule.log, "a");
    let (known, generation) = schedule.known();
    assert!(schedule.page_was_told());
    schedule.answer(vec![Wake::FiguresChanged]);
    assert!(schedule.page_was_told());
    assert_eq!(schedule.known(), (known, generation));
}

#[test]
fn what_could_not_be_read_when_it_was_told_is_read_at_the_next_poll() {
    let mut schedule = ByHand::start();
    let database = schedule.home.path().join(".local/share/opencode/opencode.db");
    fs::create_dir_all(database.parent().unwrap()).unwrap();
    fs::write(&database, "").unwrap();
    schedule.answer_when_poll_is_due(vec![]);
    schedule.answer_when_poll_is_due(vec![]);
    // A change to it is under way, so that it cannot be read.
    let journal = database.with_extension("db-journal");
    fs::write(&journal, "1").unwrap();
    let later = fs::metadata(&database).unwrap().modified().unwrap() + Duration::from_secs(1);
    fs::File::options().write(true).open(&database).unwrap().set_modified(later).unwrap();
    schedule.answer(vec![Wake::LogsChanged(Changes::Paths([database].into()))]);
    assert!(schedule.reader.ledger.is_failing().unwrap());
    fs::remove_file(journal).unwrap();
    schedule.answer_when_poll_is_due(vec![]);
    assert!(!schedule.reader.ledger.is_failing().unwrap());
}
