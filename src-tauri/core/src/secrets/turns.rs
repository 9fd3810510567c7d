//! One call at a time on a thread of its own, so that no caller waits longer than it wants to.
//!
//! A system's store can block for ever, and no thread can be stopped from outside. A call that is overdue therefore keeps its
//! turn until it ends by itself, and whoever comes meanwhile is told so at once: at most one thread ever hangs, and when it
//! does not any more, the next call finds everything as it should be. A thread per call costs microseconds and leaves nothing
//! behind; calls are a handful per start.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::SecretError;

/// What a turn is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The store answers by itself.
    Call,
    /// A person is asked.
    Unlock,
}

/// Whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Turns {
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    taken: Option<Why>,
    /// Nobody waits for the one who has the turn any more.
    overdue: bool,
    /// How many turns there were: the number of the present one.
    count: u64,
}

impl Turns {
    /// Does `work` on a thread when its turn comes, and gives what came of it if that is within `patience`.
    pub(super) fn run<T: Send + 'static>(
        self: &Arc<Self>,
        why: Why,
        patience: Duration,
        doing: String,
        work: impl FnOnce() -> Result<T, SecretError> + Send + 'static,
    ) -> Result<T, SecretError> {
        let until = Instant::now() + patience;
        let Some(turn) = self.take(why, until)? else {
            return Err(SecretError::TimedOut { doing, after: patience });
        };
        let number = turn.number;
        let (answer, answers) = sync_channel(1);
        let thread = thread::Builder::new().name("keychain".to_owned()).spawn(move || {
            let result = work();
            // First, so that whoever has the answer finds the turn free.
            drop(turn);
            // Nobody may wait any more.
            let _ = answer.send(result);
        });
        if let Err(error) = thread {
            return Err(SecretError::Failed { doing, reason: error.to_string() });
        }
        match answers.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => {
                self.give_up(number);
                Err(SecretError::TimedOut { doing, after: patience })
            }
            Err(RecvTimeoutError::Disconnected) => {
                Err(SecretError::Failed { doing, reason: "the thread that did it broke down".to_owned() })
            }
        }
    }

    /// Takes the turn; `None` if that cannot be in time.
    fn take(self: &Arc<Self>, why: Why, until: Instant) -> Result<Option<Turn>, SecretError> {
        let mut state = self.state();
        loop {
            match state.taken {
                None => break,
                // It is asked because it is locked.
                Some(Why::Unlock) => return Err(SecretError::Locked),
                Some(Why::Call) if state.overdue => return Ok(None),
                Some(Why::Call) => {}
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            state = self.freed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *state = State { taken: Some(why), overdue: false, count: state.count + 1 };
        Ok(Some(Turn { turns: Arc::clone(self), number: state.count }))
    }

    /// Notes that nobody waits for this turn any more, unless it is over.
    fn give_up(&self, number: u64) {
        let mut state = self.state();
        if state.taken.is_some() && state.count == number {
            state.overdue = true;
            // Who waits for the turn need not wait longer.
            self.freed.notify_all();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held by the thread that has the turn. Dropping it, be it by a panic, lets the next one.
struct Turn {
    turns: Arc<Turns>,
    number: u64,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.state().taken = None;
        self.turns.freed.notify_all();
    }
}
