//! Money: dollars as integers, and the prices per token that become dollars.
//!
//! Nothing in here, and nothing behind it, is a float. [`Rate`] times tokens is exact in pico-dollars; the one place
//! that rounds is [`PicoUsd::rounded`].

mod margin;

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use self::margin::Margin;

/// Nano-dollars in a dollar.
const NANOS: i64 = 1_000_000_000;

/// An amount of US dollars, exact to a billionth.
///
/// Prices are quoted per million tokens, so a token can cost a few billionths of a dollar; floats would lose them in
/// sums over millions of requests. The limit is $9.2 billion either way. Sums that would pass it stay at the limit: a
/// meter that shows an absurd figure is better than one that wraps around to a small one.
///
/// Serialised as a decimal string of dollars (`"12.4"`), since neither JSON nor JavaScript has an integer this wide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(i64);

impl Usd {
    /// No money. Not the same as not knowing: see `Spend` for that.
    pub const ZERO: Self = Self(0);

    /// An amount from nano-dollars (1e-9 USD), the unit the ledger stores.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// The amount in nano-dollars (1e-9 USD).
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Reads a plain decimal such as `0.0525005` or `-4`; at most nine decimals, no exponent, no currency sign.
    ///
    /// # Errors
    /// [`NotUsd`] when the text is not such a number, has more than nine decimals, or is beyond the limit.
    pub fn parse(text: &str) -> Result<Self, NotUsd> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let nanos = scaled_decimal(digits, 9).ok_or_else(|| NotUsd(text.to_owned()))?;
        Ok(Self(if negative { -nanos } else { nanos }))
    }

    /// This amount per hour, if it was spent within `seconds`. Rounds toward zero; `None` for an empty span.
    pub fn per_hour(self, seconds: i64) -> Option<Self> {
        if seconds <= 0 {
            return None;
        }
        let nanos = i128::from(self.0) * 3_600 / i128::from(seconds);
        Some(Self(i64::try_from(nanos).unwrap_or(i64::MAX)))
    }

    /// `self / whole` in thousandths, rounded to nearest; `None` when `whole` is not positive.
    pub fn permille_of(self, whole: Self) -> Option<i64> {
        if whole.0 <= 0 {
            return None;
        }
        let (part, whole) = (i128::from(self.0) * 2_000, i128::from(whole.0) * 2);
        i64::try_from((part + whole / 2).div_euclid(whole)).ok()
    }
}

impl fmt::Display for Usd {
    /// Plain decimal dollars without trailing zeros: `12.4`, `-0.000000003`, `0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nanos = self.0.unsigned_abs();
        let (whole, rest) = (nanos / NANOS.unsigned_abs(), nanos % NANOS.unsigned_abs());
        if rest == 0 {
            write!(f, "{sign}{whole}")
        } else {
            let decimals = format!("{rest:09}");
            write!(f, "{sign}{whole}.{}", decimals.trim_end_matches('0'))
        }
    }
}

impl FromStr for Usd {
    type Err = NotUsd;
    fn from_str(text: &str) -> Result<Self, NotUsd> {
        Self::parse(text)
    }
}

impl Add for Usd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Usd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Usd {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// The text is not an amount of dollars.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an amount in dollars: write digits with at most nine decimals, such as 12.40")]
pub struct NotUsd(String);

/// The price of one token in pico-dollars (1e-12 USD): $3 per million tokens is 3,000,000.
///
/// Pico-dollars hold every published price exactly, down to a millionth of a dollar per million tokens.
///
/// Serialised as a decimal string of dollars per million tokens (`"0.025"`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(i64);

impl Rate {
    /// No price is as high as a million dollars per million tokens; beyond is a mistake.
    pub const DEAREST: Self = Self(1_000_000_000_000);

    /// A rate from pico-dollars per token.
    pub const fn from_picos(picos: i64) -> Self {
        Self(picos)
    }

    /// The rate in pico-dollars per token.
    pub const fn picos(self) -> i64 {
        self.0
    }

    /// Reads a list price in dollars per million tokens, such as `0.025`; exact, at most six decimals.
    ///
    /// # Errors
    /// [`NotUsd`] when the text is not such a number, or is beyond [`Self::DEAREST`].
    pub fn per_million(text: &str) -> Result<Self, NotUsd> {
        // $1 per million tokens is 1e-6 USD per token, which is 1e6 pico-dollars.
        let rate = scaled_decimal(text, 6).map(Self).filter(|rate| *rate <= Self::DEAREST);
        rate.ok_or_else(|| NotUsd(text.to_owned()))
    }

    /// What `tokens` cost at this rate, exactly.
    pub const fn times(self, tokens: u64) -> PicoUsd {
        PicoUsd(self.0 as i128 * tokens as i128)
    }
}

impl fmt::Display for Rate {
    /// Plain decimal dollars per million tokens, without trailing zeros: `0.025`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Pico-dollars a token are millionths of a dollar per million tokens; a nano-dollar is a thousandth of these.
        fmt::Display::fmt(&Usd(self.0.saturating_mul(1_000)), f)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::per_million(&text).map_err(serde::de::Error::custom)
    }
}

/// An exact intermediate amount in pico-dollars (1e-12 USD), on its way to [`Usd`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PicoUsd(i128);

impl PicoUsd {
    /// Nothing yet.
    pub const ZERO: Self = Self(0);

    /// Reads a number of dollars as JSON has it: with any number of decimals, and with an exponent. What is less than a
    /// pico-dollar is cut off, which makes no difference to the nearest nano-dollar.
    ///
    /// # Errors
    /// [`NotUsd`] when the text is not such a number, or is far beyond any limit.
    pub fn from_json_number(text: &str) -> Result<Self, NotUsd> {
        picos_of(text).map(Self).ok_or_else(|| NotUsd(text.to_owned()))
    }

    /// Reads a number of cents as [`Self::from_json_number`] reads dollars.
    ///
    /// # Errors
    /// As there.
    pub fn from_cents(text: &str) -> Result<Self, NotUsd> {
        Ok(Self(Self::from_json_number(text)?.0 / 100))
    }

    /// To the nearest nano-dollar, halves away from zero. The only rounding in the product; done once per request.
    pub fn rounded(self) -> Usd {
        let half = if self.0 < 0 { -500 } else { 500 };
        let nanos = (self.0 + half) / 1_000;
        Usd(i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX }))
    }
}

impl Add for PicoUsd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for PicoUsd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// `digits` times ten to the power of `scale`, if it is a plain unsigned decimal that this holds exactly.
fn scaled_decimal(digits: &str, scale: usize) -> Option<i64> {
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(decimals) || (digits.contains('.') && decimals.is_empty()) {
        return None;
    }
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > scale {
        return None;
    }
    format!("{whole}{decimals:0<scale$}").parse().ok()
}

/// Pico-dollars of a JSON number of dollars, whatever is less cut off.
fn picos_of(text: &str) -> Option<i128> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(decimals) || (mantissa.contains('.') && decimals.is_empty()) {
        return None;
    }
    let shift = i64::from(exponent.parse::<i32>().ok()?) + 12 - i64::try_from(decimals.len()).ok()?;
    let digits = format!("{whole}{decimals}");
    let digits = digits.trim_start_matches('0');
    let picos = if let Ok(cut) = usize::try_from(-shift) {
        digits[..digits.len().saturating_sub(cut)].to_owned()
    } else if digits.is_empty() {
        String::new()
    } else {
        format!("{digits}{}", "0".repeat(usize::try_from(shift).ok().filter(|zeros| *zeros < 40)?))
    };
    let picos: i128 = if picos.is_empty() { 0 } else { picos.parse().ok()? };
    Some(if negative { -picos } else { picos })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_is_exact_to_a_billionth() {
        assert_eq!(Usd::parse("0.0525005").unwrap().nanos(), 52_500_500);
        assert_eq!(Usd::parse("-4").unwrap().to_string(), "-4");
        assert_eq!(Usd::from_nanos(-3).to_string(), "-0.000000003");
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for text in ["", ".", "1.", ".5", "$1", "1e3", "0.0000000001", "1,5", "--1", "9223372037"] {
            assert!(Usd::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_sum_beyond_the_limit_stays_at_the_limit() {
        assert_eq!(Usd::from_nanos(i64::MAX) + Usd::from_nanos(1), Usd::from_nanos(i64::MAX));
    }

    #[test]
    fn a_list_price_becomes_pico_dollars_per_token() {
        assert_eq!(Rate::per_million("0.025").unwrap().picos(), 25_000);
        assert_eq!(Rate::from_picos(25_000).to_string(), "0.025");
        // 12 tokens at $4 per million are 48 millionths of a dollar.
        assert_eq!(Rate::per_million("4").unwrap().times(12).rounded(), Usd::parse("0.000048").unwrap());
    }

    #[test]
    fn every_price_that_is_accepted_is_written_as_it_is_read() {
        for text in ["0", "0.000001", "0.025", "999999.999999", "1000000"] {
            assert_eq!(Rate::per_million(text).unwrap().to_string(), text);
        }
        for absurd in ["1000000.000001", "99999999999", "9223372036854.775807", "-1"] {
            assert!(Rate::per_million(absurd).is_err(), "{absurd}");
        }
    }

    #[test]
    fn halves_of_a_nano_dollar_round_away_from_zero() {
        assert_eq!(PicoUsd(1_500).rounded().nanos(), 2);
        assert_eq!(PicoUsd(1_499).rounded().nanos(), 1);
        assert_eq!(PicoUsd(-1_500).rounded().nanos(), -2);
    }

    #[test]
    fn a_number_of_a_log_is_read_without_a_float() {
        let nanos = |text: &str| PicoUsd::from_json_number(text).map(|picos| picos.rounded().nanos());
        for (text, expected) in [
            ("0", 0),
            ("0.0021", 2_100_000),
            ("12", 12_000_000_000),
            ("1e-7", 100),
            ("2.5E-9", 3),
            ("1.25e+1", 12_500_000_000),
            ("-4.5", -4_500_000_000),
            ("1e-300", 0),
            ("0e99", 0),
            // As floats are written that are a hair off: 0.1 + 0.2.
            ("0.30000000000000004", 300_000_000),
            // Half a nano-dollar, and a little less.
            ("0.0000000005", 1),
            ("0.00000000049999999999", 0),
        ] {
            assert_eq!(nanos(text), Ok(expected), "{text}");
        }
        for text in ["", "-", ".5", "1.", "1e", "e5", "1e99", "null", "\"1\"", "NaN", "+1", "1 "] {
            assert!(nanos(text).is_err(), "{text}");
        }
    }

    #[test]
    fn t27_tokens_beyond_32_bits_are_priced_exactly() {
        // 3 billion tokens at $5 per million: $15,000.
        assert_eq!(Rate::per_million("5").unwrap().times(3_000_000_000).rounded(), Usd::parse("15000").unwrap());
    }

    #[test]
    fn share_is_rounded_to_the_nearest_thousandth() {
        let third = Usd::from_nanos(1).permille_of(Usd::from_nanos(3));
        assert_eq!(third, Some(333));
        assert_eq!(Usd::from_nanos(2).permille_of(Usd::from_nanos(3)), Some(667));
        assert_eq!(Usd::ZERO.permille_of(Usd::ZERO), None);
    }

    proptest! {
        #[test]
        fn text_and_amount_are_the_same(nanos in any::<i64>().prop_filter("no counterpart", |n| *n != i64::MIN)) {
            let amount = Usd::from_nanos(nanos);
            prop_assert_eq!(Usd::parse(&amount.to_string()).unwrap(), amount);
        }
    }
}
