//! Fields of logs, as agents write them.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use sonic_rs::LazyValue;

use super::LineError;
use crate::money::{PicoUsd, Usd};

/// More tokens of one kind than any call can have. What claims more is damaged, and would drown every sum it enters.
const ABSURD: u64 = 10_000_000_000;

/// More dollars than any call can cost.
const ABSURD_COST: Usd = Usd::from_nanos(100_000 * 1_000_000_000);

/// Text that is not copied out of the line unless it has escapes in it. (`Option<Cow<str>>` always copies, even if serde
/// is told to borrow.)
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<'t>(Cow<'t, str>);

impl Text<'_> {
    /// The text, copied if it was not yet.
    pub fn into_owned(self) -> String {
        self.0.into_owned()
    }

    /// The text as it stands in the line, unless it had to be put together.
    pub(crate) fn in_line(&self) -> Option<&str> {
        match &self.0 {
            Cow::Borrowed(text) => Some(text),
            Cow::Owned(_) => None,
        }
    }
}

/// The text, if there is any and it says something.
pub fn known<'t>(text: Option<&'t Text<'_>>) -> Option<&'t str> {
    text.map(|text| text.0.as_ref()).filter(|text| !text.is_empty())
}

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de: 't, 't> Deserialize<'de> for Text<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}

/// A count in a log. Agents may write `null`, and have written floats and negative numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure(Option<u64>);

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FigureVisitor)
    }
}

struct FigureVisitor;

impl Visitor<'_> for FigureVisitor {
    type Value = Figure;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a count")
    }

    fn visit_u64<E: Error>(self, count: u64) -> Result<Figure, E> {
        Ok(Figure(Some(count).filter(|count| *count <= ABSURD)))
    }

    fn visit_i64<E: Error>(self, count: i64) -> Result<Figure, E> {
        u64::try_from(count).map_or(Ok(Figure(None)), |count| self.visit_u64(count))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Figure, E> {
        Ok(Figure(None))
    }
}

/// The count, or zero if there is none.
///
/// # Errors
/// [`LineError`] for what is no count of tokens: negative, broken, or more than ten billion.
pub fn sane(figure: Option<Figure>) -> Result<u64, LineError> {
    match figure {
        None => Ok(0),
        Some(Figure(Some(count))) => Ok(count),
        Some(Figure(None)) => Err(LineError::new("a token count that is negative, broken or over ten billion")),
    }
}

/// What a call cost, if it is told as an amount of dollars above zero: zero is what many write who do not know.
pub fn cost(number: Option<&LazyValue<'_>>) -> Option<Usd> {
    // From the digits themselves. As a float, it would be another amount.
    let amount = PicoUsd::from_json_number(number?.as_raw_str()).ok()?.rounded();
    Some(amount).filter(|amount| (Usd::from_nanos(1)..=ABSURD_COST).contains(amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Row<'a> {
        #[serde(borrow)]
        text: Option<Text<'a>>,
        count: Option<Figure>,
        #[serde(borrow)]
        cost: Option<LazyValue<'a>>,
    }

    #[test]
    fn text_is_copied_only_if_it_has_escapes() {
        let row = |line: &'static str| sonic_rs::from_str::<Row<'_>>(line).unwrap();
        assert_eq!(row(r#"{"text":"a b"}"#).text.unwrap().in_line(), Some("a b"));
        let escaped = row(r#"{"text":"a\n\"b\""}"#).text.unwrap();
        assert_eq!((escaped.in_line(), &*escaped), (None, "a\n\"b\""));
        assert_eq!(row(r#"{"text":null}"#).text, None);
    }

    #[test]
    fn a_cost_is_an_amount_of_dollars_and_what_is_none_says_nothing() {
        let row = |json: &str| sonic_rs::from_str::<Row<'_>>(json).map(|row| cost(row.cost.as_ref())).unwrap();
        assert_eq!(row(r#"{"cost": 0.0123456785}"#), Some(Usd::from_nanos(12_345_679)));
        assert_eq!(row(r#"{"cost":1e-7}"#), Some(Usd::from_nanos(100)));
        for nothing in
            ["{}", r#"{"cost":null}"#, r#"{"cost":0}"#, r#"{"cost":-1}"#, r#"{"cost":"1"}"#, r#"{"cost":1e9}"#]
        {
            assert_eq!(row(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_count_is_a_whole_number_that_a_call_can_have() {
        let count = |json: &str| sonic_rs::from_str::<Row<'_>>(&format!("{{\"count\":{json}}}")).unwrap().count;
        assert_eq!(sane(count("12")).unwrap(), 12);
        assert_eq!(sane(count("null")).unwrap(), 0);
        assert_eq!(sane(count("10000000000")).unwrap(), 10_000_000_000);
        for broken in ["-1", "1.5", "1e3", "10000000001", "18446744073709551616"] {
            assert!(sane(count(broken)).is_err(), "{broken}");
        }
    }
}
