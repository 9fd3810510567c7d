//! Compiles the price list in `prices/` into a table of Rust constants for `src/pricing`.
//!
//! No price passes through a float: numbers stay text until they are whole pico-dollars. Whatever the list says that
//! is not understood stops the build with the place in the list, because a skipped condition would be a wrong price.

use std::path::Path;
use std::{env, fs};

#[path = "build/decimal.rs"]
mod decimal;
#[path = "build/emit.rs"]
mod emit;
#[path = "build/names.rs"]
mod names;
#[path = "build/rows.rs"]
mod rows;
#[path = "build/rule.rs"]
mod rule;
#[path = "build/source.rs"]
mod source;

const LIST: &str = "prices/genai-prices-0.2.3.json";
const VERSION: &str = "genai-prices 0.2.3";
/// The day on which the list was published: what it says of later days is a forecast.
const PUBLISHED: &str = "2026-11-10";

fn main() {
    println!("cargo::rerun-if-changed={LIST}");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    if let Err(problem) = compile() {
        println!("cargo::error={LIST}: {problem}");
    }
}

#[expect(clippy::disallowed_methods, reason = "Cargo speaks to a build script through the environment")]
fn compile() -> Result<(), String> {
    let list = fs::read_to_string(LIST).map_err(|error| format!("cannot be read: {error}"))?;
    let providers = source::read(&list)?;
    let table = emit::table(&providers, VERSION, rows::midnight(PUBLISHED)?)?;
    let folder = env::var_os("OUT_DIR").ok_or("Cargo gave no OUT_DIR to write to")?;
    let path = Path::new(&folder).join("catalogue.rs");
    fs::write(&path, table).map_err(|error| format!("cannot write {}: {error}", path.display()))
}
