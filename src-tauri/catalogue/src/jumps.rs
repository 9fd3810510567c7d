//! Prices that move so far, from one catalogue to another or in the course of time, that a person has to look at them.

mod folded;

use std::collections::{BTreeMap, BTreeSet};

use self::folded::{Concerned, Scope, told};

use crate::catalogue::{Catalogue, Found, Listing};
use crate::instant::{DAY, Seconds};
use crate::point::{Context, Evidence, Kind, Point, Rates};
use crate::schedule::{Part, Schedule};

/// A moment before anything that a list has a date for.
const LONG_AGO: Seconds = 0;

/// Days from the beginning of a stretch on which hours are looked at: every day of the week, whatever the holidays.
const DAYS: Seconds = 21;

/// A price that moved by more than a list may without somebody looking: to zero, from zero, by a factor, or away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jump {
    /// Whose price: the provider, and the model by its id.
    pub listing: (String, String),
    /// Names of the model under which calls are concerned, if they are not under its id.
    pub names: Vec<String>,
    /// Other providers whose calls cost the same and are concerned, too.
    pub also: Vec<String>,
    /// For which calls. Several where there is no price any more, which is told once.
    pub contexts: Vec<Context>,
    /// For prompts of more tokens than this.
    pub above: u32,
    /// At which hours, if not at all.
    pub hours: Option<(Schedule, Part)>,
    /// For calls from this moment on; `None`: as far back as one likes.
    pub since: Option<Seconds>,
    /// What became of it.
    pub moved: Move,
}

/// What became of a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Move {
    /// A rate is another one.
    Rate {
        /// For this kind of token.
        kind: Kind,
        /// Pico-dollars before.
        before: i64,
        /// And after.
        after: i64,
    },
    /// One kind of token has no price any more.
    NoRate(Kind),
    /// Such calls have no price any more.
    NoPrice,
}

impl Jump {
    /// Whether a rate may move so without being a jump by more than `factor`.
    pub fn is_calm(before: i64, after: Option<i64>, factor: u32) -> bool {
        let factor = i64::from(factor);
        let within = |after: i64| after <= before.saturating_mul(factor) && before <= after.saturating_mul(factor);
        after.is_some_and(|after| (after > 0) == (before > 0) && within(after))
    }
}

impl Catalogue {
    /// What calls cost by this catalogue that they did not cost by `before`, now, in the past and from a day to come on:
    /// nothing, anything where it was nothing, or more or less by more than `factor`; also where they have no price any more.
    ///
    /// All names that `before` had a price for are compared, and those that are `used`, whoever lists them. What is true of
    /// several names of a model is told once, under its id. A call that had no price before has none to jump from.
    pub fn jumps(&self, before: &Self, used: &[(Option<String>, String)], factor: u32) -> Vec<Jump> {
        let mut compared = BTreeMap::new();
        for (provider, name) in before.names().chain(used.iter().map(|(one, name)| (one.as_deref(), name.as_str()))) {
            let Some(old) = before.find(provider, name) else { continue };
            let new = self.find(provider, name);
            // What one takes over from a list moves with that list; who moves from one list to another does not.
            let stays = new.is_some_and(|new| new.found() == old.found() && new.provider() == old.provider());
            let key = |listing: Listing<'_>| (listing.number(), !stays && listing.found() == Found::InFallback);
            let pair = Pair { old, new, factor };
            let (_, names) = compared.entry((key(old), new.map(key))).or_insert((pair, Vec::new()));
            names.push((provider.unwrap_or(old.provider()), name));
        }
        told(compared.into_values().map(|(pair, names)| Concerned { old: pair.old, names, moved: pair.moved() }))
    }

    /// Prices that moved in the course of time by more than `factor`, or to zero: changes that providers made, or
    /// mistakes of a list. A price that ended is none of them.
    pub fn jumps_over_time(&self, factor: u32) -> Vec<Jump> {
        self.models().flat_map(|listing| over_time(listing, factor)).collect()
    }

    /// Every name that has a price, and the provider to whom it is one: ids before all other names of a model.
    fn names(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        let ids = self.models().map(|listing| (Some(listing.provider()), listing.model()));
        let others = self.sellers.iter().flat_map(|seller| {
            let lists = [&seller.id].into_iter().chain(&seller.fallbacks).filter_map(|id| self.seller(id));
            lists.flat_map(|list| list.names.iter()).map(|(name, _)| (Some(seller.id.as_str()), name))
        });
        ids.chain(others).chain(self.makers.iter().map(|(name, _)| (None, name)))
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
                names: Vec::new(),
                also: Vec::new(),
                contexts: vec![point.context],
                above: point.above,
                hours: listing.hours(point).map(|(schedule, part)| (schedule.clone(), part)),
                since: later.from,
                moved: Move::Rate { kind, before, after },
            })
        };
        jumps.extend(Kind::ALL.into_iter().filter_map(jump));
    }
    jumps
}

/// What the same call is priced by, before and after.
#[derive(Clone, Copy)]
struct Pair<'c> {
    old: Listing<'c>,
    new: Option<Listing<'c>>,
    factor: u32,
}

/// What jumps at one time: for which calls, above which length of prompt, at which hours, and how.
type Row<'c> = (Context, u32, Option<(&'c Schedule, Part)>, Move);

impl<'c> Pair<'c> {
    /// Every jump once: where it begins, and for the shortest prompts that it is true of.
    fn moved(self) -> Vec<(Scope<'c>, Move)> {
        let same_list =
            |new: &Listing<'_>| (new.found() == Found::InFallback) == (self.old.found() == Found::InFallback);
        if self.new.as_ref().is_some_and(|new| same_list(new) && self.old.costs_as(new)) {
            return Vec::new();
        }
        let mut moved = Vec::new();
        let mut going_on: BTreeSet<Row<'c>> = BTreeSet::new();
        let moments = self.moments();
        for (number, since) in moments.iter().enumerate() {
            let end = moments.get(number + 1).copied().flatten().unwrap_or(Seconds::MAX);
            let rows = self.within(since.unwrap_or(LONG_AGO), end);
            moved.extend(rows.difference(&going_on).map(|(context, above, hours, moved)| {
                (Scope { since: *since, contexts: vec![*context], above: *above, hours: *hours }, *moved)
            }));
            going_on = rows;
        }
        moved
    }

    fn listings(self) -> impl Iterator<Item = Listing<'c>> + Clone {
        [Some(self.old), self.new].into_iter().flatten()
    }

    fn points(self) -> impl Iterator<Item = &'c Point> + Clone {
        self.listings().flat_map(|listing| listing.points())
    }

    /// Moments at which something may change. Those to come are among them: once the lists are taken in, nobody is asked
    /// again when the day comes.
    fn moments(self) -> Vec<Option<Seconds>> {
        let moments: BTreeSet<Option<Seconds>> = self.points().map(|point| point.from).chain([None]).collect();
        moments.into_iter().collect()
    }

    /// What jumps in a stretch of time in which no price begins or ends.
    fn within(self, from: Seconds, to: Seconds) -> BTreeSet<Row<'c>> {
        let contexts: BTreeSet<Context> = self.points().map(|point| point.context).chain([Context::Standard]).collect();
        let limits: BTreeSet<u32> = self.points().map(|point| point.above).chain([0]).collect();
        let moments = self.samples(from, to);
        let mut found = BTreeSet::new();
        for context in contexts {
            // What a shorter prompt told already.
            let mut told = BTreeSet::new();
            for above in &limits {
                for at in &moments {
                    let priced = |listing: Listing<'c>| listing.charged(*at, context, u64::from(*above) + 1);
                    let (before, after) = (priced(self.old), self.new.and_then(priced));
                    let Some(before) = before else { continue };
                    let of_context = [Some(before), after].into_iter().flatten().any(|point| point.context == context);
                    let hours = after.and_then(|point| self.new?.hours(point)).or_else(|| self.old.hours(before));
                    for moved in self.moves(before, after).into_iter().filter(|_| of_context) {
                        if told.insert((hours, moved)) {
                            found.insert((context, *above, hours, moved));
                        }
                    }
                }
            }
        }
        found
    }

    /// Moments of a stretch at which everything that hours of the day make of a price is to be seen.
    fn samples(self, from: Seconds, to: Seconds) -> BTreeSet<Seconds> {
        let in_hours = |listing: Listing<'c>| {
            listing.points().iter().filter_map(move |point| listing.hours(point)).map(|(schedule, _)| schedule)
        };
        let schedules: Vec<&Schedule> = self.listings().flat_map(in_hours).collect();
        let first = from.div_euclid(DAY);
        let holidays = schedules.iter().flat_map(|schedule| &schedule.holidays).map(|day| Seconds::from(*day));
        let days: BTreeSet<Seconds> = holidays
            .flat_map(|day| [day - 1, day])
            .chain(first..first + DAYS)
            .filter(|_| !schedules.is_empty())
            .collect();
        let minutes: BTreeSet<Seconds> = schedules
            .iter()
            .flat_map(|schedule| {
                let bounds = schedule.hours.iter().flat_map(|(one, other)| [*one, *other]).map(Seconds::from);
                bounds.chain([(-schedule.ahead).rem_euclid(DAY) / 60])
            })
            .collect();
        let at_hours = days.iter().flat_map(|day| minutes.iter().map(move |minute| day * DAY + minute * 60));
        at_hours.filter(|at| (from..to).contains(at)).chain([from]).collect()
    }

    /// Kinds of token that cost something else by far. One that neither has a rate of its own for moves with another.
    fn moves(self, before: &Point, after: Option<&Point>) -> Vec<Move> {
        let Some(after) = after else { return vec![Move::NoPrice] };
        let jump = |kind: Kind| {
            let was = before.rates.charged(kind)?;
            before.rates.of(kind).or(after.rates.of(kind))?;
            let Some(now) = after.rates.charged(kind) else { return Some(Move::NoRate(kind)) };
            if !Jump::is_calm(was, Some(now), self.factor) {
                return Some(Move::Rate { kind, before: was, after: now });
            }
            // Where the lists disagree by now, what the other one says is held against what either of them said.
            let charged = |rates: Option<Rates>| rates.and_then(|rates| rates.charged(kind));
            let instead = charged(after.rival)?;
            let mut said = [Some(was), charged(before.rival)].into_iter().flatten();
            let calm = said.any(|was| Jump::is_calm(was, Some(instead), self.factor));
            (!calm).then_some(Move::Rate { kind, before: was, after: instead })
        };
        Kind::ALL.into_iter().filter_map(jump).collect()
    }
}
