//! A price point: what every kind of token costs in one kind of call, over one stretch of time, and how that is known.

use serde::{Deserialize, Serialize};

use crate::instant::Seconds;
use crate::schedule::Part;

/// What is priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Prompt tokens without a cache.
    Input,
    /// Generated tokens.
    Output,
    /// Prompt tokens read from a cache.
    CacheRead,
    /// Prompt tokens written to the short-lived cache.
    CacheWriteShort,
    /// Prompt tokens written to the long-lived cache.
    CacheWriteLong,
    /// Web searches that the provider runs.
    WebSearch,
}

impl Kind {
    /// All of them, in the order in which [`Rates`] has them.
    pub const ALL: [Self; 6] =
        [Self::Input, Self::Output, Self::CacheRead, Self::CacheWriteShort, Self::CacheWriteLong, Self::WebSearch];

    /// Its name in the ledger, in JSON and in lists of differences.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::CacheRead => "cache_read",
            Self::CacheWriteShort => "cache_write_short",
            Self::CacheWriteLong => "cache_write_long",
            Self::WebSearch => "web_search",
        }
    }
}

/// Pico-dollars (1e-12 USD) per token, or per search; `None` where a list has no price of its own for that kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rates(pub(crate) [Option<i64>; Kind::ALL.len()]);

impl Rates {
    /// The rate that a list has for `kind`.
    pub const fn of(&self, kind: Kind) -> Option<i64> {
        self.0[kind as usize]
    }

    /// What a token of `kind` costs: one without a rate of its own what providers charge for it. What is cached is input, and
    /// a long write is a write.
    pub fn charged(&self, kind: Kind) -> Option<i64> {
        let or = |kind| self.of(kind).or(self.of(Kind::Input));
        match kind {
            Kind::Input | Kind::Output | Kind::WebSearch => self.of(kind),
            Kind::CacheRead | Kind::CacheWriteShort => or(kind),
            Kind::CacheWriteLong => self.of(kind).or_else(|| or(Kind::CacheWriteShort)),
        }
    }

    /// From the rates of all kinds, in the order of [`Kind::ALL`].
    pub const fn from_all(rates: [Option<i64>; Kind::ALL.len()]) -> Self {
        Self(rates)
    }

    pub(crate) const fn set(&mut self, kind: Kind, rate: Option<i64>) {
        self.0[kind as usize] = rate;
    }

    /// Whether nothing has a price. Zero for both input and output is what a list says of a model whose price nobody
    /// entered: it is not free.
    pub(crate) fn is_nothing(&self) -> bool {
        [Kind::Input, Kind::Output].into_iter().all(|kind| self.of(kind).unwrap_or_default() == 0)
    }
}

/// How a call was run, where that has prices of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Context {
    /// The ordinary way.
    Standard,
    /// Asynchronously, in a batch.
    Batch,
    /// Cheaper and slower.
    Flex,
    /// Dearer and sooner.
    Priority,
    /// The same model generating faster.
    Fast,
    /// Faster still.
    Ultrafast,
}

impl Context {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Standard, Self::Batch, Self::Flex, Self::Priority, Self::Fast, Self::Ultrafast];

    /// Its name in the ledger and on screen.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Batch => "batch",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::Fast => "fast",
            Self::Ultrafast => "ultrafast",
        }
    }
}

/// How it is known from when on a price held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Evidence {
    /// The provider says so, at the address that is given.
    Documented,
    /// Somebody read the price list daily, and saw the change.
    FirstObserved,
    /// A public catalogue recorded it, usually some days after the change.
    Commit,
    /// genai-prices lists it, with a date or as the price of today.
    Listed,
    /// Older than anything that is known of the model: the first known price is taken for it.
    LaunchAssumed,
    /// Announced for a day after the list was published. Announcements have been withdrawn.
    Forecast,
    /// There is no price from here on.
    Ended,
}

impl Evidence {
    /// Its name in the ledger and on screen.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::FirstObserved => "first_observed",
            Self::Commit => "commit",
            Self::Listed => "listed",
            Self::LaunchAssumed => "launch_assumed",
            Self::Forecast => "forecast",
            Self::Ended => "ended",
        }
    }
}

/// One of the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum List {
    /// genai-prices by Pydantic.
    GenaiPrices,
    /// model-prices by wakamex.
    ModelPrices,
}

impl List {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GenaiPrices => "genai-prices",
            Self::ModelPrices => "model-prices",
        }
    }
}

/// What the other list says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// Only one list has a price here.
    Single,
    /// Both lists say the same, for every kind that both list.
    Confirmed,
    /// The lists disagree about a price of the past, and the better documented one was taken.
    Preferred,
    /// The lists disagree about the price of today: [`Point::rival`] is what the other says.
    Disputed,
}

impl Verdict {
    /// Its name in the ledger and on screen.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Confirmed => "confirmed",
            Self::Preferred => "preferred",
            Self::Disputed => "disputed",
        }
    }
}

/// A complete price for one kind of call. Of a model's points the first that holds counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Point {
    /// How the call was run.
    pub context: Context,
    /// For prompts of more tokens than this; 0 is for all. A longer prompt re-prices the whole call.
    pub above: u32,
    /// Hours in which it holds, if the provider has such: a schedule of the catalogue, and which part of it.
    pub hours: Option<(u8, Part)>,
    /// From when on it held; `None`: as far back as one likes.
    pub from: Option<Seconds>,
    /// What it is.
    pub rates: Rates,
    /// How it is known.
    pub evidence: Evidence,
    /// Which list it is from.
    pub list: List,
    /// What the other list says.
    pub verdict: Verdict,
    /// Where one can read it: a number of [`crate::Catalogue::address`].
    pub address: Option<u16>,
    /// What a call may cost instead: by the other list where it is disputed, by the last confirmed price where this one
    /// is a forecast.
    pub rival: Option<Rates>,
}

impl Point {
    /// Whether it says that there is no price from here on.
    pub fn is_end(&self) -> bool {
        self.rates.is_nothing()
    }
}
