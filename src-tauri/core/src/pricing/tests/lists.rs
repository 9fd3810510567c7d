//! The compiled catalogue against two tables that others worked out: see `prices/README.md`.

use jiff::Timestamp;

use super::super::{Catalogue, Listing, PriceStatus};
use super::{NOON, call};
use crate::money::{Rate, Usd};
use crate::usage::{Tier, Tokens};

const MODELS: &str = include_str!("../../../prices/agent_models_2026-11-24.csv");
const ORACLE: &str = include_str!("../../../prices/oracle.csv");

/// What input, output, reads, short and long writes cost.
fn rates(listing: &Listing, tier: &Tier, prompt: u64) -> [Rate; 5] {
    let at: Timestamp = NOON.parse().unwrap();
    let (rates, status) = listing.rates(at, tier, prompt).unwrap();
    assert_eq!(status, PriceStatus::Priced, "{listing:?}");
    [rates.input, rates.output, rates.cache_read, rates.cache_write_short, rates.cache_write_long].map(Option::unwrap)
}

/// `below / above` or one price for both.
fn pair(text: &str) -> [Rate; 2] {
    let (below, above) = text.split_once(" / ").unwrap_or((text, text));
    [below, above].map(|price| Rate::per_million(price).unwrap())
}

#[test]
fn the_models_of_coding_agents_cost_what_their_providers_listed() {
    let mut rows = 0;
    for line in MODELS.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        let (provider, model) = (columns[0], columns[1]);
        let listing = Catalogue::bundled().find(Some(provider), model).unwrap_or_else(|| panic!("{model} is unknown"));
        let limit: u64 = if columns[7].is_empty() { 1 } else { columns[7].parse().unwrap() };
        for (side, prompt) in [limit, limit + 1].into_iter().enumerate() {
            let [input, output, read, short, long] = rates(&listing, &Tier::Standard, prompt);
            assert_eq!(input, pair(columns[2])[side], "input of {model} at {prompt}");
            assert_eq!(output, pair(columns[3])[side], "output of {model} at {prompt}");
            assert_eq!(read, pair(columns[4])[side], "reads of {model} at {prompt}");
            // A dash: writing costs what input costs. Twelve-hour writes are not in the catalogue.
            let short_listed = if columns[5] == "–" { input } else { pair(columns[5])[side] };
            assert_eq!(short, short_listed, "short writes of {model} at {prompt}");
            let long_listed =
                if columns[6] == "–" || columns[6].ends_with("(12h)") { short } else { pair(columns[6])[side] };
            assert_eq!(long, long_listed, "long writes of {model} at {prompt}");
            if let Some((batch_input, batch_output)) = columns[8].split_once(" · ") {
                let [input, output, ..] = rates(&listing, &Tier::Batch, prompt);
                assert_eq!(input, pair(batch_input)[side], "batch input of {model} at {prompt}");
                assert_eq!(output, pair(batch_output)[side], "batch output of {model} at {prompt}");
            }
        }
        rows += 1;
    }
    assert_eq!(rows, MODELS.lines().count() - 1);
    assert!(rows >= 43, "the table holds {rows} models");
}

#[test]
fn every_call_costs_what_the_publisher_of_the_list_calculates() {
    let mut calls = 0;
    for line in ORACLE.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        let [provider, model, at, tier, counts @ .., dollars] = &columns[..] else { panic!("`{line}`") };
        let count: Vec<u64> = counts.iter().map(|count| count.parse().unwrap()).collect();
        let tokens = Tokens {
            input: count[0],
            cache_read: count[1],
            cache_write_short: count[2],
            cache_write_long: count[3],
            output: count[4],
            reasoning: 0,
        };
        let call = call(provider, model, tokens).at(at).run(Tier::named(tier)).searching(count[5]);
        let price = Catalogue::bundled().price(&call);
        assert_eq!(price.cost, Some(Usd::parse(dollars).unwrap()), "{line}: {:?}", price.status);
        calls += 1;
    }
    assert!(calls > 600, "the table holds {calls} calls");
}
