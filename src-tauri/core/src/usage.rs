//! What one call to a model consumed, and everything known about who made it.
//!
//! Every source turns its own records into [`UsageRecord`]s; nothing behind this module knows where one came from.

use std::cmp::{Ordering, Reverse};
use std::ops::{Add, AddAssign};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::money::Usd;

/// What one call consumed. The kinds are disjoint: their sum ([`Tokens::total`]) is all tokens of the call.
///
/// Sources disagree on what "input" means: OpenAI and Gemini include cached tokens, Anthropic does not. Every source
/// converts into this form; nothing behind it needs to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Tokens {
    /// Prompt tokens neither read from nor written to a cache.
    #[ts(type = "number")]
    pub input: u64,
    /// Prompt tokens read from a cache.
    #[ts(type = "number")]
    pub cache_read: u64,
    /// Prompt tokens written to the short-lived cache: 5 minutes at Anthropic, 30 minutes at OpenAI.
    #[ts(type = "number")]
    pub cache_write_short: u64,
    /// Prompt tokens written to the long-lived cache: 1 hour at Anthropic, 12 hours at OpenAI.
    #[ts(type = "number")]
    pub cache_write_long: u64,
    /// Generated tokens, reasoning included.
    #[ts(type = "number")]
    pub output: u64,
    /// The part of `output` spent on reasoning. For display only: it is already counted in `output`.
    #[ts(type = "number")]
    pub reasoning: u64,
}

impl Tokens {
    /// Everything sent to the model. Long-context price tiers are decided by this figure.
    pub const fn prompt(&self) -> u64 {
        self.input
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_write_short)
            .saturating_add(self.cache_write_long)
    }

    /// All tokens of the call.
    pub const fn total(&self) -> u64 {
        self.prompt().saturating_add(self.output)
    }
}

impl Add for Tokens {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            cache_read: self.cache_read.saturating_add(other.cache_read),
            cache_write_short: self.cache_write_short.saturating_add(other.cache_write_short),
            cache_write_long: self.cache_write_long.saturating_add(other.cache_write_long),
            output: self.output.saturating_add(other.output),
            reasoning: self.reasoning.saturating_add(other.reasoning),
        }
    }
}

impl AddAssign for Tokens {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// Who says that it cost this much. Amounts of different basis are never added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Basis {
    /// The provider's own statement of what it charges.
    Billed,
    /// Tokens times list price.
    Estimated,
    /// Tokens times list price, of a call that a subscription covers: no money that leaves an account.
    ApiEquivalent,
}

impl Basis {
    /// All of them, in the order in which one leads where there are several: an estimate says most about what is used here
    /// and now, and what a subscription covers is no money.
    pub const ALL: [Self; 3] = [Self::Estimated, Self::Billed, Self::ApiEquivalent];

    /// The word for it, on screen, in JSON and in the ledger.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Billed => "billed",
            Self::Estimated => "estimated",
            Self::ApiEquivalent => "api_equivalent",
        }
    }

    /// The basis of this word; what is no such word says no more than an estimate does.
    pub(crate) fn named(word: &str) -> Self {
        Self::ALL.into_iter().find(|basis| basis.as_str() == word).unwrap_or(Self::Estimated)
    }
}

/// The way a provider ran a call, where that changes the price.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tier {
    /// The ordinary price.
    #[default]
    Standard,
    /// Asynchronous, usually at half the price.
    Batch,
    /// Cheaper and slower.
    Flex,
    /// Dearer and sooner.
    Priority,
    /// The same model generating faster, for more.
    Fast,
    /// Faster still.
    Ultrafast,
    /// A tier this version has no name for. Kept, so that it can be shown; priced as standard and marked so.
    Other(String),
}

impl Tier {
    /// The tier a provider calls by this name; an empty or unset name is the standard tier.
    pub fn named(name: &str) -> Self {
        match name {
            "" | "standard" | "default" | "auto" => Self::Standard,
            "batch" => Self::Batch,
            "flex" => Self::Flex,
            "priority" => Self::Priority,
            "fast" => Self::Fast,
            "ultrafast" => Self::Ultrafast,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Its name on screen and in the ledger.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Standard => "standard",
            Self::Batch => "batch",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::Fast => "fast",
            Self::Ultrafast => "ultrafast",
            Self::Other(name) => name,
        }
    }
}

/// Who spent it: every dimension by which spend can be cut. What a source does not know is `None`, and shown as
/// unattributed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attribution {
    /// The coding agent or app that made the call: `claude-code`, `codex`.
    pub agent: Option<String>,
    /// Who serves the model: `anthropic`, `openai`, `openrouter`.
    pub provider: Option<String>,
    /// The model as the provider names it.
    pub model: Option<String>,
    /// Root folder of the project; git worktrees are folded into their repository.
    pub project: Option<String>,
    /// Git branch.
    pub branch: Option<String>,
    /// Named workflow of an LLM app.
    pub workflow: Option<String>,
    /// Version of the prompt that the workflow used.
    pub prompt_version: Option<String>,
    /// Person the call was made for.
    pub user: Option<String>,
    /// Conversation.
    pub session: Option<String>,
    /// Unit of work inside a session: a turn.
    pub task: Option<String>,
    /// Subagent inside a session.
    pub subagent: Option<String>,
    /// Tool whose result the call digested.
    pub tool: Option<String>,
    /// Program through which the agent ran: a terminal, an editor extension, an SDK.
    pub client: Option<String>,
    /// Name of the API key.
    pub api_key: Option<String>,
    /// How the provider ran it.
    pub tier: Tier,
    /// Where the provider ran it, if that was asked for: some charge for staying in a region.
    pub region: Option<String>,
}

impl Attribution {
    /// Whether all that a price depends on is the same.
    fn costs_as(&self, other: &Self) -> bool {
        self.provider == other.provider
            && self.model == other.model
            && self.tier == other.tier
            && self.region == other.region
    }
}

/// What a source tells of what was written to a cache. What it does not tell may have cost more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CacheWrites {
    /// How much, and for how long.
    #[default]
    Told,
    /// How much. They are taken for short ones.
    WithoutLifetime,
    /// Nothing: what it calls uncached may have been written.
    Untold,
}

impl CacheWrites {
    /// The number for it in the ledger.
    pub(crate) const fn number(self) -> i64 {
        self as i64
    }

    /// What has this number; what has none is not told.
    pub(crate) const fn numbered(number: i64) -> Self {
        match number {
            0 => Self::Told,
            1 => Self::WithoutLifetime,
            _ => Self::Untold,
        }
    }
}

/// How good a witness of the call the record is.
///
/// Forks and side questions repeat their parent's history. What a secondary witness says counts only as long as no
/// primary one is seen; then its attribution gives way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Witness {
    /// The conversation in which the call was made.
    #[default]
    Primary,
    /// A place that may repeat calls made elsewhere: the history a fork took over, a side conversation.
    Secondary,
}

/// One call to a model. Upserted by (`source`, `key`): however often a call is seen, it is counted once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRecord {
    /// Identifier of the source that saw it; see [`crate::sources`].
    pub source: &'static str,
    /// The call's own identity within the source: the provider's response id where there is one.
    pub key: String,
    /// When the response began, as far as the source knows.
    pub occurred_at: Timestamp,
    /// What it consumed.
    pub tokens: Tokens,
    /// What is known of the part that was written to a cache.
    pub cache_writes: CacheWrites,
    /// These are several calls, of which only the sum is told: how long each prompt was is not known.
    pub is_sum: bool,
    /// Web searches that the provider ran for it and charges by the piece.
    pub web_searches: u64,
    /// Whether the figures are the provider's bill or our own arithmetic; billed, if `reported` says an amount.
    pub basis: Basis,
    /// What the provider itself said that the call cost.
    pub reported: Option<Usd>,
    /// Who made it. Shared by the many calls of a session that have the same.
    pub attribution: Arc<Attribution>,
    /// Whether this is the conversation in which it happened.
    pub witness: Witness,
}

/// Which of two sightings of a call was written first, where nothing in them tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The other stands in a file that was there before.
    Before,
    /// The other was written later.
    After,
}

/// What one sighting of a call took over from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The usage.
    pub fuller: bool,
    /// Who made it and when.
    pub closer: bool,
}

impl Merged {
    /// Whether it took over anything.
    pub const fn is_change(self) -> bool {
        self.fuller || self.closer
    }
}

impl UsageRecord {
    /// Takes in what another sighting of the same call says. The usage with the most output wins, since agents log
    /// figures while the answer still streams; who made it and when is taken from the primary, then the earliest
    /// sighting, then the one that knows more of what the call is priced and shown by, then the one that was written
    /// first. The result is the same in whichever order sightings are taken in, which is why who made it is taken over
    /// whole: were gaps filled one by one, it would matter which sighting comes first to fill them.
    pub fn merge(&mut self, other: &Self, other_was: Written) -> Merged {
        let fuller = other.fullness() > self.fullness();
        let closer = match other.distance().cmp(&self.distance()) {
            Ordering::Less => true,
            Ordering::Equal => other_was == Written::Before,
            Ordering::Greater => false,
        };
        let run = |record: &Self| (record.attribution.tier.clone(), record.attribution.region.clone());
        let (tier, region) = run(if fuller { other } else { self });
        if fuller {
            (self.tokens, self.cache_writes, self.is_sum) = (other.tokens, other.cache_writes, other.is_sum);
            self.web_searches = other.web_searches;
            (self.basis, self.reported) = (other.basis, other.reported);
        }
        if closer {
            self.attribution = Arc::clone(&other.attribution);
            self.occurred_at = other.occurred_at;
            self.witness = other.witness;
        }
        if (&self.attribution.tier, &self.attribution.region) != (&tier, &region) {
            let attribution = Arc::make_mut(&mut self.attribution);
            (attribution.tier, attribution.region) = (tier, region);
        }
        Merged { fuller, closer }
    }

    /// Orders sightings by how much of the call they have seen: its figures, what it cost, and how it was run.
    fn fullness(&self) -> impl Ord + use<'_> {
        let Tokens { input, cache_read, cache_write_short: _, cache_write_long, output, reasoning } = self.tokens;
        let Attribution { tier, region, .. } = &*self.attribution;
        let run = (*tier != Tier::Standard, region.is_some(), tier.as_str(), region.as_deref());
        let kinds = [cache_write_long, cache_read, input, reasoning];
        let told = Reverse((self.is_sum, self.cache_writes));
        (output, self.tokens.total(), kinds, told, self.web_searches, self.reported, run)
    }

    /// Orders sightings by how far they are from the call: least is best.
    fn distance(&self) -> impl Ord + use<'_> {
        let Attribution { provider, model, project, .. } = &*self.attribution;
        let unknown = [provider, model, project].into_iter().filter(|dimension| dimension.is_none()).count();
        (self.witness, self.occurred_at, unknown)
    }

    /// Whether all that its price depends on is the same, as far as the ledger keeps it: moments to the millisecond.
    pub(crate) fn costs_as(&self, other: &Self) -> bool {
        let call = |record: &'_ Self| {
            // Reasoning is a part of the output.
            let tokens = Tokens { reasoning: 0, ..record.tokens };
            let told = (record.cache_writes, record.is_sum);
            (tokens, told, record.web_searches, record.reported, record.occurred_at.as_millisecond())
        };
        call(self) == call(other) && self.attribution.costs_as(&other.attribution)
    }
}

#[cfg(test)]
mod tests;
