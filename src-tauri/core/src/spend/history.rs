//! The last weeks, quarter hour by quarter hour, and what they tell: today, the month, what is usual, where it is heading.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::Viewpoint;
use super::forecast::{self, DAYS_BACK, ENOUGH_DAYS, PastDay};
use super::pieces::Pieces;
use super::sums::{Query, Sum, within};
use super::view::{Bases, BurnRate, Forecast, Spend};
use crate::calendar::{Calendar, TimeRange};
use crate::ledger::{LedgerError, QUARTER_SECS};
use crate::money::Usd;
use crate::usage::Basis;

/// Quarter hours in the spark-line of the burn rate.
const BURN_QUARTERS: i64 = 12;

/// What was spent in each quarter hour of the last weeks and of the month, whoever spent it.
pub(super) struct History<'v> {
    sums: Vec<Sum>,
    bases: Bases,
    calendar: &'v Calendar,
    now: Timestamp,
    today: Date,
}

impl<'v> History<'v> {
    /// Reads it. `wanted` leads, if there is any; by itself the first that there is does.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub(super) fn of(viewpoint: &Viewpoint<'v>, wanted: Option<Basis>) -> Result<Self, LedgerError> {
        let Viewpoint { ledger, calendar, now, .. } = *viewpoint;
        let today = calendar.date(now);
        let weeks_ago = today.saturating_sub(i64::from(DAYS_BACK).days());
        let range = calendar.days(weeks_ago.min(today.first_of_month()), today);
        let sums = Query { pieces: &Pieces::quarters(range), by: &[], only: &[] }.run(ledger, calendar)?;
        let bases = Bases::of(&sums, wanted);
        Ok(Self { sums, bases, calendar, now, today })
    }

    /// Which amounts are in it, and by which of them it tells what is usual.
    pub(super) const fn bases(&self) -> &Bases {
        &self.bases
    }

    /// All of a range that lies within.
    pub(super) fn spend(&self, range: TimeRange) -> Spend {
        Spend::of(within(&self.sums, range))
    }

    /// What leads of a range; `None` if there is none.
    fn amount(&self, range: TimeRange) -> Option<Usd> {
        self.spend(range).amount(self.bases.lead)
    }

    /// The days before today from the first with any spend on.
    fn past_days(&self) -> Vec<PastDay> {
        let mut days: Vec<PastDay> = (1..=i64::from(DAYS_BACK))
            .rev()
            .map(|back| self.today.saturating_sub(back.days()))
            .map(|date| PastDay { date, spent: self.amount(self.calendar.day(date)).unwrap_or_default() })
            .collect();
        let quiet = days.iter().take_while(|day| day.spent == Usd::ZERO).count();
        days.drain(..quiet);
        days
    }

    /// Where the month is heading.
    pub(super) fn forecast(&self) -> Option<Forecast> {
        let month = self.amount(self.calendar.days(self.today.first_of_month(), self.today));
        let day = self.calendar.day(self.today);
        let left = (day.end.as_second() - self.now.as_second()) * 1_000 / day.seconds().max(1);
        forecast::forecast(&self.past_days(), month.unwrap_or_default(), self.today, left)
    }

    /// Today against what is usual by this time of day, in thousandths of it.
    pub(super) fn today_against_usual(&self) -> Option<i64> {
        let today = self.calendar.day(self.today);
        let elapsed = self.now.as_second() - today.start.as_second();
        let by_now = |date: Date| {
            let start = self.calendar.midnight(date);
            let end = start.saturating_add(elapsed.seconds()).unwrap_or(start);
            self.amount(TimeRange { start, end }).unwrap_or_default()
        };
        let past = self.past_days();
        if past.iter().filter(|day| day.spent > Usd::ZERO).count() < ENOUGH_DAYS {
            return None;
        }
        let usual = forecast::median(past.iter().map(|day| by_now(day.date)).collect())?;
        self.amount(today)?.permille_of(usual)
    }

    /// Spend per hour just now.
    pub(super) fn burn(&self) -> BurnRate {
        let quarter = self.now.as_second().div_euclid(QUARTER_SECS);
        let span = |first: i64, last: i64| TimeRange {
            start: Timestamp::from_second(first * QUARTER_SECS).unwrap_or(self.now),
            end: Timestamp::from_second(last * QUARTER_SECS).unwrap_or(self.now),
        };
        // The quarter under way and the four before: between one hour and five quarters of one.
        let last = span(quarter - 4, quarter + 1);
        let seconds = self.now.as_second() - last.start.as_second();
        let spent = self.spend(last);
        let (amount, basis) = spent.shown(self.bases.lead).unzip();
        let basis = basis.unwrap_or(self.bases.lead);
        BurnRate {
            per_hour: amount.and_then(|amount| amount.per_hour(seconds)),
            basis,
            requests: spent.requests,
            unpriced_tokens: spent.unpriced_tokens,
            quarters: (quarter - BURN_QUARTERS + 1..=quarter)
                .map(|quarter| self.spend(span(quarter, quarter + 1)).amount(basis).unwrap_or_default())
                .collect(),
        }
    }
}
