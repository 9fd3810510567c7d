//! How a price was found.

use std::fmt;
use std::str::FromStr;

/// How a price was found, from the surest to none. Where several hold, the later one is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PriceStatus {
    /// The provider itself said what the call cost.
    ProviderReported,
    /// The provider's own list price for such a call at that time.
    Priced,
    /// The user says that this model costs nothing.
    DeclaredFree,
    /// The list price, of a call that a plan covers.
    IncludedInPlan,
    /// The list price of the model's maker or of another provider whose prices the seller takes over.
    Alias,
    /// A price that the user gave, or that of the model whose price the user says it has.
    User,
    /// How much was written to a cache, or for how long, is not told or has no price: the cost is a lower bound.
    TtlAssumed,
    /// The lists disagree about the price of today: the cost is a range.
    Disputed,
    /// A change of the price was announced for that day and is not confirmed: the cost is a range.
    Expected,
    /// Something about the call (its tier, its region, a fee by the piece) is not told or has no price in the list: the rest
    /// is priced as an ordinary call.
    TierAssumed,
    /// No price is known.
    Unpriced,
}

impl PriceStatus {
    /// All of them, the surest first.
    pub const ALL: [Self; 11] = [
        Self::ProviderReported,
        Self::Priced,
        Self::DeclaredFree,
        Self::IncludedInPlan,
        Self::Alias,
        Self::User,
        Self::TtlAssumed,
        Self::Disputed,
        Self::Expected,
        Self::TierAssumed,
        Self::Unpriced,
    ];

    /// What it means, for a person who meets its name.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::ProviderReported => "the provider itself said what the call cost",
            Self::Priced => "the list price of the provider that ran the call",
            Self::DeclaredFree => "you said that it costs nothing",
            Self::IncludedInPlan => "the list price, of a call that your plan covers",
            Self::Alias => {
                "the list price of the model's maker, or of another provider whose prices this one takes over"
            }
            Self::User => "what you said that it costs",
            Self::TtlAssumed => {
                "how much was written to a cache, or for how long, is not told or has no price: it may cost more"
            }
            Self::Disputed => "the lists disagree about the price of today: it costs between the one and the other",
            Self::Expected => "announced and not confirmed: it costs between the old price and the new one",
            Self::TierAssumed => {
                "the way the call was run, its region, how long its prompt was or a fee by the piece is not told or has no \
                 price: the rest is priced as an ordinary call"
            }
            Self::Unpriced => "no price is known: its tokens stand beside every total",
        }
    }

    /// The same of a call that a plan covers.
    pub(crate) fn under_plan(self) -> Self {
        if self == Self::Priced { Self::IncludedInPlan } else { self }
    }

    /// The same of a call that no plan covers.
    pub(crate) fn by_the_token(self) -> Self {
        if self == Self::IncludedInPlan { Self::Priced } else { self }
    }

    /// Whether something had to be assumed, so that it is told where somebody asks how sure figures are.
    pub const fn is_assumed(self) -> bool {
        match self {
            Self::ProviderReported | Self::Priced | Self::DeclaredFree | Self::IncludedInPlan | Self::Unpriced => false,
            Self::Alias | Self::User | Self::TtlAssumed | Self::Disputed | Self::Expected | Self::TierAssumed => true,
        }
    }

    /// Its name in the ledger and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProviderReported => "provider_reported",
            Self::Priced => "priced",
            Self::DeclaredFree => "declared_free",
            Self::IncludedInPlan => "included_in_plan",
            Self::Alias => "alias",
            Self::User => "user",
            Self::TtlAssumed => "ttl_assumed",
            Self::Disputed => "disputed",
            Self::Expected => "expected",
            Self::TierAssumed => "tier_assumed",
            Self::Unpriced => "unpriced",
        }
    }
}

impl fmt::Display for PriceStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for PriceStatus {
    type Err = NotAPriceStatus;
    fn from_str(text: &str) -> Result<Self, NotAPriceStatus> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or_else(|| NotAPriceStatus(text.to_owned()))
    }
}

/// The text names no [`PriceStatus`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a price status; those are: {names}", names = PriceStatus::ALL.map(PriceStatus::as_str).join(", "))]
pub struct NotAPriceStatus(String);
