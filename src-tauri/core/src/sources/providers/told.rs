//! What a provider tells, in the same form whoever tells it.

use crate::calendar::TimeRange;
use crate::money::Usd;
use crate::usage::{CacheWrites, Tier, Tokens};

/// What a feed tells of a span of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What is charged.
    pub charges: Vec<Charge>,
    /// What was used.
    pub uses: Vec<Use>,
    /// What things are called.
    pub names: Vec<Name>,
    /// What is left of what was paid in advance.
    pub balance: Option<Usd>,
    /// Up to when the provider has counted, if it says so.
    pub counted_until: Option<jiff::Timestamp>,
}

/// Whose calls a figure is about. What the provider leaves out is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Who {
    /// The model, as the provider names it.
    pub model: Option<String>,
    /// The provider's identifier of the key.
    pub key: Option<String>,
    /// The provider's identifier of the project or workspace.
    pub project: Option<String>,
    /// The provider's identifier of the person or service account.
    pub user: Option<String>,
    /// How the calls were run: `standard`, `batch`. The provider's own word where we have none.
    pub tier: Option<String>,
    /// Where they were run.
    pub region: Option<String>,
    /// What else tells it from others: a size of images, a level of search. Never shown alone.
    pub variant: Option<String>,
}

impl Who {
    /// How the calls were run.
    pub fn tier(&self) -> Tier {
        Tier::named(self.tier.as_deref().unwrap_or_default())
    }
}

/// What was charged for one thing in one bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The bucket.
    pub span: TimeRange,
    /// Whose.
    pub who: Who,
    /// For what, in the provider's words: `gpt-6-astra, input_tokens`; empty: for all of it.
    pub item: String,
    /// How much; less than nothing where something is given back.
    pub amount: Usd,
}

/// What was used in one bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The bucket.
    pub span: TimeRange,
    /// By whom.
    pub who: Who,
    /// Tokens, by kind.
    pub tokens: Tokens,
    /// What is known of what was written to a cache.
    pub cache_writes: CacheWrites,
    /// Calls; `None`: not told.
    pub requests: Option<u64>,
    /// Web searches that are charged by the piece.
    pub web_searches: u64,
    /// What is counted in something else than tokens: images, seconds, sessions. The unit is in [`Who::variant`].
    pub quantity: u64,
}

/// What the provider's identifier of something stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// Of what.
    pub kind: Kind,
    /// The identifier.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// What has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A key.
    Key,
    /// A project or workspace.
    Project,
    /// A person or service account.
    User,
}

impl Kind {
    /// The word for it in the ledger.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Project => "project",
            Self::User => "user",
        }
    }
}
