//! Prices of calls, with the arithmetic beside them. $1 per million tokens is written $1/M.

mod building;
mod cost;
mod lists;
mod naming;

use std::sync::Arc;

use jiff::Timestamp;

use super::{Catalogue, Price, PriceStatus};
use crate::money::Usd;
use crate::usage::{Attribution, Basis, Tier, Tokens, UsageRecord, Witness};

/// A Tuesday on which every price of the list has been checked: at noon, outside of anyone's peak hours.
const NOON: &str = "2026-11-24T12:00:00Z";

fn call(provider: &str, model: &str, tokens: Tokens) -> UsageRecord {
    UsageRecord {
        source: "test",
        key: "1".to_owned(),
        occurred_at: NOON.parse().unwrap(),
        tokens,
        web_searches: 0,
        basis: Basis::Estimated,
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
        let expected = Price { cost: Some(Usd::parse(dollars).unwrap()), status };
        assert_eq!(Catalogue::bundled().price(self), expected, "{:?}", self.attribution);
    }

    #[track_caller]
    fn has_no_price(&self) {
        assert_eq!(Catalogue::bundled().price(self), Price::UNPRICED, "{:?}", self.attribution);
    }
}

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
        "`free` is not a price status; those are: priced, alias, ttl_assumed, tier_assumed, unpriced"
    );
}

#[test]
fn the_catalogue_says_where_its_prices_come_from() {
    assert_eq!(Catalogue::bundled().version(), "genai-prices 0.2.3");
    assert_eq!(Catalogue::bundled().published(), "2026-11-10T00:00:00Z".parse::<Timestamp>().unwrap());
}
