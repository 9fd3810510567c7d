//! Where the lists disagree, and what one catalogue says otherwise than another.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{Catalogue, Listing};
use crate::instant::Seconds;
use crate::point::{Context, Kind, List, Point, Rates, Verdict};
use crate::schedule::{Part, Schedule};

/// A price of today about which the lists disagree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference<'c> {
    /// Whose price.
    pub listing: (&'c str, &'c str),
    /// For which calls.
    pub context: Context,
    /// For prompts of more tokens than this.
    pub above: u32,
    /// At which hours, if not at all.
    pub hours: Option<(&'c Schedule, Part)>,
    /// What of it.
    pub kind: Kind,
    /// Pico-dollars by genai-prices, and by model-prices.
    pub rates: (i64, i64),
}

impl Catalogue {
    /// Prices in force at `at` about which the lists disagree.
    pub fn differences(&self, at: Seconds) -> Vec<Difference<'_>> {
        self.models().flat_map(|listing| disputed(listing, at)).collect()
    }
}

fn disputed(listing: Listing<'_>, at: Seconds) -> Vec<Difference<'_>> {
    let points = listing.in_force(at).filter(|point| point.verdict == Verdict::Disputed);
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
            hours: listing.hours(point),
            kind,
            rates,
        };
        differ.map(difference).collect::<Vec<_>>()
    };
    points.flat_map(of_point).collect()
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

/// What calls of one kind cost, and what they may cost instead.
type Cost<'c> = (u32, Option<(&'c Schedule, Part)>, Rates, Option<Rates>);

impl Listing<'_> {
    /// Whether every call costs the same by both.
    pub fn costs_as(&self, other: &Listing<'_>) -> bool {
        self.costs() == other.costs()
    }

    /// All prices from each moment on, the latest first. A stretch that only tells anew what held before is none.
    fn costs(&self) -> Vec<(Context, Option<Seconds>, Vec<Cost<'_>>)> {
        let cost = |point: &Point| (point.above, self.hours(point), point.rates, point.rival);
        let mut stretches: Vec<(Context, Option<Seconds>, Vec<Cost<'_>>)> = Vec::new();
        for stretch in self.points().chunk_by(|one, next| (one.context, one.from) == (next.context, next.from)) {
            let costs: Vec<Cost<'_>> = stretch.iter().map(cost).collect();
            let [first, ..] = stretch else { continue };
            match stretches.last_mut() {
                Some((context, from, later)) if *context == first.context && *later == costs => *from = first.from,
                _ => stretches.push((first.context, first.from, costs)),
            }
        }
        stretches
    }
}
