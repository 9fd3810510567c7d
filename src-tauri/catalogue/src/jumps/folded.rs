//! Jumps as they are told: each once, under the id of its model, however many names and takers-over it has.
//!
//! What is told is what somebody agrees to. So rows are put together, and none is left out.

use std::collections::{BTreeMap, BTreeSet};

use super::{Jump, Move};
use crate::catalogue::Listing;
use crate::instant::Seconds;
use crate::point::Context;
use crate::schedule::{Part, Schedule};

/// The calls that a move is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Scope<'c> {
    pub(super) since: Option<Seconds>,
    pub(super) contexts: Vec<Context>,
    pub(super) above: u32,
    pub(super) hours: Option<(&'c Schedule, Part)>,
}

impl Scope<'_> {
    /// Takes in the calls of `other`: the result may be wider than both, and is never narrower than either.
    fn widen(&mut self, other: &Self) {
        self.since = self.since.min(other.since);
        self.above = self.above.min(other.above);
        self.hours = self.hours.filter(|_| self.hours == other.hours);
        self.contexts.extend(&other.contexts);
        self.contexts.sort_unstable();
        self.contexts.dedup();
    }
}

/// What moved of one listing, and whose calls it prices.
pub(super) struct Concerned<'c> {
    pub(super) old: Listing<'c>,
    /// Provider and model, as calls name them.
    pub(super) names: Vec<(&'c str, &'c str)>,
    pub(super) moved: Vec<(Scope<'c>, Move)>,
}

impl<'c> Concerned<'c> {
    /// The names at the provider who lists the model. Whoever takes its price over is named only if that one is not
    /// concerned.
    fn names(&self) -> Vec<(&'c str, &'c str)> {
        let own: Vec<_> = self.names.iter().copied().filter(|(seller, _)| *seller == self.old.provider()).collect();
        if own.is_empty() { self.names.clone() } else { own }
    }
}

/// What one row tells, and of whom.
struct Row<'c> {
    listing: Listing<'c>,
    scope: Scope<'c>,
    names: Vec<(&'c str, &'c str)>,
}

/// Every jump, in the order of listings. The same move of the same listing is one row, whoever is concerned; a price that is
/// gone is one, whatever it was.
pub(super) fn told<'c>(concerned: impl Iterator<Item = Concerned<'c>>) -> Vec<Jump> {
    let mut rows: BTreeMap<_, Row<'c>> = BTreeMap::new();
    for one in concerned {
        let names = one.names();
        for (scope, moved) in &one.moved {
            let apart = matches!(moved, Move::Rate { .. }).then(|| scope.clone());
            let row = || Row { listing: one.old, scope: scope.clone(), names: Vec::new() };
            let row = rows.entry((one.old.number(), apart, *moved)).or_insert_with(row);
            row.scope.widen(scope);
            row.names.extend(&names);
        }
    }
    rows.into_iter().map(|((.., moved), row)| jump(row, moved)).collect()
}

fn jump(Row { listing, scope, names }: Row<'_>, moved: Move) -> Jump {
    let own = listing.provider();
    let seller = names.iter().map(|(seller, _)| *seller).find(|seller| *seller == own);
    let seller = seller.or(names.first().map(|(seller, _)| *seller)).unwrap_or(own);
    let by_id = names.iter().any(|(of, name)| *of == seller && name.eq_ignore_ascii_case(listing.model()));
    let names_told: BTreeSet<&str> = names.iter().filter(|_| !by_id).map(|(_, name)| *name).collect();
    let also: BTreeSet<&str> = names.iter().map(|(seller, _)| *seller).filter(|other| *other != seller).collect();
    Jump {
        listing: (seller.to_owned(), listing.model().to_owned()),
        names: names_told.into_iter().map(str::to_owned).collect(),
        also: also.into_iter().map(str::to_owned).collect(),
        contexts: scope.contexts,
        above: scope.above,
        hours: scope.hours.map(|(schedule, part)| (schedule.clone(), part)),
        since: scope.since,
        moved,
    }
}
