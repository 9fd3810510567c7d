//! `spend scan`: reads every local agent once.

use std::io::Write;
use std::time::Instant;

use serde_json::json;
use spendmeter_core::ledger::Ledger;
use spendmeter_core::sync::{self, PassReport};
use spendmeter_core::words;

use crate::Outcome;
use crate::bar::Bar;
use crate::context::Context;

/// Skipped lines that are named one by one; of more, only the number is told.
const NAMED: usize = 10;

pub(crate) fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let began = Instant::now();
    let mut ledger = Ledger::open(&context.places.ledger())?;
    let mut bar = Bar::new(!context.json);
    let report = sync::pass(&mut ledger, &context.places, context.now, &mut |so_far| {
        bar.advance(so_far);
    })?;
    drop(bar);
    let elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    if context.json {
        let mut report = json!(report);
        report["elapsed_ms"] = json!(elapsed_ms);
        writeln!(context.out, "{report}")?;
    } else {
        print(&mut context.out, &report, elapsed_ms)?;
    }
    for failure in &report.failures {
        anstream::eprintln!("spend: {}: {}", failure.source, failure.message);
    }
    Ok(if report.failures.is_empty() { Outcome::Done } else { Outcome::Partly })
}

fn print(out: &mut impl Write, report: &PassReport, elapsed_ms: u64) -> std::io::Result<()> {
    writeln!(
        out,
        "{} of {} had something new: {}, {} added, {} completed, in {elapsed_ms} ms",
        report.files_read,
        words::counted(report.files_seen, "log file"),
        words::counted(report.bytes_read, "byte"),
        words::counted(report.records_added, "call"),
        words::grouped(report.records_updated),
    )?;
    if report.records_unpriced > 0 {
        writeln!(
            out,
            "{} calls are of models without a known price; `spend doctor` names them",
            report.records_unpriced
        )?;
    }
    if report.lines_skipped > 0 {
        writeln!(out, "{} skipped, as not understood:", words::counted(report.lines_skipped, "line"))?;
        for line in report.skipped.iter().take(NAMED) {
            writeln!(out, "  {}:{}: {}", line.path, line.line, line.reason)?;
        }
    }
    Ok(())
}
