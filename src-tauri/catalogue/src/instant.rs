//! Moments as the lists write them, in seconds since 1970. A handful of lines instead of a time library, which the build
//! script would have to compile before anything else.

/// Seconds since 1970, UTC.
pub type Seconds = i64;

/// Seconds in a day.
pub(crate) const DAY: Seconds = 24 * 60 * 60;

/// The moment that `text` names: `2026-08-17`, which is its midnight, or `2026-08-16T16:00:00Z`.
pub(crate) fn moment(text: &str) -> Result<Seconds, String> {
    let wrong = || format!("`{text}` is not a moment such as 2026-08-17 or 2026-08-16T16:00:00Z");
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let [hour, minute, second] = numbers(time.strip_suffix('Z').ok_or_else(wrong)?, ':').ok_or_else(wrong)?;
    if hour > 23 || minute > 59 || second > 59 {
        return Err(wrong());
    }
    Ok(day(date)? * DAY + hour * 3_600 + minute * 60 + second)
}

/// Days since 1970 of a date such as `2026-08-17`.
pub(crate) fn day(date: &str) -> Result<i64, String> {
    let wrong = || format!("`{date}` is not a day such as 2026-08-17");
    let [year, month, day] = numbers(date, '-').ok_or_else(wrong)?;
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = |month: i64| match month {
        2 => 28 + i64::from(leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1970..2200).contains(&year) || !(1..=12).contains(&month) || day < 1 || day > length(month) {
        return Err(wrong());
    }
    let years: i64 = (1970..year).map(|year| 365 + i64::from(leap(year))).sum();
    Ok(years + (1..month).map(length).sum::<i64>() + day - 1)
}

/// The minute of the day of a time such as `16:30`.
pub(crate) fn minute_of_day(time: &str) -> Result<u16, String> {
    match numbers(time, ':') {
        Some([hour @ 0..24, minute @ 0..60]) => Ok(u16::try_from(hour * 60 + minute).unwrap_or_default()),
        _ => Err(format!("`{time}` is not a time of the day such as 16:30")),
    }
}

/// Exactly `N` whole numbers, each written with digits only.
fn numbers<const N: usize>(text: &str, separator: char) -> Option<[i64; N]> {
    let parts = text.split(separator).map(|part| {
        let plain = !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse().ok()).flatten()
    });
    parts.collect::<Option<Vec<i64>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_calendar() {
        for text in ["1970-01-01", "2024-02-29", "2026-03-01", "2026-11-10", "2100-03-01"] {
            let expected: jiff::Timestamp = format!("{text}T00:00:00Z").parse().unwrap();
            assert_eq!(moment(text), Ok(expected.as_second()), "{text}");
        }
        let expected: jiff::Timestamp = "2026-08-16T16:00:59Z".parse().unwrap();
        assert_eq!(moment("2026-08-16T16:00:59Z"), Ok(expected.as_second()));
        assert_eq!(minute_of_day("16:30"), Ok(990));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "2026-13-01",
            "2026-02-29",
            "2026-00-10",
            "2026-1-",
            "2026-08-16T24:00:00Z",
            "2026-08-16T10:00:00+08:00",
            "",
            "x",
        ] {
            assert!(moment(text).is_err(), "{text}");
        }
        assert!(minute_of_day("24:00").is_err());
        assert!(minute_of_day("16:30:00+08:00").is_err());
    }
}
