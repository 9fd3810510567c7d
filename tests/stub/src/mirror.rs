//! A mirror of the price lists: what it answers at which path.

use sha2::{Digest as _, Sha256};

use crate::Answer;

/// Where genai-prices is.
pub const GENAI_PRICES: &str = "/genai-prices/v2/data.json";
/// Where the manifest of model-prices is.
pub const MANIFEST: &str = "/model-prices/v1/latest.json";

/// Where model-prices with this hash is.
pub fn snapshot(hash: &str) -> String {
    format!("/model-prices/v1/{hash}.json")
}

/// A manifest that names the list of this hash.
pub fn manifest(hash: &str) -> String {
    format!(r#"{{"sha256": "{hash}", "published_at": "2026-11-24T06:05:00Z", "schema": 1}}"#)
}

/// The hash by which a list is named.
pub fn sha256(text: impl AsRef<[u8]>) -> String {
    format!("{:x}", Sha256::digest(text))
}

/// A mirror with these lists: three documents.
pub fn of(genai_prices: &str, model_prices: &str) -> Vec<(String, Answer)> {
    let hash = sha256(model_prices);
    vec![
        (GENAI_PRICES.to_owned(), Answer::ok(genai_prices)),
        (MANIFEST.to_owned(), Answer::ok(manifest(&hash))),
        (snapshot(&hash), Answer::ok(model_prices)),
    ]
}
