//! Measures the product: reading everything beside its rivals, asking large ledgers, running in the tray. Writes
//! `docs/benchmarks.md` from what it measured, now and before.
//!
//! What takes long to make is kept in `target/bench`; so are the figures, so that one part can be measured anew.

mod corpus;
mod ledgers;
mod live;
mod measure;
mod prices;
mod probes;
mod programs;
mod queries;
mod scan;
mod surroundings;
mod table;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use acceptance::machine;
use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::corpus::{Corpus, HALF_A_YEAR};
use crate::live::Live;
use crate::prices::Prices;
use crate::queries::Queries;
use crate::scan::Scan;
use crate::surroundings::Surroundings;

/// Measures Spendmeter and writes docs/benchmarks.md.
#[derive(Debug, Parser)]
struct Arguments {
    /// What to measure.
    #[arg(value_enum, default_value = "all")]
    what: What,
    /// How often each program reads everything.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// For how long the app is watched while nobody writes.
    #[arg(long, default_value_t = 10.0)]
    idle_minutes: f64,
    /// Calls in the ledgers that are asked.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000_000, 10_000_000])]
    calls: Vec<u64>,
    /// Where the corpus, the ledgers and the figures are kept; `target/bench` unless given.
    #[arg(long)]
    folder: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Everything below, one after another.
    All,
    /// Writes the corpus, if it is not there, and says where it is.
    Corpus,
    /// Reading everything, beside the rivals.
    Scan,
    /// Asking large ledgers.
    Queries,
    /// Opening the price catalogue, pricing a large ledger anew.
    Prices,
    /// Running in the tray of a virtual desktop.
    Live,
    /// Nothing: writes the page again, from the figures of before.
    Page,
}

impl What {
    fn includes(self, part: Self) -> bool {
        self == Self::All || self == part
    }
}

/// Figures of the last time, and where they were measured.
#[derive(Debug, Default)]
struct Saved {
    scan: Option<(Scan, Surroundings)>,
    queries: Option<(Vec<Queries>, Surroundings)>,
    prices: Option<(Prices, Surroundings)>,
    live: Option<(Live, Surroundings)>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let folder = arguments.folder.clone().map_or_else(kept_by_default, Ok)?;
    fs::create_dir_all(&folder)?;
    let mut out = std::io::stdout();
    let corpus = || Corpus::at(&folder.join("corpus"), &HALF_A_YEAR);
    if arguments.what == What::Corpus {
        writeln!(out, "{}", corpus()?.home.display())?;
        return Ok(());
    }
    if arguments.what.includes(What::Scan) {
        let corpus = corpus()?;
        let surroundings = Surroundings::of(&folder)?;
        save(&folder, "scan", &(scan::run(corpus, &folder.join("scan"), arguments.rounds)?, surroundings))?;
    }
    if arguments.what.includes(What::Queries) {
        let surroundings = Surroundings::of(&folder)?;
        let ask = |calls: &u64| queries::run(*calls, &folder.join("ledgers"));
        let queries: Vec<Queries> = arguments.calls.iter().map(ask).collect::<Result<_>>()?;
        save(&folder, "queries", &(queries, surroundings))?;
    }
    if arguments.what.includes(What::Prices) {
        let surroundings = Surroundings::of(&folder)?;
        save(&folder, "prices", &(prices::run(1_000_000, &folder.join("ledgers"))?, surroundings))?;
    }
    if arguments.what.includes(What::Live) {
        let corpus = corpus()?;
        let surroundings = Surroundings::of(&folder)?;
        save(&folder, "live", &(live::run(&corpus, &folder.join("live"), arguments.idle_minutes)?, surroundings))?;
    }
    let saved = Saved {
        scan: saved(&folder, "scan"),
        queries: saved(&folder, "queries"),
        prices: saved(&folder, "prices"),
        live: saved(&folder, "live"),
    };
    let page = table::page(&saved)?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/benchmarks.md");
    fs::write(&path, &page).with_context(|| format!("cannot write {}", path.display()))?;
    write!(out, "{page}")?;
    Ok(())
}

/// `target/bench`, wherever the target folder is.
fn kept_by_default() -> Result<PathBuf> {
    let screenshots = machine::screenshots_folder()?;
    Ok(screenshots.parent().context("the target folder is in no folder")?.join("bench"))
}

fn save(folder: &Path, part: &str, figures: &impl Serialize) -> Result<()> {
    Ok(fs::write(folder.join(part).with_extension("json"), serde_json::to_string_pretty(figures)?)?)
}

/// `None` when this part was never measured, or by a version that wrote its figures otherwise.
fn saved<Figures: DeserializeOwned>(folder: &Path, part: &str) -> Option<Figures> {
    serde_json::from_slice(&fs::read(folder.join(part).with_extension("json")).ok()?).ok()
}
