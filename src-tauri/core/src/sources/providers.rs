//! Providers that tell what they bill: one file each, and one line in [`ALL`].
//!
//! A provider is asked through its `Feed`s: each is one endpoint with a rhythm of its own. A feed tells of a span of
//! time, all of it or nothing, and knows neither the ledger nor when it is asked. Only questions that read are asked.

mod ask;
mod error;
mod number;
mod told;

mod anthropic;
mod litellm;
mod openai;
mod openrouter;

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub use self::ask::Access;
pub(crate) use self::ask::{Asked, Asker};
pub(crate) use self::error::Consequence;
pub use self::error::FetchError;
pub use self::told::{Charge, Kind, Name, Told, Use, Who};
use crate::calendar::TimeRange;
use crate::secrets::Secret;

/// All providers, in the order in which they are shown.
pub static ALL: &[&Provider] = &[&openai::OPENAI, &anthropic::ANTHROPIC, &openrouter::OPENROUTER, &litellm::LITELLM];

/// The provider of this identifier.
pub fn named(id: &str) -> Option<&'static Provider> {
    ALL.iter().copied().find(|provider| provider.id == id)
}

/// A provider whose bill can be read with a key.
pub struct Provider {
    /// Its identifier, as in calls: `openai`.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Where it is asked.
    pub home: Home,
    /// The key that it takes.
    pub key: KeyAsked,
    /// Headers that prove who asks.
    pub(crate) headers: fn(&Secret) -> Vec<(&'static str, String)>,
    /// Whose key it is.
    pub(crate) identify: fn(&mut Asker<'_>) -> Result<Organisation, FetchError>,
    /// What it tells. Of feeds that tell the same, the first that can be read counts.
    pub(crate) feeds: &'static [Feed],
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Provider").field(&self.id).finish()
    }
}

/// Where a provider is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// At the same address for everybody.
    At(&'static str),
    /// At the person's own address, which looks like this example.
    Own(&'static str),
}

/// A key as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyAsked {
    /// What it begins with; empty if that is not known.
    pub begins: &'static str,
    /// Which key, and the least that it has to be allowed.
    pub least: &'static str,
    /// The page on which it is made; empty if that is everybody's own.
    pub page: &'static str,
}

/// Whose key it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organisation {
    /// The provider's identifier of it, or something else that is the same for all keys of it; `None`: this key may not
    /// know.
    pub id: Option<String>,
    /// What people call it.
    pub name: Option<String>,
}

/// One thing that a provider tells.
pub(crate) struct Feed {
    /// Its identifier, in the ledger: `costs`.
    pub(crate) id: &'static str,
    /// What it is about, on screen.
    pub(crate) about: &'static str,
    /// What it tells.
    pub(crate) tells: Tells,
    /// How often it is asked for what is new.
    pub(crate) every: Duration,
    /// Which spans it is asked for.
    pub(crate) window: Window,
    /// A feed that tells the same, and better, so that this one is asked only where that one may not be.
    pub(crate) stands_in_for: Option<&'static str>,
    /// Asks for everything in a span.
    pub(crate) read: fn(&mut Asker<'_>, TimeRange) -> Result<Told, FetchError>,
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Feed").field(&self.id).finish()
    }
}

/// What a feed tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tells {
    /// What is charged. So long after the end of a span, its charges are complete.
    Charges(SignedDuration),
    /// What is used.
    Uses,
    /// Both, of the same calls.
    ChargesAndUses(SignedDuration),
    /// What some of it was used for. It is in other feeds, too.
    Details,
    /// What things are called.
    Names,
    /// What is left of what was paid in advance.
    Balance,
}

impl Tells {
    /// How long after the end of a span its charges are complete; `None`: it tells of none.
    pub(crate) const fn settles(self) -> Option<SignedDuration> {
        match self {
            Self::Charges(after) | Self::ChargesAndUses(after) => Some(after),
            _ => None,
        }
    }

    /// Whether it tells what is used.
    pub(crate) const fn uses(self) -> bool {
        matches!(self, Self::Uses | Self::ChargesAndUses(_))
    }

    /// Whether it is asked for spans of time.
    pub(crate) const fn is_dated(self) -> bool {
        !matches!(self, Self::Names | Self::Balance)
    }
}

/// Which spans a feed is asked for. All begin and end with its buckets, which are UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// How long its buckets are.
    pub(crate) bucket: SignedDuration,
    /// How far back each poll reads: buckets are open until they are closed, and are corrected after that.
    pub(crate) again: SignedDuration,
    /// How far back one poll a day reads.
    pub(crate) daily: SignedDuration,
    /// How much history there is to be had.
    pub(crate) history: SignedDuration,
    /// How much of it is asked for at once.
    pub(crate) step: SignedDuration,
    /// Whether it tells of the bucket that is still counting.
    pub(crate) tells_of_now: bool,
}

pub(crate) const HOUR: SignedDuration = SignedDuration::from_hours(1);
pub(crate) const DAY: SignedDuration = SignedDuration::from_hours(24);

/// So many minutes.
pub(crate) const fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

/// So many days.
pub(crate) const fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

impl Window {
    /// Of what is not dated.
    pub(crate) const NONE: Self = Self {
        bucket: DAY,
        again: SignedDuration::ZERO,
        daily: SignedDuration::ZERO,
        history: SignedDuration::ZERO,
        step: DAY,
        tells_of_now: true,
    };

    /// The start of the bucket that `at` is in.
    pub(crate) fn begin(&self, at: Timestamp) -> Timestamp {
        let bucket = self.bucket.as_secs();
        Timestamp::from_second(at.as_second().div_euclid(bucket) * bucket).unwrap_or(Timestamp::MIN)
    }

    /// The end of the bucket that `at` is in.
    pub(crate) fn end(&self, at: Timestamp) -> Timestamp {
        self.begin(at).saturating_add(self.bucket).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests;
