//! Where the month is heading, and what is usual: from the days that were.
//!
//! Plain on purpose: working days and weekends differ, nothing else is assumed. The range is what eight months out of
//! ten would stay within if days kept varying as they did.

use jiff::civil::{Date, Weekday};

use super::view::Forecast;
use crate::money::Usd;

/// Days with spend before anything is said of what is usual.
pub(super) const ENOUGH_DAYS: usize = 7;

/// How many days back are looked at: four of each weekday.
pub(super) const DAYS_BACK: u16 = 28;

/// 1.28 standard deviations to either side hold 80 % of a normal distribution.
const SPREAD_PERCENT: i128 = 128;

/// A finished day and what was spent on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct PastDay {
    pub(super) date: Date,
    pub(super) spent: Usd,
}

/// Mean and variance of a day of one kind, in nano-dollars and their square.
#[derive(Clone, Copy)]
struct Usual {
    mean: i128,
    variance: i128,
}

/// The month's forecast: what is spent, the rest of today, and the days that are left.
///
/// `past` are finished days, quiet ones included; `rest_of_today_permille` is how much of today is still to come.
pub(super) fn forecast(
    past: &[PastDay],
    month_so_far: Usd,
    today: Date,
    rest_of_today_permille: i64,
) -> Option<Forecast> {
    if past.iter().filter(|day| day.spent > Usd::ZERO).count() < ENOUGH_DAYS {
        return None;
    }
    let mut mean = 0_i128;
    let mut variance = 0_i128;
    let rest = i128::from(rest_of_today_permille);
    let usual = usual_of(past, today);
    mean += usual.mean * rest / 1_000;
    variance += usual.variance * rest / 1_000;
    let mut days_left = 0_u8;
    let mut date = today;
    while date < today.last_of_month() {
        date = date.tomorrow().ok()?;
        days_left += 1;
        let usual = usual_of(past, date);
        mean += usual.mean;
        variance += usual.variance;
    }
    let spread = variance.isqrt() * SPREAD_PERCENT / 100;
    let spent = i128::from(month_so_far.nanos());
    let amount = |nanos: i128| Usd::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX));
    Some(Forecast {
        low: amount(spent + (mean - spread).max(0)),
        likely: amount(spent + mean),
        high: amount(spent + mean + spread),
        days_left,
    })
}

/// What days like `date` usually cost. Weekends apart, unless there are too few of either to tell.
fn usual_of(past: &[PastDay], date: Date) -> Usual {
    let alike: Vec<i128> = past
        .iter()
        .filter(|day| is_weekend(day.date) == is_weekend(date))
        .map(|day| i128::from(day.spent.nanos()))
        .collect();
    let alike = if alike.len() < 2 { past.iter().map(|day| i128::from(day.spent.nanos())).collect() } else { alike };
    let count = i128::try_from(alike.len().max(1)).unwrap_or(1);
    let mean = alike.iter().sum::<i128>() / count;
    let squares: i128 = alike.iter().map(|spent| (spent - mean).saturating_mul(spent - mean)).sum();
    Usual { mean, variance: squares / (count - 1).max(1) }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// The middle of `amounts`; of an even number, the lower of the two.
pub(super) fn median(mut amounts: Vec<Usd>) -> Option<Usd> {
    amounts.sort_unstable();
    amounts.get(amounts.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn dollars(text: &str) -> Usd {
        Usd::parse(text).unwrap()
    }

    /// November 2026 up to the 24th: $10 on working days, $2 on weekends.
    fn november() -> Vec<PastDay> {
        date(2026, 11, 1)
            .series(jiff::ToSpan::days(1))
            .take(23)
            .map(|date| PastDay { date, spent: dollars(if is_weekend(date) { "2" } else { "10" }) })
            .collect()
    }

    #[test]
    fn steady_days_give_a_forecast_without_spread() {
        let forecast = forecast(&november(), dollars("180"), date(2026, 11, 24), 500).unwrap();
        // $180 so far, half of Tuesday the 24th: $5, then Wed, Thu, Fri and Mon at $10, Sat and Sun at $2.
        assert_eq!(forecast.likely, dollars("229"));
        assert_eq!((forecast.low, forecast.high, forecast.days_left), (forecast.likely, forecast.likely, 6));
    }

    #[test]
    fn days_that_vary_give_a_range_around_the_likely_figure() {
        let mut past = november();
        past.iter_mut().step_by(2).for_each(|day| day.spent = day.spent + day.spent);
        let forecast = forecast(&past, dollars("180"), date(2026, 11, 24), 0).unwrap();
        assert!(forecast.low < forecast.likely && forecast.likely < forecast.high, "{forecast:?}");
        assert!(forecast.low >= dollars("180"), "what is spent is spent: {forecast:?}");
    }

    #[test]
    fn too_few_days_give_no_forecast() {
        assert_eq!(forecast(&november()[..6], dollars("40"), date(2026, 11, 7), 0), None);
    }

    #[test]
    fn on_the_last_day_nothing_is_left() {
        let forecast = forecast(&november(), dollars("200"), date(2026, 11, 30), 0).unwrap();
        assert_eq!((forecast.low, forecast.high, forecast.days_left), (dollars("200"), dollars("200"), 0));
    }

    #[test]
    fn the_median_of_nothing_is_nothing() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![dollars("3"), dollars("1"), dollars("2"), dollars("9")]), Some(dollars("2")));
    }
}
