//! Decimal text to whole numbers of a small unit, exactly or not at all.

/// Dollars per million tokens, as pico-dollars per token.
///
/// Floats leak into the lists: `1.0399999999999998` was 1.04, and a twelfth of a dollar has no last digit. Only a number
/// with as many digits as a float has is rounded, to the nearest pico-dollar; the error is below half a dollar in a
/// trillion tokens.
pub(crate) fn picos_per_token(dollars_per_million: &str) -> Result<i64, String> {
    const DIGITS_OF_A_FLOAT: usize = 15;
    let digits = dollars_per_million.bytes().filter(u8::is_ascii_digit).count();
    let leading =
        dollars_per_million.bytes().take_while(|byte| matches!(byte, b'0' | b'.')).filter(|byte| *byte == b'0').count();
    if digits - leading < DIGITS_OF_A_FLOAT {
        return scaled(dollars_per_million, 6);
    }
    let (whole, decimals) = dollars_per_million.split_once('.').unwrap_or((dollars_per_million, ""));
    let (kept, rest) = decimals.split_at_checked(6).unwrap_or((decimals, ""));
    let up = rest.bytes().next().is_some_and(|next| next >= b'5');
    scaled(&format!("{whole}.{kept}"), 6).map(|picos| picos + i64::from(up))
}

/// Dollars per thousand pieces, as pico-dollars per piece.
pub(crate) fn picos_per_piece(dollars_per_thousand: &str) -> Result<i64, String> {
    scaled(dollars_per_thousand, 9)
}

/// A factor such as `2.5` in thousandths.
pub(crate) fn thousandths(factor: &str) -> Result<i64, String> {
    scaled(factor, 3)
}

/// Dollars as nano-dollars.
pub(crate) fn nanos(dollars: &str) -> Result<i64, String> {
    scaled(dollars, 9)
}

/// `text` times ten to the power of `scale`, if that is a whole number.
fn scaled(text: &str, scale: usize) -> Result<i64, String> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let decimals = decimals.trim_end_matches('0');
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(decimals) {
        return Err(format!("`{text}` is not a plain decimal number"));
    }
    if decimals.len() > scale {
        return Err(format!("`{text}` has more than {scale} decimals"));
    }
    format!("{whole}{decimals:0<scale$}").parse().map_err(|_| format!("`{text}` is beyond all limits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_whole_pico_dollars_or_refused() {
        assert_eq!(picos_per_token("0.025"), Ok(25_000));
        assert_eq!(picos_per_token("75"), Ok(75_000_000));
        assert_eq!(picos_per_token("0.0000010"), Ok(1));
        assert_eq!(picos_per_piece("10"), Ok(10_000_000_000));
        assert_eq!(thousandths("2.5"), Ok(2_500));
        assert_eq!(nanos("19.99"), Ok(19_990_000_000));
        for refused in ["0.0000001", "0.13999999", "1e-3", "-1", "", ".5", "9999999999999999999", "NaN", "1,5"] {
            assert!(picos_per_token(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn what_a_float_left_behind_is_rounded() {
        assert_eq!(picos_per_token("1.0399999999999998"), Ok(1_040_000));
        assert_eq!(picos_per_token("0.18000000000000002"), Ok(180_000));
        assert_eq!(picos_per_token("0.04166666666666665"), Ok(41_667));
        assert_eq!(picos_per_token("0.16000000000000003"), Ok(160_000));
        assert_eq!(picos_per_token("4.9999999999999996"), Ok(5_000_000));
    }
}
