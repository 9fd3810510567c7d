//! What a restatement changes, added up.

use std::collections::HashMap;

use super::super::usage::Charge;
use super::recount::Call;
use super::{Amounts, Restated, RestatedModel};
use crate::money::{Margin, Usd};
use crate::usage::{Basis, UsageRecord};

#[derive(Default)]
pub(super) struct Seen {
    restated: Restated,
    /// By attribution: calls of few models have many of them.
    models: HashMap<i64, RestatedModel>,
}

impl Seen {
    pub(super) fn note(&mut self, call: &Call, after: &Charge) {
        self.restated.calls += 1;
        let model = self.models.entry(call.attribution).or_insert_with(|| RestatedModel {
            provider: call.record.attribution.provider.clone().unwrap_or_default(),
            model: call.record.attribution.model.clone().unwrap_or_default(),
            calls: 0,
            before: Amounts::default(),
            after: Amounts::default(),
        });
        model.calls += 1;
        for amounts in [&mut self.restated.before, &mut model.before] {
            amounts.add(&call.record, &call.charge);
        }
        for amounts in [&mut self.restated.after, &mut model.after] {
            amounts.add(&call.record, after);
        }
    }

    pub(super) fn restated(self) -> Restated {
        let mut models: HashMap<(String, String), RestatedModel> = HashMap::new();
        for (_, found) in self.models {
            let key = (found.provider.clone(), found.model.clone());
            match models.get_mut(&key) {
                Some(model) => {
                    model.calls += found.calls;
                    model.before += found.before;
                    model.after += found.after;
                }
                None => drop(models.insert(key, found)),
            }
        }
        let mut models: Vec<RestatedModel> = models.into_values().collect();
        models.sort_by(|one, other| {
            let order = |model: &RestatedModel| (std::cmp::Reverse(model.change()), std::cmp::Reverse(model.calls));
            order(one).cmp(&order(other)).then_with(|| one.model.cmp(&other.model))
        });
        Restated { models, ..self.restated }
    }
}

impl RestatedModel {
    /// How far the amounts move, in nano-dollars and either way.
    fn change(&self) -> u64 {
        let moved = |before: Usd, after: Usd| after.nanos().abs_diff(before.nanos());
        moved(self.before.estimated, self.after.estimated)
            .saturating_add(moved(self.before.api_equivalent, self.after.api_equivalent))
    }
}

impl Amounts {
    fn add(&mut self, record: &UsageRecord, charge: &Charge) {
        let Some(cost) = charge.price.cost else {
            self.unpriced_tokens += record.tokens.total();
            return;
        };
        let (amount, margin) = match charge.basis {
            Basis::Estimated => (&mut self.estimated, &mut self.margin),
            Basis::ApiEquivalent => (&mut self.api_equivalent, &mut self.api_equivalent_margin),
            Basis::Billed => return,
        };
        *amount += cost.likely;
        *margin = *margin + Margin { below: cost.below, above: cost.above };
    }
}

impl std::ops::AddAssign for Amounts {
    fn add_assign(&mut self, other: Self) {
        self.estimated += other.estimated;
        self.margin = self.margin + other.margin;
        self.api_equivalent += other.api_equivalent;
        self.api_equivalent_margin = self.api_equivalent_margin + other.api_equivalent_margin;
        self.unpriced_tokens += other.unpriced_tokens;
    }
}
