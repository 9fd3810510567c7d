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
    /// Until before when; `None`: for good.
    #[serde(default)]
    #[ts(type = "string | null")]
    pub until: Option<Timestamp>,
}

impl PlanSetting {
    /// Whether it covers calls at `at`.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.since.is_none_or(|since| since <= at) && self.until.is_none_or(|until| at < until)
    }
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
    /// What those that hold at `now` cost a month; `None` without any. Sources that run under one plan, told by name and
    /// price, pay it once.
    pub fn fixed_cost(&self, now: Timestamp) -> Option<FixedCost> {
        let holding = self.0.iter().filter(|plan| plan.holds(now));
        let paid: BTreeSet<(&str, Option<Usd>)> = holding.map(|plan| (plan.name.as_str(), plan.per_month)).collect();
        if paid.is_empty() {
            return None;
        }
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
        self.0.iter().any(|plan| plan.source == source && plan.holds(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(source: &str, name: &str, per_month: Option<&str>) -> PlanSetting {
        let per_month = per_month.map(|amount| Usd::parse(amount).unwrap());
        PlanSetting { source: source.into(), name: name.into(), per_month, since: None, until: None }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
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
        assert_eq!(plans.fixed_cost(at("2026-11-24T12:00:00Z")), Some(cost));
        assert_eq!(Plans::default().fixed_cost(at("2026-11-24T12:00:00Z")), None);
    }

    #[test]
    fn a_plan_covers_calls_and_costs_something_from_when_it_begins_until_before_it_ends() {
        let [since, until] = ["2026-09-01T00:00:00Z", "2026-11-01T00:00:00Z"].map(at);
        let pro = PlanSetting { since: Some(since), until: Some(until), ..plan("codex", "Pro", Some("200")) };
        let plans = Plans(vec![pro]);
        for (moment, holds) in [
            ("2026-08-31T23:59:59.999Z", false),
            ("2026-09-01T00:00:00Z", true),
            ("2026-10-31T23:59:59.999Z", true),
            ("2026-11-01T00:00:00Z", false),
        ] {
            assert_eq!(plans.cover("codex", at(moment)), holds, "{moment}");
            assert_eq!(plans.fixed_cost(at(moment)).is_some(), holds, "{moment}");
        }
    }

    #[test]
    fn a_plan_that_was_said_before_plans_could_end_holds_for_good() {
        let said = r#"[{"source": "codex", "name": "Plus", "per_month": "20", "since": null}]"#;
        assert_eq!(serde_json::from_str::<Plans>(said).unwrap(), Plans(vec![plan("codex", "Plus", Some("20"))]));
    }
}
