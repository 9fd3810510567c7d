//! Decimal text to whole numbers of a small unit, exactly or not at all.

/// No price is as high as a million dollars per million tokens, or per thousand pieces: beyond is a mistake, and amounts up
/// to it can be multiplied by any factor that is accepted.
const DEAREST: &str = "1000000";

/// Nor does anyone charge a thousand times as much for something.
const LARGEST_FACTOR: i64 = 1_000_000;

/// Dollars per million tokens, as pico-dollars per token.
///
/// Floats leak into the lists: `1.0399999999999998` was 1.04, and a twelfth of a dollar has no last digit. Only a number
/// with as many digits as a float has is rounded, to the nearest pico-dollar; the error is below half a dollar in a
/// trillion tokens.
pub(crate) fn picos_per_token(dollars_per_million: &str) -> Result<i64, String> {
    exact_or_rounded(dollars_per_million).and_then(|picos| at_most(picos, 6, dollars_per_million))
}

fn exact_or_rounded(dollars_per_million: &str) -> Result<i64, String> {
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
    scaled(&format!("{whole}.{kept}"), 6).map(|picos| picos.saturating_add(i64::from(up)))
}

/// Dollars per thousand pieces, as pico-dollars per piece.
pub(crate) fn picos_per_piece(dollars_per_thousand: &str) -> Result<i64, String> {
    scaled(dollars_per_thousand, 9).and_then(|picos| at_most(picos, 9, dollars_per_thousand))
}

/// A factor such as `2.5` in thousandths.
pub(crate) fn thousandths(factor: &str) -> Result<i64, String> {
    match scaled(factor, 3)? {
        thousandths if thousandths <= LARGEST_FACTOR => Ok(thousandths),
        _ => Err(format!("`{factor}` is no factor of a price")),
    }
}

/// So many thousandths of `amount`.
pub(crate) fn share(amount: i64, thousandths: i64) -> i64 {
    // What a factor makes of the dearest price fits; of two factors it may not, and stays at the limit.
    i64::try_from(i128::from(amount) * i128::from(thousandths) / 1_000).unwrap_or(i64::MAX)
}

/// Dollars as nano-dollars.
pub(crate) fn nanos(dollars: &str) -> Result<i64, String> {
    scaled(dollars, 9)
}

/// `amount`, if it is no dearer than anything.
fn at_most(amount: i64, scale: usize, text: &str) -> Result<i64, String> {
    if amount <= scaled(DEAREST, scale)? { Ok(amount) } else { Err(format!("`{text}` is dearer than any price")) }
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
        assert_eq!(picos_per_token("1000000"), Ok(1_000_000_000_000));
        assert_eq!(thousandths("1000"), Ok(1_000_000));
        assert!(picos_per_token("1000000.000001").is_err() && picos_per_token("9223372036854").is_err());
        assert!(picos_per_piece("1000000.1").is_err() && thousandths("1000.001").is_err());
        for refused in ["0.0000001", "0.13999999", "1e-3", "-1", "", ".5", "9999999999999999999", "NaN", "1,5"] {
            assert!(picos_per_token(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_share_of_a_price_is_exact_and_never_wraps() {
        assert_eq!(share(4_000_000, 2_500), 10_000_000);
        assert_eq!(share(i64::MAX, 1_000), i64::MAX);
        assert_eq!(share(share(1_000_000_000_000, 1_000_000), 1_000_000_000), i64::MAX);
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
