//! How figures are written for people: the same in tray and terminal. The page has its own, since it speaks more
//! languages; both follow the same rules.

use crate::money::{Margin, Usd};
use crate::pricing::FixedCost;
use crate::spend::view::Spend;
use crate::usage::Basis;

/// For the label: `$12.40` under $100, `$214` to $9,999, `$13.4K` and `$1.2M` above.
pub fn short(amount: Usd) -> String {
    // Each limit is tested on what would be shown, so that $99.996 is $100 and not $100.00.
    signed(amount, |magnitude| {
        let in_units = |unit| rounded(magnitude, unit);
        if in_units(CENT) < 10_000 {
            exact(magnitude)
        } else if in_units(DOLLAR) < 10_000 {
            format!("${}", grouped(in_units(DOLLAR)))
        } else if in_units(100 * DOLLAR) < 10_000 {
            format!("${}K", with_tenths(in_units(100 * DOLLAR)))
        } else {
            format!("${}M", with_tenths(in_units(100_000 * DOLLAR)))
        }
    })
}

/// For rows: to the cent, at any size.
pub fn cents(amount: Usd) -> String {
    signed(amount, exact)
}

/// A change, with its sign: `+$0.70`, `−$4.00`, `±$0.00`.
pub fn change(amount: Usd) -> String {
    match amount.cmp(&Usd::ZERO) {
        std::cmp::Ordering::Greater => format!("+{}", cents(amount)),
        std::cmp::Ordering::Equal => "±$0.00".to_owned(),
        std::cmp::Ordering::Less => cents(amount),
    }
}

/// `$269–305`: both ends as precise as the upper one needs, the sign once.
pub fn range(low: Usd, high: Usd) -> String {
    let dollars = |amount: Usd| rounded(amount.nanos().unsigned_abs(), DOLLAR);
    let whole = low >= Usd::ZERO && (100..10_000).contains(&dollars(high));
    let end = |amount| if whole { format!("${}", grouped(dollars(amount))) } else { short(amount) };
    let (low, high) = (end(low), end(high));
    if low == high { low } else { format!("{low}–{}", high.trim_start_matches('$')) }
}

/// `$12.10–13.90`: what an amount that is written to the cent may be. `None` where that would look the same.
pub fn between(amount: Usd, margin: Margin) -> Option<String> {
    let (low, high) = margin.around(amount);
    let (low, high) = (cents(low), cents(high));
    let differs = low != cents(amount) || high != cents(amount);
    differs.then(|| format!("{low}–{}", high.trim_start_matches('$')))
}

/// An estimate, what it may be where that shows, and what is missing in it: `$12.40, $12.10–13.90 + 34 K tokens on 1
/// unpriced model`. Where nothing has a price, only what is missing; `None` if nothing is known at all.
///
/// `unpriced_models` is how many there are, where that is known.
pub fn estimate(spend: &Spend, unpriced_models: Option<usize>) -> Option<String> {
    let Spend { estimated, unpriced_tokens, .. } = *spend;
    match estimated {
        Some(amount) => {
            Some(format!("{}{}", with_range(amount, spend.margin), plus_unpriced(unpriced_tokens, unpriced_models)))
        }
        None => (unpriced_tokens > 0).then(|| without_price(unpriced_tokens, unpriced_models)),
    }
}

/// `1.2 M tokens on 2 unpriced models`.
pub fn without_price(tokens: u64, models: Option<usize>) -> String {
    let tokens = count(tokens);
    match models {
        None | Some(0) => format!("{tokens} tokens without a price"),
        Some(models) => format!("{tokens} tokens on {}", counted(models as u64, "unpriced model")),
    }
}

/// What stands beside an amount that these tokens are not in: ` + 34 K tokens without a price`. Nothing without any.
pub fn plus_unpriced(tokens: u64, models: Option<usize>) -> String {
    if tokens == 0 { String::new() } else { format!(" + {}", without_price(tokens, models)) }
}

/// What was used within the hour that a burn rate is about and is not in it; `None` if nothing is missing.
pub fn unpriced_in_the_last_hour(tokens: u64) -> Option<String> {
    (tokens > 0).then(|| format!("{} in the last hour", without_price(tokens, None)))
}

/// `billed $7.00`: a line of its own, since it is never added to an estimate.
pub fn billed(amount: Usd) -> String {
    format!("{} {}", basis(Basis::Billed), cents(amount))
}

/// `API-equivalent $4.00, covered by your subscription`, with what it may be where that shows: a line of its own, since it
/// is no money.
pub fn covered(amount: Usd, margin: Margin) -> String {
    format!("{} {}, covered by your subscription", basis(Basis::ApiEquivalent), with_range(amount, margin))
}

/// `$12.40, $12.10–13.90`: an amount, and what it may be where that shows.
pub fn with_range(amount: Usd, margin: Margin) -> String {
    match between(amount, margin) {
        Some(range) => format!("{}, {range}", cents(amount)),
        None => cents(amount),
    }
}

/// `$200.00 a month`, and the plans of which nobody knows what they cost: `$200.00 a month and an unknown price for Team`.
pub fn fixed(cost: &FixedCost) -> String {
    let unknown = || format!("an unknown price for {}", cost.unknown.join(", "));
    match (cost.per_month, cost.unknown.is_empty()) {
        (Some(amount), true) => format!("{} a month", cents(amount)),
        (Some(amount), false) => format!("{} a month and {}", cents(amount), unknown()),
        (None, _) => unknown(),
    }
}

/// The word for who says what something cost.
pub const fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Billed => "billed",
        Basis::Estimated => "estimated",
        Basis::ApiEquivalent => "API-equivalent",
    }
}

/// `write` for the magnitude of `amount`, with a minus if need be. Less than half a cent is neither nothing nor a cent.
fn signed(amount: Usd, write: impl Fn(u64) -> String) -> String {
    let magnitude = amount.nanos().unsigned_abs();
    let negative = amount < Usd::ZERO;
    match (magnitude, negative) {
        (1..HALF_A_CENT, false) => "<$0.01".to_owned(),
        (1..HALF_A_CENT, true) => ">−$0.01".to_owned(),
        (_, false) => write(magnitude),
        (_, true) => format!("−{}", write(magnitude)),
    }
}

/// In nano-dollars, as is every `magnitude` here.
const CENT: u64 = 10_000_000;
const HALF_A_CENT: u64 = CENT / 2;
const DOLLAR: u64 = 100 * CENT;

/// How many `unit`s `magnitude` is, to the nearest.
fn rounded(magnitude: u64, unit: u64) -> u64 {
    magnitude.saturating_add(unit / 2) / unit
}

fn exact(magnitude: u64) -> String {
    let cents = rounded(magnitude, CENT);
    format!("${}.{:02}", grouped(cents / 100), cents % 100)
}

fn with_tenths(tenths: u64) -> String {
    format!("{}.{}", grouped(tenths / 10), tenths % 10)
}

/// `12,345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 line`, `12,345 lines`.
pub fn counted(number: u64, one: &str) -> String {
    format!("{} {one}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A count of tokens: `950`, `34 K`, `1.2 M`.
pub fn count(tokens: u64) -> String {
    let mut unit = 1;
    let mut names = ["", " K", " M", " B", " T"].into_iter();
    while rounded(tokens, unit) >= 1_000 && names.len() > 1 {
        names.next();
        unit *= 1_000;
    }
    let name = names.next().unwrap_or_default();
    // One decimal tells 1.2 M from 1.7 M; from ten on it is noise.
    match u64::try_from((u128::from(tokens) * 10 + u128::from(unit / 2)) / u128::from(unit)) {
        Ok(tenths) if unit > 1 && tenths < 100 => format!("{}{name}", with_tenths(tenths)),
        _ => format!("{}{name}", grouped(rounded(tokens, unit))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars(text: &str) -> Usd {
        Usd::parse(text).unwrap()
    }

    #[test]
    fn one_thing_is_not_many() {
        assert_eq!([0, 1, 2_050].map(|number| counted(number, "line")), ["0 lines", "1 line", "2,050 lines"]);
    }

    #[test]
    fn an_amount_is_as_precise_as_its_size_deserves() {
        for (amount, text) in [
            ("0", "$0.00"),
            ("0.004", "<$0.01"),
            ("0.005", "$0.01"),
            ("12.4", "$12.40"),
            ("99.994", "$99.99"),
            ("99.996", "$100"),
            ("9999.4", "$9,999"),
            ("13412", "$13.4K"),
            ("1250000", "$1.3M"),
            ("-4", "−$4.00"),
        ] {
            assert_eq!(short(dollars(amount)), text, "{amount}");
        }
    }

    #[test]
    fn a_change_says_which_way() {
        assert_eq!(["0.7", "-4", "0"].map(|amount| change(dollars(amount))), ["+$0.70", "−$4.00", "±$0.00"]);
    }

    #[test]
    fn tokens_are_counted_in_thousands() {
        for (tokens, text) in
            [(950, "950"), (1_234, "1.2 K"), (53_407, "53 K"), (999_600, "1.0 M"), (1_200_000, "1.2 M")]
        {
            assert_eq!(count(tokens), text, "{tokens}");
        }
    }

    #[test]
    fn an_uncertain_estimate_has_its_range_beside_it_where_that_shows() {
        let between = |below: &str, above: &str| {
            let margin = Margin { below: dollars(below), above: dollars(above) };
            between(dollars("12.4"), margin)
        };
        assert_eq!(between("0.3", "1.5").as_deref(), Some("$12.10–13.90"));
        assert_eq!(between("0", "0.01").as_deref(), Some("$12.40–12.41"));
        assert_eq!(between("12.4", "0").as_deref(), Some("$0.00–12.40"));
        assert_eq!(between("0", "0"), None);
        assert_eq!(between("0.004", "0.0049"), None, "less than what is shown");
        assert_eq!(between("0", "1300").as_deref(), Some("$12.40–1,312.40"));
    }

    #[test]
    fn t09_what_has_no_price_stands_beside_what_has_one() {
        let spend = Spend { estimated: Some(dollars("123.4")), unpriced_tokens: 1_200_000, ..Spend::default() };
        assert_eq!(estimate(&spend, Some(2)).unwrap(), "$123.40 + 1.2 M tokens on 2 unpriced models");
        let uncertain = Spend { margin: Margin { below: Usd::ZERO, above: dollars("2") }, ..spend.clone() };
        assert_eq!(
            estimate(&uncertain, Some(1)).unwrap(),
            "$123.40, $123.40–125.40 + 1.2 M tokens on 1 unpriced model"
        );
        assert_eq!(estimate(&spend, None).unwrap(), "$123.40 + 1.2 M tokens without a price");
        let nothing_else = Spend { estimated: None, ..spend };
        assert_eq!(estimate(&nothing_else, Some(2)).unwrap(), "1.2 M tokens on 2 unpriced models");
        assert_eq!(estimate(&Spend::default(), Some(0)), None);
    }

    #[test]
    fn t30_neither_a_bill_nor_what_a_subscription_covers_is_in_the_estimate() {
        let spend = Spend { billed: Some(dollars("7")), api_equivalent: Some(dollars("4")), ..Spend::default() };
        assert_eq!(estimate(&spend, None), None);
        assert_eq!(estimate(&Spend { estimated: Some(dollars("1")), ..spend }, None).unwrap(), "$1.00");
        assert_eq!(billed(dollars("7")), "billed $7.00");
        let certain = Margin::default();
        assert_eq!(covered(dollars("4"), certain), "API-equivalent $4.00, covered by your subscription");
        let uncertain = Margin { above: dollars("1"), ..certain };
        assert_eq!(covered(dollars("4"), uncertain), "API-equivalent $4.00, $4.00–5.00, covered by your subscription");
    }

    #[test]
    fn a_range_names_its_currency_once() {
        assert_eq!(range(dollars("269.2"), dollars("305")), "$269–305");
        assert_eq!(range(dollars("3"), dollars("3")), "$3.00");
    }
}
