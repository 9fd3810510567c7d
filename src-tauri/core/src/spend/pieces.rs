//! A range cut into pieces, and where the sums of each piece are read.
//!
//! The sums per hour are read wherever they can be, since there are fewer of them. Only an hour in which a piece begins or
//! ends, as days do in Kolkata, is read by its quarters.

use jiff::Timestamp;

use crate::calendar::TimeRange;
use crate::ledger::{QUARTER_SECS, QUARTERS_PER_HOUR, SumTable};

/// A range, cut. Quarters of an hour stay whole: a piece begins with the first one that begins after the cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pieces {
    /// The quarter with which each piece begins, in order; not empty.
    starts: Vec<i64>,
    /// The quarter after the last.
    end: i64,
}

/// Consecutive rows of a table of sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scan {
    pub(super) table: SumTable,
    /// The first span of the table that is read.
    pub(super) first: i64,
    /// The one after the last.
    pub(super) end: i64,
}

impl Pieces {
    /// All of `range`, its ends taken to the quarters in which they lie.
    pub(super) fn whole(range: TimeRange) -> Self {
        Self { starts: vec![range.start.as_second().div_euclid(QUARTER_SECS)], end: quarter_from(range.end) }
    }

    /// `range`, cut at those of `cuts` that are inside.
    pub(super) fn of(range: TimeRange, cuts: impl IntoIterator<Item = Timestamp>) -> Self {
        let mut pieces = Self::whole(range);
        let inside = pieces.starts[0] + 1..pieces.end;
        pieces.starts.extend(cuts.into_iter().map(quarter_from).filter(|quarter| inside.contains(quarter)));
        pieces.starts.sort_unstable();
        pieces.starts.dedup();
        pieces
    }

    /// `range`, quarter by quarter.
    pub(super) fn quarters(range: TimeRange) -> Self {
        let Self { starts, end } = Self::whole(range);
        Self { starts: (starts[0]..end.max(starts[0] + 1)).collect(), end }
    }

    /// The same, wide enough for `range`, and cut at `cuts` as well.
    pub(super) fn refined(&self, range: TimeRange, cuts: impl IntoIterator<Item = Timestamp>) -> Self {
        let whole = Self::whole(range);
        let (first, end) = (self.starts[0].min(whole.starts[0]), self.end.max(whole.end));
        let cuts = cuts.into_iter().map(quarter_from).chain([self.end]).filter(|cut| (first..end).contains(cut));
        let mut starts: Vec<i64> = self.starts.iter().copied().chain([first]).chain(cuts).collect();
        starts.sort_unstable();
        starts.dedup();
        Self { starts, end }
    }

    /// When it begins and ends.
    pub(super) fn range(&self) -> TimeRange {
        TimeRange { start: start_of(self.starts[0]), end: start_of(self.end) }
    }

    /// The start of the piece in which `at` is; `None`: it is in none.
    pub(super) fn piece_of(&self, at: Timestamp) -> Option<Timestamp> {
        let quarter = at.as_second().div_euclid(QUARTER_SECS);
        let after = self.starts.partition_point(|start| *start <= quarter);
        (quarter < self.end).then(|| self.starts[..after].last().map(|start| start_of(*start)))?
    }

    /// When each piece begins.
    pub(super) fn starts(&self) -> &[i64] {
        &self.starts
    }

    /// What to read for the sums of all attributions together.
    pub(super) fn scan_of_totals(&self) -> Scan {
        Scan { table: SumTable::Totals, first: self.starts[0], end: self.end }
    }

    /// What to read for sums by attribution, in the order of time.
    pub(super) fn scans(&self) -> Vec<Scan> {
        let mut scans = Scans { found: Vec::new(), read_to: self.starts[0] };
        for cut in self.starts.iter().copied().chain([self.end]) {
            if cut.rem_euclid(QUARTERS_PER_HOUR) > 0 {
                let hour = cut - cut.rem_euclid(QUARTERS_PER_HOUR);
                scans.read(SumTable::Hours, hour);
                scans.read(SumTable::Quarters, (hour + QUARTERS_PER_HOUR).min(self.end));
            }
        }
        scans.read(SumTable::Hours, self.end);
        scans.found
    }
}

/// Scans that follow each other.
struct Scans {
    found: Vec<Scan>,
    /// The quarter up to which they read.
    read_to: i64,
}

impl Scans {
    /// Reads on from `table` up to the quarter `end`.
    fn read(&mut self, table: SumTable, end: i64) {
        if end <= self.read_to {
            return;
        }
        let per_span = table.quarters();
        let (first, end_of_scan) = (self.read_to / per_span, end / per_span);
        match self.found.last_mut().filter(|last| last.table == table) {
            Some(last) => last.end = end_of_scan,
            None => self.found.push(Scan { table, first, end: end_of_scan }),
        }
        self.read_to = end;
    }
}

/// The first quarter that does not begin before the second of `at`.
fn quarter_from(at: Timestamp) -> i64 {
    -(-at.as_second()).div_euclid(QUARTER_SECS)
}

/// When `quarter` begins.
pub(super) fn start_of(quarter: i64) -> Timestamp {
    Timestamp::from_second(quarter.saturating_mul(QUARTER_SECS)).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-24T{text}Z").parse().unwrap()
    }

    fn range(start: &str, end: &str) -> TimeRange {
        TimeRange { start: at(start), end: at(end) }
    }

    /// What is read, in quarters since midnight.
    fn scans(pieces: &Pieces) -> Vec<(SumTable, i64, i64)> {
        let midnight = at("00:00:00").as_second() / QUARTER_SECS;
        let since = |span: i64, table: SumTable| span * table.quarters() - midnight;
        pieces
            .scans()
            .iter()
            .map(|scan| (scan.table, since(scan.first, scan.table), since(scan.end, scan.table)))
            .collect()
    }

    #[test]
    fn pieces_of_whole_hours_are_one_scan_of_hours() {
        let pieces = Pieces::of(range("01:00:00", "09:00:00"), [at("03:00:00"), at("01:00:00"), at("09:00:00")]);
        assert_eq!(pieces.starts().len(), 2);
        assert_eq!(scans(&pieces), [(SumTable::Hours, 4, 36)]);
    }

    #[test]
    fn an_hour_in_which_a_piece_begins_is_read_by_its_quarters() {
        let pieces = Pieces::of(range("00:30:00", "09:15:00"), [at("04:45:00"), at("04:30:00"), at("05:30:00")]);
        let expected = [
            (SumTable::Quarters, 2, 4),
            (SumTable::Hours, 4, 16),
            (SumTable::Quarters, 16, 24),
            (SumTable::Hours, 24, 36),
            (SumTable::Quarters, 36, 37),
        ];
        assert_eq!(scans(&pieces), expected);
        assert_eq!(scans(&Pieces::whole(range("00:15:00", "00:45:00"))), [(SumTable::Quarters, 1, 3)]);
    }

    #[test]
    fn a_quarter_stays_whole() {
        let pieces = Pieces::of(range("00:10:00", "02:50:00"), [at("01:00:01")]);
        assert_eq!(
            pieces.starts().iter().map(|start| start_of(*start)).collect::<Vec<_>>(),
            [at("00:00:00"), at("01:15:00")]
        );
        assert_eq!(scans(&pieces), [(SumTable::Hours, 0, 4), (SumTable::Quarters, 4, 8), (SumTable::Hours, 8, 12)]);
    }

    #[test]
    fn all_of_time_is_read_by_the_hour() {
        let hours: i64 = Pieces::whole(TimeRange::EVER)
            .scans()
            .iter()
            .filter(|scan| scan.table == SumTable::Hours)
            .map(|scan| scan.end - scan.first)
            .sum();
        assert!(hours > 9_000 * 365 * 24);
    }
}
