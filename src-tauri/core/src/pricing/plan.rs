//! Plans: sources whose calls are paid by the month. What they would cost by the token is shown apart from money.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spendmeter_catalogue::{Catalogue, Plan};
use ts_rs::TS;

use crate::calendar::TimeRange;
use crate::money::Usd;

/// That a source runs under a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PlanSetting {
    /// The source, such as `claude-code`.
    pub source: String,
    /// What the plan is called: `Claude Max 20x`.
    pub name: String,
    /// Who sells it; `None` if no list has it.
    #[serde(default)]
    #[ts(skip)]
    pub seller: Option<String>,
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
    /// Finds who sells it, by the list that has a plan of this name. What is known of that already stays: a later list may
    /// call the plan otherwise.
    pub(crate) fn find_seller(&mut self, catalogue: &Catalogue) {
        let sold = |plan: &&Plan| plan.name == self.name;
        let seller = || catalogue.plans().iter().find(sold).map(|plan| plan.provider.clone());
        self.seller = self.seller.take().or_else(seller);
    }

    /// When it covers calls.
    fn span(&self) -> TimeRange {
        let TimeRange { start, end } = TimeRange::EVER;
        TimeRange { start: self.since.unwrap_or(start), end: self.until.unwrap_or(end) }
    }

    /// What is left of it once `plan` is said: all, if they have no moment in common; nothing, if it is the same plan, of
    /// which something else is said now; otherwise what comes before and after the other one.
    fn beside(self, plan: &Self) -> impl Iterator<Item = Self> + use<> {
        let (span, taken) = (self.span(), plan.span());
        let is_apart = self.source != plan.source || !span.overlaps(&taken);
        let is_other = self.name != plan.name;
        let before = Self { until: plan.since, ..self.clone() };
        let after = Self { since: plan.until, ..self.clone() };
        [
            (is_apart, self),
            (!is_apart && is_other && span.start < taken.start, before),
            (!is_apart && is_other && taken.end < span.end, after),
        ]
        .into_iter()
        .filter_map(|(stays, plan)| stays.then_some(plan))
    }
}

/// The plans of all sources that have one, by source and time. A source runs under one at a time.
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
    /// What those of some moment in `range` cost a month; `None` without any. Sources that run under one plan, told by name
    /// and price, pay it once.
    pub fn fixed_cost(&self, range: TimeRange) -> Option<FixedCost> {
        let holding = self.0.iter().filter(|plan| plan.span().overlaps(&range));
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

    /// Says that a source runs under a plan, and under no other while that lasts.
    pub fn set(&mut self, plan: PlanSetting) {
        let others = std::mem::take(&mut self.0).into_iter().flat_map(|other| other.beside(&plan));
        self.0 = others.collect();
        self.0.push(plan);
        self.0.sort_by(|one, other| one.source.cmp(&other.source).then(one.since.cmp(&other.since)));
    }

    /// The plan under which a source runs, or ran last.
    pub fn last_of(&self, source: &str) -> Option<&PlanSetting> {
        self.0.iter().rfind(|plan| plan.source == source)
    }

    /// Takes a source to have been paid by the token all along.
    pub fn forget(&mut self, source: &str) {
        self.0.retain(|plan| plan.source != source);
    }

    /// The plan under which `source` runs at `at`.
    pub(super) fn at(&self, source: &str, at: Timestamp) -> Option<&PlanSetting> {
        self.0.iter().find(|plan| plan.source == source && plan.span().contains(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(source: &str, name: &str, per_month: Option<&str>) -> PlanSetting {
        let per_month = per_month.map(|amount| Usd::parse(amount).unwrap());
        PlanSetting { source: source.into(), name: name.into(), seller: None, per_month, since: None, until: None }
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
        assert_eq!(plans.fixed_cost(TimeRange::EVER), Some(cost));
        assert_eq!(Plans::default().fixed_cost(TimeRange::EVER), None);
    }

    #[test]
    fn a_plan_covers_calls_and_costs_something_from_when_it_begins_until_before_it_ends() {
        let plans = Plans(vec![lasting("Pro", Some("2026-09-01T00:00:00Z"), Some("2026-11-01T00:00:00Z"))]);
        for (moment, holds) in [
            ("2026-08-31T23:59:59.999Z", false),
            ("2026-09-01T00:00:00Z", true),
            ("2026-10-31T23:59:59.999Z", true),
            ("2026-11-01T00:00:00Z", false),
        ] {
            assert_eq!(plans.at("codex", at(moment)).is_some(), holds, "{moment}");
            let moment_alone = TimeRange { start: at(moment), end: at(moment) + jiff::SignedDuration::from_nanos(1) };
            assert_eq!(plans.fixed_cost(moment_alone).is_some(), holds, "{moment}");
        }
    }

    #[test]
    fn a_source_that_changes_its_plan_keeps_what_the_one_before_covered() {
        let [spring, summer, autumn] = ["2026-04-01T00:00:00Z", "2026-07-01T00:00:00Z", "2026-10-01T00:00:00Z"];
        let said = |all: &[&PlanSetting]| {
            let mut plans = Plans(vec![plan("cline", "Team", None)]);
            for said in all {
                plans.set((*said).clone());
            }
            plans.0.into_iter().filter(|plan| plan.source == "codex").collect::<Vec<_>>()
        };
        let (pro, max) = (lasting("Pro", None, None), lasting("Max", Some(summer), None));
        assert_eq!(said(&[&pro, &max]), [lasting("Pro", None, Some(summer)), max]);
        let for_a_while = lasting("Max", Some(spring), Some(summer));
        let around = [lasting("Pro", None, Some(spring)), for_a_while.clone(), lasting("Pro", Some(summer), None)];
        assert_eq!(said(&[&pro, &for_a_while]), around);
        assert_eq!(said(&[&for_a_while, &pro]), std::slice::from_ref(&pro), "it lasts all the time");
        // What is said again of the same plan corrects it, and does not touch what was said of another time.
        let [first, again] = [lasting("Pro", None, Some(spring)), lasting("Pro", Some(autumn), None)];
        assert_eq!(said(&[&pro, &again]), std::slice::from_ref(&again));
        assert_eq!(said(&[&again, &first]), [first, again]);
    }

    fn lasting(name: &str, since: Option<&str>, until: Option<&str>) -> PlanSetting {
        PlanSetting { since: since.map(at), until: until.map(at), ..plan("codex", name, Some("200")) }
    }

    #[test]
    fn a_plan_that_was_said_before_plans_could_end_holds_for_good() {
        let said = r#"[{"source": "codex", "name": "Plus", "per_month": "20", "since": null}]"#;
        assert_eq!(serde_json::from_str::<Plans>(said).unwrap(), Plans(vec![plan("codex", "Plus", Some("20"))]));
    }
}
