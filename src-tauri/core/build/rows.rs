//! Conditional prices, variants and tiers, resolved into rows: each a complete price for one kind of call. Rows are in
//! order of precedence, so that pricing a call is taking the first row that holds for it.

use super::source::{Context, Entry, Model, Prices, Tiered};

/// What every kind of token costs, and for which calls.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) context: Context,
    /// For prompts of more tokens than this; 0 is for all.
    pub(super) above: u32,
    pub(super) from: Option<i64>,
    pub(super) hours: Option<(u16, u16)>,
    pub(super) weekend: bool,
    /// Pico-dollars per token or piece, by kind.
    pub(super) rates: [Option<i64>; 6],
}

const INPUT: usize = 0;
const OUTPUT: usize = 1;
const CONTEXTS: [Context; 4] = [Context::Batch, Context::Flex, Context::Priority, Context::Fast];

/// All rows of a model; none if it has no price per token at all.
pub(super) fn rows(model: &Model) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for entry in model.standard.iter().rev() {
        push(&mut rows, Context::Standard, entry);
    }
    for context in CONTEXTS {
        let variants: Vec<&Entry> =
            model.variants.iter().filter(|(other, _)| *other == context).map(|(_, entry)| entry).collect();
        if variants.is_empty() {
            continue;
        }
        if model.standard.iter().chain(variants.iter().copied()).any(|entry| entry.hours.is_some() || entry.weekend) {
            return Err(format!("{}: hours of the day together with variants, which is not supported", model.id));
        }
        let mut moments: Vec<Option<i64>> =
            model.standard.iter().chain(variants.iter().copied()).map(|entry| entry.from).collect();
        moments.sort_unstable();
        moments.dedup();
        for moment in moments.into_iter().rev() {
            if let Some(prices) = overlaid(model, &variants, moment) {
                push(&mut rows, context, &Entry { from: moment, prices, ..Entry::default() });
            }
        }
    }
    let priced = |row: &Row| row.rates[INPUT].is_some() || row.rates[OUTPUT].is_some();
    Ok(if rows.iter().any(priced) { rows } else { Vec::new() })
}

/// The standard prices at `moment` with what `variants` say instead; `None` while none of them is in force.
fn overlaid(model: &Model, variants: &[&Entry], moment: Option<i64>) -> Option<Prices> {
    let mut prices = model.standard.iter().rfind(|entry| entry.from <= moment)?.prices.clone();
    let in_force: Vec<&&Entry> = variants.iter().filter(|entry| entry.from <= moment).collect();
    for entry in in_force.iter().rev() {
        for (price, instead) in prices.iter_mut().zip(&entry.prices) {
            if instead.is_some() {
                price.clone_from(instead);
            }
        }
    }
    (!in_force.is_empty()).then_some(prices)
}

/// One row per tier, the longest prompts first.
fn push(rows: &mut Vec<Row>, context: Context, entry: &Entry) {
    let tiers = entry.prices.iter().flatten().flat_map(|price| &price.above).map(|(start, _)| *start);
    let mut starts: Vec<u32> = tiers.chain([0]).collect();
    starts.sort_unstable();
    starts.dedup();
    for above in starts.into_iter().rev() {
        let mut rates = entry.prices.each_ref().map(|price| price.as_ref().map(|price| price.at(above)));
        // Zero is what a list says of a model whose price nobody entered. It is not free: it has no price.
        if rates[INPUT] == Some(0) && rates[OUTPUT] == Some(0) {
            rates = [None; 6];
        }
        rows.push(Row { context, above, from: entry.from, hours: entry.hours, weekend: entry.weekend, rates });
    }
}

impl Tiered {
    /// The price for prompts just longer than `above` tokens.
    fn at(&self, above: u32) -> i64 {
        self.above.iter().rfind(|(start, _)| *start <= above).map_or(self.base, |(_, price)| *price)
    }
}

/// The second at which a day such as `2026-08-17` begins in UTC.
pub(super) fn midnight(day: &str) -> Result<i64, String> {
    let wrong = || format!("`{day}` is not a day such as 2026-08-17");
    let mut parts = day.split('-').map(str::parse::<i64>);
    let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(wrong());
    };
    if !(1970..2200).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return Err(wrong());
    }
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let february = if leap(year) { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30];
    let years: i64 = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum();
    let months: i64 = lengths.iter().zip(1..month).map(|(length, _)| length).sum();
    Ok((years + months + day - 1) * 86_400)
}

/// The minute of the day of a time such as `16:30:00+00:00`.
pub(super) fn minute_of_day(time: &str) -> Result<u16, String> {
    let wrong = || format!("`{time}` is not a whole minute of the day in UTC, such as 16:30:00+00:00");
    let (hour, minute) = time.strip_suffix(":00+00:00").and_then(|time| time.split_once(':')).ok_or_else(wrong)?;
    match (hour.parse(), minute.parse()) {
        (Ok(hour @ 0..24_u16), Ok(minute @ 0..60_u16)) => Ok(hour * 60 + minute),
        _ => Err(wrong()),
    }
}
