//! The shapes in which figures leave the core. They cross to the page as JSON; `ui/src/bindings` is made from them.
//!
//! Money is a decimal string ([`Usd`]); moments are RFC 3339 with the user's offset; dates are `2026-11-24`.

use serde::Serialize;
use ts_rs::TS;

use crate::money::{Margin, Usd};
use crate::pricing::FixedCost;
use crate::usage::{Basis, Tokens};

/// Money and tokens over some set of calls. Estimates, bills and API-equivalents stand side by side and are never added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Spend {
    /// Tokens times list price; `null` when nothing in the set has a price: unknown is not zero.
    #[ts(type = "string | null")]
    pub estimated: Option<Usd>,
    /// By how much the estimate may be off.
    pub margin: Margin,
    /// What providers say they charge; `null` when no provider said anything.
    #[ts(type = "string | null")]
    pub billed: Option<Usd>,
    /// How much of that no record on this machine explains: it was spent elsewhere. Less than nothing where records come to
    /// more than the bill; `null` where nothing is of an account's bill, or it is not known of these cuts.
    #[ts(type = "string | null")]
    pub elsewhere: Option<Usd>,
    /// Tokens times list price of calls that a subscription covers: no money; `null` when there are none.
    #[ts(type = "string | null")]
    pub api_equivalent: Option<Usd>,
    /// By how much that may be off.
    pub api_equivalent_margin: Margin,
    /// Calls.
    #[ts(type = "number")]
    pub requests: u64,
    /// Their tokens, by kind.
    pub tokens: Tokens,
    /// Tokens of calls whose model has no known price. They are in `tokens` and in no amount.
    #[ts(type = "number")]
    pub unpriced_tokens: u64,
    /// The tokens with a price among all tokens, in thousandths, rounded down: 1000 says that all have one. `null` without
    /// tokens.
    #[ts(type = "number | null")]
    pub coverage_permille: Option<i64>,
}

impl Spend {
    /// Its amount on this basis.
    pub const fn amount(&self, basis: Basis) -> Option<Usd> {
        match basis {
            Basis::Billed => self.billed,
            Basis::Estimated => self.estimated,
            Basis::ApiEquivalent => self.api_equivalent,
        }
    }

    /// By how much its amount on this basis may be off. A bill is what it is.
    pub fn margin_of(&self, basis: Basis) -> Margin {
        match basis {
            Basis::Billed => Margin::default(),
            Basis::Estimated => self.margin,
            Basis::ApiEquivalent => self.api_equivalent_margin,
        }
    }

    /// The one amount to show: that of the basis that leads; where there is none, the first that there is.
    pub fn shown(&self, lead: Basis) -> Option<(Usd, Basis)> {
        let of = |basis| Some((self.amount(basis)?, basis));
        of(lead).or_else(|| Basis::ALL.into_iter().find_map(of))
    }
}

/// Which amounts there are to look at, and by which of them curves are drawn and lists are ranked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Bases {
    /// The one that leads: days, trends, shares, changes, forecast and burn rate are of its amounts.
    pub lead: Basis,
    /// All that there are, the one that would lead if nobody chose first.
    pub known: Vec<Basis>,
}

/// A model without a price, and how much of it was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct UnpricedModel {
    /// The model as the provider names it.
    pub model: String,
    /// Who served it without a price; `null`: several, or nobody said who.
    pub provider: Option<String>,
    /// Calls of the name that another provider served have a price, so that it has to be told from them.
    pub is_apart: bool,
    /// Tokens used in the range.
    #[ts(type = "number")]
    pub tokens: u64,
}

impl UnpricedModel {
    /// As a person tells it from others: `nova-9`, or `nova-9 of my-gateway`.
    pub fn told(&self) -> String {
        match self.provider.as_deref() {
            _ if !self.is_apart => self.model.clone(),
            None => format!("{} of an unknown provider", self.model),
            Some(provider) => format!("{} of {provider}", self.model),
        }
    }
}

/// How old the figures are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Freshness {
    /// No source has been read yet.
    Never,
    /// Read within the last two polls.
    Current,
    /// Two polls were missed.
    Outdated,
}

/// Where the month is heading, by the amounts that lead. Always a range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Forecast {
    /// Lower end.
    #[ts(type = "string")]
    pub low: Usd,
    /// Most likely.
    #[ts(type = "string")]
    pub likely: Usd,
    /// Upper end.
    #[ts(type = "string")]
    pub high: Usd,
    /// Full days left in the month after today.
    pub days_left: u8,
}

/// Spend per hour just now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct BurnRate {
    /// Dollars per hour over the last hour; `null` when nothing in it has an amount.
    #[ts(type = "string | null")]
    pub per_hour: Option<Usd>,
    /// Whose amount that is: the one that leads; where the last hour has none of it, another that it has.
    pub basis: Basis,
    /// Calls in the last hour: there may be some without an amount.
    #[ts(type = "number")]
    pub requests: u64,
    /// Tokens of those without a price.
    #[ts(type = "number")]
    pub unpriced_tokens: u64,
    /// The last three hours by quarter hours, oldest first, for a spark-line.
    #[ts(type = "Array<string>")]
    pub quarters: Vec<Usd>,
}

/// One day of the bars.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Day {
    /// `2026-11-24`.
    pub date: String,
    /// All of it.
    pub spend: Spend,
    /// The amount that leads, split by provider in the order of [`Overview::providers`]; providers without one are absent.
    pub by_provider: Vec<ProviderShare>,
    /// Today: still counting.
    pub counting: bool,
}

/// What one provider has of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ProviderShare {
    /// `anthropic`, or `unattributed`.
    pub provider: String,
    /// What it has of the amount that leads.
    #[ts(type = "string")]
    pub amount: Usd,
}

/// One row of a ranked list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Ranked {
    /// What the list is keyed by: a project's folder, a model's name; empty for what is unattributed.
    pub key: String,
    /// What a person calls it.
    pub label: String,
    /// Its spend in the range.
    pub spend: Spend,
    /// Share of what the list has of the amount that leads, in thousandths; `null` when it has none.
    #[ts(type = "number | null")]
    pub share_permille: Option<i64>,
    /// Change of the amount that leads against the range before.
    pub change: Change,
    /// The amount that leads in twelve equal parts of the range, oldest first.
    #[ts(type = "Array<string>")]
    pub trend: Vec<Usd>,
}

/// How spend moved against a range just as long before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum Change {
    /// By so many thousandths.
    By {
        /// Thousandths of the spend before.
        #[ts(type = "number")]
        permille: i64,
    },
    /// There was no spend before.
    New,
    /// The records do not reach back that far, or one of the two has no known amount.
    Unknown,
}

/// One session of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Session {
    /// The agent's own id for it; empty for calls without one.
    pub session: String,
    /// Name of the agent: `Claude Code`.
    pub agent: String,
    /// Git branch on which most of it ran, if known.
    pub branch: Option<String>,
    /// Models used, the dearest first.
    pub models: Vec<String>,
    /// First call in the range.
    pub started: String,
    /// Last call in the range.
    pub last: String,
    /// Its spend in the range.
    pub spend: Spend,
}

/// A source of usage and how it is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct SourceHealth {
    /// `claude-code`.
    pub id: String,
    /// `Claude Code`.
    pub name: String,
    /// What it is doing.
    pub state: SourceState,
    /// When it was last read; `null` if never.
    pub last_read: Option<String>,
    /// Log files known.
    #[ts(type = "number")]
    pub files: u64,
    /// For a source that fails: what failed, where, and what to do. For one that is absent: the folders in which it was
    /// looked for. For one that cannot be counted: why.
    pub detail: Option<String>,
}

/// What a source is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SourceState {
    /// Nothing of it was found on this machine.
    Absent,
    /// Read, and up to date.
    Live,
    /// The last read failed; the figures are those of the read before.
    Failing,
    /// It is used on this machine, and its files do not say what it consumed.
    NotCounted,
}

/// How far a pass over the sources has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Progress {
    /// Bytes of logs read.
    #[ts(type = "number")]
    pub bytes_done: u64,
    /// Bytes of logs to read in this pass.
    #[ts(type = "number")]
    pub bytes_total: u64,
}

/// The period a view is about. Days are the user's; both ends are included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Period {
    /// Since midnight.
    Today,
    /// Today and the six days before.
    Last7Days,
    /// Today and the 29 days before.
    Last30Days,
    /// Since the first of the month.
    Month,
}

/// What the tray shows: label, gauge and the rows of its menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Meter {
    /// The moment of the last complete read; `null` before the first.
    pub as_of: Option<String>,
    /// How old that is.
    pub freshness: Freshness,
    /// Whether any source was found on this machine.
    pub connected: bool,
    /// By which amounts the forecast and the dearest projects are.
    pub lead: Basis,
    /// What plans cost a month; `null`: no source runs under one.
    pub fixed: Option<FixedCost>,
    /// Since midnight.
    pub today: Spend,
    /// Since the first of the month.
    pub month: Spend,
    /// The month, as `2026-11`.
    pub month_name: String,
    /// Where it is heading; `null` until there are seven days with spend to tell from.
    pub forecast: Option<Forecast>,
    /// Just now.
    pub burn: BurnRate,
    /// The dearest projects of today, at most three.
    pub top_projects: Vec<Ranked>,
    /// Models used today that have no price.
    pub unpriced: Vec<UnpricedModel>,
}

/// The whole dashboard: one question, one answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Overview {
    /// The period asked for; days, projects and providers are about it.
    pub period: Period,
    /// The moment of the last complete read; `null` before the first.
    pub as_of: Option<String>,
    /// How old that is.
    pub freshness: Freshness,
    /// Which amounts there are over the last weeks and in the period, and which of them leads.
    pub bases: Bases,
    /// What plans cost a month; `null`: no source runs under one.
    pub fixed: Option<FixedCost>,
    /// Since midnight.
    pub today: Spend,
    /// Today's spend against the usual by this time of day, in thousandths of it: 1600 is 1.6×. `null` until there are
    /// seven days with spend to compare with.
    #[ts(type = "number | null")]
    pub today_against_usual_permille: Option<i64>,
    /// Since the first of the month.
    pub month: Spend,
    /// The month, as `2026-11`.
    pub month_name: String,
    /// Where it is heading; `null` until there are seven days with spend to tell from.
    pub forecast: Option<Forecast>,
    /// Just now.
    pub burn: BurnRate,
    /// All of the period.
    pub total: Spend,
    /// One entry per day of the period; days without usage included.
    pub days: Vec<Day>,
    /// Providers of the period, the dearest first.
    pub providers: Vec<String>,
    /// Projects of the period, the dearest first.
    pub projects: Vec<Ranked>,
    /// Models without a price in the period, the most used first.
    pub unpriced: Vec<UnpricedModel>,
    /// Every source and how it is doing.
    pub sources: Vec<SourceHealth>,
    /// The pass under way; `null` when none is, or when it is too short to be worth a bar.
    pub progress: Option<Progress>,
}

/// One project, looked into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ProjectView {
    /// Its key and label.
    pub project: Ranked,
    /// The period asked for.
    pub period: Period,
    /// Which amounts the project has in it, and which of them leads.
    pub bases: Bases,
    /// The moment of the last complete read.
    pub as_of: Option<String>,
    /// How old that is.
    pub freshness: Freshness,
    /// One entry per day of the period.
    pub days: Vec<Day>,
    /// Providers of the project in the period, the dearest first.
    pub providers: Vec<String>,
    /// Models, the dearest first.
    pub models: Vec<Ranked>,
    /// Models without a price, the most used first.
    pub unpriced: Vec<UnpricedModel>,
    /// Sessions, the dearest first; at most 200, the rest is in `sessions_left_out`.
    pub sessions: Vec<Session>,
    /// Sessions beyond those listed.
    #[ts(type = "number")]
    pub sessions_left_out: u64,
}
