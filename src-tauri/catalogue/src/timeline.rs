//! What one list says of a model over time.

use crate::decimal::share;
use crate::instant::Seconds;
use crate::point::{Evidence, Kind, Rates};

/// What every kind costs, by the length of the prompt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prices {
    pub(crate) base: Rates,
    /// Prices instead, for prompts of more tokens than so many, shortest first.
    pub(crate) above: Vec<(u32, Rates)>,
    /// Long writes cost so many thousandths of the input rate, where they have no rate of their own.
    pub(crate) long_write: Option<i64>,
}

impl Prices {
    /// The rates for prompts just longer than `above` tokens.
    pub(crate) fn at(&self, above: u32) -> Rates {
        let mut rates = self.above.iter().rfind(|(start, _)| *start <= above).map_or(self.base, |(_, rates)| *rates);
        if let (None, Some(thousandths), Some(input)) =
            (rates.of(Kind::CacheWriteLong), self.long_write, rates.of(Kind::Input))
        {
            rates.set(Kind::CacheWriteLong, Some(share(input, thousandths)));
        }
        rates
    }

    /// Whether it has a price of its own for prompts of more than `above` tokens.
    pub(crate) fn has_tier(&self, above: u32) -> bool {
        above == 0 || self.above.iter().any(|(start, _)| *start == above)
    }

    pub(crate) fn is_nothing(&self) -> bool {
        self.base.is_nothing()
    }
}

/// A price from one moment to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// `None`: as far back as one likes.
    pub(crate) from: Option<Seconds>,
    /// `None`: from here on there is no price.
    pub(crate) prices: Option<Prices>,
    pub(crate) evidence: Evidence,
    pub(crate) address: Option<u16>,
}

/// Steps in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Timeline(Vec<Step>);

impl Timeline {
    /// `steps` in the order of time. Steps that change nothing are left out.
    pub(crate) fn new(steps: Vec<Step>) -> Result<Self, String> {
        if !steps.is_sorted_by(|one, next| one.from < next.from) {
            return Err("prices that are not in the order of their dates".to_owned());
        }
        let mut kept: Vec<Step> = Vec::with_capacity(steps.len());
        for step in steps {
            let same =
                kept.last().is_some_and(|last| last.prices == step.prices && last.evidence != Evidence::LaunchAssumed);
            if !same {
                kept.push(step);
            }
        }
        Ok(Self(kept))
    }

    /// The step in force at `moment`.
    pub(crate) fn at(&self, moment: Option<Seconds>) -> Option<&Step> {
        self.0.iter().rfind(|step| step.from <= moment)
    }

    /// The same without a price for `kind`.
    pub(crate) fn without(mut self, kind: Kind) -> Self {
        for prices in self.0.iter_mut().filter_map(|step| step.prices.as_mut()) {
            prices.base.set(kind, None);
            prices.above.iter_mut().for_each(|(_, rates)| rates.set(kind, None));
        }
        self
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.0
    }
}
