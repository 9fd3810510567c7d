//! The catalogue against a table that was put together by hand: see `prices/README.md`.

use jiff::Timestamp;
use spendmeter_catalogue::{Context, Kind, Listing};

use super::{BOOK, NOON};
use crate::money::Rate;

const MODELS: &str = include_str!("../../../prices/agent_models_2026-11-24.csv");

/// What `kind` costs, in the way that providers charge for a kind without a rate of its own.
fn rate(listing: &Listing<'_>, context: Context, prompt: u64, kind: Kind) -> Rate {
    let at: Timestamp = NOON.parse().unwrap();
    let point = listing.point(at.as_second(), context, prompt).unwrap();
    let of = |kind| point.rates.of(kind);
    let picos = match kind {
        Kind::CacheWriteLong => of(kind).or(of(Kind::CacheWriteShort)).or(of(Kind::Input)),
        _ => of(kind).or(of(Kind::Input)),
    };
    Rate::from_picos(picos.unwrap())
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
        let listing = BOOK.catalogue().find(Some(provider), model).unwrap_or_else(|| panic!("{model} is unknown"));
        let limit: u64 = if columns[7].is_empty() { 1 } else { columns[7].parse().unwrap() };
        for (side, prompt) in [limit, limit + 1].into_iter().enumerate() {
            let rate = |kind| rate(&listing, Context::Standard, prompt, kind);
            let input = pair(columns[2])[side];
            assert_eq!(rate(Kind::Input), input, "input of {model} at {prompt}");
            assert_eq!(rate(Kind::Output), pair(columns[3])[side], "output of {model} at {prompt}");
            assert_eq!(rate(Kind::CacheRead), pair(columns[4])[side], "reads of {model} at {prompt}");
            // A dash: writing costs what input costs.
            let short = if columns[5] == "–" { input } else { pair(columns[5])[side] };
            assert_eq!(rate(Kind::CacheWriteShort), short, "short writes of {model} at {prompt}");
            // The table has twelve-hour writes for short prompts only; for long ones they are as much dearer as input.
            let long = match columns[6].strip_suffix(" (12h)") {
                Some(price) => Rate::from_picos(pair(price)[0].picos() * input.picos() / pair(columns[2])[0].picos()),
                None if columns[6] == "–" => short,
                None => pair(columns[6])[side],
            };
            assert_eq!(rate(Kind::CacheWriteLong), long, "long writes of {model} at {prompt}");
            if let Some((batch_input, batch_output)) = columns[8].split_once(" · ") {
                let batch = |kind| self::rate(&listing, Context::Batch, prompt, kind);
                assert_eq!(batch(Kind::Input), pair(batch_input)[side], "batch input of {model} at {prompt}");
                assert_eq!(batch(Kind::Output), pair(batch_output)[side], "batch output of {model} at {prompt}");
            }
        }
        rows += 1;
    }
    assert_eq!(rows, MODELS.lines().count() - 1);
    assert!(rows >= 43, "the table holds {rows} models");
}
