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
    /// The list price of the model's maker or of another provider whose prices the seller takes over, or a price that
    /// the user gave.
    Alias,
    /// How much was written to a cache, or for how long, is not told or has no price: the cost is a lower bound.
    TtlAssumed,
    /// The lists disagree about the price of today: the cost is a range.
    Disputed,
    /// A change of the price was announced for that day and is not confirmed: the cost is a range.
    Expected,
    /// Something about the call (its tier, its region, a fee by the piece) has no price in the list: the rest is priced
    /// as an ordinary call.
    TierAssumed,
    /// No price is known.
    Unpriced,
}

impl PriceStatus {
    /// All of them, the surest first.
    pub const ALL: [Self; 10] = [
        Self::ProviderReported,
        Self::Priced,
        Self::DeclaredFree,
        Self::IncludedInPlan,
        Self::Alias,
        Self::TtlAssumed,
        Self::Disputed,
        Self::Expected,
        Self::TierAssumed,
        Self::Unpriced,
    ];

    /// The same of a call that a plan covers.
    pub(crate) fn under_plan(self) -> Self {
        if self == Self::Priced { Self::IncludedInPlan } else { self }
    }

    /// The same of a call that no plan covers.
    pub(crate) fn by_the_token(self) -> Self {
        if self == Self::IncludedInPlan { Self::Priced } else { self }
    }

    /// What had to be assumed to price such a call, for people; `None` where nothing had to.
    pub const fn assumption(self) -> Option<&'static str> {
        match self {
            Self::ProviderReported | Self::Priced | Self::DeclaredFree | Self::IncludedInPlan | Self::Unpriced => None,
            Self::Alias => Some("priced by the list of the model's maker, since the seller has none of its own"),
            Self::TtlAssumed => Some("how long a cache was written for is not told: the cost may be higher"),
            Self::Disputed => Some("the lists disagree about the price: the cost is a range"),
            Self::Expected => Some("priced by an announced change that no list has confirmed: the cost is a range"),
            Self::TierAssumed => {
                Some("run in a way or a region that no list has a price for: priced as an ordinary call")
            }
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
