//! Where the lists disagree, and where a price jumps: what a person looks at before a list is taken in.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{Catalogue, Listing};
use crate::instant::Seconds;
use crate::point::{Context, Evidence, Kind, List, Point, Rates, Verdict};
use crate::schedule::Part;

/// A price of today about which the lists disagree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference<'c> {
    /// Whose price.
    pub listing: (&'c str, &'c str),
    /// For which calls.
    pub context: Context,
    /// For prompts of more tokens than this.
    pub above: u32,
    /// What of it.
    pub kind: Kind,
    /// Pico-dollars by genai-prices, and by model-prices.
    pub rates: (i64, i64),
}

/// A price that moved by more than a list may without somebody looking: to zero, or by a factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jump {
    /// Whose price: provider and model.
    pub listing: (String, String),
    /// For which calls.
    pub context: Context,
    /// For prompts of more tokens than this.
    pub above: u32,
    /// What of it.
    pub kind: Kind,
    /// Pico-dollars before and after; `None`: it has no price any more.
    pub rates: (i64, Option<i64>),
}

impl Jump {
    /// Whether a rate may move so without being a jump by more than `factor`. A rate of zero has nowhere to jump from.
    fn is_calm(before: i64, after: Option<i64>, factor: u32) -> bool {
        let factor = i64::from(factor);
        let within = |after: i64| after <= before.saturating_mul(factor) && before <= after.saturating_mul(factor);
        before <= 0 || after.is_some_and(|after| after > 0 && within(after))
    }
}

impl Catalogue {
    /// Prices in force at `at` about which the lists disagree.
    pub fn differences(&self, at: Seconds) -> Vec<Difference<'_>> {
        self.models().flat_map(|listing| disputed(listing, at)).collect()
    }

    /// Prices in force at `at` that moved from `before` to this catalogue to zero, to nothing, or by more than `factor`.
    /// Models that only one of them has are not compared, except that a model which is gone has no price any more.
    pub fn jumps(&self, before: &Self, at: Seconds, factor: u32) -> Vec<Jump> {
        before
            .models()
            .flat_map(|old| {
                let new = self.find(Some(old.provider()), old.model());
                current(old, at).flat_map(move |point| jumps(old, new, point, at, factor)).collect::<Vec<_>>()
            })
            .collect()
    }

    /// Prices that moved in the course of time by more than `factor`, or to zero: changes that providers made, or
    /// mistakes of a list. A price that ended is none of them.
    pub fn jumps_over_time(&self, factor: u32) -> Vec<Jump> {
        self.models().flat_map(|listing| over_time(listing, factor)).collect()
    }
}

fn over_time(listing: Listing<'_>, factor: u32) -> Vec<Jump> {
    let mut last: BTreeMap<_, &Point> = BTreeMap::new();
    let mut jumps = Vec::new();
    // From the latest to the earliest.
    for point in listing.points().iter().filter(|point| point.evidence != Evidence::Forecast) {
        let Some(later) = last.insert((point.context, point.above, point.hours), point) else { continue };
        let jump = |kind| {
            let (before, after) = (point.rates.of(kind)?, later.rates.of(kind)?);
            (!Jump::is_calm(before, Some(after), factor)).then(|| Jump {
                listing: (listing.provider().to_owned(), listing.model().to_owned()),
                context: point.context,
                above: point.above,
                kind,
                rates: (before, Some(after)),
            })
        };
        jumps.extend(Kind::ALL.into_iter().filter_map(jump));
    }
    jumps
}

fn disputed(listing: Listing<'_>, at: Seconds) -> Vec<Difference<'_>> {
    let points = current(listing, at).filter(|point| point.verdict == Verdict::Disputed);
    let of_point = |point: &Point| {
        let both = |kind| {
            let (chosen, rival) = (point.rates.of(kind)?, point.rival?.of(kind)?);
            Some((kind, if point.list == List::GenaiPrices { (chosen, rival) } else { (rival, chosen) }))
        };
        let differ = Kind::ALL.into_iter().filter_map(both).filter(|(_, (one, other))| one != other);
        let difference = |(kind, rates)| Difference {
            listing: (listing.provider(), listing.model()),
            context: point.context,
            above: point.above,
            kind,
            rates,
        };
        differ.map(difference).collect::<Vec<_>>()
    };
    points.flat_map(of_point).collect()
}

/// The points in force at `at`, for each kind of call.
fn current(listing: Listing<'_>, at: Seconds) -> impl Iterator<Item = &Point> {
    Context::ALL.into_iter().flat_map(move |context| {
        let in_force = listing.points().iter().filter(move |point| point.context == context && point.from <= Some(at));
        let from = in_force.clone().next().map(|point| point.from);
        in_force.take_while(move |point| Some(point.from) == from)
    })
}

fn jumps(old: Listing<'_>, new: Option<Listing<'_>>, point: &Point, at: Seconds, factor: u32) -> Vec<Jump> {
    let same =
        |other: &&Point| other.context == point.context && other.above <= point.above && other.hours == point.hours;
    let now = new.and_then(|new| current(new, at).find(same));
    // Where the lists disagree, what either of them says now is held against what either of them said.
    let said = |point: Option<&Point>, kind: Kind| {
        let rates = point.map_or_else(Rates::default, |point| point.rates);
        [Some(rates.of(kind)), point.and_then(|point| point.rival).map(|rival| rival.of(kind))]
    };
    let moved = |kind| {
        let before = point.rates.of(kind)?;
        let calm = |after: &Option<i64>| {
            said(Some(point), kind).into_iter().flatten().flatten().any(|before| Jump::is_calm(before, *after, factor))
        };
        let after = said(now, kind).into_iter().flatten().find(|after| !calm(after))?;
        Some(Jump {
            listing: (old.provider().to_owned(), old.model().to_owned()),
            context: point.context,
            above: point.above,
            kind,
            rates: (before, after),
        })
    };
    Kind::ALL.into_iter().filter_map(moved).collect()
}

/// What one catalogue says otherwise than another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Models that have another price now, or had another one in the past: provider and id.
    pub changed: Vec<(String, String)>,
    /// Models that were not there.
    pub new: usize,
    /// Models that are not there any more: provider and id.
    pub gone: Vec<(String, String)>,
}

impl Catalogue {
    /// What this catalogue says otherwise than `before` did. How a price is known makes no difference.
    pub fn compared_to(&self, before: &Self) -> Comparison {
        let named = |listing: Listing<'_>| (listing.provider().to_owned(), listing.model().to_owned());
        let old: BTreeMap<(String, String), Listing<'_>> =
            before.models().map(|listing| (named(listing), listing)).collect();
        let mut comparison = Comparison::default();
        let mut seen = BTreeSet::new();
        for listing in self.models() {
            let name = named(listing);
            match old.get(&name) {
                Some(old) if old.costs_as(&listing) => {}
                Some(_) => comparison.changed.push(name.clone()),
                None => comparison.new += 1,
            }
            seen.insert(name);
        }
        comparison.gone = old.into_keys().filter(|name| !seen.contains(name)).collect();
        comparison
    }
}

/// What calls of one kind cost from a moment on, and what they may cost instead.
type Cost = (Context, u32, Option<(u8, Part)>, Option<Seconds>, Rates, Option<Rates>);

impl Listing<'_> {
    /// Whether every call costs the same by both.
    pub fn costs_as(&self, other: &Listing<'_>) -> bool {
        let costs = |listing: &Listing<'_>| {
            let points = listing.points().iter();
            let mut costs: Vec<Cost> = points
                .map(|point| (point.context, point.above, point.hours, point.from, point.rates, point.rival))
                .collect();
            costs.sort_unstable();
            // A stretch that only tells anew what held before is none.
            costs.dedup_by(|later, earlier| {
                let same = |one: &Cost| (one.0, one.1, one.2, one.4, one.5);
                same(later) == same(earlier)
            });
            costs
        };
        costs(self) == costs(other)
    }
}
