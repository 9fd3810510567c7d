//! Hours of the day in which a provider charges otherwise.

use serde::{Deserialize, Serialize};

use crate::instant::{DAY, Seconds};

/// Which part of a schedule a price is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Part {
    /// Within its hours.
    Within,
    /// At all other times.
    Outside,
}

/// Hours of the day, in UTC, and the days on which they do not count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Schedule {
    /// Minutes of the day, each from the first up to the second; a stretch may go past midnight.
    pub hours: Vec<(u16, u16)>,
    /// Whether they count from Monday to Friday only.
    pub weekdays_only: bool,
    /// Days on which they do not count, in days since 1970 of the provider's own calendar.
    pub holidays: Vec<i32>,
    /// How far ahead of UTC that calendar is.
    pub ahead: Seconds,
    /// The last day for which holidays are known, in days since 1970; later ones are taken for working days.
    pub holidays_known_to: Option<i32>,
}

impl Schedule {
    /// The part in which `at` lies.
    pub fn part(&self, at: Seconds) -> Part {
        let minute = at.rem_euclid(DAY) / 60;
        let open = self.hours.iter().any(|(from, to)| {
            let (from, to) = (i64::from(*from), i64::from(*to));
            if from < to { (from..to).contains(&minute) } else { minute >= from || minute < to }
        });
        let day = (at + self.ahead).div_euclid(DAY);
        // The first of January 1970 was a Thursday: two days later the weekend began.
        let weekend = matches!((day - 2).rem_euclid(7), 0 | 1);
        let holiday = self.holidays.iter().any(|holiday| i64::from(*holiday) == day);
        if open && !(self.weekdays_only && weekend) && !holiday { Part::Within } else { Part::Outside }
    }

    /// What a part of it is stored as: `outside 0060-0240 0360-0600 weekdays`, minutes of the day in UTC. Without holidays,
    /// which are learned year by year and make no other price of it.
    pub fn notation(&self, part: Part) -> String {
        let part = if part == Part::Within { "within" } else { "outside" };
        let hours = self.hours.iter().map(|(from, to)| format!("{from:04}-{to:04}"));
        let days = self.weekdays_only.then(|| "weekdays".to_owned());
        std::iter::once(part.to_owned()).chain(hours).chain(days).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_of_a_schedule_never_changes() {
        let hours = vec![(60, 240), (1_320, 90)];
        let mut schedule = Schedule {
            hours,
            weekdays_only: true,
            holidays: vec![20_000],
            ahead: 28_800,
            holidays_known_to: Some(20_800),
        };
        assert_eq!(schedule.notation(Part::Within), "within 0060-0240 1320-0090 weekdays");
        schedule.weekdays_only = false;
        assert_eq!(schedule.notation(Part::Outside), "outside 0060-0240 1320-0090");
    }
}
