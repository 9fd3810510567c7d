//! A running peer: the organisation that a test may change at any time, the moment it lives in, and the faults put in front.

use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use crate::{Answer, Request, Stub};

/// What a provider knows, and how it answers from that.
pub trait Organisation: Send + 'static {
    /// The answer to `request` at the moment `now`.
    fn answer(&self, request: &Request, now: Timestamp) -> Answer;
}

/// A provider on this machine.
pub struct Peer<O> {
    stub: Stub,
    state: Arc<Mutex<State<O>>>,
}

struct State<O> {
    organisation: O,
    now: Timestamp,
    date: Option<Timestamp>,
    faults: Vec<Fault>,
}

/// Made of the answer that would have been given.
type Spoil = Box<dyn Fn(&Request, Answer) -> Answer + Send>;

struct Fault {
    concerns: Box<dyn Fn(&Request) -> bool + Send>,
    spoil: Spoil,
    times: usize,
}

impl<O: Organisation> Peer<O> {
    /// Serves `organisation` at the moment `now`.
    pub fn start(organisation: O, now: Timestamp) -> Self {
        let state = Arc::new(Mutex::new(State { organisation, now, date: None, faults: Vec::new() }));
        let known = Arc::clone(&state);
        let stub = Stub::answering(move |request| locked(&known).answer(request));
        Self { stub, state }
    }

    /// Its address with this path.
    pub fn url(&self, path: &str) -> String {
        self.stub.url(path)
    }

    /// Requests so far.
    pub fn asked(&self) -> Vec<Request> {
        self.stub.asked()
    }

    /// Changes what it knows: a bucket restated, a key that became another organisation's.
    pub fn change<T>(&self, change: impl FnOnce(&mut O) -> T) -> T {
        change(&mut locked(&self.state).organisation)
    }

    /// Moves its clock.
    pub fn set_now(&self, now: Timestamp) {
        locked(&self.state).now = now;
    }

    /// What its answers say in `Date`: another moment than its clock's, or with `None` that again.
    pub fn set_date(&self, date: Option<Timestamp>) {
        locked(&self.state).date = date;
    }

    /// Gives `answer` to the next `times` requests that `concerns` picks. Of several faults the first one set counts.
    pub fn fail_next(&self, concerns: impl Fn(&Request) -> bool + Send + 'static, answer: Answer, times: usize) {
        self.spoil_next(concerns, move |_, _| answer.clone(), times);
    }

    /// [`Peer::fail_next`] with something made of the answer that would have been given.
    pub fn spoil_next(
        &self,
        concerns: impl Fn(&Request) -> bool + Send + 'static,
        spoil: impl Fn(&Request, Answer) -> Answer + Send + 'static,
        times: usize,
    ) {
        locked(&self.state).faults.push(Fault { concerns: Box::new(concerns), spoil: Box::new(spoil), times });
    }
}

impl<O: Organisation> State<O> {
    fn answer(&mut self, request: &Request) -> Answer {
        let answer = self.organisation.answer(request, self.now);
        let answer = match self.faults.iter_mut().find(|fault| fault.times > 0 && (fault.concerns)(request)) {
            None => answer,
            Some(fault) => {
                fault.times -= 1;
                (fault.spoil)(request, answer)
            }
        };
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&self.date.unwrap_or(self.now));
        answer.with_header(&format!("Date: {}", date.unwrap_or_default()))
    }
}

impl<O> Debug for Peer<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer").field("stub", &self.stub).finish_non_exhaustive()
    }
}

/// A test that panicked while it changed something has failed already; what it left is served.
fn locked<O>(state: &Mutex<State<O>>) -> MutexGuard<'_, State<O>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
