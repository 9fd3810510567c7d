//! Asks the connected providers what they bill: a thread of its own, since networks and keychains take their time and the
//! schedule's thread must not wait for either. When what is asked is the core's to say; what comes of it is in the ledger.
//!
//! Without a connection the thread waits to be told, opens no connection and writes nothing.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;
use std::{io, thread};

use jiff::Timestamp;
use spendmeter_core::accounts::{Connection, keys};
use spendmeter_core::ledger::{Ledger, LedgerError};
use spendmeter_core::places::Places;
use spendmeter_core::secrets::Keychain;
use spendmeter_core::sync::accounts::{self, Looked};

use crate::stderr;

/// The longest sleep while there is a connection: the wall clock may be set, and stands still for a sleeping thread while
/// the machine sleeps.
const AT_MOST: Duration = Duration::from_mins(1);

/// How long to wait after the ledger could not be used.
const AFTER_TROUBLE: Duration = Duration::from_mins(1);

/// Why the thread wakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wake {
    /// Connections may have changed.
    Look,
    /// A person wants everything asked now.
    Refresh,
    /// Whether a person wants nothing to be read.
    Paused(bool),
}

/// The thread, from outside.
#[derive(Clone, Debug)]
pub(crate) struct Accounts(Sender<Wake>);

impl Accounts {
    /// One that never asks: there is no ledger.
    pub(crate) fn none() -> Self {
        Self(mpsc::channel().0)
    }

    /// Connections may have changed. Returns at once.
    pub(crate) fn wake(&self) {
        self.send(Wake::Look);
    }

    /// Asks everything now, also while paused: a person wants to know. Returns at once.
    pub(crate) fn refresh(&self) {
        self.send(Wake::Refresh);
    }

    /// Stops asking, or goes on.
    pub(crate) fn pause(&self, paused: bool) {
        self.send(Wake::Paused(paused));
    }

    fn send(&self, wake: Wake) {
        // The thread ends only with the process.
        let _ = self.0.send(wake);
    }
}

/// Starts the thread. It calls `tell` after each look that changed something a person sees.
///
/// # Errors
/// When the system gives no thread.
pub(crate) fn start(
    places: Arc<Places>,
    keychain: Keychain,
    now: impl Fn() -> Timestamp + Send + 'static,
    tell: impl Fn() + Send + 'static,
) -> io::Result<Accounts> {
    let (inbox, wakes) = mpsc::channel();
    let mut asker = Asker { places, keychain, now, tell, paused: false, trouble: None };
    thread::Builder::new().name("accounts".into()).spawn(move || asker.run(&wakes))?;
    Ok(Accounts(inbox))
}

/// What the thread works with.
struct Asker<Now, Tell> {
    places: Arc<Places>,
    keychain: Keychain,
    now: Now,
    tell: Tell,
    paused: bool,
    /// The last thing that went wrong with the ledger, so that it is reported once.
    trouble: Option<String>,
}

impl<Now: Fn() -> Timestamp, Tell: Fn()> Asker<Now, Tell> {
    fn run(&mut self, wakes: &Receiver<Wake>) {
        let mut refresh = false;
        loop {
            let sleep = self.turn(refresh);
            let woken = match sleep {
                Some(sleep) => wakes.recv_timeout(sleep),
                None => wakes.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            refresh = false;
            let first = match woken {
                Ok(first) => Some(first),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            // What piled up meanwhile needs no more than one turn.
            for wake in first.into_iter().chain(wakes.try_iter()) {
                match wake {
                    Wake::Look => {}
                    Wake::Refresh => refresh = true,
                    Wake::Paused(paused) => self.paused = paused,
                }
            }
        }
    }

    /// Asks one thing of each connection that is due, or all things of all of them. How long to sleep then, if nobody wakes the
    /// thread; `None`: until somebody does.
    fn turn(&mut self, refresh: bool) -> Option<Duration> {
        if self.paused && !refresh {
            return None;
        }
        match self.ask(refresh) {
            Ok(next) => {
                self.trouble = None;
                let wait = next?.duration_since((self.now)());
                Some(Duration::try_from(wait).unwrap_or_default().min(AT_MOST))
            }
            Err(error) => {
                let trouble = Some(error.to_string());
                if trouble != self.trouble {
                    stderr::report(&error);
                }
                self.trouble = trouble;
                Some(AFTER_TROUBLE)
            }
        }
    }

    /// When something is due next; `None`: nothing, before a person does something.
    fn ask(&self, refresh: bool) -> Result<Option<Timestamp>, LedgerError> {
        let path = self.places.ledger();
        // A reader is enough to see that there is nothing to do.
        let reader = Ledger::open_reader(&path)?;
        let connections = reader.connections()?;
        let next = self.next(&reader, &connections)?;
        if connections.is_empty() || (!refresh && next.is_none_or(|next| next > (self.now)())) {
            return Ok(next);
        }
        drop(reader);
        let mut ledger = Ledger::open(&path)?;
        let before = ledger.generation()?;
        for connection in connections {
            let now = (self.now)();
            let is_due = accounts::due(&ledger, &connection, now)?.is_some_and(|due| due <= now);
            if refresh || is_due {
                self.look(&mut ledger, &connection, refresh)?;
            }
        }
        if ledger.generation()? != before {
            (self.tell)();
        }
        self.next(&ledger, &ledger.connections()?)
    }

    fn next(&self, ledger: &Ledger, connections: &[Connection]) -> Result<Option<Timestamp>, LedgerError> {
        let now = (self.now)();
        let all = connections.iter().map(|connection| accounts::due(ledger, connection, now));
        Ok(all.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().min())
    }

    fn look(&self, ledger: &mut Ledger, connection: &Connection, refresh: bool) -> Result<Looked, LedgerError> {
        match keys::access(connection, &self.keychain, &self.places) {
            Ok(access) if refresh => accounts::look_at_all(ledger, &access, &connection.name, (self.now)()),
            Ok(access) => accounts::look(ledger, &access, &connection.name, (self.now)()),
            Err(error) => {
                accounts::note_no_key(ledger, connection, &error, (self.now)())?;
                Ok(Looked::default())
            }
        }
    }
}
