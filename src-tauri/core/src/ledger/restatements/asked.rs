//! Decisions as a page or a form asks for them: in the user's days, which only the user's calendar turns into moments.

use jiff::civil::Date;
use serde::Deserialize;
use ts_rs::TS;

use super::Decision;
use crate::calendar::Calendar;

/// A decision in the user's days.
#[derive(Clone, Debug, Deserialize, TS)]
#[ts(export)]
pub struct Asked {
    /// What is decided.
    #[serde(flatten)]
    #[ts(flatten)]
    decision: Decision,
    /// Of a plan: the first day that it covers. It goes before a moment.
    #[serde(default)]
    #[ts(optional, type = "string")]
    since_day: Option<Date>,
    /// Of a plan: the last day that it covers. It goes before a moment.
    #[serde(default)]
    #[ts(optional, type = "string")]
    until_day: Option<Date>,
}

impl Asked {
    /// The decision, by the moments at which days begin in `calendar`.
    pub fn on(self, calendar: &Calendar) -> Decision {
        match self.decision {
            Decision::SetPlan(mut plan) => {
                plan.since = self.since_day.map(|day| calendar.midnight(day)).or(plan.since);
                plan.until = self.until_day.map(|day| calendar.day(day).end).or(plan.until);
                Decision::SetPlan(plan)
            }
            decision => decision,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn since(asked: &str, zone: &str) -> Option<String> {
        lasting(asked, zone).0
    }

    /// Since when and until before when the plan that is asked for holds.
    fn lasting(asked: &str, zone: &str) -> (Option<String>, Option<String>) {
        let calendar = Calendar::new(TimeZone::get(zone).unwrap());
        match serde_json::from_str::<Asked>(asked).unwrap().on(&calendar) {
            Decision::SetPlan(plan) => {
                (plan.since.map(|since| since.to_string()), plan.until.map(|until| until.to_string()))
            }
            other => panic!("{other:?} is no plan"),
        }
    }

    #[test]
    fn a_plan_holds_from_the_midnight_of_its_first_day_on_the_users_clock() {
        let asked = |day| {
            format!(
                r#"{{"kind": "set_plan", "source": "codex", "name": "Plus", "per_month": "20", "since": null, "since_day": "{day}"}}"#
            )
        };
        for (zone, day, begins) in [
            ("Europe/Berlin", "2026-11-01", "2026-10-31T23:00:00Z"),
            ("Europe/Berlin", "2026-07-01", "2026-06-30T22:00:00Z"),
            ("America/New_York", "2026-11-01", "2026-11-01T04:00:00Z"),
        ] {
            assert_eq!(since(&asked(day), zone).as_deref(), Some(begins), "{day} in {zone}");
        }
    }

    #[test]
    fn a_plan_holds_to_the_end_of_its_last_day_on_the_users_clock() {
        let asked = |days: &str| {
            format!(
                r#"{{"kind": "set_plan", "source": "codex", "name": "Plus", "per_month": null, "since": null, {days}}}"#
            )
        };
        // Clocks were set back in that night.
        let until = lasting(&asked(r#""until_day": "2026-10-25""#), "Europe/Berlin");
        assert_eq!(until, (None, Some("2026-10-25T23:00:00Z".to_owned())));
        let one_day = lasting(&asked(r#""since_day": "2026-10-25", "until_day": "2026-10-25""#), "Europe/Berlin");
        let day_of_25_hours = ["2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"].map(|moment| Some(moment.to_owned()));
        assert_eq!([one_day.0, one_day.1], day_of_25_hours);
        let moment = lasting(&asked(r#""until": "2026-11-01T09:30:00+01:00""#), "America/New_York");
        assert_eq!(moment.1.as_deref(), Some("2026-11-01T08:30:00Z"));
    }

    #[test]
    fn without_a_day_a_plan_holds_since_the_moment_that_is_said_or_ever() {
        let moment = r#"{"kind": "set_plan", "source": "codex", "name": "Plus", "per_month": null, "since": "2026-11-01T09:30:00+01:00"}"#;
        assert_eq!(since(moment, "America/New_York").as_deref(), Some("2026-11-01T08:30:00Z"));
        let ever = r#"{"kind": "set_plan", "source": "codex", "name": "Plus", "per_month": null, "since": null}"#;
        assert_eq!(since(ever, "America/New_York"), None);
    }

    #[test]
    fn what_is_no_plan_is_asked_as_before() {
        let calendar = Calendar::new(TimeZone::UTC);
        let asked = r#"{"kind": "forget_own", "provider": null, "model": "nova"}"#;
        let decision = serde_json::from_str::<Asked>(asked).unwrap().on(&calendar);
        assert!(matches!(decision, Decision::ForgetOwn { provider: None, model } if model == "nova"));
    }
}
