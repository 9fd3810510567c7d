//! Two lists to one: which of them is taken for a model at a moment, and what is said of the other.
//!
//! Where both say the same it is confirmed. Where they disagree about today, both are kept: a call then costs between the
//! one and the other. Where they disagree about the past, the better documented one is right, which is model-prices, as
//! it has a source for every interval. A kind of token or a length of prompt that only one of them has a price for is no
//! disagreement.

use std::collections::{BTreeMap, BTreeSet};

use crate::decimal::share;
use crate::instant::Seconds;
use crate::model_prices::Dated;
use crate::point::{Context, Evidence, Kind, List, Point, Rates, Verdict};
use crate::schedule::Part;
use crate::timeline::{Prices, Step, Timeline};

/// What the lists say of one model.
#[derive(Debug)]
pub(crate) struct Sides<'l> {
    /// genai-prices.
    pub(crate) today: Option<&'l BTreeMap<Context, Timeline>>,
    /// model-prices.
    pub(crate) history: Option<&'l BTreeMap<Context, Timeline>>,
    /// Up to when model-prices knows of changes.
    pub(crate) updated: Seconds,
    /// Schedules that move its prices: their number in the catalogue, and thousandths of the price within the hours.
    pub(crate) schedules: Vec<(u8, &'l Dated, i64)>,
}

impl Sides<'_> {
    /// What genai-prices says of ordinary calls at `moment`.
    fn ordinary(&self, moment: Option<Seconds>) -> Option<&Prices> {
        self.today?.get(&Context::Standard)?.at(moment)?.prices.as_ref()
    }

    /// What a web search costs at `moment`, however the call is run: no variant has a fee of its own.
    fn fee(&self, moment: Option<Seconds>) -> Option<i64> {
        self.ordinary(moment)?.base.of(Kind::WebSearch)
    }

    /// What a long write costs, in thousandths of the input rate: the same however the call is run.
    fn long_write(&self, moment: Option<Seconds>) -> Option<i64> {
        self.history?.get(&Context::Standard)?.at(moment)?.prices.as_ref()?.long_write
    }
}

/// All points of a model in order of precedence; none if it never had a price.
pub(crate) fn points(sides: &Sides<'_>) -> Vec<Point> {
    let contexts: BTreeSet<Context> =
        sides.today.iter().chain(&sides.history).flat_map(|timelines| timelines.keys().copied()).collect();
    let points: Vec<Point> = contexts.into_iter().flat_map(|context| of_context(sides, context)).collect();
    if points.iter().all(|point| point.rates.is_nothing()) { Vec::new() } else { points }
}

/// A stretch of time in which nothing changes: one row per length of prompt, the longest first.
struct Segment {
    from: Option<Seconds>,
    rows: Vec<Row>,
    /// Part of a schedule's time, which has the prices within its hours.
    schedule: Option<(u8, i64)>,
}

#[derive(Clone, PartialEq, Eq)]
struct Row {
    above: u32,
    rates: Rates,
    rival: Option<Rates>,
    verdict: Verdict,
    evidence: Evidence,
    list: List,
    address: Option<u16>,
}

impl Row {
    /// With what is the same for all ways of running a call.
    fn completed(mut self, fee: Option<i64>, long_write: Option<i64>) -> Self {
        for rates in [Some(&mut self.rates), self.rival.as_mut()].into_iter().flatten() {
            let long = rates.of(Kind::Input).zip(long_write).map(|(input, thousandths)| share(input, thousandths));
            let long = long.filter(|_| rates.of(Kind::CacheWriteShort).is_some());
            rates.set(Kind::CacheWriteLong, rates.of(Kind::CacheWriteLong).or(long));
            rates.set(Kind::WebSearch, rates.of(Kind::WebSearch).or(fee));
        }
        self
    }
}

fn of_context(sides: &Sides<'_>, context: Context) -> Vec<Point> {
    let today = sides.today.and_then(|timelines| timelines.get(&context));
    let history = sides.history.and_then(|timelines| timelines.get(&context));
    let (of_today, of_history) = (steps(today), steps(history));
    let dated = |step: &&Step| step.evidence != Evidence::Forecast;
    // A change that genai-prices dates later than model-prices was made: of that one, the other cannot know.
    let blind = of_today.iter().filter(dated).map(|step| step.from).find(|from| *from > Some(sides.updated));
    let changes: BTreeSet<Option<Seconds>> =
        of_today.iter().chain(of_history).filter(dated).map(|step| step.from).collect();
    let current = changes.last().copied().flatten();
    let last_change = of_today.iter().filter(dated).map(|step| step.from).max().flatten();
    let bounds = sides.schedules.iter().flat_map(|(_, dated, _)| [Some(dated.from), dated.to]).flatten().map(Some);
    let moments: BTreeSet<Option<Seconds>> =
        of_today.iter().chain(of_history).map(|step| step.from).chain(bounds).collect();

    let mut segments: Vec<Segment> = Vec::new();
    for from in moments {
        let known = blind.is_none_or(|blind| from < blind);
        let (today, history) =
            (today.and_then(|list| list.at(from)), history.filter(|_| known).and_then(|list| list.at(from)));
        let when = When { is_current: from >= current, changes_later: from < last_change };
        let rows = match today {
            Some(step) if step.evidence != Evidence::Forecast => {
                rows(today, history, step.prices.as_ref().or_else(|| sides.ordinary(from)), when)
            }
            // Since its day, somebody has seen what it came to.
            Some(step) if history.is_some_and(|seen| seen.from >= step.from) => {
                rows(None, history, step.prices.as_ref(), when)
            }
            Some(step) => forecast(step, segments.last()),
            None => rows(None, history, sides.ordinary(from), when),
        };
        let rows = rows.into_iter().map(|row| row.completed(sides.fee(from), sides.long_write(from))).collect();
        let schedule = sides
            .schedules
            .iter()
            .find(|(_, dated, _)| from.is_some_and(|from| from >= dated.from && dated.to.is_none_or(|to| from < to)));
        let schedule = schedule.map(|(number, _, factor)| (*number, *factor));
        if segments.last().is_none_or(|last| last.rows != rows || last.schedule != schedule) {
            segments.push(Segment { from, rows, schedule });
        }
    }
    // What never had a price needs no row to say so.
    let first = segments.iter().position(|segment| !segment.rows.is_empty()).unwrap_or(segments.len());
    segments.drain(..first);
    segments.iter().rev().flat_map(|segment| segment.points(context)).collect()
}

fn steps(timeline: Option<&Timeline>) -> &[Step] {
    timeline.map_or(&[], Timeline::steps)
}

/// What holds where neither is a forecast. `limits` are prices whose limits are drawn as their provider words them.
fn rows(today: Option<&Step>, history: Option<&Step>, limits: Option<&Prices>, when: When) -> Vec<Row> {
    let one = today.and_then(|step| step.prices.as_ref());
    let other = history.and_then(|step| step.prices.as_ref());
    let other = other.map(|other| limits.map_or_else(|| other.clone(), |limits| with_limits_of(other, limits)));
    let other = other.as_ref();
    let starts = one.iter().copied().chain(other).flat_map(|prices| &prices.above).map(|(start, _)| *start);
    let starts: BTreeSet<u32> = starts.chain([0]).collect();
    let row = |above: u32| {
        let one = one.filter(|prices| prices.has_tier(above)).map(|prices| prices.at(above));
        let other = other.filter(|prices| prices.has_tier(above)).map(|prices| prices.at(above));
        let choice = match (one, other) {
            (Some(one), Some(other)) => between((one, today?), (other, history?), when),
            (Some(one), None) => Choice { chosen: one, other: None, verdict: Verdict::Single, list: List::GenaiPrices },
            (None, Some(one)) => Choice { chosen: one, other: None, verdict: Verdict::Single, list: List::ModelPrices },
            (None, None) => return None,
        };
        let Choice { chosen, other, verdict, list } = choice;
        let evident = if list == List::ModelPrices { history } else { today }?;
        let rival = other.filter(|_| verdict == Verdict::Disputed);
        Some(Row {
            above,
            rates: filled(chosen, other.map(|rates| without_long_write(rates, chosen))),
            rival: rival.map(|rival| filled(rival, Some(without_long_write(chosen, rival)))),
            verdict,
            evidence: evident.evidence,
            list,
            address: evident.address,
        })
    };
    starts.into_iter().rev().filter_map(row).collect()
}

/// Where in time a stretch lies.
#[derive(Clone, Copy)]
struct When {
    /// Nothing is known to have changed since.
    is_current: bool,
    /// genai-prices knows of a change since.
    changes_later: bool,
}

/// Which list is taken, and what the other says.
struct Choice {
    chosen: Rates,
    other: Option<Rates>,
    verdict: Verdict,
    list: List,
}

/// Of two prices for the same the surer one. About today, that is the one that is dated later; about the past, the better
/// documented one. That a model cost at first what it cost when somebody noticed it is the weakest of all reasons, and
/// gives way to a list that knows of a change since.
fn between((one, today): (Rates, &Step), (other, history): (Rates, &Step), when: When) -> Choice {
    let of_today = |verdict| Choice { chosen: one, other: Some(other), verdict, list: List::GenaiPrices };
    let of_history = |verdict| Choice { chosen: other, other: Some(one), verdict, list: List::ModelPrices };
    if agree(&one, &other) {
        // The same amounts, with the evidence that says more.
        Choice { chosen: one, other: Some(other), verdict: Verdict::Confirmed, list: List::ModelPrices }
    } else if when.is_current {
        if history.from > today.from { of_history(Verdict::Disputed) } else { of_today(Verdict::Disputed) }
    } else if history.evidence == Evidence::LaunchAssumed && when.changes_later {
        of_today(Verdict::Preferred)
    } else {
        of_history(Verdict::Preferred)
    }
}

/// What a forecast says, beside the last price that was confirmed before it.
fn forecast(step: &Step, before: Option<&Segment>) -> Vec<Row> {
    let Some(prices) = &step.prices else { return Vec::new() };
    let confirmed = |above: u32| {
        let rows = &before?.rows;
        let row = rows.iter().find(|row| row.above <= above)?;
        Some(if row.evidence == Evidence::Forecast { row.rival? } else { row.rates })
    };
    let starts: BTreeSet<u32> = prices.above.iter().map(|(start, _)| *start).chain([0]).collect();
    let row = |above: u32| Row {
        above,
        rates: prices.at(above),
        rival: confirmed(above),
        verdict: Verdict::Single,
        evidence: Evidence::Forecast,
        list: List::GenaiPrices,
        address: step.address,
    };
    starts.into_iter().rev().map(row).collect()
}

/// `prices`, with limits drawn as in `like`, where they are the same but for the words ("200 000 and more", "more than
/// 200 000"), or where everything else is the same: a limit that was recorded wrongly is corrected later, and the list of
/// today has it right.
fn with_limits_of(prices: &Prices, like: &Prices) -> Prices {
    let mut prices = prices.clone();
    let same = prices.above.len() == like.above.len()
        && agree(&prices.base, &like.base)
        && prices.above.iter().zip(&like.above).all(|((_, one), (_, other))| agree(one, other));
    for (number, (start, _)) in prices.above.iter_mut().enumerate() {
        let beside = like.above.iter().find(|(other, _)| other.abs_diff(*start) <= 1);
        if let Some((limit, _)) = if same { like.above.get(number) } else { beside } {
            *start = *limit;
        }
    }
    prices
}

/// Whether they say the same of every kind of token that both have a price for.
fn agree(one: &Rates, other: &Rates) -> bool {
    Kind::ALL.into_iter().all(|kind| one.of(kind).zip(other.of(kind)).is_none_or(|(one, other)| one == other))
}

/// `rates` as far as they can complete `chosen`: a long write is a multiple of input, and theirs may be another.
fn without_long_write(mut rates: Rates, chosen: Rates) -> Rates {
    if rates.of(Kind::Input) != chosen.of(Kind::Input) {
        rates.set(Kind::CacheWriteLong, None);
    }
    rates
}

/// `rates`, and what it has no price for as in `otherwise`.
fn filled(rates: Rates, otherwise: Option<Rates>) -> Rates {
    let otherwise = otherwise.unwrap_or_default();
    Rates(std::array::from_fn(|kind| rates.0[kind].or(otherwise.0[kind])))
}

impl Segment {
    /// Its points in order of precedence. Where nothing has a price any more, one that says so.
    fn points(&self, context: Context) -> Vec<Point> {
        let ended = [Row {
            above: 0,
            rates: Rates::default(),
            rival: None,
            verdict: Verdict::Single,
            evidence: Evidence::Ended,
            list: List::ModelPrices,
            address: None,
        }];
        let rows = if self.rows.is_empty() { &ended[..] } else { &self.rows };
        let parts: &[_] = match self.schedule {
            Some((number, factor)) => &[(Some((number, Part::Within)), factor), (Some((number, Part::Outside)), 1_000)],
            None => &[(None, 1_000)],
        };
        let point = |row: &Row, hours: Option<(u8, Part)>, factor: i64| Point {
            context,
            above: row.above,
            hours,
            from: self.from,
            rates: times(row.rates, factor),
            evidence: row.evidence,
            list: row.list,
            verdict: row.verdict,
            address: row.address,
            rival: row.rival.map(|rival| times(rival, factor)),
        };
        rows.iter().flat_map(|row| parts.iter().map(move |(hours, factor)| point(row, *hours, *factor))).collect()
    }
}

/// Token rates times thousandths; fees by the piece are the same at all hours.
fn times(rates: Rates, thousandths: i64) -> Rates {
    let mut moved = Rates(rates.0.map(|rate| rate.map(|rate| share(rate, thousandths))));
    moved.set(Kind::WebSearch, rates.of(Kind::WebSearch));
    moved
}
