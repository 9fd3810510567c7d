//! Decimal text to whole pico-dollars, exactly or not at all.

/// Numbers of the list that are not whole pico-dollars per token, with the nearest that are.
///
/// They are floats that leaked into the list (`1.0399999999999998` was 1.04) and twelfths of a dollar. Each is written
/// out, so that the next one is looked at by a person; the error is below half a dollar in a trillion tokens.
const ROUNDED: &[(&str, i64)] = &[
    ("0.04166666666666665", 41_667),
    ("0.041666666666666664", 41_667),
    ("0.0416666666666667", 41_667),
    ("0.0833333333333333", 83_333),
    ("0.08333333333333334", 83_333),
    ("0.13999999999999999", 140_000),
    ("0.18000000000000002", 180_000),
    ("0.27999999999999997", 280_000),
    ("1.0399999999999998", 1_040_000),
];

/// Dollars per million tokens, as pico-dollars per token.
pub(super) fn picos_per_token(dollars_per_million: &str) -> Result<i64, String> {
    let rounded = ROUNDED.iter().find(|(text, _)| *text == dollars_per_million);
    rounded.map_or_else(|| scaled(dollars_per_million, 6), |(_, picos)| Ok(*picos))
}

/// Dollars per thousand pieces, as pico-dollars per piece.
pub(super) fn picos_per_piece(dollars_per_thousand: &str) -> Result<i64, String> {
    scaled(dollars_per_thousand, 9)
}

/// `text` times ten to the power of `scale`, if that is a whole number.
fn scaled(text: &str, scale: usize) -> Result<i64, String> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let decimals = decimals.trim_end_matches('0');
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(decimals) {
        return Err(format!("`{text}` is not a plain decimal price"));
    }
    if decimals.len() > scale {
        return Err(format!(
            "the price `{text}` is not a whole number of pico-dollars; if it is a rounding error of the list, add it \
             to ROUNDED in build/decimal.rs"
        ));
    }
    format!("{whole}{decimals:0<scale$}").parse().map_err(|_| format!("the price `{text}` is beyond all limits"))
}
