//! What prices cost in time and space: the catalogue in the program, opening it, and pricing a whole ledger anew before
//! anybody agreed to that.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use anyhow::{Result, anyhow, ensure};
use serde::{Deserialize, Serialize};
use spendmeter_core::ledger::Ledger;
use spendmeter_core::ledger::restatements::Decision;
use spendmeter_core::pricing::catalogue::Catalogue;
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
    /// Pricing every call, when none changes.
    pub(crate) preview_seconds: Spread,
    /// When nearly all of them do.
    pub(crate) preview_of_changes_seconds: Spread,
    /// Writing these changes, and calls that changed.
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
    let plan = Decision::SetPlan(PlanSetting {
        source: "claude-code".to_owned(),
        name: "a plan".to_owned(),
        per_month: None,
        since: None,
    });
    let reader = Ledger::open_reader(&places.ledger())?;
    let preview = |decision: &Decision| {
        timed(RUNS, || {
            black_box(reader.preview(decision)?);
            Ok(())
        })
    };
    let (nothing, changes) = (preview(&Decision::Reprice)?, preview(&plan)?);
    // Written in a copy: the ledger is kept for the next time.
    let copy = folder.join("restated");
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    fs::create_dir_all(&copy)?;
    drop(reader);
    fs::copy(places.ledger(), copy.join("ledger.db"))?;
    let mut ledger = Ledger::open(&copy.join("ledger.db"))?;
    let now = ledgers::now()?;
    let began = Instant::now();
    let restated = ledger.restate(&plan, ledger.last_decision()?, now)?;
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
        preview_seconds: Spread::of(nothing),
        preview_of_changes_seconds: Spread::of(changes),
        restate_seconds,
        restated_calls: restated.calls,
        undo_seconds,
    })
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
