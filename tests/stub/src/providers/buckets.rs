//! Pieces of time of one width, as OpenAI and Anthropic cut it: in UTC, each whole.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::query::Bad;

/// The day in UTC.
pub(super) fn day(moment: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(moment).date()
}

/// How wide a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    Minute,
    Hour,
    Day,
}

impl Width {
    /// As both providers write it.
    pub(super) fn parse(name: &str, text: &str) -> Result<Self, Bad> {
        match text {
            "1m" => Ok(Self::Minute),
            "1h" => Ok(Self::Hour),
            "1d" => Ok(Self::Day),
            _ => Err(Bad::of(name, "must be one of 1m, 1h, 1d")),
        }
    }

    pub(super) fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    /// Buckets of a page when nothing is said, and at most. The same at OpenAI and in Anthropic's older reports.
    pub(super) fn page(self) -> (usize, usize) {
        match self {
            Self::Minute => (60, 1_440),
            Self::Hour => (24, 168),
            Self::Day => (7, 31),
        }
    }

    /// The beginning of the bucket that `second` is in.
    pub(super) fn floor(self, second: i64) -> i64 {
        second - second.rem_euclid(self.seconds())
    }

    /// Beginnings of all buckets that have a part of `range`.
    pub(super) fn starts(self, range: &Range<i64>) -> Vec<i64> {
        let width = usize::try_from(self.seconds()).unwrap_or(usize::MAX);
        (self.floor(range.start)..range.end).step_by(width).collect()
    }
}
