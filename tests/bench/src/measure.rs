//! What running a program costs: time on the wall, time on processors, memory at its peak.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use wait4::Wait4;

/// What one run took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// In the program and, for it, in the system; on all processors.
    pub(crate) processor: Duration,
    /// The most memory that was resident, in bytes.
    pub(crate) peak: u64,
}

/// Runs a program to its end; gives its cost and what it wrote. `output` is the file that takes it, since a pipe would
/// have the program wait for us.
pub(crate) fn run(command: &mut Command, output: &Path) -> Result<(Cost, String)> {
    let name = command.get_program().to_string_lossy().into_owned();
    let errors = output.with_extension("errors");
    command.stdin(Stdio::null()).stdout(File::create(output)?).stderr(File::create(&errors)?);
    let began = Instant::now();
    let done = command.spawn().with_context(|| format!("cannot start {name}"))?.wait4()?;
    let wall = began.elapsed();
    ensure!(
        done.status.success(),
        "{name} ended with {}: {}",
        done.status,
        fs::read_to_string(&errors).unwrap_or_default().lines().last().unwrap_or_default()
    );
    let used = done.rusage;
    Ok((Cost { wall, processor: used.utime + used.stime, peak: used.maxrss }, fs::read_to_string(output)?))
}

/// Makes sure that a program's peak is its own: it begins as a copy of this process, whose peak counts as its own.
pub(crate) fn ensure_own_peak_is_small(scratch: &Path) -> Result<()> {
    let (nothing, _) = run(&mut Command::new("true"), &scratch.join("nothing"))?;
    ensure!(nothing.peak < 30_000_000, "a program that does nothing would be said to take {} bytes", nothing.peak);
    Ok(())
}

/// Has the system write to disk what earlier runs left it to write, so that the next does not pay for them.
pub(crate) fn settle() -> Result<()> {
    ensure!(Command::new("sync").status()?.success(), "sync failed");
    Ok(())
}

/// The middle of several measurements, and how far they spread.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Spread {
    pub(crate) fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |place: usize| values.get(place).copied().unwrap_or_default();
        Self { median: at(values.len() / 2), least: at(0), most: at(values.len().saturating_sub(1)) }
    }
}

/// A count for a mean or a ratio; beyond 2⁵³ it is not exact.
#[expect(clippy::cast_precision_loss, reason = "figures are rounded to a few digits anyway")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_costs_about_what_it_uses() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; sleep 0.2; echo done"]);
        let (cost, output) = run(&mut command, &folder.path().join("output")).unwrap();
        assert_eq!(output, "done\n");
        assert!(cost.wall > cost.processor + Duration::from_millis(150), "sleeping costs no processor time: {cost:?}");
        assert!(cost.processor > Duration::from_millis(20), "{cost:?}");
        assert!((300_000..100_000_000).contains(&cost.peak), "{cost:?}");
    }

    #[test]
    fn a_run_that_fails_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let failure = run(Command::new("sh").args(["-c", "echo why >&2; exit 3"]), &folder.path().join("output"));
        assert!(failure.unwrap_err().to_string().contains("why"));
    }

    #[test]
    fn the_median_is_the_middle() {
        let spread = Spread::of(vec![5.0, 1.0, 9.0]);
        assert_eq!((spread.median, spread.least, spread.most), (5.0, 1.0, 9.0));
    }
}
