//! The daily look for newer price lists: a thread of its own, since a network may take its time and the schedule's thread
//! must not wait for it. It keeps what it finds for a person to decide on, and takes nothing in.
//!
//! While it is turned off, the thread waits to be told, and nothing here opens a connection.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;
use std::{io, thread};

use jiff::Timestamp;
use spendmeter_core::ledger::{Ledger, LedgerError};
use spendmeter_core::places::Places;
use spendmeter_core::pricing::DailyLook;

use super::look;
use super::waiting::Fetched;
use crate::clock::Clock;

/// The longest sleep while it is on: the wall clock may be set, and stands still for a sleeping thread while the machine
/// sleeps.
const AT_MOST: Duration = Duration::from_mins(10);

/// The thread, from outside.
#[derive(Clone, Debug)]
pub(crate) struct Daily(Sender<()>);

impl Daily {
    /// One that never looks: there is no ledger that could say so.
    pub(crate) fn none() -> Self {
        Self(mpsc::channel().0)
    }

    /// Whether it is on may have changed, or time went by. Returns at once.
    pub(crate) fn wake(&self) {
        // The thread ends only with the process.
        let _ = self.0.send(());
    }
}

/// Starts the thread. It calls `tell` after each look.
///
/// # Errors
/// When the system gives no thread.
pub(crate) fn start(
    places: Arc<Places>,
    clock: Clock,
    fetched: Arc<Fetched>,
    tell: impl Fn() + Send + 'static,
) -> io::Result<Daily> {
    let (inbox, wakes) = mpsc::channel();
    let looker = Looker { places, fetched, now: move || clock.now().wall, tell };
    thread::Builder::new().name("daily-look".into()).spawn(move || looker.run(&wakes))?;
    Ok(Daily(inbox))
}

/// What the thread works with.
struct Looker<Now, Tell> {
    places: Arc<Places>,
    fetched: Arc<Fetched>,
    now: Now,
    tell: Tell,
}

impl<Now: Fn() -> Timestamp, Tell: Fn()> Looker<Now, Tell> {
    fn run(&self, wakes: &Receiver<()>) {
        loop {
            let woken = match self.turn() {
                Some(sleep) => wakes.recv_timeout(sleep),
                None => wakes.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            if woken == Err(RecvTimeoutError::Disconnected) {
                return;
            }
            // What piled up meanwhile needs no more than one turn.
            while wakes.try_recv().is_ok() {}
        }
    }

    /// Looks if it is time. How long to sleep then, if nobody wakes the thread; `None`: until somebody does.
    fn turn(&self) -> Option<Duration> {
        // What fails with the ledger is told by the schedule, which reads it all the time.
        let Ok(daily) = self.daily() else { return Some(AT_MOST) };
        let now = (self.now)();
        let next = daily.next(now)?;
        if now < next {
            return Some(Duration::try_from(next.duration_since(now)).unwrap_or(AT_MOST).min(AT_MOST));
        }
        // How it ended is in the ledger, for the page.
        let _ = look::because_due(&self.places, &self.fetched, now);
        (self.tell)();
        Some(AT_MOST)
    }

    fn daily(&self) -> Result<DailyLook, LedgerError> {
        Ledger::open_reader(&self.places.ledger())?.daily_look()
    }
}

#[cfg(test)]
mod tests;
