//! Amounts in JSON that never were floats: an integer of small units, written as a decimal.
//!
//! `serde_json` can hold exact decimals only through features that would change it for every package built beside this
//! one. So a number waits in the document as a marked text, and loses mark and quotes when the document is written.

use serde_json::Value;

/// Around a number that waits. No text of a document has it.
const MARK: char = '\u{1}';

/// `units` × 10^-`places`, with no digit more than needed: `decimal(1_500_000_000, 9)` is `1.5`.
pub fn decimal(units: i64, places: u32) -> String {
    let (sign, units) = (if units < 0 { "-" } else { "" }, units.unsigned_abs());
    let one = 10_u64.pow(places);
    let fraction = format!("{:0width$}", units % one, width = places as usize);
    let fraction = if places == 0 { "" } else { fraction.trim_end_matches('0') };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", units / one)
}

/// [`decimal`] as a number of a JSON document.
pub fn number(units: i64, places: u32) -> Value {
    Value::String(format!("{MARK}{}{MARK}", decimal(units, places)))
}

/// The document as it is sent.
pub fn text(document: &Value) -> String {
    document.to_string().replace("\"\\u0001", "").replace("\\u0001\"", "")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_decimal_is_exact_and_short() {
        assert_eq!(decimal(1_506_100_000, 9), "1.5061");
        assert_eq!(decimal(-1, 9), "-0.000000001");
        assert_eq!(decimal(20_000_000, 7), "2");
        assert_eq!(decimal(i64::MAX, 9), "9223372036.854775807");
        assert_eq!(decimal(12, 0), "12");
    }

    #[test]
    fn a_number_is_written_without_quotes_and_a_text_with_them() {
        assert_eq!(text(&json!({ "a": number(5, 1), "b": "0.5" })), r#"{"a":0.5,"b":"0.5"}"#);
    }
}
