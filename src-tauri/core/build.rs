//! Merges the price lists in `prices/` into the catalogue that the core carries.
//!
//! Whatever the lists say that is not understood stops the build with the place in the list, because a skipped condition
//! would be a wrong price.

use std::path::Path;
use std::{env, fs};

use spendmeter_catalogue::{List, Source, compile};

/// The vendored lists: file, version, the second at which it was published, SHA-256.
const GENAI_PRICES: (&str, &str, i64, &str) = (
    "prices/genai-prices-0.2.3.json",
    "0.2.3",
    1_794_268_800, // 2026-11-10
    "831d8951f7e851761b64581fdf5efaf1907d0e968112ed7dd9e1f3bc8e646d41",
);
const MODEL_PRICES: (&str, &str, i64, &str) = (
    "prices/model-prices-0.0.5.json",
    "0.0.5",
    1_793_040_395, // 2026-10-26T18:46:35Z
    "15b1228ab021a19a975302fc009c8a01592be5190e4101e5233ef3a8de8b6d43",
);

fn main() {
    println!("cargo::rerun-if-changed={}", GENAI_PRICES.0);
    println!("cargo::rerun-if-changed={}", MODEL_PRICES.0);
    println!("cargo::rerun-if-changed=build.rs");
    if let Err(problem) = merge() {
        println!("cargo::error={problem}");
    }
}

#[expect(clippy::disallowed_methods, reason = "Cargo speaks to a build script through the environment")]
fn merge() -> Result<(), String> {
    let (genai_prices, model_prices) = (read(GENAI_PRICES.0)?, read(MODEL_PRICES.0)?);
    let (catalogue, problems) = compile(
        (&genai_prices, source(List::GenaiPrices, GENAI_PRICES)),
        (&model_prices, source(List::ModelPrices, MODEL_PRICES)),
    )?;
    if !problems.is_empty() {
        return Err(problems.join("; "));
    }
    let folder = env::var_os("OUT_DIR").ok_or("Cargo gave no OUT_DIR to write to")?;
    let path = Path::new(&folder).join("catalogue.bin");
    fs::write(&path, catalogue.pack()?).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{path} cannot be read: {error}"))
}

fn source(list: List, (_, version, published, sha256): (&str, &str, i64, &str)) -> Source {
    Source { list, version: version.to_owned(), published, sha256: sha256.to_owned() }
}
