//! Lists that were fetched and wait for a person: taken in or left, never by themselves. At most one lot, in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use spendmeter_core::pricing::Candidate;

/// Lists that were fetched and not taken in yet.
#[derive(Debug, Default)]
pub(crate) struct Fetched(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    waiting: Option<Arc<Waiting>>,
    /// Hashes of the lists that a person left as they are: these do not ask for attention every day.
    left: Option<Vec<String>>,
    /// Lots so far.
    count: u32,
}

impl State {
    fn keep(&mut self, candidate: Candidate, found_at: Timestamp) -> Arc<Waiting> {
        self.count += 1;
        self.left = None;
        let waiting = Arc::new(Waiting { number: self.count, found_at, candidate });
        self.waiting = Some(Arc::clone(&waiting));
        waiting
    }
}

/// Lists that wait.
#[derive(Debug)]
pub(super) struct Waiting {
    /// Tells them from those before and after them: what a person agrees to is what they saw.
    pub(super) number: u32,
    /// When they were fetched.
    pub(super) found_at: Timestamp,
    /// The lists, and what they changed then.
    pub(super) candidate: Candidate,
}

impl Fetched {
    /// Keeps what a person asked for, in place of what waited before.
    pub(super) fn keep(&self, candidate: Candidate, found_at: Timestamp) -> Arc<Waiting> {
        self.state().keep(candidate, found_at)
    }

    /// Keeps what the daily look found, unless it waits already or a person left it as it is.
    pub(super) fn keep_unless_known(&self, candidate: Candidate, found_at: Timestamp) {
        let mut state = self.state();
        let hashes = candidate.hashes();
        let waits = state.waiting.as_ref().is_some_and(|waiting| waiting.candidate.hashes() == hashes);
        let left = state.left.as_ref().is_some_and(|left| *left == hashes);
        if !waits && !left {
            state.keep(candidate, found_at);
        }
    }

    /// The lists that wait.
    pub(super) fn waiting(&self) -> Option<Arc<Waiting>> {
        self.state().waiting.clone()
    }

    /// Takes these lists out, if they wait still.
    pub(super) fn take(&self, number: u32) -> Option<Arc<Waiting>> {
        self.state().waiting.take_if(|waiting| waiting.number == number)
    }

    /// Puts lists back that could not be taken in, unless others came meanwhile.
    pub(super) fn put_back(&self, waiting: Arc<Waiting>) {
        self.state().waiting.get_or_insert(waiting);
    }

    /// Leaves these lists as they are: the daily look does not offer them again.
    pub(super) fn leave(&self, number: u32) {
        if let Some(waiting) = self.take(number) {
            self.state().left = Some(waiting.candidate.hashes().into_iter().map(str::to_owned).collect());
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
