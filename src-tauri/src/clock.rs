//! The one clock of the app. Everything else takes the time as a parameter.

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// A moment on both of the machine's clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// On the wall. May be set, forwards and backwards.
    pub(crate) wall: Timestamp,
    /// Since the app started, without the time that the machine slept.
    pub(crate) awake: Duration,
}

/// The machine's clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: Instant,
}

impl Clock {
    pub(crate) fn system() -> Self {
        Self { started: Instant::now() }
    }

    /// As if the app had run for so long.
    #[cfg(test)]
    pub(crate) fn running_for(age: Duration) -> Self {
        Self { started: Instant::now().checked_sub(age).unwrap() }
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where the wall clock is read")]
    pub(crate) fn now(&self) -> Moment {
        Moment { wall: Timestamp::now(), awake: self.started.elapsed() }
    }
}
