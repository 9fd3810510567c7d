//! Reading the whole tree: the product beside its rivals, in turns.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::corpus::Corpus;
use crate::corpus::truth::{ByModel, Truth};
use crate::measure::{self, Spread};
use crate::probes::{self, Finding};
use crate::programs::{Program, Stage};

/// What a program knew before it was run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Before {
    /// Nothing.
    Nothing,
    /// The tree as it is.
    Everything,
}

/// What several runs of the same kind took.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) program: Program,
    pub(crate) before: Before,
    pub(crate) wall_seconds: Spread,
    pub(crate) processor_seconds: Spread,
    pub(crate) peak_bytes: Spread,
}

/// All that was found out.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Scan {
    pub(crate) rounds: usize,
    pub(crate) versions: BTreeMap<Program, String>,
    pub(crate) truth: Truth,
    pub(crate) measured: Vec<Measured>,
    pub(crate) totals: BTreeMap<Program, ByModel>,
    /// What `spend scan` reported of the last unchanged tree.
    pub(crate) unchanged: Value,
    pub(crate) findings: Vec<Finding>,
}

impl Scan {
    pub(crate) fn of(&self, program: Program, before: Before) -> Option<&Measured> {
        self.measured.iter().find(|measured| measured.program == program && measured.before == before)
    }

    pub(crate) fn total(&self, program: Program) -> Option<crate::corpus::truth::Counts> {
        self.totals.get(&program).map(crate::corpus::truth::total)
    }
}

/// Runs everything, in `scratch`.
pub(crate) fn run(corpus: Corpus, scratch: &Path, rounds: usize) -> Result<Scan> {
    let stage = Stage::new(&corpus.home, scratch)?;
    let kinds: Vec<(Program, Before)> = Program::ALL
        .into_iter()
        .flat_map(|program| [(program, Before::Nothing), (program, Before::Everything)])
        .filter(|(program, before)| *before == Before::Nothing || program.remembers())
        .collect();
    let mut costs = vec![Vec::new(); kinds.len()];
    let mut totals = BTreeMap::new();
    let mut unchanged = Value::Null;
    measure::ensure_own_peak_is_small(scratch)?;
    read_all(&corpus.home)?;
    for round in 1..=rounds {
        for (kind, costs) in kinds.iter().zip(&mut costs) {
            let (program, before) = *kind;
            if before == Before::Nothing {
                stage.forget(program)?;
            }
            measure::settle()?;
            let (cost, printed) = measure::run(&mut stage.reading(program)?, &stage.output(program))?;
            costs.push(cost);
            if round == rounds {
                totals.insert(program, stage.totals(program, &printed)?);
                if *kind == (Program::Spendmeter, Before::Everything) {
                    unchanged = serde_json::from_str(&printed).context("`spend scan --json` printed no JSON")?;
                }
            }
        }
    }
    let measured = kinds.iter().zip(costs).map(|((program, before), costs)| {
        let spread = |of: fn(&measure::Cost) -> f64| Spread::of(costs.iter().map(of).collect());
        Measured {
            program: *program,
            before: *before,
            wall_seconds: spread(|cost| cost.wall.as_secs_f64()),
            processor_seconds: spread(|cost| cost.processor.as_secs_f64()),
            peak_bytes: spread(|cost| measure::float(cost.peak)),
        }
    });
    let versions = Program::ALL.into_iter().map(|program| Ok((program, program.version()?))).collect::<Result<_>>()?;
    Ok(Scan {
        rounds,
        versions,
        measured: measured.collect(),
        truth: corpus.truth,
        totals,
        unchanged,
        findings: probes::run(&scratch.join("probes"))?,
    })
}

/// Reads every file once, so that all programs find them in the system's cache.
fn read_all(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            read_all(&entry.path())?;
        } else {
            io::copy(&mut File::open(entry.path())?, &mut io::sink())?;
        }
    }
    Ok(())
}
