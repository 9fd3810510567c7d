//! Days, ISO weeks and months as the user lives them: in one time zone, half-open, of 23, 24 or 25 hours.

use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, ZonedDateTime};

/// The user's time zone. Everything that speaks of a day, a week or a month goes through it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    zone: TimeZone,
}

/// A span of time from `start` up to, but not including, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// The first moment inside.
    pub start: Timestamp,
    /// The first moment after.
    pub end: Timestamp,
}

impl TimeRange {
    /// All of time.
    pub const EVER: Self = Self { start: Timestamp::MIN, end: Timestamp::MAX };

    /// Whether `at` lies inside.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }

    /// Whether both have a moment in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Its length in seconds.
    pub fn seconds(&self) -> i64 {
        self.end.as_second() - self.start.as_second()
    }
}

impl Calendar {
    /// A calendar for `zone`.
    pub const fn new(zone: TimeZone) -> Self {
        Self { zone }
    }

    /// The zone it was made for.
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// `at` on the user's clock.
    pub fn zoned(&self, at: Timestamp) -> ZonedDateTime {
        at.to_zoned_datetime(self.zone.clone())
    }

    /// The date on which `at` falls.
    pub fn date(&self, at: Timestamp) -> Date {
        self.zoned(at).date()
    }

    /// The first moment of `date`. Where midnight does not exist (some zones skip it), the first moment after.
    pub fn midnight(&self, date: Date) -> Timestamp {
        date.to_zoned_datetime(self.zone.clone()).map_or_else(
            // Only dates at the very edge of time have no moment in a zone.
            |_| if date.year() < 0 { Timestamp::MIN } else { Timestamp::MAX },
            |zoned| zoned.timestamp(),
        )
    }

    /// The date whose first moment `at` is, if it is one.
    pub fn begins(&self, at: Timestamp) -> Option<Date> {
        let date = self.date(at);
        (self.midnight(date) == at).then_some(date)
    }

    /// The day `date`: 23, 24 or 25 hours long.
    pub fn day(&self, date: Date) -> TimeRange {
        self.days(date, date)
    }

    /// From the first moment of `first` to the end of `last`, both included.
    pub fn days(&self, first: Date, last: Date) -> TimeRange {
        TimeRange { start: self.midnight(first), end: self.midnight(last.saturating_add(1.day())) }
    }

    /// The last `count` days, today included.
    pub fn last_days(&self, now: Timestamp, count: u16) -> TimeRange {
        let today = self.date(now);
        self.days(today.saturating_sub(i64::from(count.max(1) - 1).days()), today)
    }

    /// The month in which `date` falls.
    pub fn month(&self, date: Date) -> TimeRange {
        self.days(date.first_of_month(), date.last_of_month())
    }

    /// The ISO week in which `date` falls: Monday to Sunday, in the year that holds its Thursday.
    pub fn week(&self, date: Date) -> TimeRange {
        let week = date.iso_week_date();
        let monday = ISOWeekDate::new(week.year(), week.week(), Weekday::Monday).map_or(date, ISOWeekDate::date);
        self.days(monday, monday.saturating_add(6.days()))
    }

    /// The ISO week in which `at` falls, as written in ISO 8601: `2026-W48`.
    pub fn week_name(&self, at: Timestamp) -> String {
        let week = self.date(at).iso_week_date();
        format!("{:04}-W{:02}", week.year(), week.week())
    }

    /// The dates of `range`, each of which may be only partly inside.
    pub fn dates(&self, range: TimeRange) -> impl Iterator<Item = Date> + use<> {
        let last = self.date(range.end.saturating_sub(1.nanosecond()).unwrap_or(range.end));
        let first = self.date(range.start);
        first.series(1.day()).take_while(move |date| *date <= last)
    }

    /// The moments in `range` at which an hour of the user's clock begins, or at which the clock is set.
    pub fn hours(&self, range: TimeRange) -> impl Iterator<Item = Timestamp> + use<> {
        let zone = self.zone.clone();
        // Every zone in use is a whole number of quarters from UTC.
        let quarters = range.start.as_second().div_euclid(900)..=range.end.as_second().div_euclid(900);
        let mut offset = zone.to_offset(range.start);
        quarters.filter_map(|quarter| Timestamp::from_second(quarter * 900).ok()).filter(move |at| {
            let before = std::mem::replace(&mut offset, zone.to_offset(*at));
            offset != before || (at.as_second() + i64::from(offset.seconds())).rem_euclid(3_600) == 0
        })
    }

    /// `at` to the second with the zone's offset, as in RFC 3339: `2026-11-24T14:05:00+01:00`.
    pub fn rfc3339(&self, at: Timestamp) -> String {
        self.zoned(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

/// Reads an ISO week such as `2026-W48` as its Monday.
pub fn parse_week(text: &str) -> Option<Date> {
    let (year, week) = text.split_once("-W")?;
    let week = ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday).ok()?;
    Some(week.date())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn calendar(zone: &str) -> Calendar {
        Calendar::new(TimeZone::get(zone).unwrap())
    }

    #[test]
    fn t12_a_day_has_23_24_or_25_hours() {
        for (zone, on, hours) in [
            ("Europe/Berlin", date(2026, 3, 29), 23),
            ("Europe/Berlin", date(2026, 10, 25), 25),
            ("Europe/Berlin", date(2026, 11, 24), 24),
            ("America/New_York", date(2026, 3, 8), 23),
            ("America/New_York", date(2026, 11, 1), 25),
            ("Asia/Kolkata", date(2026, 11, 24), 24),
            // Midnight does not exist on this date; the day begins at one o'clock.
            ("America/Santiago", date(2026, 9, 6), 23),
        ] {
            assert_eq!(calendar(zone).day(on).seconds(), hours * 3_600, "{zone} {on}");
        }
        // Lord Howe Island moves its clocks by half an hour.
        assert_eq!(calendar("Australia/Lord_Howe").day(date(2026, 10, 4)).seconds(), 23 * 3_600 + 1_800);
    }

    #[test]
    fn t12_a_message_across_midnight_belongs_to_one_day() {
        let at: Timestamp = "2026-11-23T23:30:00Z".parse().unwrap();
        for (zone, day) in [
            ("UTC", date(2026, 11, 23)),
            ("Europe/Berlin", date(2026, 11, 24)),
            ("Asia/Kolkata", date(2026, 11, 24)),
            ("America/Los_Angeles", date(2026, 11, 23)),
            ("Pacific/Kiritimati", date(2026, 11, 24)),
        ] {
            let calendar = calendar(zone);
            assert_eq!(calendar.date(at), day, "{zone}");
            assert!(calendar.day(day).contains(at), "{zone}");
            let next = calendar.day(day).end;
            assert!(!calendar.day(day).contains(next), "{zone}: the end belongs to the next day");
        }
    }

    #[test]
    fn t12_an_iso_week_may_belong_to_another_year() {
        let utc = calendar("UTC");
        for (on, name) in [
            (date(2026, 12, 31), "2026-W53"),
            (date(2027, 1, 3), "2026-W53"),
            (date(2027, 1, 4), "2027-W01"),
            (date(2024, 12, 30), "2025-W01"),
        ] {
            assert_eq!(utc.week_name(utc.midnight(on)), name, "{on}");
            assert!(utc.week(on).contains(utc.midnight(on)));
        }
        assert_eq!(utc.week(date(2027, 1, 1)), utc.days(date(2026, 12, 28), date(2027, 1, 3)));
        assert_eq!(parse_week("2026-W53"), Some(date(2026, 12, 28)));
        assert_eq!(parse_week("2026-W54"), None);
    }

    #[test]
    fn a_month_is_as_long_as_its_days() {
        let berlin = calendar("Europe/Berlin");
        assert_eq!(berlin.month(date(2026, 10, 9)).seconds(), (31 * 24 + 1) * 3_600);
        assert_eq!(berlin.month(date(2028, 2, 9)).seconds(), 29 * 24 * 3_600);
    }

    #[test]
    fn the_dates_of_a_range_are_those_it_touches() {
        let utc = calendar("UTC");
        let range = utc.days(date(2026, 2, 27), date(2026, 3, 1));
        let dates: Vec<_> = utc.dates(range).collect();
        assert_eq!(dates, [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]);
    }

    #[test]
    fn t12_an_hour_begins_on_the_users_clock_and_whenever_it_is_set() {
        let hours = |zone: &str, start: &str, end: &str| {
            let range = TimeRange { start: start.parse().unwrap(), end: end.parse().unwrap() };
            let calendar = calendar(zone);
            calendar.hours(range).map(|at| calendar.rfc3339(at)[11..].to_owned()).collect::<Vec<_>>()
        };
        let kolkata = hours("Asia/Kolkata", "2026-11-24T00:30:00Z", "2026-11-24T02:00:00Z");
        assert_eq!(kolkata, ["06:00:00+05:30", "07:00:00+05:30"]);
        // At two o'clock Lord Howe's clock goes back by half an hour.
        let lord_howe = hours("Australia/Lord_Howe", "2026-04-04T14:00:00Z", "2026-04-04T16:00:00Z");
        assert_eq!(lord_howe, ["01:00:00+11:00", "01:30:00+10:30", "02:00:00+10:30"]);
    }

    #[test]
    fn a_moment_is_written_with_the_zone_of_the_user() {
        let at: Timestamp = "2026-11-24T13:05:00Z".parse().unwrap();
        assert_eq!(calendar("Europe/Berlin").rfc3339(at), "2026-11-24T14:05:00+01:00");
    }
}
