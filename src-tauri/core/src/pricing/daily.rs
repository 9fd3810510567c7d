//! Looking for newer price lists every day: whether, when next, and how the last look ended.
//!
//! Off until a person turns it on. Whoever looks does it elsewhere; here is only when it is time.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use ts_rs::TS;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Whether newer lists are looked for every day, and the last look, whoever asked for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DailyLook {
    /// Whether they are. Not unless a person said so.
    pub on: bool,
    /// The last look; `None` before the first, and after it was turned on anew.
    pub last: Option<Look>,
}

/// A look for newer lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// When it was.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: LookOutcome,
}

/// How a look ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum LookOutcome {
    /// The lists say what those in use say.
    NothingNew,
    /// They say something else: a person has to look at them.
    Found,
    /// They did not come, or cannot be taken in.
    Failed {
        /// Why, and what to do about it.
        why: String,
        /// How many looks in a row have failed, this one included.
        #[ts(type = "number")]
        in_a_row: u32,
    },
}

impl DailyLook {
    /// From when on to look again: a day after a look that worked; after failures one hour, two, four, and so on, at most
    /// a day. `None`: not at all, since it is off.
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        if !self.on {
            return None;
        }
        // A look in the future tells that the clock was set back since, and nothing of how long ago it was.
        let Some(last) = self.last.as_ref().filter(|last| last.at <= now) else { return Some(now) };
        let wait = match last.outcome {
            LookOutcome::NothingNew | LookOutcome::Found => DAY,
            LookOutcome::Failed { in_a_row, .. } => after_failures(in_a_row),
        };
        Some(last.at.saturating_add(wait).unwrap_or(Timestamp::MAX))
    }

    /// The outcome of a look that fails now.
    pub fn failed(&self, why: impl Into<String>) -> LookOutcome {
        let before = match self.last {
            Some(Look { outcome: LookOutcome::Failed { in_a_row, .. }, .. }) => in_a_row,
            _ => 0,
        };
        LookOutcome::Failed { why: why.into(), in_a_row: before.saturating_add(1) }
    }
}

fn after_failures(in_a_row: u32) -> Duration {
    let doubled = 1_u32.checked_shl(in_a_row.saturating_sub(1)).unwrap_or(u32::MAX);
    HOUR.saturating_mul(doubled).min(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-26T12:00:00Z";

    fn at(moment: &str) -> Timestamp {
        moment.parse().unwrap()
    }

    fn next(outcome: LookOutcome, looked: &str) -> String {
        let last = Some(Look { at: at(looked), outcome });
        DailyLook { on: true, last }.next(at(NOW)).unwrap().to_string()
    }

    #[test]
    fn nothing_is_looked_for_unless_a_person_said_so() {
        assert_eq!(DailyLook::default().next(at(NOW)), None);
        let last = Some(Look { at: at("2020-01-01T00:00:00Z"), outcome: LookOutcome::Found });
        assert_eq!(DailyLook { on: false, last }.next(at(NOW)), None);
    }

    #[test]
    fn the_first_look_is_at_once_and_the_next_a_day_later() {
        assert_eq!(DailyLook { on: true, last: None }.next(at(NOW)), Some(at(NOW)));
        for outcome in [LookOutcome::NothingNew, LookOutcome::Found] {
            assert_eq!(next(outcome, "2026-11-26T11:00:00Z"), "2026-11-27T11:00:00Z");
        }
    }

    #[test]
    fn after_failures_it_waits_longer_each_time_and_at_most_a_day() {
        let mut look = DailyLook { on: true, last: None };
        let hours = [1, 2, 4, 8, 16, 24, 24].into_iter().chain([24; 40]);
        for hours in hours {
            let outcome = look.failed("no network");
            look.last = Some(Look { at: at(NOW), outcome });
            assert_eq!(look.next(at(NOW)), Some(at(NOW) + Duration::from_hours(hours)));
        }
        look.last = Some(Look { at: at(NOW), outcome: LookOutcome::NothingNew });
        assert!(
            matches!(look.failed("again"), LookOutcome::Failed { in_a_row: 1, .. }),
            "one that worked ends the row"
        );
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_put_it_off_for_years() {
        assert_eq!(next(LookOutcome::NothingNew, "2031-01-01T00:00:00Z"), NOW.to_owned());
        let failed = LookOutcome::Failed { why: String::new(), in_a_row: 9 };
        assert_eq!(next(failed, "2026-11-26T12:00:01Z"), NOW.to_owned());
    }
}
