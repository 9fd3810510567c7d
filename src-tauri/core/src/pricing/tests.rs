//! Prices of calls, with the arithmetic beside them. $1 per million tokens is written $1/M.

mod cost;
mod golden;
mod laws;
mod lists;
mod naming;
mod said;

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;

use super::book::PACKED;
use super::{Cost, Price, PriceBook, PriceStatus};
use crate::money::Usd;
use crate::usage::{Attribution, Basis, CacheWrites, Tier, Tokens, UsageRecord, Witness};

/// A Tuesday on which every price of the list has been checked: at noon, outside of anyone's peak hours.
const NOON: &str = "2026-11-24T12:00:00Z";

fn call(provider: &str, model: &str, tokens: Tokens) -> UsageRecord {
    UsageRecord {
        source: "test",
        key: "1".to_owned(),
        occurred_at: NOON.parse().unwrap(),
        tokens,
        cache_writes: CacheWrites::Told,
        is_sum: false,
        web_searches: 0,
        basis: Basis::Estimated,
        reported: None,
        attribution: Arc::new(Attribution {
            provider: Some(provider.to_owned()),
            model: Some(model.to_owned()),
            ..Attribution::default()
        }),
        witness: Witness::default(),
    }
}

impl UsageRecord {
    fn at(mut self, moment: &str) -> Self {
        self.occurred_at = moment.parse().unwrap();
        self
    }

    fn run(mut self, tier: Tier) -> Self {
        Arc::make_mut(&mut self.attribution).tier = tier;
        self
    }

    fn within(mut self, region: &str) -> Self {
        Arc::make_mut(&mut self.attribution).region = Some(region.to_owned());
        self
    }

    fn searching(mut self, times: u64) -> Self {
        self.web_searches = times;
        self
    }

    #[track_caller]
    fn costs(&self, dollars: &str, status: PriceStatus) {
        self.costs_between(dollars, dollars, dollars, status);
    }

    /// What it costs at least, most likely, and at most.
    #[track_caller]
    fn costs_between(&self, low: &str, likely: &str, high: &str, status: PriceStatus) {
        let [low, likely, high] = [low, likely, high].map(|dollars| Usd::parse(dollars).unwrap());
        let expected = Price { cost: Some(Cost { likely, below: likely - low, above: high - likely }), status };
        assert_eq!(BOOK.price(self).price, expected, "{:?}", self.attribution);
    }

    #[track_caller]
    fn has_no_price(&self) {
        assert_eq!(BOOK.price(self).price, Price::UNPRICED, "{:?}", self.attribution);
    }
}

/// What came with the program, opened once.
static BOOK: LazyLock<PriceBook> = LazyLock::new(PriceBook::bundled);

fn input(tokens: u64) -> Tokens {
    Tokens { input: tokens, ..Tokens::default() }
}

fn prompt_and_output(input: u64, output: u64) -> Tokens {
    Tokens { input, output, ..Tokens::default() }
}

#[test]
fn a_status_and_its_name_are_the_same() {
    for status in PriceStatus::ALL {
        assert_eq!(status.as_str().parse(), Ok(status));
    }
    let refused = "free".parse::<PriceStatus>().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`free` is not a price status; those are: provider_reported, priced, declared_free, included_in_plan, alias, \
         user, ttl_assumed, disputed, expected, tier_assumed, unpriced"
    );
}

#[test]
fn the_catalogue_says_where_its_prices_come_from() {
    let catalogue = BOOK.catalogue();
    assert_eq!(catalogue.version(), "genai-prices 0.2.3, model-prices 0.0.5");
    let published: Timestamp = "2026-11-10T00:00:00Z".parse().unwrap();
    assert_eq!(catalogue.published(), published.as_second());
}

/// It is read and unpacked by every `spend`, and is part of every download.
#[test]
fn the_catalogue_is_packed_into_less_than_300_000_bytes() {
    assert!(PACKED.len() < 300_000, "{} bytes", PACKED.len());
}
