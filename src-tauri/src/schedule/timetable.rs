//! When something is due. Pure: told the time, never asks for it.

use std::time::Duration;

use jiff::Timestamp;

use crate::clock::Moment;

/// Sources are watched; this is for what a watcher misses.
const POLL_EVERY: Duration = Duration::from_secs(30);

/// How often every file is looked at although the system told of no change: for the little that it cannot tell of, such
/// as a disk that was mounted over a watched folder.
const WALK_EVERY: Duration = Duration::from_mins(10);

/// The two clocks drift apart by less than this unless the machine slept or someone set the time.
const JUMP_SECS: i64 = 5;

const MINUTE_SECS: i64 = 60;

/// What there is to do, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    Nothing,
    /// A minute has begun, maybe a day: figures that depend on the time are computed again. Nothing is read.
    Figures,
    /// Sources are read.
    Pass,
    /// Sources are read, and watched anew: the machine slept, or someone set the clock.
    CatchUp,
}

/// What was done when.
#[derive(Debug)]
pub(crate) struct Timetable {
    seen: Moment,
    last_pass: Duration,
    last_walk: Duration,
}

impl Timetable {
    pub(crate) const fn starting(now: Moment) -> Self {
        Self { seen: now, last_pass: now.awake, last_walk: now.awake }
    }

    /// What is due `now`. Each thing is due once: after a sleep there is one pass, however many were slept through.
    pub(crate) fn due(&mut self, now: Moment) -> Due {
        let before = std::mem::replace(&mut self.seen, now);
        let on_the_wall = now.wall.as_second() - before.wall.as_second();
        let awake = now.awake.saturating_sub(before.awake).as_secs();
        let jump = on_the_wall - i64::try_from(awake).unwrap_or(i64::MAX);
        if jump.abs() >= JUMP_SECS {
            Due::CatchUp
        } else if now.awake.saturating_sub(self.last_pass) >= POLL_EVERY {
            Due::Pass
        } else if minute(now.wall) != minute(before.wall) {
            Due::Figures
        } else {
            Due::Nothing
        }
    }

    /// A pass has ended, for whatever reason it was made. The next poll counts from here, so that a slow pass is not
    /// followed by the next at once.
    pub(crate) const fn passed(&mut self, now: Moment) {
        self.last_pass = now.awake;
    }

    /// Every file was looked at.
    pub(crate) const fn walked(&mut self, now: Moment) {
        self.last_walk = now.awake;
    }

    /// Whether every file is to be looked at again, whatever the system tells.
    pub(crate) fn is_walk_due(&self, now: Moment) -> bool {
        now.awake.saturating_sub(self.last_walk) >= WALK_EVERY
    }

    /// How long nothing will be due.
    pub(crate) fn wait(&self, now: Moment) -> Duration {
        let poll = POLL_EVERY.saturating_sub(now.awake.saturating_sub(self.last_pass));
        let next_minute = MINUTE_SECS - now.wall.as_second().rem_euclid(MINUTE_SECS);
        poll.min(Duration::from_secs(next_minute.unsigned_abs()))
    }
}

/// Minutes since the epoch. In every zone in use, midnight is a whole minute.
fn minute(at: Timestamp) -> i64 {
    at.as_second().div_euclid(MINUTE_SECS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two clocks that a test moves.
    struct Clocks(Moment);

    impl Clocks {
        fn at(wall: &str) -> Self {
            Self(Moment { wall: wall.parse().unwrap(), awake: Duration::from_secs(1_000) })
        }

        fn run(&mut self, secs: u64) -> Moment {
            self.0.awake += Duration::from_secs(secs);
            self.set(i64::try_from(secs).unwrap())
        }

        fn set(&mut self, secs: i64) -> Moment {
            self.0.wall = Timestamp::from_second(self.0.wall.as_second() + secs).unwrap();
            self.0
        }
    }

    /// Lives through `secs` seconds as the schedule does, and says what was due when.
    fn live(table: &mut Timetable, clocks: &mut Clocks, secs: u64) -> Vec<(u64, Due)> {
        let mut dues = vec![];
        let mut passed = 0;
        while passed < secs {
            let wait = table.wait(clocks.0).as_secs().max(1);
            passed += wait;
            let due = table.due(clocks.run(wait));
            if due >= Due::Pass {
                table.passed(clocks.0);
            }
            dues.push((passed, due));
        }
        dues
    }

    #[test]
    fn sources_are_polled_and_figures_follow_the_minute() {
        let mut clocks = Clocks::at("2026-11-24T14:05:20Z");
        let mut table = Timetable::starting(clocks.0);
        assert_eq!(
            live(&mut table, &mut clocks, 100),
            [(30, Due::Pass), (40, Due::Figures), (60, Due::Pass), (90, Due::Pass), (100, Due::Figures)]
        );
    }

    #[test]
    fn figures_are_computed_again_at_midnight() {
        let mut clocks = Clocks::at("2026-11-24T23:59:50Z");
        let mut table = Timetable::starting(clocks.0);
        assert_eq!(table.wait(clocks.0), Duration::from_secs(10));
        assert_eq!(table.due(clocks.run(10)), Due::Figures);
    }

    #[test]
    fn t20_a_sleep_is_caught_up_with_one_pass() {
        let mut clocks = Clocks::at("2026-11-24T18:00:10Z");
        let mut table = Timetable::starting(clocks.0);
        clocks.set(8 * 3_600);
        assert_eq!(table.due(clocks.run(1)), Due::CatchUp);
        table.passed(clocks.0);
        assert_eq!(table.due(clocks.run(1)), Due::Nothing, "once, not for each poll slept through");
    }

    #[test]
    fn t20_a_clock_set_back_does_not_silence_anything() {
        let mut clocks = Clocks::at("2026-11-24T18:00:10Z");
        let mut table = Timetable::starting(clocks.0);
        clocks.set(-3_600);
        assert_eq!(table.due(clocks.run(1)), Due::CatchUp);
        table.passed(clocks.0);
        let dues = live(&mut table, &mut clocks, 120);
        assert_eq!(dues.iter().filter(|(_, due)| *due == Due::Pass).count(), 4, "{dues:?}");
    }

    #[test]
    fn t20_a_sleep_in_the_middle_of_a_pass_is_caught_up_with_one_more() {
        let mut clocks = Clocks::at("2026-11-24T18:00:00Z");
        let mut table = Timetable::starting(clocks.0);
        assert_eq!(table.due(clocks.run(30)), Due::Pass);
        clocks.run(1);
        clocks.set(8 * 3_600);
        table.passed(clocks.run(1));
        assert_eq!(table.due(clocks.0), Due::CatchUp, "what was read before the sleep is old");
        table.passed(clocks.0);
        assert_eq!(live(&mut table, &mut clocks, 28), [(28, Due::Figures)]);
    }

    #[test]
    fn t20_a_clock_that_also_runs_in_sleep_leaves_one_pass_to_make() {
        // Windows counts the time slept as if it had been awake.
        let mut clocks = Clocks::at("2026-11-24T18:00:10Z");
        let mut table = Timetable::starting(clocks.0);
        assert_eq!(table.due(clocks.run(8 * 3_600)), Due::Pass);
        table.passed(clocks.0);
        assert_eq!(table.due(clocks.run(1)), Due::Nothing);
    }

    #[test]
    fn a_correction_by_the_time_server_is_not_a_jump() {
        let mut clocks = Clocks::at("2026-11-24T18:00:10Z");
        let mut table = Timetable::starting(clocks.0);
        clocks.set(2);
        assert_eq!(table.due(clocks.run(1)), Due::Nothing);
    }

    #[test]
    fn a_slow_pass_is_not_followed_by_the_next_at_once() {
        let mut clocks = Clocks::at("2026-11-24T18:00:00Z");
        let mut table = Timetable::starting(clocks.0);
        assert_eq!(table.due(clocks.run(30)), Due::Pass);
        table.passed(clocks.run(200));
        assert_eq!(table.due(clocks.0), Due::Figures);
        assert_eq!(table.due(clocks.run(1)), Due::Nothing);
    }
}
