//! The outer form that each published document must have. Content is not quoted when it has another: it can be anything.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::error::Category;

use super::{PublishedError, PublishedList};

pub(super) const GENAI_PRICES: &str = "genai-prices' list of providers";
pub(super) const MODEL_PRICES: &str = "the price list of model-prices";
pub(super) const MANIFEST: &str = "the manifest of model-prices";

#[derive(Deserialize)]
#[expect(dead_code, reason = "only whether they are there is asked")]
struct Provider {
    id: String,
    models: Vec<IgnoredAny>,
}

/// An array of objects with `id` and `models`.
pub(super) fn check_genai_prices(list: &PublishedList) -> Result<(), PublishedError> {
    let providers: Vec<Provider> = parse(list, GENAI_PRICES)?;
    if providers.is_empty() {
        return Err(not_a_list(list, GENAI_PRICES, "an empty list".to_owned()));
    }
    Ok(())
}

#[derive(Deserialize)]
struct Schema {
    schema: u64,
}

#[derive(Deserialize)]
struct Prices {
    updated_at: Timestamp,
    #[expect(clippy::zero_sized_map_values, reason = "a set would be read from an array, and this is an object")]
    prices: BTreeMap<String, IgnoredAny>,
}

/// An object with `schema`, which is 1, `updated_at`, which is returned, and `prices`.
pub(super) fn check_model_prices(list: &PublishedList) -> Result<Timestamp, PublishedError> {
    let Schema { schema } = parse(list, MODEL_PRICES)?;
    if schema != 1 {
        return Err(PublishedError::WrongSchema { from: list.from.clone(), found: schema });
    }
    let Prices { updated_at, prices } = parse(list, MODEL_PRICES)?;
    if prices.is_empty() {
        return Err(not_a_list(list, MODEL_PRICES, "without a price".to_owned()));
    }
    Ok(updated_at)
}

#[derive(Deserialize)]
struct Manifest {
    sha256: String,
}

/// The hash that the manifest names. It becomes part of an address, so it is digits and nothing else.
pub(super) fn hash_in_manifest(manifest: &PublishedList) -> Result<String, PublishedError> {
    let Manifest { sha256 } = parse(manifest, MANIFEST)?;
    if sha256.len() == 64 && sha256.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return Ok(sha256);
    }
    Err(PublishedError::NotAHash { from: manifest.from.clone(), found: sha256.chars().take(80).collect() })
}

fn parse<'l, T: Deserialize<'l>>(list: &'l PublishedList, expected: &'static str) -> Result<T, PublishedError> {
    serde_json::from_str(&list.text).map_err(|error| {
        let found = match error.classify() {
            Category::Eof => "JSON that breaks off",
            Category::Data => "JSON of another form",
            Category::Syntax | Category::Io => "not JSON",
        };
        not_a_list(list, expected, format!("{found} (line {}, column {})", error.line(), error.column()))
    })
}

fn not_a_list(list: &PublishedList, expected: &'static str, found: String) -> PublishedError {
    PublishedError::NotAPriceList { from: list.from.clone(), expected, found }
}
