//! What prices cost in time and space: the catalogue in the program, opening it, and pricing a whole ledger anew before
//! anybody agreed to that.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use spendmeter_core::calendar::Calendar;
use spendmeter_core::ledger::Ledger;
use spendmeter_core::ledger::restatements::Decision;
use spendmeter_core::pricing::catalogue::Catalogue;
use spendmeter_core::pricing::{Candidate, PublishedList, PublishedLists};
use spendmeter_core::pricing::{PlanSetting, bundled};

use crate::ledgers;
use crate::measure::Spread;

const RUNS: usize = 9;

/// What was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Prices {
    /// Calls in the ledger.
    pub(crate) calls: u64,
    /// Bytes that the catalogue adds to the program.
    pub(crate) catalogue_bytes: u64,
    pub(crate) open_milliseconds: Spread,
    /// Understanding lists that were just fetched, and comparing them with those in use.
    pub(crate) refresh_milliseconds: Spread,
    /// Pricing every call, when none changes.
    pub(crate) preview_seconds: Spread,
    /// When lists have other rates, so that nearly all of them do; and how many.
    pub(crate) preview_of_lists_seconds: Spread,
    pub(crate) repriced_calls: u64,
    /// When nearly all of them come under a plan.
    pub(crate) preview_of_plan_seconds: Spread,
    /// Writing that, and calls that changed.
    pub(crate) restate_seconds: f64,
    pub(crate) restated_calls: u64,
    /// Taking them back.
    pub(crate) undo_seconds: f64,
}

pub(crate) fn run(calls: u64, folder: &Path) -> Result<Prices> {
    let places = ledgers::ledger_of(calls, folder)?;
    let packed = bundled().pack().map_err(|problem| anyhow!(problem))?;
    let open = timed(RUNS * 3, || {
        black_box(Catalogue::unpack(black_box(&packed)).map_err(|problem| anyhow!(problem))?);
        Ok(())
    })?;
    let (lists, used) = (lists_with_dearer_output()?, used_models());
    let now = ledgers::now()?;
    let fetched = || Candidate::of(&lists, &bundled(), &used, now);
    let refresh = timed(RUNS, || {
        black_box(fetched()?);
        Ok(())
    })?;
    let other_rates = Decision::TakeIn(Arc::clone(&fetched()?.catalogue));
    let plan = Decision::SetPlan(PlanSetting {
        source: "claude-code".to_owned(),
        name: "a plan".to_owned(),
        seller: None,
        per_month: None,
        since: None,
        until: None,
    });
    let reader = Ledger::open_reader(&places.ledger())?;
    let preview = |decision: &Decision| {
        timed(RUNS, || {
            black_box(reader.preview(decision)?);
            Ok(())
        })
    };
    let repriced = reader.preview(&other_rates)?.restated.calls;
    ensure!(repriced > calls / 2, "only {repriced} of {calls} calls cost something else by other lists");
    let nothing = preview(&Decision::Reprice)?;
    let by_lists = preview(&other_rates)?;
    let by_plan = preview(&plan)?;
    // Written in a copy: the ledger is kept for the next time.
    let copy = folder.join("restated");
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    fs::create_dir_all(&copy)?;
    drop(reader);
    fs::copy(places.ledger(), copy.join("ledger.db"))?;
    let mut ledger = Ledger::open(&copy.join("ledger.db"))?;
    let began = Instant::now();
    let restated = ledger.restate(&plan, ledger.last_decision()?, now, &Calendar::new(TimeZone::UTC))?;
    let restate_seconds = began.elapsed().as_secs_f64();
    ensure!(restated.calls > calls / 2, "only {} of {calls} calls changed", restated.calls);
    let last = ledger.restatements()?.first().map_or(0, |last| last.id);
    let began = Instant::now();
    ledger.undo_restatement(last, now)?;
    let undo_seconds = began.elapsed().as_secs_f64();
    ensure!(ledger.preview(&Decision::Reprice)?.restated.calls == 0, "taking back did not bring everything back");
    drop(ledger);
    fs::remove_dir_all(&copy)?;
    Ok(Prices {
        calls,
        catalogue_bytes: packed.len() as u64,
        open_milliseconds: Spread::of(open.into_iter().map(|seconds| seconds * 1e3).collect()),
        refresh_milliseconds: Spread::of(refresh.into_iter().map(|seconds| seconds * 1e3).collect()),
        preview_seconds: Spread::of(nothing),
        preview_of_lists_seconds: Spread::of(by_lists),
        repriced_calls: repriced,
        preview_of_plan_seconds: Spread::of(by_plan),
        restate_seconds,
        restated_calls: restated.calls,
        undo_seconds,
    })
}

/// The lists that the program carries, with a digit more before whatever output costs.
fn lists_with_dearer_output() -> Result<PublishedLists> {
    let list = |prefix: &str, rate: &str| -> Result<PublishedList> {
        let path = published_in_core(prefix)?;
        let mut parts = fs::read_to_string(&path)?.split(rate).map(str::to_owned).collect::<Vec<_>>().into_iter();
        let mut text = parts.next().unwrap_or_default();
        for part in parts {
            text.push_str(rate);
            text.push_str(if part.starts_with(|first: char| first.is_ascii_digit()) { "1" } else { "" });
            text.push_str(&part);
        }
        Ok(PublishedList { text, sha256: prefix.to_owned(), from: path.display().to_string(), written: None })
    };
    Ok(PublishedLists {
        genai_prices: list("genai-prices", "\"output_mtok\":")?,
        model_prices: list("model-prices", "\"output\": ")?,
        updated_at: ledgers::now()?,
    })
}

/// The vendored list whose file's name begins so, whatever its version.
fn published_in_core(prefix: &str) -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src-tauri/core/prices");
    let mut paths = fs::read_dir(&folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let is_it = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix));
    paths.find(is_it).with_context(|| format!("{} has no {prefix}", folder.display()))
}

/// The models of the ledger's calls, as a refresh asks for them.
fn used_models() -> Vec<(Option<String>, String)> {
    ledgers::MODELS.iter().map(|model| (None, (*model).to_owned())).collect()
}

/// Seconds of each run, the first of which fills the caches and does not count.
fn timed(runs: usize, mut run: impl FnMut() -> Result<()>) -> Result<Vec<f64>> {
    let mut seconds = Vec::with_capacity(runs);
    for number in 0..=runs {
        let began = Instant::now();
        run()?;
        if number > 0 {
            seconds.push(began.elapsed().as_secs_f64());
        }
    }
    Ok(seconds)
}
