//! Numbers as providers write them: as numbers, as texts, with any number of decimals. None of them becomes a float.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::money::{NotUsd, PicoUsd, Usd};

/// No bucket of one key and model has this many of anything; beyond is a mistake, and would spoil every sum.
const MOST: u64 = 1_000_000_000_000_000;

/// $100 million, of one thing in one bucket: so much is a mistake, too.
const MOST_USD: i64 = 100_000_000;

/// Dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Dollars(pub(super) Usd);

/// Hundredths of a dollar, which may have decimals themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cents(pub(super) Usd);

/// A count: of tokens, of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count(pub(super) u64);

impl<'de> Deserialize<'de> for Dollars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = text(deserializer)?;
        amount(&text, PicoUsd::from_json_number).map(Self).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Cents {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = text(deserializer)?;
        amount(&text, PicoUsd::from_cents).map(Self).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = text(deserializer)?;
        // 37.0 is a count, too.
        let whole = text.split_once('.').filter(|(_, rest)| rest.bytes().all(|byte| byte == b'0'));
        let digits = whole.map_or(text.as_str(), |(digits, _)| digits);
        match digits.parse::<u64>() {
            Ok(count) if count <= MOST => Ok(Self(count)),
            _ => Err(D::Error::custom(format!("`{}` is no count", shortened(&text)))),
        }
    }
}

/// The digits, whether they stand in quotes or not.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let raw: Box<RawValue> = Deserialize::deserialize(deserializer)?;
    let text = raw.get().trim();
    Ok(text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text).to_owned())
}

fn amount(text: &str, read: fn(&str) -> Result<PicoUsd, NotUsd>) -> Result<Usd, String> {
    let bound = Usd::from_nanos(MOST_USD * 1_000_000_000);
    let amount = read(text).map_err(|_| format!("`{}` is no amount", shortened(text)))?.rounded();
    if amount > bound || amount < -bound {
        return Err(format!("`{}` is more than can be charged", shortened(text)));
    }
    Ok(amount)
}

fn shortened(text: &str) -> String {
    text.chars().take(40).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars(json: &str) -> Option<String> {
        serde_json::from_str::<Dollars>(json).ok().map(|amount| amount.0.to_string())
    }

    fn cents(json: &str) -> Option<String> {
        serde_json::from_str::<Cents>(json).ok().map(|amount| amount.0.to_string())
    }

    #[test]
    fn an_amount_is_the_same_as_a_number_and_as_a_text() {
        assert_eq!(dollars("12.5").as_deref(), Some("12.5"));
        assert_eq!(dollars(r#""12.50""#).as_deref(), Some("12.5"));
        assert_eq!(dollars(r#""0.00018500000000000000000""#).as_deref(), Some("0.000185"));
        assert_eq!(dollars("4.2e-4").as_deref(), Some("0.00042"));
        assert_eq!(dollars("-3.1").as_deref(), Some("-3.1"), "a credit");
    }

    #[test]
    fn cents_may_have_decimals() {
        // 123.78912 cents are $1.2378912.
        assert_eq!(cents(r#""123.78912""#).as_deref(), Some("1.2378912"));
        assert_eq!(cents("186").as_deref(), Some("1.86"));
        assert_eq!(cents(r#""0.31250""#).as_deref(), Some("0.003125"));
        assert_eq!(cents(r#""-250""#).as_deref(), Some("-2.5"));
    }

    #[test]
    fn what_a_float_would_lose_is_kept() {
        // 0.1 + 0.2 as a float is 0.30000000000000004; and this has more digits than a float holds.
        assert_eq!(dollars("90071992.547409931").as_deref(), Some("90071992.547409931"));
    }

    #[test]
    fn absurd_numbers_are_refused_and_not_taken_for_others() {
        for absurd in ["1e300", "100000001", r#""NaN""#, r#""""#, "null", "true", "{}", r#""$5""#] {
            assert_eq!(dollars(absurd), None, "{absurd}");
        }
        let count = |json: &str| serde_json::from_str::<Count>(json).ok().map(|count| count.0);
        assert_eq!([count("37"), count(r#""37""#), count("37.0"), count("0")], [Some(37), Some(37), Some(37), Some(0)]);
        for absurd in ["-5", "1.5", "1e30", "99999999999999999999", r#""many""#, "null"] {
            assert_eq!(count(absurd), None, "{absurd}");
        }
    }
}
