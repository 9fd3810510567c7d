//! When sources are read: at start, when an agent writes, when asked, and every so often. One thread, the only writer of
//! the ledger; it tells what it found and knows nothing of trays and windows.

mod timetable;

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{io, thread};

use spendmeter_core::calendar::Calendar;
use spendmeter_core::ledger::watches::{PolledRoot, WatchMark};
use spendmeter_core::ledger::{Ledger, LedgerError};
use spendmeter_core::places::Places;
use spendmeter_core::sources::watch::{Changes, Watch};
use spendmeter_core::spend::Viewpoint;
use spendmeter_core::spend::view::{Freshness, Meter, Progress};
use spendmeter_core::sync::{self, PassReport};

use self::timetable::{Due, Timetable};
use crate::clock::Clock;
use crate::meter::Reading;
use crate::{memory, stderr};

/// A pass that ends within this is not worth a progress bar.
const SHORT_PASS: Duration = Duration::from_secs(1);
/// Bytes of logs that leave much memory behind when they were read.
const MUCH: u64 = 16 * 1024 * 1024;
/// How often a long pass tells how far it is.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// What is told after each look.
#[derive(Debug)]
pub(crate) struct News {
    /// What the tray is to say.
    pub(crate) reading: Reading,
    /// Whether a page that asks again would get another answer.
    pub(crate) ledger_changed: bool,
}

/// The running schedule, from outside.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    inbox: Sender<Wake>,
    progress: SharedProgress,
}

type SharedProgress = Arc<Mutex<Option<Progress>>>;

/// Why the thread wakes before something is due.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wake {
    LogsChanged(Changes),
    Refresh,
    FiguresChanged,
    TogglePause,
}

impl Schedule {
    /// A schedule that never does anything: there is no ledger to read into.
    pub(crate) fn none() -> Self {
        Self { inbox: mpsc::channel().0, progress: SharedProgress::default() }
    }

    /// Reads all sources once, also while paused: the person asked. Returns at once.
    pub(crate) fn refresh(&self) {
        self.wake(Wake::Refresh);
    }

    /// Tells the figures anew, since somebody else changed the ledger: prices were decided. Reads no source.
    pub(crate) fn figures_changed(&self) {
        self.wake(Wake::FiguresChanged);
    }

    /// Stops reading, or goes on.
    pub(crate) fn toggle_pause(&self) {
        self.wake(Wake::TogglePause);
    }

    /// How far the pass under way is, if it is worth a bar.
    pub(crate) fn progress(&self) -> Option<Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn wake(&self, wake: Wake) {
        // The thread ends only with the process.
        let _ = self.inbox.send(wake);
    }
}

/// Starts the thread. It calls `tell` from then on, first as soon as it has looked into the ledger.
///
/// # Errors
/// When the system gives no thread.
pub(crate) fn start(
    ledger: Ledger,
    places: Arc<Places>,
    calendar: Calendar,
    clock: Clock,
    tell: impl Fn(News) + Send + 'static,
) -> io::Result<Schedule> {
    let (inbox, wakes) = mpsc::channel();
    let progress = SharedProgress::default();
    let schedule = Schedule { inbox: inbox.clone(), progress: Arc::clone(&progress) };
    thread::Builder::new().name("schedule".into()).spawn(move || {
        let mut reader = Reader::new(ledger, Arc::clone(&places), calendar, clock, tell, progress);
        // Before anything is looked for on the disk, which may take its time.
        reader.tell_figures(true);
        let told = inbox.clone();
        let watch = Watch::start(&places, move |changes| {
            let _ = told.send(Wake::LogsChanged(changes));
        });
        reader.run(&wakes, watch);
    })?;
    Ok(schedule)
}

/// What the thread does after it woke.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Task {
    /// Reads sources: where something changed, or all of them.
    Pass {
        changes: Changes,
        /// A person asked, who is to see that something happened.
        asked: bool,
    },
    /// Computes the figures again.
    Figures,
    Nothing,
}

impl Task {
    /// The one task that answers everything that woke the thread. What piled up during a pass needs no more than one.
    fn answering(woken: Vec<Wake>, due: Due, paused: &mut bool) -> Self {
        let toggled = woken.iter().filter(|wake| **wake == Wake::TogglePause).count() % 2 == 1;
        *paused ^= toggled;
        let asked = woken.contains(&Wake::Refresh) || (toggled && !*paused);
        if asked || (!*paused && due >= Due::Pass) {
            return Self::Pass { changes: Changes::Anything, asked };
        }
        let figures = toggled || due != Due::Nothing || woken.contains(&Wake::FiguresChanged);
        let mut changes = Changes::default();
        for wake in woken {
            if let Wake::LogsChanged(more) = wake {
                changes.merge(more);
            }
        }
        if !*paused && !changes.is_empty() {
            Self::Pass { changes, asked }
        } else if figures {
            Self::Figures
        } else {
            Self::Nothing
        }
    }
}

/// What the thread owns.
struct Reader<Tell> {
    ledger: Ledger,
    places: Arc<Places>,
    calendar: Calendar,
    clock: Clock,
    tell: Tell,
    progress: SharedProgress,
    paused: bool,
    /// The last figures, for when the ledger cannot be asked.
    meter: Option<Meter>,
    /// As of when in the ledger's own count the figures were told last; another process may change it, too.
    told: Option<u64>,
    /// The last thing that went wrong, so that it is reported once and not at every poll.
    trouble: Option<String>,
    /// Something could not be read, so that the next poll looks at everything.
    owes_walk: bool,
    /// Says to others that we watch.
    watching: Option<WatchMark>,
}

impl<Tell: Fn(News)> Reader<Tell> {
    fn new(
        ledger: Ledger,
        places: Arc<Places>,
        calendar: Calendar,
        clock: Clock,
        tell: Tell,
        progress: SharedProgress,
    ) -> Self {
        Self {
            ledger,
            places,
            calendar,
            clock,
            tell,
            progress,
            paused: false,
            meter: None,
            told: None,
            trouble: None,
            owes_walk: false,
            watching: None,
        }
    }

    fn run(&mut self, wakes: &Receiver<Wake>, mut watch: Watch) {
        let mut table = Timetable::starting(self.clock.now());
        self.pass(&Changes::Anything, &mut table, &watch, false);
        loop {
            let woken = match wakes.recv_timeout(table.wait(self.clock.now())) {
                Ok(first) => std::iter::once(first).chain(wakes.try_iter()).collect(),
                Err(RecvTimeoutError::Timeout) => vec![],
                Err(RecvTimeoutError::Disconnected) => return,
            };
            self.answer(woken, &mut table, &mut watch);
        }
    }

    /// Does what is due, and what the thread was woken for.
    fn answer(&mut self, woken: Vec<Wake>, table: &mut Timetable, watch: &mut Watch) {
        let due = table.due(self.clock.now());
        if due == Due::CatchUp {
            watch.renew(&self.places);
        }
        let told = woken.iter().any(|wake| matches!(wake, Wake::LogsChanged(_)));
        match Task::answering(woken, due, &mut self.paused) {
            Task::Pass { changes: Changes::Anything, asked } => {
                // Before it reads: what is written while it does must not be missed.
                let found = watch.follow(&self.places);
                let is_known = !told && !found && !self.owes_walk && watch.tells_everything();
                if asked || due != Due::Pass || !is_known || table.is_walk_due(self.clock.now()) {
                    self.pass(&Changes::Anything, table, watch, asked);
                } else {
                    self.note_no_change(table, watch);
                }
            }
            Task::Pass { changes, asked } => self.pass(&changes, table, watch, asked),
            Task::Figures => self.tell_figures(true),
            Task::Nothing => {}
        }
        if self.paused && due >= Due::Pass {
            // Skipped, not put off: it must not be due again at once.
            table.passed(self.clock.now());
        }
    }

    /// Reads sources once, where something changed, and tells.
    fn pass(&mut self, changes: &Changes, table: &mut Timetable, watch: &Watch, asked: bool) {
        let noted = self.note_watching(watch);
        let outcome = self.read_sources(changes);
        if *changes == Changes::Anything {
            table.passed(self.clock.now());
            table.walked(self.clock.now());
        }
        let had_bar = self.progress.lock().unwrap_or_else(PoisonError::into_inner).take().is_some();
        if *changes == Changes::Anything || outcome.as_ref().is_ok_and(|report| report.bytes_read >= MUCH) {
            memory::give_back();
        }
        // What a pass over some changes could not do, only one over all of them makes up for.
        let failed = outcome.as_ref().map_or(true, |report| !report.failures.is_empty());
        self.owes_walk = match changes {
            Changes::Anything => failed || self.ledger.is_failing().unwrap_or(true),
            Changes::Paths(_) => self.owes_walk || failed,
        };
        self.note(outcome.and(noted));
        self.tell_figures(asked || had_bar);
    }

    /// The system tells of every change and told of none: the figures are as of now, and nothing has to be looked at.
    fn note_no_change(&mut self, table: &mut Timetable, watch: &Watch) {
        let now = self.clock.now();
        table.passed(now);
        let noted = sync::nothing_changed(&self.ledger, &self.places, now.wall);
        let watched = self.note_watching(watch);
        self.note(noted.and(watched));
        self.tell_figures(false);
    }

    /// Notes how sources are watched, for `spend doctor`, which is another process.
    fn note_watching(&mut self, watch: &Watch) -> Result<(), LedgerError> {
        if self.watching.is_none() {
            self.watching = self.ledger.announce_watching();
        }
        self.ledger.set_polled_roots(PolledRoot::among(&watch.roots()))
    }

    fn read_sources(&mut self, changes: &Changes) -> Result<PassReport, LedgerError> {
        let Self { ledger, places, calendar, clock, tell, progress, paused, .. } = self;
        let started = clock.now();
        let mut told = started.awake + SHORT_PASS.saturating_sub(TELL_EVERY);
        let mut on_progress = |so_far: &Progress| {
            let now = clock.now();
            if now.awake.saturating_sub(told) < TELL_EVERY {
                return;
            }
            told = now.awake;
            *progress.lock().unwrap_or_else(PoisonError::into_inner) = Some(so_far.clone());
            // The ledger is being written, so it is read like any other program would.
            let meter = Ledger::open_reader(&places.ledger())
                .and_then(|ledger| Viewpoint { ledger: &ledger, calendar, places, now: now.wall }.meter())
                .ok();
            let reading = Reading { meter, paused: *paused, today: calendar.date(now.wall) };
            tell(News { reading, ledger_changed: true });
        };
        match changes {
            Changes::Anything => sync::pass(ledger, places, started.wall, &mut on_progress),
            some @ Changes::Paths(_) => sync::pass_over(some, ledger, places, started.wall, &mut on_progress),
        }
    }

    /// Computes the figures again and tells them. The page is told, too, if the ledger changed since it was told last, by
    /// whomever; `anyway`: also if it did not.
    fn tell_figures(&mut self, anyway: bool) {
        let now = self.clock.now().wall;
        // Before the figures are asked for: what changes in between is told the next time.
        let generation = self.ledger.generation().ok();
        let ledger_changed = anyway || generation != self.told;
        self.told = generation;
        let view = Viewpoint { ledger: &self.ledger, calendar: &self.calendar, places: &self.places, now };
        match view.meter() {
            Ok(meter) => self.meter = Some(meter),
            Err(error) => {
                // The last good figures stay, and say that they are old.
                if let Some(meter) = &mut self.meter {
                    meter.freshness = Freshness::Outdated;
                }
                self.note(Err(error));
            }
        }
        let reading = Reading { meter: self.meter.clone(), paused: self.paused, today: self.calendar.date(now) };
        (self.tell)(News { reading, ledger_changed });
    }

    fn note(&mut self, outcome: Result<(), LedgerError>) {
        let trouble = outcome.err().map(|error| error.to_string());
        if let Some(trouble) = trouble.as_ref().filter(|_| trouble != self.trouble) {
            stderr::report(trouble);
        }
        self.trouble = trouble;
    }
}

#[cfg(test)]
mod tests;
