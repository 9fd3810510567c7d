//! Plans: sources whose calls are paid by the month. What they would cost by the token is shown apart from money.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::money::Usd;

/// That a source runs under a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PlanSetting {
    /// The source, such as `claude-code`.
    pub source: String,
    /// What the plan is called: `Claude Max 20x`.
    pub name: String,
    /// What it costs a month; `None` if nobody knows.
    #[ts(type = "string | null")]
    pub per_month: Option<Usd>,
    /// Since when; `None`: all the time.
    #[ts(type = "string | null")]
    pub since: Option<Timestamp>,
}

/// The plans of all sources that have one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plans(pub Vec<PlanSetting>);

/// What plans cost, whatever is used. It is never added to what is paid by the token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct FixedCost {
    /// Dollars a month of those of which that is known; `null`: of none.
    #[ts(type = "string | null")]
    pub per_month: Option<Usd>,
    /// The names of the others.
    pub unknown: Vec<String>,
}

impl Plans {
    /// What they cost a month; `None` without any. Sources that run under one plan, told by name and price, pay it once.
    pub fn fixed_cost(&self) -> Option<FixedCost> {
        if self.0.is_empty() {
            return None;
        }
        let paid: BTreeSet<(&str, Option<Usd>)> =
            self.0.iter().map(|plan| (plan.name.as_str(), plan.per_month)).collect();
        Some(paid.into_iter().fold(FixedCost::default(), |mut cost, (name, per_month)| {
            match per_month {
                Some(amount) => cost.per_month = Some(cost.per_month.unwrap_or_default() + amount),
                None => cost.unknown.push(name.to_owned()),
            }
            cost
        }))
    }

    /// Says that a source runs under a plan, in place of what was said of it before.
    pub fn set(&mut self, plan: PlanSetting) {
        self.forget(&plan.source);
        self.0.push(plan);
    }

    /// Takes a source to be paid by the token again.
    pub fn forget(&mut self, source: &str) {
        self.0.retain(|plan| plan.source != source);
    }

    /// Whether a plan covers a call that `source` saw at `at`.
    pub fn cover(&self, source: &str, at: Timestamp) -> bool {
        self.0.iter().any(|plan| plan.source == source && plan.since.is_none_or(|since| since <= at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(source: &str, name: &str, per_month: Option<&str>) -> PlanSetting {
        let per_month = per_month.map(|amount| Usd::parse(amount).unwrap());
        PlanSetting { source: source.into(), name: name.into(), per_month, since: None }
    }

    #[test]
    fn a_plan_that_several_sources_run_under_is_paid_once() {
        let max = |source| plan(source, "Claude Max 20x", Some("200"));
        let plans = Plans(vec![
            max("claude-code"),
            max("opencode"),
            plan("codex", "ChatGPT Plus", Some("20")),
            plan("cline", "Team", None),
        ]);
        let cost = FixedCost { per_month: Some(Usd::parse("220").unwrap()), unknown: vec!["Team".into()] };
        assert_eq!(plans.fixed_cost(), Some(cost));
        assert_eq!(Plans::default().fixed_cost(), None);
    }
}
