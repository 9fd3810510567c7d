//! The compiled price list: which model a call named, and which of its rates hold for the call.
//!
//! `build.rs` writes the table from `prices/`. It is plain constants: a binary blob to decode would be smaller, but this
//! compiles in about a second, adds less than a megabyte, and costs nothing at start-up.

use jiff::Timestamp;

use super::PriceStatus;
use super::names::{self, spellings};
use crate::money::Rate;
use crate::usage::Tier;

/// What a provider charges, by model.
#[derive(Debug)]
struct List {
    provider: &'static str,
    /// Providers whose list prices hold where this one has none of its own.
    fallbacks: &'static [&'static str],
    /// Names of models, sorted, with indexes into [`Catalogue::models`].
    names: &'static [(&'static str, u16)],
}

#[derive(Debug)]
struct Model {
    id: &'static str,
    /// Its part of [`Catalogue::rows`].
    rows: (u16, u16),
}

/// A complete price for one kind of call. Of a model's rows the first that holds counts.
#[derive(Debug)]
struct Row {
    context: Context,
    /// For prompts of more tokens than this; 0 is for all.
    above: u32,
    /// In seconds since 1970.
    from: i64,
    /// Minutes of the day in UTC; the same twice is all day.
    hours: (u16, u16),
    /// Only on Saturdays and Sundays, UTC.
    weekend: bool,
    /// Pico-dollars: input, output, cache read, short write, long write, web search.
    rates: [i64; 6],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Context {
    Standard,
    Batch,
    Flex,
    Priority,
    Fast,
}

const ALWAYS: i64 = i64::MIN;
const NONE: i64 = -1;

#[expect(clippy::unreadable_literal, reason = "written by build.rs, read by the compiler")]
mod bundled {
    use super::{ALWAYS, Catalogue, Context, List, Model, NONE, Row};

    include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));
}

/// List prices of models, with the dates from which they hold.
#[derive(Debug)]
pub struct Catalogue {
    version: &'static str,
    /// In seconds since 1970.
    published: i64,
    lists: &'static [List],
    /// Names of models that their own makers list, sorted: `(name, provider, index into models)`.
    makers: &'static [(&'static str, &'static str, u16)],
    models: &'static [Model],
    rows: &'static [Row],
}

impl Catalogue {
    /// The catalogue that came with this version of the program.
    pub fn bundled() -> &'static Self {
        &bundled::BUNDLED
    }

    /// Where the prices come from: a name and a version.
    pub const fn version(&self) -> &'static str {
        self.version
    }

    /// When the prices were published. What the list says of later moments was a forecast then.
    pub fn published(&self) -> Timestamp {
        Timestamp::from_second(self.published).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The price list entry for a model as a call named it, if there is exactly that model.
    ///
    /// A provider that the catalogue knows is asked for its own price, then for those whose prices it takes over. For
    /// any other, such as a gateway of the user's own, the price is what the model's maker lists.
    pub fn find(&self, provider: Option<&str>, model: &str) -> Option<Listing> {
        let model = names::normal(model);
        let Some(own) = provider.and_then(|name| self.list(&name.trim().to_ascii_lowercase())) else {
            return self.by_maker(&model);
        };
        if let Some(listing) = self.in_list(own, &model, Found::InOwnList) {
            return Some(listing);
        }
        let mut fallbacks = own.fallbacks.iter().filter_map(|id| self.list(id));
        fallbacks.find_map(|list| self.in_list(list, &model, Found::InFallback))
    }

    fn list(&self, provider: &str) -> Option<&'static List> {
        let id = names::provider(provider);
        self.lists.iter().find(|list| list.provider == id)
    }

    fn in_list(&self, list: &'static List, model: &str, found: Found) -> Option<Listing> {
        let named = |model: &str| {
            spellings(model).find_map(|name| {
                let at = list.names.binary_search_by(|(known, _)| (*known).cmp(&name)).ok()?;
                Some(self.entry(list.provider, list.names[at].1, found))
            })
        };
        named(model).or_else(|| {
            let (vendor, rest) = model.split_once('/')?;
            (names::provider(vendor) == list.provider).then(|| named(rest))?
        })
    }

    fn by_maker(&self, model: &str) -> Option<Listing> {
        // A gateway may put the vendor before the model: `anthropic/claude-opus-5-5`.
        let (vendor, model) = match model.split_once('/') {
            Some((vendor, rest)) => (Some(names::provider(vendor)), rest),
            None => (None, model),
        };
        let listing = spellings(model).find_map(|name| {
            let at = self.makers.binary_search_by(|(known, _, _)| (*known).cmp(&name)).ok()?;
            let (_, provider, model) = self.makers[at];
            Some(self.entry(provider, model, Found::AtMaker))
        });
        listing.filter(|listing| vendor.is_none_or(|vendor| vendor == listing.provider))
    }

    fn entry(&self, provider: &'static str, model: u16, found: Found) -> Listing {
        let model = &self.models[usize::from(model)];
        let (first, end) = model.rows;
        Listing { provider, model: model.id, rows: &self.rows[usize::from(first)..usize::from(end)], found }
    }
}

/// One model in one provider's price list.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    provider: &'static str,
    model: &'static str,
    rows: &'static [Row],
    found: Found,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    InOwnList,
    InFallback,
    AtMaker,
}

impl Listing {
    /// The provider whose list price this is.
    pub const fn provider(&self) -> &'static str {
        self.provider
    }

    /// The model's id in that list.
    pub const fn model(&self) -> &'static str {
        self.model
    }

    /// The rates of a call that was made at `at`, run in `tier`, with `prompt` tokens sent.
    ///
    /// Where the list has no rates for that tier then, they are those of an ordinary call, and the status says so.
    pub fn rates(&self, at: Timestamp, tier: &Tier, prompt: u64) -> Option<(Rates, PriceStatus)> {
        let (context, known) = match tier {
            Tier::Standard => (Context::Standard, true),
            Tier::Batch => (Context::Batch, true),
            Tier::Flex => (Context::Flex, true),
            Tier::Priority => (Context::Priority, true),
            Tier::Fast => (Context::Fast, true),
            Tier::Other(_) => (Context::Standard, false),
        };
        let row = |context| self.rows.iter().find(|row| row.context == context && row.holds(at, prompt));
        let found = if self.found == Found::InOwnList { PriceStatus::Priced } else { PriceStatus::Alias };
        // Tiers are the affair of the provider that runs the call; another's are not taken over from its list.
        let asked = row(context).filter(|row| row.context == Context::Standard || self.found != Found::InFallback);
        match asked {
            Some(row) if known => Some((row.rates(), found)),
            _ => Some((row(Context::Standard)?.rates(), PriceStatus::TierAssumed)),
        }
    }
}

impl Row {
    fn holds(&self, at: Timestamp, prompt: u64) -> bool {
        const DAY: i64 = 24 * 60 * 60;
        let second = at.as_second();
        let minute = second.rem_euclid(DAY) / 60;
        let (opens, closes) = (i64::from(self.hours.0), i64::from(self.hours.1));
        let open = match opens.cmp(&closes) {
            std::cmp::Ordering::Less => (opens..closes).contains(&minute),
            std::cmp::Ordering::Equal => true,
            std::cmp::Ordering::Greater => minute >= opens || minute < closes,
        };
        // The first of January 1970 was a Thursday: two days later the weekend began.
        let weekend = matches!((second.div_euclid(DAY) - 2).rem_euclid(7), 0 | 1);
        (self.above == 0 || prompt > u64::from(self.above)) && second >= self.from && open && (weekend || !self.weekend)
    }

    /// A kind without a rate of its own costs what the list's own engine charges for it: cached tokens are input, and a
    /// long write is a write.
    fn rates(&self) -> Rates {
        let [input, output, cache_read, write_short, write_long, web_search] =
            self.rates.map(|picos| (picos != NONE).then_some(Rate::from_picos(picos)));
        let cache_write_short = write_short.or(input);
        Rates {
            input,
            output,
            cache_read: cache_read.or(input),
            cache_write_short,
            cache_write_long: write_long.or(cache_write_short),
            long_write_assumed: write_long.is_none() && write_short.is_some(),
            web_search,
        }
    }
}

/// What each kind of token costs in one kind of call; `None` where nobody lists a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Prompt tokens without a cache.
    pub input: Option<Rate>,
    /// Generated tokens.
    pub output: Option<Rate>,
    /// Prompt tokens read from a cache; the input rate where reading has none of its own.
    pub cache_read: Option<Rate>,
    /// Prompt tokens written to the short-lived cache; the input rate where writing costs nothing more.
    pub cache_write_short: Option<Rate>,
    /// Prompt tokens written to the long-lived cache; the short-lived rate where only that is known.
    pub cache_write_long: Option<Rate>,
    /// Whether the long-lived rate had to be assumed so.
    pub long_write_assumed: bool,
    /// One web search run by the provider.
    pub web_search: Option<Rate>,
}

impl Rates {
    /// Every token rate times 1.1, exactly: `build.rs` holds that the rates this is used for have a tenth.
    pub(super) fn a_tenth_dearer(self) -> Self {
        let dearer = |rate: Option<Rate>| rate.map(|rate| Rate::from_picos(rate.picos() / 10 * 11));
        Self {
            input: dearer(self.input),
            output: dearer(self.output),
            cache_read: dearer(self.cache_read),
            cache_write_short: dearer(self.cache_write_short),
            cache_write_long: dearer(self.cache_write_long),
            ..self
        }
    }
}
