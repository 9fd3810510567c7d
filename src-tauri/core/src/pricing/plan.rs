//! Plans: sources whose calls are paid by the month. What they would cost by the token is shown apart from money.

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

impl Plans {
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
